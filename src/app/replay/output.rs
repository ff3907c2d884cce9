//! What a replay prints: one object a happening, with documented, stable names.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz};
use serde::Serialize;

use super::{Options, is_told, last_asked};
use crate::{
    desk::Change,
    locale::reason_line,
    model::{
        Deadline, DeadlineState, Heat, Incident, IncidentId, IncidentState, Notice, NoticeState, Plan, Reason,
    },
};

/// One printed line. `null` where a field does not apply; further fields may be added, none is renamed.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Printed {
    /// When, RFC 3339 with +08:00.
    pub at: String,
    /// `tier`, `notice`, `deadline`, `merge`, or `refused` for an event line that could not be done.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Number of the incident.
    pub incident: Option<u64>,
    /// Id of the tier that holds.
    pub tier: Option<String>,
    /// Tier before, or the incident that was merged away.
    pub from: Option<String>,
    /// Tier after, or the incident that it was merged into.
    pub to: Option<String>,
    /// Who is told.
    pub recipient: Option<String>,
    /// By what.
    pub channel: Option<&'static str>,
    /// Step of the reporting line from 1, for notices and `acknowledge` deadlines.
    pub step: Option<usize>,
    /// When it must be done, RFC 3339 with +08:00.
    pub due_at: Option<String>,
    /// Why, in one line.
    pub reason: Option<String>,
    /// Views in the last 24 h; `null` unknown.
    pub daily_views: Option<u64>,
    /// Reposts of roots; `null` unknown.
    pub reposts: Option<u64>,
    /// Number of sites.
    pub sites: Option<usize>,
    /// Which figures are not, or not wholly, known: `views`, `reposts`.
    pub unknown: Vec<&'static str>,
    /// The part of `daily_views` that is an estimate.
    pub estimated: Option<u64>,
    /// Kind of notice (`alert`, `rise`, `escalation`, `digest`…) or deadline (`report`, `acknowledge`,
    /// `response`).
    pub what: Option<&'static str>,
    /// Where a deadline or incident stands: `running`, `met`, `overdue`, `ended`; `open`, `reopened`, `closed`.
    pub state: Option<String>,
    /// Name of the reporting line.
    pub line: Option<String>,
}

impl Printed {
    pub(super) fn refused(at: Timestamp, why: &str) -> Self {
        Self { at: shown(at), kind: "refused", reason: Some(why.to_owned()), ..Self::default() }
    }

    fn with_heat(mut self, heat: &Heat) -> Self {
        self.daily_views = heat.daily_views;
        self.reposts = heat.reposts;
        self.sites = Some(heat.sites.len());
        self.estimated = Some(heat.estimated_views);
        if heat.daily_views.is_none() || heat.views_unknown > 0 {
            self.unknown.push("views");
        }
        if heat.reposts_unknown > 0 {
            self.unknown.push("reposts");
        }
        self
    }
}

/// An instant as it is printed.
fn shown(at: Timestamp) -> String {
    let local = at.to_zoned(tz::TimeZone::fixed(tz::offset(8)));
    local.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string()
}

/// What is known of incidents and deadlines so far, so that only what changed is printed.
#[derive(Debug, Default)]
pub(super) struct Known {
    incidents: BTreeMap<IncidentId, Incident>,
    deadlines: BTreeMap<String, Deadline>,
    notices: BTreeMap<IncidentId, Vec<Notice>>,
}

impl Known {
    pub(super) fn print(
        &mut self,
        changes: &[Change],
        now: Timestamp,
        options: &Options,
        print: &mut dyn FnMut(Printed),
    ) {
        // The incident's row comes last in a batch; its tier line reads better before what it caused.
        for change in changes {
            if let Change::Incident(row) = change {
                let why = changes.iter().find_map(|change| match change {
                    Change::Entry(entry) if entry.kind == "merged" && entry.incident == Some(row.id) => {
                        Some(entry.text.clone())
                    }
                    _ => None,
                });
                self.incident(row, why, now, options, print);
            }
        }
        for change in changes {
            match change {
                Change::Deadline(deadline) => self.deadline(deadline, now, options, print),
                Change::Notice(notice) => self.notice(notice, now, options, print),
                _ => {}
            }
        }
    }

    fn incident(
        &mut self,
        row: &Incident,
        merged: Option<String>,
        now: Timestamp,
        options: &Options,
        print: &mut dyn FnMut(Printed),
    ) {
        let before = self.incidents.insert(row.id, row.clone());
        let line = Printed {
            at: shown(now),
            kind: "tier",
            incident: Some(row.id.0),
            tier: Some(tier_id(&row.plan, row.rank)),
            ..Printed::default()
        };
        if let (IncidentState::Merged, Some(into)) = (row.state, row.merged_into) {
            print(Printed {
                kind: "merge",
                from: Some(row.id.to_string()),
                to: Some(into.to_string()),
                reason: merged,
                ..line
            });
            return;
        }
        let earlier = before.as_ref().filter(|before| is_told(before.state));
        let changed =
            earlier.is_none_or(|b| b.rank != row.rank || b.state != row.state || b.epoch != row.epoch);
        if !is_told(row.state) || !changed {
            return;
        }
        let reopened = earlier.is_some_and(|b| b.reopened != row.reopened);
        let state = match row.state {
            IncidentState::Closed => "closed",
            _ if reopened => "reopened",
            _ => "open",
        };
        print(
            Printed {
                from: earlier.filter(|_| !reopened).map(|b| tier_id(&b.plan, b.rank)),
                to: Some(tier_id(&row.plan, row.rank)),
                reason: Some(said(&row.reason, options)),
                state: Some(state.to_owned()),
                ..line
            }
            .with_heat(&row.heat),
        );
    }

    fn deadline(
        &mut self,
        row: &Deadline,
        now: Timestamp,
        options: &Options,
        print: &mut dyn FnMut(Printed),
    ) {
        let before = self.deadlines.insert(row.key.clone(), row.clone());
        if before.is_some_and(|before| before.state == row.state && before.due_at == row.due_at) {
            return;
        }
        let (state, why) = match &row.state {
            DeadlineState::Running => ("running", None),
            DeadlineState::Met { at } if *at > row.due_at => ("met", Some("late".to_owned())),
            DeadlineState::Met { .. } => ("met", None),
            DeadlineState::Overdue => ("overdue", None),
            DeadlineState::Ended { why } => ("ended", Some(why.clone())),
        };
        let about = why.map_or_else(|| state.to_owned(), |why| format!("{state}: {why}"));
        print(Printed {
            at: shown(now),
            kind: "deadline",
            incident: Some(row.incident.0),
            tier: Some(tier_id(&options.plan, row.rank)),
            step: row.line.as_ref().map(|_| row.step + 1),
            due_at: Some(shown(row.due_at)),
            reason: Some(match &row.name {
                Some(name) => format!("{} {name} {about}", row.kind.id()),
                None => format!("{} {about}", row.kind.id()),
            }),
            what: Some(row.kind.id()),
            state: Some(state.to_owned()),
            line: row.line.clone(),
            ..Printed::default()
        });
    }

    fn notice(&mut self, row: &Notice, now: Timestamp, options: &Options, print: &mut dyn FnMut(Printed)) {
        if let Some(incident) = row.incident.filter(|_| row.state == NoticeState::Pending) {
            self.notices.entry(incident).or_default().push(row.clone());
        }
        if !matches!(row.state, NoticeState::Pending | NoticeState::Shown) {
            return;
        }
        let reason = row.facts.reason.as_ref();
        let said = reason.map(|reason| said(reason, options));
        let note = Some(row.facts.note.clone()).filter(|note| !note.is_empty());
        let line = Printed {
            at: shown(now),
            kind: "notice",
            incident: row.incident.map(|id| id.0),
            tier: row.incident.map(|_| tier_id(&options.plan, row.rank)),
            recipient: Some(row.contact.clone()),
            channel: Some(row.channel.id()),
            step: row.facts.step,
            due_at: Some(shown(row.due_at)),
            reason: match (said, note) {
                (None, _) if !row.facts.digest.is_empty() => Some(digest_line(row)),
                (Some(said), Some(note)) => Some(format!("{note}；{said}")),
                (said, note) => said.or(note),
            },
            what: Some(row.kind.id()),
            line: row.facts.line.clone(),
            ..Printed::default()
        };
        print(match reason {
            Some(reason) => line.with_heat(&reason.heat),
            None => line,
        });
    }

    /// Whether an incident of this number was ever heard of.
    pub(super) fn has(&self, id: IncidentId) -> bool {
        self.incidents.contains_key(&id)
    }

    /// The contact that an `ack` line means: the named one when the plan knows it, else who was asked last.
    pub(super) fn contact_for(&self, incident: IncidentId, by: Option<&str>) -> String {
        let asked = self.notices.get(&incident).map_or(&[][..], Vec::as_slice);
        let row = self.incidents.get(&incident);
        let known = row.is_some_and(|row| by.is_some_and(|by| row.plan.contacts().contains(by)));
        match by {
            Some(by) if known => by.to_owned(),
            by => row
                .and_then(|row| last_asked(asked, &row.plan))
                .map_or_else(|| by.unwrap_or_default().to_owned(), |notice| notice.contact.clone()),
        }
    }
}

fn digest_line(row: &Notice) -> String {
    let named: Vec<_> =
        row.facts.digest.iter().take(10).map(|line| format!("#{} {}", line.incident, line.gist)).collect();
    let more = if row.facts.digest.len() > 10 { "…" } else { "" };
    format!("{} 条: {}{more}", row.facts.in_digest(), named.join("；"))
}

fn tier_id(plan: &Plan, rank: usize) -> String {
    plan.tier(rank).id.clone()
}

fn said(reason: &Reason, options: &Options) -> String {
    let zone = tz::TimeZone::get(&options.plan.zone).unwrap_or_else(|_| tz::TimeZone::fixed(tz::offset(8)));
    reason_line(reason, options.locale, &zone)
}
