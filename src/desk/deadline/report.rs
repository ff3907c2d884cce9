//! `report` is met when every contact of every first step was reached by each required kind of channel
//! (SEMANTICS 22); what is missing is told to the administrators by name.

use jiff::Timestamp;

use super::{DEFAULT_REPORT, lateness, open_owed, overseers, remind};
use crate::{
    desk::{
        case::{Case, Work},
        merge::told_prefixes,
        telling::{Telling, address, required_channels, tell},
    },
    locale::{Locale, clock_time},
    model::{ChannelKind, Deadline, DeadlineKind, DeadlineState, Notice, NoticeKind, NoticeState},
};

/// Looks whether `report` is met: for every contact of the first step of every line, each required kind of
/// channel has one acceptance (SEMANTICS 22).
pub(in crate::desk) fn meet_report(case: &mut Case, work: &mut Work<'_>) {
    let is_open = |d: &Deadline| d.is_open() && d.kind == DeadlineKind::Report;
    if !case.deadlines.values().any(is_open) {
        return;
    }
    let Some(met_at) = told_at(case, work) else { return };
    case.change_deadlines(work, is_open, |d| d.state = DeadlineState::Met { at: met_at });
    let at = clock_time(met_at, work.now, &case.zone());
    let text = format!("{} {at}", work.locale.pick("首轮报告全部受理于", "first report accepted by all at"));
    work.note(Some(case.row.id), "told", None, text);
    open_owed(case, work);
}

/// A message came back. If it was the one by which a contact of a first step was told, the limit that had been met runs
/// again, from where it began. One that had been met late stays late; one whose time has passed meanwhile falls due now.
pub(in crate::desk) fn reopen_report(case: &mut Case, work: &mut Work<'_>, came_back: &Notice) {
    let key = format!("{}/{}/{}", case.row.id, case.row.epoch, DeadlineKind::Report.id());
    let is_met = |d: &Deadline| d.key == key && matches!(d.state, DeadlineState::Met { .. });
    let told_by_it = owed_to(case, work)
        .is_some_and(|all| all.iter().any(|one| one.is_told_by(came_back) && one.told_at(case).is_none()));
    if !told_by_it || !case.deadlines.values().any(is_met) {
        return;
    }
    case.change_deadlines(work, is_met, |d| {
        let was_late = matches!(d.state, DeadlineState::Met { at } if at > d.due_at);
        d.state = if was_late { DeadlineState::Overdue } else { DeadlineState::Running };
    });
    let missing = unreported(case, work).join("、");
    let text =
        format!("{}: {missing}", work.locale.pick("报告时限重新计算，尚未受理", "the report is owed again"));
    work.note(Some(case.row.id), "untold", None, text);
}

/// A contact of a first step and a channel by which it must be told.
struct OwedTo {
    name: String,
    kind: ChannelKind,
    /// The address behind the name on that channel.
    address: Option<String>,
}

impl OwedTo {
    /// Whether a notice, once accepted, tells the contact.
    fn is_told_by(&self, notice: &Notice) -> bool {
        self.kind.counts_as_told()
            && notice.channel == self.kind
            && opens_tier(notice)
            && (notice.contact == self.name || Some(&notice.address) == self.address.as_ref())
    }

    /// When it was told first.
    fn told_at(&self, case: &Case) -> Option<Timestamp> {
        let prefixes = told_prefixes(case);
        let opening = prefixes.iter().flat_map(|prefix| case.notices_under(prefix));
        let accepted =
            opening.filter(|notice| self.is_told_by(notice)).filter_map(|notice| match &notice.state {
                NoticeState::Accepted { at, .. } => Some(*at),
                _ => None,
            });
        accepted.min()
    }
}

/// Everybody whom the present tier reports to first, by each required kind; `None` when a name is no contact.
fn owed_to(case: &Case, work: &Work<'_>) -> Option<Vec<OwedTo>> {
    let tier = case.row.plan.tier(case.row.rank);
    let mut all = Vec::new();
    for name in tier.lines.iter().filter_map(|line| line.steps.first()).flatten() {
        let contact = work.reach(&case.row.unit, name, case.row.graded_at)?;
        for kind in required_channels(contact, tier) {
            all.push(OwedTo { name: name.clone(), kind, address: address(contact, kind) });
        }
    }
    Some(all)
}

/// When everybody whom the present tier reports to first had been told by each required kind; `None` when somebody has
/// not.
fn told_at(case: &Case, work: &Work<'_>) -> Option<Timestamp> {
    let mut met_at = Timestamp::MIN;
    for one in owed_to(case, work)? {
        met_at = met_at.max(one.told_at(case)?);
    }
    Some(met_at)
}

pub(super) fn opens_tier(notice: &Notice) -> bool {
    matches!(
        notice.kind,
        NoticeKind::Alert
            | NoticeKind::Rise
            | NoticeKind::Reopened
            | NoticeKind::Worsened
            | NoticeKind::Failover
    )
}

/// The report limit has passed: the administrators are told whom it has not reached.
pub(super) fn overdue(case: &mut Case, work: &mut Work<'_>, deadline: &Deadline) {
    let due = clock_time(deadline.due_at, work.now, &case.zone());
    let late = lateness(deadline, work);
    let missing = unreported(case, work).join("、");
    let note = match work.locale {
        Locale::ZhCn => format!("报告时限 {due} 已过{late}，尚未全部受理: {missing}"),
        Locale::En => format!("the report limit {due} has passed{late}; not accepted by all: {missing}"),
    };
    work.note(Some(case.row.id), "overdue", None, note.clone());
    let contacts = overseers(case, deadline.rank);
    let mut telling = Telling::new(NoticeKind::Overdue, &contacts, work.now);
    telling.due_at = work.now.saturating_add(DEFAULT_REPORT).unwrap_or(Timestamp::MAX);
    (telling.tag, telling.note) = (remind::untold(case, &remind::tag("-report", deadline)), note);
    tell(case, work, &telling);
}

/// Contacts of first steps for whom no acceptance is recorded.
fn unreported(case: &Case, work: &Work<'_>) -> Vec<String> {
    let tier = case.row.plan.tier(case.row.rank);
    let mut names: Vec<String> = Vec::new();
    for name in tier.lines.iter().filter_map(|line| line.steps.first()).flatten() {
        let kinds = work
            .reach(&case.row.unit, name, case.row.graded_at)
            .map(|c| required_channels(c, tier))
            .unwrap_or_default();
        let told = |kind: &ChannelKind| {
            case.notices.values().any(|n| {
                n.contact == *name && n.channel == *kind && matches!(n.state, NoticeState::Accepted { .. })
            })
        };
        if (kinds.is_empty() || !kinds.iter().all(told)) && !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// A contact that no channel reaches: the administrators are told at once.
pub(in crate::desk) fn unreachable(case: &mut Case, work: &mut Work<'_>, contact: &str, why: &str) {
    let note = match work.locale {
        Locale::ZhCn => format!("“{contact}”所有渠道均未能送出: {why}"),
        Locale::En => format!("no channel reaches \"{contact}\": {why}"),
    };
    work.note(Some(case.row.id), "unreachable", None, note.clone());
    let contacts = case.row.plan.administrators.clone();
    let mut telling = Telling::new(NoticeKind::Operations, &contacts, work.now);
    telling.due_at = work.now.saturating_add(DEFAULT_REPORT).unwrap_or(Timestamp::MAX);
    (telling.tag, telling.note) = (format!("-unreachable-{contact}"), note);
    tell(case, work, &telling);
}
