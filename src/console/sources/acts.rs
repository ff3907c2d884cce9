//! Pauses, and looks out of turn. A pause is an act like a mute; a look is asked for at the running room, which says when
//! it will be.

use std::time::Duration;

use axum::{
    Form,
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::SignedDuration;
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::{meant, path_of, source_of};
use crate::{
    collect::poll::{NotPolled, Polled},
    console::{
        fault::Fault,
        view::{When, clean},
        visit::Visit,
    },
    locale::Locale,
    model::Act,
};

/// Characters of a name and of a reason.
const NAME: usize = 40;
const REASON: usize = 200;
/// Longest pause with an end, in hours: a year.
const LONGEST: i64 = 8_760;
/// The running room answers between two jobs; longer than this nobody waits.
const PATIENCE: Duration = Duration::from_secs(10);

/// The fields of these forms.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Fields {
    name: String,
    by: String,
    reason: String,
    hours: String,
}

/// 暂停.
pub(in super::super) async fn pause(room: Visit, Form(mut fields): Form<Fields>) -> Response {
    fields.name = meant(&room, &fields.name);
    let done = async {
        let locale = room.settings().locale;
        let by = person(&room, &fields)?;
        let reason: String = clean(&fields.reason).chars().take(REASON).collect();
        if reason.is_empty() {
            return Err(Fault::Form(locale.pick("请写理由", "give a reason")));
        }
        let wrong = Fault::Form(locale.pick("暂停的小时数要写 1 到 8760", "give 1 to 8760 hours"));
        let until = match fields.hours.trim() {
            "" => None,
            hours => {
                let hours = hours.parse::<i64>().ok().filter(|hours| (1..=LONGEST).contains(hours));
                let Some(hours) = hours else { return Err(wrong) };
                room.now().checked_add(SignedDuration::from_hours(hours)).ok()
            }
        };
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
            let said: String = byte_serialize(said.as_bytes()).collect();
            Redirect::to(&format!("{}?done=polled&at={said}", path_of(&fields.name))).into_response()
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
    let by: String = clean(&room.signs(&fields.by)).chars().take(NAME).collect();
    let missing = room.settings().locale.pick("请写姓名", "say who you are");
    if by.is_empty() { Err(Fault::Form(missing)) } else { Ok(by) }
}

fn finished(room: &Visit, done: Result<(), Fault>, name: &str, what: &str) -> Response {
    match done {
        Ok(()) => Redirect::to(&format!("{}?done={what}", path_of(name))).into_response(),
        Err(fault) => fault.page(room),
    }
}
