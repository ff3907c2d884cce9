//! What was told to whom: the notices of an incident by contact, with what each channel answered and when.

use serde::Serialize;

use crate::{
    console::view::{When, clean, words},
    model::{Ack, Notice, NoticeState},
    text::masked,
};

/// Notices that are shown of one contact, the newest.
const SHOWN: usize = 30;

/// One contact and what went to them.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    pub contact: String,
    /// How they confirmed, when they did.
    pub confirmed: Option<String>,
    pub lines: Vec<Line>,
    /// Older ones that are not shown.
    pub older: usize,
    pub refused: usize,
}

/// One notice.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    pub kind: &'static str,
    pub tier: String,
    pub channel: &'static str,
    pub address: String,
    pub state: &'static str,
    pub class: &'static str,
    /// Decided at.
    pub created: String,
    pub due: String,
    pub accepted: Option<String>,
    pub arrived: Option<String>,
    pub refused: Option<String>,
    /// What the channel said, or why it was taken back.
    pub why: String,
}

/// By contact; whoever was told last stands first, and of each the newest first.
pub(super) fn told(notices: &[Notice], acks: &[Ack], when: &When) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for notice in notices.iter().rev() {
        let at = all.iter().position(|one| one.contact == notice.contact);
        let at = at.unwrap_or_else(|| {
            let confirmed = acks.iter().rev().find(|ack| ack.contact == notice.contact);
            all.push(Told {
                contact: notice.contact.clone(),
                confirmed: confirmed
                    .map(|ack| format!("{}（{}）", when.time(ack.at), words::how(ack.how, when.locale))),
                lines: Vec::new(),
                older: 0,
                refused: 0,
            });
            all.len() - 1
        });
        let Some(one) = all.get_mut(at) else { continue };
        one.refused += usize::from(matches!(notice.state, NoticeState::Refused { .. }));
        if one.lines.len() < SHOWN {
            one.lines.push(line(notice, when));
        } else {
            one.older += 1;
        }
    }
    all
}

fn line(notice: &Notice, when: &When) -> Line {
    let (state, class) = words::state(&notice.state, when.locale);
    let mut line = Line {
        kind: words::notice(notice.kind, when.locale),
        tier: clean(&notice.facts.tier_name),
        channel: words::channel(notice.channel, when.locale),
        address: masked(&notice.address),
        state,
        class,
        created: when.time(notice.created_at),
        due: when.time(notice.due_at),
        accepted: None,
        arrived: None,
        refused: None,
        why: String::new(),
    };
    match &notice.state {
        NoticeState::Accepted { at, arrived_at } => {
            (line.accepted, line.arrived) = (Some(when.time(*at)), arrived_at.map(|at| when.time(at)));
        }
        NoticeState::Refused { at, why } => (line.refused, line.why) = (Some(when.time(*at)), clean(why)),
        NoticeState::Cancelled { why } => line.why = clean(words::cancelled(why, when.locale)),
        NoticeState::Pending | NoticeState::Shown => {}
    }
    line
}
