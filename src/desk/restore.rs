//! A desk as the stored rows leave it. All but the members is little; they are looked through on as many threads as
//! there are processors, each with its share, and what comes out depends on the rows alone.

use std::{collections::BTreeMap, thread};

use super::{
    Desk, Glance, Restored,
    by_text::core_prints,
    case::{Case, Member},
    last_of, next_due,
    statement::Fingerprint,
    unit::UnitDesk,
};
use crate::model::{IncidentId, IncidentState, PostRow, Unit};

/// Threads at most.
const MOST_THREADS: usize = 8;
/// Members that are worth a thread of their own.
const A_SHARE: usize = 1_000;

/// A member and its looks.
type Stored = (PostRow, Vec<Glance>);
/// The same as the desk holds it; with its fingerprints when others are compared with it.
type Taken = (Box<Member>, Vec<Fingerprint>);

impl Desk {
    pub(super) fn restore(&mut self, restored: Restored) {
        let mut redirects: BTreeMap<IncidentId, IncidentId> = restored.merged.into_iter().collect();
        let mut cases: BTreeMap<IncidentId, Case> = BTreeMap::new();
        for row in restored.incidents {
            self.state.next_id = self.state.next_id.max(row.id.0 + 1);
            match (row.state, row.merged_into) {
                (IncidentState::Merged, Some(into)) => drop(redirects.insert(row.id, into)),
                (IncidentState::Archived | IncidentState::Merged, _) => {}
                _ => drop(cases.insert(row.id, Case::new(row))),
            }
        }
        let looks = restored.looks.into_iter().map(Some).chain(std::iter::repeat(None));
        let rows = restored.posts.into_iter().zip(looks);
        let rows: Vec<Stored> = rows
            .filter(|(row, _)| cases.contains_key(&row.incident))
            .map(|(row, looks)| (row, looks.unwrap_or_default()))
            .collect();
        let mut cores = put_in(self.with_prints(rows), &mut cases);
        for deadline in restored.deadlines {
            if let Some(case) = cases.get_mut(&deadline.incident) {
                case.deadlines.insert(deadline.key.clone(), deadline);
            }
        }
        for notice in restored.notices {
            let incident = notice.incident.map(|id| last_of(&redirects, id));
            match incident.and_then(|id| cases.get_mut(&id)) {
                Some(case) => {
                    case.keep_notice(notice);
                }
                // What is over is of no more use here.
                None if notice.incident.is_some() => {}
                None => {
                    self.loose.insert(notice.id.clone(), notice);
                }
            }
        }
        for (&gone, &into) in &redirects {
            let unit = cases.get(&last_of(&redirects, into)).map(|case| case.row.unit.clone());
            if let Some(desk) = unit.and_then(|unit| self.units.get_mut(&unit)) {
                desk.redirects.insert(gone, into);
            }
        }
        for (id, case) in cases {
            let name = case.row.unit.clone();
            if !self.units.contains_key(&name) {
                let unit = Unit {
                    name: name.clone(),
                    aliases: Vec::new(),
                    plan: case.row.plan.id.clone(),
                    emergency: false,
                };
                self.units.insert(name.clone(), UnitDesk::new(unit, case.row.plan.clone()));
            }
            self.set_timer(id, next_due(&case));
            if let Some(desk) = self.units.get_mut(&name) {
                match case.row.is_withdrawn() {
                    true => desk.keep_apart(case),
                    false => desk.restore(case, cores.remove(&id).unwrap_or_default()),
                }
            }
        }
    }

    /// Takes rows for members, in their order.
    fn with_prints(&self, mut rows: Vec<Stored>) -> Vec<Taken> {
        let take = |(row, looks): Stored| {
            let prints = if row.is_core() { self.prints(&row) } else { Vec::new() };
            (Box::new(Member::restored(row, &looks)), prints)
        };
        let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads = processors.min(MOST_THREADS).min(rows.len() / A_SHARE);
        if threads < 2 {
            return rows.into_iter().map(take).collect();
        }
        let share = rows.len().div_ceil(threads);
        let mut shares = Vec::new();
        while rows.len() > share {
            shares.push(rows.split_off(rows.len() - share));
        }
        shares.push(rows);
        let take = &take;
        thread::scope(|scope| {
            let running: Vec<_> = shares
                .into_iter()
                .rev()
                .map(|share| scope.spawn(move || share.into_iter().map(take).collect::<Vec<Taken>>()))
                .collect();
            let done = running.into_iter().map(|one| match one.join() {
                Ok(taken) => taken,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            done.flatten().collect()
        })
    }

    fn prints(&self, row: &PostRow) -> Vec<Fingerprint> {
        match self.units.get(&row.unit) {
            Some(desk) => desk.core_prints(row),
            None => {
                let names = std::iter::once(&row.unit).chain(&row.surfaces);
                core_prints(row, &names.map(String::as_str).collect::<Vec<_>>())
            }
        }
    }
}

/// Puts members into their incidents; answers with the cores of each.
fn put_in(
    members: Vec<Taken>,
    cases: &mut BTreeMap<IncidentId, Case>,
) -> BTreeMap<IncidentId, Vec<Fingerprint>> {
    let mut cores: BTreeMap<IncidentId, Vec<Fingerprint>> = BTreeMap::new();
    let mut members = members.into_iter().peekable();
    while let Some((first, prints)) = members.next() {
        let id = first.row.incident;
        let mut part = vec![(first, prints)];
        while let Some(next) = members.next_if(|(member, _)| member.row.incident == id) {
            part.push(next);
        }
        part.sort_by(|(a, _), (b, _)| a.key().cmp(b.key()));
        let Some(case) = cases.get_mut(&id) else { continue };
        for (member, prints) in &mut part {
            case.direct.extend(member.row.notify.iter().cloned());
            case.seen_at = case.seen_at.max(Some(member.row.last_seen_at));
            if !prints.is_empty() {
                cores.entry(id).or_default().append(prints);
            }
        }
        case.members.extend(part.into_iter().map(|(member, _)| member));
    }
    cores
}
