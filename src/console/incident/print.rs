//! A paper on the incident as a page: to be read, printed by the browser, or taken as a Word file.

use axum::{
    Form,
    extract::{Path, RawQuery},
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::Timestamp;
use minijinja::{Value, context};

use crate::{
    console::{
        asked,
        fault::Fault,
        pages::shown,
        papers::{NUMBERED, Signed, file, numbered, texts},
        view::When,
        visit::Visit,
    },
    model::{Act, IncidentId},
    report::paper::{
        Paper, PaperKind,
        case::{self, Order},
        file::FileForm,
        html,
        number::{self, Numbered},
    },
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
async fn written(
    room: &Visit,
    id: IncidentId,
    wanted: &Wanted,
) -> Result<Result<(Paper, Order), IncidentId>, Fault> {
    let view = room.incident(id).await?;
    if view.incident.id != id {
        return Ok(Err(view.incident.id));
    }
    let when = When::new(room.now(), &room.settings());
    let order = Order { since: wanted.since, ..Order::of(wanted.kind) };
    let order = asked(Box::pin(order.numbered(room.store().as_ref(), &view.incident, &when))).await?;
    let (paper, _) = case::paper(&view, &order, &texts(room), &when);
    Ok(Ok((paper, order)))
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
            Ok((paper, _)) => file(room, paper, form).await,
            Err(survivor) => {
                let (ending, kind) = (form.ending(), wanted.kind.id());
                let address = format!("/incidents/{survivor}/paper.{ending}?kind={kind}");
                Ok(Redirect::to(&address).into_response())
            }
        }
    };
    made.await.unwrap_or_else(|fault| fault.page(room))
}

/// Gives the special report of an incident its running number.
pub(in super::super) async fn number(room: Visit, Path(id): Path<u64>, Form(form): Form<Signed>) -> Response {
    let made = async {
        let by = room.signed(&form.by).map_err(Fault::Form)?;
        let view = room.incident(IncidentId(id)).await?;
        let (incident, when) = (&view.incident, When::new(room.now(), &room.settings()));
        if let Some(paper) = Numbered::of_case(incident, PaperKind::Special, &when.zone) {
            let given = numbered(&room, &paper, number::year(when.now, &when.zone), &form.number).await?;
            let issue = number::words(Some(given), &when);
            let paper = format!("{} #{} {issue}", PaperKind::Special.word(when.locale), incident.id);
            let (what, unit) = (NUMBERED.to_owned(), incident.unit.clone());
            room.act(Act::Paper { what, unit, paper, by }, None).await?;
        }
        Ok::<_, Fault>(
            Redirect::to(&format!("/incidents/{}/print?kind=special", incident.id)).into_response(),
        )
    };
    made.await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, id: IncidentId, wanted: &Wanted) -> Result<Response, Fault> {
    let (paper, order) = match written(room, id, wanted).await? {
        Ok(written) => written,
        Err(survivor) => return Ok(Redirect::to(&format!("/incidents/{survivor}/print")).into_response()),
    };
    let locale = room.settings().locale;
    let kinds = PaperKind::OF_CASE.map(|kind| (kind.id(), kind.word(locale), kind == wanted.kind));
    let given = context! {
        id => id.0,
        title => paper.name.clone(),
        kinds => shown(&kinds),
        kind => wanted.kind.id(),
        may_number => order.kind == PaperKind::Special && order.issue.is_none(),
        // Every word of it is escaped where it is written.
        body => Value::from_safe_string(html::html(&paper)),
    };
    Ok(room.pages.render(room, "print.html", given)?.into_response())
}
