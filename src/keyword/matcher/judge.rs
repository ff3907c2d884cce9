//! From occurrences to hits: which groups are met, and what kept the others from it.

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
            let seen = |role: Role, at: usize| {
                self.occurs(here, list_at, role, at) || self.occurs(there, list_at, role, at)
            };
            if self.filtered(here, list_at).is_some()
                || (0..group.required.len()).any(|at| !seen(Role::Required(group_at), at))
                || (0..group.excluded.len())
                    .any(|at| self.occurs(here, list_at, Role::Excluded(group_at), at))
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
            for (at, rule) in rules.iter().enumerate() {
                let found = self.occurrences(here, Place { list: list_at, role, at });
                for occurrence in found {
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
            let occurs = |role: Role, at: usize| self.occurs(scan, list_at, role, at);
            let absent =
                group.required.iter().enumerate().filter(|(at, _)| !occurs(Role::Required(group_at), *at));
            let mut told: Vec<(u32, String)> = absent
                .map(|(_, rule)| (rule.line, format!("第 {} 行 {} 未出现", rule.line, rule.written)))
                .collect();
            if !group.any.is_empty() && !(0..group.any.len()).any(|at| occurs(Role::Any(group_at), at)) {
                told.extend(group.any.first().map(|rule| none_of(group, rule)));
            }
            let present =
                group.excluded.iter().enumerate().filter(|(at, _)| occurs(Role::Excluded(group_at), *at));
            told.extend(
                present.map(|(_, rule)| (rule.line, format!("第 {} 行 {} 出现", rule.line, rule.written))),
            );
            if let Some(filter) = self.filtered(scan, list_at) {
                told.push((filter.line, format!("第 {} 行 全局过滤词 {} 出现", filter.line, filter.written)));
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
    fn touched(&self, scan: &Scan<'_>) -> BTreeSet<GroupAt> {
        let entries = scan.found.keys().filter_map(|entry| self.index.entries.get(*entry));
        entries
            .filter_map(|entry| match entry.place.role {
                Role::Any(group) | Role::Required(group) => Some((entry.place.list, group)),
                Role::Excluded(_) | Role::Filter => None,
            })
            .collect()
    }

    fn group(&self, list: usize, group: usize) -> Option<(&List, &Group)> {
        let list = self.lists.get(list)?;
        Some((list, list.groups.get(group)?))
    }

    fn occurrences<'s>(&self, scan: &'s Scan<'_>, place: Place) -> &'s [Occurrence] {
        self.index.entry_at(place).and_then(|entry| scan.found.get(&entry)).map_or(&[], Vec::as_slice)
    }

    fn occurs(&self, scan: &Scan<'_>, list: usize, role: Role, at: usize) -> bool {
        !self.occurrences(scan, Place { list, role, at }).is_empty()
    }

    /// The first word of the list's global filter that occurs.
    fn filtered(&self, scan: &Scan<'_>, list: usize) -> Option<&Rule> {
        let filters = &self.lists.get(list)?.filters;
        filters
            .iter()
            .enumerate()
            .find(|(at, _)| self.occurs(scan, list, Role::Filter, *at))
            .map(|(_, rule)| rule)
    }
}

/// The rules whose occurrences are the group's hits.
fn deciding(group: &Group, at: usize) -> (Role, &[Rule]) {
    if group.any.is_empty() { (Role::Required(at), &group.required) } else { (Role::Any(at), &group.any) }
}

fn none_of(group: &Group, first: &Rule) -> (u32, String) {
    let reason = match group.any.len() {
        1 => format!("第 {} 行 {} 未出现", first.line, first.written),
        n => format!("第 {} 行 {} 等 {n} 个词均未出现", first.line, first.written),
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
        line: rule.line,
        start: occurrence.start,
        end: occurrence.end,
        surface: scan.surface(occurrence).to_owned(),
        certainty: occurrence.certainty,
        part,
        at_least: group.at_least.clone(),
        notify: group.notify.clone(),
    }
}
