//! Each act of a person goes from here to the room that does it, and into the audit.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    Desk, Refused, acts,
    case::{Case, Work},
    course, deadline, next_due, replan, silence, undo,
};
use crate::model::{
    Act, Assignment, ChannelKind, Delivery, Emergency, Entry, FileNote, IncidentId, NoticeId, NoticeState,
    Outcome, PostKey, Verdict,
};

impl Desk {
    /// Does an act.
    pub(super) fn act(&mut self, act: &Act, work: &mut Work<'_>) -> Result<(), Refused> {
        match act {
            Act::Acknowledge { incident, contact, rank, how, recorded_by, at } => {
                let (rank, how, by, at) = (*rank, *how, recorded_by.clone(), *at);
                self.with_act(*incident, act, work, |case, work| {
                    acts::acknowledge(case, work, contact, (rank, at), how, by)
                })
            }
            Act::PhoneDone { notice, by, at } => self.phone_done(notice, by, *at, act, work),
            Act::Respond { incident, by, text } => {
                self.with_act(*incident, act, work, |case, work| acts::respond(case, work, by, text))
            }
            Act::Complete { incident, duty, by, text } => {
                self.with_act(*incident, act, work, |case, work| {
                    deadline::complete(case, work, duty, by, text)
                })
            }
            Act::Override { incident, tier, by, reason } => {
                demand_reason(reason, work)?;
                self.with_act(*incident, act, work, |case, work| {
                    acts::override_tier(case, work, tier, by, reason)
                })
            }
            Act::SetKind { incident, kind, by, reason } => {
                demand_reason(reason, work)?;
                self.with_act(*incident, act, work, |case, work| {
                    acts::set_kind(case, work, *kind, by, reason)
                })
            }
            Act::Close { incident, by, reason } => {
                self.with_act(*incident, act, work, |case, work| acts::close(case, work, by, reason))
            }
            Act::Emergency { unit, on, until, by, reason } => {
                demand_reason(reason, work)?;
                let emergency =
                    Emergency { since: work.now, until: *until, by: by.clone(), reason: reason.clone() };
                self.switch_emergency(unit, on.then_some(emergency), by, reason, work)
            }
            Act::Merge { incident, other, by, reason } => {
                self.merge(*incident, *other, by, reason, work)?;
                self.remember_last(*incident, act, work)
            }
            Act::Split { post, incident, by, reason } => {
                for part in self.split(post, *incident, by, reason, work)? {
                    self.remember_last(part, act, work)?;
                }
                Ok(())
            }
            Act::Mute { subject, by, reason, until } => {
                demand_reason(reason, work)?;
                self.mute(subject, by, reason, *until, work)
            }
            Act::PauseSource { source, by, reason, until } => {
                demand_reason(reason, work)?;
                self.pause_source(source, by, reason, *until, work)
            }
            Act::ResumeSource { source, by } => self.resume_source(source, by, work),
            Act::Silence { unit, group, up_to, from, until, by, reason } => {
                demand_reason(reason, work)?;
                let group = group.as_deref();
                let wanted =
                    silence::Wanted { unit, group, up_to, from: *from, until: *until, by, comment: reason };
                self.silence(&wanted, work)
            }
            Act::FileMonthly { unit, by, text } => self.file_month(unit, by, text, work),
            Act::EndSilence { id, by } => self.end_silence(*id, by, work),
            Act::Forget { post, by, reason } => self.erase(post, by, reason, work),
            Act::Unmute { subject, by } => self.unmute(subject, by, work),
            // Who may come in is the console's affair; that it changed stands in the audit.
            Act::Access { .. } => Ok(()),
            // Papers are written of what the store has; that one was numbered stands in the audit.
            Act::Paper { .. } => Ok(()),
            // A look out of turn is collect's affair.
            Act::PollSource { .. } => Ok(()),
            Act::Enter { entry } => self.enter(entry, work),
            Act::EditFile { file, by, note, .. } => note_edit(file, by, note, work),
            Act::TestContact { contact, by, .. } => note_test(contact, by, work),
            Act::ExportFolder { incident, by } => note_export(*incident, by, work),
            Act::TakePlan { incident, by, reason } => {
                demand_reason(reason, work)?;
                self.take_plan(*incident, by, reason, work)
            }
            Act::Undo { incident, by } => self.undo(*incident, by, work),
            _ => self.act_on_course(act, work),
        }
    }

    /// Acts on the course of a case.
    fn act_on_course(&mut self, act: &Act, work: &mut Work<'_>) -> Result<(), Refused> {
        let Some(incident) = act.incident() else { return Ok(()) };
        if let Act::HandOver { reason, .. } | Act::RejectText { reason, .. } | Act::Reopen { reason, .. } =
            act
        {
            demand_reason(reason, work)?;
        }
        self.with_act(incident, act, work, |case, work| match act {
            Act::SetState { state, by, reason, .. } => course::set_state(case, work, state, by, reason),
            Act::Assign { lead, helping, instruction, by, .. } => {
                let (lead, helping, instruction) = (lead.clone(), helping.clone(), instruction.clone());
                let wanted = Assignment { lead, helping, instruction, by: by.clone(), at: work.now };
                course::assign(case, work, wanted)
            }
            Act::HandOver { to, by, reason, .. } => course::hand_over(case, work, to, by, reason),
            Act::Urge { by, text, .. } => course::urge(case, work, by, text),
            Act::SubmitText { text, by, .. } => course::submit(case, work, text, by),
            Act::ApproveText { number, by, .. } => {
                let (by, at) = (by.clone(), work.now);
                course::judge(case, work, *number, Verdict { approved: true, by, at, reason: String::new() })
            }
            Act::RejectText { number, by, reason, .. } => {
                let (by, at, reason) = (by.clone(), work.now, reason.clone());
                course::judge(case, work, *number, Verdict { approved: false, by, at, reason })
            }
            Act::Note { by, text, .. } => course::note(case, work, by, text),
            Act::Attach { name, size, sha256, by, .. } => {
                let (name, sha256, by) = (name.clone(), sha256.clone(), by.clone());
                course::attach(case, work, FileNote { name, size: *size, sha256, by, at: work.now })
            }
            Act::Reopen { .. } if case.row.is_withdrawn() => {
                let (zh, en) = ("此事为误录，已撤销；请重新录入", "it was entered by mistake; enter it anew");
                Err(Refused(work.locale.pick(zh, en).to_owned()))
            }
            Act::Reopen { by, reason, .. } => acts::reopen(case, work, by, reason),
            _ => Ok(()),
        })
    }

    /// Does a person's act to a case, and remembers what it changed for as long as it can be taken back.
    fn with_act(
        &mut self,
        id: IncidentId,
        act: &Act,
        work: &mut Work<'_>,
        done: impl FnOnce(&mut Case, &mut Work<'_>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        self.with_case(id, work, |case, work| {
            let before = undo::remember(case);
            done(case, work)?;
            course::follow(case, work);
            undo::keep(case, work, before, act);
            Ok(())
        })
    }

    /// The last act on a case is one that is not taken back: whoever tries reads what to do instead.
    fn remember_last(&mut self, id: IncidentId, act: &Act, work: &mut Work<'_>) -> Result<(), Refused> {
        self.with_act(id, act, work, |_, _| Ok(()))
    }

    /// A phone task is ticked: the call was made and answered.
    fn phone_done(
        &mut self,
        id: &NoticeId,
        by: &str,
        at: Option<Timestamp>,
        act: &Act,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        let incident = id.incident().map(|incident| self.follow(incident));
        let case = incident.and_then(|id| self.units.values().find_map(|desk| desk.cases.get(&id)));
        let task = case.map_or_else(|| self.loose.get(id), |case| case.notices.get(id));
        let Some(task) = task.filter(|task| task.channel == ChannelKind::Phone) else {
            let why = work.locale.pick("没有这个电话报告任务", "no such phone task");
            return Err(Refused(format!("{why}: {id}")));
        };
        if matches!(task.state, NoticeState::Accepted { .. }) {
            return Ok(());
        }
        let zone = case.map_or(TimeZone::UTC, Case::zone);
        let answered = acts::said_at(at, task.created_at, &zone, work)?;
        let notice = id.clone();
        let delivery = Delivery { notice, at: answered, attempt: 1, outcome: Outcome::Accepted, parts: 0 };
        work.note(None, "phone_done", Some(by), id.to_string());
        let Some(incident) = incident else {
            self.delivery(&delivery, work);
            return Ok(());
        };
        self.with_act(incident, act, work, |case, work| {
            acts::delivered(case, work, &delivery);
            Ok(())
        })
    }

    fn merge(
        &mut self,
        one: IncidentId,
        other: IncidentId,
        by: &str,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        demand_reason(reason, work)?;
        let (one, other) = (self.follow(one), self.follow(other));
        let (older, younger) = (one.min(other), one.max(other));
        let found = self
            .units
            .values_mut()
            .find(|desk| desk.cases.contains_key(&older) && desk.cases.contains_key(&younger));
        let Some(desk) = found.filter(|_| older != younger) else {
            let why = "只能合并同一单位的两个不同事件";
            return Err(Refused(
                work.locale.pick(why, "only two incidents of one unit can be merged").into(),
            ));
        };
        let [one, other] = [older, younger].map(|id| desk.cases.get(&id).map(|case| case.row.is_exercise()));
        if one != other {
            let why = "演练不能与真实事件合并";
            return Err(Refused(work.locale.pick(why, "a drill is not merged with what is real").into()));
        }
        if desk.merge(older, younger, Some(by), reason, work).is_some() {
            let due = desk.cases.get(&older).and_then(next_due);
            self.set_timer(older, due);
            self.set_timer(younger, None);
        }
        Ok(())
    }

    /// A case goes on under the plan that its unit has now.
    fn take_plan(
        &mut self,
        incident: IncidentId,
        by: &str,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<(), Refused> {
        let id = self.follow(incident);
        let desk = self.units.values().find(|desk| desk.cases.contains_key(&id));
        let plan = desk.map(|desk| std::sync::Arc::clone(&desk.plan)).unwrap_or_default();
        self.with_case(incident, work, |case, work| replan::take_plan(case, work, plan, by, reason))
    }

    fn split(
        &mut self,
        post: &PostKey,
        incident: Option<IncidentId>,
        by: &str,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Result<[IncidentId; 2], Refused> {
        demand_reason(reason, work)?;
        let incident = incident.map(|id| self.follow(id));
        let found = self.units.values_mut().find_map(|desk| {
            let id = desk.incident_of(post).filter(|id| incident.is_none_or(|named| named == *id))?;
            Some((id, desk))
        });
        let Some((id, desk)) = found else {
            return Err(Refused(format!("{} {post}", work.locale.pick("没有这篇帖文:", "no such post:"))));
        };
        let new_id = IncidentId(self.state.next_id);
        if desk.split(id, post, new_id, (by, reason), work).is_none() {
            let why = "事件只有这一篇帖文（及其转发），不能拆分";
            let why = work.locale.pick(why, "the incident has only this post and its reposts");
            return Err(Refused(why.into()));
        }
        self.state.next_id += 1;
        for part in [id, new_id] {
            let due = self.units.values().find_map(|desk| desk.cases.get(&part)).and_then(next_due);
            self.set_timer(part, due);
        }
        Ok([id, new_id])
    }
}

/// Every act is a row of the audit; long texts stand in the rows of what they belong to.
pub(super) fn record(act: &Act, work: &mut Work<'_>) {
    let Ok(mut value) = serde_json::to_value(act) else { return };
    let fields = match value.get("entry").is_some() {
        true => value.get_mut("entry"),
        false => Some(&mut value),
    };
    for field in fields.and_then(|fields| fields.as_object_mut()).into_iter().flatten() {
        if let serde_json::Value::String(text) = field.1
            && text.chars().count() > RECORDED
        {
            *text = text.chars().take(RECORDED).chain(['…']).collect();
        }
    }
    work.note(act.incident(), Entry::ACT, Some(act.person()), value.to_string());
}

/// A file of the office was saved: the desk only notes it; what the file says comes into force as any other.
fn note_edit(file: &str, by: &str, note: &str, work: &mut Work<'_>) -> Result<(), Refused> {
    if file.is_empty() || by.trim().is_empty() {
        return Err(Refused(work.locale.pick("请写姓名", "say who you are").into()));
    }
    let text = if note.is_empty() { file.to_owned() } else { format!("{file}：{note}") };
    work.note(None, "file_edited", Some(by), text);
    Ok(())
}

/// Somebody has a test message sent: the desk only notes it, before anything goes out.
fn note_test(contact: &str, by: &str, work: &mut Work<'_>) -> Result<(), Refused> {
    if by.trim().is_empty() {
        return Err(Refused(work.locale.pick("请写姓名", "say who you are").into()));
    }
    work.note(None, "contact_tested", Some(by), contact.to_owned());
    Ok(())
}

/// Somebody takes the case folder away: the desk only notes it, before anything is handed out.
fn note_export(incident: IncidentId, by: &str, work: &mut Work<'_>) -> Result<(), Refused> {
    if by.trim().is_empty() {
        return Err(Refused(work.locale.pick("请写姓名", "say who you are").into()));
    }
    work.note(Some(incident), "folder_exported", Some(by), String::new());
    Ok(())
}

/// Characters of a text that the record of an act holds.
const RECORDED: usize = 80;

fn demand_reason(reason: &str, work: &Work<'_>) -> Result<(), Refused> {
    if reason.trim().is_empty() {
        return Err(Refused(work.locale.pick("请写明理由", "a reason is required").into()));
    }
    Ok(())
}
