//! `rota.toml`: the duty rota. A name of the plan, such as 值班员, stands for another contact each weekday; swaps and
//! a deputy are written beside it. A rota may be one unit's own. Without the file every name stands for itself.

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use crate::model::{Roster, Rota, Swap};

use super::{
    contacts::{Contacts, check_known, unit_of},
    moment::Moment,
    sheet::{Sheet, Spot, Table},
    week::WEEK,
};

/// The file's name in the office's folder.
pub const FILE: &str = "rota.toml";

/// Reads the file; faults go to the sheet. `contacts` is `None` when their own file is wrong; `units` are the names of
/// all units.
#[must_use]
pub fn read(sheet: &Sheet<'_>, contacts: Option<&Contacts>, units: &[String], zone: &TimeZone) -> Roster {
    let read_all = |top: &Table<'_>| {
        let mut roster = Roster { zone: zone.clone(), ..Roster::default() };
        for table in top.tables("rota") {
            let unit = unit_of(&table, Some(units));
            let read = one(&table, unit.as_deref(), contacts);
            table.finish();
            let Some((name, rota)) = read else { continue };
            let rotas = match &unit {
                Some(unit) => roster.own.entry(unit.clone()).or_default(),
                None => &mut roster.rotas,
            };
            if rotas.insert(name.clone(), rota).is_some() {
                let whose = unit.map(|unit| format!("{unit} 的 ")).unwrap_or_default();
                let message = format!("{whose}{name} 的值班表写了两次");
                table.sheet().fault(table.place_of("contact"), message, "合成一张表");
            }
        }
        roster
    };
    sheet.read(read_all).unwrap_or_else(|| Roster { zone: zone.clone(), ..Roster::default() })
}

fn one(table: &Table<'_>, unit: Option<&str>, contacts: Option<&Contacts>) -> Option<(String, Rota)> {
    let name = table.need_text("contact", "值班员");
    let handover = if table.has("handover") { table.time("handover") } else { Some(Time::midnight()) };
    let mut people: Vec<Spot<String>> = Vec::new();
    let mut week: [Option<String>; 7] = Default::default();
    if let Some(days) = table.table("week") {
        for (slot, (id, chinese, _)) in week.iter_mut().zip(WEEK) {
            let who = days.text(chinese).or_else(|| days.text(id)).filter(|who| !who.get_ref().is_empty());
            *slot = who.as_ref().map(|who| who.get_ref().clone());
            people.extend(who);
        }
        days.finish();
    }
    let mut swaps = Vec::new();
    for swap in table.tables("swaps") {
        let (from, to) = (day(&swap, "from"), day(&swap, "to"));
        let who = swap.need_text("who", "张三");
        swap.finish();
        let (Some(from), Some(to), Some(who)) = (from, to, who) else { continue };
        if to < from {
            swap.sheet().fault(swap.span(), format!("结束日期 {to} 早于开始日期 {from}"), "把两个日期对调");
        }
        swaps.push(Swap { from, to, who: who.get_ref().clone() });
        people.push(who);
    }
    let deputy = table.text("deputy").filter(|who| !who.get_ref().is_empty());
    people.extend(deputy.iter().cloned());
    people.extend(name.iter().cloned());
    if let Some(contacts) = contacts {
        match unit {
            Some(unit) => check_known(table.sheet(), &people, contacts.of_unit(unit)),
            None => check_known(table.sheet(), &people, contacts.shared.iter()),
        }
    }
    let deputy = deputy.map(Spot::into_inner);
    Some((name?.into_inner(), Rota { handover: handover?, week, swaps, deputy }))
}

fn day(table: &Table<'_>, key: &'static str) -> Option<Date> {
    if !table.has(key) {
        let message = format!("换班缺少 {key}");
        table.sheet().fault(
            table.span(),
            message,
            "写成 { from = 2026-10-01, to = 2026-10-03, who = \"张三\" }",
        );
        return None;
    }
    let written = table.moment(key)?;
    match written.get_ref() {
        Moment::Day(day) => Some(*day),
        _ => {
            table.sheet().fault(written.span(), format!("{key} 只写日期"), "写成 2026-10-01");
            None
        }
    }
}
