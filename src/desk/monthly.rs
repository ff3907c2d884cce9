//! Monthly reports (月报) and zero reports (零报告): who must hand one up by which day of the next month, moved past
//! holidays; a reminder on the first working day, a word when it is late, every working day until it is registered.
//!
//! A month without an incident is reported too when the plan says so; the notice then says that there was nothing.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{
    Desk, Refused,
    case::{Work, zone_of},
    telling::{Loose, add_loose},
};
use crate::{
    locale::{Locale, clock_time},
    model::{Facts, Monthly, NoticeId, NoticeKind, Plan, instant},
};

/// A notice must be accepted within this.
const LIMIT: jiff::SignedDuration = jiff::SignedDuration::from_mins(60);
/// Months whose counts are kept.
const KEPT: usize = 3;

/// Where a unit's monthly reports stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MonthlyState {
    /// First day of the month that is reported next.
    pub month: Option<Date>,
    /// Whether its reminder went out.
    pub reminded: bool,
    /// When it was last told to be late. UTC.
    pub late_at: Option<Timestamp>,
    /// Incidents opened, by month.
    pub opened: BTreeMap<Date, u64>,
}

/// Where a monthly report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MonthlyStanding {
    /// The month is not over.
    Running,
    /// It is to be handed up.
    Owed,
    /// It should have been registered before now.
    Late,
}

impl MonthlyStanding {
    /// Stable id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Owed => "owed",
            Self::Late => "late",
        }
    }
}

/// The next monthly report of a unit, for whoever shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthlyReport {
    /// Unit that owes it.
    pub unit: String,
    /// As the office calls it, such as 舆情月报.
    pub name: String,
    /// First day of the month.
    pub month: Date,
    /// By when it is to be registered. UTC.
    pub due_at: Timestamp,
    /// Incidents opened in that month; none makes it a zero report.
    pub opened: u64,
    /// Where it stands.
    pub standing: MonthlyStanding,
}

/// The next monthly report of a unit; `None` when its plan asks for none. A unit without `state` has counted nothing
/// yet and begins with the month of `now`.
#[must_use]
pub fn monthly_report(
    unit: &str,
    plan: &Plan,
    state: Option<&MonthlyState>,
    workdays: &crate::model::Workdays,
    now: Timestamp,
) -> Option<MonthlyReport> {
    let present = first_of(now.to_zoned(zone_of(&plan.zone)).date());
    let month = state.and_then(|state| state.month).unwrap_or(present);
    let owed = owed(plan, month, workdays)?;
    let standing = match () {
        () if present <= month => MonthlyStanding::Running,
        () if now < owed.due_at => MonthlyStanding::Owed,
        () => MonthlyStanding::Late,
    };
    let opened = state.and_then(|state| state.opened.get(&month)).copied().unwrap_or(0);
    let (unit, name, due_at) = (unit.to_owned(), owed.rule.name.clone(), owed.due_at);
    Some(MonthlyReport { unit, name, month, due_at, opened, standing })
}

/// What is to be told of a month, and when.
struct Owed<'p> {
    rule: &'p Monthly,
    month: Date,
    remind_at: Timestamp,
    due_at: Timestamp,
}

fn first_of(date: Date) -> Date {
    date.first_of_month()
}

fn owed<'p>(plan: &'p Plan, month: Date, work_days: &crate::model::Workdays) -> Option<Owed<'p>> {
    let rule = plan.monthly.as_ref()?;
    let zone = zone_of(&plan.zone);
    let next = month.checked_add(1.month()).ok()?;
    let day = next.checked_add((i64::from(rule.day) - 1).days()).ok()?;
    let hours = &plan.office_hours.0;
    let (opens, closes) = (hours.first()?.0, hours.last()?.1);
    Some(Owed {
        rule,
        month,
        remind_at: instant(work_days.on_or_after(next), opens, &zone)?,
        due_at: instant(work_days.on_or_after(day), closes, &zone)?,
    })
}

/// When a late report is told again: the next working day's opening.
fn again(plan: &Plan, last: Timestamp, work_days: &crate::model::Workdays) -> Option<Timestamp> {
    let zone = zone_of(&plan.zone);
    let day = work_days.next_after(last.to_zoned(zone.clone()).date());
    instant(day, plan.office_hours.0.first()?.0, &zone)
}

impl Desk {
    /// Begins the counting for units whose plan asks for monthly reports.
    pub(super) fn begin_months(&mut self, now: Timestamp) {
        for desk in self.units.values().filter(|desk| desk.plan.monthly.is_some()) {
            let state = self.state.monthly.entry(desk.unit.name.clone()).or_default();
            let zone: TimeZone = zone_of(&desk.plan.zone);
            state.month.get_or_insert_with(|| first_of(now.to_zoned(zone).date()));
        }
    }

    /// Counts an incident that was opened now. A drill makes no month of incidents; where the plan itself is an
    /// exercise, so is its report.
    pub(super) fn count_opened(&mut self, unit: &str, exercise: bool, now: Timestamp) {
        let Some(desk) = self.units.get(unit).filter(|desk| desk.plan.monthly.is_some()) else { return };
        if exercise && desk.plan.exercise_mark.is_none() {
            return;
        }
        let month = first_of(now.to_zoned(zone_of(&desk.plan.zone)).date());
        let state = self.state.monthly.entry(unit.to_owned()).or_default();
        *state.opened.entry(month).or_default() += 1;
        while state.opened.len() > KEPT {
            state.opened.pop_first();
        }
    }

    /// Takes one out of the count that was opened at an instant: it was entered by mistake.
    pub(super) fn uncount_opened(&mut self, unit: &str, exercise: bool, opened_at: Timestamp) {
        let Some(desk) = self.units.get(unit) else { return };
        if exercise && desk.plan.exercise_mark.is_none() {
            return;
        }
        let month = first_of(opened_at.to_zoned(zone_of(&desk.plan.zone)).date());
        let counted = self.state.monthly.get_mut(unit).and_then(|state| state.opened.get_mut(&month));
        if let Some(counted) = counted {
            *counted = counted.saturating_sub(1);
        }
    }

    /// The next instant at which a monthly report is reminded of or late.
    pub(super) fn monthly_due(&self) -> Option<Timestamp> {
        let days = &self.people.workdays;
        let next = |unit: &String, state: &MonthlyState| {
            let plan = &self.units.get(unit)?.plan;
            let owed = owed(plan, state.month?, days)?;
            match (state.reminded, state.late_at) {
                (false, _) => Some(owed.remind_at),
                (true, None) => Some(owed.due_at),
                (true, Some(last)) => again(plan, last, days),
            }
        };
        self.state.monthly.iter().filter_map(|(unit, state)| next(unit, state)).min()
    }

    /// Tells what is due.
    pub(super) fn months(&mut self, work: &mut Work<'_>) {
        let people = std::sync::Arc::clone(&self.people);
        let units: Vec<String> = self.state.monthly.keys().cloned().collect();
        for unit in units {
            let Some(plan) = self.units.get(&unit).map(|desk| std::sync::Arc::clone(&desk.plan)) else {
                continue;
            };
            let Some(state) = self.state.monthly.get_mut(&unit) else { continue };
            let Some(owed) = state.month.and_then(|month| owed(&plan, month, &people.workdays)) else {
                continue;
            };
            let n_opened = state.opened.get(&owed.month).copied().unwrap_or(0);
            let late = match (state.reminded, state.late_at) {
                (true, None) => owed.due_at <= work.now,
                (true, Some(last)) => again(&plan, last, &people.workdays).is_some_and(|at| at <= work.now),
                (false, _) => false,
            };
            let kind = if !state.reminded && owed.remind_at <= work.now {
                state.reminded = true;
                NoticeKind::Warning
            } else if late {
                state.late_at = Some(work.now);
                NoticeKind::Overdue
            } else {
                continue;
            };
            self.tell_month(&unit, &plan, &owed, kind, n_opened, work);
        }
    }

    fn tell_month(
        &mut self,
        unit: &str,
        plan: &Plan,
        owed: &Owed<'_>,
        kind: NoticeKind,
        n_opened: u64,
        work: &mut Work<'_>,
    ) {
        let note = words(plan, owed, kind, n_opened, work);
        work.note(None, "monthly", None, format!("{unit}: {note}"));
        let facts = Facts {
            unit: unit.to_owned(),
            plan_title: plan.title.clone(),
            mark: plan.exercise_mark.clone(),
            gist: owed.rule.name.clone(),
            note,
            ..Facts::default()
        };
        let Some(tier) = plan.tiers.first() else { return };
        let mut names = owed.rule.to.clone();
        if kind == NoticeKind::Overdue {
            names.extend(plan.administrators.iter().filter(|name| !owed.rule.to.contains(name)).cloned());
        }
        let stem = NoticeId::stem_of_month(unit, owed.month);
        let stem = format!("{stem}/{}/{}", kind.id(), work.now.as_millisecond());
        let loose = Loose { stem: &stem, kind, tier, limit: LIMIT, facts: facts.into() };
        let mut notices = Vec::new();
        for name in &names {
            add_loose(&mut notices, name, &loose, work);
        }
        self.keep_loose(notices, work);
    }

    /// A person registers that the report of the month that is owed was handed up.
    pub(super) fn file_month(
        &mut self,
        unit: &str,
        by: &str,
        text: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        let zone = self.units.get(unit).map(|desk| zone_of(&desk.plan.zone));
        let found = self.state.monthly.get_mut(unit).zip(zone);
        let owed = found.and_then(|(state, zone)| Some((state.month?, state, zone)));
        let Some((month, state, zone)) = owed else {
            let why = work.locale.pick("该单位的预案没有月报", "the unit's plan asks for no monthly report");
            return Err(Refused(format!("{why}: {unit}")));
        };
        if first_of(work.now.to_zoned(zone).date()) <= month {
            let why = work.locale.pick("这个月还没有结束", "the month is not over");
            return Err(Refused(why.to_owned()));
        }
        state.month = month.checked_add(1.month()).ok();
        (state.reminded, state.late_at) = (false, None);
        work.note(None, "monthly_filed", Some(by), format!("{unit} {}: {text}", month.strftime("%Y-%m")));
        Ok(())
    }
}

fn words(plan: &Plan, owed: &Owed<'_>, kind: NoticeKind, n_opened: u64, work: &Work<'_>) -> String {
    let due = clock_time(owed.due_at, work.now, &zone_of(&plan.zone));
    let (month, name) = (owed.month.strftime("%Y-%m"), &owed.rule.name);
    let what = match (work.locale, n_opened) {
        (Locale::ZhCn, 0) => "本月没有舆情事件，须报零报告".to_owned(),
        (Locale::ZhCn, n) => format!("本月共 {n} 件"),
        (Locale::En, 0) => "no incidents this month: a zero report is due".to_owned(),
        (Locale::En, n) => format!("{n} incidents this month"),
    };
    match (work.locale, kind) {
        (Locale::ZhCn, NoticeKind::Overdue) => format!("{month} {name}应于 {due} 前报送，尚未登记；{what}"),
        (Locale::ZhCn, _) => format!("{month} {name}须于 {due} 前报送；{what}"),
        (Locale::En, NoticeKind::Overdue) => {
            format!("{name} of {month} was due at {due}, not registered; {what}")
        }
        (Locale::En, _) => format!("{name} of {month} is due at {due}; {what}"),
    }
}
