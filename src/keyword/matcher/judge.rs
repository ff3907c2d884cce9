//! From occurrences to hits: which groups are met, and what kept the others from it.
//!
//! An excluded word is tried against the surroundings of a hit. One that holds a word of its own group
//! (`!城市医院` beside `市医院`) takes back the hits that it covers: the same word elsewhere in the text stands.
//! Any other one takes back all hits of its group in the same part of the post.

use std::collections::BTreeSet;

use super::build::{Place, Role};
use super::scan::{Occurrence, Scan};
use super::{Matcher, WhyNot};
use crate::keyword::{Group, List, Rule};
use crate::model::{Certainty, Hit, HitPart};

/// A group of a list.
type GroupAt = (usize, usize);

impl Matcher {
    /// Hits in `here`; required words may also stand in `there`.
    pub(super) fn judge(&self, here: &Scan<'_>, there: &Scan<'_>, part: HitPart) -> Vec<Hit> {
        let mut hits = Vec::new();
        for (list_at, group_at) in self.touched(here) {
            let Some((list, group)) = self.group(list_at, group_at) else { continue };
            let taken = self.taken_back(here, list_at, group_at, group);
            let taken_there = self.taken_back(there, list_at, group_at, group);
            let seen = |role: Role, at: usize| {
                let place = Place { list: list_at, role, at };
                taken.leaves(self.occurrences(here, place))
                    || taken_there.leaves(self.occurrences(there, place))
            };
            if self.filtered(here, list_at).is_some()
                || (0..group.required.len()).any(|at| !seen(Role::Required(group_at), at))
                || self.excluded(here, list_at, group_at, group).next().is_some()
            {
                continue;
            }
            // A group is no surer than the word of it that is least sure.
            let sure = |scan: &Scan<'_>, at: usize| {
                let place = Place { list: list_at, role: Role::Required(group_at), at };
                self.occurrences(scan, place).iter().any(|found| found.certainty != Certainty::Homophone)
            };
            let all_sure = (0..group.required.len()).all(|at| sure(here, at) || sure(there, at));
            let (role, rules) = deciding(group, group_at);
            for (rule, found) in self.found_of(here, list_at, role, rules) {
                for occurrence in found.iter().filter(|occurrence| !taken.covers(occurrence)) {
                    let certainty = if all_sure { occurrence.certainty } else { Certainty::Homophone };
                    let occurrence = Occurrence { certainty, ..*occurrence };
                    hits.push(hit(list, group, rule, here, &occurrence, part));
                }
            }
        }
        hits.sort_by_key(|hit| (hit.start, hit.end));
        hits
    }

    /// Reasons of the groups that were touched and not met.
    pub(super) fn explain(&self, scan: &Scan<'_>) -> Vec<WhyNot> {
        let mut reasons = Vec::new();
        for (list_at, group_at) in self.touched(scan) {
            let Some((list, group)) = self.group(list_at, group_at) else { continue };
            let taken = self.taken_back(scan, list_at, group_at, group);
            let found = |role: Role, at: usize| self.occurrences(scan, Place { list: list_at, role, at });
            let stands = |role: Role, at: usize| taken.leaves(found(role, at));
            let mut only_covered = false;
            let mut told: Vec<(u32, String)> = Vec::new();
            for (at, rule) in group.required.iter().enumerate() {
                if found(Role::Required(group_at), at).is_empty() {
                    told.push((rule.line, format!("{} {} 未出现", rule.place(), rule.written)));
                } else {
                    only_covered |= !stands(Role::Required(group_at), at);
                }
            }
            let any = 0..group.any.len();
            if !group.any.is_empty() && !any.clone().any(|at| stands(Role::Any(group_at), at)) {
                let covered = any.clone().any(|at| !found(Role::Any(group_at), at).is_empty());
                only_covered |= covered;
                if !covered {
                    told.extend(group.any.first().map(|rule| none_of(group, rule)));
                }
            }
            if only_covered {
                let why = |rule: &Rule| {
                    (rule.line, format!("{} {} 出现，本组的词只出现在其中", rule.place(), rule.written))
                };
                told.extend(taken.rules.iter().map(|rule| why(rule)));
            }
            let present = self.excluded(scan, list_at, group_at, group);
            told.extend(present.map(|rule| (rule.line, format!("{} {} 出现", rule.place(), rule.written))));
            if let Some(filter) = self.filtered(scan, list_at) {
                told.push((filter.line, format!("{} 全局过滤词 {} 出现", filter.place(), filter.written)));
            }
            reasons.extend(told.into_iter().map(|(line, reason)| WhyNot {
                unit: list.unit.clone(),
                line,
                reason,
            }));
        }
        let mut seen = BTreeSet::new();
        reasons.retain(|why| seen.insert((why.unit.clone(), why.reason.clone())));
        reasons
    }

    /// Groups of which a plain or a required word occurs, in the order of the lists.
    fn touched(&self, scan: &Scan<'_>) -> Vec<GroupAt> {
        let entries = scan.found.keys().filter_map(|entry| self.index.entries.get(*entry));
        let mut groups: Vec<GroupAt> = entries
            .filter_map(|entry| match entry.place.role {
                Role::Any(group) | Role::Required(group) => Some((entry.place.list, group)),
                Role::Excluded(_) | Role::Filter => None,
            })
            .collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    fn group(&self, list: usize, group: usize) -> Option<(&List, &Group)> {
        let list = self.lists.get(list)?;
        Some((list, list.groups.get(group)?))
    }

    /// Excluded words of a group that occur and take back all its hits.
    fn excluded<'g>(
        &self,
        scan: &'g Scan<'_>,
        list: usize,
        group_at: usize,
        group: &'g Group,
    ) -> impl Iterator<Item = &'g Rule> {
        let found = self.found_of(scan, list, Role::Excluded(group_at), &group.excluded);
        found.map(|(rule, _)| rule).filter(|rule| !rule.covers)
    }

    /// Where the group's words are taken back by a longer excluded word around them.
    fn taken_back<'g>(
        &self,
        scan: &Scan<'_>,
        list: usize,
        group_at: usize,
        group: &'g Group,
    ) -> TakenBack<'g> {
        let mut taken = TakenBack::default();
        let found = self.found_of(scan, list, Role::Excluded(group_at), &group.excluded);
        for (rule, found) in found.filter(|(rule, _)| rule.covers) {
            taken.rules.push(rule);
            taken.spans.extend(found.iter().map(|occurrence| (occurrence.start, occurrence.end)));
        }
        taken
    }

    fn occurrences<'s>(&self, scan: &'s Scan<'_>, place: Place) -> &'s [Occurrence] {
        let entry = self.index.first(place.list, place.role) + place.at;
        scan.found.get(&entry).map_or(&[], Vec::as_slice)
    }

    /// The rules of a role that occur, in their order, and where.
    fn found_of<'r, 's>(
        &self,
        scan: &'s Scan<'_>,
        list: usize,
        role: Role,
        rules: &'r [Rule],
    ) -> impl Iterator<Item = (&'r Rule, &'s [Occurrence])> + use<'r, 's> {
        let first = self.index.first(list, role);
        let found = scan.found.range(first..first + rules.len());
        found.filter_map(move |(entry, found)| Some((rules.get(entry - first)?, found.as_slice())))
    }

    /// The first word of the list's global filter that occurs.
    fn filtered(&self, scan: &Scan<'_>, list: usize) -> Option<&Rule> {
        let filters = &self.lists.get(list)?.filters;
        self.found_of(scan, list, Role::Filter, filters).next().map(|(rule, _)| rule)
    }
}

/// Parts of a text in which the words of a group do not count.
#[derive(Default)]
struct TakenBack<'g> {
    rules: Vec<&'g Rule>,
    spans: Vec<(u32, u32)>,
}

impl TakenBack<'_> {
    fn covers(&self, occurrence: &Occurrence) -> bool {
        self.spans.iter().any(|(start, end)| *start <= occurrence.start && occurrence.end <= *end)
    }

    /// Whether any of these occurrences stands outside.
    fn leaves(&self, occurrences: &[Occurrence]) -> bool {
        occurrences.iter().any(|occurrence| !self.covers(occurrence))
    }
}

/// The rules whose occurrences are the group's hits.
fn deciding(group: &Group, at: usize) -> (Role, &[Rule]) {
    if group.any.is_empty() { (Role::Required(at), &group.required) } else { (Role::Any(at), &group.any) }
}

fn none_of(group: &Group, first: &Rule) -> (u32, String) {
    let reason = match group.any.len() {
        1 => format!("{} {} 未出现", first.place(), first.written),
        n => format!("{} {} 等 {n} 个词均未出现", first.place(), first.written),
    };
    (first.line, reason)
}

fn hit(
    list: &List,
    group: &Group,
    rule: &Rule,
    scan: &Scan<'_>,
    occurrence: &Occurrence,
    part: HitPart,
) -> Hit {
    Hit {
        unit: list.unit.clone(),
        group: group.name.clone(),
        rule: rule.written.clone(),
        file: list.file.clone(),
        line: rule.line,
        start: occurrence.start,
        end: occurrence.end,
        surface: scan.surface(occurrence).to_owned(),
        certainty: occurrence.certainty,
        part,
        at_least: group.at_least.clone(),
        notify: group.notify.clone(),
        kind: group.kind,
    }
}
