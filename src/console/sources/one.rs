//! The page of one source: its settings, how it is and why, its week against the usual one, its last rounds and failures,
//! and what can be done about it.

use axum::{
    extract::{Path, Query},
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{line::Line, settings, source_of, week, week::Week};
use crate::{
    collect::fetch::SharedFetcher,
    config::{FetchSettings, edit::id_of, source::written::file_of},
    console::{
        Scout, asked,
        fault::Fault,
        files::blocking,
        pace::RoundLine,
        pages::shown,
        view::{When, clean, short},
        visit::Visit,
    },
    locale::Locale,
    store::{RoundFilter, SourceState},
};

/// Rounds that are shown.
const ROUNDS: usize = 20;
/// Characters of an instant that the address brings back.
const AT: usize = 20;

/// What was done before this page is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct After {
    done: String,
    at: String,
}

#[derive(Serialize)]
struct Failure {
    from: String,
    to: Option<String>,
    rounds: u32,
    why: String,
}

pub(in super::super) async fn page(
    room: Visit,
    Path(name): Path<String>,
    Query(after): Query<After>,
) -> Response {
    show(&room, &name, &after).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, name: &str, after: &After) -> Result<Response, Fault> {
    let console = room.settings();
    let when = When::new(room.now(), &console);
    let source = source_of(room, name)?;
    let office = console.office.clone().ok_or(Fault::Nowhere)?;
    let state = asked(room.store().source_state(name)).await?;
    let state = SourceState { source: name.to_owned(), ..state };
    let desk = asked(room.store().desk_state()).await?;
    let filter = RoundFilter {
        source: Some(name.to_owned()),
        from: Some(week::begin(when.now)),
        ..RoundFilter::default()
    };
    let mut rounds = asked(room.store().rounds(filter)).await?;
    rounds.sort_by_key(|row| std::cmp::Reverse(row.started_at));
    let rounds: Vec<RoundLine> = rounds.iter().take(ROUNDS).map(|row| RoundLine::of(row, &when)).collect();
    let failures = state.history.failures.iter().rev().map(|one| Failure {
        from: when.time(one.from),
        to: (one.to != one.from).then(|| when.time(one.to)),
        rounds: one.rounds,
        why: clean(&one.why),
    });
    let fetch = fetch_settings(room.console.scout.as_ref());
    let file = {
        let (office, name) = (office.clone(), name.to_owned());
        blocking(move || file_of(&office, &name)).await?
    };
    let line = Line::of(room, Some(&source), &state, &desk, &when);
    let fetched = source.preset().is_some();
    let given = context! {
        name => clean(name),
        row => shown(&line),
        settings => shown(&settings::of(&source, &fetch, &when)),
        file => file.as_deref().map(clean),
        file_id => file.as_deref().map(id_of),
        suspicion => state.history.suspicion.as_ref().map(|seen| clean(&seen.why)),
        week => shown(&Week::of(&state.history, &when)),
        rounds => shown(&rounds),
        owes => source.attention.rounds_a_day,
        failures => shown(&failures.collect::<Vec<_>>()),
        can_try => fetched && source.enabled,
        done => said(after, console.locale),
    };
    Ok(room.pages.render(room, "source.html", given)?.into_response())
}

fn fetch_settings(scout: Option<&Scout>) -> FetchSettings {
    let fetcher: Option<SharedFetcher> = scout.and_then(|scout| scout.fetcher.borrow().clone());
    fetcher.map(|fetcher| fetcher.settings().clone()).unwrap_or_default()
}

fn said(after: &After, locale: Locale) -> Option<String> {
    let at = short(&after.at, AT);
    let words = match (after.done.as_str(), at.as_str()) {
        ("paused", _) => locale.pick("已暂停：恢复以前不再查看", "Paused: not looked at until it is resumed"),
        ("resumed", _) => locale.pick("已恢复：马上查看一次", "Resumed: it is looked at soon"),
        ("muted", _) => locale.pick("已静音", "Muted"),
        ("unmuted", _) => locale.pick("已取消静音", "No longer muted"),
        ("polled", "running") => locale.pick("这个信源正在查看", "It is being looked at just now"),
        ("polled", "now") => {
            locale.pick("现在开始查看，片刻后刷新本页看结果", "Looking now; reload in a moment")
        }
        ("polled", at) => {
            let words =
                locale.pick("网站要求两次访问之间有间隔，将在这时查看", "The host wants a pause; looked at");
            return Some(format!("{words}：{at}"));
        }
        _ => return None,
    };
    Some(words.to_owned())
}
