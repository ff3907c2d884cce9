//! What the store in memory answers: lists in the order of the contract, and all that a desk needs to go on.

use jiff::{SignedDuration, Timestamp};

use super::tables::{StoredNotice, StoredPost, Tables, micros};
use crate::{
    desk::{Glance, Restored},
    model::{
        ChannelKind, Count, Deadline, Entry, Incident, IncidentId, IncidentState, Notice, NoticeState,
        ObservationRow, PostKey, PostRow,
    },
    store::{Asked, IncidentFilter, IncidentView, Outgoing, RoundFilter, RoundRow, SourceState, SourceTimes},
};

/// How far back a desk looks at counters.
const OBSERVED: SignedDuration = SignedDuration::from_hours(48);
/// Notices of no incident that a desk wants to see again.
const TOLD: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Logged rounds are kept so long.
const ROUNDS_KEPT: SignedDuration = SignedDuration::from_hours(200 * 24);

pub(super) const fn lives(state: IncidentState) -> bool {
    matches!(state, IncidentState::Open | IncidentState::Dormant | IncidentState::Closed)
}

impl Tables {
    pub(super) fn outgoing(
        &self,
        channel: Option<ChannelKind>,
        now: Timestamp,
        limit: usize,
    ) -> Vec<Outgoing> {
        let mut found: Vec<_> = self
            .waiting
            .iter()
            .filter_map(|id| self.notices.get(id))
            .filter(|one| channel.is_none_or(|channel| one.outgoing.notice.channel == channel))
            .filter(|one| one.outgoing.next_attempt_at <= micros(now))
            .collect();
        found.sort_by_key(|one| (one.outgoing.order(now), one.number));
        found.into_iter().take(limit).map(|one| one.outgoing.clone()).collect()
    }

    pub(super) fn next_outgoing(&self, after: Option<Timestamp>) -> Option<Timestamp> {
        let waiting = self.waiting.iter().filter_map(|id| self.notices.get(id));
        let times = waiting.map(|one| one.outgoing.next_attempt_at);
        times.filter(|at| after.is_none_or(|after| *at > micros(after))).min()
    }

    pub(super) fn accepted_on(&self, channel: ChannelKind, since: Timestamp, limit: usize) -> Vec<Notice> {
        let fits = |one: &Notice| {
            one.channel == channel
                && one.created_at >= since
                && matches!(one.state, NoticeState::Accepted { .. })
        };
        let newest = self.newest_notices(usize::MAX).into_iter().map(|one| one.notice);
        newest.filter(fits).take(limit).collect()
    }

    pub(super) fn newest_notices(&self, limit: usize) -> Vec<Outgoing> {
        let mut all: Vec<_> = self.notices.values().collect();
        all.sort_by_key(|one| std::cmp::Reverse((one.outgoing.notice.created_at, one.number)));
        all.into_iter().take(limit).map(|one| one.outgoing.clone()).collect()
    }

    pub(super) fn asked(&self, channel: ChannelKind, ending: &str, since: Timestamp) -> Vec<Asked> {
        let archived = |id: &IncidentId| {
            self.incidents.get(id).is_none_or(|incident: &Incident| incident.state == IncidentState::Archived)
        };
        let mut all: Vec<_> = self.notices.values().collect();
        all.sort_by_key(|one| std::cmp::Reverse((micros(one.outgoing.notice.created_at), one.number)));
        let mut asked: Vec<Asked> = Vec::new();
        for notice in all.into_iter().map(|one| &one.outgoing.notice) {
            let there = notice.channel == channel && notice.address.ends_with(ending);
            let Some(incident) = notice.incident.filter(|id| there && !archived(id)) else { continue };
            if !notice.facts.confirm || micros(notice.created_at) < micros(since) {
                continue;
            }
            let one = Asked {
                incident,
                rank: notice.rank,
                contact: notice.contact.clone(),
                address: notice.address.clone(),
            };
            if !asked.contains(&one) {
                asked.push(one);
            }
        }
        asked
    }

    pub(super) fn source(&self, name: &str) -> SourceState {
        let fresh = || SourceState { source: name.to_owned(), ..SourceState::default() };
        self.sources.get(name).cloned().unwrap_or_else(fresh)
    }

    pub(super) fn source_times(&self) -> Vec<SourceTimes> {
        let times = |state: &SourceState| SourceTimes {
            source: state.source.clone(),
            next_at: state.next_at.map(micros),
            failures: state.failures,
            health: state.health.clone(),
            told: state.told.clone(),
            planned: state.memo.get("planned").cloned().unwrap_or_default(),
        };
        self.sources.values().map(times).collect()
    }

    pub(super) fn log_round(&mut self, row: RoundRow) {
        let oldest = row.started_at.saturating_sub(ROUNDS_KEPT).unwrap_or(Timestamp::MIN);
        self.rounds.push(row);
        self.rounds.retain(|row| row.started_at >= oldest);
    }

    pub(super) fn rounds(&self, filter: &RoundFilter) -> Vec<RoundRow> {
        let limit = if filter.limit == 0 { 10_000 } else { filter.limit };
        let wanted = |row: &&RoundRow| {
            filter.source.as_ref().is_none_or(|source| *source == row.source)
                && filter.from.is_none_or(|from| row.started_at >= from)
                && filter.to.is_none_or(|to| row.started_at < to)
        };
        // Newest first; of one instant the one that was logged last.
        let mut found: Vec<_> = self.rounds.iter().rev().filter(wanted).cloned().collect();
        found.sort_by_key(|row| std::cmp::Reverse(row.started_at));
        found.truncate(limit);
        found
    }

    pub(super) fn list(&self, filter: &IncidentFilter) -> Vec<Incident> {
        let limit = if filter.limit == 0 { 200 } else { filter.limit };
        let wanted = |row: &&Incident| {
            filter.unit.as_ref().is_none_or(|unit| *unit == row.unit)
                && (!filter.open_only || row.state == IncidentState::Open)
        };
        let mut found: Vec<_> = self.incidents.values().filter(wanted).collect();
        found.sort_by_key(|row| std::cmp::Reverse((row.rank, micros(row.opened_at), row.id)));
        found.into_iter().take(limit).cloned().collect()
    }

    /// An incident with all that hangs on it; a merged one leads to where it went.
    pub(super) fn view(&self, id: IncidentId) -> Option<IncidentView> {
        let mut incident = self.incidents.get(&id)?;
        while let Some(next) = incident.merged_into.filter(|next| *next < incident.id) {
            incident = self.incidents.get(&next)?;
        }
        let id = incident.id;
        let parts = self.parts(id);
        let mut posts: Vec<&StoredPost> = self.stored_members(id).collect();
        posts.sort_by_key(|post| (micros(post.row.first_seen_at), post.number));
        let mut observations: Vec<_> = posts.iter().flat_map(|post| post.looks.values().cloned()).collect();
        observations.sort_by_key(|look| look.at);
        let of_parts = |of: Option<IncidentId>| of.is_some_and(|of| parts.contains(&of));
        Some(IncidentView {
            incident: incident.clone(),
            posts: posts.into_iter().map(|post| post.row.clone()).collect(),
            observations,
            deadlines: self.deadlines_where(|row| row.incident == id),
            notices: self.notices_of(&parts).into_iter().cloned().collect(),
            entries: self.shown_entries().filter(|entry| of_parts(entry.incident)).cloned().collect(),
        })
    }

    /// The notices of these incidents, in the order in which they were decided.
    pub(super) fn notices_of(&self, parts: &[IncidentId]) -> Vec<&Notice> {
        let of_parts =
            |one: &&StoredNotice| one.outgoing.notice.incident.is_some_and(|of| parts.contains(&of));
        let mut found: Vec<_> = self.notices.values().filter(of_parts).collect();
        found.sort_by_key(|one| (one.outgoing.notice.created_at, one.number));
        found.into_iter().map(|one| &one.outgoing.notice).collect()
    }

    /// Entries that a person is shown: acts as they were given stand in the audit only.
    pub(super) fn shown_entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.kind != Entry::ACT)
    }

    /// An incident and all that was merged into it.
    pub(super) fn parts(&self, id: IncidentId) -> Vec<IncidentId> {
        let mut parts = vec![id];
        let mut next = 0;
        while let Some(part) = parts.get(next).copied() {
            let gone = self.incidents.values().filter(|row| row.merged_into == Some(part));
            parts.extend(gone.map(|row| row.id));
            next += 1;
        }
        parts
    }

    pub(super) fn stored_members(&self, id: IncidentId) -> impl Iterator<Item = &StoredPost> {
        self.members.get(&id).into_iter().flatten().filter_map(|key| self.posts.get(key))
    }

    pub(super) fn incidents_of_post(&self, key: &PostKey) -> Vec<IncidentId> {
        let of_key = self.posts.iter().filter(|((_, post), _)| post == key);
        of_key.map(|(_, post)| post.row.incident).collect()
    }

    pub(super) fn deadlines_where(&self, wanted: impl Fn(&Deadline) -> bool) -> Vec<Deadline> {
        let mut found: Vec<_> = self.deadlines.values().filter(|row| wanted(row)).cloned().collect();
        found.sort_by(|a, b| (micros(a.due_at), &a.key).cmp(&(micros(b.due_at), &b.key)));
        found
    }

    pub(super) fn open_deadlines(&self) -> Vec<Deadline> {
        self.deadlines_where(Deadline::is_open)
    }

    /// All that a desk needs; the spans run back from the newest row, as in every engine.
    pub(super) fn restore(&self) -> Restored {
        let of_live = |id: &IncidentId| self.incidents.get(id).is_some_and(|row| lives(row.state));
        let incidents: Vec<Incident> =
            self.incidents.values().filter(|row| lives(row.state)).cloned().collect();
        let mut members: Vec<&StoredPost> = Vec::new();
        for incident in &incidents {
            let from = members.len();
            members.extend(self.stored_members(incident.id));
            if let Some(part) = members.get_mut(from..) {
                part.sort_by_key(|post| post.number);
            }
        }
        let newest = members.iter().map(|post| post.row.last_seen_at).max();
        let since = newest.and_then(|at| at.checked_sub(OBSERVED).ok()).unwrap_or(Timestamp::MIN);
        let told = self.notices.values().map(|one| micros(one.outgoing.notice.created_at)).max();
        let told = told.and_then(|at| at.checked_sub(TOLD).ok()).unwrap_or(Timestamp::MIN);
        let wanted = |notice: &Notice| match &notice.incident {
            None => micros(notice.created_at) >= told,
            Some(id) => of_live(id) || self.incidents.get(id).is_some_and(|row| row.merged_into.is_some()),
        };
        let mut notices: Vec<_> = self.notices.values().filter(|one| wanted(&one.outgoing.notice)).collect();
        notices.sort_by_key(|one| one.number);
        let merged = self.incidents.values();
        Restored {
            state: self.state.clone(),
            merged: merged.filter_map(|row| Some((row.id, row.merged_into?))).collect(),
            posts: members.iter().map(|post| post.row.clone()).collect(),
            looks: members.iter().map(|post| glances(post, since)).collect(),
            deadlines: self.deadlines_where(|row| of_live(&row.incident)),
            notices: notices.into_iter().map(|one| one.outgoing.notice.clone()).collect(),
            incidents,
        }
    }
}

/// A counter of a look.
type Counter = fn(&ObservationRow) -> Option<Count>;
/// The greatest of a counter, as the member's row has it.
type Top = fn(&PostRow) -> Option<Count>;

/// The looks since `since`, the last one before of each counter, and the greatest before of each that has dipped.
fn glances(post: &StoredPost, since: Timestamp) -> Vec<Glance> {
    let before = post.looks.range(..since).next_back().map(|(at, _)| *at);
    let mut kept: Vec<_> = post.looks.range(before.unwrap_or(since)..).map(|(_, row)| row).collect();
    let counters: [(Counter, Top); 2] =
        [(|row| row.views, |row| row.views), (|row| row.reposts, |row| row.reposts)];
    for (counter, top) in counters {
        let last = post.looks.range(..since).rev().map(|(_, row)| row).find(|row| counter(row).is_some());
        if let Some(row) = last.filter(|row| kept.iter().all(|known| known.at != row.at)) {
            kept.push(row);
        }
        let seen = kept.iter().filter_map(|row| counter(row)).map(|count| count.value).max();
        if top(&post.row).map(|count| count.value) == seen {
            continue;
        }
        let older = post.looks.range(..since).map(|(_, row)| row).filter(|row| counter(row).is_some());
        let greatest =
            older.min_by_key(|row| (std::cmp::Reverse(counter(row).map(|count| count.value)), row.at));
        if let Some(row) = greatest.filter(|row| kept.iter().all(|known| known.at != row.at)) {
            kept.push(row);
        }
    }
    kept.sort_by_key(|row| row.at);
    kept.into_iter().map(|row| Glance { at: row.at, views: row.views, reposts: row.reposts }).collect()
}
