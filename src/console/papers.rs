//! Papers (材料) as pages and Word files: here those on a day, a week or a month; those on one incident are with it
//! (`incident/print`). The monthly report and the register come as workbooks, too.

pub(super) mod workbook;

use axum::{
    extract::Query,
    http::header,
    response::{IntoResponse as _, Response},
};
use jiff::{Timestamp, civil::Date};
use minijinja::{Value, context};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::{
    asked,
    fault::Fault,
    files::blocking,
    pages::shown,
    view::{When, choices, clean, query},
    visit::Visit,
};
use crate::report::paper::{
    Paper, PaperKind,
    docx::{Form, docx},
    html,
    texts::Texts,
    unit::{self, Period, SpanRows, UnitFacts},
};

/// What a Word file is (IANA media type).
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// Days of one paper at most.
const DAYS: i64 = 31;

/// What the address asks for; what cannot be read is as if it were not there.
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

    fn period(&self, today: Date) -> Period {
        match self.kind() {
            PaperKind::Monthly | PaperKind::Circular => {
                Period::Month(format!("{}-01", self.month).parse().unwrap_or(today))
            }
            _ => {
                let days = self.days.parse().ok().filter(|days| (1..=DAYS).contains(days)).unwrap_or(1);
                Period::Days(days, self.day.parse().unwrap_or(today))
            }
        }
    }
}

/// The office's own texts over those that ship; what is wrong with one is told elsewhere.
pub(super) fn texts(room: &Visit) -> Texts {
    let own = room.settings().office.as_ref().map(|office| office.papers.clone()).unwrap_or_default();
    Texts::of(&own).0
}

/// How a file is offered: a name in Chinese, and a plain one for old browsers.
fn offered(name: &str, plain: &str, extension: &str) -> String {
    let name: String = byte_serialize(format!("{name}.{extension}").as_bytes()).collect();
    let name = name.replace('+', "%20");
    format!("attachment; filename=\"{plain}.{extension}\"; filename*=UTF-8''{name}")
}

/// The units of which a unit's name, perhaps empty, asks: those that this person sees.
fn within(room: &Visit, unit: &str) -> Vec<String> {
    let seen = room.units().into_iter().find(|seen| seen == unit);
    seen.map_or_else(|| room.within(), |unit| vec![unit])
}

/// A paper as a file to take; drawing its curves is work for another thread.
pub(super) async fn word_file(paper: Paper, now: Timestamp) -> Result<Response, Fault> {
    let offered = offered(&paper.name, "paper", "docx");
    let made = blocking(move || docx(&paper, &Form { made_at: Some(now), ..Form::default() })).await?;
    let bytes = made.map_err(|error| Fault::File(error.to_string()))?;
    let headers = [(header::CONTENT_TYPE, DOCX.to_owned()), (header::CONTENT_DISPOSITION, offered)];
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
    let rows = SpanRows::read(store.as_ref(), &units, wanted.period(today), &when.zone, !mark.is_empty());
    let rows = asked(Box::pin(rows)).await?;
    let kind = wanted.kind();
    let made = blocking(move || {
        let facts = UnitFacts::of(&rows, kind, &name, &mark, &when);
        (rows, facts, when)
    });
    made.await
}

async fn written(room: &Visit, wanted: &Asked) -> Result<Paper, Fault> {
    let (_, facts, when) = facts(room, wanted).await?;
    let (kind, texts) = (wanted.kind(), texts(room));
    blocking(move || unit::paper(&facts, kind, &texts, when.locale).0).await
}

pub(super) async fn page(room: Visit, Query(wanted): Query<Asked>) -> Response {
    let made = async {
        let paper = written(&room, &wanted).await?;
        let locale = room.settings().locale;
        let kinds = PaperKind::OF_UNIT.map(|kind| (kind.id(), kind.word(locale), kind == wanted.kind()));
        let given = context! {
            title => paper.name.clone(),
            kinds => shown(&kinds),
            kind => wanted.kind().id(),
            by_month => matches!(wanted.period(Date::default()), Period::Month(_)),
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
    let made = async { word_file(written(&room, &wanted).await?, room.now()).await };
    made.await.unwrap_or_else(|fault| fault.page(&room))
}
