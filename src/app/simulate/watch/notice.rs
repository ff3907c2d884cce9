//! What goes out: to whom, and that nobody hears the same twice.

use jiff::Timestamp;

use super::{Broken, Checked, Taken, Watch};
use crate::{
    app::simulate::office,
    model::{ChannelKind, Contact, Incident, IncidentId, Notice, NoticeKind, TierRule},
};

impl Watch {
    /// The same thing is not told to one address on one channel twice at one instant.
    pub(super) fn said_once(&self, row: &Notice, now: Timestamp) -> Checked {
        let same = |other: &&Notice| {
            other.created_at == row.created_at
                && other.kind == row.kind
                && row.kind != NoticeKind::Failover
                && other.channel == row.channel
                && other.contact == row.contact
                && other.address == row.address
                && other.facts.line == row.facts.line
                && other.facts.note == row.facts.note
                && other.facts.step == row.facts.step
        };
        let of = row.incident.and_then(|id| self.told_at.get(&(id, row.created_at))).into_iter().flatten();
        let twin = of.filter_map(|id| self.notices.get(id)).find(|other| other.id != row.id && same(other));
        match twin {
            Some(twin) => Err(Broken {
                invariant: "no notice is sent twice",
                at: now,
                what: format!("{} says the same as {}", row.id, twin.id),
            }),
            None => Ok(()),
        }
    }

    pub(super) fn only_the_planned_are_told(&self, taken: &Taken, decided: &[&Notice]) -> Checked {
        for notice in decided {
            let mut names = self.planned.clone();
            if let Some(row) = notice.incident.and_then(|id| self.incidents.get(&id)) {
                names.extend(office::names(&row.plan));
                names.extend(row.told_directly.iter().cloned());
                // Whom the plan of what was merged into it told hears of what becomes of that.
                let gone = self.incidents.values().filter(|gone| self.leads_to(gone, row.id));
                names.extend(gone.flat_map(|gone| office::names(&gone.plan)));
                names.extend(self.setup.upward.get(&row.unit).into_iter().flat_map(|up| up.tell.clone()));
            }
            names.insert(office::DESK.to_owned());
            let stands_in = self.setup.roster.rotas.get(&notice.contact).into_iter().flat_map(|rota| {
                let swaps = rota.swaps.iter().map(|swap| swap.who.clone());
                rota.week.iter().flatten().cloned().chain(swaps).chain(rota.deputy.clone())
            });
            let who: Vec<String> = stands_in.chain([notice.contact.clone()]).collect();
            let known = who
                .iter()
                .filter_map(|name| self.addresses.get(name))
                .any(|all| all.contains(&notice.address));
            let fine = names.contains(&notice.contact) && (known || notice.channel == ChannelKind::Exercise);
            if !fine {
                let what = format!("{} went to {} at {}", notice.id, notice.contact, notice.address);
                return Err(Broken { invariant: "nobody outside the plan is told", at: taken.now, what });
            }
        }
        Ok(())
    }

    /// Whether an incident was merged into another, at once or by steps.
    fn leads_to(&self, gone: &Incident, into: IncidentId) -> bool {
        let step = |row: &&Incident| self.incidents.get(&row.merged_into?);
        std::iter::successors(Some(gone), step).skip(1).any(|row| row.id == into)
    }
}

/// The channels by which a contact must be told at a tier, with its addresses there.
pub(super) fn ways(contact: &Contact, tier: &TierRule) -> Vec<(ChannelKind, String)> {
    let address = |kind: ChannelKind| match kind {
        ChannelKind::Email => contact.email.clone(),
        ChannelKind::Sms | ChannelKind::Phone => contact.phone.clone(),
        ChannelKind::Robot
        | ChannelKind::Webhook
        | ChannelKind::Ntfy
        | ChannelKind::Voice
        | ChannelKind::Exercise => None,
    };
    let has: Vec<_> = contact.channels.iter().filter_map(|kind| Some((*kind, address(*kind)?))).collect();
    let asked: Vec<_> = has.iter().filter(|(kind, _)| tier.channels.contains(kind)).cloned().collect();
    if asked.is_empty() { has.into_iter().take(1).collect() } else { asked }
}
