//! Who is on duty now, next, and in the days to come, by the very rule by which the desk finds whom to tell.

use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::Serialize;

use super::super::{
    view::{When, clean},
    visit::Visit,
};
use crate::{
    config::Office,
    desk::Setup,
    model::{Contact, Reach, Rota, instant},
};

/// Days that are shown, today included.
const DAYS: usize = 14;

/// A name of a plan that somebody stands behind by rota.
#[derive(Debug, Serialize)]
pub(super) struct Duty {
    unit: String,
    name: String,
    now: String,
    /// Until when.
    until: String,
    next: String,
    deputy: String,
    /// Who, on each of the days.
    days: Vec<String>,
}

/// A day to come.
#[derive(Debug, Serialize)]
pub(super) struct Day {
    day: String,
    /// A holiday's name, or that it is worked; empty on other days.
    what: String,
    off: bool,
}

/// Every name with a rota, unit by unit, and the days.
pub(super) fn of(room: &Visit, office: &Office, when: &When) -> (Vec<Duty>, Vec<Day>) {
    let setup = office.setup();
    let today = when.now.to_zoned(office.roster.zone.clone()).date();
    let dates: Vec<Date> = today.series(1.day()).take(DAYS).collect();
    let mut duties: Vec<Duty> = Vec::new();
    for (unit, plan) in setup.units.iter().filter(|(unit, _)| room.person.sees(&unit.name)) {
        let reach = reach(&setup);
        for name in plan.contacts() {
            let Some(rota) = reach.rota(&unit.name, name) else { continue };
            duties.push(duty(&reach, &unit.name, name, rota, &dates, when));
        }
    }
    let days = dates.iter().map(|date| day(office, *date, when)).collect();
    (duties, days)
}

pub(super) fn reach(setup: &Setup) -> Reach<'_> {
    Reach { contacts: &setup.contacts, own: &setup.own_contacts, roster: &setup.roster }
}

fn duty(reach: &Reach<'_>, unit: &str, name: &str, rota: &Rota, dates: &[Date], when: &When) -> Duty {
    let zone = &reach.roster.zone;
    let who = |at: Timestamp| reach.on_duty(unit, name, at).map_or_else(|| clean(name), called);
    let handovers = || dates.iter().filter_map(|date| instant(*date, rota.handover, zone));
    let next = handovers().find(|at| *at > when.now);
    Duty {
        unit: clean(unit),
        name: clean(name),
        now: who(when.now),
        until: next.map(|at| when.day_time(at)).unwrap_or_default(),
        next: next.map(who).unwrap_or_default(),
        deputy: reach.deputy(unit, name).map(called).unwrap_or_default(),
        days: handovers().map(who).collect(),
    }
}

/// A contact by name, and who that is today.
pub(super) fn called(contact: &Contact) -> String {
    match contact.person.is_empty() {
        true => clean(&contact.name),
        false => clean(&format!("{}（{}）", contact.name, contact.person)),
    }
}

fn day(office: &Office, date: Date, when: &When) -> Day {
    let zoned = date.to_zoned(office.roster.zone.clone());
    let shown = zoned.map_or_else(|_| date.to_string(), |zoned| when.day(zoned.timestamp()));
    Day { day: shown, what: what(office, date, when), off: !office.workdays.works_on(date) }
}

fn what(office: &Office, date: Date, when: &When) -> String {
    match office.workdays.off.get(&date) {
        Some(name) => format!("{}{}", when.locale.pick("放假 ", "off "), clean(name)),
        None if office.workdays.worked.contains(&date) => {
            when.locale.pick("调休上班", "worked for a holiday").to_owned()
        }
        None => String::new(),
    }
}

/// What today is, and the next holiday.
pub(super) fn today(office: &Office, when: &When) -> String {
    let today = when.now.to_zoned(office.settings.time_zone.clone()).date();
    let is = match what(office, today, when) {
        named if !named.is_empty() => named,
        _ if office.workdays.works_on(today) => when.locale.pick("工作日", "a working day").to_owned(),
        _ => when.locale.pick("周末", "a weekend").to_owned(),
    };
    let next = office.workdays.off.range(today..).find(|(date, _)| **date > today);
    let next = next.map(|(date, name)| {
        let words = when.locale.pick("；下一个放假日 ", "; next day off ");
        format!("{words}{date} {}", clean(name))
    });
    format!("{}{is}{}", when.locale.pick("今天：", "Today: "), next.unwrap_or_default())
}
