//! At what pace the office watches: emergency mode (应急值守), sensitive dates (敏感日期), and the log of
//! rounds of sources that owe some each day.

use std::collections::BTreeMap;

use axum::{
    extract::Query,
    response::{IntoResponse as _, Response},
};
use jiff::{Timestamp, civil::Date};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{
    asked,
    fault::Fault,
    pages::shown,
    view::{When, clean},
    visit::Visit,
};
use crate::{
    desk::DeskState,
    store::{RoundFilter, RoundRow},
};

/// What home says of the pace.
#[derive(Debug, Serialize)]
pub(super) struct Pace {
    /// Units in emergency mode.
    pub emergencies: Vec<Running>,
    /// Sensitive dates of today for units that this person sees, each with its units.
    pub dates: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Running {
    unit: String,
    by: String,
    reason: String,
    since: String,
    until: Option<String>,
}

impl Pace {
    pub fn of(room: &Visit, state: &DeskState, when: &When) -> Self {
        let own = state.emergencies.iter().filter(|(unit, _)| room.person.sees(unit));
        let emergencies = own.map(|(unit, one)| Running {
            unit: unit.clone(),
            by: clean(&one.by),
            reason: clean(&one.reason),
            since: when.time(one.since),
            until: one.until.map(|until| when.time(until)),
        });
        let today = when.now.to_zoned(when.zone.clone()).date();
        let calendar = &room.settings().calendar;
        let own = |units: &[String]| units.is_empty() || units.iter().any(|unit| room.person.sees(unit));
        let dates =
            calendar.on(today).filter(|span| own(&span.units)).map(|span| match span.units.as_slice() {
                [] => span.name.clone(),
                units => format!("{}（{}）", span.name, units.join("、")),
            });
        Self { emergencies: emergencies.collect(), dates: dates.collect() }
    }
}

#[derive(Deserialize)]
pub(super) struct Day {
    #[serde(default)]
    day: String,
}

pub(super) async fn rounds(room: Visit, Query(day): Query<Day>) -> Response {
    show(&room, &day.day).await.unwrap_or_else(|fault| fault.page(&room))
}

/// A logged round as it is shown.
#[derive(Serialize)]
pub(super) struct RoundLine {
    source: String,
    started: String,
    ended: String,
    answers: u64,
    posts: u64,
    new: u64,
    trouble: String,
}

impl RoundLine {
    pub fn of(row: &RoundRow, when: &When) -> Self {
        Self {
            source: clean(&row.source),
            started: when.time(row.started_at),
            ended: when.time(row.ended_at),
            answers: row.answers,
            posts: row.posts,
            new: row.new,
            trouble: clean(&row.trouble),
        }
    }
}

async fn show(room: &Visit, day: &str) -> Result<Response, Fault> {
    let when = When::new(room.now(), &room.settings());
    let today = when.now.to_zoned(when.zone.clone()).date();
    let day = day.parse::<Date>().unwrap_or(today);
    let start = |date: Date| -> Option<Timestamp> {
        date.to_zoned(when.zone.clone()).ok().map(|start| start.timestamp())
    };
    let (before, after) = (day.yesterday().ok(), day.tomorrow().ok());
    let filter = RoundFilter { from: start(day), to: after.and_then(start), ..RoundFilter::default() };
    let hidden = room.hidden_sources();
    let mut rows = asked(room.store().rounds(filter)).await?;
    rows.retain(|row| !hidden.contains(&row.source));
    let mut totals: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for row in &rows {
        let total = totals.entry(clean(&row.source)).or_default();
        total.0 += 1;
        total.1 += usize::from(row.trouble.is_empty());
    }
    let lines: Vec<RoundLine> = rows.iter().map(|row| RoundLine::of(row, &when)).collect();
    let totals: Vec<_> = totals.into_iter().map(|(source, (all, good))| (source, all, good)).collect();
    let given = context! {
        day => day.to_string(),
        before => before.map(|day| day.to_string()),
        after => after.filter(|day| *day <= today).map(|day| day.to_string()),
        totals => shown(&totals),
        rounds => shown(&lines),
    };
    Ok(room.pages.render(room, "rounds.html", given)?.into_response())
}
