//! The confirm page of a signed link: opening it confirms nothing, the button does; used twice it shows
//! who confirmed when; expired it leads to the login (SEMANTICS 23).

use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use minijinja::{Value, context};

use super::{
    Room, asked,
    fault::Fault,
    guest::Guest,
    pages::{Reader as _, shown},
    view::{When, beginning, tier_class, words},
};
use crate::{
    desk::Input,
    dispatch::{Claim, ConfirmError},
    locale::reason_line,
    model::{Ack, AckHow, Act, Deadline, DeadlineKind, DeadlineState, Incident},
    store::IncidentView,
};

pub(super) async fn page(guest: Guest, token: Path<String>) -> Response {
    answer(guest, token, false).await
}

pub(super) async fn confirm(guest: Guest, token: Path<String>) -> Response {
    answer(guest, token, true).await
}

async fn answer(guest: Guest, Path(token): Path<String>, pressed: bool) -> Response {
    let room = guest.room();
    let verified = room.settings().confirm_key.verify(&token, room.now());
    let found = match verified {
        Ok(claim) => claimed(&guest, &claim, pressed).await,
        Err(ConfirmError::Expired(claim)) => expired(&guest, &claim).await,
        Err(ConfirmError::Forged) => Ok((StatusCode::NOT_FOUND, context! { outcome => "forged" })),
    };
    let page =
        found.and_then(|(status, given)| Ok((status, room.pages.render(&guest, "confirm.html", given)?)));
    match page {
        Ok(page) => page.into_response(),
        Err(fault) => fault.page(&guest),
    }
}

async fn claimed(guest: &Guest, claim: &Claim, pressed: bool) -> Result<(StatusCode, Value), Fault> {
    let room = guest.room();
    let view = view(room, claim).await?;
    let incident = &view.incident;
    let when = When::new(room.now(), &guest.settings());
    if let Some(ack) = given(incident, claim) {
        return Ok((StatusCode::OK, done(incident, ack, &when)));
    }
    if !pressed {
        return Ok((StatusCode::OK, ask(&view, claim, &when)));
    }
    let act = Act::Acknowledge {
        incident: incident.id,
        contact: claim.contact.clone(),
        rank: Some(claim.rank),
        how: AckHow::Link,
        recorded_by: None,
        at: None,
    };
    room.console.inbox.put(Input::Act(act)).await?;
    let incident = self::view(room, claim).await?.incident;
    let now = Ack {
        contact: claim.contact.clone(),
        rank: claim.rank,
        line: None,
        at: when.now,
        how: AckHow::Link,
        recorded_by: None,
    };
    Ok((StatusCode::OK, done(&incident, given(&incident, claim).unwrap_or(&now), &when)))
}

/// An expired link still shows a confirmation that was given in time.
async fn expired(guest: &Guest, claim: &Claim) -> Result<(StatusCode, Value), Fault> {
    let room = guest.room();
    let incident = view(room, claim).await?.incident;
    let when = When::new(room.now(), &guest.settings());
    Ok(match given(&incident, claim) {
        Some(ack) => (StatusCode::OK, done(&incident, ack, &when)),
        None => (StatusCode::GONE, context! { outcome => "expired", incident => incident.id.0 }),
    })
}

async fn view(room: &Room, claim: &Claim) -> Result<IncidentView, Fault> {
    asked(room.store().incident(claim.incident)).await?.ok_or(Fault::Nowhere)
}

/// The clock by which it is to be confirmed; the first that runs, where several do.
fn limit(view: &IncidentView, claim: &Claim, when: &When) -> Option<Value> {
    let owed = |state: DeadlineState| {
        let is_owed = |deadline: &&Deadline| {
            deadline.kind == DeadlineKind::Acknowledge
                && deadline.rank == claim.rank
                && deadline.state == state
        };
        view.deadlines.iter().find(is_owed)
    };
    let owed = owed(DeadlineState::Running).or_else(|| owed(DeadlineState::Overdue))?;
    Some(shown(&when.clock(owed, words::deadline(owed, when.locale))))
}

/// The confirmation that this link was for, when it has been given.
fn given<'a>(incident: &'a Incident, claim: &Claim) -> Option<&'a Ack> {
    incident.acks.iter().find(|ack| ack.contact == claim.contact && ack.rank >= claim.rank)
}

fn ask(view: &IncidentView, claim: &Claim, when: &When) -> Value {
    let incident = &view.incident;
    context! {
        outcome => "ask",
        incident => incident.id.0,
        tier => incident.plan.tier(claim.rank).name.clone(),
        tier_class => tier_class(&incident.plan, claim.rank),
        unit => incident.unit.clone(),
        gist => beginning(&incident.gist, 80),
        reason => reason_line(&incident.reason, when.locale, &when.zone),
        limit => limit(view, claim, when),
        risen => incident.rank > claim.rank,
        contact => claim.contact.clone(),
    }
}

fn done(incident: &Incident, ack: &Ack, when: &When) -> Value {
    context! {
        outcome => "done",
        incident => incident.id.0,
        gist => beginning(&incident.gist, 80),
        contact => ack.contact.clone(),
        at => when.time(ack.at),
        how => words::how(ack.how, when.locale),
    }
}
