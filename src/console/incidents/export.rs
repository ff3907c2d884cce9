//! The list as a file: the present search as xlsx or csv, a batch of rows at a time, so that a hundred thousand rows need
//! no more memory than a thousand. What is cut off says so in its last row.

use axum::{
    body::{Body, Bytes},
    extract::RawQuery,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use rust_xlsxwriter::{Workbook, XlsxError};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::query::Asked;
use crate::{
    console::{
        asked,
        exports::{XLSX, named, turn},
        fault::Fault,
        view::{When, clean, words},
        visit::Visit,
    },
    locale::{Locale, reason_line},
    model::Incident,
    report::sheet::{Cell, Formats, local, put, put_head},
    store::{IncidentSearch, Place, Turn},
    text::inert,
};

/// Rows of a file at most.
pub(in super::super) const MOST: usize = 100_000;
/// How the file is called, in Chinese and English.
const NAME: (&str, &str) = ("事件", "incidents");
/// Rows that are asked for at a time.
const BATCH: usize = 1_000;

/// Columns: name in Chinese and English, width in characters.
const COLUMNS: [(&str, &str, f64); 22] = [
    ("编号", "Number", 8.0),
    ("单位", "Unit", 22.0),
    ("等级", "Tier", 10.0),
    ("状态", "State", 9.0),
    ("办理阶段", "Stage", 10.0),
    ("概要", "What it is about", 60.0),
    ("类别", "Kind", 16.0),
    ("命中词组", "Keyword groups", 20.0),
    ("24小时浏览", "Views in 24 h", 13.0),
    ("转发", "Reposts", 10.0),
    ("评论", "Comments", 10.0),
    ("帖文数", "Posts", 9.0),
    ("站点数", "Sites", 9.0),
    ("站点", "On", 30.0),
    ("最早发布", "Published", 19.0),
    ("发现时间", "Seen first", 19.0),
    ("定级时间", "Graded", 19.0),
    ("定级依据", "Reason", 60.0),
    ("签收人", "Confirmed by", 20.0),
    ("主办", "Lead", 14.0),
    ("回应时间", "Answered", 19.0),
    ("关闭时间", "Closed", 19.0),
];

fn cells(incident: &Incident, when: &When) -> [Cell; COLUMNS.len()] {
    let (heat, locale) = (&incident.heat, when.locale);
    let text = |text: &str| Cell::Text(clean(text));
    let joined = |names: &[String]| Cell::Text(clean(&names.join("、")));
    let sites: Vec<String> = heat.sites.iter().map(|site| words::site(site, locale).to_owned()).collect();
    let mut acks: Vec<String> = Vec::new();
    for ack in &incident.acks {
        if !acks.contains(&ack.contact) {
            acks.push(ack.contact.clone());
        }
    }
    let count = |rows: usize| Cell::Number(u64::try_from(rows).ok());
    [
        Cell::Number(Some(incident.id.0)),
        text(&incident.unit),
        text(&incident.plan.tier(incident.rank).name),
        text(words::incident_state(incident.state, locale)),
        text(incident.stage()),
        text(&incident.gist),
        text(&words::kind_line(&incident.kinds, locale)),
        joined(&incident.groups),
        Cell::Number(heat.daily_views),
        Cell::Number(heat.reposts),
        Cell::Number(heat.comments),
        Cell::Number(Some(heat.posts)),
        count(heat.sites.len()),
        joined(&sites),
        Cell::Time(incident.published_at),
        Cell::Time(Some(incident.detected_at)),
        Cell::Time(Some(incident.graded_at)),
        text(&reason_line(&incident.reason, locale, &when.zone)),
        joined(&acks),
        text(incident.course.assignment.as_ref().map_or("", |one| one.lead.as_str())),
        Cell::Time(incident.responded_at),
        Cell::Time(incident.closed_at),
    ]
}

/// Rows of the search, a batch at a time.
struct Rows {
    room: Visit,
    when: When,
    search: IncidentSearch,
    left: usize,
    over: bool,
    /// One export less may be made meanwhile.
    _turn: OwnedSemaphorePermit,
}

impl Rows {
    fn of(room: &Visit, query: &str) -> Result<Self, Fault> {
        let when = When::new(room.now(), &room.settings());
        let turn = turn(room, 1)?;
        let (mut search, _) = Asked::read(query).search(&when);
        search.within = room.within();
        (search.turn, search.limit) = (Turn::First, BATCH);
        Ok(Self { room: room.clone(), when, search, left: MOST, over: false, _turn: turn })
    }

    fn locale(&self) -> Locale {
        self.when.locale
    }

    /// The next rows; none at the end.
    async fn next(&mut self) -> Result<Vec<[Cell; COLUMNS.len()]>, Fault> {
        if self.over {
            return Ok(Vec::new());
        }
        let page = asked(self.room.store().search(self.search.clone())).await?;
        let mut rows: Vec<_> =
            page.incidents.iter().take(self.left).map(|incident| cells(incident, &self.when)).collect();
        self.left = self.left.saturating_sub(rows.len());
        let last = page.incidents.last().map(Place::of);
        self.search.turn = last.map_or(Turn::First, Turn::After);
        self.over = !page.later || last.is_none();
        if self.left == 0 && page.later {
            self.over = true;
            rows.push(self.cut());
        }
        Ok(rows)
    }

    /// The row that says that there is more.
    fn cut(&self) -> [Cell; COLUMNS.len()] {
        let words = self.locale().pick(
            "只导出前 10 万件，其余请缩小筛选范围再导出",
            "only the first 100,000; narrow the search for the others",
        );
        let mut cells = [const { Cell::Text(String::new()) }; COLUMNS.len()];
        if let Some(cell) = cells.get_mut(5) {
            *cell = Cell::Text(words.to_owned());
        }
        cells
    }
}

/// The whole list as csv, for a table program: UTF-8 that says so, and no cell that such a program would compute.
pub(in super::super) async fn csv(room: Visit, RawQuery(query): RawQuery) -> Response {
    let begun = async {
        let mut rows = Rows::of(&room, query.as_deref().unwrap_or_default())?;
        let first = rows.next().await?;
        Ok::<_, Fault>((rows, first))
    };
    let (rows, first) = match begun.await {
        Ok(begun) => begun,
        Err(fault) => return fault.page(&room),
    };
    let mut head = vec![0xEF, 0xBB, 0xBF];
    head.extend(line(COLUMNS.iter().map(|(zh, en, _)| rows.locale().pick(zh, en).to_owned())));
    first.iter().for_each(|row| head.extend(row_line(row, &rows.when)));
    let rest = stream::unfold((rows, Some(Bytes::from(head))), async |(mut rows, head)| {
        if let Some(head) = head {
            return Some((Ok::<_, std::io::Error>(head), (rows, None)));
        }
        match rows.next().await {
            Ok(next) if next.is_empty() => None,
            Ok(next) => {
                let lines: Vec<u8> = next.iter().flat_map(|row| row_line(row, &rows.when)).collect();
                Some((Ok(Bytes::from(lines)), (rows, None)))
            }
            // The answer has begun: it breaks off, which a browser shows as a failed download.
            Err(fault) => {
                rows.over = true;
                Some((Err(std::io::Error::other(fault.to_string())), (rows, None)))
            }
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, named(&room, NAME, "csv")),
    ];
    (headers, Body::from_stream(rest)).into_response()
}

fn row_line(row: &[Cell], when: &When) -> Vec<u8> {
    line(row.iter().map(|cell| match cell {
        Cell::Text(text) => inert(text).into_owned(),
        Cell::Number(number) => number.map_or_else(String::new, |number| number.to_string()),
        Cell::Time(at) => {
            at.map_or_else(String::new, |at| local(at, when).strftime("%Y-%m-%d %H:%M:%S").to_string())
        }
    }))
}

fn line(fields: impl Iterator<Item = String>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(fields);
    writer.into_inner().unwrap_or_default()
}

/// The whole list as a workbook.
pub(in super::super) async fn xlsx(room: Visit, RawQuery(query): RawQuery) -> Response {
    let begun = async {
        let mut rows = Rows::of(&room, query.as_deref().unwrap_or_default())?;
        let first = rows.next().await?;
        Ok::<_, Fault>((rows, first))
    };
    let (rows, first) = match begun.await {
        Ok(begun) => begun,
        Err(fault) => return fault.page(&room),
    };
    // A workbook is whole or nothing; the answer begins at once, so that no bound on handlers cuts a long list off.
    let whole = stream::once(async move {
        let written = workbook(rows, first).await;
        written.map(Bytes::from).map_err(|error| {
            tracing::error!(error, "the list could not be exported");
            std::io::Error::other(error)
        })
    });
    let headers =
        [(header::CONTENT_TYPE, XLSX.to_owned()), (header::CONTENT_DISPOSITION, named(&room, NAME, "xlsx"))];
    (StatusCode::OK, headers, Body::from_stream(whole)).into_response()
}

type Batch = Vec<[Cell; COLUMNS.len()]>;

/// Rows are asked for here and written on a thread of their own; a few batches wait between.
async fn workbook(mut rows: Rows, first: Batch) -> Result<Vec<u8>, String> {
    let (hand, take) = mpsc::channel::<Batch>(2);
    let when = rows.when.clone();
    let writer = tokio::task::spawn_blocking(move || write(take, &when));
    let mut batch = first;
    while !batch.is_empty() {
        if hand.send(batch).await.is_err() {
            break;
        }
        batch = rows.next().await.map_err(|fault| fault.to_string())?;
    }
    drop(hand);
    writer.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

fn write(mut take: mpsc::Receiver<Batch>, when: &When) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let formats = Formats::default();
    let sheet = workbook.add_worksheet_with_constant_memory()?;
    sheet.set_name(when.locale.pick("事件", "Incidents"))?;
    sheet.set_freeze_panes(1, 1)?;
    put_head(sheet, 0, &COLUMNS, when, &formats)?;
    let mut row = 0;
    while let Some(batch) = take.blocking_recv() {
        for cells in batch {
            row += 1;
            put(sheet, row, &cells, when, &formats)?;
        }
    }
    sheet.autofilter(0, 0, row, u16::try_from(COLUMNS.len() - 1).unwrap_or(0))?;
    workbook.save_to_buffer()
}
