//! The paper that goes with a mail: a notice of a tier for which the plan wants a 专报 brings it as a Word file, and the
//! reminder of a month's report that report (月报, 零报告), a digest the 动态 of what it tells, a notice of a tier for which
//! it wants a 简报 the day's, and the daily line (平安报) the 简报 of the day before, of a Monday that of the week: ready to
//! be checked and signed.
//!
//! The paper comes second to the notice. It is drafted beside the mail that wants it, once for all who are told at the same
//! time; a mail waits for it no longer than [`PATIENCE`], and not at all when mails are behind or two others are being
//! drafted, as in a storm. Whatever keeps it (a slow store, a drawing that fails) leaves it out and is logged: the notice
//! has the link under which the same paper stands.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use tokio::{sync::watch, time::timeout};
use tracing::warn;

use crate::{
    config::{Office, source::Source},
    locale::{Locale, When, words},
    model::{Detail, DigestLine, IncidentId, Notice, NoticeKind, Plan, ReportKind, Unit},
    report::paper::{
        Paper, PaperKind,
        case::{self, Order},
        file::{self, FileForm},
        number::{self, Issue, Numbered},
        texts::Texts,
        unit::{self, Period, SpanRows, UnitFacts},
    },
    store::SharedStore,
};

/// What an alert waits for its paper at most.
pub const PATIENCE: Duration = Duration::from_millis(700);
/// What a mail waits for that tells of a day, a week or a month that is over: it has an hour.
const OF_THE_PAST: Duration = Duration::from_secs(60);
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
    /// 动态: what a digest tells.
    Digest(Box<Told>),
    /// 简报 of a unit's day so far, with the mark of what is made up: whoever is told of a tier for which the plan wants one
    /// (by a digest, or of an incident at that tier) gets it.
    Brief(String, Date, String, Option<(IncidentId, usize)>),
    /// 简报 of days that are over, of all units together: the last of them, and how many.
    Past(Date, i64),
}

impl Wanted {
    /// Whether its mail may wait for it: it tells of nothing that has just happened.
    const fn has_time(&self) -> bool {
        matches!(self, Self::Month(..) | Self::Past(..))
    }
}

/// What a digest tells.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    unit: String,
    mark: String,
    at: Timestamp,
    lines: Vec<DigestLine>,
    total: usize,
}

impl Told {
    /// Tiers of what it lists, in their order.
    fn tiers(&self) -> Vec<String> {
        let mut tiers: Vec<String> = Vec::new();
        for line in &self.lines {
            if !tiers.contains(&line.tier_name) {
                tiers.push(line.tier_name.clone());
            }
        }
        tiers
    }
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
    sources: Arc<Vec<Source>>,
    locale: Locale,
    zone: TimeZone,
    plans: Arc<BTreeMap<String, Arc<Plan>>>,
    /// Of an office that only drills.
    mark: String,
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
        let plan_of = |unit: &Unit| Some((unit.name.clone(), Arc::clone(office.plan_of(&unit.name)?)));
        let plans: BTreeMap<String, Arc<Plan>> = office.units.iter().filter_map(plan_of).collect();
        // One unit that drills makes nothing of the others' made up.
        let drills = plans.values().all(|plan| plan.exercise_mark.is_some());
        let mark = office.mark().filter(|_| drills).unwrap_or_default();
        Self {
            store,
            texts: Texts::of(&office.papers).0,
            sources: Arc::clone(&office.sources),
            locale: settings.locale,
            zone: settings.time_zone.clone(),
            plans: Arc::new(plans),
            mark,
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
        let wanted = self.wanted(notice, detail)?;
        if !wanted.has_time() && now.duration_since(notice.created_at) > BEHIND {
            return None;
        }
        let mut ready = self.begun(&wanted, now)?;
        let patience = if wanted.has_time() { OF_THE_PAST } else { self.patience };
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

    /// The facts of a paper on a unit's span, with its number.
    async fn facts(
        &self,
        kind: PaperKind,
        unit: &str,
        mark: &str,
        period: Period,
        when: &When,
    ) -> Result<UnitFacts, String> {
        let series = if unit.is_empty() && self.plans.len() == 1 { self.plans.keys().next() } else { None };
        let unit = series.map_or(unit, String::as_str);
        let issue = self.number(Numbered::of_unit(kind, unit, mark, period), when.now).await;
        let units: Vec<String> = Some(unit.to_owned()).into_iter().filter(|unit| !unit.is_empty()).collect();
        let drills = !mark.is_empty();
        let rows = SpanRows::read(
            self.store.as_ref(),
            (&units, self.sources.as_slice()),
            period,
            &self.zone,
            drills,
        )
        .await;
        let rows = rows.map_err(|error| error.to_string())?;
        let name = if unit.is_empty() { words::all_units(when.locale) } else { unit };
        let (unit, mark, when) = (name.to_owned(), mark.to_owned(), when.clone());
        let facts = move || UnitFacts::of(&rows, kind, &unit, &mark, &when).numbered(issue, &when);
        tokio::task::spawn_blocking(facts).await.map_err(|error| error.to_string())
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
                let kind = PaperKind::Monthly;
                let facts = self.facts(kind, &unit, &mark, Period::Month(month), &when).await?;
                Box::new(move || unit::paper(&facts, kind, &texts, when.locale).0)
            }
            Wanted::Brief(unit, day, mark, _) => {
                let kind = PaperKind::Brief;
                let facts = self.facts(kind, &unit, &mark, Period::Days(1, day), &when).await?;
                Box::new(move || unit::paper(&facts, kind, &texts, when.locale).0)
            }
            Wanted::Past(last, days) => {
                let kind = PaperKind::Brief;
                let facts = self.facts(kind, "", &self.mark, Period::Days(days, last), &when).await?;
                Box::new(move || unit::paper(&facts, kind, &texts, when.locale).0)
            }
            Wanted::Digest(told) => {
                let when = When { now: told.at, ..when };
                let numbered =
                    Numbered::of_digest(&told.unit, &told.mark, told.at, &told.tiers(), &self.zone);
                let issue = self.number(Some(numbered), now).await;
                let facts = UnitFacts::of_digest(&told.unit, &told.mark, &told.lines, told.total, &when);
                let facts = facts.numbered(issue, &when);
                Box::new(move || unit::paper(&facts, PaperKind::Digest, &texts, when.locale).0)
            }
        };
        let made = tokio::task::spawn_blocking(move || {
            let paper = written();
            let bytes =
                file::written(&paper, FileForm::Word, Some(now)).map_err(|error| error.to_string())?;
            let name = format!("{}.{}", paper.name, FileForm::Word.ending());
            Ok::<_, String>(Enclosure { name, bytes: Arc::new(bytes) })
        });
        made.await.map_err(|error| error.to_string())?
    }

    /// Which paper goes with a notice: to somebody who reads everything, a 专报 or the day's 简报 when it tells of a tier that
    /// the plan wants one for, the month's report when it reminds of that, with a digest the 动态 of what it tells, or the
    /// day's 简报 where the plan wants that for one of its tiers. Backlog is news to nobody, so a digest of it brings none.
    fn wanted(&self, notice: &Notice, detail: Detail) -> Option<Wanted> {
        if detail != Detail::Full {
            return None;
        }
        let Some(incident) = notice.incident else {
            let (unit, mark) = (notice.facts.unit.clone(), notice.facts.mark.clone().unwrap_or_default());
            match notice.kind {
                NoticeKind::Digest => return Some(self.of_digest(notice, unit, mark)),
                NoticeKind::Daily => return self.of_the_day_before(notice),
                _ => {}
            }
            let month = notice.id.month_of(&unit)?;
            return Some(Wanted::Month(unit, month, mark));
        };
        let tells = notice.kind.tells_of_a_tier() || notice.kind == NoticeKind::Copy;
        match notice.facts.paper.filter(|_| tells)? {
            ReportKind::Special => Some(Wanted::Special(incident, notice.rank)),
            ReportKind::Brief => {
                let (facts, of) = (&notice.facts, (incident, notice.rank));
                let mark = facts.mark.clone().unwrap_or_default();
                Some(Wanted::Brief(facts.unit.clone(), self.day(notice.created_at), mark, Some(of)))
            }
            ReportKind::Digest => None,
        }
    }

    fn day(&self, at: Timestamp) -> Date {
        at.to_zoned(self.zone.clone()).date()
    }

    fn of_the_day_before(&self, notice: &Notice) -> Option<Wanted> {
        let today = self.day(notice.created_at);
        let days = if today.weekday() == Weekday::Monday { 7 } else { 1 };
        Some(Wanted::Past(today.yesterday().ok()?, days))
    }

    fn of_digest(&self, notice: &Notice, unit: String, mark: String) -> Wanted {
        let (at, facts) = (notice.created_at, &notice.facts);
        let told = Told { unit, mark, at, lines: facts.digest.clone(), total: facts.digest_total };
        let plan = self.plans.get(&told.unit);
        let is_brief = |tier: &String| {
            plan.and_then(|plan| plan.tier_named(tier)).is_some_and(|tier| tier.paper == ReportKind::Brief)
        };
        if told.tiers().iter().any(is_brief) {
            return Wanted::Brief(told.unit, self.day(at), told.mark, None);
        }
        Wanted::Digest(Box::new(told))
    }
}
