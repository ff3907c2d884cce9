//! Reports (报表): timeliness per unit and month, found → told → confirmed → answered, with each limit that was missed and
//! through what; as a page and as a workbook. Drills and what was entered by mistake count in no figure, except where
//! everything is a drill (the demo).

use std::collections::BTreeMap;

use axum::{
    extract::Query,
    http::header,
    response::{IntoResponse as _, Response},
};
use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use minijinja::context;
use rust_xlsxwriter::{Workbook, XlsxError};
use serde::{Deserialize, Serialize};

use super::{
    asked,
    exports::{XLSX, named, turn},
    fault::Fault,
    files::blocking,
    pages::shown,
    view::{Choice, When, beginning, choices, clean, query, tier_class, words},
    visit::Visit,
};
use crate::{
    locale::Locale,
    model::DeadlineKind,
    report::{
        self,
        paper::unit::rows::cases,
        person::{self, PersonTimes, Who, people},
        sheet::{Cell, Formats, put, put_head},
        timeliness::{CaseTimes, Kept, Spans, Stage, Summary},
    },
    store::Case,
};

/// Cases that the page lists; the workbook has all.
const SHOWN: usize = 200;

/// The fields of the form.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    /// `2026-11`.
    month: String,
    /// `quarter`, `year`: that of the month; otherwise the month itself.
    over: String,
    unit: String,
    /// `late`: only cases with a limit that was missed.
    only: String,
}

/// How long a stretch is reported on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Month,
    Quarter,
    Year,
}

impl Over {
    const ALL: [(&str, Self); 3] = [("", Self::Month), ("quarter", Self::Quarter), ("year", Self::Year)];

    fn of(id: &str) -> Self {
        Self::ALL.iter().find(|(known, _)| *known == id).map_or(Self::Month, |(_, over)| *over)
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Month => "",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    const fn word(self, locale: Locale) -> &'static str {
        match self {
            Self::Month => locale.pick("月", "month"),
            Self::Quarter => locale.pick("季度", "quarter"),
            Self::Year => locale.pick("年", "year"),
        }
    }

    /// The first month of the stretch in which a day lies.
    fn first(self, day: Date) -> Date {
        let month = match self {
            Self::Month => day.month(),
            Self::Quarter => (day.month() - 1) / 3 * 3 + 1,
            Self::Year => 1,
        };
        Date::new(day.year(), month, 1).unwrap_or(day)
    }

    /// The first day behind the stretch that begins with this one.
    fn end(self, first: Date) -> Option<Date> {
        let months = match self {
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year => 12,
        };
        first.checked_add(months.months()).ok()
    }

    /// How the stretch that begins with a day is called.
    fn words(self, first: Date, locale: Locale) -> String {
        let quarter = (first.month() + 2) / 3;
        match (self, locale) {
            (Self::Month, _) => first.strftime("%Y-%m").to_string(),
            (Self::Quarter, Locale::ZhCn) => format!("{} 年第 {quarter} 季度", first.year()),
            (Self::Quarter, Locale::En) => format!("{} Q{quarter}", first.year()),
            (Self::Year, Locale::ZhCn) => format!("{} 年", first.year()),
            (Self::Year, Locale::En) => first.year().to_string(),
        }
    }
}

/// What is reported on.
struct Report {
    when: When,
    over: Over,
    /// First day of the stretch.
    month: Date,
    /// First day behind it.
    end: Date,
    unit: Option<String>,
    cases: Vec<Case>,
    /// Whether there were more than are read.
    cut: bool,
    /// Cases that were taken back as entered by mistake after one of their limits had passed.
    slips: usize,
}

impl Report {
    async fn read(room: &Visit, asked_for: &Asked) -> Result<Self, Fault> {
        let when = When::new(room.now(), &room.settings());
        let today = when.now.to_zoned(when.zone.clone()).date();
        let wrong = || Fault::Form(when.locale.pick("月份写成 2026-11", "write the month as 2026-11"));
        let over = Over::of(&asked_for.over);
        let month = match asked_for.month.as_str() {
            "" => over.first(today),
            written => over.first(format!("{written}-01").parse::<Date>().map_err(|_| wrong())?),
        };
        let unit = Some(asked_for.unit.clone()).filter(|unit| room.units().contains(unit));
        let start = |day: Date| day.to_zoned(when.zone.clone()).map(|day| day.timestamp());
        let end = over.end(month).ok_or_else(wrong)?;
        let (from, to) = (start(month).map_err(|_| wrong())?, start(end).map_err(|_| wrong())?);
        let units = unit.clone().map_or_else(|| room.within(), |unit| vec![unit]);
        let drills = room.settings().mark.is_some();
        let store = room.store();
        let (cases, cut, slips) = asked(Box::pin(cases(store.as_ref(), &units, from, to, drills))).await?;
        Ok(Self { when, over, month, end, unit, cases, cut, slips })
    }

    fn address(&self, month: Date, only: &str) -> String {
        let month = month.strftime("%Y-%m").to_string();
        query([
            ("month", month.as_str()),
            ("over", self.over.id()),
            ("unit", self.unit.as_deref().unwrap_or_default()),
            ("only", only),
        ])
    }
}

/// How many limits of a kind were kept.
#[derive(Debug, Serialize)]
struct KeptLine {
    name: String,
    owed: usize,
    in_time: usize,
    late: usize,
    missed: usize,
    running: usize,
    share: Option<usize>,
}

/// How long a stage took.
#[derive(Debug, Serialize)]
struct StageLine {
    name: &'static str,
    count: usize,
    half: Option<String>,
    most: Option<String>,
    longest: Option<String>,
}

/// What a responsible person did.
#[derive(Debug, Serialize)]
struct PersonLine {
    name: String,
    person: String,
    notices: usize,
    asked: usize,
    owed: usize,
    in_time: usize,
    late: usize,
    missed: usize,
    share: Option<usize>,
    causes: String,
    confirmed: usize,
    half: Option<String>,
    longest: Option<String>,
}

/// A case.
#[derive(Debug, Serialize)]
struct CaseLine {
    id: u64,
    unit: String,
    gist: String,
    tier: String,
    class: &'static str,
    published: Option<String>,
    detected: String,
    graded: String,
    told: Option<String>,
    confirmed: Option<String>,
    confirmed_by: String,
    answered: Option<String>,
    closed: Option<String>,
    /// Limits that were not met in time.
    late: Vec<String>,
}

fn kind_name(kind: DeadlineKind, name: Option<&str>, locale: Locale) -> String {
    clean(name.unwrap_or_else(|| words::deadline_kind(kind, locale)))
}

fn spans(spans: &Spans, when: &When) -> [Option<String>; 3] {
    let words = |span: Option<SignedDuration>| span.map(|span| when.span(span));
    [words(spans.quantile(50)), words(spans.quantile(90)), words(spans.longest())]
}

fn case_line(times: &CaseTimes<'_>, when: &When) -> CaseLine {
    let incident = times.incident;
    let at = |at: Option<Timestamp>| at.map(|at| when.day_time(at));
    CaseLine {
        id: incident.id.0,
        unit: clean(&incident.unit),
        gist: beginning(&incident.gist, 60),
        tier: clean(&incident.plan.tier(incident.rank).name),
        class: tier_class(&incident.plan, incident.rank),
        published: at(incident.published_at),
        detected: when.day_time(incident.detected_at),
        graded: when.day_time(incident.graded_at),
        told: at(times.told_at),
        confirmed: at(times.confirmed.map(|ack| ack.at)),
        confirmed_by: times.confirmed.map(|ack| clean(&ack.contact)).unwrap_or_default(),
        answered: at(incident.responded_at),
        closed: at(incident.closed_at),
        late: report::words::late(&times.limits, when),
    }
}

pub(super) async fn page(room: Visit, Query(asked_for): Query<Asked>) -> Response {
    show(&room, &asked_for).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, asked_for: &Asked) -> Result<Response, Fault> {
    let report = Report::read(room, asked_for).await?;
    let (when, now) = (&report.when, report.when.now);
    let summary = Summary::of(&report.cases, now);
    let only_late = asked_for.only == "late";
    let times = report.cases.iter().map(|case| CaseTimes::of(case, now));
    let mut wanted: Vec<_> = times.filter(|times| !only_late || times.is_late()).collect();
    let more = wanted.len().saturating_sub(SHOWN);
    wanted.truncate(SHOWN);
    let lines: Vec<CaseLine> = wanted.iter().map(|times| case_line(times, when)).collect();
    let today = now.to_zoned(when.zone.clone()).date().first_of_month();
    let (before, after) = (report.month.yesterday().ok().map(|day| report.over.first(day)), Some(report.end));
    let last = report.end.yesterday().unwrap_or(report.end);
    let units: Vec<Choice> = choices(&room.units(), &asked_for.unit, clean);
    let causes: Vec<_> = summary
        .causes
        .iter()
        .map(|(cause, count)| (report::words::cause(*cause, when.locale), *count))
        .collect();
    let given = context! {
        month => report.month.strftime("%Y-%m").to_string(),
        stretch => report.over.words(report.month, when.locale),
        overs => shown(&Over::ALL.map(|(id, over)| (id, over.word(when.locale), over == report.over))),
        by_month => report.over == Over::Month,
        slips => report.slips,
        before => before.map(|day| report.address(day, &asked_for.only)),
        after => after.filter(|day| *day <= today).map(|day| report.address(day, &asked_for.only)),
        here_late => report.address(report.month, "late"),
        here_all => report.address(report.month, ""),
        here_span => query([
            ("from", report.month.to_string().as_str()),
            ("to", last.to_string().as_str()),
            ("unit", report.unit.as_deref().unwrap_or_default()),
        ]),
        only_late,
        units => shown(&units),
        cases => summary.cases,
        late => summary.late,
        cut => report.cut,
        tiers => shown(&summary.tiers),
        stages => shown(&stage_lines(&summary, when)),
        backlog => summary.backlog,
        kept => shown(&kept_lines(&summary, when.locale)),
        causes => shown(&causes),
        people => shown(&person_lines(&people(&report.cases, now), when)),
        rows => shown(&lines),
        more => more,
    };
    Ok(room.pages.render(room, "reports.html", given)?.into_response())
}

fn stage_lines(summary: &Summary, when: &When) -> Vec<StageLine> {
    let line = |(stage, took): &(Stage, Spans)| {
        let [half, most, longest] = spans(took, when);
        StageLine {
            name: report::words::stage(*stage, when.locale),
            count: took.count(),
            half,
            most,
            longest,
        }
    };
    summary.stages.iter().map(line).collect()
}

fn kept_lines(summary: &Summary, locale: Locale) -> Vec<KeptLine> {
    let line = |((kind, name), kept): (&(DeadlineKind, Option<String>), &Kept)| KeptLine {
        name: kind_name(*kind, name.as_deref(), locale),
        owed: kept.owed,
        in_time: kept.in_time,
        late: kept.late,
        missed: kept.missed,
        running: kept.running,
        share: kept.share(),
    };
    summary.limits.iter().map(line).collect()
}

fn person_lines(people: &BTreeMap<Who, PersonTimes>, when: &When) -> Vec<PersonLine> {
    let line = |(who, own): (&Who, &PersonTimes)| {
        let [half, _, longest] = spans(&own.took, when);
        PersonLine {
            name: person::name(who, when),
            person: clean(&who.person),
            notices: own.notices,
            asked: own.asked,
            owed: own.kept.owed,
            in_time: own.kept.in_time,
            late: own.kept.late,
            missed: own.kept.missed,
            share: own.kept.share(),
            causes: person::causes(own, when),
            confirmed: own.confirmed,
            half,
            longest,
        }
    };
    people.iter().map(line).collect()
}

/// Columns of the cases: name in Chinese and English, width in characters.
const COLUMNS: [(&str, &str, f64); 15] = [
    ("编号", "Number", 8.0),
    ("单位", "Unit", 22.0),
    ("等级", "Tier", 10.0),
    ("概要", "What it is about", 60.0),
    ("最早发布", "Published", 19.0),
    ("发现时间", "Seen first", 19.0),
    ("定级时间", "Graded", 19.0),
    ("报告时间", "Told", 19.0),
    ("签收时间", "Confirmed", 19.0),
    ("签收人", "Confirmed by", 14.0),
    ("回应时间", "Answered", 19.0),
    ("关闭时间", "Closed", 19.0),
    ("发现到报告（分钟）", "Seen to told (min)", 12.0),
    ("报告到签收（分钟）", "Told to confirmed (min)", 12.0),
    ("未按时", "Not in time", 60.0),
];

fn cells(times: &CaseTimes<'_>, when: &When) -> [Cell; COLUMNS.len()] {
    let incident = times.incident;
    let text = |text: &str| Cell::Text(clean(text));
    let minutes = |stage| {
        let took = times.stage(stage).map(|took| took.as_mins());
        Cell::Number(took.and_then(|took| u64::try_from(took).ok()))
    };
    [
        Cell::Number(Some(incident.id.0)),
        text(&incident.unit),
        text(&incident.plan.tier(incident.rank).name),
        text(&incident.gist),
        Cell::Time(incident.published_at),
        Cell::Time(Some(incident.detected_at)),
        Cell::Time(Some(incident.graded_at)),
        Cell::Time(times.told_at),
        Cell::Time(times.confirmed.map(|ack| ack.at)),
        text(times.confirmed.map_or("", |ack| ack.contact.as_str())),
        Cell::Time(incident.responded_at),
        Cell::Time(incident.closed_at),
        minutes(Stage::Told),
        minutes(Stage::Confirmed),
        Cell::Text(report::words::late(&times.limits, when).join("；")),
    ]
}

/// The report as a workbook: how limits were kept, and every case.
pub(super) async fn xlsx(room: Visit, Query(asked_for): Query<Asked>) -> Response {
    let made = async {
        let _turn = turn(&room, 1)?;
        let report = Report::read(&room, &asked_for).await?;
        let written = blocking(move || workbook(&report)).await?;
        let bytes = written.map_err(|error| Fault::File(error.to_string()))?;
        let name = named(&room, ("时效", "timeliness"), "xlsx");
        let headers = [(header::CONTENT_TYPE, XLSX.to_owned()), (header::CONTENT_DISPOSITION, name)];
        Ok::<_, Fault>((headers, bytes).into_response())
    };
    made.await.unwrap_or_else(|fault| fault.page(&room))
}

fn workbook(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let (when, now) = (&report.when, report.when.now);
    let summary = Summary::of(&report.cases, now);
    let formats = Formats::default();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.set_name(when.locale.pick("时限", "Limits"))?;
    let columns = [
        ("时限", "Limit", 24.0),
        ("应完成", "Owed", 10.0),
        ("按时", "In time", 10.0),
        ("迟", "Late", 10.0),
        ("未完成", "Not done", 10.0),
        ("未到期", "Running", 10.0),
        ("按时率（%）", "In time (%)", 12.0),
    ];
    put_head(sheet, 0, &columns, when, &formats)?;
    let count = |number: usize| Cell::Number(u64::try_from(number).ok());
    for (row, line) in (1..).zip(kept_lines(&summary, when.locale)) {
        let share = Cell::Number(line.share.and_then(|share| u64::try_from(share).ok()));
        let [owed, in_time, late, missed, running] =
            [line.owed, line.in_time, line.late, line.missed, line.running].map(count);
        put(
            sheet,
            row,
            &[Cell::Text(line.name), owed, in_time, late, missed, running, share],
            when,
            &formats,
        )?;
    }
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(when.locale.pick("事件", "Incidents"))?;
    sheet.set_freeze_panes(1, 1)?;
    put_head(sheet, 0, &COLUMNS, when, &formats)?;
    for (row, case) in (1..).zip(&report.cases) {
        put(sheet, row, &cells(&CaseTimes::of(case, now), when), when, &formats)?;
    }
    let sheet = workbook.add_worksheet();
    sheet.set_name(when.locale.pick("责任人", "People"))?;
    sheet.set_freeze_panes(1, 1)?;
    put_head(sheet, 0, person::COLUMNS, when, &formats)?;
    for (row, cells) in (1..).zip(person::rows(&people(&report.cases, now), when)) {
        put(sheet, row, &cells, when, &formats)?;
    }
    workbook.save_to_buffer()
}
