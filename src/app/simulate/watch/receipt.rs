//! What came back after it had been accepted: it counts as told no more, and somebody is told in another way.

use super::{Broken, Checked, Taken, Watch, notice::ways};
use crate::{
    desk::Change,
    model::{DeadlineKind, DeadlineState, Fate, IncidentState, Notice, NoticeKind, NoticeState, Receipt},
};

impl Watch {
    /// Looks at what a receipt caused.
    pub(super) fn heard_of(&self, receipt: &Receipt, taken: &Taken, changes: &[Change]) -> Checked {
        let broken = |invariant, what| Err(Broken { invariant, at: taken.now, what });
        let old = &receipt.notice;
        let Some(known) = self.notices.get(&old.id) else { return Ok(()) };
        if receipt.fate == Fate::Arrived {
            if matches!(known.state, NoticeState::Accepted { arrived_at: None, .. }) {
                return broken("a receipt is kept", format!("{} arrived", old.id));
            }
            return Ok(());
        }
        if !matches!(known.state, NoticeState::Refused { .. }) {
            return broken("what came back is not told", format!("{}: {:?}", old.id, known.state));
        }
        let Some(row) = old.incident.and_then(|id| self.incidents.get(&id)) else { return Ok(()) };
        let present = old.id.0.starts_with(&format!("{}/{}/", row.id, row.epoch));
        let confirmed = row.acks.iter().any(|ack| ack.contact == old.contact && ack.rank >= old.rank);
        if row.state != IncidentState::Open || !present || confirmed {
            return Ok(());
        }
        let group = |notice: &Notice| notice.id.0.rsplit_once('/').map(|(stem, _)| stem.to_owned());
        let ids = self.told.get(&row.id).into_iter().flatten();
        let others: Vec<&Notice> = ids.filter_map(|id| self.notices.get(id)).collect();
        let by_another_way = others.iter().any(|other| {
            other.id != old.id
                && group(other) == group(old)
                && matches!(other.state, NoticeState::Accepted { .. } | NoticeState::Pending)
        });
        let administrators = changes.iter().any(|change| {
            matches!(change, Change::Notice(one) if one.kind == NoticeKind::Operations
                && one.incident == Some(row.id) && one.facts.note.contains(&old.contact))
        });
        let said_before = others.iter().any(|one| {
            one.kind == NoticeKind::Operations
                && one.facts.note.contains(&format!("“{}”所有渠道", old.contact))
        });
        let matters = matches!(
            old.kind,
            NoticeKind::Alert
                | NoticeKind::Rise
                | NoticeKind::Reopened
                | NoticeKind::Worsened
                | NoticeKind::Escalation
        );
        if matters && !by_another_way && !administrators && !said_before {
            return broken("what came back is told in another way", old.id.to_string());
        }
        self.report_is_owed(old, taken)
    }

    /// A first report that did not arrive leaves its limit open. What told of something else has met no report.
    fn report_is_owed(&self, old: &Notice, taken: &Taken) -> Checked {
        let reports = matches!(
            old.kind,
            NoticeKind::Alert
                | NoticeKind::Rise
                | NoticeKind::Reopened
                | NoticeKind::Worsened
                | NoticeKind::Failover
        );
        if !reports {
            return Ok(());
        }
        let Some(row) = old.incident.and_then(|id| self.incidents.get(&id)) else { return Ok(()) };
        let Some(tier) = row.plan.tiers.iter().find(|tier| tier.rank == row.rank) else { return Ok(()) };
        let first = tier.lines.iter().filter_map(|line| line.steps.first()).flatten();
        let asked = first.filter_map(|name| self.reach(name, row.graded_at));
        let asked = asked
            .flat_map(|contact| ways(contact, tier))
            .any(|way| way == (old.channel, old.address.clone()));
        let mut told = self.notices.values().filter(|other| other.channel == old.channel);
        let told = told.any(|other| {
            matches!(other.state, NoticeState::Accepted { .. })
                && (other.address == old.address || other.contact == old.contact)
        });
        let key = format!("{}/{}/{}", row.id, row.epoch, DeadlineKind::Report.id());
        let met = self.deadlines.get(&key).is_some_and(|d| matches!(d.state, DeadlineState::Met { .. }));
        if asked && !told && met {
            let what = format!("{key} counts as met, and {} came back", old.id);
            return Err(Broken { invariant: "no due notice is lost", at: taken.now, what });
        }
        Ok(())
    }
}
