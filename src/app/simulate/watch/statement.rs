//! Where posts belong and which tier their statement has, by a count that shares nothing with the desk's.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;

use super::{Broken, Checked, Watch};
use crate::{
    app::simulate::naive::{Followed, Turn},
    desk::Change,
    model::{Act, IncidentId, IncidentState, Mention, Post, PostRow},
};

impl Watch {
    /// Who confirms is written down, at the tier that was told him.
    pub(super) fn confirmation_is_kept(&self, act: &Act, now: Timestamp) -> Checked {
        let Act::Acknowledge { incident, contact, rank, .. } = act else { return Ok(()) };
        let Some(row) = self.incidents.get(&self.survivor(*incident)) else { return Ok(()) };
        let rank = rank.unwrap_or(row.rank).min(row.rank);
        if row.acks.iter().any(|ack| ack.contact == *contact && ack.rank >= rank) {
            return Ok(());
        }
        let what = format!("incident {}: {contact} confirmed and it is not known", row.id);
        Err(Broken { invariant: "a confirmation is kept", at: now, what })
    }

    /// What a person decided, as the naive count must know it.
    pub(super) fn decided(&mut self, act: &Act, now: Timestamp) {
        match act {
            Act::Override { incident, .. } => {
                let id = self.survivor(*incident);
                let machine = self.naive.machine(id, &self.naive.count(id, now));
                if let (Some(case), Some(row)) = (self.naive.incidents.get_mut(&id), self.incidents.get(&id))
                {
                    let decided = row.overridden.as_ref().map_or(row.rank, |one| one.rank);
                    case.overridden = Some((decided, machine));
                    case.rank = decided;
                }
            }
            Act::Close { incident, .. } => {
                let id = self.survivor(*incident);
                self.naive.close(id, now);
            }
            _ => {}
        }
    }

    pub(in crate::app::simulate) fn survivor(&self, mut id: IncidentId) -> IncidentId {
        while let Some(next) = self.incidents.get(&id).and_then(|row| row.merged_into) {
            id = next;
        }
        id
    }

    /// Whether a post, or what it reposts, is a member of something live.
    fn knows(&self, unit: &str, post: &Post) -> bool {
        let of = post.repost_of.as_ref().and_then(|of| of.key.as_ref());
        let mut keys = std::iter::once(&post.key).chain(of);
        keys.any(|key| self.naive.posts.contains_key(&(unit.to_owned(), key.clone())))
    }

    /// A post that meets nothing is let pass by: it must concern nobody.
    ///
    /// # Errors
    /// It does.
    pub fn passed_over(&self, mention: &Mention, now: Timestamp) -> Checked {
        match self.setup.units.iter().find(|(unit, _)| self.knows(&unit.name, &mention.post)) {
            Some((unit, _)) => {
                let what = format!("{} is known at {} and was passed over", mention.post.key, unit.name);
                Err(Broken { invariant: "no mention is lost", at: now, what })
            }
            None => Ok(()),
        }
    }

    /// A look: where it went, and what tier the statement has now.
    pub(super) fn looked(
        &mut self,
        mention: &Mention,
        story: (usize, bool),
        now: Timestamp,
        changes: &[Change],
    ) -> Checked {
        let moved = changes
            .iter()
            .any(|change| matches!(change, Change::Incident(row) if row.state == IncidentState::Merged));
        let units: Vec<String> = self.setup.units.iter().map(|(unit, _)| unit.name.clone()).collect();
        for unit in units {
            let met = mention.hits.iter().any(|hit| hit.unit == unit);
            let must = met || self.knows(&unit, &mention.post);
            let embedded = mention.post.repost_of.as_ref().and_then(|of| of.embedded.as_deref());
            let own = (&mention.post, &mention.counters);
            let looks: Vec<(&Post, _)> =
                embedded.map(|one| (&one.post, &one.counters)).into_iter().chain([own]).collect();
            let mut touched = BTreeSet::new();
            for (post, counters) in looks {
                let taken = |change: &Change| matches!(change, Change::Post(row) if row.unit == unit && row.post.key == post.key);
                let row = self.posts.get(&(unit.clone(), post.key.clone())).cloned();
                let Some(row) = row.filter(|_| changes.iter().any(taken)) else {
                    if met || must && post.key == mention.post.key {
                        let what = format!("a post that concerns {unit} was not taken: {}", post.key);
                        return Err(Broken { invariant: "no mention is lost", at: now, what });
                    }
                    continue;
                };
                let heard = self.heard.contains(&(unit.clone(), story.0));
                if !must && !heard {
                    let what = format!("{} concerns nobody at {unit} and was taken", post.key);
                    return Err(Broken { invariant: "what concerns nobody goes nowhere", at: now, what });
                }
                self.heard.insert((unit.clone(), story.0));
                self.home(&row, story, now)?;
                self.naive.look(&row, mention, post, counters);
                touched.insert(row.incident);
            }
            for id in touched {
                if moved {
                    self.rebase(id);
                } else {
                    self.compare(id, now, changes)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn home(&mut self, row: &PostRow, (story, free): (usize, bool), now: Timestamp) -> Checked {
        let id = row.incident;
        if !self.naive.incidents.contains_key(&id) {
            let current = self.setup.units.iter().find(|(unit, _)| unit.name == row.unit);
            let Some(plan) = current.map(|(_, plan)| Arc::clone(plan)) else { return Ok(()) };
            let fresh = Followed {
                plan,
                state: IncidentState::Dormant,
                rank: 0,
                closed_at: None,
                at_least: None,
                overridden: None,
                touched: free,
            };
            self.naive.incidents.insert(id, fresh);
        }
        // A repost seen before its original stands alone until that comes.
        let of = row.post.repost_of.as_ref().and_then(|of| of.key.clone());
        let alone = of.is_some_and(|of| !self.posts.contains_key(&(row.unit.clone(), of)));
        if free || alone {
            return Ok(());
        }
        let key = (row.unit.clone(), story);
        let touched = |id: &IncidentId| self.naive.incidents.get(id).is_some_and(|case| case.touched);
        match self.homes.get(&key) {
            Some(home) if *home == id || touched(home) || touched(&id) => {}
            Some(home) => {
                let what = format!("story {story}: {} is in incident {id}, not {home}", row.post.key);
                return Err(Broken { invariant: "one statement is one incident", at: now, what });
            }
            None if self.homes.values().any(|home| *home == id) && !touched(&id) => {
                let what = format!("story {story}: {} joined incident {id} of another story", row.post.key);
                return Err(Broken { invariant: "one statement is one incident", at: now, what });
            }
            None => drop(self.homes.insert(key, id)),
        }
        Ok(())
    }

    pub(super) fn compare(&mut self, id: IncidentId, now: Timestamp, changes: &[Change]) -> Checked {
        let turn = self.naive.grade(id, now);
        self.graded += 1;
        let (Some(row), Some(case)) = (self.incidents.get(&id), self.naive.incidents.get(&id)) else {
            let what = format!("incident {id} has no row");
            return Err(Broken { invariant: "tiers are those of a naive count", at: now, what });
        };
        let same = row.state == case.state && (row.state != IncidentState::Open || row.rank == case.rank);
        if !same {
            let what = format!(
                "incident {id} is {:?} {}, the count says {:?} {}: {:?}; {:?}",
                row.state,
                row.rank,
                case.state,
                case.rank,
                self.naive.count(id, now),
                row.heat
            );
            return Err(Broken { invariant: "tiers are those of a naive count", at: now, what });
        }
        match turn {
            Turn::To(rank) => self.opened(id, rank, now, changes),
            Turn::Nothing => Ok(()),
        }
    }

    /// After people's decisions, the row is where the count goes on.
    pub(super) fn rebase(&mut self, id: IncidentId) {
        if let (Some(row), Some(case)) = (self.incidents.get(&id), self.naive.incidents.get_mut(&id)) {
            case.touched = true;
            (case.state, case.rank, case.closed_at) = (row.state, row.rank, row.closed_at);
            case.at_least = row.at_least.as_ref().map(|one| one.0);
            case.overridden = row.overridden.as_ref().map(|one| (one.rank, one.machine_rank));
        }
    }

    /// Follows merges, splits and archives.
    pub(super) fn moved(&mut self, now: Timestamp, changes: &[Change]) {
        let mut again = BTreeSet::new();
        for change in changes {
            match change {
                Change::Post(row) => {
                    let known = self.naive.posts.get_mut(&(row.unit.clone(), row.post.key.clone()));
                    if let Some(known) = known.filter(|known| known.incident != row.incident) {
                        again.extend([known.incident, row.incident]);
                        known.incident = row.incident;
                        known.take_role(row.role);
                        if !self.naive.incidents.contains_key(&row.incident)
                            && let Some(incident) = self.incidents.get(&row.incident)
                        {
                            let fresh = Followed {
                                plan: Arc::clone(&incident.plan),
                                state: incident.state,
                                rank: incident.rank,
                                closed_at: incident.closed_at,
                                at_least: None,
                                overridden: None,
                                touched: true,
                            };
                            self.naive.incidents.insert(row.incident, fresh);
                        }
                    }
                }
                Change::Incident(row) if row.state == IncidentState::Merged => {
                    again.extend([row.id]);
                    again.extend(row.merged_into);
                    for home in self.homes.values_mut().filter(|home| **home == row.id) {
                        *home = row.merged_into.unwrap_or(row.id);
                    }
                }
                Change::Incident(row) if row.state == IncidentState::Archived => {
                    self.naive.incidents.remove(&row.id);
                    self.naive.posts.retain(|_, post| post.incident != row.id);
                    self.homes.retain(|_, home| *home != row.id);
                }
                _ => {}
            }
        }
        let _ = now;
        for id in again {
            self.rebase(id);
        }
    }
}
