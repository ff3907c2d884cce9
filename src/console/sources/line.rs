//! What is said of one source, in the list and at the head of its page.

use jiff::Timestamp;
use serde::Serialize;

use super::{path_of, settings};
use crate::{
    config::source::Source,
    console::{
        held::expected_until,
        view::{When, clean, words},
        visit::Visit,
    },
    desk::{DeskState, Mute, Pause},
    locale::Locale,
    model::{POST, SourceHistory},
    store::{SourceState, source_subject},
};

/// A source.
#[derive(Serialize)]
pub(super) struct Line {
    pub name: String,
    /// Its page.
    pub path: String,
    pub kind: &'static str,
    pub word: String,
    pub class: &'static str,
    pub why: String,
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
    /// Today's new posts against the usual ones.
    today: Option<Today>,
    /// Whether a mute is offered.
    ill: bool,
    /// Whether nobody was told yet; a mute then needs an end.
    early: bool,
    subject: String,
    pub mute: Option<String>,
    /// The pause that holds.
    pub pause: Option<String>,
    /// Whether it is us who look at it, so that it can be paused and looked at out of turn.
    ours: bool,
    /// Which maintenance window covers its faults, and until when.
    maintenance: Option<String>,
}

/// New posts since midnight against what was expected until now.
#[derive(Serialize)]
pub(super) struct Today {
    found: u64,
    usual: String,
    /// `▼` far fewer, `▲` far more, `≈` about as many: never by colour alone.
    sign: &'static str,
    word: &'static str,
    /// For a bar: the greater of both, in tenths.
    most: u64,
    found_tenths: u64,
}

impl Today {
    fn of(history: &SourceHistory, when: &When) -> Option<Self> {
        let midnight = when.now.to_zoned(when.zone.clone()).start_of_day().ok()?.timestamp();
        let (found, watched) = history.found.sum(midnight, when.now);
        if watched == 0 || history.hours_learned == 0 {
            return None;
        }
        let usual = history.expected(midnight, when.now);
        let (sign, word) = match () {
            () if found + POST < usual / 2 => ("▼", when.locale.pick("比平时少", "fewer than usual")),
            () if found > usual * 2 + 2 * POST => ("▲", when.locale.pick("比平时多", "more than usual")),
            () => ("≈", when.locale.pick("与平时相近", "about as usual")),
        };
        let tenths = |posts: u64| posts * 10 / POST;
        Some(Self {
            found: (found + POST / 2) / POST,
            usual: tenths_shown(usual),
            sign,
            word,
            most: tenths(found.max(usual)).max(1),
            found_tenths: tenths(found),
        })
    }
}

/// Posts in 1/256 with one decimal, whole from ten on.
pub(super) fn tenths_shown(posts: u64) -> String {
    let tenths = (posts * 10 + POST / 2) / POST;
    if tenths >= 100 { (tenths.div_ceil(10)).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

impl Line {
    pub fn of(
        room: &Visit,
        source: Option<&Source>,
        state: &SourceState,
        desk: &DeskState,
        when: &When,
    ) -> Self {
        let pause = desk.paused.get(&state.source).filter(|pause| pause.holds(when.now));
        let health = match (source, pause) {
            (Some(source), _) if !source.enabled => "disabled",
            (_, Some(_)) => "paused",
            (_, None) => state.health.as_str(),
        };
        let (word, class) = words::health(health, when.locale);
        let (history, known) = (&state.history, state.history.posts > 0);
        let (own, subject) = (source_subject(&state.source), state.subject());
        let mute = desk.mutes.get(&own).or_else(|| desk.mutes.get(&subject));
        let mute = mute.filter(|mute| mute.until.is_none_or(|until| until > when.now));
        Self {
            name: clean(&state.source),
            path: path_of(&state.source),
            kind: source.map_or("", |source| settings::kind(source, when.locale)),
            word: word.to_owned(),
            class,
            why: if pause.is_some() { String::new() } else { clean(&state.why) },
            last_good: state.last_good_at.map(|at| when.time(at)),
            last_new: state.last_new_at.map(|at| when.time(at)),
            next: state.next_at.filter(|_| pause.is_none()).map(|at| when.time(at)),
            rounds: state.rounds,
            posts: state.posts,
            mentions: state.mentions,
            failures: state.failures,
            since: state.since.map(|at| when.time(at)),
            period: history.usual_period.map(|secs| hours(secs, when.locale)),
            yields: known.then(|| format!("{:.1}", f64::from(history.posts) / 16.0)),
            shares: known.then(|| history.shares.map(|share| percent(share).to_string()).join("/")),
            latency: (history.latency_ms > 0).then_some(history.latency_ms),
            today: Today::of(history, when),
            ill: !state.told.is_empty() || class == "bad",
            early: state.told.is_empty(),
            mute: mute.map(|mute| muted(mute, when)),
            pause: pause.map(|pause| paused(pause, when)),
            ours: source.is_none_or(|source| source.enabled && source.kind_id() != "push"),
            maintenance: expected_until(room, &subject, when),
            subject,
        }
    }

    /// Whether it needs a look: ill and not muted.
    pub fn needs_somebody(&self) -> bool {
        self.class == "bad" && self.mute.is_none()
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

fn end_of(until: Option<Timestamp>, open: &'static str, when: &When) -> String {
    until.map_or_else(
        || open.to_owned(),
        |until| format!("{} {}", when.locale.pick("直到", "until"), when.time(until)),
    )
}

fn muted(mute: &Mute, when: &When) -> String {
    let until = end_of(mute.until, when.locale.pick("直到恢复", "until it is mended"), when);
    clean(&format!("{}（{until}）：{}，{}", when.locale.pick("已静音", "muted"), mute.by, mute.reason))
}

/// A pause in a line: since when, until when, who, why.
pub(super) fn paused(pause: &Pause, when: &When) -> String {
    let until = end_of(pause.until, when.locale.pick("直到恢复", "until it is resumed"), when);
    let since = format!("{} {}", when.time(pause.at), when.locale.pick("起", "on"));
    let word = when.locale.pick("没有监测", "not watched");
    clean(&format!("{word}（{since}，{until}）：{}，{}", pause.by, pause.reason))
}
