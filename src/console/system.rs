//! The system (系统): version, since when it runs, the database's size and how it grows, copies of it, and the last log
//! lines. A copy is made beside the requests, one at a time.

use std::{path::Path, sync::PoisonError};

use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use minijinja::context;
use serde::Serialize;
use tracing::{Level, error};

use super::{
    Machine, asked,
    fault::Fault,
    files::blocking,
    journal::Line,
    pages::shown,
    view::{When, bytes, clean},
    visit::Visit,
};
use crate::{
    model::Act,
    report::retention::{self, RetentionFacts},
    store::{self, Copies, Growth},
};

/// Log lines that are shown.
const LINES: usize = 200;
/// Days over which growth is told.
const SPANS: [i64; 3] = [7, 30, 365];

/// The copy of the database that is being made, or was made last.
#[derive(Debug, Clone, Default)]
pub(super) enum Copying {
    /// None since the start.
    #[default]
    None,
    /// One is being made, since. UTC.
    Since(Timestamp),
    /// It stands, and was checked: its name.
    Done(String),
    /// It failed.
    Failed(String),
}

#[derive(Debug, Serialize)]
struct CopyLine {
    name: String,
    size: String,
}

#[derive(Debug, Serialize)]
struct LogLine {
    at: String,
    level: &'static str,
    class: &'static str,
    text: String,
}

impl LogLine {
    fn of(line: &Line, when: &When) -> Self {
        let (level, class) = match line.level {
            Level::ERROR => (when.locale.pick("错误", "error"), "bad"),
            Level::WARN => (when.locale.pick("警告", "warning"), "waits"),
            Level::INFO => (when.locale.pick("信息", "info"), "off"),
            _ => (when.locale.pick("细节", "detail"), "off"),
        };
        let at = Timestamp::from_millisecond(line.at_ms).unwrap_or_default();
        Self { at: when.time(at), level, class, text: clean(&line.text) }
    }
}

/// How the database grew over some days.
#[derive(Debug, Serialize)]
struct GrowthLine {
    days: i64,
    a_day: String,
}

pub(super) async fn page(room: Visit) -> Response {
    show(&room).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit) -> Result<Response, Fault> {
    let when = When::new(room.now(), &room.settings());
    let machine = room.console.machine.clone();
    let size = asked(room.store().size_bytes()).await?;
    let growth = Growth::read(&**room.store()).await.map_err(Fault::Store)?;
    let today = when.now.to_zoned(when.zone.clone()).date();
    let grown = SPANS.iter().filter_map(|days| Some((*days, growth.a_day(today, *days)?)));
    let grown: Vec<GrowthLine> = grown
        .map(|(days, a_day)| {
            let sign = if a_day < 0 { "−" } else { "" };
            GrowthLine { days, a_day: format!("{sign}{}", bytes(a_day.unsigned_abs())) }
        })
        .collect();
    let copies = match &machine {
        Some(machine) => copies_of(&machine.database).await?,
        None => Vec::new(),
    };
    let log: Vec<LogLine> = machine
        .as_ref()
        .map(|machine| {
            machine.journal.last().iter().take(LINES).map(|line| LogLine::of(line, &when)).collect()
        })
        .unwrap_or_default();
    let copying = room.copying.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (busy, done, failed) = match copying {
        Copying::None => (None, None, None),
        Copying::Since(at) => (Some(when.time(at)), None, None),
        Copying::Done(name) => (None, Some(name), None),
        Copying::Failed(why) => (None, None, Some(clean(&why))),
    };
    let retention = retention_of(room, &when).await?;
    let given = context! {
        retention => retention.map(|facts| shown(&facts)),
        version => env!("CARGO_PKG_VERSION"),
        pages_of => room.pages.build(),
        since => machine.as_ref().map(|machine| when.day_time(machine.started_at)),
        lasts => machine.as_ref().map(|machine| when.span(when.now.duration_since(machine.started_at))),
        trouble => room.console.vitals.as_ref().and_then(|vitals| vitals.borrow().trouble(when.now, when.locale)),
        database => machine.as_ref().map(|machine| clean(&machine.database.display().to_string())),
        backups => machine.as_ref().map(|machine| clean(&Copies::of(&machine.database).folder().display().to_string())),
        size => bytes(size),
        growth => shown(&grown),
        copies => shown(&copies),
        kept => Copies::KEPT,
        busy, done, failed,
        log => shown(&log),
    };
    Ok(room.pages.render(room, "system.html", given)?.into_response())
}

/// What is kept for how long, by the figures that were counted last; `None` before they are counted first.
async fn retention_of(room: &Visit, when: &When) -> Result<Option<RetentionFacts>, Fault> {
    let store = &**room.store();
    let Some(kept) = retention::last_figures(store).await.map_err(Fault::Store)? else { return Ok(None) };
    let plan = retention::shown(store).await.map_err(Fault::Store)?;
    let settings = room.settings();
    let spans = settings.office.as_ref().map(|office| office.settings.retention.clone()).unwrap_or_default();
    Ok(Some(RetentionFacts::of(&kept, &spans, plan.as_ref(), when)))
}

async fn copies_of(database: &Path) -> Result<Vec<CopyLine>, Fault> {
    let copies = Copies::of(database);
    let listed = blocking(move || copies.list()).await?.map_err(Fault::Store)?;
    let line = |copy: store::CopyFile| CopyLine { name: clean(&copy.name), size: bytes(copy.bytes) };
    Ok(listed.into_iter().map(line).collect())
}

/// Begins a copy of the database. It holds everything that the database holds, so who made one stands in the audit.
pub(super) async fn back_up(room: Visit) -> Response {
    let begun = async {
        let machine = room.console.machine.clone().ok_or(Fault::Nowhere)?;
        let busy = room.settings().locale.pick("正在备份，请稍后再看", "a copy is being made");
        take_turn(&room, room.now()).ok_or(Fault::Form(busy))?;
        let to = Copies::of(&machine.database).next(room.now());
        let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let act = Act::Access {
            what: "backed-up".to_owned(),
            about: name.clone(),
            by: room.signs(room.settings().locale.pick("控制台", "console")),
        };
        if let Err(fault) = room.act(act, None).await {
            end_turn(&room, Copying::Failed(fault.to_string()));
            return Err(fault);
        }
        let visit = room.clone();
        tokio::spawn(async move {
            let made = blocking(move || copy(&machine, &to)).await;
            let ended = match made {
                Ok(Ok(())) => Copying::Done(name),
                Ok(Err(error)) => Copying::Failed(error.to_string()),
                Err(fault) => Copying::Failed(fault.to_string()),
            };
            if let Copying::Failed(why) = &ended {
                error!(why, "the database could not be copied");
            }
            end_turn(&visit, ended);
        });
        Ok(Redirect::to("/system").into_response())
    };
    begun.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

/// Whether nobody else's copy is being made.
fn take_turn(room: &Visit, now: Timestamp) -> Option<()> {
    let mut copying = room.copying.lock().unwrap_or_else(PoisonError::into_inner);
    if matches!(*copying, Copying::Since(_)) {
        return None;
    }
    *copying = Copying::Since(now);
    Some(())
}

fn end_turn(room: &Visit, ended: Copying) {
    *room.copying.lock().unwrap_or_else(PoisonError::into_inner) = ended;
}

fn copy(machine: &Machine, to: &Path) -> Result<(), store::StoreError> {
    store::copy(&machine.database, to)?;
    Copies::of(&machine.database).prune(Copies::KEPT).map(drop)
}
