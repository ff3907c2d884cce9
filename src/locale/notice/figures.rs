//! Counters, times and what is not known, as a reader sees them.

use jiff::{Timestamp, tz::TimeZone};

use super::one_line;
use crate::{
    locale::{Locale, clock_time, grouped, words},
    model::{Count, DeadlineLine, DigestLine, Exactness, Facts, Heat, PostLine},
};

/// A counter: `12,000`, `约 12,000`, `100,000 以上`, `未知`.
#[must_use]
pub fn count(count: Option<Count>, locale: Locale) -> String {
    let Some(Count { value, exactness }) = count else {
        return locale.pick("未知", "unknown").to_owned();
    };
    let number = grouped(value);
    match (exactness, locale) {
        (Exactness::Exact, _) => number,
        (Exactness::About, Locale::ZhCn) => format!("约 {number}"),
        (Exactness::About, Locale::En) => format!("about {number}"),
        (Exactness::AtLeast, Locale::ZhCn) => format!("{number} 以上"),
        (Exactness::AtLeast, Locale::En) => format!("{number} or more"),
    }
}

/// What stands under a post.
pub(super) fn of_post(post: &PostLine, now: Timestamp, locale: Locale, zone: &TimeZone) -> String {
    let seen = clock_time(post.first_seen_at, now, zone);
    let (views, reposts) = (count(post.views, locale), count(post.reposts, locale));
    let published = post
        .published_at
        .map_or_else(|| locale.pick("未知", "unknown").to_owned(), |at| clock_time(at, now, zone));
    match locale {
        Locale::ZhCn => format!("发布 {published}，首见 {seen}，浏览 {views}，转发 {reposts}"),
        Locale::En => format!("published {published}, first seen {seen}, views {views}, reposts {reposts}"),
    }
}

/// What stands under a line of a digest.
pub(super) fn of_digest(line: &DigestLine, now: Timestamp, locale: Locale, zone: &TimeZone) -> String {
    let seen = clock_time(line.first_seen_at, now, zone);
    let (sites, posts) = (line.heat.sites.len(), line.heat.posts);
    let views = count(daily_views(&line.heat), locale);
    let reposts = count(reposts(&line.heat), locale);
    match locale {
        Locale::ZhCn => {
            format!(
                "第 {} 号，首见 {seen}，{sites} 个站点，{posts} 篇，24 小时浏览 {views}，转发 {reposts}",
                line.incident
            )
        }
        Locale::En => format!(
            "no. {}, first seen {seen}, {sites} sites, {posts} posts, views in 24 h {views}, reposts {reposts}",
            line.incident
        ),
    }
}

/// The keyword groups that were met, each once.
pub(super) fn groups(groups: &[String], locale: Locale) -> String {
    one_line(&groups.join(locale.pick("、", ", ")))
}

/// What an incident of a digest was met by, and what kind it is.
pub(super) fn matched(line: &DigestLine, locale: Locale) -> String {
    let kind = one_line(&words::kind_line(&line.kinds, locale));
    let led_by = one_line(&words::handling(None, line.led_by.as_deref(), locale));
    let parts = [groups(&line.groups, locale), kind, led_by];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(locale.pick("，", ", "))
}

fn daily_views(heat: &Heat) -> Option<Count> {
    let value = heat.daily_views?;
    Some(Count { value, exactness: heat.views_exactness.unwrap_or(Exactness::Exact) })
}

fn reposts(heat: &Heat) -> Option<Count> {
    let value = heat.reposts?;
    Some(if heat.reposts_at_least { Count::at_least(value) } else { Count::exact(value) })
}

/// A limit that runs: what for, until when, how long that is from now.
pub(super) fn of_limit(limit: &DeadlineLine, now: Timestamp, locale: Locale, zone: &TimeZone) -> String {
    let what = words::deadline_kind(limit.kind, locale);
    let named = limit.name.as_deref().map(one_line);
    let what = named.as_deref().unwrap_or(what);
    let due = clock_time(limit.due_at, now, zone);
    let seconds = limit.due_at.duration_since(now).as_secs();
    match locale {
        Locale::ZhCn if seconds < 0 => format!("{what}: {due} 前（已过）"),
        Locale::ZhCn => format!("{what}: {due} 前（自发出起 {}）", length(seconds, locale)),
        Locale::En if seconds < 0 => format!("{what}: by {due} (passed)"),
        Locale::En => format!("{what}: by {due} ({} from sending)", length(seconds, locale)),
    }
}

/// A length in words; the limits of a demo or drill are under a minute.
#[must_use]
pub fn length(seconds: i64, locale: Locale) -> String {
    let (hours, rest) = (seconds / 3_600, seconds / 60 % 60);
    match (locale, hours, rest) {
        (Locale::ZhCn, 0, 0) => format!("{seconds} 秒"),
        (Locale::En, 0, 0) => format!("{seconds} s"),
        (Locale::ZhCn, 0, _) => format!("{rest} 分钟"),
        (Locale::ZhCn, _, 0) => format!("{hours} 小时"),
        (Locale::ZhCn, ..) => format!("{hours} 小时 {rest} 分钟"),
        (Locale::En, 0, _) => format!("{rest} min"),
        (Locale::En, _, 0) => format!("{hours} h"),
        (Locale::En, ..) => format!("{hours} h {rest} min"),
    }
}

/// What is not known, in one line; empty when everything is.
pub(super) fn unknown(facts: &Facts, locale: Locale) -> String {
    let mut parts = Vec::new();
    if let Some(heat) = facts.reason.as_ref().map(|reason| &reason.heat) {
        match heat.daily_views {
            None => parts.push(locale.pick("浏览量", "views").to_owned()),
            Some(_) if heat.views_unknown > 0 => parts.push(match locale {
                Locale::ZhCn => format!("{} 篇的浏览量", heat.views_unknown),
                Locale::En => format!("views of {} posts", heat.views_unknown),
            }),
            Some(_) => {}
        }
        match heat.reposts {
            None => parts.push(locale.pick("转发量", "reposts").to_owned()),
            Some(_) if heat.reposts_unknown > 0 => parts.push(match locale {
                Locale::ZhCn => format!("{} 篇的转发量", heat.reposts_unknown),
                Locale::En => format!("reposts of {} posts", heat.reposts_unknown),
            }),
            Some(_) => {}
        }
    }
    let undated = facts.posts.iter().filter(|post| post.published_at.is_none()).count();
    if undated > 0 {
        parts.push(match locale {
            Locale::ZhCn => format!("{undated} 篇的发布时间"),
            Locale::En => format!("publication of {undated} posts"),
        });
    }
    parts.join(locale.pick("、", ", "))
}
