//! Papers (材料) as pages and Word files: here those on a day, a week or a month; those on one incident are with it
//! (`incident/print`). The monthly report and the register come as workbooks, too.

pub(super) mod workbook;

use std::sync::Arc;

use axum::{
    extract::Query,
    http::header,
    response::{IntoResponse as _, Response},
};
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;

use super::{
    asked,
    exports::{offered, turn},
    fault::Fault,
    files::blocking,
    pages::shown,
    view::{When, choices, clean, query},
    visit::Visit,
};
use crate::{
    locale::Locale,
    report::paper::{
        Paper, PaperKind,
        file::{FileForm, written},
        html,
        texts::Texts,
        unit::{self, Period, SpanRows, UnitFacts},
    },
};

/// Days of one paper at most.
const DAYS: i64 = 31;

/// What the address asks for; what is empty asks for what is usual.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    kind: String,
    month: String,
    day: String,
    days: String,
    unit: String,
}

impl Asked {
    fn kind(&self) -> PaperKind {
        PaperKind::OF_UNIT.into_iter().find(|kind| kind.id() == self.kind).unwrap_or(PaperKind::Monthly)
    }

    fn is_by_month(&self) -> bool {
        matches!(self.kind(), PaperKind::Monthly | PaperKind::Circular)
    }

    fn period(&self, today: Date, locale: Locale) -> Result<Period, Fault> {
        let day = |text: &str, words: (&'static str, &'static str)| match text {
            "" => Ok(today),
            text => text.parse::<Date>().map_err(|_| Fault::Form(locale.pick(words.0, words.1))),
        };
        let (month, last) = (self.month.trim(), self.day.trim());
        if self.is_by_month() {
            let first = if month.is_empty() { String::new() } else { format!("{month}-01") };
            return Ok(Period::Month(day(&first, ("月份写成 2026-11", "write the month as 2026-11"))?));
        }
        let last = day(last, ("日期写成 2026-11-21", "write a day as 2026-11-21"))?;
        let days = match self.days.trim() {
            "" => Some(1),
            days => days.parse().ok().filter(|days| (1..=DAYS).contains(days)),
        };
        let wrong = || Fault::Form(locale.pick("天数写 1 到 31", "write 1 to 31 days"));
        Ok(Period::Days(days.ok_or_else(wrong)?, last))
    }
}

/// The office's own texts over those that ship; what is wrong with one is told elsewhere.
pub(super) fn texts(room: &Visit) -> Texts {
    let own = room.settings().office.as_ref().map(|office| office.papers.clone()).unwrap_or_default();
    Texts::of(&own).0
}

/// The units of which a unit's name, perhaps empty, asks: those that this person sees.
fn within(room: &Visit, unit: &str) -> Vec<String> {
    let seen = room.units().into_iter().find(|seen| seen == unit);
    seen.map_or_else(|| room.within(), |unit| vec![unit])
}

/// A paper as a file to take; drawing its curves is work for another thread.
pub(super) async fn file(room: &Visit, paper: Paper, form: FileForm) -> Result<Response, Fault> {
    let (now, locale, ending) = (room.now(), room.settings().locale, form.ending());
    let offered = offered(&format!("{}.{ending}", paper.name), &format!("paper.{ending}"));
    // A PDF takes a second of a core and much memory.
    let _turn = if form == FileForm::Pdf { Some(turn(room, 1)?) } else { None };
    let made = blocking(move || written(&paper, form, Some(now))).await?;
    let bytes = made.map_err(|error| Fault::File(error.words(locale)))?;
    let headers =
        [(header::CONTENT_TYPE, form.media_type().to_owned()), (header::CONTENT_DISPOSITION, offered)];
    Ok((headers, bytes).into_response())
}

/// Rows and facts of what is asked for.
async fn facts(room: &Visit, wanted: &Asked) -> Result<(SpanRows, UnitFacts, When), Fault> {
    let settings = room.settings();
    let when = When::new(room.now(), &settings);
    let units = within(room, &wanted.unit);
    let name = match (units.as_slice(), room.units().as_slice()) {
        ([unit], _) | ([], [unit]) => unit.clone(),
        _ => when.locale.pick("全部单位", "All units").to_owned(),
    };
    let mark = settings.mark.clone().unwrap_or_default();
    let today = when.now.to_zoned(when.zone.clone()).date();
    let store = room.store();
    let sources = settings.office.as_ref().map(|office| Arc::clone(&office.sources)).unwrap_or_default();
    let period = wanted.period(today, when.locale)?;
    let whose = (units.as_slice(), sources.as_slice());
    let rows = SpanRows::read(store.as_ref(), whose, period, &when.zone, !mark.is_empty());
    let rows = asked(Box::pin(rows)).await?;
    let kind = wanted.kind();
    let made = blocking(move || {
        let facts = UnitFacts::of(&rows, kind, &name, &mark, &when);
        (rows, facts, when)
    });
    made.await
}

async fn paper(room: &Visit, wanted: &Asked) -> Result<Paper, Fault> {
    let (_, facts, when) = facts(room, wanted).await?;
    let (kind, texts) = (wanted.kind(), texts(room));
    blocking(move || unit::paper(&facts, kind, &texts, when.locale).0).await
}

pub(super) async fn page(room: Visit, Query(wanted): Query<Asked>) -> Response {
    let made = async {
        let paper = paper(&room, &wanted).await?;
        let locale = room.settings().locale;
        let kinds = PaperKind::OF_UNIT.map(|kind| (kind.id(), kind.word(locale), kind == wanted.kind()));
        let given = context! {
            title => paper.name.clone(),
            kinds => shown(&kinds),
            kind => wanted.kind().id(),
            by_month => wanted.is_by_month(),
            month => clean(&wanted.month),
            day => clean(&wanted.day),
            days => clean(&wanted.days),
            units => shown(&choices(&room.units(), &wanted.unit, clean)),
            here_all => query([
                ("kind", wanted.kind().id()),
                ("month", &wanted.month),
                ("day", &wanted.day),
                ("days", &wanted.days),
                ("unit", &wanted.unit),
            ]),
            // Every word of it is escaped where it is written.
            body => Value::from_safe_string(html::html(&paper)),
        };
        Ok::<_, Fault>(room.pages.render(&room, "papers.html", given)?.into_response())
    };
    made.await.unwrap_or_else(|fault| fault.page(&room))
}

/// The same as a Word file.
pub(super) async fn word(room: Visit, Query(wanted): Query<Asked>) -> Response {
    taken(&room, &wanted, FileForm::Word).await
}

/// The same as PDF.
pub(super) async fn pdf(room: Visit, Query(wanted): Query<Asked>) -> Response {
    taken(&room, &wanted, FileForm::Pdf).await
}

async fn taken(room: &Visit, wanted: &Asked, form: FileForm) -> Response {
    let made = async { file(room, paper(room, wanted).await?, form).await };
    made.await.unwrap_or_else(|fault| fault.page(room))
}
