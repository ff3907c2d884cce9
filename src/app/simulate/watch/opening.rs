//! What a tier owes when it begins: who must hear of it and until when, and which limits must run.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{Broken, Checked, Taken, Watch, notice::ways};
use crate::{
    app::simulate::naive,
    desk::{Change, Input},
    model::{
        Base, ChannelKind, Deadline, DeadlineKind, DeadlineState, Incident, IncidentId, IncidentState,
        NoticeKind, Plan, Reckoning, Silence, TierRule,
    },
};

/// Somebody who must be told by an instant.
#[derive(Debug, Clone)]
pub(super) struct Owed {
    incident: IncidentId,
    graded_at: Timestamp,
    since: Timestamp,
    by: Timestamp,
    kinds: &'static [NoticeKind],
    channel: ChannelKind,
    address: String,
    name: String,
    /// Quiet hours in which a silence ended have been allowed for.
    slept: bool,
}

const OPENING: &[NoticeKind] =
    &[NoticeKind::Alert, NoticeKind::Rise, NoticeKind::Reopened, NoticeKind::Worsened];

impl Watch {
    /// The silence that holds an incident back.
    pub(super) fn silenced(&self, row: &Incident, now: Timestamp) -> Option<Timestamp> {
        let over = |silence: &&Silence| {
            silence.unit == row.unit
                && silence.from <= now
                && now < silence.until
                && row.rank <= silence.up_to_rank
                && silence.group.as_ref().is_none_or(|group| row.groups.iter().all(|one| one == group))
        };
        self.silences.iter().filter(over).map(|silence| silence.until).max()
    }

    /// A tier began: who must hear of it, and which limits must run.
    pub(super) fn opened(
        &mut self,
        id: IncidentId,
        rank: usize,
        now: Timestamp,
        changes: &[Change],
    ) -> Checked {
        let Some(row) = self.incidents.get(&id).cloned() else { return Ok(()) };
        let Some(plan) = self.naive.incidents.get(&id).map(|case| Arc::clone(&case.plan)) else {
            return Ok(());
        };
        let Some(tier) = plan.tiers.iter().find(|tier| tier.rank == rank) else { return Ok(()) };
        if !tier.telling.alerts() {
            return Ok(());
        }
        let silent = self.silenced(&row, now);
        let night = quiet_ends(&plan, tier, now);
        let by = silent.or(night).unwrap_or(now);
        let first = tier.lines.iter().filter_map(|line| line.steps.first()).flatten();
        let first = first.map(|name| (name, OPENING));
        let copies = tier.copies.iter().map(|name| (name, &[NoticeKind::Copy][..]));
        for (name, kinds) in first.chain(copies) {
            let Some(contact) = self.reach(name, by) else { continue };
            for (channel, address) in ways(contact, tier) {
                self.owed.push(Owed {
                    incident: id,
                    graded_at: row.graded_at,
                    since: now,
                    by,
                    kinds,
                    channel,
                    address,
                    name: name.clone(),
                    slept: silent.is_none(),
                });
            }
        }
        if silent.is_some() {
            return Ok(());
        }
        let begins = night.unwrap_or(now);
        let mut limits = Vec::new();
        if let Some(report) = tier.report {
            limits.push((DeadlineKind::Report, None, now + report));
        }
        if let Some(acknowledge) = tier.acknowledge {
            for line in &tier.lines {
                let wait = line.waits.first().copied().flatten().unwrap_or(acknowledge);
                limits.push((DeadlineKind::Acknowledge, Some(line.name.clone()), begins + wait));
            }
        }
        for (kind, line, due) in limits {
            let runs = |change: &Change| {
                matches!(change, Change::Deadline(d) if d.incident == id && d.kind == kind && d.line == line
                    && d.rank == rank && d.due_at == due)
            };
            if !changes.iter().any(runs) {
                let what = format!("incident {id} opened at {rank}, no {kind:?} of {line:?} due at {due}");
                return Err(Broken { invariant: "no deadline is forgotten", at: now, what });
            }
        }
        self.response_runs(&row, tier, now)
    }

    /// The public answer is due when the plan says, or when it was before.
    pub(super) fn response_runs(&self, row: &Incident, tier: &TierRule, now: Timestamp) -> Checked {
        let Some(limit) = tier.response.filter(|_| row.responded_at.is_none()) else { return Ok(()) };
        let members = self.naive.posts.values().filter(|post| post.incident == row.id);
        let (detected, published) = naive::origin(members, row.detected_at);
        let origin = |at| if row.reopened > 0 { now } else { at };
        let base = match limit.from {
            Base::Published => origin(published.unwrap_or(detected)),
            Base::Detected => origin(detected),
            Base::Graded => now,
            Base::Told | Base::Acknowledged | Base::Responded | Base::Closed => return Ok(()),
        };
        let due = match limit.reckoning {
            Reckoning::Calendar => base + limit.within,
            Reckoning::Working | Reckoning::SameDay => return Ok(()),
        };
        let found = self.deadlines.values().find(|d| {
            d.incident == row.id && d.kind == DeadlineKind::Response && d.is_open() && d.due_at <= due
        });
        let earlier = |d: &Deadline| {
            let of = d.incident == row.id && d.kind == DeadlineKind::Response && d.due_at < due;
            of && matches!(&d.state, DeadlineState::Ended { why } if why == "superseded")
        };
        match found {
            Some(found) if found.due_at == due || self.deadlines.values().any(earlier) => Ok(()),
            found => {
                let what = format!("incident {}: the answer is due at {due}, found {found:?}", row.id);
                Err(Broken { invariant: "no deadline is forgotten", at: now, what })
            }
        }
    }

    pub(super) fn everybody_owed_is_told(&mut self, taken: &Taken) -> Checked {
        let now = taken.now;
        let mut broken = None;
        let mut owed = std::mem::take(&mut self.owed);
        owed.retain_mut(|one| {
            let Some(row) = self.incidents.get(&one.incident) else { return false };
            let stands = row.state == IncidentState::Open && row.graded_at == one.graded_at;
            if !stands {
                return false;
            }
            let ids = self.told.get(&one.incident).into_iter().flatten();
            let told = ids.filter_map(|id| self.notices.get(id)).any(|notice| {
                one.kinds.contains(&notice.kind)
                    && notice.channel == one.channel
                    && notice.created_at >= one.since
                    && (notice.address == one.address || (one.by > one.since && notice.contact == one.name))
            });
            if told {
                return false;
            }
            if let Some(until) = self.silenced(row, now) {
                // Another silence has begun meanwhile.
                one.by = one.by.max(until);
                return true;
            }
            if !one.slept && one.by <= now && row.held.is_none() {
                // The silence ended in quiet hours: these hold back once more.
                one.slept = true;
                let tier = row.plan.tiers.iter().find(|tier| tier.rank == row.rank);
                if let Some(wakes) = tier.and_then(|tier| quiet_ends(&row.plan, tier, now)) {
                    one.by = wakes;
                    return true;
                }
            }
            let ticked = taken.input == Input::Tick || one.by == one.since;
            if row.held.is_none() && ticked && one.by <= now && broken.is_none() {
                let what = format!("incident {}: {} ({}) is not told", one.incident, one.name, one.address);
                broken = Some(Broken { invariant: "no due notice is lost", at: now, what });
            }
            if row.held.is_some() && ticked && one.by < now && broken.is_none() {
                let what = format!("incident {}: {} is held back beyond {}", one.incident, one.name, one.by);
                broken = Some(Broken { invariant: "no due notice is lost", at: now, what });
            }
            true
        });
        self.owed = owed;
        broken.map_or(Ok(()), Err)
    }
}

/// When quiet hours let a notice of `now` go; `None` when they do not hold.
fn quiet_ends(plan: &Plan, tier: &TierRule, now: Timestamp) -> Option<Timestamp> {
    let (from, to) = tier.quiet?;
    let zone = TimeZone::get(&plan.zone).ok()?;
    let clock = |time: jiff::civil::Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
    let local = now.to_zoned(zone.clone());
    let minute = clock(local.time());
    let (from, to_minute) = (clock(from), clock(to));
    let inside = if from > to_minute {
        minute >= from || minute < to_minute
    } else {
        (from..to_minute).contains(&minute)
    };
    if !inside {
        return None;
    }
    let mut ends = local.date().to_datetime(to).to_zoned(zone).ok()?.timestamp();
    while ends <= now {
        ends += SignedDuration::from_hours(24);
    }
    let latest = now + tier.report.unwrap_or(SignedDuration::from_mins(15)) * 3 / 4;
    Some(ends.min(latest))
}
