//! Workbooks: the register (台账) of a span, and the monthly report with its chart.

use axum::{
    body::{Body, Bytes},
    extract::Query,
    http::header,
    response::{IntoResponse as _, Response},
};
use futures_util::stream;
use jiff::Timestamp;
use serde::Deserialize;
use tokio::sync::mpsc;

use super::{Asked, Scope, asked, blocking, facts, within};
use crate::{
    console::{
        exports::{XLSX, named, offered, turn},
        fault::Fault,
        view::When,
        visit::Visit,
    },
    report::{
        monthly,
        paper::{
            PaperKind,
            unit::{self, merged, rows::Cases},
        },
        register::Register,
    },
    store::Case,
};

/// Which cases the register is to have; what is empty asks for nothing.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Span {
    /// First day, `2026-11-21`.
    from: String,
    /// Last day.
    to: String,
    unit: String,
}

impl Span {
    /// First instant, and the first behind it. UTC.
    fn instants(&self, when: &When) -> Result<(Timestamp, Timestamp), Fault> {
        let wrong = || Fault::Form(when.locale.pick("日期写成 2026-11-21", "write a day as 2026-11-21"));
        let edge = |day: &str, end| match day {
            "" => Ok(if end { Timestamp::MAX } else { Timestamp::MIN }),
            day => when.edge_of_day(day, end).ok_or_else(wrong),
        };
        let (from, to) = (edge(self.from.trim(), false)?, edge(self.to.trim(), true)?);
        if from >= to {
            let words = ("开始日期晚于结束日期", "the first day is after the last");
            return Err(Fault::Form(when.locale.pick(words.0, words.1)));
        }
        Ok((from, to))
    }
}

/// The monthly report as a workbook.
pub(in super::super) async fn month(room: Visit, Query(wanted): Query<Asked>) -> Response {
    let made = async {
        if wanted.kind() != PaperKind::Monthly {
            let words = ("只有月报有 Excel 文件", "only the monthly report comes as a workbook");
            return Err(Fault::Form(room.settings().locale.pick(words.0, words.1)));
        }
        let _turn = turn(&room, 1)?;
        let scope = Scope::of(&room, &wanted)?;
        let (rows, facts) = facts(&room, &scope, PaperKind::Monthly).await?;
        let merged = asked(Box::pin(merged(room.store().as_ref(), &scope.units, rows.from))).await?;
        let when = scope.when;
        let name = offered(&format!("{}.xlsx", unit::name(&facts)), "monthly.xlsx");
        let written = blocking(move || monthly::workbook(&rows, &facts, &merged, &when)).await?;
        let bytes = written.map_err(|error| Fault::File(error.to_string()))?;
        Ok(([(header::CONTENT_TYPE, XLSX.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
            .into_response())
    };
    made.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

/// The register of a span.
pub(in super::super) async fn register(room: Visit, Query(span): Query<Span>) -> Response {
    let when = When::new(room.now(), &room.settings());
    let begun = span.instants(&when).and_then(|instants| Ok((instants, turn(&room, 1)?)));
    let (instants, turn) = match begun {
        Ok(begun) => begun,
        Err(fault) => return fault.page(&room),
    };
    let headers = [
        (header::CONTENT_TYPE, XLSX.to_owned()),
        (header::CONTENT_DISPOSITION, named(&room, ("台账", "register"), "xlsx")),
    ];
    // A workbook is whole or nothing; the answer begins at once, so that no bound on handlers cuts a long one off.
    let whole = stream::once(async move {
        let _turn = turn;
        written(&room, &span.unit, instants, when).await.map(Bytes::from).map_err(|error| {
            tracing::error!(error, "the register could not be written");
            std::io::Error::other(error)
        })
    });
    (headers, Body::from_stream(whole)).into_response()
}

/// Rows are asked for here and written on a thread of their own; a few batches wait between.
async fn written(
    room: &Visit,
    unit: &str,
    (from, to): (Timestamp, Timestamp),
    when: When,
) -> Result<Vec<u8>, String> {
    let (store, units) = (room.store(), within(room, unit));
    let drills = room.settings().mark.is_some();
    let merged = merged(store.as_ref(), &units, from).await.map_err(|error| error.to_string())?;
    let mut cases = Cases::of(&units, from, to, drills);
    let (hand, mut take) = mpsc::channel::<(Vec<Case>, bool)>(2);
    let writer = tokio::task::spawn_blocking(move || {
        let (mut register, mut cut) = (Register::new(when)?, false);
        while let Some((batch, more)) = take.blocking_recv() {
            register.add(&batch, &merged)?;
            cut = more;
        }
        register.end(cut)
    });
    while let Some(batch) = cases.next(store.as_ref()).await.map_err(|error| error.to_string())? {
        if hand.send((batch, cases.is_cut())).await.is_err() {
            break;
        }
    }
    drop(hand);
    writer.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}
