//! Forgetting: a statement that has been silent for its plan's window leaves the live index. Its rows stay in
//! the store; what is alike and comes later begins anew.
//!
//! Silent means that no member was seen and nothing grew: a pinned thread that a list shows every day stays,
//! or it would be found anew and told again every month. An incident that somebody was alerted of stays until
//! it is closed (SEMANTICS 18, 31), and nothing leaves while a limit runs or a notice waits, nor what is closed while
//! something is owed of it, be it late.

use jiff::{SignedDuration, Timestamp};

use super::{
    Change,
    case::{Case, Work},
};
use crate::{
    locale::Locale,
    model::{Deadline, IncidentState},
};

/// Statements leave at full hours, many at once.
const GRID: SignedDuration = SignedDuration::from_hours(1);
/// What a weekly digest has not carried yet waits for the next one.
const UNTOLD: SignedDuration = SignedDuration::from_hours(8 * 24);

/// When a case leaves if nothing is heard of it; `None` while it may not.
pub(super) fn leaves_at(case: &Case) -> Option<Timestamp> {
    let row = &case.row;
    let owes = || case.deadlines.values().any(Deadline::is_open);
    let may_leave = match row.state {
        IncidentState::Dormant => true,
        // What is owed after closing stays owed when it is late.
        IncidentState::Closed => !owes(),
        IncidentState::Open => row.told_rank.is_none() && (row.epoch == 0 || !owes()),
        IncidentState::Merged | IncidentState::Archived => false,
    };
    let waits = || case.waiting_notices().next().is_some();
    if !may_leave || case.running().next().is_some() || waits() {
        return None;
    }
    let heard = case.seen_at.max(row.outlook.grew_at).max(row.closed_at).unwrap_or(row.opened_at);
    let untold = row.state != IncidentState::Closed && !row.in_digest;
    let window = row.plan.statement_window;
    let window = if untold { window.max(UNTOLD) } else { window };
    let at = heard.checked_add(window).ok()?;
    let over = at.as_second().rem_euclid(GRID.as_secs());
    at.checked_add(GRID - SignedDuration::from_secs(over)).ok()
}

/// Writes down that a case has left.
pub(super) fn archive(case: &mut Case, work: &mut Work<'_>) {
    let days = case.row.plan.statement_window.as_hours() / 24;
    let text = match work.locale {
        Locale::ZhCn => format!("沉寂超过 {days} 天，归档；此后相同的言论另立事件"),
        Locale::En => format!("silent for {days} days, archived; the same words begin anew from now on"),
    };
    case.row.state = IncidentState::Archived;
    super::course::follow(case, work);
    work.note(Some(case.row.id), "archived", None, text);
    work.changes.push(Change::Incident(Box::new(case.row.clone())));
}
