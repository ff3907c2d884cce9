//! The state of a source after a round: a failure, something odd that is believed, or silence; else ok.

use jiff::{SignedDuration, Timestamp};

use super::{
    learn,
    state::Health,
    suspect,
    trouble::{PATIENCE, SILENCE, Trouble},
};
use crate::{
    collect::{adapter::ReadFault, facts::Facts},
    config::source::{Source, SourceKind},
    locale::Locale,
    store::SourceState,
};

/// What a round showed.
pub(super) struct Sight<'a> {
    pub source: &'a Source,
    pub trouble: Option<Trouble>,
    pub facts: &'a Facts,
    /// The host asked for rest: nothing was tried.
    pub rests: bool,
    pub now: Timestamp,
}

/// A state with its kind and reason.
struct Verdict {
    health: Health,
    kind: &'static str,
    why: String,
}

impl Verdict {
    const fn ok() -> Self {
        Self { health: Health::Ok, kind: "", why: String::new() }
    }
}

/// Writes the state; answers with the pause before the next try when it is not the usual interval.
pub(super) fn diagnose(state: &mut SourceState, sight: &Sight<'_>, locale: Locale) -> Option<SignedDuration> {
    let (verdict, pause) = match &sight.trouble {
        Some(trouble) if is_failure(trouble, state, sight) => failed(state, sight, trouble, locale),
        trouble => (looked(state, sight, trouble.as_ref(), locale), None),
    };
    let period = state.history.period(sight.source.expected_every, sight.source.interval);
    state.history.usual_period = period.map(|period| period.as_secs());
    write(state, verdict, sight.now);
    pause
}

/// Whether nothing could be used. A counter that is gone and a feed without entries are looked at closer.
fn is_failure(trouble: &Trouble, state: &SourceState, sight: &Sight<'_>) -> bool {
    let known = state.history.good_rounds >= PATIENCE;
    let feed = sight.source.preset().is_some_and(|preset| preset.reader.kind() == "feed");
    !(trouble.counter_gone() || (trouble.is_empty_list() && feed && known))
}

fn failed(
    state: &mut SourceState,
    sight: &Sight<'_>,
    trouble: &Trouble,
    locale: Locale,
) -> (Verdict, Option<SignedDuration>) {
    let (kind, interval) = (trouble.kind(), sight.source.interval);
    if sight.facts.good > 0 {
        // Some addresses answered: the source sees, but not all. The breaker stays closed for them.
        state.failures = 0;
        state.history.partly = state.history.partly.saturating_add(1);
        let blocked = matches!(trouble, Trouble::Blocked { .. });
        let pause = blocked.then(|| trouble.pause(state.history.partly, interval));
        learn::learn(&mut state.history, sight.facts, true, sight.now, interval);
        let health = match trouble.health(state.history.partly, true) {
            _ if state.history.partly < PATIENCE => Health::Ok,
            Health::BackingOff => Health::Broken,
            health => health,
        };
        let why = partly(sight.facts, &trouble.human(locale), locale);
        state.history.failed(&why, sight.now);
        let told = health != Health::Ok;
        return (Verdict { health, kind: if told { kind } else { "" }, why }, pause);
    }
    state.failures = state.failures.saturating_add(1);
    state.history.failed(&trouble.human(locale), sight.now);
    let health = trouble.health(state.failures, state.history.good_rounds > 0);
    tracing::warn!(source = %sight.source.name, health = health.id(), failures = state.failures, ?trouble, "a round did not end well");
    let pause = trouble.pause(state.failures, interval);
    (Verdict { health, kind, why: trouble.human(locale) }, Some(pause))
}

fn partly(facts: &Facts, why: &str, locale: Locale) -> String {
    let all = facts.good + facts.bad;
    match locale {
        Locale::ZhCn => format!("{all} 个页面中有 {} 个取不到：{why}", facts.bad),
        Locale::En => format!("{} of {all} pages fail: {why}", facts.bad),
    }
}

/// A round that gave data, or in which nothing was to be done.
fn looked(state: &mut SourceState, sight: &Sight<'_>, trouble: Option<&Trouble>, locale: Locale) -> Verdict {
    let (source, now) = (sight.source, sight.now);
    if !sight.rests {
        state.failures = 0;
        state.history.partly = 0;
    }
    let fetched = matches!(source.kind, SourceKind::Fetched { .. });
    let gave = sight.facts.good > 0 || trouble.is_some();
    if fetched && gave {
        let gone = match trouble {
            Some(Trouble::Read(ReadFault::CounterGone { counter })) => Some(*counter),
            _ => None,
        };
        let judged = suspect::judge(&mut state.history, sight.facts, gone, source, now, locale);
        learn::learn(&mut state.history, sight.facts, judged.trusted, now, source.interval);
        if let Some((health, kind, why)) = judged.sure {
            return Verdict { health, kind, why };
        }
    } else if !fetched {
        learn::look(&mut state.history, sight.facts.new, sight.facts.newest, now, source.interval);
    }
    silence(state, sight, locale)
}

/// Whether the source has said nothing new for too long.
fn silence(state: &SourceState, sight: &Sight<'_>, locale: Locale) -> Verdict {
    let (history, source, now) = (&state.history, sight.source, sight.now);
    let Some(fresh) = history.fresh_at else { return Verdict::ok() };
    // For a program the office's word is a promise, kept by the round itself.
    let due = history.silent_at(source.expected_every, source.interval);
    // Silence itself is learned as what is usual, so a stale source stays so until something comes.
    let was_stale = state.health == Health::Stale.id() && state.history.trouble == SILENCE;
    let still = was_stale && state.since.is_some_and(|since| fresh < since);
    if still || due.is_some_and(|due| due <= now) {
        return Verdict { health: Health::Stale, kind: SILENCE, why: stale_words(state, sight, locale) };
    }
    let waited = history.expected(fresh, now);
    if history.is_learned() && waited * 2 > history.tolerated() {
        let why = locale.pick("新内容比平时少，尚属可能", "less new than usual, but plausible").to_owned();
        return Verdict { health: Health::Quiet, kind: "", why };
    }
    if history.suspicion.as_ref().is_some_and(|seen| seen.what == "empty") || sight.trouble.is_some() {
        let why = locale.pick("列表目前是空的", "the list is empty just now").to_owned();
        return Verdict { health: Health::Quiet, kind: "", why };
    }
    Verdict::ok()
}

fn stale_words(state: &SourceState, sight: &Sight<'_>, locale: Locale) -> String {
    let since = state.history.fresh_at.unwrap_or(sight.now);
    let hours = sight.now.duration_since(since).as_hours();
    let frozen = sight.facts.good > 0 && sight.facts.unchanged == sight.facts.good;
    let how = match (sight.facts.good, frozen) {
        (0, _) => locale.pick("", ""),
        (_, true) => locale.pick(
            "对方一直答复“没有变化”，可能是过期的缓存。",
            "It keeps answering “not modified”: perhaps a stale cache. ",
        ),
        _ => locale.pick("页面能打开，但内容一直是旧的。", "It answers, but with what we know already. "),
    };
    match locale {
        Locale::ZhCn => {
            format!(
                "已 {hours} 小时没有新内容，超过平时的间隔。{how}请打开网址核对；若确已停更，可写明理由静音"
            )
        }
        Locale::En => {
            format!("nothing new for {hours} h, longer than usual. {how}Check the address, or mute it")
        }
    }
}

fn write(state: &mut SourceState, verdict: Verdict, now: Timestamp) {
    let well = |id: &str| id.is_empty() || Health::is_off(id) || Health::is_well(id);
    let (was_well, is_well) = (well(&state.health), Health::is_well(verdict.health.id()));
    // An illness counts from its first failure, whatever it grows into.
    if state.since.is_none() || was_well != is_well || (is_well && state.health != verdict.health.id()) {
        state.since = Some(now);
    }
    verdict.health.id().clone_into(&mut state.health);
    state.why = verdict.why;
    verdict.kind.clone_into(&mut state.history.trouble);
}
