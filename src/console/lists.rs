//! Lists: incidents, deliveries (投递), sources (信源).

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::Serialize;

use super::{
    Room, asked,
    fault::Fault,
    pages::shown,
    view::{When, beginning, clean, number, tier_class, words},
};
use crate::store::{IncidentFilter, SourceState};

const MOST: usize = 500;

pub(super) async fn incidents(State(room): State<Room>) -> Response {
    show_incidents(&room).await.unwrap_or_else(|fault| fault.page(&room))
}

#[derive(Serialize)]
struct Line {
    id: u64,
    unit: String,
    gist: String,
    tier: String,
    class: &'static str,
    state: &'static str,
    views: String,
    reposts: String,
    sites: usize,
    detected: String,
}

async fn show_incidents(room: &Room) -> Result<Response, Fault> {
    let when = When::new(room.now(), &room.settings());
    let rows =
        asked(room.store().incidents(IncidentFilter { limit: MOST, ..IncidentFilter::default() })).await?;
    let incidents: Vec<_> = rows
        .iter()
        .map(|incident| Line {
            id: incident.id.0,
            unit: incident.unit.clone(),
            gist: beginning(&incident.gist, 60),
            tier: incident.plan.tier(incident.rank).name.clone(),
            class: tier_class(&incident.plan, incident.rank),
            state: words::incident_state(incident.state, when.locale),
            views: number(incident.heat.daily_views, &when),
            reposts: number(incident.heat.reposts, &when),
            sites: incident.heat.sites.len(),
            detected: when.time(incident.detected_at),
        })
        .collect();
    Ok(room
        .pages
        .render(room, "incidents.html", context! { incidents => shown(&incidents) })?
        .into_response())
}

pub(super) async fn notices(State(room): State<Room>) -> Response {
    show_notices(&room).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show_notices(room: &Room) -> Result<Response, Fault> {
    let when = When::new(room.now(), &room.settings());
    let rows = asked(room.store().notices(MOST)).await?;
    let notices: Vec<_> = rows.iter().map(|row| when.notice(&row.notice, row.attempts)).collect();
    Ok(room.pages.render(room, "notices.html", context! { notices => shown(&notices) })?.into_response())
}

pub(super) async fn sources(State(room): State<Room>) -> Response {
    show_sources(&room).await.unwrap_or_else(|fault| fault.page(&room))
}

#[derive(Serialize)]
struct Source {
    name: String,
    word: String,
    class: &'static str,
    why: String,
    last_good: Option<String>,
    last_new: Option<String>,
    next: Option<String>,
    rounds: u64,
    posts: u64,
    mentions: u64,
    failures: u32,
}

impl Source {
    fn of(state: &SourceState, when: &When) -> Self {
        let (word, class) = words::health(&state.health, when.locale);
        Self {
            name: clean(&state.source),
            word: word.to_owned(),
            class,
            why: clean(&state.why),
            last_good: state.last_good_at.map(|at| when.time(at)),
            last_new: state.last_new_at.map(|at| when.time(at)),
            next: state.next_at.map(|at| when.time(at)),
            rounds: state.rounds,
            posts: state.posts,
            mentions: state.mentions,
            failures: state.failures,
        }
    }
}

async fn show_sources(room: &Room) -> Result<Response, Fault> {
    let when = When::new(room.now(), &room.settings());
    let states = asked(room.store().source_states()).await?;
    let sources: Vec<_> = states.iter().map(|state| Source::of(state, &when)).collect();
    Ok(room.pages.render(room, "sources.html", context! { sources => shown(&sources) })?.into_response())
}
