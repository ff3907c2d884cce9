//! The paper that goes with a mail: a notice of a tier for which the plan wants a 专报 brings it as a Word file.
//!
//! The paper comes second to the notice. Whatever keeps it (a store that is slow, a storm in which many are wanted at
//! once, a drawing that fails) leaves it out, is logged, and holds up the mail by no more than [`PATIENCE`]; the notice
//! has the link under which the same paper stands.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use tokio::{sync::Mutex, time::timeout};
use tracing::warn;

use crate::{
    config::Office,
    locale::{Locale, When},
    model::{Detail, IncidentId, Notice, NoticeKind, ReportKind},
    report::paper::{
        PaperKind, case,
        docx::{Form, docx},
        texts::Texts,
    },
    store::SharedStore,
};

/// What a mail waits for its paper at most.
pub const PATIENCE: Duration = Duration::from_millis(700);
/// Mails that may wait for papers at a time; in a storm the others go out without one.
const WAITING: usize = 4;
/// A paper is not drafted anew for so long: all who are told at once get the same.
const FRESH: SignedDuration = SignedDuration::from_secs(60);
/// Papers that are kept for that.
const KEPT: usize = 16;

/// A file that goes with a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosure {
    /// Its name, with the ending.
    pub name: String,
    /// Its content.
    pub bytes: Arc<Vec<u8>>,
}

/// For which incident and tier, and when it was drafted.
type Drafted = ((IncidentId, usize), Timestamp, Enclosure);

/// Drafts them.
#[derive(Clone)]
pub struct Enclosures {
    store: SharedStore,
    texts: Texts,
    locale: Locale,
    zone: TimeZone,
    waiting: Arc<AtomicUsize>,
    drafted: Arc<Mutex<Vec<Drafted>>>,
}

impl std::fmt::Debug for Enclosures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enclosures").finish_non_exhaustive()
    }
}

/// Frees a place when its mail goes on, however it does.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Enclosures {
    /// In the office's words.
    #[must_use]
    pub fn of(office: &Office, store: SharedStore) -> Self {
        let settings = &office.settings;
        Self {
            store,
            texts: Texts::of(&office.papers).0,
            locale: settings.locale,
            zone: settings.time_zone.clone(),
            waiting: Arc::default(),
            drafted: Arc::default(),
        }
    }

    /// The paper of a notice; `None` when none goes with it, or none was ready in time.
    pub async fn enclosure(&self, notice: &Notice, detail: Detail, now: Timestamp) -> Option<Enclosure> {
        let incident = notice.incident.filter(|_| wants_one(notice, detail))?;
        let place = Place(Arc::clone(&self.waiting));
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            return None;
        }
        let drafted = timeout(PATIENCE, self.draft(incident, notice.rank, now)).await;
        drop(place);
        match drafted {
            Ok(Ok(enclosure)) => Some(enclosure),
            Ok(Err(why)) => {
                warn!(%incident, why, "the paper could not be drafted; the mail goes without it");
                None
            }
            Err(_) => {
                warn!(%incident, "the paper was not ready in time; the mail goes without it");
                None
            }
        }
    }

    async fn draft(&self, incident: IncidentId, rank: usize, now: Timestamp) -> Result<Enclosure, String> {
        // Held while one is drafted: those who want the same wait for it.
        let mut drafted = self.drafted.lock().await;
        let is_fresh = |at: Timestamp| now.duration_since(at).abs() < FRESH;
        drafted.retain(|(_, at, _)| is_fresh(*at));
        if let Some((.., enclosure)) = drafted.iter().find(|(key, ..)| *key == (incident, rank)) {
            return Ok(enclosure.clone());
        }
        let view = self.store.incident(incident).await.map_err(|error| error.to_string())?;
        let view = view.ok_or("there is no such incident")?;
        let when = When { now, locale: self.locale, zone: self.zone.clone() };
        let texts = self.texts.clone();
        let made = tokio::task::spawn_blocking(move || {
            let (paper, _) = case::paper(&view, PaperKind::Special, None, &texts, &when);
            let form = Form { made_at: Some(now), ..Form::default() };
            let bytes = docx(&paper, &form).map_err(|error| error.to_string())?;
            Ok::<_, String>(Enclosure { name: format!("{}.docx", paper.name), bytes: Arc::new(bytes) })
        });
        let enclosure = made.await.map_err(|error| error.to_string())??;
        drafted.truncate(KEPT - 1);
        drafted.insert(0, ((incident, rank), now, enclosure.clone()));
        Ok(enclosure)
    }
}

/// Whether a 专报 goes with a notice: it tells of a tier that the plan wants one for, to somebody who reads everything.
fn wants_one(notice: &Notice, detail: Detail) -> bool {
    let tells = matches!(
        notice.kind,
        NoticeKind::Alert
            | NoticeKind::Rise
            | NoticeKind::Reopened
            | NoticeKind::Worsened
            | NoticeKind::Escalation
            | NoticeKind::Failover
            | NoticeKind::Copy
    );
    tells && detail == Detail::Full && notice.facts.paper == Some(ReportKind::Special)
}
