//! What is held back and what is owed: silences (静默), maintenance windows (维护窗口), monthly reports (月报).

use serde::Serialize;

use super::{
    Room,
    view::{When, clean},
    visit::Visit,
};
use crate::desk::{DeskState, MonthlyReport, MonthlyStanding, monthly_report};

/// What home says of them.
#[derive(Debug, Serialize)]
pub(super) struct Held {
    /// Silences that hold or will.
    pub silences: Vec<Silenced>,
    /// Maintenance windows that hold.
    pub maintenance: Vec<Maintained>,
    /// Monthly reports that are owed.
    pub months: Vec<Month>,
    /// Tiers of all units that can be silenced.
    pub tiers: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Silenced {
    id: u64,
    holds: bool,
    unit: String,
    group: Option<String>,
    up_to: String,
    from: String,
    until: String,
    reason: String,
    by: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Maintained {
    title: String,
    until: String,
    /// Faults of which nobody is told before its end; the first of them.
    faults: Vec<String>,
    /// How many others there are.
    more: usize,
}

/// Faults that one window names.
const NAMED: usize = 12;

#[derive(Debug, Serialize)]
pub(super) struct Month {
    unit: String,
    name: String,
    month: String,
    due: String,
    late: bool,
    opened: u64,
}

impl Held {
    pub fn of(room: &Visit, state: &DeskState, when: &When) -> Self {
        Self {
            silences: silences(room, state, when),
            maintenance: maintenance(room, state, when),
            months: months(room, state, when),
            tiers: tiers(room),
        }
    }
}

fn silences(room: &Visit, state: &DeskState, when: &When) -> Vec<Silenced> {
    let lasting = state.silences.iter().filter(|one| one.until > when.now && room.person.sees(&one.unit));
    lasting
        .map(|one| Silenced {
            id: one.id,
            holds: one.holds_at(when.now),
            unit: clean(&one.unit),
            group: one.group.as_deref().map(clean),
            up_to: clean(&one.up_to),
            from: when.time(one.from),
            until: when.time(one.until),
            reason: clean(&one.comment),
            by: clean(&one.by),
        })
        .collect()
}

fn maintenance(room: &Room, state: &DeskState, when: &When) -> Vec<Maintained> {
    let maintenance = &room.settings().maintenance;
    let holding = maintenance.holding(when.now).map(|(window, end)| {
        let faults: Vec<String> = state.broken.keys().filter(|one| window.covers(one)).cloned().collect();
        Maintained {
            title: clean(&window.title),
            until: when.time(end),
            more: faults.len().saturating_sub(NAMED),
            faults: faults.iter().take(NAMED).map(|subject| clean(subject)).collect(),
        }
    });
    holding.collect()
}

fn months(room: &Visit, state: &DeskState, when: &When) -> Vec<Month> {
    let settings = room.settings();
    let own = settings.plans.iter().filter(|(unit, _)| room.person.sees(unit));
    let reports = own.filter_map(|(unit, plan)| {
        monthly_report(unit, plan, state.monthly.get(unit), &settings.workdays, when.now)
    });
    let owed = reports.filter(|one| one.standing != MonthlyStanding::Running);
    owed.map(|one| {
        let late = one.standing == MonthlyStanding::Late;
        let MonthlyReport { unit, name, month, due_at, opened, .. } = one;
        let month = month.strftime("%Y-%m").to_string();
        Month { unit: clean(&unit), name: clean(&name), month, due: when.time(due_at), late, opened }
    })
    .collect()
}

/// Every tier but the highest of each unit's plan, gravest first; units share most of them.
fn tiers(room: &Room) -> Vec<String> {
    let settings = room.settings();
    let mut tiers: Vec<String> = Vec::new();
    for plan in settings.plans.values() {
        for tier in plan.tiers.iter().rev().skip(1) {
            if !tiers.contains(&tier.name) {
                tiers.push(tier.name.clone());
            }
        }
    }
    tiers
}

/// Until when a fault of this source is expected; `None` when no window covers it now.
pub(super) fn expected_until(room: &Room, subject: &str, when: &When) -> Option<String> {
    let settings = room.settings();
    let (window, end) = settings.maintenance.over(subject, when.now)?;
    Some(clean(&format!("{} {} {}", window.title, when.locale.pick("至", "until"), when.time(end))))
}
