//! The paper that goes with a mail: a notice of a tier for which the plan wants a 专报 brings it as a Word file, and the
//! reminder of a month's report that report (月报, 零报告), ready to be checked and signed.
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

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use tokio::{sync::Mutex, time::timeout};
use tracing::warn;

use crate::{
    config::Office,
    locale::{Locale, When},
    model::{Detail, IncidentId, Notice, NoticeKind, ReportKind},
    report::paper::{
        Paper, PaperKind, case,
        docx::{Form, docx},
        texts::Texts,
        unit::{self, Period, SpanRows, UnitFacts},
    },
    store::SharedStore,
};

/// What an alert waits for its paper at most.
pub const PATIENCE: Duration = Duration::from_millis(700);
/// What the reminder of a month waits for: it has an hour.
const OF_A_MONTH: Duration = Duration::from_secs(60);
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

/// Which paper goes with a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Wanted {
    /// 专报 of an incident, as it was at a tier.
    Special(IncidentId, usize),
    /// 月报 or 零报告 of a unit, with the mark of what is made up; then made-up incidents count.
    Month(String, Date, String),
}

/// Which paper, when it was drafted, and it.
type Drafted = (Wanted, Timestamp, Enclosure);

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
        let wanted = wanted(notice, detail)?;
        let place = Place(Arc::clone(&self.waiting));
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            return None;
        }
        let patience = if matches!(wanted, Wanted::Month(..)) { OF_A_MONTH } else { PATIENCE };
        let drafted = timeout(patience, self.draft(&wanted, now)).await;
        drop(place);
        match drafted {
            Ok(Ok(enclosure)) => Some(enclosure),
            Ok(Err(why)) => {
                warn!(?wanted, why, "the paper could not be drafted; the mail goes without it");
                None
            }
            Err(_) => {
                warn!(?wanted, "the paper was not ready in time; the mail goes without it");
                None
            }
        }
    }

    async fn draft(&self, wanted: &Wanted, now: Timestamp) -> Result<Enclosure, String> {
        // Held while one is drafted: those who want the same wait for it.
        let mut drafted = self.drafted.lock().await;
        let is_fresh = |at: Timestamp| now.duration_since(at).abs() < FRESH;
        drafted.retain(|(_, at, _)| is_fresh(*at));
        if let Some((.., enclosure)) = drafted.iter().find(|(known, ..)| known == wanted) {
            return Ok(enclosure.clone());
        }
        let when = When { now, locale: self.locale, zone: self.zone.clone() };
        let texts = self.texts.clone();
        let written: Box<dyn FnOnce() -> Paper + Send> = match wanted.clone() {
            Wanted::Special(incident, _) => {
                let view = self.store.incident(incident).await.map_err(|error| error.to_string())?;
                let view = view.ok_or("there is no such incident")?;
                Box::new(move || case::paper(&view, PaperKind::Special, None, &texts, &when).0)
            }
            Wanted::Month(unit, month, mark) => {
                let units = [unit.clone()];
                let month = Period::Month(month);
                let drills = !mark.is_empty();
                let rows = SpanRows::read(self.store.as_ref(), &units, month, &self.zone, drills).await;
                let rows = rows.map_err(|error| error.to_string())?;
                Box::new(move || {
                    let facts = UnitFacts::of(&rows, PaperKind::Monthly, &unit, &mark, &when);
                    unit::paper(&facts, PaperKind::Monthly, &texts, when.locale).0
                })
            }
        };
        let made = tokio::task::spawn_blocking(move || {
            let paper = written();
            let form = Form { made_at: Some(now), ..Form::default() };
            let bytes = docx(&paper, &form).map_err(|error| error.to_string())?;
            Ok::<_, String>(Enclosure { name: format!("{}.docx", paper.name), bytes: Arc::new(bytes) })
        });
        let enclosure = made.await.map_err(|error| error.to_string())??;
        drafted.truncate(KEPT - 1);
        drafted.insert(0, (wanted.clone(), now, enclosure.clone()));
        Ok(enclosure)
    }
}

/// Which paper goes with a notice: to somebody who reads everything, a 专报 when it tells of a tier that the plan wants one
/// for, the month's report when it reminds of that.
fn wanted(notice: &Notice, detail: Detail) -> Option<Wanted> {
    if detail != Detail::Full {
        return None;
    }
    let Some(incident) = notice.incident else {
        let (unit, mark) = (&notice.facts.unit, notice.facts.mark.clone().unwrap_or_default());
        return Some(Wanted::Month(unit.clone(), notice.id.month_of(unit)?, mark));
    };
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
    let special = tells && notice.facts.paper == Some(ReportKind::Special);
    special.then_some(Wanted::Special(incident, notice.rank))
}
