//! Limits: none is forgotten, what follows from one that has passed is said with its true lateness and gravest
//! first, and a chain never falls silent.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Broken, Checked, Watch, notice::ways};
use crate::{
    desk::Change,
    model::{Deadline, DeadlineKind, DeadlineState, Incident, IncidentId, IncidentState, Notice, NoticeKind},
};

impl Watch {
    /// A limit has passed: what follows from it, said with its true lateness.
    pub(super) fn fell_due(&self, deadline: &Deadline, now: Timestamp, changes: &[Change]) -> Checked {
        let broken = |invariant, what| Err(Broken { invariant, at: now, what });
        if deadline.due_at > now {
            return broken("no deadline falls due early", format!("{} at {}", deadline.key, deadline.due_at));
        }
        let Some(row) = self.incidents.get(&deadline.incident) else { return Ok(()) };
        let Some(case) = self.naive.incidents.get(&deadline.incident) else { return Ok(()) };
        let Some(tier) = case.plan.tiers.iter().find(|tier| tier.rank == row.rank) else { return Ok(()) };
        let minutes = now.duration_since(deadline.due_at).as_mins();
        let true_lateness = |notice: &Notice| match minutes {
            0 => !notice.facts.note.contains("逾期"),
            _ => notice.facts.note.contains(&format!("已逾期 {minutes} 分钟")),
        };
        let new = |kind| {
            changes.iter().filter_map(move |change| match change {
                Change::Notice(notice) if notice.kind == kind && notice.created_at == now => Some(&**notice),
                _ => None,
            })
        };
        let of_this = |notice: &&Notice| notice.incident == Some(deadline.incident);
        if deadline.kind != DeadlineKind::Acknowledge {
            for name in &case.plan.administrators {
                let Some(contact) = self.reach(name, now) else { continue };
                for (channel, address) in ways(contact, tier) {
                    let told = |notice: &Notice| notice.channel == channel && notice.address == address;
                    if !new(NoticeKind::Overdue).filter(of_this).any(|one| told(one) && true_lateness(one)) {
                        let what =
                            format!("{} passed {minutes} min ago, {name} is not told so", deadline.key);
                        return broken("what is overdue is told with its true lateness", what);
                    }
                }
            }
            return Ok(());
        }
        let Some(line) = tier.lines.iter().find(|line| Some(&line.name) == deadline.line.as_ref()) else {
            return Ok(());
        };
        let step = if deadline.step + 1 < line.steps.len() { deadline.step + 1 } else { 0 };
        let wait = line.waits.get(step).copied().flatten().or(tier.acknowledge);
        let wait = wait.unwrap_or(SignedDuration::from_mins(15));
        let goes_on = changes.iter().any(|change| {
            matches!(change, Change::Deadline(d) if d.kind == DeadlineKind::Acknowledge
                && d.incident == deadline.incident && d.line == deadline.line && d.step == step
                && d.due_at == now + wait && d.state == DeadlineState::Running)
        });
        if !goes_on {
            return broken(
                "a chain never falls silent",
                format!("{}: step {step} has no time", deadline.key),
            );
        }
        for name in line.steps.get(step).into_iter().flatten() {
            let Some(contact) = self.reach(name, now) else { continue };
            for (channel, address) in ways(contact, tier) {
                let told = |notice: &Notice| {
                    notice.kind == NoticeKind::Escalation
                        && notice.channel == channel
                        && notice.address == address
                        // Two lines that come to a step at one instant share a mailbox's mail, each with its own limit.
                        && (notice.created_at < now
                            || true_lateness(notice)
                            || notice.facts.line != deadline.line)
                };
                let ids = self.told.get(&deadline.incident).into_iter().flatten();
                let mut all = ids.filter_map(|id| self.notices.get(id));
                if !all.any(|notice| told(notice) && same_step(notice, row, step)) {
                    let what = format!("{}: {name} ({address}) of step {step} is not told", deadline.key);
                    return broken("no due notice is lost", what);
                }
            }
        }
        Ok(())
    }

    /// Once the desk is due no more, nothing is past that still counts as running.
    ///
    /// # Errors
    /// The limit that is.
    pub fn nothing_is_forgotten(&self, now: Timestamp) -> Checked {
        match self.running.first().filter(|(due, _)| *due <= now) {
            Some((due, key)) => Err(Broken {
                invariant: "no deadline is forgotten",
                at: now,
                what: format!("{key} was due at {due}"),
            }),
            None => Ok(()),
        }
    }

    /// While nobody of a line has confirmed, its chain has a next time.
    pub(super) fn chains_go_on(&self, now: Timestamp, changes: &[Change]) -> Checked {
        let touched: BTreeSet<IncidentId> = changes
            .iter()
            .filter_map(|change| match change {
                Change::Incident(row) => Some(row.id),
                Change::Deadline(row) => Some(row.incident),
                _ => None,
            })
            .collect();
        for id in touched {
            let Some(row) = self.incidents.get(&id) else { continue };
            let Some(case) = self.naive.incidents.get(&id) else { continue };
            let Some(tier) = case.plan.tiers.iter().find(|tier| tier.rank == row.rank) else { continue };
            let alerts = tier.telling.alerts() && tier.acknowledge.is_some();
            if row.state != IncidentState::Open || !alerts || row.held.is_some() || row.told_rank.is_none() {
                continue;
            }
            for line in tier.lines.iter().filter(|_| row.overridden.is_none() && !case.touched) {
                let confirmed = row.acks.iter().any(|ack| {
                    ack.rank >= row.rank && line.steps.iter().flatten().any(|name| *name == ack.contact)
                });
                let prefix = format!("{id}/");
                let runs =
                    self.deadlines.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
                let mut runs = runs.filter(|(_, d)| d.kind == DeadlineKind::Acknowledge);
                let goes_on = runs
                    .any(|(_, d)| d.line.as_ref() == Some(&line.name) && d.state == DeadlineState::Running);
                if !confirmed && !goes_on {
                    let what =
                        format!("incident {id}, line {}: nobody confirmed and nothing runs", line.name);
                    return Err(Broken { invariant: "a chain never falls silent", at: now, what });
                }
            }
        }
        Ok(())
    }
}

fn same_step(notice: &Notice, row: &Incident, step: usize) -> bool {
    let mut parts = notice.id.0.split('/');
    let epoch = parts.nth(1).is_some_and(|epoch| epoch == row.epoch.to_string());
    epoch && parts.nth(1).is_some_and(|place| place.ends_with(&format!(".{step}")))
}

/// What one tick lets fall due comes out gravest first; then, gravest first again, what a silence that ends then had
/// held back.
pub(super) fn gravest_first(
    ranks: &BTreeMap<IncidentId, usize>,
    now: Timestamp,
    changes: &[Change],
) -> Checked {
    let (mut least, mut held_back) = (usize::MAX, false);
    for change in changes {
        if matches!(change, Change::Entry(entry) if entry.kind == "silence_ended") && !held_back {
            (least, held_back) = (usize::MAX, true);
        }
        let Change::Notice(notice) = change else { continue };
        if notice.created_at != now || !matches!(notice.kind, NoticeKind::Escalation | NoticeKind::Overdue) {
            continue;
        }
        let Some(rank) = notice.incident.and_then(|id| ranks.get(&id)) else { continue };
        if *rank > least {
            let what = format!("{} comes after one of a lower tier", notice.id);
            return Err(Broken { invariant: "what fell due is told gravest first", at: now, what });
        }
        least = *rank;
    }
    Ok(())
}
