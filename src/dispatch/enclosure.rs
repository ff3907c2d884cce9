//! The paper that goes with a mail: a notice of a tier for which the plan wants a 专报 brings it as a Word file, and the
//! reminder of a month's report that report (月报, 零报告), ready to be checked and signed.
//!
//! The paper comes second to the notice. It is drafted beside the mail that wants it, once for all who are told at the same
//! time; a mail waits for it no longer than [`PATIENCE`], and not at all when mails are behind or two others are being
//! drafted, as in a storm. Whatever keeps it (a slow store, a drawing that fails) leaves it out and is logged: the notice
//! has the link under which the same paper stands.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use tokio::{sync::watch, time::timeout};
use tracing::warn;

use crate::{
    config::Office,
    locale::{Locale, When},
    model::{Detail, IncidentId, Notice, NoticeKind, ReportKind},
    report::paper::{
        Paper, PaperKind,
        case::{self, Order},
        docx::{Form, docx},
        number::{self, Issue, Numbered},
        texts::Texts,
        unit::{self, Period, SpanRows, UnitFacts},
    },
    store::SharedStore,
};

/// What an alert waits for its paper at most.
pub const PATIENCE: Duration = Duration::from_millis(700);
/// What the reminder of a month waits for: it has an hour.
const OF_A_MONTH: Duration = Duration::from_secs(60);
/// An alert that has waited for longer goes without its paper: mails are behind.
const BEHIND: SignedDuration = SignedDuration::from_secs(10);
/// Papers that are drafted at a time.
const AT_A_TIME: usize = 2;
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

/// A paper that is being drafted (`None`), or was; inside, `None` is one that could not be.
type Ready = watch::Receiver<Option<Option<Enclosure>>>;

/// Which paper, when it was wanted first, and it.
type Draft = (Wanted, Timestamp, Ready);

/// Drafts them.
#[derive(Clone)]
pub struct Enclosures {
    store: SharedStore,
    texts: Texts,
    locale: Locale,
    zone: TimeZone,
    drafts: Arc<Mutex<Vec<Draft>>>,
    patience: Duration,
}

impl std::fmt::Debug for Enclosures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Enclosures").finish_non_exhaustive()
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
            drafts: Arc::default(),
            patience: PATIENCE,
        }
    }

    /// The same, with another patience than [`PATIENCE`].
    #[must_use]
    pub fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The paper of a notice; `None` when none goes with it, or none was ready in time.
    pub async fn enclosure(&self, notice: &Notice, detail: Detail, now: Timestamp) -> Option<Enclosure> {
        let wanted = wanted(notice, detail)?;
        let of_a_month = matches!(wanted, Wanted::Month(..));
        if !of_a_month && now.duration_since(notice.created_at) > BEHIND {
            return None;
        }
        let mut ready = self.begun(&wanted, now)?;
        let patience = if of_a_month { OF_A_MONTH } else { self.patience };
        let drafted = timeout(patience, ready.wait_for(Option::is_some)).await;
        match drafted {
            Ok(Ok(drafted)) => drafted.clone().flatten(),
            // Whoever drafted it is gone.
            Ok(Err(_)) => None,
            Err(_) => {
                warn!(?wanted, "the paper was not ready in time; the mail goes without it");
                None
            }
        }
    }

    /// The draft of a paper, begun now unless it was already; `None` when too many are being drafted.
    fn begun(&self, wanted: &Wanted, now: Timestamp) -> Option<Ready> {
        let mut drafts = self.drafts.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.retain(|(_, at, _)| now.duration_since(*at).abs() < FRESH);
        if let Some((.., ready)) = drafts.iter().find(|(known, ..)| known == wanted) {
            return Some(ready.clone());
        }
        let is_begun = |(.., ready): &&Draft| ready.borrow().is_none() && ready.has_changed().is_ok();
        if drafts.iter().filter(is_begun).count() >= AT_A_TIME {
            return None;
        }
        let (tell, ready) = watch::channel(None);
        drafts.truncate(KEPT - 1);
        drafts.insert(0, (wanted.clone(), now, ready.clone()));
        let (this, wanted) = (self.clone(), wanted.clone());
        tokio::spawn(async move {
            let drafted = this.draft(&wanted, now).await;
            if let Err(why) = &drafted {
                warn!(?wanted, why, "the paper could not be drafted; mails go without it");
            }
            tell.send_replace(Some(drafted.ok()));
        });
        Some(ready)
    }

    /// The running number of a paper that goes out now. One that cannot be given is left to the pen.
    async fn number(&self, paper: Option<Numbered>, now: Timestamp) -> Option<Issue> {
        let given = paper?.give(self.store.as_ref(), number::year(now, &self.zone)).await;
        given.inspect_err(|error| warn!(%error, "the paper goes out without a number")).ok()
    }

    async fn draft(&self, wanted: &Wanted, now: Timestamp) -> Result<Enclosure, String> {
        let when = When { now, locale: self.locale, zone: self.zone.clone() };
        let texts = self.texts.clone();
        let written: Box<dyn FnOnce() -> Paper + Send> = match wanted.clone() {
            Wanted::Special(incident, _) => {
                let view = self.store.incident(incident).await.map_err(|error| error.to_string())?;
                let view = view.ok_or("there is no such incident")?;
                let numbered = Numbered::of_case(&view.incident, PaperKind::Special, &self.zone);
                let order =
                    Order { issue: self.number(numbered, now).await, ..Order::of(PaperKind::Special) };
                Box::new(move || case::paper(&view, &order, &texts, &when).0)
            }
            Wanted::Month(unit, month, mark) => {
                let units = [unit.clone()];
                let drills = !mark.is_empty();
                let month = Period::Month(month);
                let numbered = Numbered::of_unit(PaperKind::Monthly, &unit, &mark, month);
                let issue = self.number(numbered, now).await;
                let rows = SpanRows::read(self.store.as_ref(), &units, month, &self.zone, drills).await;
                let rows = rows.map_err(|error| error.to_string())?;
                Box::new(move || {
                    let facts = UnitFacts::of(&rows, PaperKind::Monthly, &unit, &mark, &when);
                    let facts = facts.numbered(issue, &when);
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
        made.await.map_err(|error| error.to_string())?
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
