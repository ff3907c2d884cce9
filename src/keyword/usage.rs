//! What to say of how often rules hit: a word that never matched is probably written wrong, one that always
//! matches says nothing.
//!
//! Pure: what was counted comes from the store, the lists from the office's files, the instant from the
//! caller.

use std::{collections::HashMap, sync::Arc};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::{Group, List, Rule};
use crate::{
    locale::Locale,
    model::{RuleId, RuleLine, RuleUse, Usage},
};

/// A rule in force for so long without a hit is probably written wrong.
const SILENT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Days that a report looks back, today included.
pub const DAYS: i64 = 30;
/// A rule that meets more of all posts than this, in percent, tells nothing apart.
const SHARE_PERCENT: u64 = 30;
/// With fewer posts looked at in those days nothing is said of shares or silence.
const ENOUGH_POSTS: u64 = 100;
/// A day with so many hits is much…
const MANY_A_DAY: u64 = 1_000;
/// …when it is so many times the usual day as well.
const TIMES_USUAL: u64 = 10;
/// With fewer days behind it no day is usual.
const ENOUGH_DAYS: usize = 7;

impl Group {
    /// The rules whose occurrences are the group's hits: its plain words, or without any its required ones.
    #[must_use]
    pub fn deciding(&self) -> &[Rule] {
        if self.any.is_empty() { &self.required } else { &self.any }
    }
}

/// The first day that a report looks at.
#[must_use]
pub fn first_day(now: Timestamp, zone: &TimeZone) -> Date {
    now.to_zoned(zone.clone()).date().saturating_sub(jiff::Span::new().days(DAYS - 1))
}

/// Every rule of the lists that can hit.
#[must_use]
pub fn rules_of(lists: &[Arc<List>]) -> Vec<RuleLine> {
    let of_list = |list: &Arc<List>| {
        let list = Arc::clone(list);
        let groups: Vec<RuleLine> = list
            .groups
            .iter()
            .flat_map(|group| group.deciding().iter().map(|rule| (id(&list, group, rule), rule.line)))
            .map(|(rule, line)| RuleLine { rule, line })
            .collect();
        groups
    };
    lists.iter().flat_map(of_list).collect()
}

fn id(list: &List, group: &Group, rule: &Rule) -> RuleId {
    RuleId {
        unit: list.unit.clone(),
        file: list.file.clone(),
        group: group.name.clone(),
        rule: rule.written.clone(),
    }
}

/// What is probably wrong with a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Odd {
    /// It has been in force for 30 days and never matched.
    NeverMatched,
    /// It met so many percent of all posts looked at.
    MeetsTooMuch {
        /// Whole percent.
        percent: u64,
    },
    /// It hit far more often within a day than usual.
    ManyInADay {
        /// Hits within the last 24 hours.
        hits: u64,
        /// The median of the days before.
        usual: u64,
    },
}

impl Odd {
    /// The id used in `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::NeverMatched => "never_matched",
            Self::MeetsTooMuch { .. } => "meets_too_much",
            Self::ManyInADay { .. } => "many_in_a_day",
        }
    }

    /// The warning, with the line and the rule.
    #[must_use]
    pub fn human(self, line: u32, rule: &str, locale: Locale) -> String {
        match (locale, self) {
            (Locale::ZhCn, Self::NeverMatched) => {
                format!("第 {line} 行 “{rule}” 30 天从未命中，是否写错？")
            }
            (Locale::En, Self::NeverMatched) => {
                format!("line {line} \"{rule}\" has never matched in 30 days; is it written wrong?")
            }
            (Locale::ZhCn, Self::MeetsTooMuch { percent }) => {
                format!(
                    "第 {line} 行 “{rule}” 命中了看过帖子的 {percent}%，太宽泛：写得更具体，或加 +词、!词"
                )
            }
            (Locale::En, Self::MeetsTooMuch { percent }) => format!(
                "line {line} \"{rule}\" meets {percent}% of all posts; make it more specific or add +words, !words"
            ),
            (Locale::ZhCn, Self::ManyInADay { hits, usual }) => format!(
                "第 {line} 行 “{rule}” 24 小时命中 {hits} 次，平时一天 {usual} 次：是否撞上了别的话题？需要时加 !词"
            ),
            (Locale::En, Self::ManyInADay { hits, usual }) => format!(
                "line {line} \"{rule}\" hit {hits} times in 24 h, usually {usual} a day; does it meet another topic? Add !words"
            ),
        }
    }
}

/// How often one rule hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleReport<'a> {
    /// Display name of its group.
    pub group: &'a str,
    /// As written.
    pub rule: &'a str,
    /// Its line.
    pub line: u32,
    /// Since when it is in force; `None` while the daemon has not noted it. UTC.
    pub since: Option<Timestamp>,
    /// Posts that met it within the last 24 hours.
    pub last_24h: u64,
    /// …and within the last 30 days.
    pub last_30d: u64,
    /// The last of them. UTC.
    pub last_hit_at: Option<Timestamp>,
    /// What is probably wrong with it.
    pub odd: Vec<Odd>,
}

/// One list and its rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListReport<'a> {
    /// Posts on which its rules were tried within the last 30 days.
    pub looked_30d: u64,
    /// Its rules that can hit, in the order of the file.
    pub rules: Vec<RuleReport<'a>>,
}

/// Puts lists and counts together, list by list.
#[must_use]
pub fn report<'a>(lists: &'a [Arc<List>], usage: &Usage, now: Timestamp) -> Vec<ListReport<'a>> {
    let counted: HashMap<&RuleId, &RuleUse> = usage.rules.iter().map(|used| (&used.rule, used)).collect();
    lists.iter().map(|list| of_list(list, usage, &counted, now)).collect()
}

fn of_list<'a>(
    list: &'a List,
    usage: &Usage,
    counted: &HashMap<&RuleId, &RuleUse>,
    now: Timestamp,
) -> ListReport<'a> {
    let looked_30d = usage
        .looked
        .iter()
        .filter(|looked| looked.unit.is_empty() || looked.unit == list.unit)
        .map(|looked| looked.posts)
        .sum();
    let in_force = list.is_in_force(now);
    let from = list.topic.as_ref().and_then(|topic| topic.from);
    let mut rules: Vec<RuleReport<'a>> = Vec::new();
    for group in &list.groups {
        for rule in group.deciding() {
            let used = counted.get(&id(list, group, rule)).copied();
            let since = used.map(|used| from.map_or(used.first_at, |from| from.max(used.first_at)));
            let odd = used.filter(|_| in_force).map(|used| {
                let watched = Watched { group, used, since, looked: looked_30d, now };
                watched.odd()
            });
            rules.push(RuleReport {
                group: &group.name,
                rule: &rule.written,
                line: rule.line,
                since,
                last_24h: used.map_or(0, |used| used.last_24h),
                last_30d: used.map_or(0, |used| used.days.iter().map(|(_, hits)| hits).sum()),
                last_hit_at: used.and_then(|used| used.last_hit_at),
                odd: odd.unwrap_or_default(),
            });
        }
    }
    rules.sort_by_key(|rule| rule.line);
    ListReport { looked_30d, rules }
}

/// A rule in force with what is known of it.
struct Watched<'a> {
    group: &'a Group,
    used: &'a RuleUse,
    since: Option<Timestamp>,
    looked: u64,
    now: Timestamp,
}

impl Watched<'_> {
    fn odd(&self) -> Vec<Odd> {
        [self.silent(), self.broad(), self.many()].into_iter().flatten().collect()
    }

    /// A topic that is held again begins anew: what it hit last year is no hit.
    fn silent(&self) -> Option<Odd> {
        let since = self.since?;
        let long = self.now.duration_since(since) >= SILENT_FOR;
        let hit = self.used.last_hit_at.is_some_and(|at| at >= since);
        (long && !hit && self.looked >= ENOUGH_POSTS).then_some(Odd::NeverMatched)
    }

    /// Not of words that are searched for: every post that a search finds holds them.
    fn broad(&self) -> Option<Odd> {
        let hits: u64 = self.used.days.iter().map(|(_, hits)| hits).sum();
        let percent = (hits.saturating_mul(100)).checked_div(self.looked)?.min(100);
        let much = percent > SHARE_PERCENT && self.looked >= ENOUGH_POSTS && !self.group.search;
        much.then_some(Odd::MeetsTooMuch { percent })
    }

    fn many(&self) -> Option<Odd> {
        let hits = self.used.last_24h;
        let today = self.used.days.last().map(|(day, _)| *day)?;
        let age = self.now.duration_since(self.since?).as_hours() / 24;
        let days = usize::try_from(age.clamp(0, DAYS - 1)).unwrap_or(0);
        // Days without a hit have no row; they are usual days all the same.
        let mut before: Vec<u64> =
            self.used.days.iter().filter(|(day, _)| *day < today).map(|(_, hits)| *hits).collect();
        before.resize(before.len().max(days), 0);
        before.sort_unstable();
        let usual = before.get(before.len() / 2).copied()?;
        let many =
            hits > MANY_A_DAY && before.len() >= ENOUGH_DAYS && hits > usual.saturating_mul(TIMES_USUAL);
        many.then_some(Odd::ManyInADay { hits, usual })
    }
}
