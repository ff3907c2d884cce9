//! A followed post is not there any more: the timeline says so, and who was told of the incident hears of
//! it while it is open. It stays a member; its figures stay as they were last seen.

use jiff::SignedDuration;

use super::{
    Desk, Vanished,
    case::{Case, Work},
    telling::{Telling, headline, tell},
};
use crate::{
    locale::Locale,
    model::{IncidentId, IncidentState, NoticeKind, PostKey},
};

/// Who is on duty must hear of it within this.
const LIMIT: SignedDuration = SignedDuration::from_mins(30);

impl Desk {
    /// Writes it down in every incident that the post stands in.
    pub(super) fn vanished(&mut self, vanished: &Vanished, work: &mut Work<'_>) {
        for id in self.incidents_of(&vanished.post) {
            let _ = self.with_case(id, work, |case, work| {
                note(case, vanished, work);
                Ok(())
            });
        }
    }

    /// The live incidents that a post stands in, one a unit.
    pub(super) fn incidents_of(&self, post: &PostKey) -> Vec<IncidentId> {
        self.units.values().filter_map(|desk| desk.incident_of(post)).collect()
    }
}

fn note(case: &mut Case, vanished: &Vanished, work: &mut Work<'_>) {
    let Some(member) = case.members.get(&vanished.post) else { return };
    let row = &member.row;
    let title = headline(&row.post.title, &row.post.text);
    let (key, says) = (&vanished.post, &vanished.says);
    let seen = row.last_seen_at.to_zoned(case.zone()).strftime("%m-%d %H:%M").to_string();
    let text = match work.locale {
        Locale::ZhCn => {
            format!("原帖已看不到（{says}）: {key}「{title}」，最后一次看到是 {seen}；证据已留存")
        }
        Locale::En => format!(
            "the post is not shown any more ({says}): {key} \"{title}\", last seen {seen}; its evidence is kept"
        ),
    };
    work.note(Some(case.row.id), "vanished", None, text.clone());
    // Whom nobody has told of the incident has no use for news of it.
    if case.row.state != IncidentState::Open || case.row.told_rank.is_none() {
        return;
    }
    let tier = case.row.plan.tier(case.row.rank).clone();
    let mut contacts: Vec<String> =
        tier.lines.iter().filter_map(|line| line.steps.first()).flatten().cloned().collect();
    contacts.sort();
    contacts.dedup();
    let due_at = work.now.saturating_add(LIMIT).unwrap_or(work.now);
    let mut telling = Telling::new(NoticeKind::Vanished, &contacts, due_at);
    (telling.tag, telling.note) = (format!("-{key}"), text);
    tell(case, work, &telling);
}
