//! Plans and contacts (预案与联系人): who is on duty, the contacts, the rota, the holidays and the plan as tables, with
//! forms that write the office's very files ([`super::editing::form`]); and a rehearsal that says whom a
//! supposed post would reach when ([`trial`]).

pub(super) mod contacts;
mod duty;
pub(super) mod holidays;
pub(super) mod limits;
pub(super) mod proof;
pub(super) mod rota;
mod story;
mod table;
mod timeline;
pub(super) mod trial;

use std::sync::Arc;

use axum::{
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use minijinja::{Value, context};
use serde::Serialize;

use super::{
    access::Need,
    editing::{
        self, Changes,
        form::{Change, Formed, Sent, save},
        page::After,
    },
    fault::Fault,
    fields::Fields,
    files::{self, Open},
    pages::shown,
    view::{When, clean},
    visit::Visit,
};
use crate::config::{
    Office,
    edit::{self, FileKind, OfficeFile},
};

/// The office whose files these are.
///
/// # Errors
/// The console has none.
fn office(room: &Visit) -> Result<Arc<Office>, Fault> {
    room.settings().office.clone().ok_or(Fault::Nowhere)
}

/// The one file of a kind, as it stands on disk now.
async fn open(room: &Visit, kind: FileKind) -> Result<Open, Fault> {
    let office = office(room)?;
    let found =
        files::blocking(move || edit::files(&office).into_iter().find(|file| file.kind == kind)).await?;
    let file = found.ok_or(Fault::Nowhere)?;
    files::open(room, &file.id, Some(kind)).await
}

/// Whether the office has a folder of its own: what ships inside the program has nothing to change.
fn has_folder(room: &Visit) -> bool {
    room.settings().office.as_ref().is_some_and(|office| office.folder.disk().is_some())
}

/// What a form said that was not taken: why, and what others wrote meanwhile.
#[derive(Debug, Default, Serialize)]
struct Refusal {
    words: Vec<String>,
    changes: Option<Box<Changes>>,
    /// The status of the page.
    #[serde(skip)]
    status: StatusCode,
}

impl Refusal {
    fn of(words: impl Into<String>) -> Self {
        Self { words: vec![words.into()], changes: None, status: StatusCode::UNPROCESSABLE_ENTITY }
    }
}

/// What a page says of the last form: what was done, by the word of its address, or why it was not.
#[derive(Debug, Default)]
struct Said {
    done: String,
    refusal: Option<Refusal>,
}

impl From<After> for Said {
    fn from(after: After) -> Self {
        Self { done: after.done, refusal: None }
    }
}

impl From<Refusal> for Said {
    fn from(refusal: Refusal) -> Self {
        Self { done: String::new(), refusal: Some(refusal) }
    }
}

/// Makes the change that a form asks for: the way on to the page at `address`, or why nothing was saved.
async fn changed(
    room: &Visit,
    open: &Open,
    fields: &Fields,
    note: String,
    change: &impl Change,
    address: &str,
) -> Result<Result<Response, Refusal>, Fault> {
    let sent = Sent { base: fields.short("base", 64), by: fields.get("by").to_owned(), note };
    Ok(match save(room, &open.file, &sent, change).await? {
        Formed::Done(word) => Ok(editing::done(address, word)),
        Formed::Not { words, changes, conflict } => {
            let status = if conflict { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            Err(Refusal { words, changes, status })
        }
    })
}

/// Whether this person may change what is a unit's own in a file; without a unit, what is everybody's.
fn may_change_of(room: &Visit, open: &Open, unit: &str) -> bool {
    match unit.is_empty() {
        true => editing::may_change(room, open),
        false => room.person.may(Need::Office) && room.person.sees(unit),
    }
}

/// The page of a file that is changed by forms.
fn rendered(
    room: &Visit,
    tab: &'static str,
    template: &str,
    open: &Open,
    said: &Said,
    given: Value,
) -> Result<Response, Fault> {
    let status = said.refusal.as_ref().map_or(StatusCode::OK, |refusal| refusal.status);
    let given = context! { ..given, ..frame(room, tab, said, Some(open)) };
    Ok((status, room.pages.render(room, template, given)?).into_response())
}

/// The same where the office has no folder of its own.
fn without_folder(room: &Visit, tab: &'static str, template: &str) -> Result<Response, Fault> {
    Ok(room.pages.render(room, template, frame(room, tab, &Said::default(), None))?.into_response())
}

/// What every page of these shows: which it is, what was done, why something was not.
fn frame(room: &Visit, tab: &'static str, said: &Said, open: Option<&Open>) -> Value {
    let locale = room.settings().locale;
    context! {
        here => "plan",
        tab,
        has_office => open.is_some(),
        done => editing::after_words(&said.done, locale),
        refusal => shown(&said.refusal),
        base => open.map(|open| open.version.clone()).unwrap_or_default(),
        file => open.filter(|open| editing::sees(room, &open.office, &open.file, &open.text))
            .map(|open| editing::address(&open.file)),
    }
}

#[derive(Serialize)]
struct FileLine {
    address: String,
    name: String,
    may_change: bool,
}

/// 预案与联系人: who is on duty, each unit's plan, the files.
pub(super) async fn page(room: Visit) -> Response {
    show(&room).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit) -> Result<Response, Fault> {
    let settings = room.settings();
    let when = When::new(room.now(), &settings);
    let frame = frame(room, "plan", &Said::default(), None);
    let Some(office) = settings.office.clone() else {
        let given = context! { has_office => false, ..frame };
        return Ok(room.pages.render(room, "plan.html", given)?.into_response());
    };
    let (duties, days) = duty::of(room, &office, &when);
    let plans: Vec<_> = office
        .units
        .iter()
        .filter(|unit| room.person.sees(&unit.name))
        .filter_map(|unit| {
            let plan = office.plans.get(&unit.plan)?;
            Some(table::PlanTable::of(&unit.name, plan, when.locale))
        })
        .collect();
    let given = context! {
        has_office => true,
        has_folder => has_folder(room),
        duties => shown(&duties),
        days => shown(&days),
        today => duty::today(&office, &when),
        plans => shown(&plans),
        files => shown(&lines(room, &office).await?),
        ..frame
    };
    Ok(room.pages.render(room, "plan.html", given)?.into_response())
}

/// The files that this person sees, keyword lists aside, which have a page of their own.
async fn lines(room: &Visit, office: &Arc<Office>) -> Result<Vec<FileLine>, Fault> {
    let of = Arc::clone(office);
    let all = files::blocking(move || {
        let read = |file: OfficeFile| {
            let text = edit::read(&of, &file).ok().flatten().map(|bytes| edit::text::read(&bytes).0);
            (file, text.unwrap_or_default())
        };
        let all = edit::files(&of).into_iter().filter(|file| file.kind != FileKind::Keywords);
        all.map(read).collect::<Vec<_>>()
    })
    .await?;
    let mine = all.into_iter().filter(|(file, text)| editing::sees(room, office, file, text));
    Ok(mine
        .map(|(file, text)| FileLine {
            address: editing::address(&file),
            name: clean(&file.name),
            may_change: editing::may_change_text(room, office, &file, &text),
        })
        .collect())
}
