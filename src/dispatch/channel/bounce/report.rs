//! What a mail in our own mailbox says of a message that we sent.
//!
//! Servers of today answer with a delivery status notification (RFC 3464): a `multipart/report` with fields for
//! machines and the message, or its header, at the end. Others write a letter that only its sender and its subject
//! give away. A person's answer and an absence note name our message too, and are neither.

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};

use crate::{locale::Locale, model::Fate};

/// Longest reason, in characters.
const REASON: usize = 200;
/// Names of our messages taken from one mail.
const NAMES: usize = 50;
/// Characters of a name: `public_key` in hexadecimal.
const NAME: usize = 32;
/// Reports within reports are not looked into deeper than this.
const DEPTH: usize = 4;

/// A mail that tells of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What may be the names of our messages ([`super::super::public_key`]), as they stand in it.
    pub keys: Vec<String>,
    /// What it tells.
    pub fate: Fate,
}

/// Reads a mail as it came; `None` when it does not tell that a message arrived or came back.
#[must_use]
pub fn report(mail: &[u8], locale: Locale) -> Option<Report> {
    let message = MessageParser::default().parse(mail)?;
    let fate = match status_fields(&message) {
        Some(fields) => told_by_fields(&fields, locale)?,
        None => told_by_letter(&message, locale)?,
    };
    let mut keys = Vec::new();
    names_in(mail, &mut keys);
    names_of_parts(&message, &mut keys, DEPTH);
    (!keys.is_empty()).then_some(Report { keys, fate })
}

/// Whether a mail with this header may be a report at all: the others need not be read.
#[must_use]
pub fn may_be_report(header: &[u8]) -> bool {
    let Some(message) = MessageParser::default().parse_headers(header) else { return false };
    is_report(&message) || is_from_machine(&message)
}

fn is_report(message: &Message<'_>) -> bool {
    message.content_type().is_some_and(|kind| {
        kind.c_type.eq_ignore_ascii_case("multipart")
            && kind.c_subtype.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("report"))
    })
}

/// RFC 5321, 3.6.3 and RFC 3834, 3: such mails have an empty return path; who writes them goes by few names.
fn is_from_machine(message: &Message<'_>) -> bool {
    let from = message.from().and_then(|from| from.first()).and_then(|one| one.address.as_deref());
    let local = from.and_then(|address| address.split('@').next()).unwrap_or_default().to_lowercase();
    ["mailer-daemon", "postmaster", "mail-daemon", "mdaemon"].contains(&local.as_str())
}

/// The fields for machines: the text of the part `message/delivery-status`.
fn status_fields(message: &Message<'_>) -> Option<String> {
    message.parts.iter().find_map(|part| {
        let kind = part.content_type()?;
        let status = kind.c_type.eq_ignore_ascii_case("message")
            && kind.c_subtype.as_deref().is_some_and(|name| {
                name.eq_ignore_ascii_case("delivery-status")
                    || name.eq_ignore_ascii_case("global-delivery-status")
            });
        status.then(|| String::from_utf8_lossy(part.contents()).into_owned())
    })
}

/// RFC 3464, 2.3: one group of fields for each recipient; each of our messages has one. A delay is no end.
fn told_by_fields(fields: &str, locale: Locale) -> Option<Fate> {
    // A continued line begins with white space (RFC 5322, 2.2.3).
    let joined = fields.replace("\r\n", "\n").replace("\n ", " ").replace("\n\t", " ");
    let field = |name: &str| {
        joined.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    };
    let action = field("Action")?.to_lowercase();
    match action.split_whitespace().next()? {
        "failed" => {
            let status = field("Status").unwrap_or_default();
            let said = field("Diagnostic-Code").unwrap_or_default();
            let said = said.split_once(';').map_or(said.as_str(), |(_, words)| words.trim());
            let words = if said.contains(&status) { said.to_owned() } else { format!("{status} {said}") };
            Some(returned(&words, locale))
        }
        "delivered" => Some(Fate::Arrived),
        // `delayed` goes on; `relayed` and `expanded` say nothing of the mailbox.
        _ => None,
    }
}

/// A letter without such fields: only a machine that says in its subject that it failed.
fn told_by_letter(message: &Message<'_>, locale: Locale) -> Option<Fate> {
    const FAILED: [&str; 14] = [
        "undeliver",
        "failure",
        "failed",
        "returned mail",
        "returning",
        "退信",
        "退回",
        "投递失败",
        "发送失败",
        "未送达",
        "无法投递",
        "无法送达",
        "无法发送",
        "被拒",
    ];
    const GOES_ON: [&str; 6] = ["delay", "warning", "延迟", "延误", "temporar", "暂时"];
    if !is_from_machine(message) {
        return None;
    }
    let subject = message.subject().unwrap_or_default().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| subject.contains(word));
    if !says(&FAILED) || says(&GOES_ON) {
        return None;
    }
    let body = message.body_text(0).unwrap_or_default();
    // The line with the other server's answer says most; else what the letter begins with.
    let answer = body.lines().map(str::trim).find(|line| has_code(line));
    let begin = || body.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = answer.map_or_else(begin, str::to_owned);
    Some(returned(&format!("{} {words}", message.subject().unwrap_or_default()), locale))
}

/// An SMTP answer that is final (RFC 5321, 4.2.1): `550 …`, `5.1.1 …`.
fn has_code(line: &str) -> bool {
    line.split(|c: char| !c.is_ascii_digit() && c != '.').any(|word| {
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        (digits && word.len() == 3 && word.starts_with('5'))
            || (word.starts_with("5.") && word.matches('.').count() == 2)
    })
}

fn returned(words: &str, locale: Locale) -> Fate {
    let line: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(REASON).collect();
    Fate::Returned { why: format!("{} {line}", locale.pick("退信:", "bounced:")).trim_end().to_owned() }
}

/// The parts as they read once decoded: a header may come back in Base64.
fn names_of_parts(message: &Message<'_>, keys: &mut Vec<String>, depth: usize) {
    for part in &message.parts {
        match &part.body {
            PartType::Message(inner) if depth > 0 => {
                names_in(inner.raw_message(), keys);
                names_of_parts(inner, keys, depth - 1);
            }
            PartType::Message(_) | PartType::Multipart(_) => {}
            PartType::Text(_) | PartType::Html(_) | PartType::Binary(_) | PartType::InlineBinary(_) => {
                names_in(part.contents(), keys);
            }
        }
    }
}

/// Everything that has the shape of a message's name: 32 hexadecimal digits before an `@`.
fn names_in(text: &[u8], keys: &mut Vec<String>) {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
    for (at, _) in text.iter().enumerate().filter(|(_, byte)| **byte == b'@') {
        let Some(name) = at.checked_sub(NAME).and_then(|from| text.get(from..at)) else { continue };
        if name.iter().all(is_digit) {
            let name = String::from_utf8_lossy(name).into_owned();
            if !keys.contains(&name) && keys.len() < NAMES {
                keys.push(name);
            }
        }
    }
}
