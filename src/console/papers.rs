//! Papers (材料) as pages and Word files: here those on a day, a week or a month; those on one incident are with it
//! (`incident/print`). The monthly report and the register come as workbooks, too.

pub(super) mod workbook;

use axum::{
    Form,
    extract::Query,
    http::header,
    response::{IntoResponse as _, Redirect, Response},
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
use crate::{
    model::Act,
    report::paper::{
        Paper, PaperKind,
        docx::{self, docx},
        html,
        number::{self, Issue, Numbered},
        texts::Texts,
        unit::{self, Period, SpanRows, UnitFacts},
    },
};

/// What a Word file is (IANA media type).
const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
/// What the audit calls it that a paper was numbered.
pub(super) const NUMBERED: &str = "numbered";
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
    /// The same as an address.
    fn address(&self) -> String {
        query([
            ("kind", self.kind().id()),
            ("month", &self.month),
            ("day", &self.day),
            ("days", &self.days),
            ("unit", &self.unit),
        ])
    }

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
    let made =
        blocking(move || docx(&paper, &docx::Form { made_at: Some(now), ..docx::Form::default() })).await?;
    let bytes = made.map_err(|error| Fault::File(error.to_string()))?;
    let headers = [(header::CONTENT_TYPE, DOCX.to_owned()), (header::CONTENT_DISPOSITION, offered)];
    Ok((headers, bytes).into_response())
}

/// What an address asks for, as this person may see it.
struct Scope {
    /// Whose; none is every unit.
    units: Vec<String>,
    /// What they are called together.
    name: String,
    mark: String,
    period: Period,
    when: When,
    /// The paper as the numbers know it; `None` for what is numbered in another way, or is of some units of several.
    numbered: Option<Numbered>,
}

impl Scope {
    fn of(room: &Visit, wanted: &Asked) -> Self {
        let settings = room.settings();
        let when = When::new(room.now(), &settings);
        let units = within(room, &wanted.unit);
        let mark = settings.mark.clone().unwrap_or_default();
        let period = wanted.period(when.now.to_zoned(when.zone.clone()).date());
        let one = match (units.as_slice(), room.units().as_slice()) {
            ([unit], _) | ([], [unit]) => Some(unit.clone()),
            _ => None,
        };
        let series = one.clone().or_else(|| units.is_empty().then(String::new));
        let numbered = series.and_then(|unit| Numbered::of_unit(wanted.kind(), &unit, &mark, period));
        let name = one.unwrap_or_else(|| when.locale.pick("全部单位", "All units").to_owned());
        Self { units, name, mark, period, when, numbered }
    }

    fn year(&self) -> i16 {
        number::year(self.when.now, &self.when.zone)
    }

    async fn issue(&self, room: &Visit) -> Result<Option<Issue>, Fault> {
        let Some(paper) = &self.numbered else { return Ok(None) };
        asked(Box::pin(paper.known(room.store().as_ref(), self.year()))).await
    }
}

/// Rows and facts of what is asked for.
async fn facts(room: &Visit, wanted: &Asked) -> Result<(SpanRows, UnitFacts, When), Fault> {
    let scope = Scope::of(room, wanted);
    let issue = scope.issue(room).await?;
    let Scope { units, name, mark, period, when, .. } = scope;
    let store = room.store();
    let rows = SpanRows::read(store.as_ref(), &units, period, &when.zone, !mark.is_empty());
    let rows = asked(Box::pin(rows)).await?;
    let kind = wanted.kind();
    let made = blocking(move || {
        let facts = UnitFacts::of(&rows, kind, &name, &mark, &when).numbered(issue, &when);
        (rows, facts, when)
    });
    made.await
}

async fn written(room: &Visit, wanted: &Asked) -> Result<Paper, Fault> {
    let (_, facts, when) = facts(room, wanted).await?;
    let (kind, texts) = (wanted.kind(), texts(room));
    blocking(move || unit::paper(&facts, kind, &texts, when.locale).0).await
}

/// Who says what, on a form that says nothing else.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Signed {
    pub by: String,
}

/// Gives a paper on a span its running number.
pub(super) async fn number(room: Visit, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let field = |name: &str| {
        let found = fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let wanted = Asked {
        kind: field("kind"),
        month: field("month"),
        day: field("day"),
        days: field("days"),
        unit: field("unit"),
    };
    let made = async {
        let by = room.signed(&field("by")).map_err(Fault::Form)?;
        let scope = Scope::of(&room, &wanted);
        let locale = scope.when.locale;
        let paper = scope.numbered.clone().filter(|_| wanted.kind() != PaperKind::Circular);
        let paper = paper.ok_or_else(|| {
            Fault::Form(locale.pick("这份材料不在这里编号", "this paper gets no number here"))
        })?;
        let is_over = scope.period.span(&scope.when.zone).is_some_and(|(_, end)| end <= scope.when.now);
        if wanted.kind() == PaperKind::Monthly && !is_over {
            let words = ("这个月还没有结束，月底后再编号", "the month is not over");
            return Err(Fault::Form(locale.pick(words.0, words.1)));
        }
        let given = paper.give(room.store().as_ref(), scope.year()).await;
        let given = asked(Box::pin(async { given })).await?;
        let issue = number::words(Some(given), &scope.when);
        let which = scope.period.words(&scope.when);
        let paper = format!("{} {} {which} {issue}", scope.name, wanted.kind().word(locale));
        let unit = if scope.units.is_empty() { String::new() } else { scope.name.clone() };
        room.act(Act::Paper { what: NUMBERED.to_owned(), unit, paper, by }, None).await?;
        Ok::<_, Fault>(Redirect::to(&format!("/papers?{}", wanted.address())).into_response())
    };
    made.await.unwrap_or_else(|fault| fault.page(&room))
}

pub(super) async fn page(room: Visit, Query(wanted): Query<Asked>) -> Response {
    let made = async {
        let paper = written(&room, &wanted).await?;
        let (locale, scope) = (room.settings().locale, Scope::of(&room, &wanted));
        let may_number = wanted.kind() != PaperKind::Circular
            && scope.numbered.is_some()
            && scope.issue(&room).await?.is_none();
        let exactly = match scope.period {
            Period::Month(day) => [day.strftime("%Y-%m").to_string(), String::new(), String::new()],
            Period::Days(days, day) => [String::new(), day.to_string(), days.to_string()],
        };
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
            here_all => wanted.address(),
            may_number => may_number,
            // What the page shows now, should a new day begin before somebody presses.
            exactly => shown(&exactly),
            unit => clean(&wanted.unit),
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
