//! The reason line of a tier: rule, numbers, window, sites, unknowns and estimates (SEMANTICS 14).

use jiff::{Timestamp, tz::TimeZone};

use super::Locale;
use crate::model::{Clause, Exactness, Heat, Reason};

/// A number with thousands separators, as office papers write it.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// An instant as `11-21 14:05` in the unit's zone; without the day when it is that of `today`.
#[must_use]
pub fn clock_time(at: Timestamp, today: Timestamp, zone: &TimeZone) -> String {
    let local = at.to_zoned(zone.clone());
    let day = today.to_zoned(zone.clone()).date();
    let format = if local.date() == day { "%H:%M" } else { "%m-%d %H:%M" };
    local.strftime(format).to_string()
}

/// The reason in one line, such as `重大: 转发 312 > 300，3 个站点，7 篇，截至 14:05`.
#[must_use]
pub fn reason_line(reason: &Reason, locale: Locale, zone: &TimeZone) -> String {
    let comma = locale.pick("，", ", ");
    let mut parts = vec![held(reason, locale)];
    parts.push(places(&reason.heat, locale));
    parts.extend(unknowns(reason, locale));
    if reason.heat.estimated_views > 0 {
        let n = grouped(reason.heat.estimated_views);
        parts.push(match locale {
            Locale::ZhCn => format!("其中估算 {n}"),
            Locale::En => format!("of which {n} estimated"),
        });
    }
    if let Some(from) = reason.window_from {
        let from = clock_time(from, reason.as_of, zone);
        parts.push(match locale {
            Locale::ZhCn => format!("自 {from} 起计"),
            Locale::En => format!("counted from {from}"),
        });
    }
    let as_of = reason.as_of.to_zoned(zone.clone()).strftime("%H:%M").to_string();
    parts.push(format!("{}{as_of}", locale.pick("截至 ", "as of ")));
    format!("{}: {}", reason.tier_name, parts.join(comma))
}

/// The condition that held, or all that held together.
fn held(reason: &Reason, locale: Locale) -> String {
    let mut all = vec![clause(reason, reason.clause, reason.threshold, locale)];
    all.extend(reason.with.iter().map(|(one, threshold)| clause(reason, *one, *threshold, locale)));
    all.join(locale.pick(" 且 ", " and "))
}

fn clause(reason: &Reason, which: Clause, threshold: Option<u64>, locale: Locale) -> String {
    let heat = &reason.heat;
    let over = threshold.map_or_else(String::new, |n| format!(" > {}", grouped(n)));
    match which {
        Clause::Views => format!(
            "{} {}{over}",
            locale.pick("24 小时浏览", "views in 24 h"),
            marked_views(heat, locale).unwrap_or_else(|| unknown(locale))
        ),
        Clause::Reposts => {
            let mark = if heat.reposts_at_least { locale.pick("至少 ", "at least ") } else { "" };
            let number = heat.reposts.map_or_else(|| unknown(locale), grouped);
            format!("{} {mark}{number}{over}", locale.pick("转发", "reposts"))
        }
        Clause::Comments => format!(
            "{} {}{over}",
            locale.pick("评论", "comments"),
            heat.comments.map_or_else(|| unknown(locale), grouped)
        ),
        Clause::Sites => match locale {
            Locale::ZhCn => format!("出现在 {} 个站点", heat.sites.len()),
            Locale::En => format!("on {} sites", heat.sites.len()),
        },
        Clause::Growth => format!(
            "{} {}{over}",
            locale.pick("一小时新增浏览", "views gained in 1 h"),
            heat.hourly_views.map_or_else(|| unknown(locale), grouped)
        ),
        Clause::Kind => {
            format!("{}{}", locale.pick("内容: ", "content: "), reason.note.as_deref().unwrap_or_default())
        }
        Clause::AtLeast => {
            format!("{}{}", locale.pick("按设定不低于此级", "set as the lowest"), note(reason, locale))
        }
        Clause::Override => format!("{}{}", locale.pick("人工定级", "set by a person"), note(reason, locale)),
        Clause::SoundOnly => {
            let views = marked_views(heat, locale).unwrap_or_else(|| unknown(locale));
            let reposts = heat.reposts.map_or_else(|| unknown(locale), grouped);
            match locale {
                Locale::ZhCn => {
                    format!("仅谐音命中，不据此定级（24 小时浏览 {views}，转发 {reposts}）")
                }
                Locale::En => {
                    format!("met by sound only, not graded by it (views in 24 h {views}, reposts {reposts})")
                }
            }
        }
        Clause::Lowest => {
            let views = marked_views(heat, locale).unwrap_or_else(|| unknown(locale));
            let reposts = heat.reposts.map_or_else(|| unknown(locale), grouped);
            match locale {
                Locale::ZhCn => format!("未超过上一级阈值（24 小时浏览 {views}，转发 {reposts}）"),
                Locale::En => {
                    format!("no higher threshold exceeded (views in 24 h {views}, reposts {reposts})")
                }
            }
        }
    }
}

fn note(reason: &Reason, locale: Locale) -> String {
    reason.note.as_deref().map_or_else(String::new, |note| match locale {
        Locale::ZhCn => format!("（{note}）"),
        Locale::En => format!(" ({note})"),
    })
}

fn unknown(locale: Locale) -> String {
    locale.pick("未知", "unknown").to_owned()
}

fn marked_views(heat: &Heat, locale: Locale) -> Option<String> {
    let number = grouped(heat.daily_views?);
    Some(match heat.views_exactness {
        Some(Exactness::AtLeast) => format!("{}{number}", locale.pick("至少 ", "at least ")),
        Some(Exactness::About) => format!("{}{number}", locale.pick("约 ", "about ")),
        Some(Exactness::Exact) | None => number,
    })
}

fn places(heat: &Heat, locale: Locale) -> String {
    match locale {
        Locale::ZhCn => format!("{} 个站点，{} 篇", heat.sites.len(), heat.posts),
        Locale::En => format!("{} sites, {} posts", heat.sites.len(), heat.posts),
    }
}

fn unknowns(reason: &Reason, locale: Locale) -> Vec<String> {
    let heat = &reason.heat;
    let mut out = Vec::new();
    if let Some(bound) = heat.views_bound {
        out.push(match locale {
            Locale::ZhCn => format!("已超{}，增量未知", in_wan(bound)),
            Locale::En => format!("over {}, growth unknown", grouped(bound)),
        });
    }
    if heat.daily_views.is_none() && heat.views_bound.is_none() {
        out.push(match (locale, reason.clause) {
            (Locale::ZhCn, Clause::Reposts) => "浏览量未知，按转发量定级".to_owned(),
            (Locale::ZhCn, _) => "浏览量未知".to_owned(),
            (Locale::En, Clause::Reposts) => "views unknown, graded by reposts".to_owned(),
            (Locale::En, _) => "views unknown".to_owned(),
        });
    } else if heat.views_unknown > 0 && heat.daily_views.is_some() {
        out.push(match locale {
            Locale::ZhCn => format!("另有 {} 篇浏览量未知", heat.views_unknown),
            Locale::En => format!("views of {} more unknown", heat.views_unknown),
        });
    }
    if heat.reposts_unknown > 0 {
        out.push(match locale {
            Locale::ZhCn => format!("{} 篇转发量未知", heat.reposts_unknown),
            Locale::En => format!("reposts of {} unknown", heat.reposts_unknown),
        });
    }
    out
}

/// `100000` as `10万`, when it comes out round.
fn in_wan(number: u64) -> String {
    if number >= 10_000 && number.is_multiple_of(10_000) {
        format!("{}万", number / 10_000)
    } else {
        grouped(number)
    }
}
