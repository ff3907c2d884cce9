//! The list of incidents in memory: every row is looked at.

use std::{cmp::Reverse, collections::BTreeSet};

use super::tables::Tables;
use crate::{
    model::{Incident, IncidentState},
    store::{
        CHOSEN_FROM, COUNTED, IncidentChoices, IncidentPage, IncidentSearch, Place, SavedSearch, Sort, Turn,
        listing::{CHOICES, Mark, marks, words_of_incident, words_of_post},
    },
};

impl Tables {
    pub(super) fn search(&self, search: &IncidentSearch) -> IncidentPage {
        let mut found: Vec<(Place, &Incident)> = self
            .incidents
            .values()
            .filter(|row| self.fits(row, search))
            .map(|row| (Place::of(row), row))
            .collect();
        let key = |place: Place| match search.sort {
            Sort::Gravest => place,
            Sort::Newest => Place { gravity: 0, ..place },
        };
        found.sort_by_key(|(place, _)| Reverse(key(*place)));
        let total = search.count.then(|| found.len().min(COUNTED + 1));
        let rows = search.rows();
        let (from, to) = match search.turn {
            Turn::First => (0, rows.min(found.len())),
            Turn::After(after) => {
                let from = found.partition_point(|(place, _)| key(*place) >= key(after));
                (from, (from + rows).min(found.len()))
            }
            Turn::Before(before) => {
                let to = found.partition_point(|(place, _)| key(*place) > key(before));
                (to.saturating_sub(rows), to)
            }
        };
        let incidents =
            found.get(from..to).unwrap_or_default().iter().map(|(_, row)| (*row).clone()).collect();
        let (earlier, later) = match search.turn {
            Turn::First => (false, to < found.len()),
            Turn::After(_) => (true, to < found.len()),
            Turn::Before(_) => (from > 0, true),
        };
        if search.is_hopeless() {
            return IncidentPage { total, ..IncidentPage::default() };
        }
        IncidentPage { incidents, earlier, later, total }
    }

    fn fits(&self, row: &Incident, search: &IncidentSearch) -> bool {
        let detected_at = Place::of(row).detected_at;
        let by = marks(row);
        let has = |kinds: &[Mark], name: &String| {
            name.is_empty() || by.iter().any(|(mark, known)| kinds.contains(mark) && known == name)
        };
        search.state.map_or(row.state != IncidentState::Merged, |state| row.state == state)
            && !search.is_hopeless()
            && (search.unit.is_empty() || search.unit == row.unit)
            && (search.within.is_empty() || search.within.contains(&row.unit))
            && search.from.is_none_or(|from| detected_at.as_microsecond() >= from.as_microsecond())
            && search.to.is_none_or(|to| detected_at.as_microsecond() < to.as_microsecond())
            && (search.ids.is_empty() || search.ids.contains(&row.id))
            && has(&[Mark::Tier, Mark::Class], &search.tier)
            && has(&[Mark::Stage], &search.stage)
            && has(&[Mark::Site], &search.site)
            && has(&[Mark::Group], &search.group)
            && self.holds(row, &search.words())
    }

    /// Whether each word stands somewhere in an incident.
    fn holds(&self, row: &Incident, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let mut runs = words_of_incident(row);
        runs.extend(self.stored_members(row.id).flat_map(|post| words_of_post(&post.row.post)));
        words.iter().all(|word| runs.iter().any(|run| run.contains(word.as_str())))
    }

    pub(super) fn choices(&self, within: &[String]) -> IncidentChoices {
        let newest = |unit: &String| {
            let mut rows: Vec<_> = self.incidents.values().filter(|row| row.unit == *unit).collect();
            rows.sort_by_key(|row| Reverse((row.detected_at, row.id)));
            rows.truncate(CHOSEN_FROM);
            rows
        };
        let rows: Vec<_> = match within {
            [] => self.incidents.values().collect(),
            units => units.iter().flat_map(newest).collect(),
        };
        let all: BTreeSet<(Mark, String)> = rows.into_iter().flat_map(marks).collect();
        let names = |kind: Mark| {
            all.iter().filter(|(mark, _)| *mark == kind).map(|(_, name)| name.clone()).take(CHOICES).collect()
        };
        IncidentChoices {
            tiers: names(Mark::Tier),
            stages: names(Mark::Stage),
            sites: names(Mark::Site),
            groups: names(Mark::Group),
        }
    }

    pub(super) fn save_search(&mut self, saved: SavedSearch) {
        self.searches.insert(saved.name.clone(), saved);
    }
}
