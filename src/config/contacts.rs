//! `contacts.toml`: the people and desks that plans name, and how each is reached. A contact may be one unit's own, so
//! that two schools under one plan have a 值班员 each.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{ChannelKind, Contact, Detail, Way};

use super::sheet::{Sheet, Spot, Table, Word};

/// Channels by id and in Chinese.
pub const CHANNELS: [Word<ChannelKind>; 8] = [
    ("email", "邮件", ChannelKind::Email),
    ("sms", "短信", ChannelKind::Sms),
    ("phone", "电话", ChannelKind::Phone),
    ("exercise", "练习", ChannelKind::Exercise),
    ("robot", "群机器人", ChannelKind::Robot),
    ("webhook", "网络回调", ChannelKind::Webhook),
    ("ntfy", "ntfy", ChannelKind::Ntfy),
    ("voice", "语音", ChannelKind::Voice),
];

/// How much may be said, by id and in Chinese.
pub const DETAILS: [Word<Detail>; 2] = [("full", "全文", Detail::Full), ("brief", "简要", Detail::Brief)];

/// Which doors `yuqing.toml` opens: a contact may use no other.
#[derive(Debug, Clone, Default)]
pub struct Doors {
    /// The mail server is configured.
    pub email: bool,
    /// The SMS gateway is configured.
    pub sms: bool,
    /// Robots, and how much each may say.
    pub robots: BTreeMap<String, Detail>,
    /// Webhooks.
    pub webhooks: BTreeSet<String>,
    /// The ntfy server, and how much may be said there.
    pub ntfy: Option<Detail>,
    /// A voice gateway is configured; without one a call is a task of the duty desk.
    pub voice: bool,
    /// Domain of the sender: mail to another one is brief unless the contact says otherwise
    /// (SEMANTICS 32).
    pub mail_domain: Option<String>,
}

/// All contacts of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Those of all units, in their order.
    pub shared: Vec<Contact>,
    /// Those of one unit, by unit and name: its plan's names mean these first.
    pub own: BTreeMap<String, BTreeMap<String, Contact>>,
}

impl Contacts {
    /// Whom the names of a unit's plan mean: its own contacts, then those of all units that it has none of that name for.
    pub fn of_unit<'a>(&'a self, unit: &str) -> impl Iterator<Item = &'a Contact> {
        let own = self.own.get(unit);
        let free = move |contact: &&Contact| own.is_none_or(|own| !own.contains_key(&contact.name));
        own.into_iter().flat_map(BTreeMap::values).chain(self.shared.iter().filter(free))
    }

    /// Whether a unit has a contact of this name that is its own.
    #[must_use]
    pub fn is_own(&self, unit: &str, name: &str) -> bool {
        self.own.get(unit).is_some_and(|own| own.contains_key(name))
    }

    /// All of them, for what concerns channels and not plans; a unit's own is called `单位/名字`.
    #[must_use]
    pub fn everybody(&self) -> Vec<Contact> {
        let called =
            |unit: &str, contact: &Contact| Contact { name: called(unit, &contact.name), ..contact.clone() };
        let own = self.own.iter().flat_map(|(unit, own)| own.values().map(move |one| called(unit, one)));
        self.shared.iter().cloned().chain(own).collect()
    }
}

/// How a contact that is one unit's own is called where no plan says which unit is meant.
#[must_use]
pub fn called(unit: &str, name: &str) -> String {
    format!("{unit}/{name}")
}

/// Reads the file; faults go to the sheet. `doors` and `units` (the names of all units) are `None` when `yuqing.toml`
/// itself is wrong.
#[must_use]
pub fn read(sheet: &Sheet<'_>, doors: Option<&Doors>, units: Option<&[String]>) -> Contacts {
    sheet.read(|top| read_all(top, doors, units)).unwrap_or_default()
}

/// Reads `unit = "…"` of a table; a unit that is not there is a fault.
pub(super) fn unit_of(table: &Table<'_>, units: Option<&[String]>) -> Option<String> {
    let unit = table.text("unit").filter(|unit| !unit.get_ref().is_empty())?;
    if let Some(units) = units.filter(|units| !units.contains(unit.get_ref())) {
        let message = format!("yuqing.toml 里没有单位 {}", unit.get_ref());
        table.sheet().fault(unit.span(), message, format!("写已有的单位: {}", units.join("、")));
    }
    Some(unit.into_inner())
}

/// Notes every name that no contact has; `contacts` are all that there are.
pub(super) fn check_known<'c>(
    sheet: &Sheet<'_>,
    names: &[Spot<String>],
    contacts: impl Iterator<Item = &'c Contact>,
) {
    let all: Vec<&str> = contacts.map(|contact| contact.name.as_str()).collect();
    for name in names.iter().filter(|name| !all.contains(&name.get_ref().as_str())) {
        let message = format!("contacts.toml 里没有联系人 {}", name.get_ref());
        let hint = format!("改成已有的联系人（{}），或在 contacts.toml 里加上他", all.join("、"));
        sheet.fault(name.span(), message, hint);
    }
}

fn read_all(top: &Table<'_>, doors: Option<&Doors>, units: Option<&[String]>) -> Contacts {
    let tables = top.tables("contact");
    if tables.is_empty() {
        top.sheet().fault(0..0, "没有联系人", "至少写一个 [[contact]]，name = \"值班员\"");
    }
    let mut first_at: BTreeMap<(Option<String>, String), usize> = BTreeMap::new();
    let mut contacts = Contacts::default();
    for table in &tables {
        let unit = unit_of(table, units);
        let Some(contact) = read_one(table, doors) else { continue };
        let place = table.place_of("name");
        let line = top.sheet().note_at(place.clone(), "", "").line;
        let first = *first_at.entry((unit.clone(), contact.name.clone())).or_insert(line);
        if first != line {
            let whose = unit.as_ref().map(|unit| format!("{unit} 的")).unwrap_or_default();
            let message = format!("{whose}联系人 {} 写了两次，第一次在第 {first} 行", contact.name);
            let hint = "改一个名字，或删去一张表；两个单位各有一位时，用 unit = \"单位\" 写明各是谁的";
            top.sheet().fault(place, message, hint);
        }
        match unit {
            Some(unit) => drop(contacts.own.entry(unit).or_default().insert(contact.name.clone(), contact)),
            None => contacts.shared.push(contact),
        }
    }
    contacts
}

fn read_one(table: &Table<'_>, doors: Option<&Doors>) -> Option<Contact> {
    let name = table.need_text("name", "值班员");
    let person = table.text("person").map(Spot::into_inner).unwrap_or_default();
    let email = table.text("email").filter(|text| !text.get_ref().is_empty());
    let phone = table.text("phone").filter(|text| !text.get_ref().is_empty());
    let named = |key| table.text(key).filter(|text| !text.get_ref().is_empty());
    let instances = [
        (ChannelKind::Robot, named("robot")),
        (ChannelKind::Webhook, named("webhook")),
        (ChannelKind::Ntfy, named("ntfy")),
    ];
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
        check_instances(table, &instances, doors);
    }
    let ways = ways(&instances, detail, doors);
    let detail = detail.unwrap_or_else(|| usual_detail(email.as_deref(), doors));
    Some(Contact {
        name: name?.into_inner(),
        person,
        email,
        phone,
        channels: kinds(table, channels, doors),
        detail,
        ways,
    })
}

/// The channels in their order; without a gateway a call is made by the duty desk.
fn kinds(table: &Table<'_>, channels: Vec<Spot<ChannelKind>>, doors: Option<&Doors>) -> Vec<ChannelKind> {
    let mut kinds: Vec<ChannelKind> = Vec::new();
    for channel in channels {
        let mut kind = *channel.get_ref();
        if kind == ChannelKind::Voice && doors.is_some_and(|doors| !doors.voice) {
            let hint = "要自动拨打，就在 yuqing.toml 里写 [voice]；否则写 \"电话\"";
            table.sheet().warn(channel.span(), "没有 [voice]，语音改为值班台上的打电话任务", hint);
            kind = ChannelKind::Phone;
        }
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    kinds
}

type Instances = [(ChannelKind, Option<Spot<String>>); 3];

/// What the contact wrote holds on every channel; else each robot and ntfy says for itself (SEMANTICS 32).
fn ways(instances: &Instances, written: Option<Detail>, doors: Option<&Doors>) -> BTreeMap<ChannelKind, Way> {
    let mut ways = BTreeMap::new();
    for (kind, name) in instances {
        let Some(name) = name.as_ref().map(|name| name.get_ref().clone()) else { continue };
        let usual = match kind {
            ChannelKind::Robot => doors.and_then(|doors| doors.robots.get(&name).copied()),
            ChannelKind::Ntfy => doors.and_then(|doors| doors.ntfy),
            _ => Some(Detail::Full),
        };
        let detail = written.or(usual).unwrap_or(Detail::Brief);
        ways.insert(*kind, Way { instance: Some(name), detail: Some(detail) });
    }
    ways
}

fn check_instances(table: &Table<'_>, instances: &Instances, doors: &Doors) {
    for (kind, name) in instances {
        let Some(name) = name else { continue };
        let (there, known): (bool, Vec<&str>) = match kind {
            ChannelKind::Robot => {
                (doors.robots.contains_key(name.get_ref()), doors.robots.keys().map(String::as_str).collect())
            }
            ChannelKind::Webhook => {
                (doors.webhooks.contains(name.get_ref()), doors.webhooks.iter().map(String::as_str).collect())
            }
            _ => {
                let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
                if name.get_ref().len() > 64 || !name.get_ref().chars().all(fits) {
                    let message = format!("\"{}\" 不是 ntfy 的主题", name.get_ref());
                    let hint = "只用英文字母、数字、_ 和 -，最多 64 个；主题就是口令，起得别人猜不到";
                    table.sheet().fault(name.span(), message, hint);
                }
                continue;
            }
        };
        if !there {
            let message = format!("yuqing.toml 里没有名为 {} 的 [[{}]]", name.get_ref(), kind.id());
            let hint = if known.is_empty() {
                format!("在 yuqing.toml 里加一张 [[{}]]，name = \"{}\"", kind.id(), name.get_ref())
            } else {
                format!("写已有的: {}", known.join("、"))
            };
            table.sheet().fault(name.span(), message, hint);
        }
    }
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
            ChannelKind::Ntfy => (doors.ntfy.is_some(), "ntfy"),
            // Named robots and webhooks are looked up by name; a call without a gateway is a task.
            ChannelKind::Robot
            | ChannelKind::Webhook
            | ChannelKind::Voice
            | ChannelKind::Phone
            | ChannelKind::Exercise => (true, ""),
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
            ChannelKind::Sms | ChannelKind::Phone | ChannelKind::Voice => (true, "phone", "13800138000"),
            ChannelKind::Robot => (true, "robot", "值班群"),
            ChannelKind::Webhook => (true, "webhook", "指挥平台"),
            ChannelKind::Ntfy => (true, "ntfy", "yuqing-8f3a61c0"),
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
    crate::locale::words::channel(kind, crate::locale::Locale::ZhCn)
}
