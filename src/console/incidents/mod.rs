//! 事件: the list of incidents, searched and narrowed, a page at a time. Pages begin behind the last row of the one
//! before, so what comes in meanwhile moves nothing under the reader's eyes.

pub(super) mod bulk;
pub(super) mod export;
mod query;
pub(super) mod saved;

use axum::{
    extract::RawQuery,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::Serialize;

use self::query::Asked;
use super::{
    asked,
    fault::Fault,
    pages::shown,
    view::{Choice, When, beginning, choices, clean, tier_class, words},
    visit::Visit,
};
use crate::{
    locale::{Locale, grouped, short_number},
    model::{Incident, IncidentState},
    store::{COUNTED, IncidentChoices, Place, SavedSearch, Turn},
};

/// Rows of a page.
const ROWS: usize = 50;

pub(super) async fn page(room: Visit, RawQuery(query): RawQuery) -> Response {
    let asked = Asked::read(query.as_deref().unwrap_or_default());
    show(&room, &asked).await.unwrap_or_else(|fault| fault.page(&room))
}

/// An incident as a row.
#[derive(Serialize)]
struct Line {
    id: u64,
    unit: String,
    gist: String,
    tier: String,
    class: &'static str,
    state: &'static str,
    is_open: bool,
    stage: String,
    /// Who leads.
    lead: String,
    confirmed: bool,
    views: Figure,
    reposts: Figure,
    posts: Figure,
    sites: Vec<String>,
    more_sites: usize,
    detected: String,
}

/// A number for the eye, and the whole of it.
#[derive(Serialize)]
struct Figure {
    short: String,
    whole: String,
}

impl Figure {
    fn of(number: Option<u64>, locale: Locale) -> Self {
        let unknown = || locale.pick("未知", "unknown").to_owned();
        Self {
            short: number.map_or_else(unknown, |number| short_number(number, locale)),
            whole: number.map_or_else(unknown, grouped),
        }
    }
}

impl Line {
    fn of(incident: &Incident, when: &When) -> Self {
        let heat = &incident.heat;
        let site = |site: &String| clean(words::site(site, when.locale));
        Self {
            id: incident.id.0,
            unit: clean(&incident.unit),
            gist: beginning(&incident.gist, 60),
            tier: clean(&incident.plan.tier(incident.rank).name),
            class: tier_class(&incident.plan, incident.rank),
            state: words::incident_state(incident.state, when.locale),
            is_open: incident.state == IncidentState::Open,
            stage: clean(incident.stage()),
            lead: incident.course.assignment.as_ref().map_or_else(String::new, |one| clean(&one.lead)),
            confirmed: incident.acks.iter().any(|ack| ack.rank >= incident.rank),
            views: Figure::of(heat.daily_views, when.locale),
            reposts: Figure::of(heat.reposts, when.locale),
            posts: Figure::of(Some(heat.posts), when.locale),
            sites: heat.sites.iter().take(3).map(site).collect(),
            more_sites: heat.sites.len().saturating_sub(3),
            detected: when.day_time(incident.detected_at),
        }
    }
}

/// Something to choose, with the word for it.
/// A saved search as a chip.
#[derive(Serialize)]
struct Chip {
    name: String,
    query: String,
    by: String,
    at: String,
    here: bool,
}

async fn show(room: &Visit, asked_for: &Asked) -> Result<Response, Fault> {
    let (settings, store) = (room.settings(), room.store());
    let when = When::new(room.now(), &settings);
    let (mut search, wrong) = asked_for.search(&when);
    search.within = room.within();
    (search.limit, search.count) = (ROWS, true);
    let found = asked(store.search(search)).await?;
    let there = asked(store.choices(room.within())).await?;
    let saved = asked(store.saved_searches()).await?;
    let lines: Vec<_> = found.incidents.iter().map(|incident| Line::of(incident, &when)).collect();
    let turn = |place: Option<&Incident>, turn: fn(Place) -> Turn| {
        place.map(|incident| asked_for.address(turn(Place::of(incident))))
    };
    let here = asked_for.address(Turn::First);
    let chips: Vec<_> = saved.iter().map(|one| chip(one, &here, &when)).collect();
    let total = found.total.unwrap_or(0);
    let given = context! {
        incidents => shown(&lines),
        total => total_words(total, when.locale),
        narrowed => asked_for.is_narrowed(),
        wrong => wrong,
        earlier => turn(found.incidents.first().filter(|_| found.earlier), Turn::Before),
        later => turn(found.incidents.last().filter(|_| found.later), Turn::After),
        is_first => matches!(asked_for.turn(), Turn::First),
        first => here,
        filters => shown(asked_for),
        lists => shown(&Lists::of(&room.units(), &there, asked_for, &when)),
        active => shown(&asked_for.active(&when)),
        chips => shown(&chips),
        export_limit => grouped(u64::try_from(export::MOST).unwrap_or(u64::MAX)),
        is_cut => total > export::MOST || total > COUNTED,
        units => room.units(),
        tier_names => tier_names(&settings),
        entry_id => format!("{:016x}", fastrand::u64(..)),
        now_local => when.now.to_zoned(when.zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string(),
        done => done_words(&asked_for.done, when.locale),
    };
    Ok(room.pages.render(room, "incidents.html", given)?.into_response())
}

fn chip(saved: &SavedSearch, here: &str, when: &When) -> Chip {
    Chip {
        name: clean(&saved.name),
        query: saved.query.clone(),
        by: clean(&saved.by),
        at: when.day_time(saved.at),
        here: !here.is_empty() && saved.query == here,
    }
}

/// What each list of the form offers.
#[derive(Serialize)]
struct Lists {
    units: Vec<Choice>,
    tiers: Vec<Choice>,
    states: Vec<Choice>,
    stages: Vec<Choice>,
    sites: Vec<Choice>,
    groups: Vec<Choice>,
}

impl Lists {
    fn of(units: &[String], there: &IncidentChoices, asked: &Asked, when: &When) -> Self {
        let plain = |value: &str| clean(value);
        let states: Vec<String> = query::STATES.iter().map(|(id, _)| (*id).to_owned()).collect();
        Self {
            units: choices(units, &asked.unit, plain),
            tiers: choices(&there.tiers, &asked.tier, plain),
            states: choices(&states, &asked.state, |id| query::state_word(id, when.locale)),
            stages: choices(&there.stages, &asked.stage, plain),
            sites: choices(&there.sites, &asked.site, |site| clean(words::site(site, when.locale))),
            groups: choices(&there.groups, &asked.group, plain),
        }
    }
}

/// Names of the tiers of all plans, the gravest first: what an entry by hand may be given.
fn tier_names(settings: &super::Settings) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for tier in settings.plans.values().flat_map(|plan| plan.tiers.iter().rev()) {
        if !names.contains(&tier.name) {
            names.push(tier.name.clone());
        }
    }
    names
}

fn total_words(total: usize, locale: Locale) -> String {
    if total > COUNTED {
        return format!("{}+", short_number(u64::try_from(COUNTED).unwrap_or(u64::MAX), locale));
    }
    grouped(u64::try_from(total).unwrap_or(u64::MAX))
}

/// Only known words: what stands in an address must not become text of ours.
fn done_words(done: &str, locale: Locale) -> Option<&'static str> {
    match done {
        "saved" => Some(locale.pick("筛选已保存，全办公室可用", "the search is saved for the office")),
        "forgotten" => Some(locale.pick("已删除保存的筛选", "the saved search is gone")),
        _ => None,
    }
}
