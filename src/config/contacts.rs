//! `contacts.toml`: the people and desks that plans name, and how each is reached.

use std::collections::BTreeSet;

use crate::model::{ChannelKind, Contact, Detail};

use super::sheet::{Sheet, Spot, Table, Word};

/// Channels by id and in Chinese.
pub const CHANNELS: [Word<ChannelKind>; 4] = [
    ("email", "邮件", ChannelKind::Email),
    ("sms", "短信", ChannelKind::Sms),
    ("phone", "电话", ChannelKind::Phone),
    ("exercise", "练习", ChannelKind::Exercise),
];

const DETAILS: [Word<Detail>; 2] = [("full", "全文", Detail::Full), ("brief", "简要", Detail::Brief)];

/// Which doors `yuqing.toml` opens: a contact may use no other.
#[derive(Debug, Clone, Default)]
pub struct Doors {
    /// The mail server is configured.
    pub email: bool,
    /// The SMS gateway is configured.
    pub sms: bool,
    /// Domain of the sender: mail to another one is brief unless the contact says otherwise
    /// (SEMANTICS 32).
    pub mail_domain: Option<String>,
}

/// Reads the file; faults go to the sheet. `doors` is `None` when `yuqing.toml` itself is wrong.
#[must_use]
pub fn read(sheet: &Sheet<'_>, doors: Option<&Doors>) -> Vec<Contact> {
    sheet.read(|top| read_all(top, doors)).unwrap_or_default()
}

fn read_all(top: &Table<'_>, doors: Option<&Doors>) -> Vec<Contact> {
    let tables = top.tables("contact");
    if tables.is_empty() {
        top.sheet().fault(0..0, "没有联系人", "至少写一个 [[contact]]，name = \"值班员\"");
    }
    let mut names = BTreeSet::new();
    let mut contacts = Vec::new();
    for table in &tables {
        let Some(contact) = read_one(table, doors) else { continue };
        if !names.insert(contact.name.clone()) {
            let message = format!("联系人 {} 写了两次", contact.name);
            top.sheet().fault(table.place_of("name"), message, "改一个名字，或删去一张表");
        }
        contacts.push(contact);
    }
    contacts
}

fn read_one(table: &Table<'_>, doors: Option<&Doors>) -> Option<Contact> {
    let name = table.need_text("name", "值班员");
    let person = table.text("person").map(Spot::into_inner).unwrap_or_default();
    let email = table.text("email").filter(|text| !text.get_ref().is_empty());
    let phone = table.text("phone").filter(|text| !text.get_ref().is_empty());
    let detail = table.word("detail", &DETAILS).map(Spot::into_inner);
    let channels = table.words("channels", &CHANNELS);
    if !table.has("channels") {
        table.sheet().fault(
            table.span(),
            "[contact] 缺少 channels",
            "加一行 channels = [\"练习\"]，确认后再改为 [\"邮件\"] 等",
        );
    } else if channels.is_empty() && table.texts("channels").is_empty() {
        table.sheet().fault(
            table.place_of("channels"),
            "channels 是空的，这个联系人永远收不到通知",
            "写成 channels = [\"邮件\"]",
        );
    }
    table.finish();
    let email = email.and_then(|text| checked_email(table, &text));
    let phone = phone.and_then(|text| checked_phone(table, &text));
    check_channels(table, &channels);
    if let Some(doors) = doors {
        check_doors(table, &channels, doors);
    }
    let detail = detail.unwrap_or_else(|| usual_detail(email.as_deref(), doors));
    Some(Contact {
        name: name?.into_inner(),
        person,
        email,
        phone,
        channels: channels.into_iter().map(Spot::into_inner).collect(),
        detail,
    })
}

fn usual_detail(email: Option<&str>, doors: Option<&Doors>) -> Detail {
    let own = doors.and_then(|doors| doors.mail_domain.as_deref());
    let theirs = email.and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
    match (own, theirs) {
        (Some(own), Some(theirs)) if !own.eq_ignore_ascii_case(theirs) => Detail::Brief,
        _ => Detail::Full,
    }
}

fn check_doors(table: &Table<'_>, channels: &[Spot<ChannelKind>], doors: &Doors) {
    for channel in channels {
        let (open, section) = match channel.get_ref() {
            ChannelKind::Email => (doors.email, "email"),
            ChannelKind::Sms => (doors.sms, "sms"),
            ChannelKind::Phone | ChannelKind::Exercise => (true, ""),
        };
        if !open {
            let message = format!("用了{}，yuqing.toml 里却没有 [{section}]", chinese(*channel.get_ref()));
            let hint = format!("在 yuqing.toml 里写 [{section}]，或先把 channels 写成 [\"练习\"]");
            table.sheet().fault(channel.span(), message, hint);
        }
    }
}

fn checked_email(table: &Table<'_>, text: &Spot<String>) -> Option<String> {
    if text.get_ref().parse::<lettre::Address>().is_ok() {
        return Some(text.get_ref().clone());
    }
    let message = format!("\"{}\" 不是邮箱地址", text.get_ref());
    table.sheet().fault(text.span(), message, "写成 \"zhiban@example.gov.cn\"，一个联系人一个邮箱");
    None
}

fn checked_phone(table: &Table<'_>, text: &Spot<String>) -> Option<String> {
    let digits: String = text.get_ref().chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let number = digits.strip_prefix('+').unwrap_or(&digits);
    if (5..=15).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit()) {
        return Some(digits);
    }
    let message = format!("\"{}\" 不是电话号码", text.get_ref());
    table.sheet().fault(text.span(), message, "只写数字，可以以 + 开头: \"13800138000\"");
    None
}

fn check_channels(table: &Table<'_>, channels: &[Spot<ChannelKind>]) {
    let mut seen = BTreeSet::new();
    for channel in channels {
        let kind = *channel.get_ref();
        if !seen.insert(kind) {
            table.sheet().fault(channel.span(), "同一个通道写了两次", "删去一个");
        }
        let (needs, key, example) = match kind {
            ChannelKind::Email => (true, "email", "zhiban@example.gov.cn"),
            ChannelKind::Sms | ChannelKind::Phone => (true, "phone", "13800138000"),
            ChannelKind::Exercise => (false, "", ""),
        };
        if needs && table.text(key).is_none_or(|text| text.get_ref().is_empty()) {
            let message = format!("用了{}，却没有写 {key}", chinese(kind));
            table.sheet().fault(channel.span(), message, format!("加一行 {key} = \"{example}\""));
        }
    }
    if seen.contains(&ChannelKind::Exercise) && seen.len() > 1 {
        table.sheet().fault(
            table.place_of("channels"),
            "练习与真实的通道写在了一起",
            "练习时只写 channels = [\"练习\"]，正式使用时去掉它",
        );
    }
}

/// The Chinese word of a channel.
#[must_use]
pub fn chinese(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Email => "邮件",
        ChannelKind::Sms => "短信",
        ChannelKind::Phone => "电话",
        ChannelKind::Exercise => "练习",
    }
}
