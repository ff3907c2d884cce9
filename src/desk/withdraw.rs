//! Taking back what was entered by hand (误录), as a slip within 60 s. An incident that the entry began is closed: its
//! limits end, what waits is cancelled, and whoever was told hears that it is void. A post that joined an incident is
//! taken out of it, and that incident is graded from its own posts again. Neither is found by what comes later, so
//! that the same words, entered rightly, begin anew.

use super::{
    Change, Desk, Refused,
    acts::end_deadlines,
    case::{Case, Work},
    merge::{hanging_on, regrade_after_split},
    next_due,
    undo::{correct, takeable},
    unit::UnitDesk,
};
use crate::{
    locale::Locale,
    model::{Entered, IncidentId, IncidentState, NoticeState, PostKey, Undoable},
};

impl Desk {
    /// Takes an entry by hand out of its incident again.
    pub(super) fn withdraw(
        &mut self,
        id: IncidentId,
        post: &PostKey,
        by: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        let missing = || Refused(format!("{} {id}", work.locale.pick("没有这个事件:", "no such incident:")));
        let desk = self.units.values_mut().find(|desk| desk.cases.contains_key(&id)).ok_or_else(missing)?;
        let case = desk.cases.get(&id).ok_or_else(missing)?;
        let undo = takeable(case, work, by)?;
        let of_its_own = case.members.len() == 1;
        let joined = undo.before.state == IncidentState::Open && hanging_on(case, post).len() == 1;
        if of_its_own {
            let counted = (case.row.unit.clone(), case.row.is_exercise());
            desk.withdraw_whole(id, by, work);
            self.uncount_opened(&counted.0, counted.1, undo.at);
            self.retime(id);
        } else if joined {
            let new_id = IncidentId(self.state.next_id);
            if desk.withdraw_part(&undo, (id, new_id), post, by, work).is_some() {
                self.state.next_id += 1;
            }
            self.retime(id);
            self.retime(new_id);
        } else {
            let zh = "录入后已有其他帖文归入或事件因此重新打开，不能整体撤销；请用拆分、降级或关闭改回";
            let en =
                "other posts have joined it since, or it was opened by it: split, lower or close it instead";
            return Err(Refused(work.locale.pick(zh, en).to_owned()));
        }
        Ok(())
    }

    fn retime(&mut self, id: IncidentId) {
        let due = self.units.values().find_map(|desk| desk.cases.get(&id)).and_then(next_due);
        self.set_timer(id, due);
    }
}

impl UnitDesk {
    /// Incidents that were taken back and hold a post; nothing else finds them by it.
    pub(super) fn withdrawn_with(&self, post: &PostKey) -> impl Iterator<Item = IncidentId> {
        let holds = |case: &&Case| case.row.is_withdrawn() && case.members.contains_key(post);
        self.cases.values().filter(holds).map(|case| case.row.id)
    }

    /// The incident holds nothing but the entry.
    fn withdraw_whole(&mut self, id: IncidentId, by: &str, work: &mut Work<'_>) {
        if let Some(mut case) = self.release(id) {
            void(&mut case, by, work);
            self.keep_apart(case);
        }
    }

    /// The entry had joined an incident that was open before it.
    fn withdraw_part(
        &mut self,
        undo: &Undoable,
        (id, new_id): (IncidentId, IncidentId),
        post: &PostKey,
        by: &str,
        work: &mut Work<'_>,
    ) -> Option<()> {
        let (mut case, mut fresh) = self.carve(id, post, new_id, work)?;
        let row = fresh.members.get(post).map(|member| member.row.clone());
        fresh.row.course.entered = row.map(|row| Entered {
            source: row.source,
            by: by.to_owned(),
            at: undo.at,
            happened_at: row.published_at,
            missed: String::new(),
            found_at: None,
            drill: false,
            withdrawn_at: None,
        });
        void(&mut fresh, by, work);
        case.row.course.undo = None;
        case.row.at_least.clone_from(&undo.before.at_least);
        let text = match work.locale {
            Locale::ZhCn => format!("误录的内容已移出（第 {new_id} 号）"),
            Locale::En => format!("what was entered by mistake is taken out (no. {new_id})"),
        };
        work.note(Some(id), "undone", Some(by), text);
        let rank = case.row.rank;
        regrade_after_split(&mut case, work);
        if case.row.rank < rank {
            case.cancel_notices(work, "undone", |notice| undo.notices.contains(&notice.id));
        }
        work.changes.push(Change::Incident(Box::new(case.row.clone())));
        self.adopt(case);
        self.keep_apart(fresh);
        Some(())
    }
}

/// Closes a case as one that never was.
fn void(case: &mut Case, by: &str, work: &mut Work<'_>) {
    case.cancel_notices(work, "undone", |_| true);
    end_deadlines(case, work, "undone");
    let row = &mut case.row;
    (row.state, row.closed_at) = (IncidentState::Closed, Some(work.now));
    (row.at_least, row.overridden, row.held) = (None, None, None);
    (row.in_digest, row.course.undo) = (true, None);
    if let Some(entered) = &mut row.course.entered {
        entered.withdrawn_at = Some(work.now);
    }
    let text = work.locale.pick("误录，已撤销", "entered by mistake, taken back").to_owned();
    work.note(Some(case.row.id), "undone", Some(by), text);
    let out = case.notices.values().filter(|one| !matches!(one.state, NoticeState::Cancelled { .. }));
    let mut told: Vec<String> = out.map(|one| one.contact.clone()).collect();
    told.sort();
    told.dedup();
    correct(case, work, &told, by);
    super::course::follow(case, work);
    work.changes.push(Change::Incident(Box::new(case.row.clone())));
}
