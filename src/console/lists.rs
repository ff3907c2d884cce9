//! The list of sources (信源).

use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use minijinja::context;
use serde::Serialize;

use super::{
    asked,
    fault::Fault,
    held::expected_until,
    pages::shown,
    view::{When, clean, words},
    visit::Visit,
};
use crate::{
    desk::{DeskState, Mute},
    locale::Locale,
    store::{SourceState, source_subject},
};

pub(super) async fn sources(room: Visit) -> Response {
    show_sources(&room).await.unwrap_or_else(|fault| fault.page(&room))
}

#[derive(Serialize)]
struct Source {
    name: String,
    word: String,
    class: &'static str,
    why: String,
    last_good: Option<String>,
    last_new: Option<String>,
    next: Option<String>,
    rounds: u64,
    posts: u64,
    mentions: u64,
    failures: u32,
    since: Option<String>,
    period: Option<String>,
    yields: Option<String>,
    shares: Option<String>,
    latency: Option<u32>,
    /// Whether a mute is offered.
    ill: bool,
    /// Whether nobody was told yet; a mute then needs an end.
    early: bool,
    subject: String,
    mute: Option<String>,
    /// Which maintenance window covers its faults, and until when.
    maintenance: Option<String>,
}

impl Source {
    fn of(room: &Visit, state: &SourceState, desk: &DeskState, when: &When, now: Timestamp) -> Self {
        let (word, class) = words::health(&state.health, when.locale);
        let (history, known) = (&state.history, state.history.posts > 0);
        let (own, subject) = (source_subject(&state.source), state.subject());
        let mute = desk.mutes.get(&own).or_else(|| desk.mutes.get(&subject));
        let mute = mute.filter(|mute| mute.until.is_none_or(|until| until > now));
        Self {
            name: clean(&state.source),
            word: word.to_owned(),
            class,
            why: clean(&state.why),
            last_good: state.last_good_at.map(|at| when.time(at)),
            last_new: state.last_new_at.map(|at| when.time(at)),
            next: state.next_at.map(|at| when.time(at)),
            rounds: state.rounds,
            posts: state.posts,
            mentions: state.mentions,
            failures: state.failures,
            since: state.since.map(|at| when.time(at)),
            period: history.usual_period.map(|secs| hours(secs, when.locale)),
            yields: known.then(|| format!("{:.1}", f64::from(history.posts) / 16.0)),
            shares: known.then(|| history.shares.map(|share| percent(share).to_string()).join("/")),
            latency: (history.latency_ms > 0).then_some(history.latency_ms),
            ill: !state.told.is_empty() || class == "bad",
            early: state.told.is_empty(),
            mute: mute.map(|mute| muted(mute, when)),
            maintenance: expected_until(room, &subject, when),
            subject,
        }
    }
}

fn percent(share: u8) -> u32 {
    (u32::from(share) * 100 + 127) / 255
}

/// A span in whole hours, from two days on in days.
fn hours(secs: i64, locale: Locale) -> String {
    let hours = (secs + 3_599) / 3_600;
    if hours > 48 {
        format!("{} {}", (hours + 23) / 24, locale.pick("天", "d"))
    } else {
        format!("{hours} {}", locale.pick("小时", "h"))
    }
}

fn muted(mute: &Mute, when: &When) -> String {
    let until = mute.until.map_or_else(
        || when.locale.pick("直到恢复", "until it is mended").to_owned(),
        |until| format!("{} {}", when.locale.pick("直到", "until"), when.time(until)),
    );
    clean(&format!("{}（{until}）：{}，{}", when.locale.pick("已静音", "muted"), mute.by, mute.reason))
}

async fn show_sources(room: &Visit) -> Result<Response, Fault> {
    let when = When::new(room.now(), &room.settings());
    let states = asked(room.store().source_states()).await?;
    let desk = asked(room.store().desk_state()).await?;
    let now = room.now();
    let sources: Vec<_> = states.iter().map(|state| Source::of(room, state, &desk, &when, now)).collect();
    Ok(room.pages.render(room, "sources.html", context! { sources => shown(&sources) })?.into_response())
}
