//! What the office looks up in the record, from tables in memory. There is no chain: nothing here outlives the process.

use super::tables::{StoredNotice, Tables};
use crate::{
    model::{Deadline, IncidentState},
    store::{
        AuditLook, AuditReport, AuditRow, Case, CaseLook, DeliveryLook, DeliveryRow, FORGOTTEN, LOOKED_AT,
        Place, Rows, Told,
    },
};

impl Tables {
    pub(super) fn audit(&self, look: &AuditLook) -> Rows<AuditRow> {
        let newest = look.before.map_or(i64::MAX, |before| before.saturating_sub(1));
        let floor = match look.incident {
            Some(_) => i64::MIN,
            None => newest.min(self.last_entry()).saturating_sub(LOOKED_AT),
        };
        let numbers = (0..=self.last_entry()).rev();
        let wanted = numbers
            .zip(self.entries.iter().rev())
            .filter(|(number, entry)| *number >= floor && look.wants(*number, entry));
        let rows = wanted.take(look.limit().saturating_add(1)).map(|(number, entry)| AuditRow {
            number,
            entry: entry.clone(),
            body_hash: String::new(),
            hash: String::new(),
        });
        let mut rows: Vec<_> = rows.collect();
        let earlier = turn(&mut rows, look.limit(), |row| row.number)
            .or_else(|| (floor > self.cut.saturating_add(1)).then_some(floor));
        Rows { rows, earlier }
    }

    fn last_entry(&self) -> i64 {
        self.cut.saturating_add(i64::try_from(self.entries.len()).unwrap_or(i64::MAX))
    }

    pub(super) fn verify_audit(&self) -> AuditReport {
        let forgotten = self.entries.iter().filter(|entry| entry.text == FORGOTTEN).count();
        let count = |rows: usize| u64::try_from(rows).unwrap_or(u64::MAX);
        AuditReport {
            rows: count(self.entries.len()),
            cut: self.cut,
            forgotten: count(forgotten),
            ..AuditReport::default()
        }
    }

    pub(super) fn deliveries(&self, look: &DeliveryLook) -> Rows<DeliveryRow> {
        let mut all: Vec<(i64, &StoredNotice)> =
            self.notices.values().map(|one| (i64::try_from(one.number).unwrap_or(i64::MAX), one)).collect();
        all.sort_by_key(|(number, _)| std::cmp::Reverse(*number));
        let wanted = all.into_iter().filter(|(number, one)| {
            let notice = &one.outgoing.notice;
            look.before.is_none_or(|before| *number < before)
                && look.state.as_ref().is_none_or(|state| notice.state.id() == state)
                && look.channel.is_none_or(|channel| notice.channel == channel)
                && look.contact.as_ref().is_none_or(|contact| notice.contact == *contact)
        });
        let rows = wanted.take(look.limit().saturating_add(1));
        let mut rows: Vec<_> =
            rows.map(|(number, one)| DeliveryRow { number, outgoing: one.outgoing.clone() }).collect();
        let earlier = turn(&mut rows, look.limit(), |row| row.number);
        Rows { rows, earlier }
    }

    pub(super) fn cases(&self, look: &CaseLook) -> Vec<Case> {
        let mut wanted: Vec<_> = self
            .incidents
            .values()
            .filter(|row| row.state != IncidentState::Merged)
            .map(|row| (Place::of(row).detected_at, row))
            .filter(|(at, row)| {
                *at >= look.from
                    && *at < look.to
                    && look.after.is_none_or(|after| (*at, row.id) < after)
                    && (look.units.is_empty() || look.units.contains(&row.unit))
            })
            .collect();
        wanted.sort_by_key(|(at, row)| std::cmp::Reverse((*at, row.id)));
        wanted.into_iter().take(look.limit).map(|(_, row)| self.case(row)).collect()
    }

    fn case(&self, incident: &crate::model::Incident) -> Case {
        let told = self.notices_of(&self.parts(incident.id)).into_iter().map(|notice| Told {
            contact: notice.contact.clone(),
            person: notice.facts.person.clone(),
            kind: notice.kind,
            rank: notice.rank,
            channel: notice.channel,
            created_at: notice.created_at,
            state: notice.state.clone(),
        });
        let deadlines: Vec<Deadline> = self.deadlines_where(|row| row.incident == incident.id);
        Case { incident: incident.clone(), deadlines, told: told.collect() }
    }
}

/// Takes the one row too many away; says where the next page begins when there was one.
fn turn<T>(rows: &mut Vec<T>, limit: usize, number: impl Fn(&T) -> i64) -> Option<i64> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().filter(|_| more).map(number)
}
