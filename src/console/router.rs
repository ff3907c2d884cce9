//! Every route of the console on one page.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};

use super::{
    Bounds, Console, Room,
    access::{Door, Need, Passwords, doors::Doors},
    accounts, acts, api, assets, audit, confirm, course, deliveries, editing, entry, events, guard, health,
    home, incident, incidents, keywords, language, login, mailroom, pace, pages, papers, plan, reports, seat,
    sources, system, upload, wall,
};

/// Bytes of a form.
const FORM: usize = 64 * 1_024;
/// Bytes of texts to try the rules on.
const TEXTS: usize = 1_024 * 1_024;
/// Bytes of one act.
const ACT: usize = 256 * 1_024;
/// Bytes of one file; the desk says what is too large.
const FILE: usize = 21 * 1_024 * 1_024;
/// Exports that are made at a time.
const EXPORTS: usize = 4;
/// Bytes of one report of receipts.
const RECEIPTS: usize = 256 * 1_024;
/// Bytes of a file that is edited: a form writes a Chinese character in nine.
const EDITED: usize = 10 * 1_024 * 1_024;
/// Bytes of one push.
const PUSH: usize = 16 * 1_024 * 1_024;

/// The console as a service.
pub(super) fn router(console: Console, live: events::Live, bounds: Bounds) -> Router {
    built(console, live, bounds).0
}

/// The routes behind which somebody has to stand, and what each needs.
pub(super) fn doors(console: Console, live: events::Live, bounds: Bounds) -> Vec<Door> {
    built(console, live, bounds).1
}

fn built(console: Console, live: events::Live, bounds: Bounds) -> (Router, Vec<Door>) {
    let room = Room {
        console,
        pages: Arc::new(pages::Pages::new()),
        door: Arc::new(login::Door::default()),
        passwords: Passwords::default(),
        live,
        editing: Arc::default(),
        proofs: plan::proof::Turnstile::default(),
        rehearsing: Arc::default(),
        trying: sources::trial::Trying::default(),
        exports: Arc::new(tokio::sync::Semaphore::new(EXPORTS)),
        checking: Arc::new(tokio::sync::Semaphore::new(1)),
        copying: Arc::default(),
    };
    let (inside, list) = office_files(keyword_files(inside(Doors::new(room.clone())))).end();
    let inside = inside.layer(middleware::from_fn_with_state(room.clone(), guard::come_in));

    // For whoever has a link, and for the login itself.
    let front = Router::new()
        .route("/login", get(login::page).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/language", post(language::choose))
        .route("/welcome/{code}", get(login::welcome).post(login::accept))
        .route("/confirm/{token}", get(confirm::page).post(confirm::confirm))
        .route("/healthz", get(health::healthz))
        .route("/assets/{file}", get(assets::asset));

    // For programs, each with a secret of its own.
    let programs = Router::new()
        .route("/api/v1/posts", post(api::push::posts).layer(DefaultBodyLimit::max(PUSH)))
        .route("/api/v1/sms/reply", post(api::reply::reply))
        .route("/api/v1/receipts", post(api::receipts::receipts).layer(DefaultBodyLimit::max(RECEIPTS)));

    let router = inside
        .merge(front)
        .layer(middleware::from_fn(guard::same_site))
        .merge(programs)
        .fallback(guard::nowhere)
        .layer(DefaultBodyLimit::max(FORM))
        .layer(middleware::from_fn_with_state(bounds.request, in_time))
        .layer(middleware::from_fn_with_state(room.clone(), guard::loopback_or_login))
        .layer(middleware::from_fn(guard::headers))
        .with_state(room);
    (router, list)
}

/// Every route for people and programs who were let in, with what it needs.
fn inside(doors: Doors) -> Doors {
    doors
        .get("/", Need::Read, home::page)
        .get("/live", Need::Read, home::live)
        .get("/events", Need::Read, events::stream)
        .post("/seat", Need::Read, seat::take)
        .get("/wall", Need::Read, wall::page)
        .get("/wall/live", Need::Read, wall::live)
        .get("/incidents", Need::Read, incidents::page)
        .post_sized("/incidents", Need::Handle, FILE, entry::enter)
        .post("/incidents/bulk", Need::Handle, incidents::bulk::act)
        .post("/incidents/saved", Need::Handle, incidents::saved::save)
        .post("/incidents/saved/delete", Need::Handle, incidents::saved::forget)
        .get("/incidents/export.csv", Need::Read, incidents::export::csv)
        .get("/incidents/export.xlsx", Need::Read, incidents::export::xlsx)
        .get("/incidents/{id}", Need::Read, incident::page)
        .get("/incidents/{id}/print", Need::Read, incident::print::page)
        .get("/incidents/{id}/paper.docx", Need::Read, incident::print::word)
        .get("/incidents/{id}/paper.pdf", Need::Read, incident::print::pdf)
        .post("/incidents/{id}/number", Need::Handle, incident::print::number)
        .get("/incidents/{id}/folder.zip", Need::Handle, incident::folder::zip)
        .get("/papers", Need::Read, papers::page)
        .get("/papers.docx", Need::Read, papers::word)
        .get("/papers.pdf", Need::Read, papers::pdf)
        .post("/papers/number", Need::Handle, papers::number)
        .post("/papers/approve", Need::Approve, papers::approve)
        .get("/papers.xlsx", Need::Read, papers::workbook::month)
        .get("/papers/register.xlsx", Need::Read, papers::workbook::register)
        .get("/incidents/{id}/post", Need::Read, incident::whole::page)
        .post("/incidents/{id}/acknowledge", Need::Confirm, acts::acknowledge)
        .post("/incidents/{id}/respond", Need::Handle, acts::respond)
        .post("/incidents/{id}/close", Need::Handle, acts::close)
        .post("/incidents/{id}/override", Need::Handle, acts::set_tier)
        .post("/incidents/{id}/kind", Need::Handle, acts::set_kind)
        .post("/incidents/{id}/merge", Need::Handle, acts::merge)
        .post("/incidents/{id}/split", Need::Handle, acts::split)
        .post("/incidents/{id}/course", Need::Handle, course::act)
        .post_sized("/incidents/{id}/files", Need::Handle, FILE, upload::attach)
        .get("/incidents/{id}/files/{sha256}", Need::Read, api::files::fetch)
        .post("/phone-tasks/done", Need::Handle, acts::phone_done)
        .post("/emergency", Need::Office, acts::emergency)
        .post("/silences", Need::Office, acts::silence)
        .post("/silences/end", Need::Office, acts::end_silence)
        .post("/monthly", Need::Office, acts::file_monthly)
        .get("/rounds", Need::Read, pace::rounds)
        .get("/notices", Need::Read, deliveries::page)
        .get("/sources", Need::Read, sources::list::page)
        .get("/sources/{name}", Need::Read, sources::one::page)
        .get("/sources/new", Need::Administer, sources::wizard::page)
        .post("/sources/new", Need::Administer, sources::wizard::act)
        .post("/sources/mute", Need::Watch, sources::acts::mute)
        .post("/sources/unmute", Need::Watch, sources::acts::unmute)
        .post("/sources/pause", Need::Watch, sources::acts::pause)
        .post("/sources/resume", Need::Watch, sources::acts::resume)
        .post("/sources/poll", Need::Watch, sources::acts::poll)
        .post("/sources/probe", Need::Watch, sources::trial::page)
        .get("/keywords", Need::Read, keywords::page)
        .post("/keywords", Need::Read, keywords::try_text)
        .get("/mailbox", Need::Read, mailroom::list)
        .get("/mailbox/{kind}/{number}", Need::Read, mailroom::show)
        .get("/mailbox/email/{number}/{file}", Need::Read, mailroom::file)
        .get("/reports", Need::Read, reports::page)
        .get("/reports/export.xlsx", Need::Read, reports::xlsx)
        .get("/audit", Need::Administer, audit::page)
        .post("/audit/verify", Need::Administer, audit::verify)
        .get("/system", Need::Administer, system::page)
        .post("/system/backup", Need::Administer, system::back_up)
        .get("/accounts", Need::Administer, accounts::page)
        .post("/accounts", Need::Administer, accounts::act)
        .get("/me", Need::Read, accounts::me)
        .post("/me", Need::Read, accounts::act_on_me)
        .get("/metrics", Need::Read, health::metrics)
        .get("/api/v1/openapi.json", Need::Read, api::openapi::document)
        .get("/api/v1/incidents", Need::Read, api::incidents::list)
        .get("/api/v1/accounts", Need::Administer, api::accounts::list)
        .post("/api/v1/accounts/links", Need::Administer, api::accounts::link)
        .post_sized("/api/v1/acts", Need::Read, ACT, api::acts::take)
        .post_sized("/api/v1/incidents/{id}/files", Need::Handle, FILE, api::files::attach)
        .post_sized("/api/v1/keywords/test", Need::Read, TEXTS, api::keywords::test)
        .post("/api/v1/incidents/{id}/kind", Need::Handle, api::kind::set)
}

/// The pages of one keyword file.
fn keyword_files(doors: Doors) -> Doors {
    doors
        .get("/keywords/file/{id}", Need::Read, keywords::editor::page)
        .post_sized("/keywords/file/{id}", Need::Office, EDITED, keywords::editor::act)
        .post_sized("/keywords/file/{id}/check", Need::Office, EDITED, editing::check)
        .get("/keywords/file/{id}/history", Need::Read, editing::history::page)
        .get("/keywords/file/{id}/history/{number}", Need::Read, editing::history::version)
        .post("/keywords/file/{id}/undo", Need::Office, editing::history::undo)
        .get("/keywords/file/{id}/export/{form}", Need::Read, keywords::export::export)
        .post_sized("/keywords/file/{id}/import", Need::Office, EDITED, keywords::import::preview)
        .post_sized("/keywords/file/{id}/import/save", Need::Office, EDITED, keywords::import::save)
}

/// The pages of every other file of the office, and those of plans and contacts that change them by forms.
fn office_files(doors: Doors) -> Doors {
    doors
        .get("/files/{id}", Need::Read, editing::page::page)
        .post_sized("/files/{id}", Need::Office, EDITED, editing::page::act)
        .post_sized("/files/{id}/check", Need::Office, EDITED, editing::check)
        .get("/files/{id}/history", Need::Read, editing::history::page)
        .get("/files/{id}/history/{number}", Need::Read, editing::history::version)
        .post("/files/{id}/undo", Need::Office, editing::history::undo)
        .get("/plan", Need::Read, plan::page)
        .get("/plan/contacts", Need::Read, plan::contacts::page)
        .post("/plan/contacts", Need::Office, plan::contacts::act)
        .post("/plan/contacts/test", Need::Office, plan::proof::act)
        .get("/plan/rota", Need::Read, plan::rota::page)
        .post("/plan/rota", Need::Office, plan::rota::act)
        .get("/plan/holidays", Need::Read, plan::holidays::page)
        .post("/plan/holidays", Need::Office, plan::holidays::act)
        .get("/plan/limits", Need::Read, plan::limits::page)
        .post("/plan/limits", Need::Office, plan::limits::act)
        .get("/plan/trial", Need::Read, plan::trial::page)
        .post_sized("/plan/trial", Need::Read, EDITED, plan::trial::act)
}

async fn in_time(State(bound): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(bound, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "the request took too long").into_response(),
    }
}
