//! What a robot is sent: the words made to fit its size, in its own JSON, signed as it asks.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::json;

use crate::{
    config::channels::{RobotKind, RobotSettings},
    dispatch::{Texts, channel::cloud::mac},
    locale::{Locale, notice::in_robot},
    model::Notice,
};

/// WeCom: bytes of the markdown (<https://developer.work.weixin.qq.com/document/path/91770>, read 2026-11).
const WECOM: usize = 4_096;
/// DingTalk: bytes of the whole body (<https://open.dingtalk.com/document/orgapp/custom-robot-access>, read 2026-11).
const DINGTALK: usize = 20_000;
/// Feishu: bytes of the whole body, 20 KB
/// (<https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>, read 2026-11).
const FEISHU: usize = 20_000;
/// Kept free for what surrounds the words in the body.
const AROUND: usize = 1_000;
/// More lines than that nobody reads.
const MOST: usize = 40;

/// A message ready to go.
pub(super) struct Message {
    /// How many notices it carries, from the first.
    pub carried: usize,
    /// JSON.
    pub body: String,
}

/// The message of as many notices as fit. A single one that does not is cut at the end of a line.
pub(super) fn fitting(
    settings: &RobotSettings,
    notices: &[Notice],
    texts: &Texts,
    now: Timestamp,
) -> Result<Message, String> {
    let failed = |error: crate::locale::notice::TemplateError| error.to_string();
    let Some(first) = notices.first() else { return Err("nothing to send".to_owned()) };
    let mut count = notices.len().min(MOST);
    loop {
        let some: Vec<&Notice> = notices.iter().take(count).collect();
        let mut text = texts.robot(&some, settings.confirm_link).map_err(failed)?;
        if !settings.keyword.is_empty() && !text.contains(&settings.keyword) {
            text = format!("{}\n{text}", settings.keyword);
        }
        let title = match (count, texts.locale) {
            // Not markdown by the documents; harmless even if a client thinks otherwise.
            (1, _) => in_robot(&texts.title(first).map_err(failed)?),
            (_, Locale::ZhCn) => format!("舆情 {count} 条通知"),
            (_, Locale::En) => format!("{count} notices"),
        };
        let body = payload(settings, &title, &text, now);
        if fits(settings.kind, &text, &body) {
            return Ok(Message { carried: count, body });
        }
        if count == 1 {
            let text = cut_until_it_fits(settings, &title, &text, texts.locale, now);
            return Ok(Message { carried: 1, body: payload(settings, &title, &text, now) });
        }
        count /= 2;
    }
}

fn fits(kind: RobotKind, text: &str, body: &str) -> bool {
    match kind {
        RobotKind::WeCom => text.len() <= WECOM,
        RobotKind::DingTalk => body.len() <= DINGTALK,
        RobotKind::Feishu => body.len() <= FEISHU,
    }
}

fn cut_until_it_fits(
    settings: &RobotSettings,
    title: &str,
    text: &str,
    locale: Locale,
    now: Timestamp,
) -> String {
    let mut room = match settings.kind {
        RobotKind::WeCom => WECOM,
        RobotKind::DingTalk => DINGTALK - AROUND,
        RobotKind::Feishu => FEISHU - AROUND,
    };
    loop {
        let cut = cut_to(text, room, locale);
        if room < 200 || fits(settings.kind, &cut, &payload(settings, title, &cut, now)) {
            return cut;
        }
        room = room * 3 / 4;
    }
}

/// At most `most` bytes: whole lines from the beginning, the first cut within itself if it must be, and a word
/// on what is missing.
pub(in crate::dispatch::channel) fn cut_to(text: &str, most: usize, locale: Locale) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let note = locale.pick("…（内容过长，余下请看详情）", "… (cut; see the details)");
    let room = most.saturating_sub(note.len() + 1);
    let mut kept = String::new();
    for line in text.lines() {
        if kept.len() + line.len() + 1 > room {
            break;
        }
        kept.push_str(line);
        kept.push('\n');
    }
    if kept.trim().is_empty() {
        kept.clear();
        for c in text.chars().take_while(|c| *c != '\n') {
            if kept.len() + c.len_utf8() > room {
                break;
            }
            kept.push(c);
        }
        kept.push('\n');
    }
    kept + note
}

/// The JSON of each robot.
fn payload(settings: &RobotSettings, title: &str, text: &str, now: Timestamp) -> String {
    match settings.kind {
        RobotKind::WeCom => json!({ "msgtype": "markdown", "markdown": { "content": text } }),
        // Its markdown joins lines that do not end in two blanks.
        RobotKind::DingTalk => json!({
            "msgtype": "markdown",
            "markdown": { "title": title, "text": text.replace('\n', "  \n") },
        }),
        RobotKind::Feishu => feishu(settings, title, text, now),
    }
    .to_string()
}

fn feishu(settings: &RobotSettings, title: &str, text: &str, now: Timestamp) -> serde_json::Value {
    let mut body = json!({
        "msg_type": "interactive",
        "card": {
            "config": { "wide_screen_mode": true },
            "header": { "title": { "tag": "plain_text", "content": title } },
            "elements": [{ "tag": "markdown", "content": text }],
        },
    });
    if let (Some(secret), Some(body)) = (&settings.secret, body.as_object_mut()) {
        let seconds = now.as_second();
        body.insert("timestamp".to_owned(), seconds.to_string().into());
        body.insert("sign".to_owned(), feishu_sign(seconds, secret.expose_secret()).into());
    }
    body
}

/// DingTalk's 加签: HMAC-SHA256 over `timestamp\nsecret` with the secret as key, base64; not yet encoded
/// for the URL (<https://open.dingtalk.com/document/orgapp/customize-robot-security-settings>, read 2026-11).
#[must_use]
pub fn dingtalk_sign(millis: i64, secret: &str) -> String {
    STANDARD.encode(mac(secret.as_bytes(), &format!("{millis}\n{secret}")))
}

/// Feishu's 签名校验: HMAC-SHA256 over nothing with `timestamp\nsecret` as key, base64
/// (<https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>, read 2026-11).
#[must_use]
pub fn feishu_sign(seconds: i64, secret: &str) -> String {
    STANDARD.encode(mac(format!("{seconds}\n{secret}").as_bytes(), ""))
}
