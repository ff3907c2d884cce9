//! Push messages by an ntfy server: one JSON object a message
//! (<https://docs.ntfy.sh/publish/#publish-as-json>, read 2026-11).

use jiff::Timestamp;
use reqwest::{StatusCode, Url};
use secrecy::ExposeSecret;
use serde_json::json;

use super::{
    Channel, ChannelError, Knocking, Sending, Shut, Verdict,
    http::{Http, Unanswered, told},
    robot::cut_to,
    scrubbed,
};
use crate::{
    config::channels::NtfySettings,
    dispatch::Texts,
    locale::Locale,
    model::{ChannelKind, Notice, NoticeKind},
};

/// Longer messages become attachments, which nobody reads on a locked phone; bytes.
const MESSAGE: usize = 4_096;

/// An ntfy server with its settings checked.
#[derive(Debug)]
pub struct Ntfy {
    settings: NtfySettings,
    url: Url,
    http: Http,
}

impl Ntfy {
    /// Checks the settings; nothing is connected yet.
    ///
    /// # Errors
    /// When `url` is no web address.
    pub fn new(settings: NtfySettings) -> Result<Self, ChannelError> {
        let fault = |why: String| ChannelError { table: "ntfy", key: "url".to_owned(), why };
        let url = settings.url.parse().map_err(|error: url::ParseError| fault(error.to_string()))?;
        let http =
            Http::new(settings.timeout, settings.allow_private).map_err(|error| fault(error.to_string()))?;
        Ok(Self { settings, url, http })
    }

    fn built(&self, notice: &Notice, texts: &Texts) -> Result<reqwest::Request, String> {
        let title = texts.title(notice).map_err(|error| error.to_string())?;
        let message = texts.push(notice).map_err(|error| error.to_string())?;
        let message =
            if message.is_empty() { title.clone() } else { cut_to(&message, MESSAGE, texts.locale) };
        let click = texts.confirm_url(notice).or_else(|| texts.console_url(notice));
        let mut body = json!({
            "topic": notice.address,
            "title": title,
            "message": message,
            "priority": priority(notice),
        });
        if let (Some(click), Some(body)) = (click, body.as_object_mut()) {
            body.insert("click".to_owned(), click.into());
        }
        let mut request = self
            .http
            .client
            .post(self.url.clone())
            .header("content-type", "application/json")
            .body(body.to_string());
        if let Some(token) = &self.settings.token {
            request = request.bearer_auth(token.expose_secret());
        }
        request.build().map_err(told)
    }

    async fn request(&self, notice: &Notice, texts: &Texts, now: Timestamp) -> Verdict {
        let locale = texts.locale;
        let token = self.settings.token.as_ref().map_or("", |one| one.expose_secret());
        let scrub =
            |words: &str, said: &str| scrubbed(&format!("{words}: {said}"), &notice.address, &[token]);
        let request = match self.built(notice, texts) {
            Ok(request) => request,
            Err(why) => return Verdict::retry(scrub("ntfy", &why)),
        };
        match self.http.ask(request, now).await {
            Ok(answer) if answer.status == StatusCode::OK && takes(answer.json().as_ref()) => {
                Verdict::Accepted
            }
            // A topic or a message that the server will never take; keys and limits are mended or pass.
            Ok(answer)
                if matches!(answer.status, StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE) =>
            {
                Verdict::refused(scrub(locale.pick("ntfy 拒绝", "ntfy refused"), &answer.shown()))
            }
            Ok(answer) => Verdict::Retry { why: scrub(words(locale), &answer.shown()), after: answer.after },
            Err(Unanswered::Connect(why)) => {
                Verdict::retry(scrub(locale.pick("连接 ntfy 失败", "cannot reach ntfy"), &why))
            }
            Err(Unanswered::Broken { why, after }) => {
                Verdict::Retry { why: scrub(words(locale), &why), after }
            }
        }
    }
}

fn words(locale: Locale) -> &'static str {
    locale.pick("ntfy 未受理", "ntfy did not accept")
}

/// A captive portal answers 200 as well; ntfy answers with the message and its id.
fn takes(json: Option<&serde_json::Value>) -> bool {
    json.is_some_and(|json| json.get("id").is_some_and(serde_json::Value::is_string))
}

/// 5 rings through a muted phone: only for those who must confirm.
fn priority(notice: &Notice) -> u8 {
    match notice.kind {
        _ if notice.facts.confirm => 5,
        NoticeKind::Digest
        | NoticeKind::BacklogDigest
        | NoticeKind::Copy
        | NoticeKind::Test
        | NoticeKind::Daily => 3,
        _ => 4,
    }
}

impl Channel for Ntfy {
    fn kind(&self) -> ChannelKind {
        ChannelKind::Ntfy
    }

    fn knock<'a>(&'a self, _: &'a [String], locale: Locale) -> Knocking<'a> {
        Box::pin(async move {
            let token = self.settings.token.as_ref().map_or("", |one| one.expose_secret());
            let tried = self.http.knock(&self.url, locale).await;
            tried.map_or_else(|why| Shut::whole(scrubbed(&why, "", &[token])), |()| Vec::new())
        })
    }

    fn send<'a>(&'a self, notice: &'a Notice, texts: &'a Texts, now: Timestamp) -> Sending<'a> {
        Box::pin(async move {
            let talk = self.request(notice, texts, now);
            tokio::time::timeout(self.settings.timeout, talk).await.unwrap_or_else(|_| {
                Verdict::retry(texts.locale.pick("ntfy 超时未答复", "ntfy did not answer in time"))
            })
        })
    }
}
