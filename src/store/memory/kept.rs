//! What the store in memory holds, for retention: the same figures as the embedded engine's, each row taken for as many
//! bytes as [`size_bytes`](crate::store::Store::size_bytes) takes it for.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{answers::lives, tables::Tables};
use crate::{
    desk::thin::needed,
    model::{Incident, IncidentState, NoticeState},
    store::{HeldKind, Holding, Kept, Place, kept::age_in_days},
};

/// Bytes of a row.
const ROW: u64 = 512;

type Ages = BTreeMap<u32, u64>;

impl Tables {
    pub(super) fn kept(&self, now: Timestamp) -> Kept {
        let of = |kind, ages: Ages| {
            let rows = ages.values().sum();
            Holding { kind, rows, bytes: rows * ROW, ages }
        };
        let live = self.incidents.values().filter(|row| lives(row.state)).count() as u64;
        let mut holdings =
            vec![Holding { kind: HeldKind::Live, rows: live, bytes: live * ROW, ages: Ages::new() }];
        let mut by_tier: BTreeMap<(i64, Option<&str>), Ages> = BTreeMap::new();
        let mut gravest: BTreeMap<&str, i64> = BTreeMap::new();
        let mut looks = Ages::new();
        let archived = || self.incidents.values().filter(|row| row.state == IncidentState::Archived);
        for row in archived() {
            if let Some(tier) = row.kept_as() {
                let gravity = gravest.entry(tier).or_insert(i64::MIN);
                *gravity = Place::of(row).gravity.max(*gravity);
            }
        }
        for row in archived() {
            let age = age_in_days(self.since(row), now);
            let tier = row.kept_as();
            let place = tier.and_then(|tier| gravest.get(tier)).copied().unwrap_or(i64::MIN);
            *by_tier.entry((place, tier)).or_default().entry(age).or_default() += 1;
            *looks.entry(age).or_default() += self.looks_to_thin(row);
        }
        looks.retain(|_, looks| *looks > 0);
        holdings.push(of(HeldKind::Looks, looks));
        holdings.push(of(HeldKind::Evidence, self.evidence_ages(now)));
        for ((_, tier), ages) in by_tier {
            holdings.push(of(
                tier.map_or(HeldKind::Matched, |tier| HeldKind::Told { tier: tier.to_owned() }),
                ages,
            ));
        }
        let entries = self.entries.len() as u64;
        let ages = self.audit_ages(now);
        holdings.push(Holding { kind: HeldKind::Audit, rows: entries, bytes: entries * ROW, ages });
        let mut loose = Ages::new();
        for notice in self.notices.values().map(|one| &one.outgoing.notice) {
            if notice.incident.is_none() && notice.state != NoticeState::Pending {
                *loose.entry(age_in_days(notice.created_at, now)).or_default() += 1;
            }
        }
        holdings.push(of(HeldKind::Notices, loose));
        Kept { at: now, bytes: self.rows().max(1).saturating_mul(ROW), holdings, ..Kept::default() }
    }

    fn looks_to_thin(&self, row: &Incident) -> u64 {
        let of_post = |post: &super::tables::StoredPost| {
            let counters: Vec<_> = post
                .looks
                .values()
                .map(|look| [look.views, look.reposts, look.comments, look.likes])
                .collect();
            needed(&counters).iter().filter(|stays| !**stays).count() as u64
        };
        self.stored_members(row.id).map(of_post).sum()
    }

    fn evidence_ages(&self, now: Timestamp) -> Ages {
        let works = |post: &super::tables::StoredPost| {
            self.incidents.get(&post.row.incident).is_some_and(|row| lives(row.state))
        };
        let live: std::collections::BTreeSet<_> =
            self.posts.values().filter(|post| works(post)).map(|post| &post.row.post.key).collect();
        let mut ages = Ages::new();
        for (_, kept) in self.evidence.iter().filter(|(post, _)| !live.contains(post)) {
            for one in kept {
                *ages.entry(age_in_days(one.shown.at, now)).or_default() += 1;
            }
        }
        ages
    }

    fn audit_ages(&self, now: Timestamp) -> Ages {
        let mut ages = Ages::new();
        let older = self.entries.len().saturating_sub(1);
        let stays =
            |of: Option<crate::model::IncidentId>| of.is_some_and(|id| self.incidents.contains_key(&id));
        for entry in self.entries.iter().take(older).take_while(|entry| !stays(entry.incident)) {
            *ages.entry(age_in_days(entry.at, now)).or_default() += 1;
        }
        ages
    }
}
