//! Finds what is odd in answers that look like data: a list that has shrunk, a counter that is gone, ids
//! that change with every look, wrong charset, another site's posts, a canary that finds nothing. Each is
//! only believed when it is seen in several rounds in a row.

use std::collections::{HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{learn::main_site, state::Health};
use crate::{
    collect::{adapter::ReadFault, facts::Facts},
    config::source::Source,
    locale::Locale,
    model::{SourceHistory, Suspicion},
};

/// Rounds after which a source is known well enough to compare it with itself.
const KNOWN: u32 = 10;
/// A canary of a list that has no period of its own must be seen within this.
const CANARY_PERIOD: SignedDuration = SignedDuration::from_hours(24);

/// A changed shape is the source's own after this.
const ACCEPTED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 14);

/// What is odd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Odd {
    MovedTo(String),
    Garbled,
    Future,
    CounterGone(&'static str),
    CounterLost(usize),
    DatesLost,
    Thin { usual: u32, now: u32 },
    Empty,
    OtherSite(String),
    NewIds,
    ReusedIds,
    CanaryUnfound(String),
    CanarySilent(String),
}

/// Names of the counters in the order of [`Facts::counted`].
const COUNTERS: [(&str, &str); 4] =
    [("浏览量", "views"), ("转发量", "reposts"), ("评论量", "comments"), ("点赞量", "likes")];

impl Odd {
    const fn id(&self) -> &'static str {
        match self {
            Self::MovedTo(_) => "moved",
            Self::Garbled => "garbled",
            Self::Future => "future",
            Self::CounterGone(_) => "counter_gone",
            Self::CounterLost(_) => "counter_lost",
            Self::DatesLost => "dates_lost",
            Self::Thin { .. } => "thin",
            Self::Empty => "empty",
            Self::OtherSite(_) => "other_site",
            Self::NewIds => "new_ids",
            Self::ReusedIds => "reused_ids",
            Self::CanaryUnfound(_) => "canary",
            Self::CanarySilent(_) => "canary_silent",
        }
    }

    fn words(&self, locale: Locale) -> String {
        let zh = locale == Locale::ZhCn;
        match self {
            Self::MovedTo(to) if zh => format!("被转到了别的页面 {to}：网址可能已失效或要求登录，请核对网址"),
            Self::MovedTo(to) => format!("the address now leads to {to}; check it"),
            Self::CounterGone(name) => ReadFault::CounterGone { counter: name }.human(locale),
            Self::CounterLost(nth) => {
                let (zh_name, name) = COUNTERS.get(*nth).copied().unwrap_or_default();
                if zh {
                    format!("帖子一向显示{zh_name}，现在都不显示了：网站可能改版了，请更新预设")
                } else {
                    format!("posts always showed {name} and none does now; the preset needs mending")
                }
            }
            Self::Thin { usual, now } if zh => {
                format!(
                    "一次通常读到 {usual} 条，现在只有 {now} 条：网站可能改版或限制了显示，请用 yuqing probe 查看"
                )
            }
            Self::Thin { usual, now } => format!("an answer usually holds {usual} posts and now only {now}"),
            Self::OtherSite(site) if zh => {
                format!("内容变成了别的网站（{site}）的：网址可能被转让或劫持，请核对")
            }
            Self::OtherSite(site) => format!("the posts are those of another site now ({site})"),
            Self::CanaryUnfound(word) if zh => {
                format!("检索哨兵词“{word}”找不到任何内容：对方的检索可能失灵或对本机隐藏了结果")
            }
            Self::CanaryUnfound(word) => format!("a search for the canary word “{word}” finds nothing"),
            Self::CanarySilent(word) if zh => {
                format!("该来源很久没有出现哨兵词“{word}”：可能看到的不是原来的内容")
            }
            Self::CanarySilent(word) => format!("the canary word “{word}” has not been seen for long"),
            _ => self.plain_words(locale).to_owned(),
        }
    }

    const fn plain_words(&self, locale: Locale) -> &'static str {
        match self {
            Self::Garbled => locale
                .pick("文字成了乱码（编码变了）：请在预设里写明 encoding", "the text is in another charset"),
            Self::Future => locale.pick(
                "发表时间都在将来：对方或本机的时钟、时区不对",
                "all posts are dated in the future; a clock or zone is wrong",
            ),
            Self::DatesLost => locale.pick(
                "帖子一向有发表时间，现在都没有了：网站可能改版了，请更新预设",
                "posts always had dates and none has now; the preset needs mending",
            ),
            Self::Empty => locale.pick(
                "列表一直是空的，而以前从不为空：可能被限制显示或网址已失效",
                "the list has been empty, which it never was before",
            ),
            Self::NewIds => locale.pick(
                "同样的帖子每次都换编号：无法判断新旧，请更新预设",
                "the same posts have new ids in every answer; the preset needs mending",
            ),
            _ => locale.pick(
                "同样的编号换成了别的帖子：预设取错了编号，请更新",
                "known ids now belong to other posts; the preset needs mending",
            ),
        }
    }

    /// Whether what is new in such a round cannot be believed.
    pub const fn spoils(&self) -> bool {
        matches!(
            self,
            Self::MovedTo(_)
                | Self::Garbled
                | Self::OtherSite(_)
                | Self::NewIds
                | Self::ReusedIds
                | Self::Empty
        )
    }

    /// What the source is when it is believed.
    const fn health(&self) -> Health {
        match self {
            Self::Empty | Self::CanarySilent(_) => Health::Stale,
            _ => Health::Broken,
        }
    }

    /// Whether it is believed.
    fn is_sure(
        &self,
        seen: &Suspicion,
        history: &SourceHistory,
        period: SignedDuration,
        now: Timestamp,
    ) -> bool {
        let rounds = match self {
            Self::CounterGone(_) | Self::Future if history.good_rounds <= 1 => 1,
            Self::CanarySilent(_) => 1,
            Self::Thin { .. } | Self::CounterLost(_) | Self::DatesLost | Self::NewIds | Self::ReusedIds => 3,
            Self::Empty => {
                // Silence must be heard, but an empty list may be true for a while.
                let since = seen.since.unwrap_or(now);
                return seen.rounds >= 3 && now.duration_since(since) >= period.min(CANARY_PERIOD);
            }
            _ => 2,
        };
        seen.rounds >= rounds
    }
}

/// What a round makes of the history's suspicion: the state that it demands, and why.
pub(super) struct Judged {
    /// The state and its kind, when the suspicion is believed.
    pub sure: Option<(Health, &'static str, String)>,
    /// Whether what was new in this round can be believed.
    pub trusted: bool,
}

/// Holds a round against the history and keeps count of what is odd.
pub(super) fn judge(
    history: &mut SourceHistory,
    facts: &Facts,
    gone: Option<&'static str>,
    source: &Source,
    now: Timestamp,
    locale: Locale,
) -> Judged {
    canary(history, facts, now);
    accept(history, now);
    if facts.unchanged > 0 && facts.posts == 0 && facts.empty == 0 {
        // The same answer as before is as odd as it was.
        return carried(history, now, source);
    }
    let Some(odd) = oddity(history, facts, gone, source, now) else {
        history.suspicion = None;
        return Judged { sure: None, trusted: true };
    };
    let before = history.suspicion.take().filter(|before| before.what == odd.id());
    let rounds = before.as_ref().map_or(0, |before| before.rounds).saturating_add(1);
    let since = before.and_then(|before| before.since).or(Some(now));
    let seen = Suspicion { what: odd.id().to_owned(), rounds, since, why: odd.words(locale) };
    let period = history.period(source.expected_every, source.interval).unwrap_or(CANARY_PERIOD);
    let sure = odd.is_sure(&seen, history, period, now).then(|| (odd.health(), odd.id(), seen.why.clone()));
    history.suspicion = Some(seen);
    Judged { sure, trusted: !odd.spoils() }
}

/// What has been odd for so long is how the source is now, and is learned as such: a list that was made
/// shorter for good must not be told for ever, nor be muted for ever.
fn accept(history: &mut SourceHistory, now: Timestamp) {
    let since = history.suspicion.as_ref().and_then(|seen| seen.since);
    let of_shape = history.suspicion.as_ref().is_some_and(|seen| {
        ["thin", "counter_lost", "dates_lost", "other_site"].contains(&seen.what.as_str())
    });
    if of_shape && since.is_some_and(|since| now.duration_since(since) >= ACCEPTED_AFTER) {
        (history.suspicion, history.posts, history.spread) = (None, 0, 0);
        (history.shares, history.dated) = ([0; 4], 0);
        history.site.clear();
    }
}

/// An unchanged answer: what was suspected stays so.
fn carried(history: &mut SourceHistory, now: Timestamp, source: &Source) -> Judged {
    let Some(seen) = &mut history.suspicion else { return Judged { sure: None, trusted: true } };
    seen.rounds = seen.rounds.saturating_add(1);
    let (rounds, since, why) = (seen.rounds, seen.since.unwrap_or(now), seen.why.clone());
    let empty = seen.what == "empty";
    let known = KINDS.iter().find(|kind| **kind == seen.what).copied().unwrap_or("thin");
    let period = history.period(source.expected_every, source.interval).unwrap_or(CANARY_PERIOD);
    let long = now.duration_since(since) >= period.min(CANARY_PERIOD);
    let sure = rounds >= 3 && (!empty || long);
    let health = if empty { Health::Stale } else { Health::Broken };
    Judged { sure: sure.then_some((health, known, why)), trusted: false }
}

/// Ids that can be carried over an unchanged answer.
const KINDS: [&str; 12] = [
    "moved",
    "garbled",
    "future",
    "counter_gone",
    "counter_lost",
    "dates_lost",
    "thin",
    "empty",
    "other_site",
    "new_ids",
    "reused_ids",
    "canary",
];

fn canary(history: &mut SourceHistory, facts: &Facts, now: Timestamp) {
    if facts.canary.is_none() {
        history.canary_at = None;
    } else if facts.canary_found || history.canary_at.is_none() {
        history.canary_at = Some(now);
    }
}

fn oddity(
    history: &SourceHistory,
    facts: &Facts,
    gone: Option<&'static str>,
    source: &Source,
    now: Timestamp,
) -> Option<Odd> {
    if let Some(to) =
        facts.moved_to.as_ref().filter(|to| history.good_rounds >= 3 && **to != history.leads_to)
    {
        return Some(Odd::MovedTo(to.clone()));
    }
    if facts.garbled.1 * 2 > facts.garbled.0 {
        return Some(Odd::Garbled);
    }
    if facts.posts >= 2 && future(facts) * 2 >= facts.posts.min(20) {
        return Some(Odd::Future);
    }
    if let Some(counter) = gone {
        return Some(Odd::CounterGone(counter));
    }
    canary_oddity(history, facts, source, now).or_else(|| {
        (history.good_rounds >= KNOWN && history.posts > 0).then(|| compared(history, facts)).flatten()
    })
}

fn future(facts: &Facts) -> u32 {
    let n = facts.faults.iter().filter(|fault| matches!(fault, ReadFault::FutureDate { .. })).count();
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn canary_oddity(history: &SourceHistory, facts: &Facts, source: &Source, now: Timestamp) -> Option<Odd> {
    let word = source.canary.clone()?;
    if facts.canary_found {
        return None;
    }
    if source.searches() {
        return Some(Odd::CanaryUnfound(word));
    }
    let period = history.period(source.expected_every, source.interval).unwrap_or(CANARY_PERIOD);
    let since = history.canary_at?;
    (now.duration_since(since) > period.max(CANARY_PERIOD)).then_some(Odd::CanarySilent(word))
}

/// What differs from the source's own past.
fn compared(history: &SourceHistory, facts: &Facts) -> Option<Odd> {
    let seen = |what: &str| history.suspicion.as_ref().is_some_and(|seen| seen.what == what);
    let usual = history.posts / 16;
    let steady = history.spread.saturating_mul(5) <= history.posts;
    if facts.posts == 0 {
        return (usual >= 3 && steady).then_some(Odd::Empty);
    }
    if let (Some(site), false) = (main_site(facts), history.site.is_empty())
        && site != history.site
        && (seen("other_site") || overlap(history, facts).is_none_or(|(same, _, _)| same == 0))
    {
        return Some(Odd::OtherSite(site));
    }
    if let Some((_, renamed, reused)) = overlap(history, facts) {
        let half = (facts.list.len() / 2).max(3);
        if renamed >= half {
            return Some(Odd::NewIds);
        }
        if reused >= half {
            return Some(Odd::ReusedIds);
        }
    }
    let lost = |share: u8, shown: u32| share >= 153 && facts.posts >= 3 && shown * 10 <= facts.posts;
    if let Some(nth) = history.shares.iter().zip(facts.counted).position(|(share, n)| lost(*share, n)) {
        return Some(Odd::CounterLost(nth));
    }
    if lost(history.dated, facts.dated) {
        return Some(Odd::DatesLost);
    }
    // Beyond four times the usual distance, and less than three fifths.
    let least = history.posts.saturating_sub(history.spread.saturating_mul(4));
    let now = facts.posts.saturating_mul(16);
    let thin = usual >= 5 && now < least && now.saturating_mul(5) < history.posts.saturating_mul(3);
    thin.then_some(Odd::Thin { usual, now: facts.posts })
}

/// How many ids stand in both lists with the same text, how many texts have another id, and how many ids
/// another text. `None` when one of the lists was not kept.
fn overlap(history: &SourceHistory, facts: &Facts) -> Option<(usize, usize, usize)> {
    let before: Vec<(u32, u32)> = history
        .last_list
        .as_bytes()
        .chunks(10)
        .filter_map(|pair| {
            let (id, text) = std::str::from_utf8(pair).ok()?.split_at_checked(5)?;
            Some((u32::from_str_radix(id, 16).ok()?, u32::from_str_radix(text, 16).ok()?))
        })
        .collect();
    if before.is_empty() || facts.list.is_empty() {
        return None;
    }
    let text_of: HashMap<u32, u32> = before.iter().copied().collect();
    let texts: HashSet<u32> = before.iter().map(|(_, text)| *text).collect();
    let (mut same, mut renamed, mut reused) = (0, 0, 0);
    for (id, text) in &facts.list {
        match text_of.get(id) {
            Some(known) if known == text => same += 1,
            Some(_) => reused += 1,
            None if texts.contains(text) => renamed += 1,
            None => {}
        }
    }
    Some((same, renamed, reused))
}
