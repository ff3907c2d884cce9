//! Whether an office that reads without fault can also keep its promises: links that can be opened,
//! limits from publication that the polling can meet (SEMANTICS 24, 26).

use std::path::PathBuf;

use jiff::SignedDuration;

use crate::model::{Base, ChannelKind, Plan, TierRule, Unit};

use super::{Fault, Office, duration, source::Source};

/// How late a post of one source may be seen at worst.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetectionDelay {
    /// Name of the source.
    pub source: String,
    /// Its worst case; `None` when nothing is stated (push without `expected_every`).
    pub worst: Option<SignedDuration>,
}

/// The worst delay of every source that runs: one interval, its turn behind the other sources of its
/// host, and one failed request that is tried again. For push and command it is `expected_every`.
#[must_use]
pub fn detection_delays(office: &Office) -> Vec<DetectionDelay> {
    let running: Vec<&Source> = office.sources.iter().filter(|source| source.enabled).collect();
    running
        .iter()
        .map(|source| DetectionDelay { source: source.name.clone(), worst: worst(office, source, &running) })
        .collect()
}

/// A length of the standard library's kind; settings are bounded far below where this could fail.
fn written(length: std::time::Duration) -> SignedDuration {
    SignedDuration::try_from(length).unwrap_or(SignedDuration::MAX)
}

fn worst(office: &Office, source: &Source, running: &[&Source]) -> Option<SignedDuration> {
    let urls = source.addresses();
    if urls.is_empty() {
        return source.expected_every;
    }
    let host = host_of(source);
    let ahead = running.iter().filter(|other| host.is_some() && host_of(other) == host);
    let requests: usize = ahead.map(|other| other.addresses().len()).sum();
    let turns = i32::try_from(requests.max(urls.len())).unwrap_or(i32::MAX);
    let settings = &office.settings.fetch;
    let pace = source.pace.unwrap_or_else(|| written(settings.host_pause));
    let timeout = source.timeout.unwrap_or_else(|| written(settings.timeout));
    let queue = pace.checked_mul(turns)?;
    let retry = timeout.checked_add(pace)?;
    source.interval.checked_add(queue)?.checked_add(retry)
}

fn host_of(source: &Source) -> Option<String> {
    let url = url::Url::parse(source.addresses().first()?).ok()?;
    url.host_str().map(str::to_owned)
}

/// What cannot work although every file reads well. Each is told like a fault of the file in which it is
/// mended.
#[must_use]
pub fn demands(office: &Office) -> Vec<Fault> {
    let mut faults = Vec::new();
    let delays = detection_delays(office);
    for unit in &office.units {
        let Some(plan) = office.plans.get(&unit.plan) else { continue };
        if office.settings.console.public_url.is_none() && confirms_by_link(office, &unit.name, plan) {
            let message =
                format!("预案 {} 要求签收，真实的联系人会收到签收链接，却没有写 public_url", plan.title);
            let hint = "在 [console] 里写 public_url = \"https://…\"，领导的手机要能打开它";
            faults.push(Fault::of_file(&path(office, "yuqing.toml"), message, Some(hint.to_owned())));
        }
        for tier in &plan.tiers {
            faults.extend(unmet(office, plan, tier, unit, &delays));
        }
    }
    faults.dedup();
    faults
}

/// Whether somebody real, reached by mail, is asked to confirm.
fn confirms_by_link(office: &Office, unit: &str, plan: &Plan) -> bool {
    let asked = plan
        .tiers
        .iter()
        .filter(|tier| tier.acknowledge.is_some())
        .flat_map(|tier| tier.lines.iter().flat_map(|line| line.steps.iter().flatten()));
    let by_mail = |name: &String| {
        office
            .contacts
            .of_unit(unit)
            .any(|contact| contact.name == *name && contact.channels.contains(&ChannelKind::Email))
    };
    asked.into_iter().any(by_mail)
}

/// A limit that runs from publication must leave time to see the post at all.
fn unmet(
    office: &Office,
    plan: &Plan,
    tier: &TierRule,
    unit: &Unit,
    delays: &[DetectionDelay],
) -> Vec<Fault> {
    let Some(limit) = tier.response.filter(|limit| limit.from == Base::Published) else { return Vec::new() };
    let concerns = |name: &str| {
        let source = office.sources.iter().find(|source| source.name == name);
        source.is_some_and(|source| source.units.is_empty() || source.units.contains(&unit.name))
    };
    delays
        .iter()
        .filter(|delay| concerns(&delay.source))
        .filter_map(|delay| Some((delay, delay.worst.filter(|worst| *worst >= limit.within)?)))
        .map(|(delay, worst)| {
            let message = format!(
                "{} 的回应时限 {} 从发布算起，信息源 {} 最坏 {} 才能发现",
                tier.name,
                duration::written(limit.within),
                delay.source,
                duration::written(worst)
            );
            let hint = "缩短这个信息源的 interval，或把 response 的 from 改为 \"发现\"";
            let file = path(office, &format!("plans/{}.toml", plan.id));
            Fault::of_file(&file, message, Some(hint.to_owned()))
        })
        .collect()
}

fn path(office: &Office, name: &str) -> PathBuf {
    office.folder.path(name)
}
