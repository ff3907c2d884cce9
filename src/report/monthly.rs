//! The monthly report (月报) as a workbook: the figures of the paper as cells, with a chart by tier, and every case as in
//! the register. What was nothing is said to be nothing, and what is not known is not shown as zero.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartLegendPosition, ChartType, Workbook, Worksheet, XlsxError,
};

use super::{
    paper::unit::{self, CountLine, Merged, SpanRows, UnitFacts, watch::Watching},
    person::{self, PersonTimes, Who, people},
    register,
    sheet::{Cell, Columns, Formats, put, put_head, put_names, put_title},
    timeliness::{Spans, Summary},
    words,
};
use crate::{
    locale::{When, words as catalogue},
    text::clean,
};

/// Columns of counts; the first names what is counted.
const COUNTS: [(&str, &str, f64); 3] =
    [("本期", "Now", 10.0), ("上期", "Before", 10.0), ("去年同期", "A year ago", 12.0)];
/// Columns of limits.
const LIMITS: [(&str, &str, f64); 7] = [
    ("时限", "Limit", 24.0),
    ("应完成", "Owed", 12.0),
    ("按时", "In time", 12.0),
    ("迟", "Late", 12.0),
    ("未完成", "Missed", 12.0),
    ("未到期", "Running", 12.0),
    ("按时率（%）", "In time (%)", 12.0),
];
/// Columns of stages.
const STAGES: [(&str, &str, f64); 5] = [
    ("环节", "Stage", 24.0),
    ("件数", "Cases", 12.0),
    ("半数不超过（分钟）", "Half within (min)", 12.0),
    ("九成不超过（分钟）", "Nine of ten within (min)", 12.0),
    ("最长（分钟）", "Longest (min)", 12.0),
];

/// A sheet that is filled from its top.
struct Page<'a> {
    sheet: &'a mut Worksheet,
    row: u32,
    when: &'a When,
    formats: &'a Formats,
}

impl Page<'_> {
    fn names(&mut self, columns: &Columns) -> Result<(), XlsxError> {
        put_names(self.sheet, self.row, columns, self.when, self.formats)?;
        self.row += 1;
        Ok(())
    }

    fn line(&mut self, cells: &[Cell]) -> Result<(), XlsxError> {
        put(self.sheet, self.row, cells, self.when, self.formats)?;
        self.row += 1;
        Ok(())
    }

    fn says(&mut self, (zh, en): (&str, &str)) -> Result<(), XlsxError> {
        let words = self.when.locale.pick(zh, en).to_owned();
        self.line(&[Cell::Text(words)])
    }

    fn fact(&mut self, (zh, en): (&str, &str), value: Cell) -> Result<(), XlsxError> {
        let name = self.when.locale.pick(zh, en).to_owned();
        self.line(&[Cell::Text(name), value])
    }

    /// `无` where a table has no row.
    fn none(&mut self, is_empty: bool) -> Result<(), XlsxError> {
        if is_empty { self.says(("无", "None")) } else { Ok(()) }
    }
}

/// The workbook as the bytes of an .xlsx file. `facts` and `merged` are those of `rows`.
///
/// # Errors
/// The writer's.
pub fn workbook(
    rows: &SpanRows,
    facts: &UnitFacts,
    merged: &Merged,
    when: &When,
) -> Result<Vec<u8>, XlsxError> {
    let (mut workbook, formats) = (Workbook::new(), Formats::default());
    let mut sheet = |(zh, en): (&str, &str), fill: &mut dyn FnMut(&mut Page<'_>) -> Result<(), XlsxError>| {
        let sheet = workbook.add_worksheet();
        sheet.set_name(when.locale.pick(zh, en))?;
        fill(&mut Page { sheet, row: 0, when, formats: &formats })
    };
    sheet(("总体", "In short"), &mut |page| overview(page, facts))?;
    let site = ("站点", "Site", 30.0);
    sheet(("站点", "Sites"), &mut |page| counts(page, site, &unit::sites(rows, when.locale)))?;
    let group = ("词组", "Keyword group", 30.0);
    sheet(("词组", "Keyword groups"), &mut |page| counts(page, group, &unit::groups(rows)))?;
    let summary = Summary::of(&rows.cases, when.now);
    sheet(("时效", "Timeliness"), &mut |page| timeliness(page, &summary))?;
    let people = people(&rows.cases, when.now);
    sheet(("责任人", "People"), &mut |page| persons(page, &people))?;
    let watching = Watching::of(rows, when.now);
    sheet(("监测", "Watching"), &mut |page| watched(page, &watching))?;
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(when.locale.pick("事件", "Incidents"))?;
    register::fill(sheet, &rows.cases, merged, rows.cut, when)?;
    workbook.save_to_buffer()
}

fn overview(page: &mut Page<'_>, facts: &UnitFacts) -> Result<(), XlsxError> {
    let mark = if facts.mark.is_empty() { String::new() } else { format!("【{}】", facts.mark) };
    let what = match facts.zero {
        true => page.when.locale.pick("舆情零报告", "Zero report"),
        false => facts.paper.as_str(),
    };
    let title = format!("{mark}{} {} {what}", facts.unit, facts.period);
    put_title(page.sheet, 0, &title, page.formats)?;
    page.row = 1;
    page.fact(("制表时间", "Made"), Cell::Time(Some(page.when.now)))?;
    if facts.running {
        page.says((
            "本期尚未结束，以下为截至目前的数字。",
            "The stretch is not over; these are the figures so far.",
        ))?;
    }
    if facts.zero {
        page.says(("本期未发现涉及本单位的舆情：无。", "Nothing concerned the unit: none."))?;
    }
    if facts.cut {
        page.says(("件数过多，只统计了其中一部分。", "Too many to count all."))?;
    }
    for (name, count) in [
        (("本期发现（件）", "Incidents"), facts.opened),
        (("其中已办结（件）", "of which closed"), facts.closed),
        (("公开回应（次）", "Public answers"), facts.replies),
        (("有时限未按时的（件）", "With a limit not kept"), facts.late),
        (
            ("误录撤销前已超时、不计入的（件）", "Taken back after a limit had passed, counted nowhere"),
            facts.slips,
        ),
        (("上期发现（件）", "Incidents before"), facts.opened_before),
        (("去年同期发现（件）", "Incidents a year ago"), facts.opened_year_before),
        (("目前仍在办理（件）", "Open now"), facts.open_count),
    ] {
        page.fact(name, Cell::count(count))?;
    }
    page.row += 1;
    let head = page.row;
    let columns = with(("等级", "Tier", 26.0));
    put_head(page.sheet, head, &columns, page.when, page.formats)?;
    page.row += 1;
    facts.tiers.iter().try_for_each(|line| page.line(&count_cells(line)))?;
    page.none(facts.tiers.is_empty())?;
    if !facts.tiers.is_empty() {
        let last = page.row - 1;
        draw(page, head, last)?;
    }
    Ok(())
}

/// Columns of the tiers, side by side: now, before, a year ago.
fn draw(page: &mut Page<'_>, head: u32, last: u32) -> Result<(), XlsxError> {
    let pick = |zh, en| page.when.locale.pick(zh, en);
    let name = pick("总体", "In short");
    let mut chart = Chart::new(ChartType::Column);
    for (column, colour) in (1_u16..).zip([0x001F_4E79, 0x0080_A4CC, 0x00A6_A6A6]) {
        chart
            .add_series()
            .set_name((name, head, column))
            .set_categories((name, head + 1, 0, last, 0))
            .set_values((name, head + 1, column, last, column))
            .set_format(rust_xlsxwriter::ChartSolidFill::new().set_color(colour))
            .set_data_label(ChartDataLabel::new().show_value());
    }
    chart.title().set_name(pick("各等级件数", "Incidents by tier"));
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart.y_axis().set_num_format("0").set_major_gridlines(true);
    chart.set_alt_text(pick(
        "各等级的件数：本期、上期、去年同期；数字见左边的表",
        "Incidents by tier: now, before, a year ago; the figures stand in the table",
    ));
    chart.set_width(640).set_height(340);
    page.sheet.insert_chart(1, 5, &chart).map(|_| ())
}

fn with(first: (&'static str, &'static str, f64)) -> [(&'static str, &'static str, f64); 4] {
    let [now, before, year_before] = COUNTS;
    [first, now, before, year_before]
}

fn count_cells(line: &CountLine) -> [Cell; 4] {
    let [now, before, year_before] = [line.count, line.before, line.year_before].map(Cell::count);
    [Cell::Text(line.name.clone()), now, before, year_before]
}

/// A table of counts, all of them.
fn counts(
    page: &mut Page<'_>,
    first: (&'static str, &'static str, f64),
    lines: &[CountLine],
) -> Result<(), XlsxError> {
    page.sheet.set_freeze_panes(1, 1)?;
    let columns = with(first);
    put_head(page.sheet, 0, &columns, page.when, page.formats)?;
    page.row = 1;
    lines.iter().try_for_each(|line| page.line(&count_cells(line)))?;
    page.none(lines.is_empty())?;
    page.sheet.autofilter(0, 0, page.row - 1, 3).map(|_| ())
}

fn timeliness(page: &mut Page<'_>, summary: &Summary) -> Result<(), XlsxError> {
    let locale = page.when.locale;
    page.sheet.set_freeze_panes(1, 1)?;
    put_head(page.sheet, 0, &LIMITS, page.when, page.formats)?;
    page.row = 1;
    for ((kind, name), kept) in &summary.limits {
        let name = clean(name.as_deref().unwrap_or_else(|| catalogue::deadline_kind(*kind, locale)));
        let [owed, in_time, late, missed, running] =
            [kept.owed, kept.in_time, kept.late, kept.missed, kept.running].map(Cell::count);
        let share = kept.share().map_or(Cell::Number(None), Cell::count);
        page.line(&[Cell::Text(name), owed, in_time, late, missed, running, share])?;
    }
    page.none(summary.limits.is_empty())?;
    page.row += 1;
    page.names(&STAGES)?;
    for (stage, took) in &summary.stages {
        let [half, most, longest] = spans(took);
        let name = words::stage(*stage, locale).to_owned();
        page.line(&[Cell::Text(name), Cell::count(took.count()), half, most, longest])?;
    }
    page.row += 1;
    page.names(&[("未按时的原因", "Not in time through", 24.0), ("次数", "Times", 12.0)])?;
    for (cause, count) in &summary.causes {
        page.line(&[Cell::Text(words::cause(*cause, locale).to_owned()), Cell::count(*count)])?;
    }
    page.none(summary.causes.is_empty())
}

/// What each responsible person did.
fn persons(page: &mut Page<'_>, people: &BTreeMap<Who, PersonTimes>) -> Result<(), XlsxError> {
    page.sheet.set_freeze_panes(1, 1)?;
    put_head(page.sheet, 0, person::COLUMNS, page.when, page.formats)?;
    page.row = 1;
    person::rows(people, page.when).iter().try_for_each(|row| page.line(row))?;
    page.none(people.is_empty())
}

fn spans(took: &Spans) -> [Cell; 3] {
    let minutes =
        |span: Option<SignedDuration>| Cell::Number(span.and_then(|span| u64::try_from(span.as_mins()).ok()));
    [minutes(took.quantile(50)), minutes(took.quantile(90)), minutes(took.longest())]
}

/// The proof that watching ran.
fn watched(page: &mut Page<'_>, known: &Watching) -> Result<(), XlsxError> {
    let whole = |number: i64| Cell::Number(u64::try_from(number).ok());
    put_head(
        page.sheet,
        0,
        &[("监测运行情况", "Watching", 34.0), ("", "", 20.0), ("", "", 14.0)],
        page.when,
        page.formats,
    )?;
    page.row = 1;
    page.fact(("应监测（小时）", "Hours of the stretch"), whole(known.hours))?;
    if known.since.is_none() {
        return page.says((
            "没有监测运行的记录，不能证明本期进行了监测。",
            "There is no record of watching: that the stretch was watched cannot be shown.",
        ));
    }
    page.fact(("程序在岗（小时）", "Hours at work"), whole(known.at_work))?;
    if known.late.is_some() {
        let name = ("监测记录自此起，此前没有记录", "Recorded since; nothing is known of before");
        page.fact(name, Cell::Time(known.late))?;
    }
    page.fact(("巡查（轮）", "Rounds"), Cell::Number(Some(known.rounds)))?;
    page.fact(("信源（个）", "Sources"), Cell::count(known.sources))?;
    page.fact(("基本正常的信源（个）", "Well all along"), Cell::count(known.well()))?;
    page.row += 1;
    page.names(&[("监测中断：自", "Not watched from", 0.0), ("至", "to", 0.0), ("分钟", "Minutes", 0.0)])?;
    for (from, to) in &known.gaps {
        let long = to.duration_since(*from).as_mins();
        page.line(&[Cell::Time(Some(*from)), Cell::Time(Some(*to)), whole(long)])?;
    }
    page.none(known.gaps.is_empty())?;
    page.row += 1;
    page.names(&[("不正常或暂停的信源", "Ill or paused sources", 0.0), ("累计小时", "Hours in sum", 0.0)])?;
    for (name, ill) in &known.ill {
        page.line(&[Cell::Text(clean(name)), whole(*ill)])?;
    }
    page.none(known.ill.is_empty())
}
