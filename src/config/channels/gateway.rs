//! How to reach the mail server and the SMS gateway: checked values, secrets resolved.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use secrecy::SecretString;

use super::sheet::{Spot, Table, Word};

/// How the connection to the mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte (usually port 465).
    Tls,
    /// STARTTLS, required (usually port 587 or 25).
    StartTls,
    /// Plain text; for a relay on the same host or in the office's own network.
    Plain,
}

/// The `[email]` table.
#[derive(Debug, Clone)]
pub struct EmailSettings {
    /// Host name of the mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is secured.
    pub security: MailSecurity,
    /// Login, when it wants one.
    pub user: Option<String>,
    /// Password, resolved from its reference.
    pub password: Option<SecretString>,
    /// Sender, `名称 <address>` or an address.
    pub from: String,
    /// Bound on one whole conversation (connect to QUIT).
    pub timeout: Duration,
}

/// When an answer of the gateway counts as accepted.
#[derive(Debug, Clone)]
pub struct SuccessRule {
    /// HTTP statuses, e.g. 200..=299.
    pub status: RangeInclusive<u16>,
    /// JSONPath that must give `equals` (as text); `None`: the status alone decides.
    pub json: Option<(String, String)>,
}

/// The `[sms]` table: a gateway by HTTP.
#[derive(Debug, Clone)]
pub struct SmsSettings {
    /// `GET` or `POST`.
    pub method: String,
    /// URL; a template (minijinja) over `phone text tier unit code gist contact number link mark key time
    /// time_ms`.
    pub url: String,
    /// Headers; values are templates, also over `signature`.
    pub headers: BTreeMap<String, String>,
    /// Body; a template.
    pub body: String,
    /// Template of the message text itself; variables are cut to 35 characters (SEMANTICS 24). Empty: the
    /// shipped wording.
    pub text: String,
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
    /// Secret that the gateway's reply webhook must present; `None` switches the webhook off.
    pub reply_secret: Option<SecretString>,
}

const SECURITIES: [Word<MailSecurity>; 3] = [
    ("tls", "tls", MailSecurity::Tls),
    ("starttls", "starttls", MailSecurity::StartTls),
    ("plain", "plain", MailSecurity::Plain),
];

const METHODS: [Word<&str>; 2] = [("POST", "post", "POST"), ("GET", "get", "GET")];

/// Reads `[email]`; faults go to the table's sheet.
pub(super) fn read_email(table: &Table<'_>) -> Option<EmailSettings> {
    let host = table.need_text("host", "smtp.example.gov.cn");
    let port = table.whole("port", 1..=65_535);
    let security = table.word("security", &SECURITIES);
    if !table.has("security") {
        table.sheet().fault(
            table.span(),
            "[email] 缺少 security",
            "加一行 security = \"tls\"（465 端口）、\"starttls\"（587 端口）或 \"plain\"",
        );
    }
    let user = table.text("user").filter(|user| !user.get_ref().is_empty());
    let password = table.secret("password");
    let from = table.need_text("from", "舆情值守 <yuqing@example.gov.cn>");
    let timeout = timeout(table, 30);
    table.finish();
    if user.is_some() != table.has("password") {
        let hint = "要登录就写 user 和 password = \"credential:smtp-password\"；不登录就都不写";
        table.sheet().fault(table.place_of("user"), "user 和 password 只写了一个", hint);
    }
    if let Some(from) = &from
        && from.get_ref().parse::<lettre::message::Mailbox>().is_err()
    {
        let message = format!("\"{}\" 不是发件人", from.get_ref());
        table.sheet().fault(from.span(), message, "写成 \"舆情值守 <yuqing@example.gov.cn>\" 或只写邮箱");
    }
    let security = security?.into_inner();
    if user.is_some() && security == MailSecurity::Plain {
        let hint = "改为 security = \"starttls\" 或 \"tls\"；只有本机或内网的中继才可以明文登录";
        table.sheet().warn(table.place_of("security"), "密码会在网络上明文传送", hint);
    }
    let usual = match security {
        MailSecurity::Tls => 465,
        MailSecurity::StartTls => 587,
        MailSecurity::Plain => 25,
    };
    Some(EmailSettings {
        host: host?.into_inner(),
        port: port.and_then(|port| u16::try_from(port.into_inner()).ok()).unwrap_or(usual),
        security,
        user: user.map(Spot::into_inner),
        password,
        from: from?.into_inner(),
        timeout,
    })
}

fn timeout(table: &Table<'_>, default_secs: u64) -> Duration {
    let written = table.duration("timeout");
    written.map_or(Duration::from_secs(default_secs), |length| length.get_ref().unsigned_abs())
}

/// Reads `[sms]`; faults go to the table's sheet.
pub(super) fn read_sms(table: &Table<'_>) -> Option<SmsSettings> {
    let method = table.word("method", &METHODS).map_or("POST", Spot::into_inner);
    let url = table.need_text("url", "https://sms.example.com/send");
    let body = table.text("body").map(Spot::into_inner).unwrap_or_default();
    let text = table.text("text").map(Spot::into_inner).unwrap_or_default();
    let headers = table.pairs("headers");
    let hmac_key = table.secret("hmac_key");
    let signed = table.text("signed").map(Spot::into_inner).unwrap_or_default();
    let idempotency_header = table.text("idempotency_header").map(Spot::into_inner);
    let success = success(table);
    let refuse_json = refuse(table);
    let settings = SmsSettings {
        method: method.to_owned(),
        url: url.as_ref().map(|url| url.get_ref().clone()).unwrap_or_default(),
        headers: headers.into_iter().map(|(name, value)| (name.into_inner(), value.into_inner())).collect(),
        body,
        text,
        hmac_key,
        signed,
        idempotency_header: idempotency_header.filter(|name| !name.is_empty()),
        success,
        refuse_json,
        timeout: timeout(table, 15),
        allow_private: table.flag("allow_private", false),
        reply_secret: table.secret("reply_secret"),
    };
    table.finish();
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

/// Template faults belong to the moment of saving, not to that of the first alert.
fn check_templates(table: &Table<'_>, settings: &SmsSettings) {
    let mut environment = minijinja::Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    let mut names: BTreeMap<&'static str, &'static str> = SMS_NAMES.into_iter().collect();
    let check = |key: &'static str, template: &str, names: &BTreeMap<&'static str, &'static str>| {
        let Err(error) = environment.render_str(template, names) else { return };
        let why = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        let known: Vec<&str> = names.keys().copied().collect();
        let hint = format!("写成 {{{{ phone }}}} 这样成对的括号；可以用的名字: {}", known.join("、"));
        table.sheet().fault(table.place_of(key), format!("{key} 的模板写法不对（{why}）"), hint);
    };
    // In the order in which they are rendered: a later one may use what an earlier one gave.
    check("text", &settings.text, &names);
    names.insert("text", "重大舆情");
    check("body", &settings.body, &names);
    names.insert("body", "{}");
    if table.has("hmac_key") {
        check("signed", &settings.signed, &names);
        names.insert("signature", "00");
    }
    check("url", &settings.url, &names);
    for value in settings.headers.values() {
        check("headers", value, &names);
    }
}

/// What a template may name, with a value of the kind that it will have.
const SMS_NAMES: [(&str, &str); 12] = [
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
