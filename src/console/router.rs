//! Every route of the console on one page.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};

use super::{
    Console, Room, acts, api, assets, confirm, course, entry, events, guard, health, home, incident,
    incidents, keywords, lists, login, mailroom, pace, pages, seat, upload, wall,
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
/// Bound on one request, from its head to the end of the handler; what is sent after that has its own bounds.
const REQUEST: Duration = Duration::from_secs(30);

/// The console as a service.
pub(super) fn router(console: Console, live: events::Live) -> Router {
    let (pages, door) = (Arc::new(pages::Pages::new()), Arc::new(login::Door::default()));
    let exports = Arc::new(tokio::sync::Semaphore::new(EXPORTS));
    let room = Room { console, pages, door, live, editing: Arc::default(), exports };

    // For people who came in.
    let inside = Router::new()
        .route("/", get(home::page))
        .route("/live", get(home::live))
        .route("/events", get(events::stream))
        .route("/seat", post(seat::take))
        .route("/wall", get(wall::page))
        .route("/wall/live", get(wall::live))
        .route("/incidents", get(incidents::page).post(entry::enter).layer(DefaultBodyLimit::max(FILE)))
        .route("/incidents/bulk", post(incidents::bulk::act))
        .route("/incidents/saved", post(incidents::saved::save))
        .route("/incidents/saved/delete", post(incidents::saved::forget))
        .route("/incidents/export.csv", get(incidents::export::csv))
        .route("/incidents/export.xlsx", get(incidents::export::xlsx))
        .route("/incidents/{id}", get(incident::page))
        .route("/incidents/{id}/print", get(incident::print::page))
        .route("/incidents/{id}/post", get(incident::whole::page))
        .route("/incidents/{id}/acknowledge", post(acts::acknowledge))
        .route("/incidents/{id}/respond", post(acts::respond))
        .route("/incidents/{id}/close", post(acts::close))
        .route("/incidents/{id}/override", post(acts::set_tier))
        .route("/incidents/{id}/kind", post(acts::set_kind))
        .route("/incidents/{id}/merge", post(acts::merge))
        .route("/incidents/{id}/split", post(acts::split))
        .route("/incidents/{id}/course", post(course::act))
        .route("/incidents/{id}/files", post(upload::attach).layer(DefaultBodyLimit::max(FILE)))
        .route("/incidents/{id}/files/{sha256}", get(api::files::fetch))
        .route("/phone-tasks/done", post(acts::phone_done))
        .route("/emergency", post(acts::emergency))
        .route("/silences", post(acts::silence))
        .route("/silences/end", post(acts::end_silence))
        .route("/monthly", post(acts::file_monthly))
        .route("/rounds", get(pace::rounds))
        .route("/notices", get(lists::notices))
        .route("/sources", get(lists::sources))
        .route("/sources/mute", post(acts::mute))
        .route("/sources/unmute", post(acts::unmute))
        .route("/keywords", get(keywords::page).post(keywords::try_text))
        .merge(keyword_files())
        .route("/mailbox", get(mailroom::list))
        .route("/mailbox/{kind}/{number}", get(mailroom::show))
        .route("/metrics", get(health::metrics))
        .route("/api/v1/incidents", get(api::incidents::list))
        .layer(middleware::from_fn_with_state(room.clone(), guard::logged_in));

    // For whoever has a link, and for the login itself.
    let front = Router::new()
        .route("/login", get(login::page).post(login::enter))
        .route("/logout", post(login::leave))
        .route("/confirm/{token}", get(confirm::page).post(confirm::confirm))
        .route("/healthz", get(health::healthz))
        .route("/assets/{file}", get(assets::asset));

    // For programs, each with a secret of its own.
    let programs = Router::new()
        .route("/api/v1/posts", post(api::push::posts).layer(DefaultBodyLimit::max(PUSH)))
        .route(
            "/api/v1/acts",
            post(api::acts::take)
                .layer::<_, Infallible>(middleware::from_fn(guard::same_site))
                .layer(DefaultBodyLimit::max(ACT)),
        )
        .route(
            "/api/v1/incidents/{id}/files",
            post(api::files::attach)
                .layer::<_, Infallible>(middleware::from_fn(guard::same_site))
                .layer(DefaultBodyLimit::max(FILE)),
        )
        .route("/api/v1/sms/reply", post(api::reply::reply))
        .route("/api/v1/receipts", post(api::receipts::receipts).layer(DefaultBodyLimit::max(RECEIPTS)))
        .route(
            "/api/v1/keywords/test",
            post(api::keywords::test)
                .layer::<_, Infallible>(middleware::from_fn(guard::same_site))
                .layer(DefaultBodyLimit::max(TEXTS)),
        )
        .route(
            "/api/v1/incidents/{id}/kind",
            post(api::kind::set).layer(middleware::from_fn(guard::same_site)),
        );

    inside
        .merge(front)
        .layer(middleware::from_fn(guard::same_site))
        .merge(programs)
        .fallback(guard::nowhere)
        .layer(DefaultBodyLimit::max(FORM))
        .layer(middleware::from_fn(in_time))
        .layer(middleware::from_fn_with_state(room.clone(), guard::loopback_or_token))
        .layer(middleware::from_fn(guard::headers))
        .with_state(room)
}

/// The pages of one keyword file.
fn keyword_files() -> Router<Room> {
    let bounded = |bytes| DefaultBodyLimit::max(bytes);
    Router::new()
        .route(
            "/keywords/file/{id}",
            get(keywords::editor::page).post(keywords::editor::act).layer(bounded(EDITED)),
        )
        .route("/keywords/file/{id}/check", post(keywords::check).layer(bounded(EDITED)))
        .route("/keywords/file/{id}/history", get(keywords::history::page))
        .route("/keywords/file/{id}/history/{number}", get(keywords::history::version))
        .route("/keywords/file/{id}/undo", post(keywords::history::undo))
        .route("/keywords/file/{id}/export/{form}", get(keywords::export::export))
        .route("/keywords/file/{id}/import", post(keywords::import::preview).layer(bounded(EDITED)))
        .route("/keywords/file/{id}/import/save", post(keywords::import::save).layer(bounded(EDITED)))
}

async fn in_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(REQUEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => (StatusCode::REQUEST_TIMEOUT, "the request took too long").into_response(),
    }
}
