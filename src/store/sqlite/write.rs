//! What is written: a request is prepared where it is made (bodies serialised, plans hashed), and
//! applied on the writer's thread.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::{
    archived, chain,
    due::Due,
    erase::erase,
    evidence::EvidenceRow,
    listing::{self, Listing},
    looks,
    plans::{PlanRow, Plans},
    post_words, query,
    row::{bodies, corrupt, int, micros, run, size, to_body},
    sweep::sweep,
    usage,
    versions::VersionRow,
};
use crate::{
    desk::{Change, DeskState},
    model::{
        Deadline, DeadlineState, Delivery, Entry, FileBody, Forgotten, Incident, IncidentState, Notice,
        ObservationRow, Outcome, Plan, PostRow, Retention, RuleLine, UsageBatch,
    },
    store::{
        LAST_COMMIT, RoundRow, SavedSearch, SourceChange, SourceState, StoreError, Swept,
        contract::{holds_entry, is_new_commit},
    },
};

/// Logged rounds are kept as long as the law wants access logs to be, and a little more.
const ROUNDS_KEPT: SignedDuration = SignedDuration::from_hours(200 * 24);

/// One request to the writer; applied whole or not at all.
#[derive(Debug)]
pub(super) enum Write {
    Changes {
        /// The number that it may come again under; `None` when coming twice would do no harm, or never happens.
        number: Option<u64>,
        changes: Vec<Prepared>,
    },
    Attempted {
        delivery: Delivery,
        next_attempt_at: Timestamp,
    },
    Source {
        state: Box<SourceState>,
        body: String,
    },
    SourceChange(Changing),
    Round(RoundRow),
    Rules {
        rules: Vec<RuleLine>,
        now: Timestamp,
    },
    Usage(UsageBatch),
    Versions(Vec<VersionRow>),
    SaveSearch(SavedSearch),
    ForgetSearch {
        name: String,
    },
    Value {
        key: String,
        value: String,
    },
    Sweep {
        due: Due,
        retention: Arc<Retention>,
        now: Timestamp,
        swept: Arc<Mutex<Swept>>,
    },
    /// Proves that the writer lives and gets its lock.
    Ping,
}

impl Write {
    /// Whether it writes rows of the desk that people see.
    pub(super) fn is_of_the_desk(&self) -> bool {
        matches!(self, Self::Changes { .. } | Self::Attempted { .. })
    }

    /// Whether it writes a source's state.
    pub(super) fn is_of_a_source(&self) -> bool {
        matches!(self, Self::Source { .. } | Self::SourceChange(_))
    }
}

/// A change with everything done that needs no database.
#[derive(Debug)]
pub(super) enum Prepared {
    Incident {
        row: Box<Incident>,
        plan: Arc<PlanRow>,
        listing: Listing,
        kept_as: Option<String>,
        body: String,
    },
    Post {
        row: Box<PostRow>,
        words: Option<i64>,
        body: String,
    },
    Deadline {
        row: Deadline,
        body: String,
    },
    Notice {
        row: Box<Notice>,
        standing: String,
        body: String,
    },
    Entry {
        row: Entry,
        body: String,
    },
    State {
        body: String,
    },
    Observation(ObservationRow),
    Evidence(EvidenceRow),
    Forget(Forgotten),
    File(FileBody),
    Version(VersionRow),
}

/// Stands in an incident's body where its plan would be written out.
static NO_PLAN: LazyLock<Arc<Plan>> = LazyLock::new(Arc::default);

/// Prepares changes. Rows that others refer to come first, so that the order within a batch is the
/// caller's own affair; changes of one kind keep their order.
pub(super) fn prepare(number: Option<u64>, changes: Vec<Change>, plans: &Plans) -> Result<Write, StoreError> {
    let number = number.filter(|_| holds_entry(&changes));
    let mut out = changes.into_iter().map(|one| prepared(one, plans)).collect::<Result<Vec<_>, _>>()?;
    out.sort_by_key(|one| match one {
        // It reads the rows as they were.
        Prepared::Forget(_) => 0,
        Prepared::Incident { .. } => 1,
        Prepared::Post { .. } => 2,
        _ => 3,
    });
    Ok(Write::Changes { number, changes: out })
}

fn prepared(change: Change, plans: &Plans) -> Result<Prepared, StoreError> {
    Ok(match change {
        Change::Incident(mut row) => {
            let (plan, listing) = (plans.row(&row.plan)?, Listing::of(&row));
            let kept_as = row.kept_as().map(str::to_owned);
            row.plan = Arc::clone(&NO_PLAN);
            let body = to_body("incident", &row)?;
            Prepared::Incident { row, plan, listing, kept_as, body }
        }
        Change::Post(row) => {
            Prepared::Post { body: to_body("post", &row)?, words: post_words::hash_of(&row.post), row }
        }
        Change::Deadline(row) => Prepared::Deadline { body: to_body("deadline", &row)?, row },
        Change::Notice(row) => {
            Prepared::Notice { standing: to_body("notice", &row.state)?, body: to_body("notice", &row)?, row }
        }
        Change::Entry(row) => Prepared::Entry { body: to_body("entry", &row)?, row },
        Change::State(row) => Prepared::State { body: to_body::<DeskState>("desk", &row)? },
        Change::Observation(row) => Prepared::Observation(row),
        Change::Evidence(row) => Prepared::Evidence(EvidenceRow::of(&row)?),
        Change::Forget(forgotten) => Prepared::Forget(forgotten),
        Change::File(file) => Prepared::File(file),
        Change::FileVersion(version) => Prepared::Version(VersionRow::of(*version)?),
    })
}

/// Applies one request inside the present transaction.
pub(super) fn apply(connection: &Connection, write: &Write) -> Result<(), StoreError> {
    match write {
        Write::Changes { number, changes } => {
            if let Some(number) = number
                && !begin_commit(connection, *number)?
            {
                return Ok(());
            }
            changes.iter().try_for_each(|change| apply_change(connection, change))
        }
        Write::Attempted { delivery, next_attempt_at } => attempted(connection, delivery, *next_attempt_at),
        Write::Source { state, body } => keep_source(connection, state, body),
        Write::SourceChange(changing) => changing.apply(connection),
        Write::Round(row) => round(connection, row),
        Write::Rules { rules, now } => usage::keep_rules(connection, rules, *now),
        Write::Usage(batch) => usage::add(connection, batch),
        Write::Versions(rows) => rows.iter().try_for_each(|row| row.keep(connection)),
        Write::SaveSearch(saved) => listing::save(connection, saved),
        Write::ForgetSearch { name } => listing::forget_saved(connection, name),
        Write::Value { key, value } => keep_value(connection, key, value),
        Write::Sweep { due, retention, now, swept } => {
            let gone = sweep(connection, due, retention, *now)?;
            *swept.lock().unwrap_or_else(PoisonError::into_inner) = gone;
            Ok(())
        }
        Write::Ping => Ok(()),
    }
}

pub(super) fn keep_value(connection: &Connection, key: &str, value: &str) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO value (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = ?2",
        params![key, value],
    )
}

/// Keeps the number of a commit; `false` when the commit was written already.
fn begin_commit(connection: &Connection, number: u64) -> Result<bool, StoreError> {
    let last = query::value(connection, LAST_COMMIT)?;
    let last =
        last.map_or(Ok(0), |last| last.parse()).map_err(|_| corrupt("value", &"the last commit's number"))?;
    let new = is_new_commit(number, last)?;
    if new {
        keep_value(connection, LAST_COMMIT, &number.to_string())?;
    }
    Ok(new)
}

fn keep_source(connection: &Connection, state: &SourceState, body: &str) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO source (name, next_at, health, body) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (name) DO UPDATE SET next_at = ?2, health = ?3, body = ?4",
        params![state.source, state.next_at.map(micros), state.health, body],
    )
}

/// A change of a source's state, made on what the transaction finds.
pub(super) struct Changing {
    pub(super) source: String,
    pub(super) change: SourceChange,
    /// Where the caller finds what was kept.
    pub(super) kept: Arc<Mutex<SourceState>>,
}

impl std::fmt::Debug for Changing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changing").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Changing {
    fn apply(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut state = source_state(connection, &self.source)?;
        (self.change)(&mut state);
        keep_source(connection, &state, &to_body("source", &state)?)?;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = state;
        Ok(())
    }
}

/// What is kept of a source; the default for an unknown one.
pub(super) fn source_state(connection: &Connection, source: &str) -> Result<SourceState, StoreError> {
    let found = bodies(connection, "source", "SELECT body FROM source WHERE name = ?1", [source])?;
    Ok(found
        .into_iter()
        .next()
        .unwrap_or(SourceState { source: source.to_owned(), ..SourceState::default() }))
}

fn round(connection: &Connection, row: &RoundRow) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO round (source, started_at, ended_at, answers, posts, new, trouble)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            row.source,
            micros(row.started_at),
            micros(row.ended_at),
            int(row.answers),
            int(row.posts),
            int(row.new),
            row.trouble
        ],
    )?;
    let oldest = row.started_at.saturating_sub(ROUNDS_KEPT).unwrap_or(Timestamp::MIN);
    run(connection, "DELETE FROM round WHERE started_at < ?1", params![micros(oldest)])
}

fn apply_change(connection: &Connection, change: &Prepared) -> Result<(), StoreError> {
    match change {
        Prepared::Incident { row, plan, listing, kept_as, body } => {
            incident(connection, row, plan, body)?;
            archived::keep(connection, row, kept_as.as_deref())?;
            listing.keep(connection)
        }
        Prepared::Post { row, words, body } => post(connection, row, *words, body),
        Prepared::Deadline { row, body } => deadline(connection, row, body),
        Prepared::Notice { row, standing, body } => notice(connection, row, standing, body),
        Prepared::Entry { row, body } => {
            chain::append(connection, row.incident.map(|id| int(id.0)), micros(row.at), &row.kind, body)
        }
        Prepared::State { body } => run(
            connection,
            "INSERT INTO desk (one, body) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET body = ?1",
            params![body],
        ),
        Prepared::Observation(row) => looks::keep(connection, row),
        Prepared::Evidence(row) => row.keep(connection),
        Prepared::Forget(forgotten) => erase(connection, forgotten),
        Prepared::Version(row) => row.keep(connection),
        Prepared::File(file) => run(
            connection,
            "INSERT INTO file (sha256, body) VALUES (?1, ?2) ON CONFLICT (sha256) DO NOTHING",
            params![file.sha256, *file.bytes],
        ),
    }
}

fn incident(connection: &Connection, row: &Incident, plan: &PlanRow, body: &str) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO plan (hash, body) VALUES (?1, ?2) ON CONFLICT (hash) DO NOTHING",
        params![plan.hash, plan.body],
    )?;
    run(
        connection,
        "INSERT INTO incident (id, unit, state, rank, opened_at, merged_into, plan, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET
            unit = ?2, state = ?3, rank = ?4, opened_at = ?5, merged_into = ?6, plan = ?7, body = ?8",
        params![
            int(row.id.0),
            row.unit,
            incident_state(row.state),
            size(row.rank),
            micros(row.opened_at),
            row.merged_into.map(|id| int(id.0)),
            plan.hash,
            body
        ],
    )
}

/// Most looks at a post change its figures and neither its words nor its place.
fn post(connection: &Connection, row: &PostRow, words: Option<i64>, body: &str) -> Result<(), StoreError> {
    let (key, incident) = (&row.post.key, int(row.incident.0));
    let known = post_words::known(connection, &row.unit, &key.site, &key.id)?;
    if let Some(known) = known {
        post_words::give_way(connection, known, words, incident)?;
    }
    run(
        connection,
        "INSERT INTO post (unit, site, id, incident, first_seen_at, body, words, own)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7 IS NOT NULL)
         ON CONFLICT (unit, site, id) DO UPDATE SET incident = ?4, first_seen_at = ?5, body = ?6, words = ?7,
            own = CASE WHEN words IS ?7 THEN own ELSE ?7 IS NOT NULL END",
        params![row.unit, key.site, key.id, incident, micros(row.first_seen_at), body, words],
    )?;
    if known.is_some_and(|known| known.words == words) {
        return Ok(());
    }
    let number = known.map_or_else(|| connection.last_insert_rowid(), |known| known.number);
    post_words::add_own(connection, number, &row.post)
}

fn deadline(connection: &Connection, row: &Deadline, body: &str) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO deadline (key, incident, kind, state, due_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (key) DO UPDATE SET incident = ?2, kind = ?3, state = ?4, due_at = ?5, body = ?6",
        params![
            row.key,
            int(row.incident.0),
            row.kind.id(),
            deadline_state(&row.state),
            micros(row.due_at),
            body
        ],
    )
}

/// What a notice says is fixed when it is decided: a later change moves its state only, and nothing
/// brings one that is over back into the outbox, or it would be sent twice.
fn notice(connection: &Connection, row: &Notice, standing: &str, body: &str) -> Result<(), StoreError> {
    run(
        connection,
        "INSERT INTO notice (id, incident, kind, contact, channel, rank, state, standing, created_at,
                             due_at, next_attempt_at, attempts, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?9, 0, ?11)
         ON CONFLICT (id) DO UPDATE SET state = ?7, standing = ?8
            WHERE state = 'pending' OR ?7 <> 'pending'",
        params![
            row.id.0,
            row.incident.map(|id| int(id.0)),
            row.kind.id(),
            row.contact,
            row.channel.id(),
            size(row.rank),
            row.state.id(),
            standing,
            micros(row.created_at),
            micros(row.due_at),
            body
        ],
    )
}

fn attempted(connection: &Connection, delivery: &Delivery, next: Timestamp) -> Result<(), StoreError> {
    let why = match &delivery.outcome {
        Outcome::Accepted => None,
        Outcome::Retry { why } | Outcome::Refused { why } => Some(why.as_str()),
    };
    run(
        connection,
        "UPDATE notice SET attempts = max(attempts, ?2), next_attempt_at = ?3, last_failure = ?4
         WHERE id = ?1 AND state = 'pending'",
        params![delivery.notice.0, delivery.attempt, micros(next), why],
    )
}

pub(super) const fn incident_state(state: IncidentState) -> &'static str {
    match state {
        IncidentState::Dormant => "dormant",
        IncidentState::Open => "open",
        IncidentState::Closed => "closed",
        IncidentState::Merged => "merged",
        IncidentState::Archived => "archived",
    }
}

const fn deadline_state(state: &DeadlineState) -> &'static str {
    match state {
        DeadlineState::Running => "running",
        DeadlineState::Met { .. } => "met",
        DeadlineState::Overdue => "overdue",
        DeadlineState::Ended { .. } => "ended",
    }
}
