//! Emergency mode (应急) of a unit: switched on and off by a person with a reason, or by the office's file;
//! it may end by itself. Each change is an entry with who and why, and is told to the unit's
//! administrators. A drill only says what it would begin. What emergency mode does to the pace is collect's affair; it
//! learns of it by the [`super::LiveSet`].

use std::sync::Arc;

use jiff::Timestamp;

use super::{Change, Desk, Operations, Refused, case::Work};
use crate::{
    locale::{Locale, clock_time},
    model::{Emergency, Incident, IncidentState},
};

/// Who decided, when a file of the office did.
const FILE: &str = "yuqing.toml";

impl Desk {
    /// Switches a unit's emergency mode on (again, with another end or reason) or off.
    pub(super) fn switch_emergency(
        &mut self,
        unit: &str,
        to: Option<Emergency>,
        by: &str,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        let Some(desk) = self.units.get(unit) else {
            let names: Vec<&str> = self.units.keys().map(String::as_str).collect();
            let why = work.locale.pick("没有这个单位", "no such unit");
            return Err(Refused(format!("{why}: {unit} ({})", names.join("、"))));
        };
        if desk.unit.emergency {
            let why = "应急值守由 yuqing.toml 的 emergency = true 开启，请改那里";
            let en = "emergency mode is switched on by yuqing.toml (emergency = true); change it there";
            return Err(Refused(work.locale.pick(why, en).into()));
        }
        if to.as_ref().and_then(|to| to.until).is_some_and(|until| until <= work.now) {
            let why = work.locale.pick("结束时间已经过去", "the end has passed already");
            return Err(Refused(why.into()));
        }
        if to.is_none() && !self.state.emergencies.contains_key(unit) {
            let why = work.locale.pick("该单位没有处于应急值守", "the unit is not in emergency mode");
            return Err(Refused(why.into()));
        }
        self.set_emergency(unit, to, by, reason, work);
        Ok(())
    }

    /// The next instant at which an emergency ends, or at which what the files say must be written down.
    pub(super) fn emergency_due(&self) -> Option<Timestamp> {
        let ends = self.state.emergencies.values().filter_map(|one| one.until);
        let by_file = self.units.keys().any(|unit| self.differs_from_file(unit)).then_some(self.taken_at);
        ends.chain(by_file).min()
    }

    fn differs_from_file(&self, unit: &str) -> bool {
        let wanted = self.units.get(unit).is_some_and(|desk| desk.unit.emergency);
        let by_file = self.state.emergencies.get(unit).is_some_and(|one| one.by == FILE);
        wanted != by_file
    }

    /// A tier that was reached just now can ask for emergency mode. One that runs already is only ever made longer.
    pub(super) fn begin_emergencies(&mut self, work: &mut Work<'_>) {
        let now = work.now;
        let asked = work.changes.iter().filter_map(|change| match change {
            Change::Incident(row) if row.state == IncidentState::Open && row.graded_at == now => {
                let length = row.plan.tier(row.rank).emergency?;
                Some((row.clone(), now.checked_add(length).ok()))
            }
            _ => None,
        });
        for (row, until) in asked.collect::<Vec<_>>() {
            let (unit, id, tier) = (row.unit.clone(), row.id, row.plan.tier(row.rank).name.clone());
            let unit_is_real = self.units.get(&unit).is_some_and(|desk| desk.plan.exercise_mark.is_none());
            if row.is_exercise() && unit_is_real {
                self.tell_drilled_emergency(&row, until, work);
                continue;
            }
            let runs = self.state.emergencies.get(&unit);
            let long_enough = runs.is_some_and(|one| one.until.is_none() || one.until >= until);
            if long_enough || self.units.get(&unit).is_none_or(|desk| desk.unit.emergency) {
                continue;
            }
            let since = runs.map_or(now, |one| one.since);
            let reason = match work.locale {
                Locale::ZhCn => format!("事件 #{id} 达到{tier}"),
                Locale::En => format!("incident #{id} reached {tier}"),
            };
            let by = work.locale.pick("预案", "the plan");
            let emergency = Emergency { since, until, by: by.to_owned(), reason: reason.clone() };
            self.set_emergency(&unit, Some(emergency), by, &reason, work);
        }
    }

    /// A drill reached a tier that asks for emergency mode: the administrators read, under the drill's mark, that it
    /// would begin now. Nothing is switched.
    fn tell_drilled_emergency(&mut self, row: &Incident, until: Option<Timestamp>, work: &mut Work<'_>) {
        let stem = format!("operations/emergency/{}/drill/{}/{}", row.unit, row.id, row.epoch);
        if self.loose.keys().any(|id| id.0.starts_with(&format!("{stem}/"))) {
            return;
        }
        let zone = super::case::zone_of(&row.plan.zone);
        let until = until.map_or_else(String::new, |until| clock_time(until, work.now, &zone));
        let (id, tier) = (row.id, &row.plan.tier(row.rank).name);
        let text = match work.locale {
            Locale::ZhCn => format!(
                "{}: 演练事件 #{id} 达到{tier}，如为真实事件，此时开启应急值守至 {until}；演练不改变实际状态",
                row.unit
            ),
            Locale::En => format!(
                "{}: the drill's incident #{id} reached {tier}; a real one would begin emergency mode until {until}; \
                 nothing was switched",
                row.unit
            ),
        };
        work.note(Some(id), "emergency", None, text.clone());
        let subject = format!("{}/{}", work.locale.pick("应急值守", "emergency"), row.unit);
        let told = Operations { subject, broken: true, text };
        let mut notices = self.operations_notices(&told, &stem, Some(&row.unit), work);
        for notice in &mut notices {
            Arc::make_mut(&mut notice.facts).mark.clone_from(&row.plan.exercise_mark);
        }
        self.keep_loose(notices, work);
    }

    /// Ends what is over and takes over what the files say.
    pub(super) fn end_emergencies(&mut self, work: &mut Work<'_>) {
        let over = |one: &Emergency| one.until.is_some_and(|until| until <= work.now);
        let ended: Vec<String> = self
            .state
            .emergencies
            .iter()
            .filter(|(_, one)| over(one))
            .map(|(unit, _)| unit.clone())
            .collect();
        for unit in ended {
            let reason = work.locale.pick("到了设定的结束时间", "its end has come");
            self.set_emergency(&unit, None, "yuqing", reason, work);
        }
        let changed: Vec<String> =
            self.units.keys().filter(|unit| self.differs_from_file(unit)).cloned().collect();
        for unit in changed {
            let wanted = self.units.get(&unit).is_some_and(|desk| desk.unit.emergency);
            let reason = if wanted { "emergency = true" } else { "emergency = false" };
            let emergency =
                Emergency { since: work.now, until: None, by: FILE.to_owned(), reason: reason.to_owned() };
            self.set_emergency(&unit, wanted.then_some(emergency), FILE, reason, work);
        }
    }

    fn set_emergency(
        &mut self,
        unit: &str,
        to: Option<Emergency>,
        by: &str,
        reason: &str,
        work: &mut Work<'_>,
    ) {
        let zone = self.units.get(unit).map_or("", |desk| desk.plan.zone.as_str());
        let zone = super::case::zone_of(zone);
        let until = to.as_ref().and_then(|to| to.until).map(|until| clock_time(until, work.now, &zone));
        let text = match (work.locale, to.is_some(), until) {
            (Locale::ZhCn, true, Some(until)) => format!("{unit}: 开启应急值守至 {until}。{reason}（{by}）"),
            (Locale::ZhCn, true, None) => format!("{unit}: 开启应急值守。{reason}（{by}）"),
            (Locale::ZhCn, false, _) => format!("{unit}: 结束应急值守。{reason}（{by}）"),
            (Locale::En, true, Some(until)) => {
                format!("{unit}: emergency mode on until {until}. {reason} ({by})")
            }
            (Locale::En, true, None) => format!("{unit}: emergency mode on. {reason} ({by})"),
            (Locale::En, false, _) => format!("{unit}: emergency mode off. {reason} ({by})"),
        };
        let on = to.is_some();
        match to {
            Some(emergency) => self.state.emergencies.insert(unit.to_owned(), emergency),
            None => self.state.emergencies.remove(unit),
        };
        work.note(None, "emergency", Some(by), text.clone());
        let subject = format!("{}/{unit}", work.locale.pick("应急值守", "emergency"));
        let told = Operations { subject, broken: on, text };
        let word = if on { "on" } else { "off" };
        let stem = format!("operations/emergency/{unit}/{}/{word}", work.now.as_millisecond());
        self.keep_loose(self.operations_notices(&told, &stem, Some(unit), work), work);
    }
}
