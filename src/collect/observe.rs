//! Looks again at members of live statements that have left their list, so that counters are followed.
//!
//! The next look is planned from the growth so far ([`wait_after`]): sooner the nearer the next threshold,
//! never sooner than the preset's interval, and after looks that showed no growth later and later, up to
//! six hours. An incident that has not grown for two days is looked at no more. Backlog that was seen once
//! only is looked at again at once (SEMANTICS 4).

use std::{collections::HashSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{
    address,
    collector::Shared,
    fetch::{FetchError, Fetched},
    memo,
    pages::read,
    proof::Proof,
    requests,
    round::{Round, deliver},
    sift::{Kept, Seen, Sieve},
};
use crate::{
    config::source::{Source, SourceKind},
    desk::{Followed, Input, LiveSet, Vanished},
    model::{Counters, Post, PostKey},
    store::SourceState,
    text::decode,
};

/// Looks in one go.
const MOST_LOOKS: usize = 20;
const LONGEST: SignedDuration = SignedDuration::from_hours(6);
/// A member so young is looked at as often as its preset allows.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// What grows is looked at at least so often.
const GROWING: SignedDuration = SignedDuration::from_hours(2);
/// Looks on the way to a threshold.
const LOOKS_ON_THE_WAY: i32 = 4;
/// After so many looks of its own without growth a member is not what makes its incident grow.
const PATIENT: u32 = 3;

/// Name of the instant until which the host rests: no look before it.
const RESTS: &str = "looks_after";

/// The last look of ours at one post.
struct Look {
    at: Timestamp,
    /// Sum of its counters.
    total: u64,
    /// Looks in a row without growth.
    stale: u32,
}

/// When the source must next look at a member; `None` when it follows none.
pub(super) fn next(
    source: &Source,
    state: &SourceState,
    live: &LiveSet,
    now: Timestamp,
) -> Option<Timestamp> {
    if !observes(source) || state.failures > 0 || state.last_good_at.is_none() {
        return None;
    }
    let earliest = followed(source, live, now).map(|post| due_at(source, state, post)).min()?;
    let rested = memo::time(state, RESTS).map_or(earliest, |until| earliest.max(until));
    Some(rested.min(now.saturating_add(LONGEST).unwrap_or(Timestamp::MAX)))
}

/// Whether the source can look at a post by itself.
fn observes(source: &Source) -> bool {
    matches!(&source.kind, SourceKind::Fetched { preset, observe_preset: Some(_), .. } if preset.observe.is_some())
}

fn followed<'l>(
    source: &Source,
    live: &'l LiveSet,
    now: Timestamp,
) -> impl Iterator<Item = &'l Followed> + use<'l> {
    let all = observes(source).then(|| live.followed_by(&source.name));
    all.into_iter().flatten().filter(move |post| now < post.until)
}

fn due_at(source: &Source, state: &SourceState, post: &Followed) -> Timestamp {
    let look = recall(state, &post.key);
    if post.at_once && look.is_none() {
        return post.first_seen_at;
    }
    let last = look.as_ref().map_or(post.last_seen_at, |look| look.at.max(post.last_seen_at));
    let base = source
        .preset()
        .and_then(|preset| preset.observe.as_ref())
        .map_or(LONGEST, |observe| observe.interval);
    let wait = wait_after(base, post, last, look.map_or(0, |look| look.stale));
    last.saturating_add(wait).unwrap_or(Timestamp::MAX)
}

/// How long after the look at `last` a member waits for its next one: `base` is the shortest span that its
/// preset allows, `stale` counts looks in a row that showed no growth.
///
/// In emergency mode always `base`. What grows is looked at four times on the way to the nearest threshold
/// that it could cross, and never more than two hours apart; what is fresh, in its first hour, at `base`.
/// What does not grow waits twice as long after each look, up to six hours; what is closed six hours.
#[must_use]
pub fn wait_after(base: SignedDuration, post: &Followed, last: Timestamp, stale: u32) -> SignedDuration {
    let longest = LONGEST.max(base);
    if post.emergency.is_some_and(|until| until.is_none_or(|until| last < until)) {
        return base;
    }
    if post.closed {
        return longest;
    }
    let by_rank = match post.rank {
        0 => 4,
        1 => 2,
        _ => 1,
    };
    let fresh = last.duration_since(post.first_seen_at) < FRESH;
    let unhurried = base.saturating_mul(if fresh { 1 } else { by_rank } << stale.min(6)).min(longest);
    match post.soonest {
        Some(soonest) if stale < PATIENT => {
            let on_the_way = soonest.duration_since(last) / LOOKS_ON_THE_WAY;
            on_the_way.min(GROWING.max(base)).clamp(base, longest)
        }
        _ => unhurried,
    }
}

/// A job that only looks.
pub(super) async fn run(shared: &Shared, source: &Source, mut state: SourceState) -> Round {
    let kept = looks(shared, source, &mut state, &[]).await;
    let stopped = deliver(shared, source, &mut state, kept).await.is_err();
    Round { full: false, stopped, ..Round::quiet(state) }
}

/// Looks at the members that are due and were not just seen in the list.
pub(super) async fn looks(
    shared: &Shared,
    source: &Source,
    state: &mut SourceState,
    seen_now: &[Seen],
) -> Vec<Kept> {
    let live = shared.parts.live.borrow().clone();
    let now = shared.now();
    let seen: HashSet<&PostKey> = seen_now.iter().map(|seen| &seen.key).collect();
    forget_others(state, source, &live, now);
    let now_seen: HashSet<&PostKey> = followed(source, &live, now).map(|post| &post.key).collect();
    for seen in seen_now.iter().filter(|seen| now_seen.contains(&seen.key)) {
        // The list was a look as good as any: the next one counts from it.
        note(state, &seen.key, seen.seen_at, &seen.counters, seen.own_fetch);
    }
    let mut due: Vec<(Timestamp, &Followed)> = followed(source, &live, now)
        .filter(|post| !seen.contains(&post.key))
        .map(|post| (due_at(source, state, post), post))
        .filter(|(at, _)| *at <= now)
        .collect();
    due.sort_by(|(at, a), (other, b)| at.cmp(other).then_with(|| a.key.cmp(&b.key)));
    let sieve = Sieve::of(shared, source);
    let mut kept = Vec::new();
    for (_, post) in due.into_iter().take(MOST_LOOKS) {
        match look(shared, source, post).await {
            Ok(Found::Shown(found, counters, own_fetch, answer)) => {
                state.memo.remove(&gone_name(&post.key));
                note(state, &post.key, shared.now(), &counters, own_fetch);
                let hits = sieve.hits(&found);
                let seen_at = shared.now();
                let shown = Some(Proof::of(&answer, seen_at).shown());
                kept.push(Kept { post: *found, counters, hits, seen_at, own_fetch, shown });
            }
            Ok(Found::Gone(says)) => {
                note(state, &post.key, shared.now(), &Counters::default(), false);
                tell_gone(shared, state, post, says).await;
            }
            Ok(Found::Nothing) => note(state, &post.key, shared.now(), &Counters::default(), false),
            Err(FetchError::HostRests { until }) => {
                memo::put_time(state, RESTS, until);
                break;
            }
            Err(error) => {
                tracing::debug!(source = %source.name, post = %post.key, %error, "a look at a member failed");
                note(state, &post.key, shared.now(), &Counters::default(), false);
            }
        }
    }
    kept
}

async fn look(shared: &Shared, source: &Source, post: &Followed) -> Result<Found, FetchError> {
    let SourceKind::Fetched { preset, observe_preset: Some(reader), base, .. } = &source.kind else {
        return Ok(Found::Nothing);
    };
    let template = preset.observe.as_ref().and_then(|observe| observe.url.as_deref());
    let Some(url) = address::of_post(template, base, &post.key.id, &post.url) else {
        return Ok(Found::Nothing);
    };
    let fetcher = &shared.parts.fetcher;
    let answer = match fetcher.fetch(&requests::of(source, fetcher.settings(), &url)?).await {
        Ok(answer) => Arc::new(answer),
        Err(FetchError::Status { code: code @ (404 | 410), .. }) => return Ok(Found::Gone(code.to_string())),
        Err(error) => return Err(error),
    };
    let Ok(reading) = read(reader, &answer, Some(post.key.clone()), shared.now()).await else {
        return Ok(Found::Nothing);
    };
    let found = reading.posts.into_iter().find(|(found, _)| found.key == post.key);
    Ok(match found {
        Some((mut found, counters)) => {
            if found.url.is_empty() {
                found.url.clone_from(&post.url);
            }
            Found::Shown(Box::new(found), counters, reader.counts_own_fetch, answer)
        }
        None => says_gone(&answer).map_or(Found::Nothing, |words| Found::Gone(words.to_owned())),
    })
}

/// What a look at a post's page found.
enum Found {
    /// The post, its counters, whether the look was counted, and the answer.
    Shown(Box<Post>, Counters, bool, Arc<Fetched>),
    /// The page says that it is gone, in these words.
    Gone(String),
    /// Neither.
    Nothing,
}

/// What sites write in place of a post that was deleted.
const GONE: [&str; 9] = [
    "已被删除",
    "已删除",
    "帖子不存在",
    "内容不存在",
    "微博不存在",
    "文章不存在",
    "页面不存在",
    "已被发布者删除",
    "主题不存在",
];
/// As much of a page as is looked at for these words, in bytes.
const LOOKED_AT: usize = 64 * 1024;

/// The words by which a page without the post says that it was deleted. A page that shows the post may hold
/// such words in a comment; it is never asked.
fn says_gone(answer: &Fetched) -> Option<&'static str> {
    let head = answer.body.get(..LOOKED_AT.min(answer.body.len())).unwrap_or_default();
    let decoded = decode(head, None, true);
    GONE.into_iter().find(|words| decoded.text.contains(words))
}

fn gone_name(key: &PostKey) -> String {
    format!("gone/{key}")
}

/// Tells the desk once that a post is gone; it is looked at on, for it may come back.
async fn tell_gone(shared: &Shared, state: &mut SourceState, post: &Followed, says: String) {
    if state.memo.contains_key(&gone_name(&post.key)) {
        return;
    }
    let at = shared.now();
    let vanished = Vanished { post: post.key.clone(), at, says };
    match shared.parts.inbox.put(Input::Vanished(vanished)).await {
        Ok(()) => {
            state.memo.insert(gone_name(&post.key), at.to_string());
        }
        Err(error) => {
            tracing::debug!(post = %post.key, %error, "that a post is gone is told after the next look");
        }
    }
}

fn memo_name(key: &PostKey) -> String {
    format!("look/{key}")
}

fn recall(state: &SourceState, key: &PostKey) -> Option<Look> {
    let text = state.memo.get(&memo_name(key))?;
    let mut parts = text.split(' ');
    Some(Look {
        at: parts.next()?.parse().ok()?,
        total: parts.next()?.parse().ok()?,
        stale: parts.next()?.parse().ok()?,
    })
}

fn note(state: &mut SourceState, key: &PostKey, at: Timestamp, counters: &Counters, own_fetch: bool) {
    let shown = [counters.views, counters.reposts, counters.comments, counters.likes];
    let total: u64 = shown.iter().flatten().fold(0, |sum, count| sum.saturating_add(count.value));
    let before = recall(state, key);
    // Our own look raised the counter by one: that is no growth.
    let ours = u64::from(own_fetch);
    let grew = before.as_ref().is_none_or(|before| total > before.total.saturating_add(ours));
    let stale = if grew { 0 } else { before.as_ref().map_or(0, |before| before.stale.saturating_add(1)) };
    let total = before.map_or(total, |before| total.max(before.total));
    state.memo.insert(memo_name(key), format!("{at} {total} {stale}"));
}

fn forget_others(state: &mut SourceState, source: &Source, live: &LiveSet, now: Timestamp) {
    let names: HashSet<String> = followed(source, live, now).map(|post| memo_name(&post.key)).collect();
    let followed: HashSet<String> = followed(source, live, now).map(|post| gone_name(&post.key)).collect();
    state.memo.retain(|name, _| {
        (!name.starts_with("look/") || names.contains(name))
            && (!name.starts_with("gone/") || followed.contains(name))
    });
}
