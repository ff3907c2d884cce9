//! Whom a limit concerns: contacts of the plan, or whoever 批办 has named when something is told (主办, 协办).

use super::{Deadline, chain::told_steps};
use crate::{
    desk::case::{Case, Work},
    model::{Duty, Party},
};

/// Who owes it, by the names that the plan or 批办 has for them; one that helps need not be a contact.
pub(super) fn owing(case: &Case, deadline: &Deadline) -> Vec<String> {
    names(case, deadline, |_| true)
}

/// Whom a limit concerns: those whom the duty names, else everybody told so far. Who helps and cannot be reached is
/// left out; a lead who has gone is not, so that it is seen.
pub(super) fn concerned(case: &Case, work: &Work<'_>, deadline: &Deadline) -> Vec<String> {
    names(case, deadline, |helping| work.reach(&case.row.unit, helping, work.now).is_some())
}

fn names(case: &Case, deadline: &Deadline, helps: impl Fn(&str) -> bool) -> Vec<String> {
    let tier = case.row.plan.tier(deadline.rank);
    let duty = tier.duties.iter().find(|duty| Some(&duty.id) == deadline.duty.as_ref());
    let mut names: Vec<String> = Vec::new();
    let named = duty.into_iter().flat_map(|duty| {
        let parties = assigned(case, duty, &helps);
        let parties = if parties.is_empty() { duty.unassigned.clone() } else { parties };
        parties.into_iter().chain(duty.tell.iter().cloned())
    });
    for name in named {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() { told_steps(case) } else { names }
}

/// Those of the parties that 批办 has named by now.
fn assigned(case: &Case, duty: &Duty, helps: impl Fn(&str) -> bool) -> Vec<String> {
    let Some(assignment) = &case.row.course.assignment else { return Vec::new() };
    let of = |party: &Party| match party {
        Party::Lead => vec![assignment.lead.clone()],
        Party::Helping => assignment.helping.iter().filter(|name| helps(name)).cloned().collect(),
    };
    duty.parties.iter().flat_map(of).collect()
}
