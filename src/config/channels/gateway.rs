//! A gateway that is called by HTTP and described in templates: for `[sms]`, `[voice]` and `[[webhook]]`.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use secrecy::SecretString;

use super::timeout;
use crate::config::sheet::{Spot, Table, Word};

/// When an answer of the gateway counts as accepted.
#[derive(Debug, Clone)]
pub struct SuccessRule {
    /// HTTP statuses, e.g. 200..=299.
    pub status: RangeInclusive<u16>,
    /// JSONPath that must give `equals` (as text); `None`: the status alone decides.
    pub json: Option<(String, String)>,
}

/// A gateway by HTTP.
#[derive(Debug, Clone)]
pub struct GatewaySettings {
    /// `GET` or `POST`.
    pub method: String,
    /// URL; a template (minijinja) over [`NAMES`] and `text`.
    pub url: String,
    /// Headers; values are templates, also over `signature`.
    pub headers: BTreeMap<String, String>,
    /// Body; a template.
    pub body: String,
    /// Template of the message text itself; variables are cut to 35 characters (SEMANTICS 24). Empty: the
    /// shipped wording.
    pub text: String,
    /// A password or key that templates may use as `token`.
    pub token: Option<SecretString>,
    /// Key for HMAC-SHA256 over `signed`.
    pub hmac_key: Option<SecretString>,
    /// What is signed: a template over the same names and `body`; hex signature goes to `signature`.
    pub signed: String,
    /// Header that carries the idempotency key.
    pub idempotency_header: Option<String>,
    /// When an answer counts as accepted.
    pub success: SuccessRule,
    /// JSONPath of a business code whose listed values must not be tried again (bad number…).
    pub refuse_json: Option<(String, Vec<String>)>,
    /// Bound on one request.
    pub timeout: Duration,
    /// Whether a private or loopback address is allowed (a gateway inside the office's network).
    pub allow_private: bool,
    /// Secret that the gateway must present to tell what became of messages; `None` switches that off. Never
    /// in a `[[webhook]]`.
    pub receipt_secret: Option<SecretString>,
}

const METHODS: [Word<&str>; 2] = [("POST", "post", "POST"), ("GET", "get", "GET")];

/// Reads the keys of a gateway; faults go to the table's sheet. The caller ends the table.
pub(super) fn read_gateway(table: &Table<'_>, default_secs: u64) -> Option<GatewaySettings> {
    let method = table.word("method", &METHODS).map_or("POST", Spot::into_inner);
    let url = table.need_text("url", "https://sms.example.com/send");
    let body = table.text("body").map(Spot::into_inner).unwrap_or_default();
    let text = table.text("text").map(Spot::into_inner).unwrap_or_default();
    let headers = table.pairs("headers");
    let token = table.secret("token");
    let hmac_key = table.secret("hmac_key");
    let signed = table.text("signed").map(Spot::into_inner).unwrap_or_default();
    let idempotency_header = table.text("idempotency_header").map(Spot::into_inner);
    let success = success(table);
    let refuse_json = refuse(table);
    let settings = GatewaySettings {
        method: method.to_owned(),
        url: url.as_ref().map(|url| url.get_ref().clone()).unwrap_or_default(),
        headers: headers.into_iter().map(|(name, value)| (name.into_inner(), value.into_inner())).collect(),
        body,
        text,
        token,
        hmac_key,
        signed,
        idempotency_header: idempotency_header.filter(|name| !name.is_empty()),
        success,
        refuse_json,
        timeout: timeout(table, default_secs),
        allow_private: table.flag("allow_private", false),
        receipt_secret: None,
    };
    let url = url?;
    if !url.get_ref().starts_with("https://") && !url.get_ref().starts_with("http://") {
        let message = format!("\"{}\" 不是网关的网址", url.get_ref());
        table.sheet().fault(url.span(), message, "写成 \"https://sms.example.com/send\"");
    }
    if table.has("hmac_key") && settings.signed.is_empty() {
        let hint = "加一行 signed = \"{{ phone }}{{ text }}{{ time }}\"，按网关的文档拼接";
        table.sheet().fault(table.place_of("hmac_key"), "写了签名密钥，却没有写对什么签名（signed）", hint);
    }
    check_templates(table, &settings);
    Some(settings)
}

/// Reads a gateway that may tell by itself what became of messages.
pub(super) fn read_telling(table: &Table<'_>) -> Option<GatewaySettings> {
    let receipt_secret = table.secret("receipt_secret");
    Some(GatewaySettings { receipt_secret, ..read_gateway(table, 15)? })
}

/// Reads `[voice]`; faults go to the table's sheet.
pub(in crate::config) fn read_voice(table: &Table<'_>) -> Option<GatewaySettings> {
    let settings = read_telling(table);
    table.finish();
    settings
}

/// Template faults belong to the moment of saving, not to that of the first alert.
fn check_templates(table: &Table<'_>, settings: &GatewaySettings) {
    let mut names: BTreeMap<&'static str, &'static str> = NAMES.into_iter().collect();
    if table.has("token") {
        names.insert("token", "t0ken");
    }
    // In the order in which they are rendered: a later one may use what an earlier one gave.
    check_template(table, "text", &settings.text, &names);
    names.insert("text", "重大舆情");
    check_template(table, "body", &settings.body, &names);
    names.insert("body", "{}");
    if table.has("hmac_key") {
        check_template(table, "signed", &settings.signed, &names);
        names.insert("signature", "00");
    }
    check_template(table, "url", &settings.url, &names);
    for value in settings.headers.values() {
        check_template(table, "headers", value, &names);
    }
}

/// Notes what is wrong with a template of a key.
pub(super) fn check_template(
    table: &Table<'_>,
    key: &'static str,
    template: &str,
    names: &BTreeMap<&'static str, &'static str>,
) {
    let mut environment = minijinja::Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let Err(error) = environment.render_str(template, names) else { return };
    let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let known: Vec<&str> = names.keys().copied().collect();
    let hint = format!("写成 {{{{ phone }}}} 这样成对的括号；可以用的名字: {}", known.join("、"));
    table.sheet().fault(table.place_of(key), format!("{key} 的模板写法不对（{why}）"), hint);
}

/// What the templates of a gateway may name, with a value of the kind that it will have. Besides there are
/// `text`, `body`, `signature` and, when one is written, `token`.
pub const NAMES: [(&str, &str); 17] = [
    ("phone", "13800138000"),
    ("tier", "重大"),
    ("unit", "单位"),
    ("code", "4821"),
    ("gist", "一句话"),
    ("contact", "值班员"),
    ("number", "17"),
    ("link", "https://example.gov.cn/c/x"),
    ("mark", ""),
    ("key", "0f3a"),
    ("time", "1795220100"),
    ("time_ms", "1795220100000"),
    ("kind", "alert"),
    ("title", "【重大】单位: 一句话"),
    ("full", "全文"),
    ("speech", "这里是舆情值班。"),
    ("console", "https://example.gov.cn/incidents/17"),
];

fn success(table: &Table<'_>) -> SuccessRule {
    let mut rule = SuccessRule { status: 200..=299, json: None };
    let Some(success) = table.table("success") else { return rule };
    let status = success.text("status");
    let (json, equals) = (json_path(&success, "json"), success.text("equals"));
    success.finish();
    if let Some(status) = status {
        match statuses(status.get_ref()) {
            Some(range) => rule.status = range,
            None => {
                success.sheet().fault(
                    status.span(),
                    "status 不是状态码的范围",
                    "写成 \"200\" 或 \"200-299\"",
                );
            }
        }
    }
    if success.has("json") != success.has("equals") {
        let hint = "写成 success = { json = \"$.code\", equals = \"0\" }";
        success.sheet().fault(success.span(), "json 和 equals 要写在一起", hint);
    }
    rule.json = json.zip(equals.map(Spot::into_inner));
    rule
}

fn statuses(text: &str) -> Option<RangeInclusive<u16>> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    let (low, high) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
    (100 <= low && low <= high && high <= 599).then_some(low..=high)
}

fn refuse(table: &Table<'_>) -> Option<(String, Vec<String>)> {
    let refuse = table.table("refuse")?;
    let json = json_path(&refuse, "json");
    let values: Vec<String> = refuse.texts("values").into_iter().map(Spot::into_inner).collect();
    refuse.finish();
    if !refuse.has("json") || values.is_empty() {
        let hint = "写成 refuse = { json = \"$.code\", values = [\"isv.MOBILE_NUMBER_ILLEGAL\"] }";
        refuse.sheet().fault(refuse.span(), "json 和 values 要写在一起", hint);
    }
    Some((json?, values))
}

fn json_path(table: &Table<'_>, key: &'static str) -> Option<String> {
    let path = table.text(key)?;
    if let Err(error) = serde_json_path::JsonPath::parse(path.get_ref()) {
        let message = format!("{key} 不是 JSONPath（{}）", error.message());
        table.sheet().fault(path.span(), message, "写成 \"$.code\" 这样的路径");
        return None;
    }
    Some(path.into_inner())
}
