//! The confirm page of a signed link: opening it confirms nothing, the button does; used twice it shows
//! who confirmed when; expired it leads to the login (SEMANTICS 23).

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use minijinja::{Value, context};

use super::{
    Room, asked,
    fault::Fault,
    view::{When, beginning, tier_class, words},
};
use crate::{
    desk::Input,
    dispatch::{Claim, ConfirmError},
    locale::reason_line,
    model::{Ack, AckHow, Act, Incident},
};

pub(super) async fn page(room: State<Room>, token: Path<String>) -> Response {
    answer(room, token, false).await
}

pub(super) async fn confirm(room: State<Room>, token: Path<String>) -> Response {
    answer(room, token, true).await
}

async fn answer(State(room): State<Room>, Path(token): Path<String>, pressed: bool) -> Response {
    let verified = room.settings().confirm_key.verify(&token, room.now());
    let shown = match verified {
        Ok(claim) => claimed(&room, &claim, pressed).await,
        Err(ConfirmError::Expired(claim)) => expired(&room, &claim).await,
        Err(ConfirmError::Forged) => Ok((StatusCode::NOT_FOUND, context! { outcome => "forged" })),
    };
    let page =
        shown.and_then(|(status, given)| Ok((status, room.pages.render(&room, "confirm.html", given)?)));
    match page {
        Ok(page) => page.into_response(),
        Err(fault) => fault.page(&room),
    }
}

async fn claimed(room: &Room, claim: &Claim, pressed: bool) -> Result<(StatusCode, Value), Fault> {
    let incident = incident(room, claim).await?;
    let when = When::new(room.now(), &room.settings());
    if let Some(ack) = given(&incident, claim) {
        return Ok((StatusCode::OK, done(&incident, ack, &when)));
    }
    if !pressed {
        return Ok((StatusCode::OK, ask(&incident, claim, &when)));
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
    let incident = self::incident(room, claim).await?;
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
async fn expired(room: &Room, claim: &Claim) -> Result<(StatusCode, Value), Fault> {
    let incident = incident(room, claim).await?;
    let when = When::new(room.now(), &room.settings());
    Ok(match given(&incident, claim) {
        Some(ack) => (StatusCode::OK, done(&incident, ack, &when)),
        None => (StatusCode::GONE, context! { outcome => "expired", incident => incident.id.0 }),
    })
}

async fn incident(room: &Room, claim: &Claim) -> Result<Incident, Fault> {
    let view = asked(room.store().incident(claim.incident)).await?;
    view.map(|view| view.incident).ok_or(Fault::Nowhere)
}

/// The confirmation that this link was for, when it has been given.
fn given<'a>(incident: &'a Incident, claim: &Claim) -> Option<&'a Ack> {
    incident.acks.iter().find(|ack| ack.contact == claim.contact && ack.rank >= claim.rank)
}

fn ask(incident: &Incident, claim: &Claim, when: &When) -> Value {
    context! {
        outcome => "ask",
        tier => incident.plan.tier(claim.rank).name.clone(),
        tier_class => tier_class(&incident.plan, claim.rank),
        unit => incident.unit.clone(),
        gist => beginning(&incident.gist, 80),
        reason => reason_line(&incident.reason, when.locale, &when.zone),
        risen => incident.rank > claim.rank,
        contact => claim.contact.clone(),
    }
}

fn done(incident: &Incident, ack: &Ack, when: &When) -> Value {
    context! {
        outcome => "done",
        gist => beginning(&incident.gist, 80),
        contact => ack.contact.clone(),
        at => when.time(ack.at),
        how => words::how(ack.how, when.locale),
    }
}
