//! The judgement: after each life, what the mail server took is held against what the store says and what the
//! program claimed.

use std::collections::{BTreeMap, BTreeSet};

use yuqing::{
    model::{DeadlineKind, DeadlineState, Incident, NoticeState},
    store::{IncidentFilter, SqliteStore, Store as _},
};

use super::{life::Claims, world::World};
use crate::support::mail::Letter;

/// How the fault begins that a cut outbox must cause.
pub const SENT_AGAIN: &str = "sent again";
/// Conversations that the program leads at one time: so many mails at most can stand between the server's
/// acceptance and its recording.
const PLACES: usize = 8;

/// What the store says of the notices that are sent, by their keys.
#[derive(Debug, Default, Clone)]
pub struct Kept {
    pub accepted: BTreeSet<String>,
    pub waiting: BTreeSet<String>,
    /// The incident that is told of.
    pub incident: Option<String>,
}

impl Kept {
    /// Notices that it knows.
    pub fn count(&self) -> usize {
        self.accepted.len() + self.waiting.len()
    }

    /// Reads it while nothing runs. A database that is not there or not yet whole has kept nothing.
    pub async fn read(world: &World) -> Result<Self, String> {
        let Ok(store) = open(world) else { return Ok(Self::default()) };
        let mut kept = Self::default();
        for one in store.notices(100_000).await.map_err(|error| error.to_string())? {
            let key = one.notice.id.0;
            match one.notice.state {
                NoticeState::Shown => continue,
                NoticeState::Accepted { .. } => kept.accepted.insert(key),
                NoticeState::Pending => kept.waiting.insert(key),
                other => return Err(format!("{key} is {other:?}")),
            };
            let incident = one.notice.incident.ok_or("a notice of no incident")?.to_string();
            if *kept.incident.get_or_insert_with(|| incident.clone()) != incident {
                return Err(format!("a second incident is told of: {incident}"));
            }
        }
        Ok(kept)
    }
}

fn open(world: &World) -> Result<SqliteStore, String> {
    SqliteStore::open_read_only(&world.folder.path().join("state/yuqing.db"))
        .map_err(|error| error.to_string())
}

/// What is known so far over all lives.
#[derive(Debug, Default)]
pub struct Ledger {
    pub kept: Kept,
    /// How often the server took each notice.
    taken: BTreeMap<String, usize>,
    n_letters: usize,
    /// Notices that the server took and that a kill kept from being recorded.
    pub torn: usize,
    /// Notices that the server took once more, each after such a kill.
    pub repeated: usize,
}

impl Ledger {
    /// Judges one life that has ended, by what the server took in it; `tiers` have been reached by the story.
    pub async fn judge(&mut self, world: &World, claims: &Claims, tiers: usize) -> Result<(), String> {
        world.mail.wait_until_quiet().await;
        let before = std::mem::take(&mut self.kept);
        self.kept = Kept::read(world).await?;
        let letters = world.mail.letters().split_off(self.n_letters);
        self.n_letters += letters.len();
        let expected = world.expected(self.kept.incident.as_deref().unwrap_or_default(), tiers);
        if let Some(key) =
            self.kept.accepted.union(&self.kept.waiting).find(|key| !expected.contains_key(*key))
        {
            return Err(format!("nobody expected the notice {key}"));
        }
        if let Some(key) = before.accepted.difference(&self.kept.accepted).next() {
            return Err(format!("lost: {key} was recorded as accepted and is not any more"));
        }
        if let Some(key) = claims.recorded.iter().find(|key| !self.kept.accepted.contains(*key)) {
            return Err(format!("acknowledged before it was durable: {key}"));
        }
        let mut torn = 0;
        let mut in_this_life = BTreeSet::new();
        for letter in &letters {
            let key = key_of(world, letter, &expected)?;
            if before.accepted.contains(&key) {
                return Err(format!("{SENT_AGAIN}: {key}, although its acceptance was recorded"));
            }
            if !in_this_life.insert(key.clone()) {
                return Err(format!("{SENT_AGAIN}: {key}, twice in one life"));
            }
            torn += usize::from(!self.kept.accepted.contains(&key));
            let times = self.taken.entry(key).or_default();
            *times += 1;
            self.repeated += usize::from(*times > 1);
        }
        if torn > PLACES {
            return Err(format!(
                "{torn} accepted mails were not recorded, more than can be under way at a kill"
            ));
        }
        self.torn += torn;
        if let Some(key) = self.kept.accepted.iter().find(|key| !self.taken.contains_key(*key)) {
            return Err(format!("recorded as accepted, but the server never took it: {key}"));
        }
        Ok(())
    }

    /// Judges the whole run after its orderly end.
    pub async fn close(&self, world: &World, tiers: usize) -> Result<(), String> {
        let incident = self.kept.incident.clone().ok_or("nothing was ever told")?;
        let expected = world.expected(&incident, tiers);
        if let Some(key) = expected.keys().find(|key| !self.taken.contains_key(*key)) {
            return Err(format!("missing: {key}"));
        }
        if !self.kept.waiting.is_empty() || self.kept.accepted.len() != expected.len() {
            return Err(format!("still waiting: {:?}", self.kept.waiting));
        }
        if self.repeated > self.torn {
            return Err(format!("{} repetitions after {} torn recordings", self.repeated, self.torn));
        }
        let store = open(world)?;
        let failed = |error: yuqing::store::StoreError| error.to_string();
        let all = store.incidents(IncidentFilter { limit: 1_000, ..IncidentFilter::default() }).await;
        let told = all.map_err(failed)?.into_iter().filter(|row| row.id.to_string() == incident);
        let row: Incident = told.last().ok_or("no such incident")?;
        let view = store.incident(row.id).await.map_err(failed)?.ok_or("no such incident")?;
        let reports: Vec<_> = view.deadlines.iter().filter(|one| one.kind == DeadlineKind::Report).collect();
        let met = |state: &DeadlineState| matches!(state, DeadlineState::Met { .. });
        if reports.len() != tiers || !reports.iter().all(|one| met(&one.state)) {
            return Err(format!("limits of reports: {reports:?}"));
        }
        let entries = |kind: &str| view.entries.iter().filter(|entry| entry.kind == kind).count();
        let counted = ["opened", "tier", "told", "accepted"].map(|kind| (kind, entries(kind)));
        let right = [("opened", 1), ("tier", tiers - 1), ("told", tiers), ("accepted", expected.len())];
        if counted != right {
            return Err(format!("the timeline has {counted:?} and not {right:?}"));
        }
        let posts: BTreeSet<_> = view.posts.iter().map(|row| &row.post.key).collect();
        if posts.len() != view.posts.len() || posts.len() < 4 {
            return Err(format!("members: {posts:?}"));
        }
        Ok(())
    }
}

/// The notice that a letter is, by its Message-ID; it must have gone to that notice's contact alone.
fn key_of(
    world: &World,
    letter: &Letter,
    expected: &BTreeMap<String, (String, String)>,
) -> Result<String, String> {
    let id = letter.raw_header("Message-ID").unwrap_or_default();
    let (key, (_, contact)) = expected.iter().find(|(_, (known, _))| *known == id).ok_or_else(|| {
        format!("nobody expected the mail {id} to {:?}: {:?}", letter.to, letter.header("Subject"))
    })?;
    if letter.to != [world.mailbox(contact)] {
        return Err(format!("{key} went to {:?}", letter.to));
    }
    Ok(key.clone())
}
