//! What happened, told from the store alone: tiers with their times, notices by kind, recipient, channel
//! and state, limits met and overdue by recipient. The mailbox's own count stands beside it, so that a
//! mail that was counted and never arrived would show.

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::Timestamp;
use serde::Serialize;

use super::Mailbox;
use crate::{
    locale::{Locale, words},
    model::{
        ChannelKind, Deadline, DeadlineKind, DeadlineState, Incident, IncidentState, Notice, NoticeState,
    },
    store::{IncidentFilter, IncidentView, Store, StoreError},
};

/// Notices and incidents looked through; a demo has far fewer.
const MOST: usize = 10_000;

/// The whole of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Incidents, gravest first.
    pub incidents: Vec<IncidentLine>,
    /// Notices by kind, tier, recipient, channel and state.
    pub notices: Vec<NoticeLine>,
    /// Limits by recipient.
    pub deadlines: Vec<DeadlineLine>,
    /// Mails that the store says were accepted.
    pub mails_accepted: usize,
    /// Mails that lie in the mailbox; `None` until compared.
    pub mails_in_mailbox: Option<usize>,
}

/// One incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IncidentLine {
    /// Number.
    pub id: u64,
    /// What it is about.
    pub gist: String,
    /// Sites.
    pub sites: usize,
    /// Posts.
    pub posts: u64,
    /// Whether it is backlog that nobody was alerted of: it goes into a digest only.
    pub dormant: bool,
    /// Tiers in the order in which they were reached; none of backlog.
    pub tiers: Vec<TierLine>,
    /// When the public answer was registered. UTC.
    pub responded_at: Option<Timestamp>,
}

/// A tier reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TierLine {
    /// Its id.
    pub tier: String,
    /// Its name.
    pub name: String,
    /// When. UTC.
    pub at: Timestamp,
}

/// Notices of one sort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoticeLine {
    /// Why.
    pub kind: &'static str,
    /// Name of the tier told; empty for digests of several.
    pub tier: String,
    /// To whom.
    pub contact: String,
    /// By what.
    pub channel: &'static str,
    /// State.
    pub state: &'static str,
    /// How many.
    pub count: usize,
    /// Why, by what and the state, in the office's words.
    #[serde(skip)]
    words: (&'static str, &'static str, &'static str),
}

/// Limits of one recipient. Limits that belong to nobody in particular stand under the unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DeadlineLine {
    /// Who.
    pub recipient: String,
    /// Met in time.
    pub met: usize,
    /// Passed.
    pub overdue: usize,
    /// Still running.
    pub running: usize,
    /// Ended without being needed: a higher tier's took their place, the chain went on.
    pub ended: usize,
}

impl Summary {
    /// Computes it.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn of(store: &dyn Store) -> Result<Self, StoreError> {
        let filter = IncidentFilter { limit: MOST, ..IncidentFilter::default() };
        let mut views = Vec::new();
        for incident in store.incidents(filter).await? {
            views.extend(store.incident(incident.id).await?.filter(|view| view.incident.id == incident.id));
        }
        let notices: Vec<Notice> = store.notices(MOST).await?.into_iter().map(|row| row.notice).collect();
        let by_mail = |notice: &&Notice| {
            notice.channel == ChannelKind::Email && matches!(notice.state, NoticeState::Accepted { .. })
        };
        Ok(Self {
            incidents: views.iter().map(incident_line).collect(),
            deadlines: deadline_lines(&views),
            mails_accepted: notices.iter().filter(by_mail).count(),
            notices: notice_lines(&notices),
            mails_in_mailbox: None,
        })
    }

    /// The same with what lies in the mailbox. A mail that two recipients share counts for each.
    #[must_use]
    pub fn beside(mut self, mailbox: &Mailbox) -> Self {
        self.mails_in_mailbox = Some(mailbox.mails().iter().map(|mail| mail.to.len()).sum());
        self
    }

    /// Whether the mailbox holds as many mails as the store says were accepted.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.mails_in_mailbox.is_none_or(|mails| mails == self.mails_accepted)
    }

    /// Names of the tiers that were told by at least one notice or reached by an incident.
    #[must_use]
    pub fn tiers_reached(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for tier in self.incidents.iter().flat_map(|incident| &incident.tiers) {
            if !names.contains(&tier.tier.as_str()) {
                names.push(&tier.tier);
            }
        }
        names
    }
}

fn incident_line(view: &IncidentView) -> IncidentLine {
    let incident = &view.incident;
    IncidentLine {
        id: incident.id.0,
        gist: incident.gist.clone(),
        sites: incident.heat.sites.len(),
        posts: incident.heat.posts,
        dormant: incident.state == IncidentState::Dormant,
        tiers: tiers(incident, &view.deadlines),
        responded_at: incident.responded_at,
    }
}

/// When each tier began: the `report` limit of a tier runs from the first instant at it. The lowest tier,
/// which has no such limit, began when the incident was opened.
fn tiers(incident: &Incident, deadlines: &[Deadline]) -> Vec<TierLine> {
    if incident.state == IncidentState::Dormant {
        return Vec::new();
    }
    let mut began: BTreeMap<usize, Timestamp> = BTreeMap::new();
    let mut earliest = |rank: usize, at: Timestamp| {
        began.entry(rank).and_modify(|known| *known = at.min(*known)).or_insert(at);
    };
    for deadline in deadlines.iter().filter(|deadline| deadline.kind == DeadlineKind::Report) {
        earliest(deadline.rank, deadline.base_at);
    }
    earliest(incident.rank, incident.graded_at);
    let before = incident.plan.lowest_alerting_rank().checked_sub(1);
    if let Some(lowest) = before.filter(|_| began.values().all(|at| incident.opened_at < *at)) {
        began.insert(lowest, incident.opened_at);
    }
    let mut lines: Vec<_> = began
        .into_iter()
        .map(|(rank, at)| {
            let tier = incident.plan.tier(rank);
            TierLine { tier: tier.id.clone(), name: tier.name.clone(), at }
        })
        .collect();
    lines.sort_by_key(|line| line.at);
    lines
}

fn notice_lines(notices: &[Notice]) -> Vec<NoticeLine> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for notice in notices {
        let rank = std::cmp::Reverse(notice.rank);
        let tier = notice.facts.tier_name.clone();
        let (kind, channel, state) = (notice.kind.id(), notice.channel.id(), notice.state.id());
        let zh = Locale::ZhCn;
        let (in_words, _) = words::state(&notice.state, zh);
        let in_words = (words::notice(notice.kind, zh), words::channel(notice.channel, zh), in_words);
        *counts.entry((rank, tier, kind, notice.contact.clone(), channel, state, in_words)).or_default() += 1;
    }
    counts
        .into_iter()
        .map(|((_, tier, kind, contact, channel, state, words), count)| NoticeLine {
            kind,
            tier,
            contact,
            channel,
            state,
            count,
            words,
        })
        .collect()
}

fn deadline_lines(views: &[IncidentView]) -> Vec<DeadlineLine> {
    let mut lines: BTreeMap<String, DeadlineLine> = BTreeMap::new();
    for view in views {
        for deadline in &view.deadlines {
            for recipient in owers(&view.incident, deadline) {
                let line = lines.entry(recipient.clone()).or_default();
                line.recipient = recipient;
                match &deadline.state {
                    DeadlineState::Met { at } if *at <= deadline.due_at => line.met += 1,
                    DeadlineState::Met { .. } | DeadlineState::Overdue => line.overdue += 1,
                    DeadlineState::Running => line.running += 1,
                    DeadlineState::Ended { .. } => line.ended += 1,
                }
            }
        }
    }
    lines.into_values().collect()
}

/// Who owes what a limit is for: the contacts of the step for a confirmation, else the unit.
fn owers(incident: &Incident, deadline: &Deadline) -> Vec<String> {
    let line = deadline.line.as_ref().filter(|_| deadline.kind == DeadlineKind::Acknowledge);
    let lines = &incident.plan.tier(deadline.rank).lines;
    let step = line.and_then(|name| lines.iter().find(|line| line.name == *name));
    let contacts = step.and_then(|line| line.steps.get(deadline.step)).cloned().unwrap_or_default();
    if contacts.is_empty() { vec![incident.unit.clone()] } else { contacts }
}

impl Summary {
    /// As a page of text for a terminal, times since `start`.
    #[must_use]
    pub fn to_text(&self, start: Timestamp) -> String {
        let mut out = String::from("演示小结（由数据库算出；单位、人物、地点均为虚构）\n");
        // Writing to a string cannot fail, hence the `let _`.
        for incident in &self.incidents {
            let _ = writeln!(
                out,
                "\n事件 #{} {}\n  {} 个站点，{} 篇",
                incident.id, incident.gist, incident.sites, incident.posts
            );
            if incident.dormant {
                let _ = writeln!(out, "  历史内容，未立案，只进汇总");
            }
            for tier in &incident.tiers {
                let _ = writeln!(out, "  {} {}", since(tier.at, start), tier.name);
            }
            if let Some(at) = incident.responded_at {
                let _ = writeln!(out, "  {} 公开回应已登记", since(at, start));
            }
        }
        let _ = writeln!(out, "\n通知");
        for line in &self.notices {
            let _ = writeln!(
                out,
                "  {} {} {} {} {} × {}",
                padded(&line.tier, 8),
                padded(line.words.0, 12),
                padded(&line.contact, 18),
                padded(line.words.1, 4),
                padded(line.words.2, 6),
                line.count
            );
        }
        let _ = writeln!(out, "\n时限（按责任人）");
        for line in &self.deadlines {
            let _ = writeln!(
                out,
                "  {} 按时 {}，超时 {}，进行中 {}，不再需要 {}",
                padded(&line.recipient, 18),
                line.met,
                line.overdue,
                line.running,
                line.ended
            );
        }
        let _ = write!(out, "\n邮件: 数据库记为已受理 {} 封", self.mails_accepted);
        if let Some(mails) = self.mails_in_mailbox {
            let words = if self.agrees() { "两者一致" } else { "两者不一致！" };
            let _ = write!(out, "，信箱里 {mails} 封，{words}");
        }
        out.push('\n');
        out
    }
}

/// `第 12 秒`.
fn since(at: Timestamp, start: Timestamp) -> String {
    format!("第 {:>2} 秒", at.duration_since(start).as_secs())
}

/// Text filled up to a width in columns; a Han character takes two.
fn padded(text: &str, width: usize) -> String {
    let columns: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(columns)))
}
