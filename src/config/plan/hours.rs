//! Hours of a plan: when the office works, when a tier's notices wait, until when "the same day" lasts.

use jiff::civil::Time;

use crate::{
    config::sheet::{Spot, Table},
    model::OfficeHours,
};

/// `office_hours = ["08:30-12:00", "14:00-17:30"]`.
pub(super) fn office(top: &Table<'_>) -> OfficeHours {
    let written = top.texts("office_hours");
    if written.is_empty() {
        return OfficeHours::default();
    }
    let mut hours: Vec<(Time, Time)> = Vec::new();
    for one in &written {
        let Some((from, to)) = span(top, one) else { continue };
        if from >= to || hours.last().is_some_and(|last| from < last.1) {
            let hint = "从早到晚写，互不重叠，如 office_hours = [\"08:30-12:00\", \"14:00-17:30\"]";
            top.sheet().fault(one.span(), format!("工作时间 \"{}\" 的先后不对", one.get_ref()), hint);
        } else {
            hours.push((from, to));
        }
    }
    OfficeHours(hours)
}

/// `quiet = "22:00-07:00"`: notices of the tier wait while the local time is between the two.
pub(super) fn quiet(table: &Table<'_>) -> Option<(Time, Time)> {
    let written = table.text("quiet")?;
    let (from, to) = span(table, &written)?;
    if from == to {
        let hint = "写成 quiet = \"22:00-07:00\"，不需要时删去这一行";
        table.sheet().fault(written.span(), "静默时段的起止相同", hint);
        return None;
    }
    Some((from, to))
}

fn span(table: &Table<'_>, written: &Spot<String>) -> Option<(Time, Time)> {
    let plain = written.get_ref().replace(['～', '~', '－', '—', '至'], "-");
    let Some((from, to)) = plain.split_once('-') else {
        let message = format!("\"{}\" 不是时段", written.get_ref());
        table.sheet().fault(written.span(), message, "写成 \"08:30-12:00\"");
        return None;
    };
    let time = |text| table.sheet().time_of_day(text, written.span());
    Some((time(from)?, time(to)?))
}
