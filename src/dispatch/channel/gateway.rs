//! A gateway's HTTP interface, described by the office in templates: URL, headers, body, what is signed,
//! and when an answer counts as accepted. Text messages, calls and webhooks go this way.

use std::{collections::BTreeMap, time::Duration};

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use reqwest::{
    Method, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::ExposeSecret;
use serde_json_path::JsonPath;
use sha2::Sha256;

use super::{
    Channel, ChannelError, Knocking, Sending, Shut, Verdict, alertmanager,
    http::{Answer, Http, Unanswered, told},
    public_key, scrubbed, segments,
};
use crate::{
    config::channels::{GatewaySettings, HookFormat, NAMES},
    dispatch::Texts,
    locale::Locale,
    model::{ChannelKind, Notice},
};

/// Steps that one template may take: enough for any message, too few to hang on.
const FUEL: u64 = 20_000;
/// Names that come up while a message is made, or only with a setting.
const LATER: [&str; 4] = ["text", "body", "signature", "token"];

/// A gateway with its settings checked.
pub struct Gateway {
    kind: ChannelKind,
    format: HookFormat,
    settings: GatewaySettings,
    templates: Environment<'static>,
    http: Http,
    method: Method,
    accepted: Option<(JsonPath, String)>,
    refused: Option<(JsonPath, Vec<String>)>,
}

impl std::fmt::Debug for Gateway {
    /// Without its templates: an office may have written a token into one.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A template that cannot be rendered, or gives what cannot be sent: the office's to mend.
struct Unsendable(String);

impl Gateway {
    /// A gateway for text messages. Every template and path is read now rather than at the first alert.
    ///
    /// # Errors
    /// Names the key whose template, path, method or header name cannot be used.
    pub fn sms(settings: GatewaySettings) -> Result<Self, ChannelError> {
        Self::new(ChannelKind::Sms, "sms", HookFormat::Json, settings)
    }

    /// A gateway that calls a number and reads a text out.
    ///
    /// # Errors
    /// As [`Gateway::sms`].
    pub fn voice(settings: GatewaySettings) -> Result<Self, ChannelError> {
        Self::new(ChannelKind::Voice, "voice", HookFormat::Json, settings)
    }

    /// Another program.
    ///
    /// # Errors
    /// As [`Gateway::sms`].
    pub fn webhook(settings: GatewaySettings, format: HookFormat) -> Result<Self, ChannelError> {
        Self::new(ChannelKind::Webhook, "webhook", format, settings)
    }

    fn new(
        kind: ChannelKind,
        table: &'static str,
        format: HookFormat,
        settings: GatewaySettings,
    ) -> Result<Self, ChannelError> {
        let fault = |key: &str, why: &dyn std::fmt::Display| fault(table, key, why);
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_auto_escape_callback(|_| AutoEscape::None);
        templates.set_fuel(Some(FUEL));
        let named = [
            ("url", &settings.url),
            ("body", &settings.body),
            ("text", &settings.text),
            ("signed", &settings.signed),
        ];
        let named = named.into_iter().map(|(name, text)| (name.to_owned(), text));
        let headers = settings.headers.iter().map(|(name, text)| (format!("headers.{name}"), text));
        for (name, text) in named.chain(headers) {
            let added = templates.add_template_owned(name.clone(), text.clone());
            added.map_err(|error| fault(&name, &error))?;
            known_names(table, &templates, &name)?;
        }
        for name in settings.headers.keys().chain(&settings.idempotency_header) {
            HeaderName::from_bytes(name.as_bytes())
                .map_err(|error| fault(&format!("headers.{name}"), &error))?;
        }
        let path = |key: &str, text: &str| JsonPath::parse(text).map_err(|error| fault(key, &error));
        let accepted = settings.success.json.as_ref();
        let accepted =
            accepted.map(|(text, equals)| Ok((path("success.json", text)?, equals.clone()))).transpose()?;
        let refused = settings.refuse_json.as_ref();
        let refused =
            refused.map(|(text, values)| Ok((path("refuse_json", text)?, values.clone()))).transpose()?;
        let method = match settings.method.to_ascii_uppercase().as_str() {
            "GET" => Method::GET,
            "POST" => Method::POST,
            _ => return Err(fault("method", &"GET or POST")),
        };
        let http =
            Http::new(settings.timeout, settings.allow_private).map_err(|error| fault("url", &error))?;
        Ok(Self { kind, format, settings, templates, http, method, accepted, refused })
    }

    async fn request(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> Verdict {
        let request = match self.built(notice, texts, now) {
            Ok(request) => request,
            Err(Unsendable(why)) => {
                let words = self.noun(texts.locale, "的模板有误", ": a template is wrong");
                return self.retry(&format!("{words}: {why}"), notice, None);
            }
        };
        match self.http.ask(request, now).await {
            Ok(answer) => self.judge(&answer, notice, texts.locale),
            Err(Unanswered::Connect(why)) => {
                let words = self.noun(texts.locale, "连接失败", " cannot be reached");
                self.retry(&format!("{words}: {why}"), notice, None)
            }
            Err(Unanswered::Broken { why, after }) => {
                let words = self.noun(texts.locale, "的答复中断", "'s answer broke off");
                self.retry(&format!("{words}: {why}"), notice, after)
            }
        }
    }

    /// 短信网关 and what befell it.
    fn noun(&self, locale: Locale, zh: &str, en: &str) -> String {
        let (noun_zh, noun_en) = match self.kind {
            ChannelKind::Voice => ("语音网关", "the voice gateway"),
            ChannelKind::Webhook => ("网络回调", "the webhook"),
            _ => ("短信网关", "the gateway"),
        };
        format!("{}{}", locale.pick(noun_zh, noun_en), locale.pick(zh, en))
    }

    /// Renders the templates in their order: text, body, what is signed, headers, URL.
    fn built(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> Result<reqwest::Request, Unsendable> {
        let mut names = self.names(notice, texts, now)?;
        let text = self.text(notice, texts, &names)?;
        names.insert("text", text);
        let body = match self.format {
            HookFormat::Alertmanager => alertmanager::body(notice, texts, &names),
            HookFormat::Json if self.kind == ChannelKind::Webhook && self.settings.body.is_empty() => {
                alertmanager::own_json(notice, &names)
            }
            HookFormat::Json => self.rendered("body", &names)?,
        };
        names.insert("body", body.clone());
        if let Some(key) = &self.settings.hmac_key {
            let signed = self.rendered("signed", &names)?;
            names.insert("signature", signature(key.expose_secret(), &signed)?);
        }
        let url = self.rendered("url", &names)?;
        let url: url::Url = url.trim().parse().map_err(|error| Unsendable(format!("url: {error}")))?;
        if !self.http.may_call(&url) {
            return Err(Unsendable(
                "url: not a public address; set allow_private for a gateway inside".to_owned(),
            ));
        }
        let mut request = self.http.client.request(self.method.clone(), url).headers(self.headers(&names)?);
        if self.method == Method::POST {
            request = request.body(body);
        }
        request.build().map_err(|error| Unsendable(told(error)))
    }

    fn names(
        &self,
        notice: &Notice,
        texts: &Texts,
        now: Timestamp,
    ) -> Result<BTreeMap<&'static str, String>, Unsendable> {
        let failed = |error: crate::locale::notice::TemplateError| Unsendable(error.to_string());
        let mut names = texts.short_names(notice);
        names.insert("phone", notice.address.clone());
        names.insert("key", public_key(notice));
        names.insert("time", now.as_second().to_string());
        names.insert("time_ms", now.as_millisecond().to_string());
        names.insert("kind", notice.kind.id().to_owned());
        names.insert("console", texts.console_url(notice).unwrap_or_default());
        names.insert("title", texts.title(notice).map_err(failed)?);
        names.insert("speech", texts.speech(notice).map_err(failed)?);
        names.insert("full", texts.mail(notice).map_err(failed)?.text);
        let token = self.settings.token.as_ref().map_or("", |one| one.expose_secret());
        names.insert("token", token.to_owned());
        Ok(names)
    }

    /// What is said: the office's template, else the words of the kind of message.
    fn text(
        &self,
        notice: &Notice,
        texts: &Texts,
        names: &BTreeMap<&'static str, String>,
    ) -> Result<String, Unsendable> {
        if !self.settings.text.trim().is_empty() {
            return self.rendered("text", names);
        }
        let named = |name: &str| names.get(name).cloned().unwrap_or_default();
        Ok(match self.kind {
            ChannelKind::Voice => named("speech"),
            ChannelKind::Webhook => named("title"),
            _ => texts.sms(notice),
        })
    }

    fn headers(&self, names: &BTreeMap<&'static str, String>) -> Result<HeaderMap, Unsendable> {
        let mut headers = HeaderMap::new();
        if self.kind == ChannelKind::Webhook {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let mut insert = |name: &str, value: &str| -> Result<(), Unsendable> {
            let unusable = |why: &dyn std::fmt::Display| Unsendable(format!("headers.{name}: {why}"));
            let header = HeaderName::from_bytes(name.as_bytes()).map_err(|error| unusable(&error))?;
            let mut value = HeaderValue::from_str(value).map_err(|error| unusable(&error))?;
            value.set_sensitive(true);
            headers.insert(header, value);
            Ok(())
        };
        for name in self.settings.headers.keys() {
            insert(name, &self.rendered(&format!("headers.{name}"), names)?)?;
        }
        if let (Some(name), Some(key)) = (&self.settings.idempotency_header, names.get("key")) {
            insert(name, key)?;
        }
        Ok(headers)
    }

    fn rendered(&self, name: &str, names: &BTreeMap<&'static str, String>) -> Result<String, Unsendable> {
        let values =
            Value::from_pairs(names.iter().map(|(name, value)| (*name, Value::from(value.as_str()))));
        let template = self.templates.get_template(name);
        template.and_then(|one| one.render(values)).map_err(|error| Unsendable(format!("{name}: {error}")))
    }

    fn judge(&self, answer: &Answer, notice: &Notice, locale: Locale) -> Verdict {
        let json = answer.json();
        if let (Some((path, values)), Some(json)) = (&self.refused, &json)
            && values.iter().any(|value| holds(path, json, value))
        {
            let words = self.noun(locale, "拒绝", " refused");
            return Verdict::refused(self.scrub(&format!("{words}: {}", answer.shown()), notice));
        }
        let by_status = self.settings.success.status.contains(&answer.status.as_u16());
        let by_json = match (&self.accepted, &json) {
            (None, _) => true,
            (Some((path, equals)), Some(json)) => holds(path, json, equals),
            (Some(_), None) => false,
        };
        if by_status && by_json && answer.status != StatusCode::TOO_MANY_REQUESTS {
            return Verdict::Accepted;
        }
        let words = self.noun(locale, "未受理", " did not accept");
        self.retry(&format!("{words}: {}", answer.shown()), notice, answer.after)
    }

    fn retry(&self, why: &str, notice: &Notice, after: Option<Duration>) -> Verdict {
        Verdict::Retry { why: self.scrub(why, notice), after }
    }

    /// Knocks at the gateway. Which one it is may depend on the message; then there is no door to knock at.
    pub(super) async fn knock_once(&self, locale: Locale) -> Result<(), String> {
        let url = self.settings.url.trim();
        let name = url.split_once("://").map_or(url, |(_, rest)| rest);
        if name.split(['/', '?']).next().is_some_and(|name| name.contains(['{', '}'])) {
            return Ok(());
        }
        let url = url.parse().map_err(|error: url::ParseError| error.to_string())?;
        self.http.knock(&url, locale).await.map_err(|why| self.without_secrets(&why, ""))
    }

    fn scrub(&self, said: &str, notice: &Notice) -> String {
        self.without_secrets(said, &notice.address)
    }

    fn without_secrets(&self, said: &str, address: &str) -> String {
        let key = self.settings.hmac_key.as_ref().map_or("", |one| one.expose_secret());
        // A header may be a token written out in full; a server that echoes it must not put it in a log.
        let mut secrets: Vec<&str> = self.settings.headers.values().map(String::as_str).collect();
        secrets.retain(|value| value.len() >= 8 && !value.contains("{{") && !value.contains('/'));
        secrets.push(key);
        secrets.push(self.settings.token.as_ref().map_or("", |one| one.expose_secret()));
        scrubbed(said, address, &secrets)
    }
}

impl Channel for Gateway {
    fn kind(&self) -> ChannelKind {
        self.kind
    }

    fn knock<'a>(&'a self, _: &'a [String], locale: Locale) -> Knocking<'a> {
        Box::pin(async move { self.knock_once(locale).await.map_or_else(Shut::whole, |()| Vec::new()) })
    }

    fn send<'a>(&'a self, notice: &'a Notice, texts: &'a Texts, now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let talk = self.request(notice, texts, now);
            tokio::time::timeout(self.settings.timeout, talk).await.unwrap_or_else(|_| {
                Verdict::retry(self.noun(texts.locale, "超时未答复", " did not answer in time"))
            })
        })
    }

    fn parts(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> u32 {
        if self.kind != ChannelKind::Sms {
            return 0;
        }
        let names = self.names(notice, texts, now);
        names.and_then(|names| self.text(notice, texts, &names)).map_or(0, |text| segments::count(&text))
    }
}

fn fault(table: &'static str, key: &str, why: &dyn std::fmt::Display) -> ChannelError {
    ChannelError { table, key: key.to_owned(), why: why.to_string() }
}

/// A name that no message has would go out as nothing: `tojson` makes `null` of it.
fn known_names(table: &'static str, templates: &Environment<'_>, name: &str) -> Result<(), ChannelError> {
    let template = templates.get_template(name).map_err(|error| fault(table, name, &error))?;
    let functions: Vec<_> = templates.globals().map(|(function, _)| function).collect();
    let used = template.undeclared_variables(false);
    let known = |one: &str| NAMES.iter().any(|(name, _)| *name == one) || LATER.contains(&one);
    match used.iter().find(|one| !known(one.as_str()) && !functions.contains(&one.as_str())) {
        Some(unknown) => {
            let names = NAMES.map(|(name, _)| name).join(" ");
            let why = format!("no such name `{unknown}`; there are {names} {}", LATER.join(" "));
            Err(fault(table, name, &why))
        }
        None => Ok(()),
    }
}

fn signature(key: &str, signed: &str) -> Result<String, Unsendable> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
        .map_err(|error| Unsendable(format!("hmac_key: {error}")))?;
    mac.update(signed.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

/// Whether a path gives this value; numbers and booleans are compared as they are written.
fn holds(path: &JsonPath, json: &serde_json::Value, equals: &str) -> bool {
    path.query(json).iter().any(|found| {
        let written = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
        written == equals
    })
}
