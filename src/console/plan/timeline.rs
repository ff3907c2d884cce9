//! What a rehearsal shows: tiers, notices and limits in the order of time, a notice to one contact by several channels as
//! one line.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::super::view::{When, clean, words};
use crate::{
    desk::Change,
    locale::{Locale, reason_line},
    model::{
        Deadline, DeadlineKind, DeadlineState, Incident, IncidentState, Notice, NoticeKind, NoticeState,
        Plan, Reason,
    },
};

/// Lines that are shown.
const MOST: usize = 400;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Line {
    #[serde(skip)]
    now: Timestamp,
    /// `11-22 周日 03:00`.
    at: String,
    /// `graded`, `notice`, `limit`, `late`.
    class: &'static str,
    /// What happens.
    what: String,
    /// To whom; empty where nobody is told.
    to: String,
    /// By which channels.
    by: Vec<&'static str>,
    /// Until when it must be.
    until: String,
    /// Numbers and reasons.
    why: String,
    #[serde(skip)]
    key: Option<Key>,
}

/// What makes two notices one line.
type Key = (Timestamp, NoticeKind, String, Option<String>, Option<usize>);

/// The lines so far.
pub(super) struct Timeline<'w> {
    when: &'w When,
    /// In the order of time.
    pub lines: Vec<Line>,
    ranks: BTreeMap<u64, (usize, IncidentState)>,
    deadlines: BTreeMap<String, DeadlineState>,
    /// Whether there were more than are shown.
    pub more: bool,
}

impl<'w> Timeline<'w> {
    pub const fn new(when: &'w When) -> Self {
        Self { when, lines: Vec::new(), ranks: BTreeMap::new(), deadlines: BTreeMap::new(), more: false }
    }

    /// Takes what the desk decided at an instant. The incident's row comes last, and reads better first.
    pub fn take(&mut self, changes: &[Change], now: Timestamp) {
        for change in changes {
            if let Change::Incident(row) = change {
                self.incident(row, now);
            }
        }
        for change in changes {
            match change {
                Change::Notice(notice) => self.notice(notice, now),
                Change::Deadline(deadline) => self.deadline(deadline, now),
                _ => {}
            }
        }
    }

    fn push(&mut self, line: Line) {
        if self.lines.len() < MOST {
            self.lines.push(line);
        } else {
            self.more = true;
        }
    }

    fn line(&self, now: Timestamp, class: &'static str, what: String) -> Line {
        Line {
            now,
            at: self.when.day_time(now),
            class,
            what,
            to: String::new(),
            by: Vec::new(),
            until: String::new(),
            why: String::new(),
            key: None,
        }
    }

    fn incident(&mut self, row: &Incident, now: Timestamp) {
        let stands = (row.rank, row.state);
        // The desk takes the posts of an instant one by one, and a tier keeps the figures by which it was reached. Here they
        // are one question, so the line says the figures of all of them.
        let reason = Reason { heat: row.heat.clone(), ..row.reason.clone() };
        let why = clean(&reason_line(&reason, self.when.locale, &self.when.zone));
        if self.ranks.insert(row.id.0, stands) == Some(stands) {
            let same = |line: &&mut Line| line.class == "graded" && line.now == now;
            if let Some(line) = self.lines.iter_mut().rev().find(same) {
                line.why = why;
            }
            return;
        }
        let tier = clean(&row.plan.tier(row.rank).name);
        let what = match (row.state, self.when.locale) {
            (IncidentState::Open, Locale::ZhCn) => format!("定为{tier}"),
            (IncidentState::Open, Locale::En) => format!("graded {tier}"),
            (state, locale) => words::incident_state(state, locale).to_owned(),
        };
        self.push(Line { why, ..self.line(now, "graded", what) });
    }

    fn notice(&mut self, notice: &Notice, now: Timestamp) {
        if !matches!(notice.state, NoticeState::Pending | NoticeState::Shown) {
            return;
        }
        let channel = words::channel(notice.channel, self.when.locale);
        let facts = &notice.facts;
        let key = (now, notice.kind, notice.contact.clone(), facts.line.clone(), facts.step);
        let same = |line: &&mut Line| line.key.as_ref() == Some(&key);
        if let Some(line) = self.lines.iter_mut().rev().find(same) {
            if !line.by.contains(&channel) {
                line.by.push(channel);
            }
            return;
        }
        let step = match (&facts.line, facts.step, self.when.locale) {
            (Some(line), Some(step), Locale::ZhCn) => format!("（{}第 {step} 级）", clean(line)),
            (Some(line), Some(step), Locale::En) => format!(" ({}, step {step})", clean(line)),
            _ => String::new(),
        };
        let person = facts.person.as_deref().map(clean).filter(|person| !person.is_empty());
        let contact = clean(&notice.contact);
        let line = Line {
            to: person.map_or_else(|| contact.clone(), |person| format!("{contact}（{person}）")),
            by: vec![channel],
            until: if notice.due_at > now { self.when.day_time(notice.due_at) } else { String::new() },
            why: clean(&facts.note),
            key: Some(key),
            ..self.line(now, "notice", format!("{}{step}", words::notice(notice.kind, self.when.locale)))
        };
        self.push(line);
    }

    fn deadline(&mut self, deadline: &Deadline, now: Timestamp) {
        // No limit on a person: the step shows when it is told.
        if deadline.kind == DeadlineKind::Step {
            return;
        }
        let before = self.deadlines.insert(deadline.key.clone(), deadline.state.clone());
        if before.as_ref() == Some(&deadline.state) {
            return;
        }
        let name = clean(&words::deadline(deadline, self.when.locale));
        let pick = |zh, en| self.when.locale.pick(zh, en);
        let (class, what) = match (&before, &deadline.state) {
            (None, DeadlineState::Running) => ("limit", format!("{}{name}", pick("开始计时：", "runs: "))),
            (_, DeadlineState::Overdue) => ("late", format!("{}{name}", pick("逾期：", "overdue: "))),
            _ => return,
        };
        let until = if class == "limit" { self.when.day_time(deadline.due_at) } else { String::new() };
        self.push(Line { until, ..self.line(now, class, what) });
    }
}

/// The plan's tiers as a form offers them: id and name, the gravest first.
pub(super) fn tiers(plan: &Plan) -> Vec<(String, String)> {
    plan.tiers.iter().rev().map(|tier| (tier.id.clone(), clean(&tier.name))).collect()
}
