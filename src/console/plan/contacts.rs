//! `/plan/contacts`: the contacts as a table; each is changed, added, removed and tested by form.

use axum::{
    extract::{Query, RawForm},
    response::Response,
};
use minijinja::context;
use serde::Serialize;

use super::{
    super::{
        access::Need,
        editing::{self, form::Change, page::After},
        fault::Fault,
        fields::Fields,
        pages::shown,
        view::{clean, words},
        visit::Visit,
    },
    Refusal, Said, changed, has_folder, may_change_of, open,
    proof::Proved,
    rendered, without_folder,
};
use crate::{
    config::{
        contacts::{CHANNELS, DETAILS},
        edit::{
            FileKind,
            fields::{
                FieldError,
                contacts::{self, ContactFields, ContactKey, put_contact, remove_contact},
            },
        },
        sheet::Word,
    },
    locale::Locale,
    model::{ChannelKind, Detail},
};

/// Characters of a field.
const FIELD: usize = 200;

/// How the form calls a key of the file.
fn called(key: &str) -> Option<&'static str> {
    Some(match key {
        "name" => "名称",
        "unit" => "单位",
        "person" => "现任",
        "email" => "邮箱",
        "phone" => "电话",
        "robot" => "群机器人",
        "webhook" => "网络回调",
        "ntfy" => "ntfy 主题",
        "channels" => "通道",
        "detail" => "详略",
        _ => return None,
    })
}

/// A contact put in, changed or taken out.
enum ContactChange {
    Put { old: Option<ContactKey>, wanted: Box<ContactFields> },
    Remove(ContactKey),
}

impl ContactChange {
    fn key(&self) -> &ContactKey {
        match self {
            Self::Put { old: Some(key), .. } | Self::Remove(key) => key,
            Self::Put { wanted, .. } => &wanted.key,
        }
    }

    fn note(&self, locale: Locale) -> String {
        let (zh, en) = match self {
            Self::Put { old: None, .. } => ("添加联系人", "added the contact"),
            Self::Put { .. } => ("修改联系人", "changed the contact"),
            Self::Remove(_) => ("删除联系人", "removed the contact"),
        };
        format!("{} {}", locale.pick(zh, en), self.key().name)
    }
}

impl Change for ContactChange {
    fn touched(&self, text: &str) -> String {
        contacts::find(text, self.key()).map(|found| described(&found)).unwrap_or_default()
    }

    fn made(&self, text: &str) -> Result<String, FieldError> {
        match self {
            Self::Put { old, wanted } => put_contact(text, old.as_ref(), wanted),
            Self::Remove(key) => remove_contact(text, key),
        }
    }

    fn called(&self, key: &str) -> Option<&'static str> {
        called(key)
    }

    fn of_unit(&self) -> Option<String> {
        let unit = self.key().unit.clone();
        let stays = match self {
            Self::Put { wanted, .. } => wanted.key.unit == unit,
            Self::Remove(_) => true,
        };
        Some(unit).filter(|unit| stays && !unit.is_empty())
    }
}

/// A contact in lines, so that two of them can be held against each other.
fn described(contact: &ContactFields) -> String {
    let ContactFields { key, person, email, phone, robot, webhook, ntfy, channels, detail } = contact;
    let channels = channels.join("、");
    let rows = [
        ("name", &key.name),
        ("unit", &key.unit),
        ("person", person),
        ("email", email),
        ("phone", phone),
        ("robot", robot),
        ("webhook", webhook),
        ("ntfy", ntfy),
        ("channels", &channels),
        ("detail", detail),
    ];
    let rows = rows.iter().filter(|(_, value)| !value.is_empty());
    rows.map(|(key, value)| format!("{}：{value}\n", called(key).unwrap_or_default())).collect()
}

/// A contact as the page shows it.
#[derive(Debug, Default, Serialize)]
struct Row {
    unit: String,
    name: String,
    person: String,
    email: String,
    phone: String,
    robot: String,
    webhook: String,
    ntfy: String,
    /// Ids of the channels, in their order.
    channels: Vec<String>,
    /// The same in words.
    by: String,
    detail: String,
    /// How much it reads, in words.
    reads: String,
    /// Whether this person may change it.
    open: bool,
    /// Name and unit under which the file has it; the fields may show what somebody typed.
    old_unit: String,
    old_name: String,
    /// Whether its form is shown open, with what was typed.
    failed: bool,
}

/// The id of a word of a vocabulary, which may be written by id or in Chinese.
fn id<T>(words: &[Word<T>], written: &str) -> String {
    let found = words.iter().find(|word| word.0 == written || word.1 == written);
    found.map_or_else(|| written.to_owned(), |word| word.0.to_owned())
}

impl Row {
    fn of(contact: &ContactFields, open: bool, locale: Locale) -> Self {
        let channels: Vec<String> = contact.channels.iter().map(|written| id(&CHANNELS, written)).collect();
        let by = |id: &String| {
            let kind = ChannelKind::ALL.into_iter().find(|kind| kind.id() == id);
            kind.map_or_else(|| clean(id), |kind| words::channel(kind, locale).to_owned())
        };
        let detail = id(&DETAILS, &contact.detail);
        let reads = match DETAILS.iter().find(|word| word.0 == detail).map(|word| word.2) {
            Some(Detail::Full) => locale.pick("全文", "everything"),
            Some(Detail::Brief) => locale.pick("简要", "brief"),
            None => locale.pick("按通道的惯例", "as usual for the channel"),
        };
        Self {
            unit: clean(&contact.key.unit),
            name: clean(&contact.key.name),
            person: clean(&contact.person),
            email: clean(&contact.email),
            phone: clean(&contact.phone),
            robot: clean(&contact.robot),
            webhook: clean(&contact.webhook),
            // Whoever knows a topic reads it.
            ntfy: if open || contact.ntfy.is_empty() { clean(&contact.ntfy) } else { "***".to_owned() },
            by: channels.iter().map(by).collect::<Vec<_>>().join("、"),
            channels,
            detail,
            reads: reads.to_owned(),
            open,
            old_unit: contact.key.unit.clone(),
            old_name: contact.key.name.clone(),
            failed: false,
        }
    }
}

/// What was typed into a form that was not taken: of which contact, and what.
struct Failed {
    old: Option<ContactKey>,
    typed: ContactFields,
}

pub(in super::super) async fn page(room: Visit, Query(after): Query<After>) -> Response {
    show(&room, &after.into(), None, None).await.unwrap_or_else(|fault| fault.page(&room))
}

/// The page with what came of a test: who was tested, or why nobody was.
pub(super) async fn show_tested(room: &Visit, tested: Result<Proved, String>) -> Result<Response, Fault> {
    match tested {
        Ok(proved) => show(room, &Said::default(), None, Some(proved)).await,
        Err(words) => show(room, &Refusal::of(words).into(), None, None).await,
    }
}

async fn show(
    room: &Visit,
    said: &Said,
    failed: Option<Failed>,
    proved: Option<Proved>,
) -> Result<Response, Fault> {
    let locale = room.settings().locale;
    if !has_folder(room) {
        return without_folder(room, "contacts", "contacts.html");
    }
    let open = open(room, FileKind::Contacts).await?;
    let read = contacts::all(&open.text);
    let broken = read.is_err();
    let seen = read.unwrap_or_default().into_iter();
    let seen = seen.filter(|contact| contact.key.unit.is_empty() || room.person.sees(&contact.key.unit));
    let mut rows: Vec<Row> = seen
        .map(|contact| Row::of(&contact, may_change_of(room, &open, &contact.key.unit), locale))
        .collect();
    let mut fresh = Row { channels: vec!["exercise".to_owned()], ..Row::default() };
    if let Some(Failed { old, typed }) = failed {
        let mut row = Row { failed: true, ..Row::of(&typed, true, locale) };
        match old {
            None => fresh = row,
            Some(old) => {
                (row.old_unit, row.old_name) = (old.unit, old.name);
                let of = |one: &&mut Row| one.old_name == row.old_name && one.old_unit == row.old_unit;
                match rows.iter_mut().find(of) {
                    Some(there) => *there = row,
                    None => rows.push(row),
                }
            }
        }
    }
    let settings = &open.office.settings;
    let names = |names: Vec<&str>| names.into_iter().map(clean).collect::<Vec<_>>();
    let given = context! {
        broken,
        rows => shown(&rows),
        fresh => shown(&fresh),
        proved => shown(&proved),
        kinds => shown(&ChannelKind::ALL.map(|kind| (kind.id(), words::channel(kind, locale)))),
        robots => names(settings.robots.iter().map(|robot| robot.name.as_str()).collect()),
        webhooks => names(settings.webhooks.iter().map(|hook| hook.name.as_str()).collect()),
        units => shown(&room.units()),
        for_all => editing::may_change(room, &open),
        may_add => room.person.may(Need::Office),
    };
    rendered(room, "contacts", "contacts.html", &open, said, given)
}

/// A contact as a form brought it.
fn brought(fields: &Fields) -> ContactFields {
    let field = |name| fields.short(name, FIELD);
    // What is ticked comes in the order of the boxes.
    let mut channels: Vec<String> = fields.all("channel").map(str::to_owned).collect();
    channels.dedup();
    put_first(&mut channels, fields.get("first"));
    let chinese =
        |id: String| CHANNELS.iter().find(|word| word.0 == id).map_or(id.clone(), |word| word.1.to_owned());
    let detail = field("detail");
    let detail = DETAILS.iter().find(|word| word.0 == detail).map(|word| word.1.to_owned());
    ContactFields {
        key: ContactKey { unit: field("unit"), name: field("name") },
        person: field("person"),
        email: field("email"),
        phone: field("phone"),
        robot: field("robot"),
        webhook: field("webhook"),
        ntfy: field("ntfy"),
        channels: channels.into_iter().take(CHANNELS.len()).map(chinese).collect(),
        detail: detail.unwrap_or_default(),
    }
}

/// Puts a channel before the others, when it is among them; written by id or in Chinese.
fn put_first(channels: &mut Vec<String>, first: &str) {
    if let Some(at) = channels.iter().position(|channel| id(&CHANNELS, channel) == first) {
        let first = channels.remove(at);
        channels.insert(0, first);
    }
}

/// The boxes know no order but the first: the others stay in the order that they had. Where the words that were written
/// for a channel or a detail mean the same, they stay as they were written.
fn as_written(mut wanted: ContactFields, before: Option<&ContactFields>, first: &str) -> ContactFields {
    let Some(before) = before else { return wanted };
    let ids = |written: &[String]| written.iter().map(|one| id(&CHANNELS, one)).collect::<Vec<_>>();
    let had = ids(&before.channels);
    let place = |channel: &String| had.iter().position(|one| *one == id(&CHANNELS, channel));
    wanted.channels.sort_by_key(|channel| place(channel).unwrap_or(usize::MAX));
    put_first(&mut wanted.channels, first);
    if ids(&wanted.channels) == had {
        wanted.channels.clone_from(&before.channels);
    }
    if id(&DETAILS, &wanted.detail) == id(&DETAILS, &before.detail) {
        wanted.detail.clone_from(&before.detail);
    }
    wanted
}

pub(in super::super) async fn act(room: Visit, RawForm(form): RawForm) -> Response {
    let done = async {
        let fields = Fields::of(&form);
        let open = open(&room, FileKind::Contacts).await?;
        let old = ContactKey { unit: fields.short("old_unit", FIELD), name: fields.short("old_name", FIELD) };
        let typed = brought(&fields);
        let old = (!old.name.is_empty()).then_some(old);
        let change = match (fields.get("do"), &old) {
            ("remove", Some(old)) => ContactChange::Remove(old.clone()),
            ("change", Some(old)) => {
                let before = contacts::find(&open.text, old);
                ContactChange::Put {
                    old: Some(old.clone()),
                    wanted: Box::new(as_written(typed.clone(), before.as_ref(), fields.get("first"))),
                }
            }
            ("add", _) => ContactChange::Put { old: None, wanted: Box::new(typed.clone()) },
            _ => return Err(Fault::Nowhere),
        };
        if [change.key(), &typed.key].iter().any(|key| !key.unit.is_empty() && !room.person.sees(&key.unit)) {
            return Err(Fault::Nowhere);
        }
        let note = change.note(room.settings().locale);
        match changed(&room, &open, &fields, note, &change, "/plan/contacts").await? {
            Ok(done) => Ok(done),
            Err(refusal) => {
                let failed = match change {
                    ContactChange::Put { old, .. } => Some(Failed { old, typed }),
                    ContactChange::Remove(_) => None,
                };
                show(&room, &refusal.into(), failed, None).await
            }
        }
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}
