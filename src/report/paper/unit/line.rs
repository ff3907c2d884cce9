//! A case on one line of a paper: with what it was late, with what it still owes, as it stands open, or as a digest told of it.

use serde::Serialize;

use crate::{
    locale::{When, grouped, words as catalogue},
    model::{Deadline, DeadlineKind, DigestLine, Incident, IncidentState},
    report::{
        timeliness::{CaseTimes, Limit, Verdict, verdicts},
        words,
    },
    store::Case,
    text::{beginning, clean},
};

/// Characters of what a case is about.
const GIST: usize = 60;

/// A case on one line.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CaseLine {
    /// Its number.
    pub id: u64,
    /// The unit.
    pub unit: String,
    /// What it is about.
    pub gist: String,
    /// Tier.
    pub tier: String,
    /// First sight.
    pub detected: String,
    /// Views in 24 h, in words.
    pub views: String,
    /// Reposts.
    pub reposts: String,
    /// Posts.
    pub posts: u64,
    /// Sites.
    pub sites: usize,
    /// Keyword groups.
    pub groups: String,
    /// State of the incident, and of the case.
    pub state: String,
    /// Who leads.
    pub lead: String,
    /// Limits that were not met in time; empty when all were.
    pub late: String,
    /// The nearest limit that is owed, with its due time; empty when none is.
    pub next: String,
}

impl CaseLine {
    pub(super) fn of(case: &Case, when: &When) -> Self {
        let times = CaseTimes::of(case, when.now);
        let late = words::late(&times.limits, when).join(when.locale.pick("；", "; "));
        Self { late, ..Self::open(&case.incident, &case.deadlines, when) }
    }

    /// The same with only what is still owed.
    pub(super) fn owing(case: &Case, when: &When) -> Self {
        let late = words::late(&missed(case, when), when).join(when.locale.pick("；", "; "));
        Self { late, ..Self::open(&case.incident, &case.deadlines, when) }
    }

    pub(super) fn of_digest(line: &DigestLine, unit: &str, when: &When) -> Self {
        let number = |value: Option<u64>| {
            value.map_or_else(|| when.locale.pick("未知", "unknown").to_owned(), grouped)
        };
        Self {
            id: line.incident.0,
            unit: clean(unit),
            gist: beginning(&line.gist, GIST),
            tier: clean(&line.tier_name),
            detected: when.day_time(line.first_seen_at),
            views: number(line.heat.daily_views),
            reposts: number(line.heat.reposts),
            posts: line.heat.posts,
            sites: line.heat.sites.len(),
            groups: clean(&line.groups.join(when.locale.pick("、", ", "))),
            ..Self::default()
        }
    }

    pub(super) fn open(incident: &Incident, deadlines: &[Deadline], when: &When) -> Self {
        let unknown = || when.locale.pick("未知", "unknown").to_owned();
        let number = |value: Option<u64>| value.map_or_else(unknown, grouped);
        let own = deadlines
            .iter()
            .filter(|one| one.incident == incident.id && one.is_open() && one.kind != DeadlineKind::Step);
        let next = own.min_by_key(|one| one.due_at).map(|one| {
            let late =
                if one.due_at < when.now { when.locale.pick("（已超时）", " (overdue)") } else { "" };
            format!("{} {}{late}", catalogue::deadline(one, when.locale), when.day_time(one.due_at))
        });
        let state = catalogue::incident_state(incident.state, when.locale);
        let stage = incident.stage();
        let both = incident.state == IncidentState::Open && !stage.is_empty();
        Self {
            id: incident.id.0,
            unit: clean(&incident.unit),
            gist: beginning(&incident.gist, GIST),
            tier: clean(&incident.plan.tier(incident.rank).name),
            detected: when.day_time(incident.detected_at),
            views: number(incident.heat.daily_views),
            reposts: number(incident.heat.reposts),
            posts: incident.heat.posts,
            sites: incident.heat.sites.len(),
            groups: clean(&incident.groups.join(when.locale.pick("、", ", "))),
            state: if both { format!("{state} · {}", clean(stage)) } else { state.to_owned() },
            lead: incident.course.assignment.as_ref().map(|one| clean(&one.lead)).unwrap_or_default(),
            late: String::new(),
            next: clean(&next.unwrap_or_default()),
        }
    }
}

/// What is owed of a case and was neither done nor explained in time: an answer, a report, what else the plan wants. A
/// step that nobody confirmed is no debt of the case.
pub(super) fn missed<'a>(case: &'a Case, when: &When) -> Vec<Limit<'a>> {
    let debts = |kind| !matches!(kind, DeadlineKind::Report | DeadlineKind::Acknowledge);
    let limits = verdicts(case, when.now).into_iter();
    limits.filter(|one| debts(one.deadline.kind) && matches!(one.verdict, Verdict::Missed(_))).collect()
}
