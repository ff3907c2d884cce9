//! Retention (SEMANTICS 31) of the store in memory: what the embedded engine takes away, in the same steps.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{SignedDuration, Timestamp};

use super::{
    answers::lives,
    tables::{Tables, micros},
};
use crate::{
    desk::thin::needed,
    model::{Entry, Incident, IncidentId, IncidentState, NoticeState, PostKey, Retention},
    store::{FORGOTTEN, Swept},
};

/// Incidents of one step.
const INCIDENTS: usize = 10;
/// Other rows of one step.
const ROWS: usize = 500;

impl Tables {
    /// One step.
    pub(super) fn sweep(&mut self, retention: &Retention, now: Timestamp) -> Swept {
        let before = |days: u32| {
            let span = SignedDuration::from_hours(24 * i64::from(days));
            micros(now.saturating_sub(span).unwrap_or(Timestamp::MIN))
        };
        let audit = before(retention.audit_days);
        let old = self.old_incidents(|row| before(retention.days_of(row.kept_as())));
        for id in &old {
            self.forget_incident(*id, audit);
        }
        let evidence = self.forget_evidence(before(retention.evidence_days));
        let loose = self.cut_entries(audit) + self.forget_loose_notices(audit);
        let rows = Swept { incidents: count(old.len()), evidence, loose, ..Swept::default() };
        if !rows.is_empty() {
            return rows;
        }
        let looks = self.thin_looks(before(retention.observation_days));
        let files = if looks == 0 { self.forget_files() } else { 0 };
        Swept { loose: files, looks, ..rows }
    }

    /// When the last thing happened to an incident: a member was last seen when nobody was told of it, else the last
    /// entry of its timeline.
    pub(super) fn since(&self, row: &Incident) -> Timestamp {
        let last = if row.kept_as().is_none() {
            self.stored_members(row.id).map(|post| micros(post.row.last_seen_at)).max()
        } else {
            let noted = self.entries.iter().filter(|entry| entry.incident == Some(row.id));
            noted.map(|entry| micros(entry.at)).max()
        };
        last.unwrap_or_else(|| micros(row.opened_at))
    }

    /// Archived incidents whose time is over.
    fn old_incidents(&self, end: impl Fn(&Incident) -> Timestamp) -> Vec<IncidentId> {
        let over = |row: &&Incident| {
            row.state == IncidentState::Archived && self.since(row) < end(row) && !self.still_tells(row.id)
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

    /// The looks at members of an archived incident to which nothing happened since an instant, but those on which a
    /// figure rests.
    fn thin_looks(&mut self, end: Timestamp) -> u64 {
        let is_old = |row: &&Incident| row.state == IncidentState::Archived && self.since(row) < end;
        let old: BTreeSet<IncidentId> = self.incidents.values().filter(is_old).map(|row| row.id).collect();
        let mut gone = 0;
        for post in self.posts.values_mut().filter(|post| old.contains(&post.row.incident)) {
            let counters: Vec<_> = post
                .looks
                .values()
                .map(|look| [look.views, look.reposts, look.comments, look.likes])
                .collect();
            let mut stays = needed(&counters).into_iter();
            let before = post.looks.len();
            post.looks.retain(|_, _| stays.next().unwrap_or(true));
            gone += before - post.looks.len();
        }
        count(gone)
    }

    /// Evidence before an instant, except of what the desk still works on.
    fn forget_evidence(&mut self, before: Timestamp) -> u64 {
        let live: BTreeSet<&PostKey> = self
            .posts
            .values()
            .filter(|post| self.incidents.get(&post.row.incident).is_some_and(|row| lives(row.state)))
            .map(|post| &post.row.post.key)
            .collect();
        let mut left = ROWS;
        for (post, kept) in &mut self.evidence {
            if !live.contains(post) {
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
