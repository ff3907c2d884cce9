//! Faults of the machinery: told to the administrators of every plan, once when something breaks and once
//! when it is mended (and daily in between, see [`super::standing`]). Silence must never mean that the
//! crawler broke.

use jiff::SignedDuration;

use super::{
    Change, Desk, Operations,
    case::Work,
    telling::{Loose, add_loose},
};
use crate::model::{Facts, Notice, NoticeKind};

/// An administrator must be told within this.
const LIMIT: SignedDuration = SignedDuration::from_mins(15);

impl Desk {
    /// Takes a fault or its mending; the same state of the same subject is told once, and what stands is
    /// told again by [`super::standing`].
    pub(super) fn operations(&mut self, operations: &Operations, work: &mut Work<'_>) {
        let since = self.state.broken.get(&operations.subject).copied();
        let (since, told) = match (operations.broken, since) {
            (true, None) => {
                self.state.broken.insert(operations.subject.clone(), work.now);
                (work.now, self.begin_standing(operations, work))
            }
            (false, Some(since)) => {
                self.state.broken.remove(&operations.subject);
                (since, self.end_standing(&operations.subject))
            }
            (true, Some(_)) => return self.restate(operations),
            (false, None) => return,
        };
        let kind = if operations.broken { "broken" } else { "mended" };
        work.note(None, kind, None, format!("{}: {}", operations.subject, operations.text));
        if told {
            let stem = format!("operations/{}/{}/{kind}", operations.subject, since.as_millisecond());
            self.tell_administrators(operations, &stem, work);
        }
    }

    /// Makes and keeps the notices to the administrators.
    pub(super) fn tell_administrators(&mut self, operations: &Operations, stem: &str, work: &mut Work<'_>) {
        self.keep_loose(self.operations_notices(operations, stem, None, work), work);
    }

    /// Keeps notices of no single incident, here and in the store.
    pub(super) fn keep_loose(&mut self, notices: Vec<Notice>, work: &mut Work<'_>) {
        for notice in notices {
            work.changes.push(Change::Notice(Box::new(notice.clone())));
            self.loose.insert(notice.id.clone(), notice);
        }
    }

    /// Notices to the administrators of every unit's plan, or of one unit's.
    pub(super) fn operations_notices(
        &self,
        operations: &Operations,
        stem: &str,
        only: Option<&str>,
        work: &Work<'_>,
    ) -> Vec<Notice> {
        let mut notices: Vec<Notice> = Vec::new();
        for desk in self.units.values().filter(|desk| only.is_none_or(|unit| desk.unit.name == unit)) {
            let plan = &desk.plan;
            let Some(tier) = plan.tiers.first() else { continue };
            let facts = Facts {
                unit: desk.unit.name.clone(),
                plan_title: plan.title.clone(),
                mark: plan.exercise_mark.clone(),
                gist: operations.subject.clone(),
                note: operations.text.clone(),
                ..Facts::default()
            };
            let loose = Loose { stem, kind: NoticeKind::Operations, tier, limit: LIMIT, facts: facts.into() };
            for name in &plan.administrators {
                add_loose(&mut notices, name, &loose, work);
            }
        }
        notices
    }
}
