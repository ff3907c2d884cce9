//! Notices that belong to no incident: what their channel answered, and what becomes of one that does not get
//! through. The administrators' fail over as an incident's do, for what they hear of may well be the mail server
//! itself; a digest waits.

use jiff::Timestamp;

use super::{
    Change, Desk,
    case::Work,
    telling::{address, first_state, group},
};
use crate::model::{ChannelKind, Delivery, Notice, NoticeId, NoticeKind, NoticeState, Outcome, Receipt};

impl Desk {
    /// A channel answered to a notice that belongs to no incident; gives the notice when that was a refusal that is new.
    pub(super) fn loose_delivered(&mut self, delivery: &Delivery, work: &mut Work<'_>) -> Option<Notice> {
        let notice = self.loose.get_mut(&delivery.notice)?;
        if matches!(notice.state, NoticeState::Accepted { .. }) {
            return None;
        }
        notice.state = match &delivery.outcome {
            Outcome::Accepted => NoticeState::Accepted { at: delivery.at, arrived_at: None },
            Outcome::Refused { why } => NoticeState::Refused { at: delivery.at, why: why.clone() },
            Outcome::Retry { .. } => return None,
        };
        self.loose_changed(&delivery.notice, work)
            .filter(|notice| matches!(notice.state, NoticeState::Refused { .. }))
    }

    /// A receipt for a notice that belongs to no incident; `None` when it is not known here any more, else whether
    /// anything has changed.
    pub(super) fn loose_heard(&mut self, receipt: &Receipt, work: &mut Work<'_>) -> Option<bool> {
        let notice = self.loose.get_mut(&receipt.notice.id)?;
        let Some(state) = super::receipt::after(notice, receipt) else { return Some(false) };
        notice.state = state;
        self.loose_changed(&receipt.notice.id, work).map(|_| true)
    }

    /// Keeps a notice as it stands now; one that did not get through goes out by the next way.
    fn loose_changed(&mut self, id: &NoticeId, work: &mut Work<'_>) -> Option<Notice> {
        let notice = self.loose.get(id)?.clone();
        work.changes.push(Change::Notice(Box::new(notice.clone())));
        if matches!(notice.state, NoticeState::Refused { .. }) {
            self.try_next_way(&notice, work);
        }
        Some(notice)
    }

    /// When the first of the administrators' notices has waited for half of its limit.
    pub(super) fn loose_due(&self) -> Option<Timestamp> {
        let work = self.people.work(self.now, self.locale);
        let waiting = self.loose.values().filter(|notice| self.may_fail_over(notice));
        waiting.filter(|notice| self.next_way(notice, &work).is_some()).filter_map(half_time).min()
    }

    /// Sends the next channel out beside those that have waited for so long.
    pub(super) fn fail_over_loose(&mut self, work: &mut Work<'_>) {
        let late = |notice: &&Notice| half_time(notice).is_some_and(|at| at <= work.now);
        let waiting = self.loose.values().filter(|notice| self.may_fail_over(notice)).filter(late);
        let waiting: Vec<Notice> = waiting.cloned().collect();
        for notice in waiting {
            self.try_next_way(&notice, work);
        }
    }

    /// Whether a notice still waits and nothing has gone out beside it.
    fn may_fail_over(&self, notice: &Notice) -> bool {
        notice.kind == NoticeKind::Operations
            && notice.state == NoticeState::Pending
            && !self.ways(notice).any(|other| {
                matches!(other.state, NoticeState::Accepted { .. }) || other.created_at > notice.created_at
            })
    }

    /// All notices by which one contact is told the same thing.
    fn ways<'a>(&'a self, notice: &'a Notice) -> impl Iterator<Item = &'a Notice> {
        let stem = group(notice);
        let all = self.loose.range(NoticeId(format!("{stem}/"))..).map(|(_, other)| other);
        all.take_while(move |other| other.id.0.starts_with(stem)).filter(move |other| group(other) == stem)
    }

    fn next_way(&self, notice: &Notice, work: &Work<'_>) -> Option<(ChannelKind, String)> {
        let contact = work.reach(&notice.facts.unit, &notice.contact, notice.created_at)?;
        let kinds = contact.channels.iter().copied().filter(|kind| *kind != ChannelKind::Exercise);
        let mut ways = kinds.filter_map(|kind| Some((kind, address(contact, kind)?)));
        ways.find(|(kind, _)| self.ways(notice).all(|other| other.channel != *kind))
    }

    fn try_next_way(&mut self, notice: &Notice, work: &mut Work<'_>) {
        if notice.kind != NoticeKind::Operations {
            return;
        }
        let Some((channel, address)) = self.next_way(notice, work) else { return };
        let beside = Notice {
            id: NoticeId(format!("{}/{}", group(notice), channel.id())),
            channel,
            address,
            created_at: work.now,
            due_at: notice.due_at.max(work.now),
            state: first_state(channel),
            ..notice.clone()
        };
        work.changes.push(Change::Notice(Box::new(beside.clone())));
        self.loose.insert(beside.id.clone(), beside);
    }
}

fn half_time(notice: &Notice) -> Option<Timestamp> {
    notice.created_at.checked_add(notice.due_at.duration_since(notice.created_at) / 2).ok()
}
