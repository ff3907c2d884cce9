//! `[[maintenance]]`: hours in which faults of the machinery are expected, so that nobody is told of them before
//! their end.

use std::sync::Arc;

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use crate::{
    model::{Maintenance, Window},
    text::registrable_domain,
};

use super::{
    moment::Moment,
    sheet::{Sheet, Spot, Table},
    source::Source,
    week::WEEK,
};

/// The windows, and where they name sources.
#[derive(Debug, Clone, Default)]
pub struct MaintenanceSettings {
    /// The windows.
    pub windows: Arc<Maintenance>,
    /// Every name of a source, with its place.
    sources: Vec<Spot<String>>,
}

/// Reads all tables; faults go to the table's sheet.
pub(super) fn read(top: &Table<'_>, zone: &TimeZone) -> MaintenanceSettings {
    let (mut windows, mut sources) = (Vec::new(), Vec::new());
    for table in top.tables("maintenance") {
        let title = table.need_text("title", "论坛升级");
        let (from, until) = (time(&table, "from", "02:00"), time(&table, "until", "04:00"));
        let days = table.words("days", &WEEK).into_iter().map(Spot::into_inner).collect();
        let date = date(&table);
        let subjects = table.texts("subjects").into_iter().map(Spot::into_inner).collect();
        let named = table.texts("sources");
        for key in ["days", "subjects", "sources"] {
            if table.is_empty_list(key) {
                let message = format!("{key} 是空的");
                table.sheet().fault(table.place_of(key), message, "删去这一行，或写上内容");
            }
        }
        if date.is_some() && table.has("days") {
            let hint = "每周维护写 days = [\"周六\"]，只维护一次写 date = 2026-12-05";
            table.sheet().fault(table.place_of("date"), "days 和 date 只能写一个", hint);
        }
        table.finish();
        let (Some(title), Some(from), Some(until)) = (title, from, until) else { continue };
        if from == until {
            let hint = "写成 from = \"02:00\" 和 until = \"04:00\"；until 早于 from 就是次日";
            table.sheet().fault(table.place_of("until"), "维护的开始和结束是同一时刻", hint);
        }
        let names = named.iter().map(|name| name.get_ref().clone()).collect();
        sources.extend(named);
        windows.push(Window { title: title.into_inner(), days, date, from, until, subjects, sources: names });
    }
    let windows = Arc::new(Maintenance { windows, zone: zone.clone() });
    MaintenanceSettings { windows, sources }
}

fn time(table: &Table<'_>, key: &'static str, example: &str) -> Option<Time> {
    if table.has(key) {
        return table.time(key);
    }
    let message = format!("[maintenance] 缺少 {key}");
    table.sheet().fault(table.span(), message, format!("加一行 {key} = \"{example}\""));
    None
}

fn date(table: &Table<'_>) -> Option<Date> {
    let written = table.moment("date")?;
    match written.get_ref() {
        Moment::Day(day) => Some(*day),
        _ => {
            table.sheet().fault(written.span(), "date 只写日期", "写成 date = 2026-12-05，时刻写在 from 里");
            None
        }
    }
}

/// The sources that are named must be there.
pub(super) fn check(sheet: &Sheet<'_>, settings: &MaintenanceSettings, sources: &[Source]) {
    for named in &settings.sources {
        if !sources.iter().any(|source| source.name == *named.get_ref()) {
            let message = format!("sources.d 里没有信源 {}", named.get_ref());
            let known: Vec<&str> = sources.iter().map(|source| source.name.as_str()).take(10).collect();
            let hint = match known.is_empty() {
                true => "还没有信源；删去这一行就是所有故障".to_owned(),
                false => format!("写已有的信源: {}", known.join("、")),
            };
            sheet.fault(named.span(), message, hint);
        }
    }
}

/// Lets a window that names all sources of a site cover that site, for a fault of several of them is told as the
/// site's.
pub(super) fn cover_sites(settings: &mut MaintenanceSettings, sources: &[Source]) {
    if settings.windows.windows.is_empty() {
        return;
    }
    for window in &mut Arc::make_mut(&mut settings.windows).windows {
        let sites = whole_sites(&window.sources, sources);
        window.subjects.extend(sites);
    }
}

/// Subjects of the sites all of whose sources that run are named.
fn whole_sites(named: &[String], sources: &[Source]) -> Vec<String> {
    let site_of = |source: &Source| registrable_domain(source.addresses().first()?);
    let running = || sources.iter().filter(|source| source.enabled);
    let mut sites: Vec<String> =
        running().filter(|source| named.contains(&source.name)).filter_map(site_of).collect();
    sites.sort();
    sites.dedup();
    sites.retain(|site| {
        running().filter(|source| site_of(source).as_ref() == Some(site)).all(|one| named.contains(&one.name))
    });
    sites.into_iter().map(|site| format!("site/{site}")).collect()
}
