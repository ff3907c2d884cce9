//! 值班台: what needs somebody now, by gravity and due time; or the calm that says when everything was
//! last looked at.

use std::collections::BTreeSet;

use axum::{
    http::HeaderMap,
    response::{IntoResponse as _, Response},
};
use minijinja::{Value, context};
use serde::Serialize;

use super::{
    Room, asked,
    calm::Watch,
    fault::Fault,
    held::Held,
    pace::Pace,
    pages::shown,
    view::{Card, Clock, When, clean},
    visit::Visit,
};
use crate::{
    locale::notice::phone_text,
    model::{ChannelKind, Detail, Incident, IncidentState, NoticeState},
    store::{IncidentFilter, Outgoing},
};

/// Incidents shown as cards; more are listed on their own page.
const CARDS: usize = 24;
/// Notices looked through for phone tasks and for the last deliveries.
const NOTICES: usize = 400;
const LAST_DELIVERIES: usize = 8;

pub(super) async fn page(room: Visit, headers: HeaderMap) -> Response {
    show(&room, &headers, "home.html").await.unwrap_or_else(|fault| fault.page(&room))
}

/// The living part of the page alone, which the script fetches when something changed.
pub(super) async fn live(room: Visit, headers: HeaderMap) -> Response {
    show(&room, &headers, "live.html").await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, headers: &HeaderMap, template: &str) -> Result<Response, Fault> {
    let given = gather(room, headers).await?;
    Ok(room.pages.render(room, template, given)?.into_response())
}

/// What home and the big screen show.
pub(super) async fn gather(room: &Visit, headers: &HeaderMap) -> Result<Value, Fault> {
    let when = When::new(room.now(), &room.settings());
    let store = room.store();
    let filter = IncidentFilter { open_only: true, limit: 500, ..IncidentFilter::default() };
    let incidents = asked(store.incidents(filter)).await?;
    let is_open = |one: &&Incident| one.state == IncidentState::Open && room.person.sees(&one.unit);
    let open: Vec<_> = incidents.iter().filter(is_open).collect();
    let cards = cards(room, &when, &open).await?;
    let mut notices = asked(store.notices(NOTICES)).await?;
    notices.retain(|row| room.sees_notice(&row.notice));
    let waiting = notices.iter().filter(|row| waits(row)).count();
    let refused =
        notices.iter().filter(|row| matches!(row.notice.state, NoticeState::Refused { .. })).count();
    let deliveries: Vec<_> = notices
        .iter()
        .filter(|row| !matches!(row.notice.state, NoticeState::Cancelled { .. }))
        .take(LAST_DELIVERIES)
        .map(|row| when.notice(&row.notice, row.attempts))
        .collect();
    let tasks: Vec<_> = notices.iter().filter_map(|row| task(row, &when)).collect();
    let state = asked(store.desk_state()).await?;
    let (pace, held) = (Pace::of(room, &state, &when), Held::of(room, &state, &when));
    let watch = Watch::of(room, &asked(store.source_states()).await?, &notices, &state, &when);
    let people = people(room, &cards);
    Ok(context! {
        more => open.len().saturating_sub(cards.len()),
        alarm => cards.iter().any(|card| !card.clocks.is_empty() || card.waits_for_ack),
        tasks => shown(&tasks),
        cards => shown(&cards),
        deliveries => shown(&deliveries),
        well => watch.is_well(),
        troubles => shown(&watch.troubles),
        sources => shown(&watch.sources),
        seated => room.seat(headers),
        people,
        waiting, refused,
        pace => shown(&pace),
        held => shown(&held),
        units => room.units(),
    })
}

async fn cards(room: &Room, when: &When, open: &[&Incident]) -> Result<Vec<Card>, Fault> {
    let mut gravest: Vec<_> = open.iter().collect();
    gravest.sort_by_key(|incident| {
        (super::view::from_the_top(&incident.plan, incident.rank), std::cmp::Reverse(incident.graded_at))
    });
    let mut cards = Vec::new();
    for incident in gravest.into_iter().take(CARDS) {
        if let Some(view) = asked(room.store().incident(incident.id)).await? {
            cards.push(when.card(&view));
        }
    }
    cards.sort_by_key(|card| (card.gravity, card.next_due_ms, card.id));
    Ok(cards)
}

/// Everybody whom a plan's lines or a card name, for choosing who sits here.
fn people(room: &Room, cards: &[Card]) -> Vec<String> {
    let settings = room.settings();
    let tiers = settings.plans.values().flat_map(|plan| &plan.tiers);
    let planned = tiers.flat_map(|tier| &tier.lines).flat_map(|line| line.steps.iter().flatten());
    let names: BTreeSet<&String> = planned.chain(cards.iter().flat_map(|card| &card.contacts)).collect();
    names.into_iter().cloned().collect()
}

fn waits(row: &Outgoing) -> bool {
    row.notice.state == NoticeState::Pending && row.notice.channel.is_dispatched()
}

/// A call to make: whom, which number, what to read out, by when.
#[derive(Debug, Serialize)]
struct Task {
    id: String,
    incident: Option<u64>,
    contact: String,
    number: String,
    tier: String,
    read: String,
    clock: Clock,
}

fn task(row: &Outgoing, when: &When) -> Option<Task> {
    let notice = &row.notice;
    if notice.channel != ChannelKind::Phone || notice.state != NoticeState::Pending {
        return None;
    }
    let deadline = crate::model::Deadline {
        key: String::new(),
        incident: notice.incident.unwrap_or(crate::model::IncidentId(0)),
        kind: crate::model::DeadlineKind::Report,
        rank: notice.rank,
        line: None,
        step: 0,
        base: crate::model::Base::Graded,
        base_at: notice.created_at,
        due_at: notice.due_at,
        state: crate::model::DeadlineState::Running,
        warned: false,
        duty: None,
        name: None,
        warnings: 0,
        reminders: 0,
        passed: false,
        moved: false,
    };
    Some(Task {
        id: notice.id.0.clone(),
        incident: notice.incident.map(|id| id.0),
        contact: notice.contact.clone(),
        number: notice.address.clone(),
        tier: notice.facts.tier_name.clone(),
        read: clean(&phone_text(notice, Detail::Full, when.locale, &when.zone)),
        clock: when.clock(&deadline, when.locale.pick("打通电话", "call").to_owned()),
    })
}
