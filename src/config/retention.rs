//! `[retention]`: how long things are kept. The bounds are those of the law and of sense: what was told and who did what
//! six months at least (SEMANTICS 31).

use std::collections::BTreeMap;

use super::sheet::{Sheet, Spot, Table};
use crate::model::{Plan, Retention};

/// Reads the table, and the tiers that it names, which only the plans can check.
pub(super) fn read(top: &Table<'_>) -> (Retention, Vec<(Spot<String>, u32)>) {
    let usual = Retention::default();
    let Some(table) = top.table("retention") else { return (usual, Vec::new()) };
    let days = |key, range, default: u32| {
        let written = table.whole(key, range).and_then(|days| u32::try_from(days.into_inner()).ok());
        written.unwrap_or(default)
    };
    let most = u64::from(Retention::MOST);
    let least = |least: u32| u64::from(least)..=most;
    let retention = Retention {
        matched_days: days("matched_days", 1..=3660, usual.matched_days),
        incident_days: days("incident_days", least(Retention::LEAST_TOLD), usual.incident_days),
        evidence_days: days("evidence_days", least(Retention::LEAST_EVIDENCE), usual.evidence_days),
        audit_days: days("audit_days", least(Retention::LEAST_TOLD), usual.audit_days),
        observation_days: days(
            "observation_days",
            least(Retention::LEAST_OBSERVATION),
            usual.observation_days,
        ),
        disk_budget: table.text("disk_budget").and_then(|written| budget(&table, &written)),
        ..usual
    };
    let tiers = table.numbers("tiers", least(Retention::LEAST_TOLD));
    let tiers =
        tiers.into_iter().filter_map(|(name, days)| Some((name, u32::try_from(days.into_inner()).ok()?)));
    let tiers = tiers.collect();
    table.finish();
    (retention, tiers)
}

/// The smallest and the largest budget that make sense, in bytes.
const LEAST_BUDGET: u64 = 100 << 20;
const MOST_BUDGET: u64 = 100 << 40;

/// A size such as `20 GB`; units are those in which sizes are shown, 1,024 each.
fn budget(table: &Table<'_>, written: &Spot<String>) -> Option<u64> {
    let text = written.get_ref().trim();
    let place = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(place).unwrap_or((text, ""));
    let unit = match unit.trim().to_ascii_uppercase().as_str() {
        "MB" | "M" => 1 << 20,
        "GB" | "G" => 1 << 30,
        "TB" | "T" => 1_u64 << 40,
        _ => 0,
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit)).filter(|_| unit > 0);
    let Some(bytes) = bytes else {
        let message = format!("disk_budget: \"{text}\" 不是大小");
        table.sheet().fault(
            written.span(),
            message,
            "写成 \"20 GB\"（可用 MB、GB、TB，整数）；不限就删去这一行",
        );
        return None;
    };
    if !(LEAST_BUDGET..=MOST_BUDGET).contains(&bytes) {
        let message = format!("disk_budget = \"{text}\" 超出范围");
        table.sheet().fault(written.span(), message, "写 \"100 MB\" 到 \"100 TB\" 之间的大小");
        return None;
    }
    Some(bytes)
}

/// Days by the names that the plans have for the tiers; `plans` are those that a unit runs under.
pub(super) fn tiers(
    sheet: &Sheet<'_>,
    written: &[(Spot<String>, u32)],
    plans: &[&Plan],
) -> BTreeMap<String, u32> {
    let mut named: BTreeMap<String, u32> = BTreeMap::new();
    for (written, days) in written {
        let tiers: Vec<&str> = plans
            .iter()
            .filter_map(|plan| plan.tier_named(written.get_ref()))
            .map(|tier| tier.name.as_str())
            .collect();
        if tiers.is_empty() {
            let mut known: Vec<&str> = Vec::new();
            for tier in plans.iter().flat_map(|plan| plan.tiers.iter().rev()) {
                if !known.contains(&tier.name.as_str()) {
                    known.push(&tier.name);
                }
            }
            let message = format!("各单位的预案里都没有等级 {}", written.get_ref());
            sheet.fault(written.span(), message, format!("写其中之一: {}", known.join("、")));
        }
        named.extend(tiers.into_iter().map(|name| (name.to_owned(), *days)));
    }
    named
}
