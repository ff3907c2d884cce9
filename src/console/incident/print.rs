//! A paper on the incident as a page: to be read, printed by the browser, or taken as a Word file.

use axum::{
    extract::{Path, RawQuery},
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::Timestamp;
use minijinja::{Value, context};

use crate::{
    console::{
        fault::Fault,
        pages::shown,
        papers::{file, texts},
        view::When,
        visit::Visit,
    },
    model::IncidentId,
    report::paper::{Paper, PaperKind, case, file::FileForm, html},
};

/// What an address of a paper asks for.
#[derive(Debug)]
struct Wanted {
    kind: PaperKind,
    /// From when on changes are told, in seconds since the epoch.
    since: Option<Timestamp>,
}

impl Wanted {
    fn read(query: Option<&str>) -> Self {
        let mut wanted = Self { kind: PaperKind::Special, since: None };
        for (name, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "kind" => {
                    let known = PaperKind::OF_CASE.into_iter().find(|kind| kind.id() == value);
                    wanted.kind = known.unwrap_or(PaperKind::Special);
                }
                "since" => wanted.since = value.parse().ok(),
                _ => {}
            }
        }
        wanted
    }
}

pub(in super::super) async fn page(room: Visit, Path(id): Path<u64>, RawQuery(query): RawQuery) -> Response {
    let wanted = Wanted::read(query.as_deref());
    show(&room, IncidentId(id), &wanted).await.unwrap_or_else(|fault| fault.page(&room))
}

/// The paper, when this person sees the incident; `None`: it was merged into the one that is named.
async fn written(room: &Visit, id: IncidentId, wanted: &Wanted) -> Result<Result<Paper, IncidentId>, Fault> {
    let view = room.incident(id).await?;
    if view.incident.id != id {
        return Ok(Err(view.incident.id));
    }
    let when = When::new(room.now(), &room.settings());
    let (paper, _) = case::paper(&view, wanted.kind, wanted.since, &texts(room), &when);
    Ok(Ok(paper))
}

/// The same as a Word file.
pub(in super::super) async fn word(room: Visit, Path(id): Path<u64>, RawQuery(query): RawQuery) -> Response {
    taken(&room, IncidentId(id), query.as_deref(), FileForm::Word).await
}

/// The same as PDF.
pub(in super::super) async fn pdf(room: Visit, Path(id): Path<u64>, RawQuery(query): RawQuery) -> Response {
    taken(&room, IncidentId(id), query.as_deref(), FileForm::Pdf).await
}

async fn taken(room: &Visit, id: IncidentId, query: Option<&str>, form: FileForm) -> Response {
    let wanted = Wanted::read(query);
    let made = async {
        match written(room, id, &wanted).await? {
            Ok(paper) => file(room, paper, form).await,
            Err(survivor) => {
                let (ending, kind) = (form.ending(), wanted.kind.id());
                let address = format!("/incidents/{survivor}/paper.{ending}?kind={kind}");
                Ok(Redirect::to(&address).into_response())
            }
        }
    };
    made.await.unwrap_or_else(|fault| fault.page(room))
}

async fn show(room: &Visit, id: IncidentId, wanted: &Wanted) -> Result<Response, Fault> {
    let paper = match written(room, id, wanted).await? {
        Ok(paper) => paper,
        Err(survivor) => return Ok(Redirect::to(&format!("/incidents/{survivor}/print")).into_response()),
    };
    let locale = room.settings().locale;
    let kinds = PaperKind::OF_CASE.map(|kind| (kind.id(), kind.word(locale), kind == wanted.kind));
    let given = context! {
        id => id.0,
        title => paper.name.clone(),
        kinds => shown(&kinds),
        kind => wanted.kind.id(),
        // Every word of it is escaped where it is written.
        body => Value::from_safe_string(html::html(&paper)),
    };
    Ok(room.pages.render(room, "print.html", given)?.into_response())
}
