//! The people of the office: they confirm or do not, answer, decide, merge, split and keep silent.

use jiff::SignedDuration;

use super::{Happening, Sim};
use crate::{
    app::simulate::watch::Taken,
    desk::Change,
    model::{AckHow, Act, ChannelKind, IncidentId, IncidentState, NoticeId, NoticeState},
};

impl Sim {
    /// People who were told confirm, or do not.
    pub(super) fn follow_up(&mut self, taken: &[Taken]) {
        let mut asked = Vec::new();
        for change in taken.iter().filter_map(|one| one.changes.as_ref()).flatten() {
            if let Change::Incident(row) = change
                && row.state == IncidentState::Open
                && row.told_rank.is_some()
                && self.handled.insert((row.id, row.reopened))
            {
                self.take_in_hand(row.id);
            }
            if let Change::Notice(notice) = change
                && notice.facts.confirm
                && notice.state == NoticeState::Pending
            {
                asked.push(notice.id.clone());
            }
        }
        for id in asked {
            if self.dice.percent(35) {
                let at = self.now + SignedDuration::from_secs(self.dice.between(60, 10_800));
                self.put(at, Happening::Acknowledges(id));
            }
        }
    }

    /// Most cases are answered for within two days and closed within a week; the others hang.
    fn take_in_hand(&mut self, incident: IncidentId) {
        for (closes, hours) in [(false, 48), (true, 168)] {
            if self.handlers.percent(80) {
                let at = self.now + SignedDuration::from_secs(self.handlers.between(3_600, hours * 3_600));
                self.put(at, Happening::Handles { incident, closes });
            }
        }
    }

    pub(super) fn handling(&self, incident: IncidentId, closes: bool) -> Option<Act> {
        let incident = self.watch.survivor(incident);
        self.watch.incidents.get(&incident).filter(|row| row.state == IncidentState::Open)?;
        let by = "值班员".to_owned();
        Some(if closes {
            Act::Close { incident, by, reason: "已平息".to_owned() }
        } else {
            Act::Respond { incident, by, text: "已答复".to_owned() }
        })
    }

    pub(super) fn acknowledgement(&self, id: &NoticeId) -> Option<Act> {
        let notice = self.watch.notices.get(id)?;
        let told = matches!(notice.state, NoticeState::Accepted { .. });
        Some(Act::Acknowledge {
            incident: notice.incident.filter(|_| told)?,
            contact: notice.contact.clone(),
            rank: Some(notice.rank),
            how: AckHow::Link,
            recorded_by: None,
            at: None,
        })
    }

    /// Somebody at the desk does something.
    pub(super) fn person(&mut self) -> Option<Act> {
        let (by, reason) = ("值班员".to_owned(), "核实".to_owned());
        let open: Vec<_> =
            self.watch.incidents.values().filter(|row| row.state == IncidentState::Open).cloned().collect();
        let unit = self.dice.pick(&self.setup.units)?.clone();
        let now = self.clock();
        let incident = self.dice.pick(&open).map(|row| row.id);
        let tiers: Vec<_> = unit.1.tiers.iter().map(|tier| tier.id.clone()).collect();
        let tier = self.dice.pick(&tiers)?.clone();
        let alerting = unit.1.tiers.iter().filter(|one| one.telling.alerts());
        let below: Vec<_> =
            alerting.filter(|one| one.rank + 1 < tiers.len()).map(|one| one.id.clone()).collect();
        Some(match self.dice.below(12) {
            0 | 1 => Act::Respond { incident: incident?, by, text: "已答复".to_owned() },
            2 => {
                let duties = unit.1.tiers.iter().flat_map(|tier| &tier.duties);
                let duties: Vec<String> = duties.map(|duty| duty.name.clone()).collect();
                let duty = self.dice.pick(&duties)?.clone();
                Act::Complete { incident: incident?, duty, by, text: "见附件".to_owned() }
            }
            3 => Act::Override { incident: incident?, tier, by, reason },
            4 | 5 => Act::Close { incident: incident?, by, reason },
            6 => Act::Merge { incident: incident?, other: self.dice.pick(&open)?.id, by, reason },
            7 => self.split(incident?, by, reason)?,
            8 | 9 => Act::Silence {
                unit: unit.0.name,
                group: self.dice.percent(30).then(|| "医院".to_owned()),
                up_to: self.dice.pick(&below)?.clone(),
                from: None,
                until: now + SignedDuration::from_mins(self.dice.between(30, 3_000)),
                by,
                reason,
            },
            10 => Act::EndSilence { id: self.dice.below(5), by },
            _ => {
                let mut phones = self.watch.notices.values().filter(|notice| {
                    notice.channel == ChannelKind::Phone && notice.state == NoticeState::Pending
                });
                Act::PhoneDone { notice: phones.next()?.id.clone(), by, at: None }
            }
        })
    }

    fn split(&mut self, incident: IncidentId, by: String, reason: String) -> Option<Act> {
        let posts = self.watch.posts.values().filter(|row| row.incident == incident);
        let posts: Vec<_> = posts.map(|row| row.post.key.clone()).collect();
        let post = self.dice.pick(&posts)?.clone();
        Some(Act::Split { post, incident: Some(incident), by, reason })
    }
}
