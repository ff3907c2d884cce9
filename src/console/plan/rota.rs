//! `/plan/rota`: the week, the handover and the deputy of each rota as a table, and swaps (换班) one by one.

use axum::{
    extract::{Query, RawForm},
    response::Response,
};
use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};
use minijinja::context;
use serde::Serialize;

use super::{
    super::{
        access::Need,
        editing::{self, form::Change, page::After},
        fault::Fault,
        fields::Fields,
        files::Open,
        pages::shown,
        view::{When, clean, weekday},
        visit::Visit,
    },
    Said, changed, duty, has_folder, may_change_of, open, rendered, without_folder,
};
use crate::{
    config::edit::{
        FileKind,
        fields::{
            FieldError,
            rota::{self, RotaFields, RotaKey, SwapFields, add_swap, put_rota, remove_rota, remove_swap},
        },
    },
    locale::Locale,
};

/// Characters of a field.
const FIELD: usize = 100;

fn called(key: &str) -> Option<&'static str> {
    Some(match key {
        "contact" => "谁的值班",
        "unit" => "单位",
        "handover" => "交接班",
        "week" => "一周",
        "deputy" => "替班",
        "swaps" | "from" | "to" | "who" => "换班",
        _ => return None,
    })
}

enum RotaChange {
    Add(RotaFields),
    Put(RotaFields),
    Remove(RotaKey),
    Swap(RotaKey, SwapFields),
    Unswap(RotaKey, SwapFields),
}

impl RotaChange {
    const fn key(&self) -> &RotaKey {
        match self {
            Self::Add(wanted) | Self::Put(wanted) => &wanted.key,
            Self::Remove(key) | Self::Swap(key, _) | Self::Unswap(key, _) => key,
        }
    }

    fn note(&self, locale: Locale) -> String {
        let (zh, en) = match self {
            Self::Add(_) => ("添加值班表", "added the rota of"),
            Self::Put(_) => ("修改值班表", "changed the rota of"),
            Self::Remove(_) => ("删除值班表", "removed the rota of"),
            Self::Swap(..) => ("添加换班", "added a swap for"),
            Self::Unswap(..) => ("取消换班", "removed a swap of"),
        };
        let swap = match self {
            Self::Swap(_, swap) | Self::Unswap(_, swap) => {
                format!(" {}～{} {}", swap.from, swap.to, swap.who)
            }
            _ => String::new(),
        };
        format!("{} {}{swap}", locale.pick(zh, en), self.key().contact)
    }
}

impl Change for RotaChange {
    fn touched(&self, text: &str) -> String {
        // What is new beside others is no conflict; the same one added twice is told by the file.
        if matches!(self, Self::Add(_) | Self::Swap(..) | Self::Unswap(..)) {
            return String::new();
        }
        rota::find(text, self.key()).map(|found| described(&found)).unwrap_or_default()
    }

    fn made(&self, text: &str) -> Result<String, FieldError> {
        match self {
            Self::Add(wanted) if rota::find(text, &wanted.key).is_some() => {
                Err(FieldError::There(format!("{} 的值班表", wanted.key.contact)))
            }
            Self::Add(wanted) | Self::Put(wanted) => put_rota(text, wanted),
            Self::Remove(key) => remove_rota(text, key),
            Self::Swap(key, swap) => add_swap(text, key, swap),
            Self::Unswap(key, swap) => remove_swap(text, key, swap),
        }
    }

    fn called(&self, key: &str) -> Option<&'static str> {
        called(key)
    }

    fn of_unit(&self) -> Option<String> {
        Some(self.key().unit.clone()).filter(|unit| !unit.is_empty())
    }
}

fn described(rota: &RotaFields) -> String {
    let week = rota.week.join("、");
    let rows = [("handover", &rota.handover), ("week", &week), ("deputy", &rota.deputy)];
    rows.iter().map(|(key, value)| format!("{}：{value}\n", called(key).unwrap_or_default())).collect()
}

#[derive(Debug, Serialize)]
struct Row {
    unit: String,
    contact: String,
    handover: String,
    week: Vec<DayRow>,
    deputy: String,
    swaps: Vec<SwapRow>,
    open: bool,
    /// Whether its week is shown open, with what was typed.
    failed: bool,
    /// The swap that was not taken.
    typed: Option<SwapRow>,
}

#[derive(Debug, Serialize)]
struct DayRow {
    day: &'static str,
    who: String,
}

#[derive(Debug, Clone, Serialize)]
struct SwapRow {
    from: String,
    to: String,
    who: String,
    /// Whom the week has on these days.
    instead: String,
    over: bool,
}

fn swap_row(rota: &RotaFields, swap: &SwapFields, today: Date) -> SwapRow {
    let (from, to): (Option<Date>, Option<Date>) = (swap.from.parse().ok(), swap.to.parse().ok());
    let mut instead: Vec<String> = Vec::new();
    for day in from.into_iter().flat_map(|from| from.series(1.day())).take(7) {
        if to.is_some_and(|to| day > to) {
            break;
        }
        let since_monday = usize::try_from(day.weekday().to_monday_zero_offset());
        let who = rota.week.get(since_monday.unwrap_or_default());
        let who = who.filter(|who| !who.is_empty()).unwrap_or(&rota.key.contact);
        if !instead.contains(who) {
            instead.push(who.clone());
        }
    }
    SwapRow {
        from: clean(&swap.from),
        to: clean(&swap.to),
        who: clean(&swap.who),
        instead: clean(&instead.join("、")),
        over: to.is_some_and(|to| to < today),
    }
}

/// What was typed into a form that was not taken.
enum Failed {
    Rota(RotaFields),
    Swap(RotaKey, SwapFields),
}

pub(in super::super) async fn page(room: Visit, Query(after): Query<After>) -> Response {
    show(&room, &after.into(), None).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, said: &Said, failed: Option<&Failed>) -> Result<Response, Fault> {
    let settings = room.settings();
    if !has_folder(room) {
        return without_folder(room, "rota", "rota.html");
    }
    let when = When::new(room.now(), &settings);
    let open = open(room, FileKind::Rota).await?;
    let read = rota::all(&open.text);
    let broken = read.is_err();
    let today = when.now.to_zoned(settings.zone.clone()).date();
    let (rows, fresh) = rows(room, &open, read.unwrap_or_default(), failed, (today, when.locale));
    let (duties, days) = duty::of(room, &open.office, &when);
    let given = context! {
        broken,
        rows => shown(&rows),
        fresh => shown(&fresh),
        duties => shown(&duties),
        days => shown(&days),
        names => names(room, &open),
        units => shown(&room.units()),
        for_all => editing::may_change(room, &open),
        may_add => room.person.may(Need::Office),
        today => today.to_string(),
    };
    rendered(room, "rota", "rota.html", &open, said, given)
}

/// Every rota that this person sees, and the form of a new one, with what was typed where it was not taken.
fn rows(
    room: &Visit,
    open: &Open,
    mut rotas: Vec<RotaFields>,
    failed: Option<&Failed>,
    (today, locale): (Date, Locale),
) -> (Vec<Row>, Row) {
    rotas.retain(|rota| rota.key.unit.is_empty() || room.person.sees(&rota.key.unit));
    let mut fresh = RotaFields { handover: "08:30".to_owned(), ..RotaFields::default() };
    if let Some(Failed::Rota(typed)) = failed {
        match rotas.iter_mut().find(|rota| rota.key == typed.key) {
            Some(rota) => {
                let swaps = std::mem::take(&mut rota.swaps);
                *rota = RotaFields { swaps, ..typed.clone() };
            }
            None => fresh = typed.clone(),
        }
    }
    let row = |rota: &RotaFields| Row {
        unit: clean(&rota.key.unit),
        contact: clean(&rota.key.contact),
        handover: clean(&rota.handover),
        week: Weekday::Monday
            .cycle_forward()
            .zip(&rota.week)
            .map(|(day, who)| DayRow { day: weekday(day, locale), who: clean(who) })
            .collect(),
        deputy: clean(&rota.deputy),
        swaps: rota.swaps.iter().map(|swap| swap_row(rota, swap, today)).collect(),
        open: may_change_of(room, open, &rota.key.unit),
        failed: matches!(failed, Some(Failed::Rota(typed)) if typed.key == rota.key),
        typed: match failed {
            Some(Failed::Swap(key, swap)) if *key == rota.key => Some(swap_row(rota, swap, today)),
            _ => None,
        },
    };
    (rotas.iter().map(row).collect(), row(&fresh))
}

/// Names of the contacts that may stand in a rota: those of all units, and those of the units that this person sees.
fn names(room: &Visit, open: &Open) -> Vec<String> {
    let contacts = &open.office.contacts;
    let units = room.units();
    let mut names: Vec<String> = Vec::new();
    for contact in contacts.shared.iter().chain(units.iter().flat_map(|unit| contacts.of_unit(unit))) {
        if !names.contains(&contact.name) {
            names.push(contact.name.clone());
        }
    }
    names
}

fn brought(fields: &Fields, key: RotaKey) -> RotaFields {
    let mut week: [String; 7] = Default::default();
    for (slot, who) in week.iter_mut().zip(fields.all("day")) {
        *slot = who.chars().take(FIELD).collect();
    }
    RotaFields {
        key,
        handover: fields.short("handover", FIELD).replace('：', ":"),
        week,
        deputy: fields.short("deputy", FIELD),
        swaps: Vec::new(),
    }
}

pub(in super::super) async fn act(room: Visit, RawForm(form): RawForm) -> Response {
    let done = async {
        let fields = Fields::of(&form);
        let locale = room.settings().locale;
        let open = open(&room, FileKind::Rota).await?;
        let key = RotaKey { unit: fields.short("unit", FIELD), contact: fields.short("contact", FIELD) };
        if !key.unit.is_empty() && !room.person.sees(&key.unit) {
            return Err(Fault::Nowhere);
        }
        let swap = || SwapFields {
            from: fields.short("from", FIELD),
            to: Some(fields.short("to", FIELD))
                .filter(|to| !to.is_empty())
                .unwrap_or(fields.short("from", FIELD)),
            who: fields.short("who", FIELD),
        };
        let change = match fields.get("do") {
            "add" => RotaChange::Add(brought(&fields, key)),
            "week" => RotaChange::Put(brought(&fields, key)),
            "remove" => RotaChange::Remove(key),
            "swap" => RotaChange::Swap(key, swap()),
            "unswap" => RotaChange::Unswap(key, swap()),
            _ => return Err(Fault::Nowhere),
        };
        match changed(&room, &open, &fields, change.note(locale), &change, "/plan/rota").await? {
            Ok(done) => Ok(done),
            Err(refusal) => {
                let failed = match change {
                    RotaChange::Add(typed) | RotaChange::Put(typed) => Some(Failed::Rota(typed)),
                    RotaChange::Swap(key, typed) => Some(Failed::Swap(key, typed)),
                    RotaChange::Remove(_) | RotaChange::Unswap(..) => None,
                };
                show(&room, &refusal.into(), failed.as_ref()).await
            }
        }
    };
    done.await.unwrap_or_else(|fault| fault.page(&room))
}
