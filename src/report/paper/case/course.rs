//! The course of a case in words: what was done, what is owed, whom what was told, and the timeline.

use serde::Serialize;

use crate::{
    locale::{Locale, When, words},
    model::{Deadline, Entry, NoticeState},
    store::IncidentView,
    text::clean,
};

/// Deliveries that a paper lists; the others stand in the case's folder.
const TOLD: usize = 200;
/// Steps of the timeline that a paper lists: the first ones and the last ones.
const STEPS: usize = 200;

/// A notice that somebody was sent.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Told {
    /// To whom.
    pub contact: String,
    /// Why.
    pub what: String,
    /// By which channel.
    pub channel: String,
    /// When it was decided.
    pub decided: String,
    /// When the channel took it; empty while it has not.
    pub taken: String,
    /// Where it stands.
    pub state: String,
}

/// A line of the timeline.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Step {
    /// When.
    pub at: String,
    /// What happened, in a word.
    pub what: String,
    /// Who did it; empty when nobody did.
    pub by: String,
    /// What.
    pub text: String,
}

/// What was done so far, from the case's own rows.
pub(super) fn done(view: &IncidentView, when: &When) -> Vec<String> {
    let incident = &view.incident;
    let pick = |zh: &'static str, en: &'static str| when.locale.pick(zh, en);
    let mut lines = Vec::new();
    let mut told: Vec<&str> = Vec::new();
    for notice in &view.notices {
        let reached = matches!(notice.state, NoticeState::Accepted { .. });
        if reached && !told.contains(&notice.contact.as_str()) {
            told.push(&notice.contact);
        }
    }
    if !told.is_empty() {
        lines.push(format!("{}{}", pick("已报告：", "told: "), told.join(pick("、", ", "))));
    }
    for ack in &incident.acks {
        let how = words::how(ack.how, when.locale);
        lines.push(format!(
            "{} {} {}（{how}）",
            ack.contact,
            when.day_time(ack.at),
            pick("签收", "confirmed")
        ));
    }
    if let Some(one) = &incident.course.assignment {
        lines.push(format!("{} {}：{}（{}）", pick("主办", "leads:"), one.lead, one.instruction, one.by));
    }
    for draft in &incident.course.texts {
        let approved = draft.verdict.as_ref().filter(|verdict| verdict.approved);
        lines.extend(
            approved.map(|one| {
                format!("{}（{}）：{}", pick("回应稿已审定", "answer approved"), one.by, draft.text)
            }),
        );
    }
    for reply in &incident.course.replies {
        lines.push(format!(
            "{} {}：{}",
            when.day_time(reply.at),
            pick("公开回应", "answered in public"),
            reply.text
        ));
    }
    for file in &incident.course.files {
        lines.push(format!("{}：{}", pick("附件", "file"), file.name));
    }
    if let Some(at) = incident.closed_at {
        lines.push(format!("{} {}", when.day_time(at), pick("关闭", "closed")));
    }
    lines.iter().map(|line| clean(line)).collect()
}

/// What the plan says of this tier: which paper, who leads, what is still owed by when.
pub(super) fn handling(view: &IncidentView, when: &When) -> Vec<String> {
    let incident = &view.incident;
    let tier = incident.plan.tier(incident.rank);
    let mut lines = vec![words::handling(Some(tier.paper), tier.led_by.as_deref(), when.locale)];
    let mut open: Vec<&Deadline> = view.deadlines.iter().filter(|one| one.is_open()).collect();
    open.sort_by_key(|deadline| deadline.due_at);
    lines.extend(open.into_iter().map(|deadline| {
        let late =
            if deadline.due_at < when.now { when.locale.pick("（已超时）", " (overdue)") } else { "" };
        format!(
            "{}：{} {}{late}",
            words::deadline(deadline, when.locale),
            when.locale.pick("截止", "due"),
            when.day_time(deadline.due_at),
        )
    }));
    lines.retain(|line| !line.is_empty());
    lines.iter().map(|line| clean(line)).collect()
}

/// How it came in by hand.
pub(super) fn entered(view: &IncidentView, when: &When) -> String {
    let Some(one) = &view.incident.course.entered else { return String::new() };
    let pick = |zh, en| when.locale.pick(zh, en);
    let mut words = format!("{}（{}，{}）", one.source, one.by, when.day_time(one.at));
    if !one.missed.is_empty() {
        words.push_str(&format!("；{}{}", pick("未监测到的原因：", "not seen because: "), one.missed));
    }
    clean(&words)
}

/// The public answers.
pub(super) fn replies(view: &IncidentView, when: &When) -> Vec<String> {
    let line = |reply: &crate::model::Reply| {
        let link = reply.link.as_deref().map(|link| format!("（{link}）")).unwrap_or_default();
        clean(&format!("{} {}：{}{link}", when.day_time(reply.at), reply.by, reply.text))
    };
    view.incident.course.replies.iter().map(line).collect()
}

/// Who confirmed.
pub(super) fn acks(view: &IncidentView, when: &When) -> Vec<String> {
    let line = |ack: &crate::model::Ack| {
        let how = words::how(ack.how, when.locale);
        clean(&format!("{} {}（{how}）", ack.contact, when.day_time(ack.at)))
    };
    view.incident.acks.iter().map(line).collect()
}

/// Whom what was told, in the order in which it was decided.
pub(super) fn told(view: &IncidentView, when: &When) -> Vec<Told> {
    let line = |notice: &crate::model::Notice| Told {
        contact: clean(&notice.contact),
        what: words::notice(notice.kind, when.locale).to_owned(),
        channel: words::channel(notice.channel, when.locale).to_owned(),
        decided: when.stamp(notice.created_at),
        taken: match &notice.state {
            NoticeState::Accepted { at, .. } => when.stamp(*at),
            _ => String::new(),
        },
        state: words::state(&notice.state, when.locale).0.to_owned(),
    };
    view.notices.iter().take(TOLD).map(line).collect()
}

/// Entries as steps; of very many the first and the last.
pub(super) fn steps<'a>(entries: impl IntoIterator<Item = &'a Entry>, when: &When) -> Vec<Step> {
    let line = |entry: &Entry| Step {
        at: when.stamp(entry.at),
        what: words::entry(&entry.kind, when.locale).to_owned(),
        by: entry.by.as_deref().map(clean).unwrap_or_default(),
        text: clean(&entry.text),
    };
    cut(entries.into_iter().map(line).collect(), when)
}

/// Of very many steps the first and the last.
fn cut(mut lines: Vec<Step>, when: &When) -> Vec<Step> {
    if lines.len() > STEPS {
        let left = lines.len() - STEPS;
        lines.drain(STEPS / 2..STEPS / 2 + left);
        let text =
            format!("{} {left} {}", when.locale.pick("中间", ""), when.locale.pick("项从略", "left out"));
        let gap = Step { at: String::new(), what: "…".to_owned(), by: String::new(), text };
        lines.insert(STEPS / 2, gap);
    }
    lines
}

/// The same with what the machine did in a row, while nobody confirmed, told in one line.
pub(super) fn brief_steps<'a>(entries: impl IntoIterator<Item = &'a Entry>, when: &When) -> Vec<Step> {
    let (mut lines, mut row): (Vec<Step>, Vec<&Entry>) = (Vec::new(), Vec::new());
    let end = |row: &mut Vec<&'a Entry>| match row.as_slice() {
        [first, .., last] => {
            let count = |kind: &str| row.iter().filter(|entry| entry.kind == kind).count();
            let told = Step {
                at: when.stamp(first.at),
                what: words::entry(ESCALATED, when.locale).to_owned(),
                by: String::new(),
                text: unconfirmed(count(ESCALATED), count(UNCONFIRMED), &when.stamp(last.at), when.locale),
            };
            row.clear();
            vec![told]
        }
        _ => steps(row.drain(..), when),
    };
    for entry in entries {
        if [ESCALATED, UNCONFIRMED].contains(&entry.kind.as_str()) {
            row.push(entry);
            continue;
        }
        lines.extend(end(&mut row));
        lines.extend(steps([entry], when));
    }
    lines.extend(end(&mut row));
    cut(lines, when)
}

/// Kinds of entries: the next step was told, and nobody of a whole line confirmed.
const ESCALATED: &str = "escalated";
const UNCONFIRMED: &str = "unconfirmed";

fn unconfirmed(told: usize, rounds: usize, until: &str, locale: Locale) -> String {
    match locale {
        Locale::ZhCn => {
            let again = if rounds > 0 { format!("，从头再通知 {rounds} 轮") } else { String::new() };
            format!("上一步无人签收；至 {until} 共上报 {told} 次{again}")
        }
        Locale::En => {
            let again = if rounds > 0 { format!(", begun anew {rounds} times") } else { String::new() };
            format!("nobody confirmed; told the next step {told} times until {until}{again}")
        }
    }
}

/// What people decided.
pub(super) fn decisions(view: &IncidentView, when: &When) -> Vec<Step> {
    steps(view.entries.iter().filter(|entry| entry.by.is_some()), when)
}
