//! The unit's response plan (预案): tiers with their clauses, who is told in what order, and the limits.
//!
//! An incident keeps a snapshot of the plan that it began under (SEMANTICS 18), so a plan is a plain
//! serialisable value.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{ChannelKind, Kind, OfficeHours, Workdays, end_of_day};

/// How a tier is reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// Collected and told weekly (影响较小).
    Weekly,
    /// Collected into the 动态 at the plan's hours.
    #[default]
    Digest,
    /// Told promptly (较大).
    Promptly,
    /// Told at once (重大 and up).
    AtOnce,
}

impl Telling {
    /// Whether reaching such a tier sends notices of its own (as against a digest).
    #[must_use]
    pub const fn alerts(self) -> bool {
        matches!(self, Self::Promptly | Self::AtOnce)
    }
}

/// The paper that goes with a tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// 专报.
    Special,
    /// 简报.
    Brief,
    /// 动态.
    #[default]
    Digest,
}

/// From which event a time limit runs (SEMANTICS 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// Publication of the earliest member known; else detection, marked.
    Published,
    /// First sight of the earliest member.
    Detected,
    /// First instant at the tier.
    Graded,
    /// The `report` deadline was met.
    Told,
    /// Somebody confirmed.
    Acknowledged,
    /// The public answer was registered.
    Responded,
    /// The incident was closed (办结): a summary, an evaluation, filing.
    Closed,
}

/// How the length of a time limit is counted (SEMANTICS 19, 20).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reckoning {
    /// Round the clock.
    #[default]
    Calendar,
    /// In the office's working hours only.
    Working,
    /// Until the end of the same day; the length is zero then.
    SameDay,
}

/// A time limit and what it runs from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Length; zero for [`Reckoning::SameDay`].
    pub within: SignedDuration,
    /// From when.
    pub from: Base,
    /// How the length is counted.
    #[serde(default)]
    pub reckoning: Reckoning,
}

/// What a limit of the plan's own is for (SEMANTICS 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DutyKind {
    /// 续报: a follow-up report.
    FollowUp,
    /// 反馈: a form or a written account, such as 处置意见表.
    Feedback,
    /// Anything else that the plan names.
    Own,
}

/// The act of a person by which a duty is done, without being registered once more (SEMANTICS 18, 19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetBy {
    /// 会商: the case is put into the state that the plan calls so.
    Consulted,
    /// 批办: one is named to lead.
    Assigned,
    /// 审定: a draft of the public answer is approved.
    Approved,
    /// 回应: the public answer is registered.
    Responded,
}

/// Those named by 批办, as the limits of a plan speak of them before anybody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// 主办: who leads.
    Lead,
    /// 协办: who helps.
    Helping,
}

/// Something that the plan wants done in time, beside reporting, confirming and answering.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Its id, unique in its tier: letters, digits, `_` and `-`.
    pub id: String,
    /// As the office calls it, such as 处置意见表.
    pub name: String,
    /// What it is.
    pub kind: DutyKind,
    /// By when.
    pub limit: Limit,
    /// Owed again so long after it was due or done, while the incident is open.
    pub every: Option<SignedDuration>,
    /// Who is warned and told that it is late, beside `parties`; nobody at all is everybody told so far.
    pub tell: Vec<String>,
    /// Those named by 批办 whom it concerns, whoever they are when something is told.
    #[serde(default)]
    pub parties: Vec<Party>,
    /// Whom it concerns instead of `parties` while nobody is named.
    #[serde(default)]
    pub unassigned: Vec<String>,
    /// Only for incidents of these kinds; empty is any.
    pub kinds: Vec<Kind>,
    /// Who learns that it was neither done nor explained (通报).
    #[serde(default)]
    pub circular: Option<Circular>,
    /// The act by which it is done; `None` is only by being registered.
    #[serde(default)]
    pub met_by: Option<MetBy>,
}

/// A circular (通报) that names those who neither did nor explained what they owe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circular {
    /// How long after the limit it goes out when nothing has been registered until then.
    pub after: SignedDuration,
    /// Who gets it. Never empty.
    pub to: Vec<String>,
}

/// Conditions on a statement; all numbers strict (SEMANTICS 14).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clauses {
    /// Daily views of the statement exceed this.
    pub views_over: Option<u64>,
    /// Reposts of its root posts exceed this.
    pub reposts_over: Option<u64>,
    /// Comments over all its posts exceed this.
    pub comments_over: Option<u64>,
    /// It stands on at least this many sites.
    pub sites_at_least: Option<u32>,
    /// Views gained in the last hour exceed this.
    #[serde(default)]
    pub growth_over: Option<u64>,
    /// It is of one of these kinds, proposed or decided.
    #[serde(default)]
    pub kinds: Vec<Kind>,
}

/// One line of reporting: steps told one after the other until somebody confirms (逐级报告). Several
/// lines run beside each other (双重报告).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Name of the line, such as 本单位 or 上级.
    pub name: String,
    /// Contact names of each step; the first is told at once. Never empty.
    pub steps: Vec<Vec<String>>,
    /// How long each step has to confirm before the next is told; what is missing has the tier's `acknowledge`.
    #[serde(default)]
    pub waits: Vec<Option<SignedDuration>>,
    /// Steps (by index) that are told at their time although somebody has confirmed.
    #[serde(default)]
    pub always: Vec<usize>,
}

impl Line {
    /// How long the step of this index has to confirm.
    #[must_use]
    pub fn wait_after(&self, step: usize, acknowledge: SignedDuration) -> SignedDuration {
        self.waits.get(step).copied().flatten().unwrap_or(acknowledge)
    }
}

/// One tier of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierRule {
    /// `critical`, `major`, `elevated`, `general`, `minor`, or the plan's own id.
    pub id: String,
    /// The Chinese name.
    pub name: String,
    /// Ascending gravity from 0; the index in [`Plan::tiers`].
    pub rank: usize,
    /// When it holds: one of them alone is enough. The lowest tier needs no clause.
    pub clauses: Clauses,
    /// It also holds when all conditions of one of these hold together.
    #[serde(default)]
    pub together: Vec<Clauses>,
    /// How it is reported.
    pub telling: Telling,
    /// Reporting lines. Digest tiers use the first step only.
    pub lines: Vec<Line>,
    /// Told once beside the lines, without confirming (抄送).
    pub copies: Vec<String>,
    /// Kinds of channel of which each must accept (SEMANTICS 22).
    pub channels: Vec<ChannelKind>,
    /// Limit for telling, from `graded`.
    pub report: Option<SignedDuration>,
    /// Limit for confirming, from `graded`; each step has it anew.
    pub acknowledge: Option<SignedDuration>,
    /// Limit for the public answer.
    pub response: Option<Limit>,
    /// Limits of the plan's own.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// While a limit is overdue it is told again so often; `None` is once.
    #[serde(default)]
    pub remind: Option<SignedDuration>,
    /// Notices wait while the local time is between these two (quiet hours); never past `report`.
    #[serde(default)]
    pub quiet: Option<(civil::Time, civil::Time)>,
    /// Paper to draft.
    pub paper: ReportKind,
    /// Who leads the handling (牵头); said in every notice of the tier.
    #[serde(default)]
    pub led_by: Option<String>,
    /// Who is told of limits that have passed beside those concerned and the administrators: late, missed and hidden
    /// reports are traced (迟报、漏报、瞒报追责).
    #[serde(default)]
    pub overdue_to: Vec<String>,
    /// Reaching the tier switches the unit's emergency mode (应急值守) on for so long.
    #[serde(default)]
    pub emergency: Option<SignedDuration>,
}

/// When digests go out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestTimes {
    /// At these local times each day.
    Daily(Vec<civil::Time>),
    /// Every so long (drills and the demo).
    Every(SignedDuration),
}

/// The monthly report (月报) that a plan asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Monthly {
    /// As the office calls it, such as 舆情月报.
    pub name: String,
    /// By which day of the next month, 1 to 28; a holiday moves it to the next working day.
    pub day: i8,
    /// Who hands it up.
    pub to: Vec<String>,
}

/// A response plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// File stem, such as `work-safety`.
    pub id: String,
    /// Title as the office calls it.
    pub title: String,
    /// IANA zone that decides days and digests.
    pub zone: String,
    /// Tiers by ascending gravity; `tiers[i].rank == i`. Never empty in a plan that is in force: the reader of the office's
    /// files refuses such a one, and so does the store.
    pub tiers: Vec<TierRule>,
    /// Least number of sites for a views clause (SEMANTICS 16). Default 1.
    pub min_sites: u32,
    /// Whether shares of short video count as reposts (SEMANTICS 8).
    pub count_shares: bool,
    /// When digests of general statements and of backlog go out.
    pub digest: DigestTimes,
    /// Contacts told of broken sources, failed chains and the like.
    pub administrators: Vec<String>,
    /// Whether every text of this plan is marked 演示/演练.
    pub exercise_mark: Option<String>,
    /// How long a statement is silent (no member seen, nothing grown) before it is no longer compared with what
    /// comes. Incidents that were told of and are not closed stay.
    #[serde(default = "statement_window")]
    pub statement_window: SignedDuration,
    /// Hours in which limits in working time run.
    #[serde(default)]
    pub office_hours: OfficeHours,
    /// What comes later on a day than this has until the next working day 12:00 where "the same day" is asked for.
    #[serde(default)]
    pub same_day_cutoff: Option<civil::Time>,
    /// Fractions of a limit, in percent and ascending, at which it is warned of.
    #[serde(default = "warn_at")]
    pub warn_at: Vec<u8>,
    /// The monthly report, when one is asked for.
    #[serde(default)]
    pub monthly: Option<Monthly>,
    /// States of a case in their order; each may be skipped.
    #[serde(default = "super::usual_states")]
    pub states: Vec<String>,
    /// Shipped states that this plan calls otherwise: the shipped name, and its own.
    #[serde(default)]
    pub state_names: std::collections::BTreeMap<String, String>,
    /// When it is proposed that a case has subsided; `None` is never.
    #[serde(default)]
    pub subsides: Option<super::Subsides>,
}

/// 80 %: a fifth of the time is left.
#[must_use]
pub fn warn_at() -> Vec<u8> {
    vec![80]
}

/// 30 days: as long as posts without an incident are kept (SEMANTICS 31).
#[must_use]
pub const fn statement_window() -> SignedDuration {
    SignedDuration::from_hours(30 * 24)
}

impl Default for Plan {
    /// Without tiers: to be filled in.
    fn default() -> Self {
        Self {
            id: String::new(),
            title: String::new(),
            zone: String::new(),
            tiers: Vec::new(),
            min_sites: 1,
            count_shares: false,
            digest: DigestTimes::Every(SignedDuration::ZERO),
            administrators: Vec::new(),
            exercise_mark: None,
            statement_window: statement_window(),
            office_hours: OfficeHours::default(),
            same_day_cutoff: None,
            warn_at: warn_at(),
            monthly: None,
            states: super::usual_states(),
            state_names: std::collections::BTreeMap::new(),
            subsides: None,
        }
    }
}

impl Plan {
    /// What the plan calls a shipped state; the shipped name unless the plan has its own.
    #[must_use]
    pub fn state_called<'p>(&'p self, shipped: &'p str) -> &'p str {
        self.state_names.get(shipped).map_or(shipped, String::as_str)
    }

    /// When a limit that runs from `base_at` is due. `days` are those that the office works.
    #[must_use]
    pub fn due(&self, limit: &Limit, base_at: Timestamp, days: &Workdays, zone: &TimeZone) -> Timestamp {
        match limit.reckoning {
            Reckoning::Calendar => base_at.saturating_add(limit.within).unwrap_or(Timestamp::MAX),
            Reckoning::Working => self.office_hours.after(base_at, limit.within, days, zone),
            Reckoning::SameDay => end_of_day(base_at, self.same_day_cutoff, days, zone),
        }
    }

    /// Every contact that the plan names, each once.
    #[must_use]
    pub fn contacts(&self) -> BTreeSet<&str> {
        let tiers = || self.tiers.iter();
        let steps = tiers().flat_map(|tier| &tier.lines).flat_map(|line| &line.steps).flatten();
        let beside = tiers().flat_map(|tier| tier.copies.iter().chain(&tier.overdue_to).chain(&tier.led_by));
        let duties = tiers().flat_map(|tier| &tier.duties);
        let owed = duties.flat_map(|duty| {
            duty.tell
                .iter()
                .chain(&duty.unassigned)
                .chain(duty.circular.iter().flat_map(|circular| &circular.to))
        });
        let monthly = self.monthly.iter().flat_map(|monthly| &monthly.to);
        let office = monthly.chain(&self.administrators);
        steps.chain(beside).chain(owed).chain(office).map(String::as_str).collect()
    }

    /// Whether a tier looks at what was gained in the last hour.
    #[must_use]
    pub fn asks_for_growth(&self) -> bool {
        let asks = |clauses: &Clauses| clauses.growth_over.is_some();
        self.subsides.is_some()
            || self.tiers.iter().any(|tier| asks(&tier.clauses) || tier.together.iter().any(asks))
    }

    /// The tier with this id or Chinese name.
    #[must_use]
    pub fn tier_named(&self, name: &str) -> Option<&TierRule> {
        self.tiers.iter().find(|t| t.id == name || t.name == name)
    }

    /// The tier of this rank; ranks out of range give the highest.
    ///
    /// # Panics
    /// Never on a plan of the office's files or of the store, which has at least one tier.
    #[must_use]
    #[expect(clippy::expect_used, reason = "no plan without tiers is read, from a file or from the store")]
    pub fn tier(&self, rank: usize) -> &TierRule {
        self.tiers.get(rank).or_else(|| self.tiers.last()).expect("a checked plan has tiers")
    }

    /// How far a tier is from the highest: what incidents of different plans are ordered by.
    #[must_use]
    pub fn from_the_top(&self, rank: usize) -> usize {
        self.tiers.len().saturating_sub(1).saturating_sub(rank)
    }

    /// Rank of the lowest tier that sends notices of its own (SEMANTICS 18).
    #[must_use]
    pub fn lowest_alerting_rank(&self) -> usize {
        self.tiers.iter().position(|t| t.telling.alerts()).unwrap_or(self.tiers.len())
    }
}

/// What a unit reports to the unit above it, by rule (抄送上级单位).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upward {
    /// Name of the unit above.
    pub unit: String,
    /// Rank, in the lower unit's plan, from which on it is told.
    pub from_rank: usize,
    /// Contacts there.
    pub tell: Vec<String>,
}

/// A unit (单位) that is watched for: it owns keyword lists and a plan, and is the shard of the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its name, such as 青川县人民医院. Unique.
    pub name: String,
    /// Other names of it, masked when texts are compared (SEMANTICS 11).
    pub aliases: Vec<String>,
    /// Id of its plan.
    pub plan: String,
    /// Whether its file puts it into emergency mode (应急), round the clock.
    #[serde(default)]
    pub emergency: bool,
}
