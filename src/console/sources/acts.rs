//! Mutes, pauses, and looks out of turn. The first two are acts; a look is asked for at the running room, which says when
//! it will be.

use std::time::Duration;

use axum::{
    Form,
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{meant, path_of, source_of};
use crate::{
    collect::poll::{NotPolled, Polled},
    console::{
        editing,
        fault::Fault,
        view::{When, query, short},
        visit::Visit,
    },
    locale::Locale,
    model::Act,
};

/// Characters of a reason.
const REASON: usize = 200;
/// Longest pause or mute with an end, in hours: a year.
const LONGEST: i64 = 8_760;
/// The running room answers between two jobs; longer than this nobody waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// The fields of these forms.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Fields {
    /// The source whose page shows the form or is to be shown; empty: the list.
    name: String,
    /// Under what a fault is told: that of a source, or of a host with several.
    subject: String,
    by: String,
    reason: String,
    hours: String,
}

/// 静音: nothing more is to be heard of a fault, for a reason.
pub(in super::super) async fn mute(room: Visit, Form(fields): Form<Fields>) -> Response {
    let done = async {
        let (by, reason) = (person(&room, &fields)?, reason(&room, &fields)?);
        let wrong = room.settings().locale.pick("静音的小时数要写 1 到 8760", "give 1 to 8760 hours");
        let until = end(&room, &fields, wrong)?;
        room.act(Act::Mute { subject: fields.subject.clone(), by, reason, until }, None).await
    };
    finished(&room, done.await, &meant(&room, &fields.name), "muted")
}

/// 取消静音.
pub(in super::super) async fn unmute(room: Visit, Form(fields): Form<Fields>) -> Response {
    let done = async {
        let by = person(&room, &fields)?;
        room.act(Act::Unmute { subject: fields.subject.clone(), by }, None).await
    };
    finished(&room, done.await, &meant(&room, &fields.name), "unmuted")
}

/// 暂停.
pub(in super::super) async fn pause(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.name = meant(&room, &fields.name);
    let done = async {
        let (by, reason) = (person(&room, &fields)?, reason(&room, &fields)?);
        let wrong = room.settings().locale.pick("暂停的小时数要写 1 到 8760", "give 1 to 8760 hours");
        let until = end(&room, &fields, wrong)?;
        room.act(Act::PauseSource { source: fields.name.clone(), by, reason, until }, None).await
    };
    finished(&room, done.await, &fields.name, "paused")
}

/// 恢复.
pub(in super::super) async fn resume(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.name = meant(&room, &fields.name);
    let done = async {
        let by = person(&room, &fields)?;
        room.act(Act::ResumeSource { source: fields.name.clone(), by }, None).await
    };
    finished(&room, done.await, &fields.name, "resumed")
}

/// 立即查看.
pub(in super::super) async fn poll(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.name = meant(&room, &fields.name);
    let done = async {
        let locale = room.settings().locale;
        // What nobody knows is not asked for, nor recorded.
        source_of(&room, &fields.name)?;
        let by = person(&room, &fields)?;
        let scout = room.console.scout.clone().ok_or(Fault::Nowhere)?;
        let answer = tokio::time::timeout(PATIENCE, scout.bell.ring(&fields.name)).await;
        let answer = answer.unwrap_or(Err(NotPolled::Nobody)).map_err(|why| refused(why, locale))?;
        room.act(Act::PollSource { source: fields.name.clone(), by }, None).await?;
        Ok::<_, Fault>(answer)
    };
    match done.await {
        Ok(answer) => {
            let when = When::new(room.now(), &room.settings());
            let said = match answer {
                Polled::At(at) if at <= when.now => "now".to_owned(),
                Polled::At(at) => when.time(at),
                Polled::Running => "running".to_owned(),
            };
            let done = query([("done", "polled"), ("at", &said)]);
            Redirect::to(&format!("{}?{done}", path_of(&fields.name))).into_response()
        }
        Err(fault) => fault.page(&room),
    }
}

fn refused(why: NotPolled, locale: Locale) -> Fault {
    let (zh, en) = match why {
        NotPolled::Unknown => ("没有这个信源，或已停用", "there is no such source, or it is switched off"),
        NotPolled::Paused => ("这个信源已暂停，请先恢复", "the source is paused; resume it first"),
        NotPolled::HandedIn => (
            "内容由别的程序送来，没有可以查看的网页",
            "another program sends its posts; there is nothing to read",
        ),
        NotPolled::Nobody => ("采集没有应答，请看“系统”与日志", "collecting does not answer; see the log"),
    };
    Fault::Form(locale.pick(zh, en))
}

fn person(room: &Visit, fields: &Fields) -> Result<String, Fault> {
    room.signed(&fields.by).map_err(Fault::Form)
}

fn reason(room: &Visit, fields: &Fields) -> Result<String, Fault> {
    let reason = short(&fields.reason, REASON);
    let missing = room.settings().locale.pick("请写理由", "give a reason");
    if reason.is_empty() { Err(Fault::Form(missing)) } else { Ok(reason) }
}

/// When it ends by itself: so many hours from now; `None` where none are written.
fn end(room: &Visit, fields: &Fields, wrong: &'static str) -> Result<Option<Timestamp>, Fault> {
    if fields.hours.trim().is_empty() {
        return Ok(None);
    }
    let hours = fields.hours.trim().parse().ok().filter(|hours| (1..=LONGEST).contains(hours));
    let end = hours.and_then(|hours| room.now().checked_add(SignedDuration::from_hours(hours)).ok());
    end.map(Some).ok_or(Fault::Form(wrong))
}

/// Back to where the form was: the page of the source, or the list.
fn finished(room: &Visit, done: Result<(), Fault>, name: &str, what: &str) -> Response {
    let page = if name.is_empty() { "/sources".to_owned() } else { path_of(name) };
    match done {
        Ok(()) => editing::done(&page, what),
        Err(fault) => fault.page(room),
    }
}
