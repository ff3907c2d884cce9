//! Whether an office that reads without fault can also keep its promises: links that can be opened,
//! limits from publication that the polling can meet (SEMANTICS 24, 26); and what time has overtaken.

use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use crate::model::{Base, ChannelKind, Limit, Plan, Reckoning, Unit};

use super::{Fault, Office, Warning, duration, holidays, source::Source};

/// What “当日” leaves at most.
const DAY: SignedDuration = SignedDuration::from_hours(24);

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
        faults.extend(unmet(office, plan, unit, &delays));
    }
    faults.dedup();
    faults
}

/// What reads well but time has overtaken: topic watches that ended long ago, a year without its holidays.
#[must_use]
pub fn overtaken(office: &Office, now: Timestamp) -> Vec<Warning> {
    let topics = office.topics.iter().filter_map(|watch| watch.forgotten(now));
    let today = now.to_zoned(office.settings.time_zone.clone()).date();
    let missing = holidays::missing_year(&office.workdays, today);
    topics.chain(missing.map(|year| holidays::warning(&office.folder, year))).collect()
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

/// What a plan wants within a time from publication: the public answer, or one of its own limits.
struct FromPublication {
    /// The tiers that want it, from the gravest down.
    tiers: Vec<String>,
    /// As a sentence says it: 回应时限, “初步核实”时限.
    what: String,
    limit: Limit,
    /// Where `from` stands, for the mend.
    key: String,
}

impl FromPublication {
    fn all_of(plan: &Plan) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for tier in plan.tiers.iter().rev() {
            let response = tier.response.map(|limit| ("回应时限".to_owned(), limit, "response".to_owned()));
            let duties = tier.duties.iter().map(|duty| {
                (format!("“{}”时限", duty.name), duty.limit, format!("[[limit]] “{}”", duty.name))
            });
            for (what, limit, key) in response.into_iter().chain(duties) {
                if limit.from != Base::Published {
                    continue;
                }
                // One [[limit]] can be that of several tiers; it is mended once.
                match all.iter_mut().find(|known| known.what == what && known.limit == limit) {
                    Some(known) => known.tiers.push(tier.name.clone()),
                    None => all.push(Self { tiers: vec![tier.name.clone()], what, limit, key }),
                }
            }
        }
        all
    }

    /// The most that a post can be old when it is seen. “当日” leaves at most the day.
    const fn most(&self) -> SignedDuration {
        match self.limit.reckoning {
            Reckoning::SameDay => DAY,
            Reckoning::Calendar | Reckoning::Working => self.limit.within,
        }
    }

    fn length(&self) -> String {
        match self.limit.reckoning {
            Reckoning::SameDay => "当日".to_owned(),
            Reckoning::Calendar | Reckoning::Working => duration::written(self.limit.within),
        }
    }
}

/// A limit that runs from publication must leave time to see the post at all.
fn unmet(office: &Office, plan: &Plan, unit: &Unit, delays: &[DetectionDelay]) -> Vec<Fault> {
    let concerns = |name: &str| {
        let source = office.sources.iter().find(|source| source.name == name);
        source.is_some_and(|source| source.units.is_empty() || source.units.contains(&unit.name))
    };
    let file = path(office, &format!("plans/{}.toml", plan.id));
    let mut faults = Vec::new();
    for wanted in FromPublication::all_of(plan) {
        for delay in delays.iter().filter(|delay| concerns(&delay.source)) {
            let Some(worst) = delay.worst.filter(|worst| *worst >= wanted.most()) else { continue };
            let message = format!(
                "{} 的{} {} 从发布算起，信源 {} 最坏 {} 才能发现",
                wanted.tiers.join("、"),
                wanted.what,
                wanted.length(),
                delay.source,
                duration::written(worst)
            );
            let hint = format!("缩短这个信源的 interval，或把 {} 的 from 改为 \"发现\"", wanted.key);
            faults.push(Fault::of_file(&file, message, Some(hint)));
        }
    }
    faults
}

fn path(office: &Office, name: &str) -> PathBuf {
    office.folder.path(name)
}
