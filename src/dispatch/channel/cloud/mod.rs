//! Text messages through a cloud whose rules are known: Alibaba Cloud or Tencent Cloud. The wording is a
//! template registered there; we send its variables, each at most 35 characters long.

mod answer;
mod asking;
mod fate;
mod request;
mod sign;

use std::{collections::BTreeMap, sync::Mutex};

use jiff::Timestamp;
use minijinja::{Environment, UndefinedBehavior};
use reqwest::{Request, Url};
use secrecy::ExposeSecret;
use serde_json::json;

pub use answer::{Meaning, meaning};
use asking::Memory;
pub use asking::{QUESTIONS, every};
pub use fate::{Receipts, Told, Trouble, receipts};
pub(super) use sign::mac;
pub use sign::{AcsRequest, Tc3Request, acs3, percent, tc3};

use super::{
    Asking, Channel, ChannelError, Knocking, Sending, Shut, Verdict,
    http::{Http, Unanswered},
    public_key, scrubbed, segments,
};
use crate::{
    config::channels::{Cloud, CloudSettings},
    dispatch::Texts,
    locale::Locale,
    model::{ChannelKind, Notice},
};

/// Longest variable of a registered template (SEMANTICS 24), in characters.
const VARIABLE: usize = 35;

/// A cloud with its settings checked.
#[derive(Debug)]
pub struct CloudSms {
    settings: CloudSettings,
    endpoint: Url,
    host: String,
    http: Http,
    /// What is known of messages that were sent and asked about.
    memory: Mutex<Memory>,
}

impl CloudSms {
    /// Checks the settings; nothing is connected yet.
    ///
    /// # Errors
    /// When `endpoint` is no web address.
    pub fn new(settings: CloudSettings) -> Result<Self, ChannelError> {
        let fault = |why: String| ChannelError { table: "sms", key: "endpoint".to_owned(), why };
        let endpoint: Url =
            settings.endpoint.parse().map_err(|error: url::ParseError| fault(error.to_string()))?;
        let name = endpoint.host_str().ok_or_else(|| fault("no host".to_owned()))?;
        let host = endpoint.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
        let http =
            Http::new(settings.timeout, settings.allow_private).map_err(|error| fault(error.to_string()))?;
        Ok(Self { endpoint, host, http, settings, memory: Mutex::default() })
    }

    /// The variables in their order, each cut to what a registered template takes.
    ///
    /// # Errors
    /// A template that does not render.
    fn variables(&self, notice: &Notice, texts: &Texts) -> Result<Vec<(String, String)>, String> {
        let names = texts.short_names(notice);
        let params = self.settings.params.iter();
        params
            .map(|(name, template)| {
                let value = render(template, &names).map_err(|error| format!("params.{name}: {error}"))?;
                Ok((name.clone(), value.chars().take(VARIABLE).collect()))
            })
            .collect()
    }

    fn built(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> Result<Request, String> {
        let variables = self.variables(notice, texts)?;
        match self.settings.cloud {
            Cloud::Aliyun => self.aliyun(notice, &variables, now),
            Cloud::Tencent => self.tencent(notice, &variables, now),
        }
    }

    /// `SendSms` of 2017-05-25 (<https://help.aliyun.com/document_detail/419273.html>, read 2026-11).
    fn aliyun(
        &self,
        notice: &Notice,
        variables: &[(String, String)],
        now: Timestamp,
    ) -> Result<Request, String> {
        let settings = &self.settings;
        let values: serde_json::Map<String, serde_json::Value> =
            variables.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let values = serde_json::Value::from(values).to_string();
        let number = aliyun_number(&notice.address);
        let key = public_key(notice);
        // In the order of their names, as they are signed.
        let query = [
            ("OutId", key.as_str()),
            ("PhoneNumbers", number),
            ("RegionId", &settings.region),
            ("SignName", &settings.sign),
            ("TemplateCode", &settings.template),
            ("TemplateParam", &values),
        ];
        self.acs_request("SendSms", &query, now)
    }

    /// `SendSms` of 2021-01-11 (<https://cloud.tencent.com/document/api/382/55981>, read 2026-11).
    fn tencent(
        &self,
        notice: &Notice,
        variables: &[(String, String)],
        now: Timestamp,
    ) -> Result<Request, String> {
        let settings = &self.settings;
        let number = tencent_number(&notice.address);
        let values: Vec<&str> = variables.iter().map(|(_, value)| value.as_str()).collect();
        let body = json!({
            "PhoneNumberSet": [number],
            "SmsSdkAppId": settings.app_id,
            "SignName": settings.sign,
            "TemplateId": settings.template,
            "TemplateParamSet": values,
            "SessionContext": public_key(notice),
        })
        .to_string();
        self.tc_request("SendSms", body, now)
    }

    async fn request(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> Verdict {
        let locale = texts.locale;
        let secret = self.settings.key_secret.expose_secret();
        let scrub =
            |words: &str, said: &str| scrubbed(&format!("{words}: {said}"), &notice.address, &[secret]);
        let request = match self.built(notice, texts, now) {
            Ok(request) => request,
            Err(why) => {
                let words = locale.pick("短信模板变量有误", "a variable of the text message is wrong");
                return Verdict::retry(scrub(words, &why));
            }
        };
        match self.http.ask(request, now).await {
            Ok(answer) => match meaning(self.settings.cloud, answer.json().as_ref()) {
                Meaning::Accepted if answer.status.is_success() => {
                    self.remember(notice, answer.json().as_ref());
                    Verdict::Accepted
                }
                Meaning::Accepted => Verdict::retry(scrub("HTTP", &answer.shown())),
                Meaning::Refused(why) => {
                    Verdict::refused(scrub(locale.pick("短信服务拒绝", "the SMS service refused"), &why))
                }
                Meaning::Later(why, wait) => {
                    let words = locale.pick("短信服务未受理", "the SMS service did not accept");
                    let said = format!("HTTP {} {why}", answer.status.as_u16());
                    Verdict::Retry { why: scrub(words, &said), after: answer.after.or(wait) }
                }
            },
            Err(Unanswered::Connect(why)) => {
                let words = locale.pick("连接短信服务失败", "cannot reach the SMS service");
                Verdict::retry(scrub(words, &why))
            }
            Err(Unanswered::Broken { why, after }) => {
                let words = locale.pick("短信服务的答复中断", "the SMS service's answer broke off");
                Verdict::Retry { why: scrub(words, &why), after }
            }
        }
    }
}

impl Channel for CloudSms {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Sms
    }

    fn knock<'a>(&'a self, _: &'a [String], locale: Locale) -> Knocking<'a> {
        Box::pin(async move {
            let tried = self.http.knock(&self.endpoint, locale).await;
            tried.map_or_else(|why| Shut::whole(scrubbed(&why, "", &[])), |()| Vec::new())
        })
    }

    fn send<'a>(&'a self, notice: &'a Notice, texts: &'a Texts, now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let talk = self.request(notice, texts, now);
            tokio::time::timeout(self.settings.timeout, talk).await.unwrap_or_else(|_| {
                let words = texts.locale.pick("短信服务超时未答复", "the SMS service did not answer in time");
                Verdict::retry(words)
            })
        })
    }

    fn tells_afterwards(&self) -> bool {
        true
    }

    fn ask<'a>(&'a self, accepted: &'a [Notice], locale: Locale, now: Timestamp) -> Asking<'a> {
        Box::pin(self.ask_all(accepted, locale, now))
    }

    fn parts(&self, notice: &Notice, texts: &Texts, _: Timestamp) -> u32 {
        if self.settings.text.is_empty() {
            return 0;
        }
        let names = texts.short_names(notice).into_iter();
        let cut = names.map(|(name, value)| (name, value.chars().take(VARIABLE).collect())).collect();
        let text = render(&self.settings.text, &cut);
        text.map_or(0, |text| segments::count(&format!("【{}】{text}", self.settings.sign)))
    }
}

/// As Alibaba Cloud writes numbers: those of the mainland bare, others with their country's code.
fn aliyun_number(address: &str) -> &str {
    address.trim_start_matches("+86").trim_start_matches('+')
}

/// As Tencent Cloud writes numbers: E.164.
fn tencent_number(address: &str) -> String {
    if address.starts_with('+') { address.to_owned() } else { format!("+86{address}") }
}

fn render(template: &str, names: &BTreeMap<&'static str, String>) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(20_000));
    environment.render_str(template, names)
}
