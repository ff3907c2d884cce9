//! Whether the calm may be believed. False calm is the worst failure, so whatever could make nothing appear is
//! looked for here and said on home and on the big screen: the machinery's own illness, sources that are ill or were
//! not looked at when they should have been, faults that stand, notices that did not go out in time.

use std::{collections::BTreeSet, sync::Arc};

use jiff::SignedDuration;
use serde::Serialize;

use super::{
    Room,
    held::expected_until,
    sources::path_of,
    view::{When, clean, words},
    visit::Visit,
};
use crate::{
    desk::DeskState,
    model::NoticeState,
    store::{Outgoing, SourceState, source_subject},
};

/// A source that should have been looked at so long ago was forgotten; a long round may take some of it.
const OVERLOOKED: SignedDuration = SignedDuration::from_mins(15);
/// Names given in one line.
const NAMED: usize = 8;

/// Whether the eyes are open, and everything behind them works.
#[derive(Debug, Serialize)]
pub(super) struct Watch {
    /// What is wrong, the worst first; none is calm.
    pub troubles: Vec<Trouble>,
    /// How many sources are well, which are not, when they were looked at.
    pub sources: Sources,
}

/// Something that a person must know before believing the calm.
#[derive(Debug, Serialize)]
pub(super) struct Trouble {
    /// What is wrong.
    what: String,
    /// What it means, or what to do.
    why: String,
    /// `bad`, or `waits` for what somebody already knows of.
    class: &'static str,
}

/// The sources, counted.
#[derive(Debug, Serialize)]
pub(super) struct Sources {
    total: usize,
    well: usize,
    ill: Vec<Ill>,
    last_look: Option<String>,
    last_look_ago: Option<String>,
    last_look_ms: Option<i64>,
    oldest_look_ago: Option<String>,
    oldest_look_ms: Option<i64>,
}

#[derive(Debug, Serialize)]
struct Ill {
    name: String,
    /// Its page.
    path: String,
    word: String,
    class: &'static str,
    why: String,
    /// Which maintenance window covers it, and until when.
    maintenance: Option<String>,
}

impl Watch {
    /// What this person may know: of sources that are read for other units alone nothing is said.
    pub fn of(
        room: &Visit,
        states: &[SourceState],
        notices: &[Outgoing],
        desk: &DeskState,
        when: &When,
    ) -> Self {
        let hidden = room.hidden_sources();
        let mut watched = room.settings().watched.clone();
        if let Some(names) = &mut watched {
            Arc::make_mut(names).retain(|name| !hidden.contains(name));
        }
        let counts = |state: &&SourceState| {
            let is_seen = state.health != "disabled" && !hidden.contains(&state.source);
            is_seen && watched.as_ref().is_none_or(|names| names.contains(&state.source))
        };
        let active: Vec<&SourceState> = states.iter().filter(counts).collect();
        let mut troubles = Vec::new();
        let mut add = |what: String, why: String| troubles.push(Trouble { what, why, class: "bad" });
        if let Some(vitals) = &room.console.vitals
            && let Some((what, why)) = vitals.borrow().trouble(when.now, when.locale)
        {
            add(what, clean(&why));
        }
        let looked_at = |state: &&&SourceState| !is_paused(state, desk, when);
        let due: Vec<&SourceState> = active.iter().filter(looked_at).copied().collect();
        if let Some((what, why)) = overlooked(&due, when) {
            add(what, why);
        }
        let mut unseen = watched.as_ref().map(|names| unseen(names, &active)).unwrap_or_default();
        // Of these the pause says why.
        unseen.retain(|name| desk.paused.get(*name).is_none_or(|pause| !pause.holds(when.now)));
        if !unseen.is_empty() {
            let what = when.locale.pick("信源还没有查看过", "sources not looked at yet");
            add(format!("{} {what}", unseen.len()), named(&unseen));
        }
        if let Some((what, why)) = unsent(notices, when) {
            add(what, why);
        }
        troubles.extend(standing(room, &active, desk, when));
        Self { troubles, sources: Sources::of(room, &active, &due, unseen.len(), when) }
    }

    /// Whether every source is well and nothing else is wrong.
    pub fn is_well(&self) -> bool {
        self.troubles.is_empty() && self.sources.ill.is_empty()
    }
}

/// Whether a person has paused a source. Each pause stands among the troubles: what is not watched is never calm.
fn is_paused(state: &SourceState, desk: &DeskState, when: &When) -> bool {
    desk.paused.get(&state.source).is_some_and(|pause| pause.holds(when.now))
}

/// Well sources that should have been looked at long ago: whoever looks does not.
fn overlooked(active: &[&SourceState], when: &When) -> Option<(String, String)> {
    let limit = when.now.checked_sub(OVERLOOKED).ok()?;
    let late: Vec<&&SourceState> =
        active.iter().filter(|state| state.next_at.is_some_and(|due| due < limit)).collect();
    let oldest = late.iter().filter_map(|state| state.next_at).min()?;
    let names: Vec<&str> = late.iter().map(|state| state.source.as_str()).collect();
    let what = format!(
        "{} {} {}",
        names.len(),
        when.locale
            .pick("个信源没有按时查看，最久的应在", "sources were not looked at in time, the first since"),
        when.time(oldest)
    );
    Some((what, named(&names)))
}

/// Sources of the office's files of which nothing is known yet.
fn unseen<'a>(names: &'a BTreeSet<String>, active: &[&SourceState]) -> Vec<&'a str> {
    let known: BTreeSet<&str> = active.iter().map(|state| state.source.as_str()).collect();
    names.iter().map(String::as_str).filter(|name| !known.contains(name)).collect()
}

/// Notices that wait though they should have been accepted.
fn unsent(notices: &[Outgoing], when: &When) -> Option<(String, String)> {
    let late: Vec<&Outgoing> = notices
        .iter()
        .filter(|row| {
            let notice = &row.notice;
            notice.state == NoticeState::Pending && notice.channel.is_dispatched() && notice.due_at < when.now
        })
        .collect();
    let channels: BTreeSet<&str> =
        late.iter().map(|row| words::channel(row.notice.channel, when.locale)).collect();
    let channels: Vec<&str> = channels.into_iter().collect();
    let what = when.locale.pick("条通知过了时限仍未送出", "notices are late and have not gone out");
    (!late.is_empty()).then(|| (format!("{} {what}", late.len()), named(&channels)))
}

/// Faults that stand, but for those of sources, which are listed by themselves.
fn standing(room: &Room, active: &[&SourceState], desk: &DeskState, when: &When) -> Vec<Trouble> {
    let of_sources: BTreeSet<String> =
        active.iter().flat_map(|state| [state.subject(), source_subject(&state.source)]).collect();
    let others = desk.broken.iter().filter(|(subject, _)| {
        !of_sources.contains(*subject) && !subject.starts_with("source/") && !subject.starts_with("site/")
    });
    let trouble = |(subject, since): (&String, &jiff::Timestamp)| {
        let told = desk.standing.get(subject).map_or(subject.as_str(), |standing| standing.text.as_str());
        let muted = desk.mutes.get(subject).is_some_and(|mute| mute.until.is_none_or(|end| end > when.now));
        let known = match expected_until(room, subject, when) {
            Some(window) => Some(format!("{} {window}", when.locale.pick("维护中", "maintenance"))),
            None => muted.then(|| when.locale.pick("已静音", "muted").to_owned()),
        };
        let class = if known.is_some() { "waits" } else { "bad" };
        let since = format!("{} {}", when.time(*since), when.locale.pick("起", "on"));
        let why = known.into_iter().fold(since, |since, known| format!("{since}，{known}"));
        Trouble { what: clean(told), why, class }
    };
    others.map(trouble).collect()
}

fn named(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| clean(name)).collect();
    let more = names.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" +{more}") } else { String::new() };
    format!("{}{rest}", shown.join("、"))
}

impl Sources {
    /// All that are active, and those of them that nobody has paused.
    fn of(room: &Room, active: &[&SourceState], due: &[&SourceState], unseen: usize, when: &When) -> Self {
        let ill = due.iter().filter(|state| !["ok", "quiet"].contains(&state.health.as_str())).map(|state| {
            let (word, class) = words::health(&state.health, when.locale);
            Ill {
                name: clean(&state.source),
                path: path_of(&state.source),
                word: word.to_owned(),
                class,
                why: clean(&state.why),
                maintenance: expected_until(room, &state.subject(), when),
            }
        });
        let ill: Vec<_> = ill.collect();
        let looks: Vec<_> = active.iter().filter_map(|state| state.last_good_at).collect();
        let (newest, oldest) = (looks.iter().max().copied(), looks.iter().min().copied());
        Self {
            total: active.len() + unseen,
            well: due.len() - ill.len(),
            ill,
            last_look: newest.map(|at| when.time(at)),
            last_look_ago: newest.map(|at| when.ago(at)),
            last_look_ms: newest.map(jiff::Timestamp::as_millisecond),
            oldest_look_ago: oldest.map(|at| when.ago(at)),
            oldest_look_ms: oldest.map(jiff::Timestamp::as_millisecond),
        }
    }
}
