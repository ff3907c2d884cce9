//! What one value of a plan alone cannot show: orders over tiers, names that must exist, steps that
//! would never be told.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::{
    config::{
        contacts::{check_known, chinese},
        duration,
        sheet::{Spot, Table},
    },
    model::{ChannelKind, Clauses, Contact, TierRule},
};

use super::Written;

/// A tier that must be reported within this has no quiet hours (SEMANTICS 21).
const SHORT_REPORT: SignedDuration = SignedDuration::from_mins(60);

/// Runs every check; may fill in the card's numbers (SEMANTICS 15).
pub(super) fn plan(
    top: &Table<'_>,
    tiers: &mut [Written<'_>],
    administrators: &[Spot<String>],
    contacts: Option<&BTreeMap<String, Contact>>,
) {
    if !(3..=5).contains(&tiers.len()) {
        let message = format!("预案应当有三到五个等级，这里有 {} 个", tiers.len());
        let hint = "每个等级前写 [[tier]]，从重到轻: 特别重大、重大、较大、一般（、影响较小）";
        top.sheet().fault(top.place_of("tier"), message, hint);
    }
    unique(tiers);
    take_the_cards_numbers(top, tiers);
    for pair in tiers.windows(2) {
        if let [graver, lighter] = pair {
            order(graver, lighter);
        }
    }
    for (at, tier) in tiers.iter().enumerate() {
        reachable(tier, at + 1 == tiers.len());
        if tier.tells {
            told(tier);
        }
        if let Some(contacts) = contacts {
            check_known(top.sheet(), &tier.names, contacts.values());
            can_be_reached(tier, contacts);
        }
    }
    if let Some(contacts) = contacts {
        check_known(top.sheet(), administrators, contacts.values());
    }
}

fn unique(tiers: &[Written<'_>]) {
    for (at, tier) in tiers.iter().enumerate() {
        let earlier = || tiers.iter().take(at).map(|other| &other.rule);
        let sheet = tier.table.sheet();
        if earlier().any(|other| other.id == tier.rule.id && !other.id.is_empty()) {
            sheet.fault(
                tier.table.place_of("id"),
                format!("等级 id {} 写了两次", tier.rule.id),
                "每个等级的 id 不同: critical、major、elevated、general、minor",
            );
        }
        if earlier().any(|other| other.name == tier.rule.name && !other.name.is_empty()) {
            sheet.fault(
                tier.table.place_of("name"),
                format!("等级名 {} 写了两次", tier.rule.name),
                "改一个名字",
            );
        }
    }
}

/// A plan without numbers of its own takes the card's; with five levels, general has its own clauses
/// (SEMANTICS 15).
fn take_the_cards_numbers(top: &Table<'_>, tiers: &mut [Written<'_>]) {
    if tiers.is_empty() || tiers.iter().any(|tier| has_conditions(&tier.rule)) {
        return;
    }
    let five = tiers.len() == 5;
    for tier in tiers {
        let over = |views, reposts| Clauses {
            views_over: Some(views),
            reposts_over: Some(reposts),
            ..Clauses::default()
        };
        tier.rule.clauses = match tier.rule.id.as_str() {
            "critical" => over(50_000, 500),
            "major" => over(10_000, 300),
            "elevated" => over(1_000, 100),
            "general" if five => Clauses {
                views_over: Some(100),
                comments_over: Some(10),
                sites_at_least: Some(2),
                ..Clauses::default()
            },
            _ => Clauses::default(),
        };
    }
    top.sheet().warn(
        top.place_of("tier"),
        "预案没有写阈值，采用通用阈值（浏览 1,000 / 10,000 / 50,000，转发 100 / 300 / 500）",
        "需要自己的阈值时，在等级里写 views_over 与 reposts_over",
    );
}

fn has_conditions(rule: &TierRule) -> bool {
    rule.clauses != Clauses::default() || !rule.together.is_empty()
}

/// A reading of one number of a tier.
type Reading = (&'static str, fn(&TierRule) -> Option<u64>);

const THRESHOLDS: [Reading; 5] = [
    ("growth_over", |rule| rule.clauses.growth_over),
    ("views_over", |rule| rule.clauses.views_over),
    ("reposts_over", |rule| rule.clauses.reposts_over),
    ("comments_over", |rule| rule.clauses.comments_over),
    ("sites_at_least", |rule| rule.clauses.sites_at_least.map(u64::from)),
];

fn order(graver: &Written<'_>, lighter: &Written<'_>) {
    let sheet = lighter.table.sheet();
    let (above, below) = (&graver.rule, &lighter.rule);
    for (key, read) in THRESHOLDS {
        if let (Some(high), Some(low)) = (read(above), read(below))
            && low >= high
        {
            let message = format!("{} 的 {key} = {low} 不低于 {} 的 {high}", below.name, above.name);
            let hint = format!("等级从重到轻写，{} 的 {key} 要小于 {high}", below.name);
            sheet.fault(lighter.table.place_of(key), message, hint);
        }
    }
    if !(graver.tells && lighter.tells && below.telling.alerts()) {
        return;
    }
    if below.telling > above.telling {
        let message = format!("{} 比 {} 轻，却报告得更快", below.name, above.name);
        sheet.fault(
            lighter.table.place_of("telling"),
            message,
            "等级从重到轻写；较轻的等级不要比较重的报告得更快",
        );
    }
    let limits =
        [("report", above.report, below.report), ("acknowledge", above.acknowledge, below.acknowledge)];
    for (key, above_limit, below_limit) in limits {
        if let (Some(above_limit), Some(below_limit)) = (above_limit, below_limit)
            && below_limit < above_limit
        {
            let message = format!("{} 的 {key} 时限比 {} 的还短", below.name, above.name);
            let hint = format!("写成不短于 \"{}\"", duration::written(above_limit));
            sheet.fault(lighter.table.place_of(key), message, hint);
        }
    }
}

fn reachable(tier: &Written<'_>, lowest: bool) {
    if !lowest && !has_conditions(&tier.rule) {
        tier.table.sheet().warn(
            tier.table.place_of("name"),
            format!("{} 没有写阈值，只能由人或关键词的“至少”定到这一级", tier.rule.name),
            "需要按数字定级时，写 views_over 或 reposts_over",
        );
    }
}

/// Lines, channels and limits must fit how the tier is reported.
fn told(tier: &Written<'_>) {
    let (rule, table) = (&tier.rule, &tier.table);
    let sheet = table.sheet();
    if rule.lines.is_empty() && !table.has("lines") {
        let hint = "加一行 lines = [{ name = \"本单位\", steps = [[\"值班员\"]] }]";
        sheet.fault(table.place_of("name"), format!("{} 没有写报告给谁（lines）", rule.name), hint);
    }
    if rule.channels.is_empty() && !table.has("channels") {
        let message = format!("{} 没有写用什么通道（channels）", rule.name);
        sheet.fault(table.place_of("name"), message, "加一行 channels = [\"邮件\", \"短信\"]");
    }
    if !rule.telling.alerts() {
        for key in ["report", "acknowledge"] {
            if table.has(key) {
                let message = format!("{} 随动态发送，{key} 不起作用", rule.name);
                sheet.fault(table.place_of(key), message, "删去这一行，或把 telling 改为 \"及时\"");
            }
        }
        return;
    }
    if !table.has("report") {
        let message = match rule.acknowledge {
            Some(_) => format!("{} 写了签收时限，却没有写报告时限（report）", rule.name),
            None => format!("{} 没有写报告时限（report）", rule.name),
        };
        sheet.fault(table.place_of("name"), message, "加一行 report = \"5min\"：定级后多久之内必须报到");
    }
    if let (Some(report), Some(_)) = (rule.report, rule.quiet)
        && report <= SHORT_REPORT
    {
        let message = format!("{} 必须在 {} 内报告，不能有静默时段", rule.name, duration::written(report));
        sheet.fault(table.place_of("quiet"), message, "删去 quiet；只有报告时限超过 60min 的等级可以静默");
    }
    if let (Some(report), Some(acknowledge)) = (rule.report, rule.acknowledge)
        && acknowledge < report
    {
        let message = format!("{} 的签收时限比报告时限还短", rule.name);
        let hint = format!("acknowledge 写成不短于 \"{}\"", duration::written(report));
        sheet.fault(table.place_of("acknowledge"), message, hint);
    }
    if !table.has("acknowledge") && rule.lines.iter().any(|line| line.steps.len() > 1) {
        let message = format!("{} 没有写签收时限（acknowledge），第二步以后的人永远不会被通知", rule.name);
        sheet.fault(table.place_of("lines"), message, "加一行 acknowledge = \"10min\"");
    }
}

/// Every required kind of channel must be able to reach every contact of each first step, and at least
/// one of them those of the later steps; who is in exercise mode is left alone.
fn can_be_reached(tier: &Written<'_>, contacts: &BTreeMap<String, Contact>) {
    let required = &tier.rule.channels;
    for line in &tier.rule.lines {
        for (step_at, step) in line.steps.iter().enumerate() {
            for name in step {
                let Some(contact) = contacts.get(name) else { continue };
                if contact.channels == [ChannelKind::Exercise] {
                    continue;
                }
                let missing: Vec<&str> = required
                    .iter()
                    .filter(|kind| !contact.can_be_told_by(**kind))
                    .map(|kind| chinese(*kind))
                    .collect();
                if missing.is_empty() || (step_at > 0 && missing.len() < required.len()) {
                    continue;
                }
                let place = tier.names.iter().find(|written| written.get_ref() == name);
                let span = place.map_or_else(|| tier.table.span(), Spot::span);
                let message =
                    format!("{} 要用{}通知 {name}，他没有这个通道", tier.rule.name, missing.join("、"));
                let hint = format!(
                    "在 contacts.toml 里给 {name} 的 channels 加上{}，或改这一级的 channels",
                    missing.join("、")
                );
                tier.table.sheet().fault(span, message, hint);
            }
        }
    }
}
