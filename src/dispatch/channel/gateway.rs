//! Text messages through a gateway's HTTP interface, described by the office in templates: URL,
//! headers, body, what is signed, and when an answer counts as accepted.

use std::{collections::BTreeMap, time::Duration};

use futures_util::StreamExt;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use reqwest::{
    Client, Method, StatusCode,
    header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    redirect::Policy,
};
use secrecy::ExposeSecret;
use serde_json_path::JsonPath;
use sha2::Sha256;

use super::{Channel, ChannelError, Sending, Verdict, address, public_key, scrubbed};
use crate::{
    config::channels::SmsSettings,
    dispatch::Texts,
    locale::Locale,
    model::{ChannelKind, Notice},
};

/// Steps that one template may take: enough for any message, too few to hang on.
const FUEL: u64 = 20_000;
/// What templates may name. `text`, `body` and `signature` are there for those that are rendered later.
const NAMES: [&str; 15] = [
    "phone",
    "text",
    "mark",
    "tier",
    "unit",
    "gist",
    "contact",
    "number",
    "code",
    "link",
    "key",
    "time",
    "time_ms",
    "body",
    "signature",
];
/// Bytes of an answer that are read.
const ANSWER: usize = 64 * 1024;

/// The gateway's side of the settings, checked.
#[derive(Debug)]
pub struct Sms {
    settings: SmsSettings,
    templates: Environment<'static>,
    client: Client,
    method: Method,
    accepted: Option<(JsonPath, String)>,
    refused: Option<(JsonPath, Vec<String>)>,
}

/// A template that cannot be rendered, or gives what cannot be sent: the office's to mend.
struct Unsendable(String);

impl Sms {
    /// Checks the settings: every template and path is read now rather than at the first alert.
    ///
    /// # Errors
    /// Names the key whose template, path, method or header name cannot be used.
    pub fn new(settings: SmsSettings) -> Result<Self, ChannelError> {
        super::install_tls();
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
            known_names(&templates, &name)?;
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
        let client = client(&settings).map_err(|error| fault("url", &error))?;
        Ok(Self { settings, templates, client, method, accepted, refused })
    }

    async fn request(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> Verdict {
        let request = match self.built(notice, texts, now) {
            Ok(request) => request,
            Err(Unsendable(why)) => {
                let words = texts.locale.pick("短信网关的模板有误", "a template of the gateway is wrong");
                return self.retry(&format!("{words}: {why}"), notice, None);
            }
        };
        match self.client.execute(request).await {
            Ok(answer) => self.judge(answer, notice, texts.locale).await,
            Err(error) => {
                let words = texts.locale.pick("连接短信网关失败", "cannot reach the gateway");
                self.retry(&format!("{words}: {}", told(error)), notice, None)
            }
        }
    }

    /// Renders the templates in their order: text, body, what is signed, headers, URL.
    fn built(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> Result<reqwest::Request, Unsendable> {
        let mut names = texts.short_names(notice);
        names.insert("phone", notice.address.clone());
        names.insert("key", public_key(notice));
        names.insert("time", now.as_second().to_string());
        names.insert("time_ms", now.as_millisecond().to_string());
        let text = if self.settings.text.trim().is_empty() {
            texts.sms(notice)
        } else {
            self.rendered("text", &names)?
        };
        names.insert("text", text);
        let body = self.rendered("body", &names)?;
        names.insert("body", body.clone());
        if let Some(key) = &self.settings.hmac_key {
            let signed = self.rendered("signed", &names)?;
            names.insert("signature", signature(key.expose_secret(), &signed)?);
        }
        let url = self.rendered("url", &names)?;
        let url: url::Url = url.trim().parse().map_err(|error| Unsendable(format!("url: {error}")))?;
        if !self.settings.allow_private && !address::literal_is_public(&url) {
            return Err(Unsendable(
                "url: not a public address; set allow_private for a gateway inside".to_owned(),
            ));
        }
        let mut request = self.client.request(self.method.clone(), url).headers(self.headers(&names)?);
        if self.method == Method::POST {
            request = request.body(body);
        }
        request.build().map_err(|error| Unsendable(told(error)))
    }

    fn headers(&self, names: &BTreeMap<&'static str, String>) -> Result<HeaderMap, Unsendable> {
        let mut headers = HeaderMap::new();
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

    async fn judge(&self, answer: reqwest::Response, notice: &Notice, locale: Locale) -> Verdict {
        let status = answer.status();
        let after = retry_after(answer.headers());
        let body = match capped(answer).await {
            Ok(body) => body,
            Err(why) => {
                let words = locale.pick("短信网关的答复中断", "the gateway's answer broke off");
                return self.retry(&format!("{words}: {why}"), notice, after);
            }
        };
        let json: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
        if let (Some((path, values)), Some(json)) = (&self.refused, &json)
            && values.iter().any(|value| holds(path, json, value))
        {
            let words = locale.pick("短信网关拒绝", "the gateway refused");
            return Verdict::refused(self.told(words, status, &body, notice));
        }
        let by_status = self.settings.success.status.contains(&status.as_u16());
        let by_json = match (&self.accepted, &json) {
            (None, _) => true,
            (Some((path, equals)), Some(json)) => holds(path, json, equals),
            (Some(_), None) => false,
        };
        if by_status && by_json && status != StatusCode::TOO_MANY_REQUESTS {
            return Verdict::Accepted;
        }
        let words = locale.pick("短信网关未受理", "the gateway did not accept");
        self.retry(&self.told(words, status, &body, notice), notice, after)
    }

    fn told(&self, words: &str, status: StatusCode, body: &[u8], notice: &Notice) -> String {
        let said: String = String::from_utf8_lossy(body).chars().take(200).collect();
        self.scrub(&format!("{words}: HTTP {} {said}", status.as_u16()), notice)
    }

    fn retry(&self, why: &str, notice: &Notice, after: Option<Duration>) -> Verdict {
        Verdict::Retry { why: self.scrub(why, notice), after }
    }

    fn scrub(&self, said: &str, notice: &Notice) -> String {
        let key = self.settings.hmac_key.as_ref().map_or("", |one| one.expose_secret());
        // A header may be a token written out in full; a server that echoes it must not put it in a log.
        let mut secrets: Vec<&str> = self.settings.headers.values().map(String::as_str).collect();
        secrets.retain(|value| value.len() >= 8 && !value.contains("{{") && !value.contains('/'));
        secrets.push(key);
        scrubbed(said, &notice.address, &secrets)
    }
}

impl Channel for Sms {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn send<'a>(&'a self, notice: &'a Notice, texts: &'a Texts, now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let talk = self.request(notice, texts, now);
            tokio::time::timeout(self.settings.timeout, talk).await.unwrap_or_else(|_| {
                Verdict::retry(texts.locale.pick("短信网关超时未答复", "the gateway did not answer in time"))
            })
        })
    }
}

fn client(settings: &SmsSettings) -> reqwest::Result<Client> {
    let mut client = Client::builder()
        .user_agent(concat!("yuqing/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .no_proxy()
        // Servers close idle connections sooner than the library forgets them.
        .pool_idle_timeout(Duration::from_secs(5))
        .timeout(settings.timeout);
    if !settings.allow_private {
        client = client.dns_resolver(std::sync::Arc::new(address::PublicOnly));
    }
    client.build()
}

fn fault(key: &str, why: &dyn std::fmt::Display) -> ChannelError {
    ChannelError { table: "sms", key: key.to_owned(), why: why.to_string() }
}

/// A name that no message has would go out as nothing: `tojson` makes `null` of it.
fn known_names(templates: &Environment<'_>, name: &str) -> Result<(), ChannelError> {
    let template = templates.get_template(name).map_err(|error| fault(name, &error))?;
    let functions: Vec<_> = templates.globals().map(|(function, _)| function).collect();
    let used = template.undeclared_variables(false);
    match used.iter().find(|one| !NAMES.contains(&one.as_str()) && !functions.contains(&one.as_str())) {
        Some(unknown) => {
            let why = format!("no such name `{unknown}`; there are {}", NAMES.join(" "));
            Err(fault(name, &why))
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

/// Seconds, or a date: a date needs a clock to be of use, and the usual backoff serves as well.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn capped(answer: reqwest::Response) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    let mut stream = answer.bytes_stream();
    while let Some(part) = stream.next().await {
        let part = part.map_err(told)?;
        let room = ANSWER - body.len();
        body.extend(part.iter().take(room));
        if part.len() >= room {
            break;
        }
    }
    Ok(body)
}

/// An error of the client without the URL, which may carry a token or the number.
fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        said = format!("{said}: {inner}");
        cause = inner.source();
    }
    said
}
