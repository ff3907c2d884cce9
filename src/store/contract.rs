//! What every storage engine must do. Free of any engine's words: the same conformance suite runs
//! against each.

use std::{future::Future, pin::Pin, sync::Arc};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::{kept::Kept, written::Written};
use crate::{
    desk::{Change, DeskState, Restored},
    model::{
        Caught, ChannelKind, Deadline, Delivery, Entry, Evidence, FileVersion, FileVersionLine, Incident,
        IncidentId, Notice, NoticeId, ObservationRow, PostKey, PostRow, Retention, RuleLine, SourceHistory,
        Usage, UsageBatch,
    },
    store::{
        AuditLook, AuditReport, AuditRow, Case, CaseLook, DeliveryLook, DeliveryRow, IncidentChoices,
        IncidentPage, IncidentSearch, Rows, SavedSearch,
    },
};

/// A boxed answer of the store.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full; nothing was written. Try again when there is room.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The file, or the disk that it lies on, may not be written.
    #[error("the disk takes no writes: {0}")]
    Unwritable(String),
    /// Another connection has the database for too long.
    #[error("the database is busy: {0}")]
    Locked(String),
    /// Another process works on the database; two must not.
    #[error("another yuqing already runs on this database: {database}")]
    Held {
        /// Which database.
        database: String,
        /// Who, when that can be told.
        holder: Option<Holder>,
    },
    /// The database was written by a newer version.
    #[error("the database has schema {found}, this program knows up to {known}; install the newer version")]
    Newer {
        /// Schema of the file.
        found: u32,
        /// Newest schema that this program knows.
        known: u32,
    },
    /// A row could not be read back.
    #[error("a row of `{table}` cannot be read: {why}")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Why.
        why: String,
    },
    /// The engine failed otherwise; the transaction was rolled back.
    #[error("the store failed: {0}")]
    Engine(String),
    /// The store was opened for reading only, or is closing.
    #[error("the store takes no writes: {0}")]
    ReadOnly(&'static str),
}

/// Whether a numbered commit is to be written after the last one that was kept.
///
/// # Errors
/// Its number was given before.
pub(super) fn is_new_commit(number: u64, last: u64) -> Result<bool, StoreError> {
    if number < last {
        return Err(StoreError::Engine(format!("commit {number} comes after commit {last}")));
    }
    Ok(number > last)
}

/// Whether applying a batch twice would show.
pub(super) fn holds_entry(changes: &[Change]) -> bool {
    changes.iter().any(|change| matches!(change, Change::Entry(_)))
}

impl StoreError {
    /// What a failure of the file system means.
    #[must_use]
    pub fn of_file(path: &std::path::Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let words = format!("{}: {error}", path.display());
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => Self::Full(words),
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::Unwritable(words),
            _ => Self::Engine(words),
        }
    }

    /// Whether the disk is to blame: what could not be written can be written once it is mended.
    #[must_use]
    pub const fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Unwritable(_))
    }
}

/// What one step of a sweep did: rows that it forgot, and words that it put in order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Incidents, with all that hung on them.
    pub incidents: u64,
    /// Pieces of evidence.
    pub evidence: u64,
    /// Entries and notices of no incident, files that no incident names, and what went before its incident.
    pub loose: u64,
    /// Looks at posts of archived incidents on which no figure rests.
    pub looks: u64,
    /// Pages of the file that were given back to the disk.
    pub pages: u64,
    /// Posts whose words found another place in the full text, and pieces that were taken out of it.
    pub words: u64,
}

impl Swept {
    /// Whether there was nothing to do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        !self.forgot() && self.words == 0
    }

    /// Whether anything was forgotten, or given back.
    #[must_use]
    pub const fn forgot(&self) -> bool {
        self.incidents != 0 || self.evidence != 0 || self.loose != 0 || self.looks != 0 || self.pages != 0
    }

    /// Both together.
    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self {
            incidents: self.incidents + more.incidents,
            evidence: self.evidence + more.evidence,
            loose: self.loose + more.loose,
            looks: self.looks + more.looks,
            pages: self.pages + more.pages,
            words: self.words + more.words,
        }
    }
}

/// Who holds a database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Number of its process.
    pub pid: u32,
    /// Since when. UTC.
    pub since: Timestamp,
    /// What keeps it from writing just now: `full`, `unwritable`; empty while all is well.
    #[serde(default)]
    pub trouble: String,
}

/// A notice of the outbox that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The notice.
    pub notice: Notice,
    /// Attempts made so far.
    pub attempts: u32,
    /// Not before this instant. UTC.
    pub next_attempt_at: Timestamp,
}

impl Outgoing {
    /// By this the outbox is in order at an instant: what should have arrived before it comes first, the gravest
    /// of that foremost; then the rest; each by due time (to the microsecond).
    #[must_use]
    pub fn order(&self, now: Timestamp) -> (bool, std::cmp::Reverse<usize>, i64) {
        let due = self.notice.due_at.as_microsecond();
        let in_time = due >= now.as_microsecond();
        (in_time, std::cmp::Reverse(if in_time { 0 } else { self.notice.rank }), due)
    }
}

/// Beginning of the key of a source's last raw answer among the small named values, followed by the
/// source's name. The value is a JSON object (`url`, `at`, `content_type`, `health`, `why`,
/// `body_base64`), or empty when there is none.
pub const RAW_ANSWER: &str = "raw/";

/// What is kept of a source between polls and restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceState {
    /// The source's name.
    pub source: String,
    /// When it is next due. UTC.
    pub next_at: Option<Timestamp>,
    /// Validators per URL for conditional GET: (etag, last-modified).
    pub validators: std::collections::BTreeMap<String, (Option<String>, Option<String>)>,
    /// Fingerprints of the last bodies per URL, for pages whose host has no validators.
    pub bodies: std::collections::BTreeMap<String, String>,
    /// Start of the last full round that ended well; `None` until the first. UTC.
    pub last_round_at: Option<Timestamp>,
    /// Last fetch that gave data. UTC.
    pub last_good_at: Option<Timestamp>,
    /// Last time that it showed something new. UTC.
    pub last_new_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// `ok`, `quiet`, `stale`, `backing_off`, `broken`, `blocked`, `refused` (robots.txt), `disabled`, `paused`.
    pub health: String,
    /// Since when it is so; an illness counts from its first failure. UTC.
    pub since: Option<Timestamp>,
    /// The subject under which the administrators were told of its illness; empty while they were not.
    pub told: String,
    /// Why, in the office's language.
    pub why: String,
    /// Rounds done, posts seen, mentions handed on.
    pub rounds: u64,
    /// Posts seen over all rounds.
    pub posts: u64,
    /// Mentions handed to the desk.
    pub mentions: u64,
    /// Adapter's own memory (newest post id, and the like).
    pub memo: std::collections::BTreeMap<String, String>,
    /// What it has been like.
    pub history: SourceHistory,
}

/// The subject under which a fault of one source alone is told.
#[must_use]
pub fn source_subject(source: &str) -> String {
    format!("source/{source}")
}

impl SourceState {
    /// The subject under which its fault is told: its own, unless that of its site or of the whole network stands.
    #[must_use]
    pub fn subject(&self) -> String {
        if self.told.is_empty() { source_subject(&self.source) } else { self.told.clone() }
    }
}

/// A change of one part of a source's state.
pub type SourceChange = Arc<dyn Fn(&mut SourceState) + Send + Sync>;

/// As much of a source's state as the schedule needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceTimes {
    /// The source's name.
    pub source: String,
    /// When it is next due. UTC.
    pub next_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: u32,
    /// Its health, as in [`SourceState`].
    pub health: String,
    /// The subject under which its illness was told.
    pub told: String,
    /// The plan that it remembers, as `collect` wrote it.
    pub planned: String,
}

/// One whole round of a source that owes rounds, as it is logged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoundRow {
    /// The source's name.
    pub source: String,
    /// Its start. UTC.
    pub started_at: Timestamp,
    /// Its end. UTC.
    pub ended_at: Timestamp,
    /// Answers that were had, "not modified" ones included.
    pub answers: u64,
    /// Posts read.
    pub posts: u64,
    /// Posts that were not known before.
    pub new: u64,
    /// What went wrong, in the office's language; empty when it ended well.
    pub trouble: String,
}

/// Which rounds to list.
#[derive(Debug, Clone, Default)]
pub struct RoundFilter {
    /// Only this source's.
    pub source: Option<String>,
    /// Started at or after. UTC.
    pub from: Option<Timestamp>,
    /// Started before. UTC.
    pub to: Option<Timestamp>,
    /// At most so many (0: 10,000).
    pub limit: usize,
}

/// An incident with everything that is shown of it.
#[derive(Debug, Clone)]
pub struct IncidentView {
    /// The incident.
    pub incident: Incident,
    /// Members, earliest first sight first.
    pub posts: Vec<PostRow>,
    /// Their observations by time.
    pub observations: Vec<ObservationRow>,
    /// Its deadlines by due time.
    pub deadlines: Vec<Deadline>,
    /// Its notices by creation.
    pub notices: Vec<Notice>,
    /// Its timeline.
    pub entries: Vec<Entry>,
}

/// Which incidents to list.
#[derive(Debug, Clone, Default)]
pub struct IncidentFilter {
    /// Only this unit's.
    pub unit: Option<String>,
    /// Only open ones.
    pub open_only: bool,
    /// At most so many (0: 200).
    pub limit: usize,
}

/// What somebody was asked to confirm: the same however many notices asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which incident, under the number that it had then.
    pub incident: IncidentId,
    /// Rank of the tier that was told.
    pub rank: usize,
    /// Who was asked: a contact's name.
    pub contact: String,
    /// Where: the whole mailbox or number.
    pub address: String,
}

/// Versions that are kept of one file of the office; the oldest go.
pub const FILE_VERSIONS_KEPT: usize = 200;
/// Incidents, and posts of each, that are looked at for what a unit's rules caught lately.
pub const CAUGHT_INCIDENTS: usize = 200;
/// Posts of each of these incidents.
pub const CAUGHT_POSTS: usize = 10;
/// Incidents of a unit whose names are offered to somebody who does not see every unit.
pub const CHOSEN_FROM: usize = 2_000;

/// Where the number of the last numbered commit stands among the small named values.
pub const LAST_COMMIT: &str = "commit";

/// The store. Instants are kept to the microsecond. Writes of concurrent callers are grouped into one durable transaction.
///
/// **A call that failed may have been written all the same** (the disk answered late, or only the answer was lost), and
/// its caller cannot know. Rows with a key may come twice; entries have none, so a commit that is tried again carries a
/// number ([`Store::commit_numbered`]).
pub trait Store: Send + Sync + 'static {
    /// Applies all changes in one durable transaction (all or none). For a caller that does not try again.
    fn commit(&self, changes: Vec<Change>) -> Answer<'_, ()>;
    /// The same for a caller that tries until it succeeds: however often it comes under one number, its entries are
    /// appended once. The number is kept in the same transaction, so a commit under the number that was kept last is
    /// answered `Ok` and writes nothing; a failed one that wrote nothing kept no number, and is written when it comes
    /// again.
    ///
    /// Numbers ascend from [`Store::last_commit`] on; gaps do no harm. One below the last is refused
    /// ([`StoreError::Engine`]): it was given twice, and to say `Ok` might lose it. A batch without an entry needs no
    /// number and keeps none.
    fn commit_numbered(&self, number: u64, changes: Vec<Change>) -> Answer<'_, ()>;
    /// Number of the last numbered commit that holds an entry; 0 when there was none.
    fn last_commit(&self) -> Answer<'_, u64> {
        Box::pin(async {
            let Some(kept) = self.value(LAST_COMMIT).await? else { return Ok(0) };
            let why = || StoreError::Corrupt { table: "value", why: format!("{LAST_COMMIT} is {kept:?}") };
            kept.parse().map_err(|_| why())
        })
    }
    /// Everything a desk needs to go on.
    fn restore(&self) -> Answer<'_, Restored>;

    /// What the desk keeps beside incidents; the default on an empty store.
    fn desk_state(&self) -> Answer<'_, DeskState>;

    /// Notices that wait and whose next attempt is at or before `now`: first those that are overdue, gravest
    /// first and then earliest due, so that no limit hides a grave one behind many trifles; then the others,
    /// earliest due first ([`Outgoing::order`]). Only those of channels that dispatch sends
    /// ([`ChannelKind::is_dispatched`]); phone tasks wait for a person.
    fn outgoing(&self, now: Timestamp, limit: usize) -> Answer<'_, Vec<Outgoing>>;
    /// The same of one channel, so that a channel whose server hangs cannot hide the others' notices.
    fn outgoing_on(&self, channel: ChannelKind, now: Timestamp, limit: usize) -> Answer<'_, Vec<Outgoing>>;
    /// The earliest instant at which a waiting notice may be tried; `None` when none waits.
    fn next_outgoing_at(&self) -> Answer<'_, Option<Timestamp>>;
    /// The earliest instant strictly after `after` at which a waiting notice may be tried.
    fn next_outgoing_after(&self, after: Timestamp) -> Answer<'_, Option<Timestamp>>;
    /// Records a failed attempt that will be tried again (accepted and refused ones come as changes).
    /// A notice that does not wait any more is left as it is.
    fn attempted(&self, delivery: Delivery, next_attempt_at: Timestamp) -> Answer<'_, ()>;

    /// What is kept of a source; the default for an unknown one.
    fn source_state(&self, source: &str) -> Answer<'_, SourceState>;
    /// Keeps it as a whole. Only for a source whose state nobody else writes meanwhile.
    fn save_source_state(&self, state: SourceState) -> Answer<'_, ()>;
    /// Changes what the store has of a source (the default for an unknown one) in one transaction, so that
    /// nothing is lost that others write at the same time; answers with what is kept. `change` may be called
    /// more than once, each time on what is there.
    fn change_source_state(&self, source: &str, change: SourceChange) -> Answer<'_, SourceState>;
    /// All of them, by name.
    fn source_states(&self) -> Answer<'_, Vec<SourceState>>;

    /// Times of all of them, by name: a schedule of ten thousand sources needs no more in memory.
    fn source_times(&self) -> Answer<'_, Vec<SourceTimes>>;
    /// Logs a round; rows older than 200 days before it are forgotten.
    fn log_round(&self, row: RoundRow) -> Answer<'_, ()>;
    /// Logged rounds, newest first.
    fn rounds(&self, filter: RoundFilter) -> Answer<'_, Vec<RoundRow>>;

    /// Says which rules stand in the lists: those that are new begin at `now`, the counts of those that are gone
    /// are forgotten.
    fn keep_rules(&self, rules: Vec<RuleLine>, now: Timestamp) -> Answer<'_, ()>;
    /// Adds what was counted. Hits of rules that stand in no list are dropped; days older than 400 before the
    /// newest of the batch are forgotten.
    fn add_usage(&self, batch: UsageBatch) -> Answer<'_, ()>;
    /// How often each rule hit from the day `from` on, and within the 24 hours before `now`.
    fn usage(&self, now: Timestamp, from: Date) -> Answer<'_, Usage>;

    /// Keeps versions of the office's files that were found, each unless the newest of its file has the same content;
    /// of each file the newest [`FILE_VERSIONS_KEPT`] stay. Those that a person saved come as changes.
    fn keep_file_versions(&self, versions: Vec<FileVersion>) -> Answer<'_, ()>;
    /// The kept versions of a file, newest first.
    fn file_versions(&self, file: &str) -> Answer<'_, Vec<FileVersionLine>>;
    /// A content that a file had, by its SHA-256 in hex.
    fn file_version(&self, file: &str, sha256: &str) -> Answer<'_, Option<Vec<u8>>>;
    /// What a unit's keyword groups met, newest first: of the newest [`CAUGHT_INCIDENTS`] incidents opened at or after
    /// `since` the newest [`CAUGHT_POSTS`] posts, those that met a group.
    fn caught(&self, unit: &str, since: Timestamp) -> Answer<'_, Vec<Caught>>;

    /// Small named values (keyword ages, generation of keys).
    fn value(&self, key: &str) -> Answer<'_, Option<String>>;
    /// Keeps one.
    fn set_value(&self, key: &str, value: String) -> Answer<'_, ()>;

    /// Incidents, gravest and newest first.
    fn incidents(&self, filter: IncidentFilter) -> Answer<'_, Vec<Incident>>;
    /// A page of the list of incidents. Costs about the same however many there are: an index serves the order, and
    /// what is sorted out is sorted out on narrow rows.
    fn search(&self, search: IncidentSearch) -> Answer<'_, IncidentPage>;
    /// What the list can be narrowed to. `within` names the only units that somebody sees (empty: every unit): then the
    /// names are those of the newest [`CHOSEN_FROM`] incidents of each.
    fn choices(&self, within: Vec<String>) -> Answer<'_, IncidentChoices>;
    /// Searches that were saved, by name.
    fn saved_searches(&self) -> Answer<'_, Vec<SavedSearch>>;
    /// Saves one; one of that name is replaced.
    fn save_search(&self, saved: SavedSearch) -> Answer<'_, ()>;
    /// Forgets one; an unknown name does no harm.
    fn forget_search(&self, name: &str) -> Answer<'_, ()>;
    /// One incident with all that is shown; follows merges.
    fn incident(&self, id: IncidentId) -> Answer<'_, Option<IncidentView>>;
    /// The incident a post stands in, per unit.
    fn incidents_of_post(&self, post: &PostKey) -> Answer<'_, Vec<IncidentId>>;
    /// One notice.
    fn notice(&self, id: &NoticeId) -> Answer<'_, Option<Notice>>;
    /// Notices that a channel accepted, decided at or after `since`, newest first: those of which something may still be
    /// heard.
    fn accepted_on(&self, channel: ChannelKind, since: Timestamp, limit: usize) -> Answer<'_, Vec<Notice>>;
    /// Newest notices first.
    fn notices(&self, limit: usize) -> Answer<'_, Vec<Outgoing>>;
    /// What the notices that went by `channel` to an address that ends with `ending`, and were decided at or after
    /// `since`, asked to confirm: each once, the newest asked first. Nothing of archived incidents, which nobody
    /// confirms any more. However much was told to others meanwhile, none of it is left out.
    fn asked(&self, channel: ChannelKind, ending: &str, since: Timestamp) -> Answer<'_, Vec<Asked>>;
    /// Deadlines that run or are overdue, by due time.
    fn open_deadlines(&self) -> Answer<'_, Vec<Deadline>>;
    /// Newest entries of the timeline first.
    fn entries(&self, limit: usize) -> Answer<'_, Vec<Entry>>;

    /// A page of the audit, newest first.
    fn audit(&self, look: AuditLook) -> Answer<'_, Rows<AuditRow>>;
    /// Follows the audit's hash chain from its first row to its last.
    fn verify_audit(&self) -> Answer<'_, AuditReport>;
    /// A page of deliveries, newest first.
    fn deliveries(&self, look: DeliveryLook) -> Answer<'_, Rows<DeliveryRow>>;
    /// Cases first seen within a span, newest first.
    fn cases(&self, look: CaseLook) -> Answer<'_, Vec<Case>>;

    /// A file's content by its SHA-256 in hex.
    fn file(&self, sha256: &str) -> Answer<'_, Option<Vec<u8>>>;

    /// Evidence of a post, oldest first.
    fn evidence(&self, post: &PostKey) -> Answer<'_, Vec<Evidence>>;
    /// Forgets a little of what is older than it is to be kept (SEMANTICS 31), in one small transaction; call
    /// it until nothing went. What the desk works on (open, dormant, closed), and what stands in it, never goes. Of
    /// archived incidents that are kept, only the looks on which a figure rests stay (`desk::thin`).
    fn sweep(&self, retention: Retention, now: Timestamp) -> Answer<'_, Swept>;

    /// What is held and how old it is, as far as retention goes by it. Holds no writer up; bytes are estimated.
    fn kept(&self, now: Timestamp) -> Answer<'_, Kept>;

    /// Hears of writes that people see, soon after each is durable. One that failed and was written all the same may
    /// go unheard until the next.
    fn written(&self) -> watch::Receiver<Written>;

    /// Bytes on disk.
    fn size_bytes(&self) -> Answer<'_, u64>;
    /// Whether the engine answers (feeds the watchdog).
    fn ping(&self) -> Answer<'_, ()>;
}

/// A store as the rooms hold it.
pub type SharedStore = Arc<dyn Store>;
