//! The forms: each becomes an act put to the desk, and the page is shown again after its commit.

use axum::{
    Form,
    extract::Path,
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{
    Settings,
    course::local_time,
    fault::Fault,
    view::{clean, short},
    visit::Visit,
};
use crate::{
    locale::Locale,
    model::{AckHow, Act, IncidentId, Kind, NoticeId, PostKey},
};

/// The fields of all forms; each form has those that it needs.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    contact: String,
    by: String,
    text: String,
    reason: String,
    tier: String,
    kind: String,
    other: String,
    notice: String,
    incident: String,
    hours: String,
    unit: String,
    on: String,
    group: String,
    number: String,
    post: String,
    at: String,
    from: String,
    until: String,
    back: String,
}

/// Longest name and longest text that a form takes, in characters.
const NAME: usize = 40;
const TEXT: usize = 2_000;

pub(super) async fn acknowledge(room: Visit, id: Path<u64>, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    let zone = room.settings().zone.clone();
    // Pressed on home: the card there says who confirmed.
    let home = (fields.back == "home").then(|| format!("/#card-{}", *id));
    let done = act(room, id, "acknowledge", |incident, locale| {
        let contact = name(&fields.contact, locale.pick("请选择签收人", "say who confirms"))?;
        // An empty name means that the contact sits at the desk.
        let recorded_by = Some(clean(&fields.by)).filter(|by| !by.is_empty());
        let how = if recorded_by.is_some() { AckHow::Phone } else { AckHow::Console };
        let at = local_time(&fields.at, &zone, locale)?;
        Ok(Act::Acknowledge { incident, contact, rank: None, how, recorded_by, at })
    })
    .await;
    match home {
        Some(home) if done.status().is_redirection() => Redirect::to(&home).into_response(),
        _ => done,
    }
}

pub(super) async fn respond(room: Visit, id: Path<u64>, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    act(room, id, "respond", |incident, locale| {
        let by = name(&fields.by, locale.pick("请写登记人姓名", "say who registers it"))?;
        let text =
            words(&fields.text, locale.pick("请写回应的链接或内容", "give the answer's link or words"))?;
        Ok(Act::Respond { incident, by, text })
    })
    .await
}

pub(super) async fn close(room: Visit, id: Path<u64>, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    act(room, id, "close", |incident, locale| {
        Ok(Act::Close { incident, by: person(&fields, locale)?, reason: reason(&fields, locale)? })
    })
    .await
}

pub(super) async fn set_tier(room: Visit, id: Path<u64>, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    act(room, id, "override", |incident, locale| {
        let tier = name(&fields.tier, locale.pick("请选择等级", "choose a tier"))?;
        Ok(Act::Override { incident, tier, by: person(&fields, locale)?, reason: reason(&fields, locale)? })
    })
    .await
}

pub(super) async fn set_kind(room: Visit, id: Path<u64>, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    act(room, id, "kind", |incident, locale| {
        let missing = Fault::Form(locale.pick("请选择类别", "choose a kind"));
        let kind = Kind::of_id(&fields.kind).ok_or(missing)?;
        Ok(Act::SetKind { incident, kind, by: person(&fields, locale)?, reason: reason(&fields, locale)? })
    })
    .await
}

pub(super) async fn merge(room: Visit, id: Path<u64>, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    act(room, id, "merge", |incident, locale| {
        let missing =
            locale.pick("请选择另一个事件，或写它的编号", "choose the other incident, or give its number");
        // A number that was typed counts before the one that was picked from the list.
        let wanted = [&fields.number, &fields.other].into_iter().find(|text| !text.trim().is_empty());
        let other = wanted.and_then(|text| text.trim().trim_start_matches('#').parse().ok());
        let other = other.ok_or(Fault::Form(missing))?;
        let other = IncidentId(other);
        Ok(Act::Merge { incident, other, by: person(&fields, locale)?, reason: reason(&fields, locale)? })
    })
    .await
}

/// 拆分: a post, with its reposts, gets an incident of its own.
pub(super) async fn split(room: Visit, id: Path<u64>, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    act(room, id, "split", |incident, locale| {
        let missing = locale.pick("请选择拆出哪一篇", "choose a post");
        let (site, id) = fields.post.split_once('/').ok_or(Fault::Form(missing))?;
        let post = PostKey { site: site.to_owned(), id: id.to_owned() };
        let (by, reason) = (person(&fields, locale)?, reason(&fields, locale)?);
        Ok(Act::Split { post, incident: Some(incident), by, reason })
    })
    .await
}

/// 应急值守 on or off, for so many hours or until it is switched off.
pub(super) async fn emergency(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    let locale = room.settings().locale;
    let put = async {
        let unit = name(&fields.unit, locale.pick("请选择单位", "choose a unit"))?;
        let missing = locale.pick("时长写小时数，如 12；不写为一直开启", "give hours, such as 12");
        let hours = match fields.hours.trim() {
            "" => None,
            hours => Some(hours.parse::<u32>().ok().filter(|hours| *hours > 0).ok_or(Fault::Form(missing))?),
        };
        let length = hours.map(|hours| SignedDuration::from_hours(i64::from(hours)));
        let until = length.and_then(|length| room.now().checked_add(length).ok());
        let on = fields.on == "1";
        let (by, reason) = (person(&fields, locale)?, reason(&fields, locale)?);
        let act = Act::Emergency { unit, on, until: until.filter(|_| on), by, reason };
        room.act(act, None).await
    };
    match put.await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(fault) => fault.page(&room),
    }
}

/// 静默: alerts of a unit or of one keyword group wait for so many hours, or from one local time to another.
pub(super) async fn silence(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    let settings = room.settings();
    let locale = settings.locale;
    let act = || {
        let (from, until) = span(&fields, room.now(), &settings)?;
        let group = Some(clean(&fields.group)).filter(|group| !group.is_empty());
        Ok(Act::Silence {
            unit: name(&fields.unit, locale.pick("请选择单位", "choose a unit"))?,
            group: group.map(|group| group.chars().take(TEXT).collect()),
            up_to: name(&fields.tier, locale.pick("请选择等级", "choose a tier"))?,
            from,
            until,
            by: person(&fields, locale)?,
            reason: reason(&fields, locale)?,
        })
    };
    on_home(&room, act()).await
}

/// When a silence begins (`None`: now) and ends; the desk says the rest of what cannot be.
fn span(
    fields: &Fields,
    now: Timestamp,
    settings: &Settings,
) -> Result<(Option<Timestamp>, Timestamp), Fault> {
    let locale = settings.locale;
    let from = local_time(&fields.from, &settings.zone, locale)?;
    let begins = from.unwrap_or(now).max(now);
    let until = match (fields.hours.trim(), local_time(&fields.until, &settings.zone, locale)?) {
        ("", Some(until)) => until,
        ("", None) => {
            let wrong = "请写静默的小时数，或者截止时间";
            return Err(Fault::Form(locale.pick(wrong, "give hours or an end")));
        }
        (_, Some(_)) => {
            let wrong = "小时数和截止时间只写一个";
            return Err(Fault::Form(locale.pick(wrong, "give hours or an end, not both")));
        }
        (hours, None) => {
            let wrong = || Fault::Form(locale.pick("静默的小时数要写 1 到 744", "give 1 to 744 hours"));
            let hours = hours.parse().ok().filter(|hours| (1..=744).contains(hours)).ok_or_else(wrong)?;
            begins.checked_add(SignedDuration::from_hours(hours)).map_err(|_| wrong())?
        }
    };
    if until <= begins {
        let wrong = "静默的截止时间要晚于开始时间和现在";
        return Err(Fault::Form(locale.pick(wrong, "the end must come after the beginning and after now")));
    }
    if until.duration_since(begins) > SignedDuration::from_hours(744) {
        return Err(Fault::Form(locale.pick("静默最长 31 天", "a silence lasts 31 days at most")));
    }
    Ok((from, until))
}

/// A silence ends before its time.
pub(super) async fn end_silence(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    let locale = room.settings().locale;
    let act = || {
        let missing = Fault::Form(locale.pick("请选择哪一个静默", "choose a silence"));
        let id = fields.number.trim().parse().map_err(|_| missing)?;
        Ok(Act::EndSilence { id, by: person(&fields, locale)? })
    };
    on_home(&room, act()).await
}

/// 月报已报送.
pub(super) async fn file_monthly(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    let locale = room.settings().locale;
    let act = || {
        Ok(Act::FileMonthly {
            unit: name(&fields.unit, locale.pick("请选择单位", "choose a unit"))?,
            by: name(&fields.by, locale.pick("请写登记人姓名", "say who registers it"))?,
            text: words(&fields.text, locale.pick("请写报送的文号或内容", "say what was handed up"))?,
        })
    };
    on_home(&room, act()).await
}

/// 已电话报告: the tick of a phone task.
pub(super) async fn phone_done(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.by = room.signs(&fields.by);
    let locale = room.settings().locale;
    let put = async {
        let by = name(&fields.by, locale.pick("请写打电话的人", "say who called"))?;
        let notice = NoticeId(fields.notice.clone());
        let at = local_time(&fields.at, &room.settings().zone, locale)?;
        room.act(Act::PhoneDone { notice, by, at }, None).await
    };
    match (put.await, fields.incident.parse::<u64>()) {
        (Ok(()), Ok(id)) => Redirect::to(&format!("/incidents/{id}?done=phone")).into_response(),
        (Ok(()), Err(_)) => Redirect::to("/").into_response(),
        (Err(fault), _) => fault.page(&room),
    }
}

async fn on_home(room: &Visit, act: Result<Act, Fault>) -> Response {
    let put = async { room.act(act?, None).await };
    match put.await {
        Ok(()) => Redirect::to("/").into_response(),
        Err(fault) => fault.page(room),
    }
}

async fn act(
    room: Visit,
    Path(id): Path<u64>,
    done: &str,
    read: impl FnOnce(IncidentId, Locale) -> Result<Act, Fault>,
) -> Response {
    let put = async {
        let act = read(IncidentId(id), room.settings().locale)?;
        room.act(act, None).await
    };
    match put.await {
        Ok(()) => Redirect::to(&format!("/incidents/{id}?done={done}")).into_response(),
        Err(fault) => fault.page(&room),
    }
}

fn person(fields: &Fields, locale: Locale) -> Result<String, Fault> {
    name(&fields.by, locale.pick("请写决定人姓名", "say who decides"))
}

fn reason(fields: &Fields, locale: Locale) -> Result<String, Fault> {
    words(&fields.reason, locale.pick("请写理由", "give a reason"))
}

fn name(text: &str, missing: &'static str) -> Result<String, Fault> {
    bounded(text, NAME, missing)
}

fn words(text: &str, missing: &'static str) -> Result<String, Fault> {
    bounded(text, TEXT, missing)
}

fn bounded(text: &str, most: usize, missing: &'static str) -> Result<String, Fault> {
    let text = short(text, most);
    if text.is_empty() { Err(Fault::Form(missing)) } else { Ok(text) }
}
