//! Retention (SEMANTICS 31) of the store in memory: what the embedded engine takes away, in the same steps.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::tables::{Tables, micros};
use crate::{
    model::{Entry, Incident, IncidentId, IncidentState, NoticeState, PostKey, Retention},
    store::{FORGOTTEN, Swept},
};

/// Incidents of one step.
const INCIDENTS: usize = 10;
/// Other rows of one step.
const ROWS: usize = 500;

impl Tables {
    /// One step.
    pub(super) fn sweep(&mut self, retention: Retention, now: Timestamp) -> Swept {
        let before = |days: u32| {
            let span = SignedDuration::from_hours(24 * i64::from(days));
            micros(now.saturating_sub(span).unwrap_or(Timestamp::MIN))
        };
        let audit = before(retention.audit_days);
        let old = self.old_incidents(before(retention.matched_days), before(retention.incident_days));
        for id in &old {
            self.forget_incident(*id, audit);
        }
        let evidence = self.forget_evidence(before(retention.evidence_days));
        let loose = self.cut_entries(audit) + self.forget_loose_notices(audit);
        let rows = Swept { incidents: count(old.len()), evidence, loose };
        let files = if rows.is_empty() { self.forget_files() } else { 0 };
        Swept { loose: rows.loose + files, ..rows }
    }

    /// Archived incidents whose time is over: since the last sight of a member when nobody was ever told of a
    /// tier, since the last thing that happened otherwise.
    fn old_incidents(&self, matched: Timestamp, told: Timestamp) -> Vec<IncidentId> {
        let over = |row: &&Incident| {
            let opened = micros(row.opened_at);
            let last = if row.told_rank.is_none() && row.epoch == 0 {
                let seen = self.stored_members(row.id).map(|post| micros(post.row.last_seen_at)).max();
                seen.unwrap_or(opened) < matched
            } else {
                let noted = self.entries.iter().filter(|entry| entry.incident == Some(row.id));
                noted.map(|entry| micros(entry.at)).max().unwrap_or(opened) < told
            };
            row.state == IncidentState::Archived
                && opened < matched.max(told)
                && last
                && !self.still_tells(row.id)
        };
        let mut old: Vec<_> =
            self.incidents.values().filter(over).map(|row| (row.opened_at, row.id)).collect();
        old.sort();
        old.into_iter().take(INCIDENTS).map(|(_, id)| id).collect()
    }

    fn still_tells(&self, id: IncidentId) -> bool {
        let mut notices = self.notices.values().map(|one| &one.outgoing.notice);
        notices.any(|notice| notice.incident == Some(id) && notice.state == NoticeState::Pending)
    }

    /// Everything of an incident and of what was merged into it. What people did is kept for as long as the
    /// audit is.
    fn forget_incident(&mut self, id: IncidentId, audit: Timestamp) {
        let parts: BTreeSet<IncidentId> = self.parts(id).into_iter().collect();
        let of_parts = |of: Option<IncidentId>| of.is_some_and(|of| parts.contains(&of));
        let gone: Vec<(String, PostKey)> =
            parts.iter().filter_map(|part| self.members.remove(part)).flatten().collect();
        for key in &gone {
            self.posts.remove(key);
        }
        for (_, post) in &gone {
            if !self.posts.keys().any(|(_, other)| other == post) {
                self.evidence.remove(post);
            }
        }
        self.deadlines.retain(|_, row| !parts.contains(&row.incident));
        self.notices.retain(|_, one| !of_parts(one.outgoing.notice.incident));
        self.waiting.retain(|id| self.notices.contains_key(id));
        for entry in self.entries.iter_mut().filter(|entry| of_parts(entry.incident)) {
            if micros(entry.at) < audit || entry.by.is_none() {
                FORGOTTEN.clone_into(&mut entry.text);
            }
        }
        self.incidents.retain(|id, _| !parts.contains(id));
        self.plans.retain(|plan| self.incidents.values().any(|row| Arc::ptr_eq(&row.plan, plan)));
    }

    /// Evidence before an instant, except of what stands in something open.
    fn forget_evidence(&mut self, before: Timestamp) -> u64 {
        let open: BTreeSet<&PostKey> = self
            .posts
            .values()
            .filter(|post| {
                self.incidents.get(&post.row.incident).is_some_and(|row| row.state == IncidentState::Open)
            })
            .map(|post| &post.row.post.key)
            .collect();
        let mut left = ROWS;
        for (post, kept) in &mut self.evidence {
            if !open.contains(post) {
                kept.retain(|one| {
                    let goes = left > 0 && micros(one.shown.at) < before;
                    left -= usize::from(goes);
                    !goes
                });
            }
        }
        self.evidence.retain(|_, kept| !kept.is_empty());
        count(ROWS - left)
    }

    /// Entries at the beginning, up to the first that is young, tells of an incident which is still kept, or is the
    /// newest.
    fn cut_entries(&mut self, before: Timestamp) -> u64 {
        let stays = |entry: &Entry| {
            micros(entry.at) >= before || entry.incident.is_some_and(|id| self.incidents.contains_key(&id))
        };
        let older = self.entries.len().saturating_sub(1);
        let cut = self.entries.iter().take(older).take(ROWS).take_while(|entry| !stays(entry)).count();
        self.entries.drain(..cut);
        self.cut = self.cut.saturating_add(i64::try_from(cut).unwrap_or(i64::MAX));
        count(cut)
    }

    /// Notices of no incident that are over.
    fn forget_loose_notices(&mut self, before: Timestamp) -> u64 {
        let mut left = ROWS;
        self.notices.retain(|_, one| {
            let notice = &one.outgoing.notice;
            let over = notice.incident.is_none() && notice.state != NoticeState::Pending;
            let goes = left > 0 && over && micros(notice.created_at) < before;
            left -= usize::from(goes);
            !goes
        });
        count(ROWS - left)
    }

    /// Files that no incident names.
    fn forget_files(&mut self) -> u64 {
        let named: BTreeSet<&String> =
            self.incidents.values().flat_map(|row| &row.course.files).map(|file| &file.sha256).collect();
        let before = self.files.len();
        self.files.retain(|sha256, _| named.contains(sha256));
        count(before - self.files.len())
    }
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
