//! The register (台账): one row a case with every field that an office keeps of it, for a table program to sort and
//! filter. Rows are written as they come, so that ten thousand need no more memory than a thousand.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::{
    paper::{case::serial, unit::Merged},
    sheet::{Cell, Formats, put, put_head},
    timeliness::{CaseTimes, Stage},
    words::late,
};
use crate::{
    locale::{When, reason_line, words},
    model::{Ack, IncidentId},
    store::Case,
    text::clean,
};

/// Its columns: name in Chinese and English, width in characters.
const COLUMNS: [(&str, &str, f64); 52] = [
    ("编号", "Number", 8.0),
    ("文号", "Serial", 12.0),
    ("单位", "Unit", 22.0),
    ("标记", "Mark", 8.0),
    ("等级", "Tier", 10.0),
    ("定级依据", "Reason", 50.0),
    ("概要", "What it is about", 60.0),
    ("类别", "Kind", 16.0),
    ("命中词组", "Keyword groups", 20.0),
    ("站点", "On", 30.0),
    ("站点数", "Sites", 9.0),
    ("帖文数", "Posts", 9.0),
    ("24小时浏览", "Views in 24 h", 13.0),
    ("转发", "Reposts", 10.0),
    ("评论", "Comments", 10.0),
    ("最早发布", "Published", 19.0),
    ("发现时间", "Seen first", 19.0),
    ("定级时间", "Graded", 19.0),
    ("报告时间", "Told", 19.0),
    ("签收时间", "Confirmed", 19.0),
    ("签收人", "Confirmed by", 14.0),
    ("签收方式", "Confirmed how", 10.0),
    ("全部签收", "All confirmations", 40.0),
    ("牵头（按预案）", "Led by (plan)", 16.0),
    ("主办", "Lead", 14.0),
    ("协办", "Helping", 20.0),
    ("办理要求", "Instruction", 40.0),
    ("批办人", "Assigned by", 14.0),
    ("批办时间", "Assigned", 19.0),
    ("回应时间", "Answered", 19.0),
    ("回应内容", "Answer", 60.0),
    ("回应链接", "Address of the answer", 40.0),
    ("关闭时间", "Closed", 19.0),
    ("状态", "State", 9.0),
    ("办理阶段", "Stage", 10.0),
    ("反弹次数", "Flared up", 9.0),
    ("未按时的时限数", "Limits not kept", 10.0),
    ("未按时的时限及原因", "Which, and through what", 60.0),
    ("发布到发现（分钟）", "Published to seen (min)", 12.0),
    ("发现到报告（分钟）", "Seen to told (min)", 12.0),
    ("报告到签收（分钟）", "Told to confirmed (min)", 12.0),
    ("发现到回应（分钟）", "Seen to answered (min)", 12.0),
    ("发现到关闭（分钟）", "Seen to closed (min)", 12.0),
    ("录入途径", "Entered by hand from", 12.0),
    ("录入人", "Entered by", 14.0),
    ("录入时间", "Entered", 19.0),
    ("发生时间（录入）", "Happened (as entered)", 19.0),
    ("未监测到的原因", "Why no source had it", 30.0),
    ("后由信源发现", "Found by a source later", 19.0),
    ("并入的编号", "Merged into it", 16.0),
    ("预案", "Plan", 24.0),
    ("预案编号", "Id of the plan", 16.0),
];

/// A register that is being written.
pub struct Register {
    workbook: Workbook,
    when: When,
    rows: u32,
}

impl Register {
    /// One without rows yet. `when.now`: the instant as of which limits are judged.
    ///
    /// # Errors
    /// The writer's: no room for its temporary file.
    pub fn new(when: When) -> Result<Self, XlsxError> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(when.locale.pick("台账", "Register"))?;
        begin(sheet, &when)?;
        Ok(Self { workbook, when, rows: 0 })
    }

    /// Adds cases, a row each. `merged`: the incidents that are told in them.
    ///
    /// # Errors
    /// The writer's.
    pub fn add(&mut self, cases: &[Case], merged: &Merged) -> Result<(), XlsxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        self.rows = add(sheet, self.rows, cases, merged, &self.when)?;
        Ok(())
    }

    /// The whole of it as the bytes of an .xlsx file. `cut`: whether there are more cases than were added.
    ///
    /// # Errors
    /// The writer's.
    pub fn end(mut self, cut: bool) -> Result<Vec<u8>, XlsxError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        end(sheet, self.rows, cut, &self.when)?;
        self.workbook.save_to_buffer()
    }
}

/// A whole sheet of cases in another workbook.
pub(super) fn fill(
    sheet: &mut Worksheet,
    cases: &[Case],
    merged: &Merged,
    cut: bool,
    when: &When,
) -> Result<(), XlsxError> {
    begin(sheet, when)?;
    let rows = add(sheet, 0, cases, merged, when)?;
    end(sheet, rows, cut, when)
}

fn begin(sheet: &mut Worksheet, when: &When) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 1)?;
    put_head(sheet, 0, &COLUMNS, when, &Formats::default())
}

fn add(
    sheet: &mut Worksheet,
    mut rows: u32,
    cases: &[Case],
    merged: &Merged,
    when: &When,
) -> Result<u32, XlsxError> {
    let formats = Formats::default();
    for case in cases {
        rows += 1;
        let merged = merged.get(&case.incident.id).map(Vec::as_slice).unwrap_or_default();
        put(sheet, rows, &cells(&CaseTimes::of(case, when.now), merged, when), when, &formats)?;
    }
    Ok(rows)
}

/// The filter, and a row that says that there is nothing, or that there is more.
fn end(sheet: &mut Worksheet, rows: u32, cut: bool, when: &When) -> Result<(), XlsxError> {
    let words = match (rows, cut) {
        (0, _) => when.locale.pick("无：这段时间没有舆情", "None: nothing was found in this time"),
        (_, true) => when.locale.pick(
            "件数过多，只列出前面的，请缩小日期范围",
            "too many; only the first are listed: narrow the dates",
        ),
        (_, false) => "",
    };
    if !words.is_empty() {
        sheet.write_string(rows + 1, 0, words)?;
    }
    let last = u16::try_from(COLUMNS.len() - 1).unwrap_or(0);
    sheet.autofilter(0, 0, rows, last).map(|_| ())
}

fn text(text: &str) -> Cell {
    Cell::Text(clean(text))
}

fn cells(times: &CaseTimes<'_>, merged: &[IncidentId], when: &When) -> Vec<Cell> {
    let mut cells = Vec::with_capacity(COLUMNS.len());
    cells.extend(said(times, when));
    cells.extend(confirmed(times, when));
    cells.extend(handled(times, when));
    cells.extend(kept(times, when));
    cells.extend(entered(times));
    let merged: Vec<String> = merged.iter().map(ToString::to_string).collect();
    let plan = &times.incident.plan;
    cells.extend([Cell::Text(merged.join(comma(when))), text(&plan.title), text(&plan.id)]);
    cells
}

fn comma(when: &When) -> &'static str {
    when.locale.pick("、", ", ")
}

/// What is said, where, how far it went.
fn said(times: &CaseTimes<'_>, when: &When) -> [Cell; 19] {
    let (incident, locale) = (times.incident, when.locale);
    let (heat, plan) = (&incident.heat, &incident.plan);
    let sites: Vec<&str> = heat.sites.iter().map(|site| words::site(site, locale)).collect();
    [
        Cell::Number(Some(incident.id.0)),
        Cell::Text(serial(incident, when)),
        text(&incident.unit),
        text(plan.exercise_mark.as_deref().unwrap_or_default()),
        text(&plan.tier(incident.rank).name),
        text(&reason_line(&incident.reason, locale, &when.zone)),
        text(&incident.gist),
        text(&words::kind_line(&incident.kinds, locale)),
        text(&incident.groups.join(comma(when))),
        text(&sites.join(comma(when))),
        Cell::count(heat.sites.len()),
        Cell::Number(Some(heat.posts)),
        Cell::Number(heat.daily_views),
        Cell::Number(heat.reposts),
        Cell::Number(heat.comments),
        Cell::Time(incident.published_at),
        Cell::Time(Some(incident.detected_at)),
        Cell::Time(Some(incident.graded_at)),
        Cell::Time(times.told_at),
    ]
}

/// The first confirmation, and all of them.
fn confirmed(times: &CaseTimes<'_>, when: &When) -> [Cell; 4] {
    let first = times.confirmed;
    let line =
        |ack: &Ack| format!("{} {}（{}）", ack.contact, when.stamp(ack.at), words::how(ack.how, when.locale));
    let all: Vec<String> = times.incident.acks.iter().map(line).collect();
    [
        Cell::Time(first.map(|ack| ack.at)),
        text(first.map_or("", |ack| ack.contact.as_str())),
        text(first.map_or("", |ack| words::how(ack.how, when.locale))),
        text(&all.join(when.locale.pick("；", "; "))),
    ]
}

/// Who leads, what was answered, where it stands.
fn handled(times: &CaseTimes<'_>, when: &When) -> [Cell; 13] {
    let incident = times.incident;
    let one = incident.course.assignment.as_ref();
    let replies = &incident.course.replies;
    let answers: Vec<&str> = replies.iter().map(|reply| reply.text.as_str()).collect();
    let links: Vec<&str> = replies.iter().filter_map(|reply| reply.link.as_deref()).collect();
    [
        text(incident.plan.tier(incident.rank).led_by.as_deref().unwrap_or_default()),
        text(one.map_or("", |one| one.lead.as_str())),
        text(&one.map(|one| one.helping.join(comma(when))).unwrap_or_default()),
        text(one.map_or("", |one| one.instruction.as_str())),
        text(one.map_or("", |one| one.by.as_str())),
        Cell::Time(one.map(|one| one.at)),
        Cell::Time(incident.responded_at),
        text(&answers.join(when.locale.pick("；", "; "))),
        text(&links.join(" ")),
        Cell::Time(incident.closed_at),
        text(words::incident_state(incident.state, when.locale)),
        text(incident.stage()),
        Cell::Number(Some(u64::from(incident.reopened))),
    ]
}

/// Limits that were not kept, and how long stages took.
fn kept(times: &CaseTimes<'_>, when: &When) -> [Cell; 7] {
    let late = late(&times.limits, when);
    let minutes = |stage| {
        let took = times.stage(stage).map(|took| took.as_mins());
        Cell::Number(took.and_then(|took| u64::try_from(took).ok()))
    };
    let [seen, told, confirmed, answered, closed] = Stage::ALL.map(minutes);
    let which = Cell::Text(late.join(when.locale.pick("；", "; ")));
    [Cell::count(late.len()), which, seen, told, confirmed, answered, closed]
}

/// How it came in by hand.
fn entered(times: &CaseTimes<'_>) -> [Cell; 6] {
    let one = times.incident.course.entered.as_ref();
    [
        text(one.map_or("", |one| one.source.as_str())),
        text(one.map_or("", |one| one.by.as_str())),
        Cell::Time(one.map(|one| one.at)),
        Cell::Time(one.and_then(|one| one.happened_at)),
        text(one.map_or("", |one| one.missed.as_str())),
        Cell::Time(one.and_then(|one| one.found_at)),
    ]
}
