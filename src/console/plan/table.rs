//! A plan as a table that anybody can read: each tier with its conditions, whom it tells by what, and its limits.

use jiff::SignedDuration;
use serde::Serialize;

use super::super::view::{clean, words};
use crate::{
    locale::{Locale, grouped, notice::length},
    model::{Base, Clauses, DigestTimes, Duty, Limit, Line, Plan, Reckoning, Telling, TierRule},
};

/// A unit's plan.
#[derive(Debug, Serialize)]
pub(super) struct PlanTable {
    unit: String,
    id: String,
    title: String,
    digest: String,
    administrators: String,
    /// Other rules of the whole plan.
    rules: Vec<String>,
    tiers: Vec<TierRow>,
}

/// A tier, the gravest first.
#[derive(Debug, Serialize)]
struct TierRow {
    name: String,
    class: &'static str,
    /// One of them alone is enough.
    conditions: Vec<String>,
    telling: &'static str,
    lines: Vec<LineRow>,
    copies: String,
    channels: String,
    report: String,
    acknowledge: String,
    response: String,
    remind: String,
    quiet: String,
    led_by: String,
    duties: Vec<String>,
}

#[derive(Debug, Serialize)]
struct LineRow {
    name: String,
    steps: Vec<String>,
}

impl PlanTable {
    pub fn of(unit: &str, plan: &Plan, locale: Locale) -> Self {
        let digest = match &plan.digest {
            DigestTimes::Daily(times) => {
                let times: Vec<String> =
                    times.iter().map(|time| time.strftime("%H:%M").to_string()).collect();
                format!("{}{}", locale.pick("每天 ", "daily at "), times.join("、"))
            }
            DigestTimes::Every(every) => {
                format!("{}{}", locale.pick("每隔 ", "every "), span(*every, locale))
            }
        };
        let row = |tier: &TierRule| TierRow::of(plan, tier, locale);
        Self {
            unit: clean(unit),
            id: clean(&plan.id),
            title: clean(&plan.title),
            digest,
            administrators: names(&plan.administrators),
            rules: rules(plan, locale),
            tiers: plan.tiers.iter().rev().map(row).collect(),
        }
    }
}

fn rules(plan: &Plan, locale: Locale) -> Vec<String> {
    let mut rules = Vec::new();
    if plan.min_sites > 1 {
        rules.push(format!(
            "{}{}",
            locale.pick("浏览量参加定级的最少站点数：", "Least sites for views: "),
            plan.min_sites
        ));
    }
    if let Some(rule) = &plan.subsides {
        let (growth, span) = (grouped(rule.growth_below), span(rule.span, locale));
        rules.push(match locale {
            Locale::ZhCn => format!("平息：连续 {span}、每小时新增浏览都少于 {growth}"),
            Locale::En => format!("Subsided: fewer than {growth} new views an hour for {span}"),
        });
    }
    if let Some(monthly) = &plan.monthly {
        let (name, day, to) = (clean(&monthly.name), monthly.day, names(&monthly.to));
        rules.push(match locale {
            Locale::ZhCn => format!("{name}：次月 {day} 日以前，由 {to} 报送"),
            Locale::En => format!("{name}: by day {day} of the next month, by {to}"),
        });
    }
    if let Some(cutoff) = plan.same_day_cutoff {
        rules.push(format!(
            "{}{}",
            locale.pick("“当日”的截止：", "The same day ends: "),
            cutoff.strftime("%H:%M")
        ));
    }
    let percents: Vec<String> = plan.warn_at.iter().map(|percent| format!("{percent}%")).collect();
    if !percents.is_empty() {
        rules.push(format!(
            "{}{}",
            locale.pick("时限用去这么多时提醒：", "Warned at: "),
            percents.join("、")
        ));
    }
    rules
}

impl TierRow {
    fn of(plan: &Plan, tier: &TierRule, locale: Locale) -> Self {
        let mut conditions = conditions(&tier.clauses, locale);
        let together =
            tier.together.iter().map(|all| self::conditions(all, locale).join(locale.pick(" 且 ", " and ")));
        conditions.extend(together);
        let each = |limit: Option<SignedDuration>| limit.map(|limit| span(limit, locale)).unwrap_or_default();
        Self {
            name: clean(&tier.name),
            class: super::super::view::tier_class(plan, tier.rank),
            conditions,
            telling: match tier.telling {
                Telling::AtOnce => locale.pick("立即", "at once"),
                Telling::Promptly => locale.pick("及时", "promptly"),
                Telling::Digest => locale.pick("随动态", "in the digest"),
                Telling::Weekly => locale.pick("每周", "weekly"),
            },
            lines: tier.lines.iter().map(|line| LineRow::of(line, locale)).collect(),
            copies: names(&tier.copies),
            channels: {
                let channels = tier.channels.iter().map(|kind| words::channel(*kind, locale));
                channels.collect::<Vec<_>>().join("、")
            },
            report: each(tier.report),
            acknowledge: each(tier.acknowledge),
            response: tier.response.as_ref().map(|limit| limit_words(limit, locale)).unwrap_or_default(),
            remind: each(tier.remind),
            quiet: tier
                .quiet
                .map(|(from, to)| format!("{}–{}", from.strftime("%H:%M"), to.strftime("%H:%M")))
                .unwrap_or_default(),
            led_by: tier.led_by.as_deref().map(clean).unwrap_or_default(),
            duties: tier.duties.iter().map(|duty| duty_words(duty, locale)).collect(),
        }
    }
}

impl LineRow {
    fn of(line: &Line, locale: Locale) -> Self {
        let step = |(at, people): (usize, &Vec<String>)| {
            let people = names(people);
            match line.waits.get(at).copied().flatten() {
                Some(wait) => format!("{people}（{}{}）", locale.pick("等 ", "wait "), span(wait, locale)),
                None => people,
            }
        };
        Self { name: clean(&line.name), steps: line.steps.iter().enumerate().map(step).collect() }
    }
}

fn conditions(clauses: &Clauses, locale: Locale) -> Vec<String> {
    let over = |zh: &str, en: &str, number: Option<u64>| {
        number.map(|number| format!("{} > {}", locale.pick(zh, en).to_owned(), grouped(number)))
    };
    let mut all: Vec<String> = [
        over("24 小时浏览", "views in 24 h", clauses.views_over),
        over("转发", "reposts", clauses.reposts_over),
        over("评论", "comments", clauses.comments_over),
        over("一小时新增浏览", "new views in an hour", clauses.growth_over),
        clauses.sites_at_least.map(|sites| format!("{} ≥ {sites}", locale.pick("站点", "sites"))),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !clauses.kinds.is_empty() {
        let kinds: Vec<_> = clauses.kinds.iter().map(|kind| words::kind(*kind, locale)).collect();
        all.push(format!("{}{}", locale.pick("类别 ", "kind "), kinds.join("、")));
    }
    all
}

/// A length in words.
pub(super) fn span(length_of: SignedDuration, locale: Locale) -> String {
    length(length_of.as_secs(), locale)
}

fn names(names: &[String]) -> String {
    names.iter().map(|name| clean(name)).collect::<Vec<_>>().join("、")
}

fn limit_words(limit: &Limit, locale: Locale) -> String {
    let from = match limit.from {
        Base::Published => locale.pick("发布", "publication"),
        Base::Detected => locale.pick("发现", "detection"),
        Base::Graded => locale.pick("定级", "grading"),
        Base::Told => locale.pick("报告", "the report"),
        Base::Acknowledged => locale.pick("签收", "confirmation"),
        Base::Responded => locale.pick("回应", "the answer"),
        Base::Closed => locale.pick("办结", "closing"),
    };
    let within = span(limit.within, locale);
    match (locale, limit.reckoning) {
        (Locale::ZhCn, Reckoning::SameDay) => format!("{from}当日"),
        (Locale::ZhCn, Reckoning::Working) => format!("{from}后 {within}（工作时间）"),
        (Locale::ZhCn, Reckoning::Calendar) => format!("{from}后 {within}"),
        (Locale::En, Reckoning::SameDay) => format!("the same day as {from}"),
        (Locale::En, Reckoning::Working) => format!("{within} of working time after {from}"),
        (Locale::En, Reckoning::Calendar) => format!("{within} after {from}"),
    }
}

fn duty_words(duty: &Duty, locale: Locale) -> String {
    let every =
        duty.every.map(|every| format!("{}{}", locale.pick("，每隔 ", ", every "), span(every, locale)));
    let to = names(&duty.tell);
    let to = if to.is_empty() { to } else { format!("{}{to}", locale.pick("，", ", ")) };
    format!("{}：{}{}{to}", clean(&duty.name), limit_words(&duty.limit, locale), every.unwrap_or_default())
}
