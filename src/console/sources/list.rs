//! The list of sources: how each is, what it brought today against the usual, what was muted or paused. A word and a
//! state narrow it, in the address, so that it works without script.

use std::collections::BTreeMap;

use axum::{
    extract::Query,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::Deserialize;

use super::line::Line;
use crate::{
    config::source::Source,
    console::{
        asked,
        fault::Fault,
        pages::shown,
        view::{When, short},
        visit::Visit,
    },
    store::SourceState,
};

/// Characters of the word.
const WORD: usize = 80;
/// Sources on one page; the word narrows more.
const MOST: usize = 1_000;

/// What narrows the list, and what was done before.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Asked {
    q: String,
    only: String,
    done: String,
    name: String,
}

pub(in super::super) async fn page(room: Visit, Query(wanted): Query<Asked>) -> Response {
    show(&room, &wanted).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, wanted: &Asked) -> Result<Response, Fault> {
    let lines = lines(room).await?;
    let word = short(&wanted.q, WORD);
    let needle = word.to_lowercase();
    let is_wanted = |line: &&Line| {
        let holds = |text: &str| text.to_lowercase().contains(&needle);
        let by_word = needle.is_empty() || holds(&line.name) || holds(&line.word) || holds(line.kind);
        by_word
            && match wanted.only.as_str() {
                "ill" => line.needs_somebody(),
                "paused" => line.pause.is_some(),
                "muted" => line.mute.is_some(),
                _ => true,
            }
    };
    let count = |only: &dyn Fn(&Line) -> bool| lines.iter().filter(|line| only(line)).count();
    let found: Vec<&Line> = lines.iter().filter(is_wanted).collect();
    let more = found.len().saturating_sub(MOST);
    let given = context! {
        total => lines.len(),
        ill => count(&Line::needs_somebody),
        paused => count(&|line| line.pause.is_some()),
        muted => count(&|line| line.mute.is_some()),
        sources => shown(&found.into_iter().take(MOST).collect::<Vec<_>>()),
        more,
        q => word,
        only => match wanted.only.as_str() { only @ ("ill" | "paused" | "muted") => only, _ => "" },
        done => said(room, wanted),
        can_add => room.settings().office.as_ref().is_some_and(|office| office.folder.disk().is_some()),
    };
    Ok(room.pages.render(room, "sources.html", given)?.into_response())
}

/// What was just done.
fn said(room: &Visit, wanted: &Asked) -> Option<String> {
    let locale = room.settings().locale;
    let name = short(&wanted.name, WORD);
    let words = match wanted.done.as_str() {
        "added" => locale.pick("已添加信源，几秒内生效", "The source was added; in force within seconds"),
        "muted" => locale.pick("已静音", "Muted"),
        "unmuted" => locale.pick("已取消静音", "No longer muted"),
        _ => return None,
    };
    Some(if name.is_empty() { words.to_owned() } else { format!("{words}：{name}") })
}

/// Every source that this person sees: those of the files in their order; where no files are known, those of the store.
async fn lines(room: &Visit) -> Result<Vec<Line>, Fault> {
    let settings = room.settings();
    let when = When::new(room.now(), &settings);
    let states = asked(room.store().source_states()).await?;
    let desk = asked(room.store().desk_state()).await?;
    let of = |source: Option<&Source>, state: &SourceState| Line::of(room, source, state, &desk, &when);
    let Some(office) = settings.office.as_ref().filter(|office| !office.sources.is_empty()) else {
        return Ok(states.iter().map(|state| of(None, state)).collect());
    };
    let known: BTreeMap<&str, &SourceState> =
        states.iter().map(|state| (state.source.as_str(), state)).collect();
    let line = |source: &Source| match known.get(source.name.as_str()) {
        Some(state) => of(Some(source), state),
        None => of(Some(source), &SourceState { source: source.name.clone(), ..SourceState::default() }),
    };
    Ok(office.sources.iter().filter(|source| room.sees_source(source)).map(line).collect())
}
