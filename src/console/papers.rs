//! Papers (材料) as pages and Word files: here those on a day, a week or a month; those on one incident are with it
//! (`incident/print`). The monthly report and the register come as workbooks, too.

pub(super) mod workbook;

use std::sync::Arc;

use axum::{
    Form,
    extract::Query,
    http::header,
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;

use super::{
    access::Need,
    asked,
    exports::{offered, turn},
    fault::Fault,
    files::blocking,
    pages::shown,
    view::{When, choices, clean, query, short},
    visit::{NAME, Visit},
};
use crate::{
    locale::Locale,
    model::Act,
    report::paper::{
        Paper, PaperKind,
        approved::Approved,
        file::{FileForm, written},
        html,
        number::{self, Issue, NotNumbered, Numbered},
        texts::Texts,
        unit::{self, Period, SpanRows, UnitFacts},
    },
};

/// What the audit calls it that a paper was numbered.
pub(super) const NUMBERED: &str = "numbered";
/// And that a leader approved it.
pub(super) const APPROVED: &str = "approved";
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
    fn of(fields: &[(String, String)]) -> Self {
        let field = |name: &str| field(fields, name);
        Self {
            kind: field("kind"),
            month: field("month"),
            day: field("day"),
            days: field("days"),
            unit: field("unit"),
        }
    }

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
    /// Under whose name it is numbered and approved; empty for all units together.
    series: Option<String>,
}

impl Scope {
    fn of(room: &Visit, wanted: &Asked) -> Result<Self, Fault> {
        let settings = room.settings();
        let when = When::new(room.now(), &settings);
        let units = within(room, &wanted.unit);
        let mark = settings.mark.clone().unwrap_or_default();
        let period = wanted.period(when.now.to_zoned(when.zone.clone()).date(), when.locale)?;
        let one = match (units.as_slice(), room.units().as_slice()) {
            ([unit], _) | ([], [unit]) => Some(unit.clone()),
            _ => None,
        };
        let series = one.clone().or_else(|| units.is_empty().then(String::new));
        let of = |unit: &String| Numbered::of_unit(wanted.kind(), unit, &mark, period);
        let numbered = series.as_ref().and_then(of);
        let name = one.unwrap_or_else(|| crate::locale::words::all_units(when.locale).to_owned());
        Ok(Self { units, name, mark, period, when, numbered, series })
    }

    /// The same where something is kept of it: then a unit that is not there, or not theirs, is not taken for all.
    fn named(room: &Visit, wanted: &Asked) -> Result<Self, Fault> {
        if !wanted.unit.is_empty() && !room.units().contains(&wanted.unit) {
            return Err(Fault::Nowhere);
        }
        Self::of(room, wanted)
    }

    /// Whether the stretch is over.
    fn is_over(&self) -> bool {
        self.period.span(&self.when.zone).is_some_and(|(_, end)| end <= self.when.now)
    }

    fn year(&self) -> i16 {
        number::year(self.when.now, &self.when.zone)
    }

    async fn issue(&self, room: &Visit) -> Result<Option<Issue>, Fault> {
        let Some(paper) = &self.numbered else { return Ok(None) };
        asked(Box::pin(paper.known(room.store().as_ref(), self.year()))).await
    }

    /// The circular of this month that was approved; `None` while none was, and for other papers.
    async fn approved(&self, room: &Visit, kind: PaperKind) -> Result<Option<Approved>, Fault> {
        let (Some(unit), Period::Month(month), PaperKind::Circular) = (&self.series, self.period, kind)
        else {
            return Ok(None);
        };
        asked(Box::pin(Approved::read(room.store().as_ref(), unit, &self.mark, month))).await
    }
}

/// Rows and facts of what is asked for.
async fn facts(room: &Visit, scope: &Scope, kind: PaperKind) -> Result<(SpanRows, UnitFacts), Fault> {
    let issue = scope.issue(room).await?;
    let (name, mark, when) = (scope.name.clone(), scope.mark.clone(), scope.when.clone());
    let store = room.store();
    let sources =
        room.settings().office.as_ref().map(|office| Arc::clone(&office.sources)).unwrap_or_default();
    let whose = (scope.units.as_slice(), sources.as_slice());
    let rows = SpanRows::read(store.as_ref(), whose, scope.period, &when.zone, !mark.is_empty());
    let rows = asked(Box::pin(rows)).await?;
    let made = blocking(move || {
        let facts = UnitFacts::of(&rows, kind, &name, &mark, &when).numbered(issue, &when);
        (rows, facts)
    });
    made.await
}

/// The paper, and the mark of what it says while it waits for approval.
async fn paper(room: &Visit, scope: &Scope, kind: PaperKind) -> Result<(Paper, Option<String>), Fault> {
    if let Some(approved) = scope.approved(room, kind).await? {
        return Ok((approved.paper(&scope.when), None));
    }
    let (_, facts) = facts(room, scope, kind).await?;
    let (texts, locale) = (texts(room), scope.when.locale);
    let figures = facts.draft.then(|| facts.figures.clone());
    Ok((blocking(move || unit::paper(&facts, kind, &texts, locale).0).await?, figures))
}

/// Who says what, on a form that says nothing else.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Signed {
    pub by: String,
    /// The number that somebody chose for a paper; empty is the next one.
    #[serde(default)]
    pub number: String,
}

/// The largest number that a person may choose.
const LARGEST_NUMBER: u32 = 9_999;

/// Gives a paper its number, the one that was chosen if any.
pub(super) async fn numbered(
    room: &Visit,
    paper: &Numbered,
    year: i16,
    chosen: &str,
) -> Result<Issue, Fault> {
    let locale = room.settings().locale;
    let chosen = match chosen.trim() {
        "" => None,
        digits => Some(
            digits.parse().ok().filter(|number| (1..=LARGEST_NUMBER).contains(number)).ok_or_else(|| {
                let words = (
                    "期号写 1 到 9999 的数，不写就按顺序",
                    "a number is 1 to 9999; without one it is the next",
                );
                Fault::Form(locale.pick(words.0, words.1))
            })?,
        ),
    };
    paper.give_as(room.store().as_ref(), year, chosen).await.map_err(|fault| match fault {
        NotNumbered::Store(error) => Fault::Store(error),
        NotNumbered::Behind { .. } => Fault::Form(locale.pick(
            "本年已编到这个期号以后了，不能再用；不写就按顺序",
            "the year's numbers are beyond this one already; without one it is the next",
        )),
    })
}

fn field(fields: &[(String, String)], name: &str) -> String {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

/// Which leader approves, and who says so: a leader by an account of their own, or the office for one who signed on paper.
fn approver(room: &Visit, fields: &[(String, String)]) -> Result<(String, String), Fault> {
    let person = &room.person;
    if !person.name.is_empty() && !person.may(Need::Handle) {
        return Ok((person.name.clone(), person.name.clone()));
    }
    let leader = short(&field(fields, "leader"), NAME);
    if leader.is_empty() {
        let words = ("请写明由哪位领导审定", "say which leader approved it");
        return Err(Fault::Form(room.settings().locale.pick(words.0, words.1)));
    }
    let by = room.signs(&leader);
    Ok((leader, by))
}

/// A leader approves the circular of a month as the page showed it; with that it gets its number.
pub(super) async fn approve(room: Visit, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let wanted = Asked { kind: PaperKind::Circular.id().to_owned(), ..Asked::of(&fields) };
    let made = async {
        let (leader, by) = approver(&room, &fields)?;
        let scope = Scope::named(&room, &wanted)?;
        let locale = scope.when.locale;
        let refused = |zh, en| Fault::Form(locale.pick(zh, en));
        let (Some(unit), Some(paper), Period::Month(month)) = (&scope.series, &scope.numbered, scope.period)
        else {
            return Err(refused("请选择单位", "choose a unit"));
        };
        if !scope.is_over() {
            return Err(refused("这个月还没有结束，月底后再审定", "the month is not over"));
        }
        let done = ("这份通报已经审定", "this circular has been approved already");
        if scope.approved(&room, wanted.kind()).await?.is_some() {
            return Err(refused(done.0, done.1));
        }
        let (_, facts) = facts(&room, &scope, wanted.kind()).await?;
        let when = &scope.when;
        if facts.figures != field(&fields, "figures") {
            let zh = "您看过之后名单或事项有变化，没有审定；请看新稿后再审定";
            return Err(refused(zh, "who owes what has changed since you read it; read the new draft first"));
        }
        let store = room.store();
        let issue = asked(Box::pin(paper.give(store.as_ref(), scope.year()))).await?;
        let (which, number) = (scope.period.words(when), number::words(Some(issue), when));
        let words = format!("{} {} {which} {number} {leader}", scope.name, wanted.kind().word(locale));
        let (what, mark) = (APPROVED.to_owned(), scope.mark.clone());
        // The record first: nothing is approved of which it does not know.
        room.act(Act::Paper { what, unit: unit.clone(), paper: words, by }, None).await?;
        let approved = Approved::of(facts, &leader, issue, &texts(&room), when);
        if asked(Box::pin(approved.keep(store.as_ref(), unit, &mark, month))).await?.is_some() {
            return Err(refused(done.0, done.1));
        }
        Ok(Redirect::to(&format!("/papers?{}", wanted.address())).into_response())
    };
    made.await.unwrap_or_else(|fault: Fault| fault.page(&room))
}

/// Gives a paper on a span its running number.
pub(super) async fn number(room: Visit, Form(fields): Form<Vec<(String, String)>>) -> Response {
    let field = |name: &str| field(&fields, name);
    let wanted = Asked::of(&fields);
    let made = async {
        let by = room.signed(&field("by")).map_err(Fault::Form)?;
        let scope = Scope::named(&room, &wanted)?;
        let locale = scope.when.locale;
        let paper = scope.numbered.clone().filter(|_| wanted.kind() != PaperKind::Circular);
        let paper = paper.ok_or_else(|| {
            Fault::Form(locale.pick("这份材料不在这里编号", "this paper gets no number here"))
        })?;
        if wanted.kind() == PaperKind::Monthly && !scope.is_over() {
            let words = ("这个月还没有结束，月底后再编号", "the month is not over");
            return Err(Fault::Form(locale.pick(words.0, words.1)));
        }
        let given = numbered(&room, &paper, scope.year(), &field("number")).await?;
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
        let (locale, scope) = (room.settings().locale, Scope::of(&room, &wanted)?);
        let (paper, figures) = paper(&room, &scope, wanted.kind()).await?;
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
            by_month => wanted.is_by_month(),
            month => clean(&wanted.month),
            day => clean(&wanted.day),
            days => clean(&wanted.days),
            units => shown(&choices(&room.units(), &wanted.unit, clean)),
            here_all => wanted.address(),
            may_number => may_number,
            // A month that is not over is not approved, and what is of some units of several has no leader of its own.
            draft => figures.filter(|_| scope.is_over() && scope.series.is_some()).unwrap_or_default(),
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
    taken(&room, &wanted, FileForm::Word).await
}

/// The same as PDF.
pub(super) async fn pdf(room: Visit, Query(wanted): Query<Asked>) -> Response {
    taken(&room, &wanted, FileForm::Pdf).await
}

async fn taken(room: &Visit, wanted: &Asked, form: FileForm) -> Response {
    let made = async {
        let scope = Scope::of(room, wanted)?;
        file(room, paper(room, &scope, wanted.kind()).await?.0, form).await
    };
    made.await.unwrap_or_else(|fault| fault.page(room))
}
