//! What the office looks up in the record: rows of the audit, deliveries, the cases of a span with what their
//! timeliness is measured by, and how the database grew. Every page of rows costs a bounded look, however rare what is
//! looked for.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{IncidentView, Outgoing, Store, StoreError};
use crate::model::{ChannelKind, Deadline, Entry, Incident, IncidentId, Notice, NoticeKind, NoticeState};

/// Rows that are looked at for one page, where no index leads to those that are wanted.
pub const LOOKED_AT: i64 = 50_000;

/// What following the audit's hash chain showed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Rows looked at; all of them when nothing is broken.
    pub rows: u64,
    /// Number of the last row that was taken away because its time was over; 0 when none was.
    pub cut: i64,
    /// Rows whose text was forgotten by law; the chain holds over their hash.
    pub forgotten: u64,
    /// Number of the first broken row, and what is wrong: its `content`, or its `link` to the row before.
    pub broken: Option<(i64, &'static str)>,
    /// Hash of the last good row, in hex; empty when there is none.
    pub head: String,
}

/// A row of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, ascending from 1.
    pub number: i64,
    /// What happened.
    pub entry: Entry,
    /// SHA-256 of the row's body, in hex; empty in an engine that outlives no process and chains nothing.
    pub body_hash: String,
    /// SHA-256 of the hash before and of the row, in hex; empty likewise.
    pub hash: String,
}

/// Which rows of the audit are wanted; empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditLook {
    /// Only rows before this number.
    pub before: Option<i64>,
    /// Only rows of this kind ([`Entry::ACT`]: acts as they were given).
    pub kind: Option<String>,
    /// Only what this person did.
    pub by: Option<String>,
    /// Only rows of this incident.
    pub incident: Option<IncidentId>,
    /// Only what happened at or after. UTC.
    pub from: Option<Timestamp>,
    /// Only what happened before. UTC.
    pub to: Option<Timestamp>,
    /// At most so many (0: 100).
    pub limit: usize,
}

impl AuditLook {
    /// Rows of one page.
    #[must_use]
    pub const fn limit(&self) -> usize {
        if self.limit == 0 { 100 } else { self.limit }
    }

    /// Whether a row is wanted.
    #[must_use]
    pub fn wants(&self, number: i64, entry: &Entry) -> bool {
        self.before.is_none_or(|before| number < before)
            && self.kind.as_ref().is_none_or(|kind| entry.kind == *kind)
            && self.by.as_ref().is_none_or(|by| entry.by.as_ref() == Some(by))
            && self.incident.is_none_or(|incident| entry.incident == Some(incident))
            && self.from.is_none_or(|from| entry.at >= from)
            && self.to.is_none_or(|to| entry.at < to)
    }
}

/// A page of rows, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows<T> {
    /// The rows. A page may have fewer than were asked for, even none, and others before it.
    pub rows: Vec<T>,
    /// Older ones stand before this number; `None`: there are none.
    pub earlier: Option<i64>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), earlier: None }
    }
}

/// Which deliveries are wanted; empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryLook {
    /// Only those before this number.
    pub before: Option<i64>,
    /// Only those that stand so: `pending`, `accepted`, `refused`…, as the store's column has it.
    pub state: Option<String>,
    /// Only those by this channel.
    pub channel: Option<ChannelKind>,
    /// Only those to this contact.
    pub contact: Option<String>,
    /// At most so many (0: 100).
    pub limit: usize,
}

impl DeliveryLook {
    /// Rows of one page.
    #[must_use]
    pub const fn limit(&self) -> usize {
        if self.limit == 0 { 100 } else { self.limit }
    }
}

/// A delivery with its number, ascending as notices were decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its number.
    pub number: i64,
    /// The notice and where it stands.
    pub outgoing: Outgoing,
}

/// Which cases are wanted: those first seen within a span, newest first. Merged ones are told in their survivor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseLook {
    /// First seen at or after. UTC.
    pub from: Timestamp,
    /// First seen before. UTC.
    pub to: Timestamp,
    /// Only those of these units; none: of all.
    pub units: Vec<String>,
    /// Only those after this one.
    pub after: Option<(Timestamp, IncidentId)>,
    /// At most so many.
    pub limit: usize,
}

/// A case with what its timeliness is measured by.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The incident.
    pub incident: Incident,
    /// Its deadlines by due time.
    pub deadlines: Vec<Deadline>,
    /// What was told of it, and of what was merged into it, in the order in which it was decided.
    pub told: Vec<Told>,
}

impl From<&IncidentView> for Case {
    fn from(view: &IncidentView) -> Self {
        let told = |notice: &Notice| Told {
            contact: notice.contact.clone(),
            person: notice.facts.person.clone(),
            kind: notice.kind,
            rank: notice.rank,
            channel: notice.channel,
            created_at: notice.created_at,
            state: notice.state.clone(),
        };
        Self {
            incident: view.incident.clone(),
            deadlines: view.deadlines.clone(),
            told: view.notices.iter().map(told).collect(),
        }
    }
}

/// A notice of a case as far as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// To whom.
    pub contact: String,
    /// Who stood behind the contact then, when that is known by name.
    pub person: Option<String>,
    /// Why.
    pub kind: NoticeKind,
    /// Rank of the tier that it told.
    pub rank: usize,
    /// By what way.
    pub channel: ChannelKind,
    /// When it was decided. UTC.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: NoticeState,
}

/// How large the database was, day by day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Growth(pub BTreeMap<Date, u64>);

impl Growth {
    /// Under this key it stands among the small named values.
    pub const KEY: &str = "size/days";
    /// Days that are kept.
    const DAYS: usize = 800;

    /// What is kept; an unreadable value counts as none.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(store: &dyn Store) -> Result<Self, StoreError> {
        let kept = store.value(Self::KEY).await?;
        Ok(kept.and_then(|kept| serde_json::from_str(&kept).ok()).unwrap_or_default())
    }

    /// Notes today's size unless it is noted already.
    ///
    /// # Errors
    /// The store's.
    pub async fn note(store: &dyn Store, today: Date) -> Result<(), StoreError> {
        let mut growth = Self::read(store).await?;
        if growth.0.contains_key(&today) {
            return Ok(());
        }
        growth.0.insert(today, store.size_bytes().await?);
        while growth.0.len() > Self::DAYS {
            growth.0.pop_first();
        }
        let kept = serde_json::to_string(&growth).unwrap_or_default();
        store.set_value(Self::KEY, kept).await
    }

    /// Bytes a day that it grew by over the last `days` days before `today`, as far as it is known; `None` when no
    /// earlier day is.
    #[must_use]
    pub fn a_day(&self, today: Date, days: i64) -> Option<i64> {
        let (last, now) = self.0.last_key_value()?;
        let since = today.checked_sub(jiff::Span::new().days(days)).ok()?;
        let (first, then) = self.0.range(since..).next()?;
        let between = i64::from((*last - *first).get_days());
        let grown = i64::try_from(*now).ok()?.checked_sub(i64::try_from(*then).ok()?)?;
        (between > 0).then(|| grown / between)
    }
}
