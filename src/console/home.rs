//! 值班台: what needs somebody now, by gravity and due time; or the calm that says when everything was
//! last looked at.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use minijinja::{Value, context};
use serde::Serialize;

use super::{
    Room, asked,
    fault::Fault,
    held::{Held, expected_until},
    pace::Pace,
    pages::shown,
    view::{Card, Clock, When, clean, words},
};
use crate::{
    locale::notice::phone_text,
    model::{ChannelKind, Detail, Incident, NoticeState},
    store::{IncidentFilter, Outgoing, SourceState},
};

/// Incidents shown as cards; more are listed on their own page.
const CARDS: usize = 24;
/// Notices looked through for phone tasks and for the last deliveries.
const NOTICES: usize = 400;
const LAST_DELIVERIES: usize = 8;

pub(super) async fn page(State(room): State<Room>) -> Response {
    show(&room, "home.html").await.unwrap_or_else(|fault| fault.page(&room))
}

/// The living part of the page alone, which the script fetches every few seconds.
pub(super) async fn live(State(room): State<Room>) -> Response {
    show(&room, "live.html").await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Room, template: &str) -> Result<Response, Fault> {
    let given = gather(room).await?;
    Ok(room.pages.render(room, template, given)?.into_response())
}

async fn gather(room: &Room) -> Result<Value, Fault> {
    let when = When::new(room.now(), &room.settings());
    let store = room.store();
    let filter = IncidentFilter { open_only: true, limit: 500, ..IncidentFilter::default() };
    let incidents = asked(store.incidents(filter)).await?;
    let open: Vec<_> = incidents.iter().filter(|i| i.state == crate::model::IncidentState::Open).collect();
    let cards = cards(room, &when, &open).await?;
    let notices = asked(store.notices(NOTICES)).await?;
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
    let sources = Sources::of(room, &asked(store.source_states()).await?, &when);
    Ok(context! {
        more => open.len().saturating_sub(cards.len()),
        alarm => cards.iter().any(|card| !card.clocks.is_empty()),
        tasks => shown(&tasks),
        cards => shown(&cards),
        deliveries => shown(&deliveries),
        sources => shown(&sources),
        waiting, refused,
        pace => shown(&pace),
        held => shown(&held),
        units => room.settings().units.clone(),
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

/// Whether the eyes are open: how many sources are well, which are not, when the slowest was looked at.
#[derive(Debug, Serialize)]
struct Sources {
    total: usize,
    well: usize,
    ill: Vec<Ill>,
    last_look: Option<String>,
    last_look_ago: Option<String>,
    oldest_look_ago: Option<String>,
}

#[derive(Debug, Serialize)]
struct Ill {
    name: String,
    word: String,
    class: &'static str,
    why: String,
    /// Which maintenance window covers it, and until when.
    maintenance: Option<String>,
}

impl Sources {
    fn of(room: &Room, states: &[SourceState], when: &When) -> Self {
        let active: Vec<_> = states.iter().filter(|state| state.health != "disabled").collect();
        let ill =
            active.iter().filter(|state| !["ok", "quiet"].contains(&state.health.as_str())).map(|state| {
                let (word, class) = words::health(&state.health, when.locale);
                Ill {
                    name: clean(&state.source),
                    word: word.to_owned(),
                    class,
                    why: clean(&state.why),
                    maintenance: expected_until(room, &state.subject(), when),
                }
            });
        let ill: Vec<_> = ill.collect();
        let looks: Vec<_> = active.iter().filter_map(|state| state.last_good_at).collect();
        let (newest, oldest) = (looks.iter().max().copied(), looks.iter().min().copied());
        Self {
            total: active.len(),
            well: active.len() - ill.len(),
            ill,
            last_look: newest.map(|at| when.time(at)),
            last_look_ago: newest.map(|at| when.ago(at)),
            oldest_look_ago: oldest.map(|at| when.ago(at)),
        }
    }
}
