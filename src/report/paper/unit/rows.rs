//! What a paper on a span of time is made of: the rows of a unit, read page by page.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use crate::{
    config::source::Source,
    locale::{Locale, When, weekday},
    model::{Deadline, Incident, IncidentId, IncidentState},
    store::{Case, CaseLook, IncidentPage, IncidentSearch, Place, Sort, Store, StoreError, Turn, Watched},
};

/// Cases that one paper counts at most; one that has more says so.
const MOST: usize = 100_000;
/// Cases of one answer of the store.
const BATCH: usize = 1_000;
/// Open incidents that a paper can list.
const OPEN: usize = 500;

/// A stretch of days that a paper is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// A month, by any of its days.
    Month(Date),
    /// So many days, the last of which is this one.
    Days(i64, Date),
}

impl Period {
    /// How the stretch is called.
    #[must_use]
    pub fn words(self, when: &When) -> String {
        let (from, _) = self.span(&when.zone).unwrap_or_default();
        let first = from.to_zoned(when.zone.clone()).date();
        match (self, when.locale) {
            (Self::Month(_), Locale::ZhCn) => first.strftime("%Y年%-m月").to_string(),
            (Self::Month(_), Locale::En) => first.strftime("%B %Y").to_string(),
            (Self::Days(1, _), Locale::ZhCn) => first.strftime("%Y年%-m月%-d日").to_string(),
            (Self::Days(1, _), Locale::En) => format!("{first} {}", weekday(first.weekday(), when.locale)),
            (Self::Days(_, last), Locale::ZhCn) => {
                format!("{}至{}", first.strftime("%Y年%-m月%-d日"), last.strftime("%Y年%-m月%-d日"))
            }
            (Self::Days(_, last), Locale::En) => format!("{first} – {last}"),
        }
    }

    /// Its first instant, and the first behind it. UTC; `None` beyond the calendar.
    #[must_use]
    pub fn span(self, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::Month(month) => between(month.first_of_month(), month.last_of_month(), zone),
            Self::Days(days, last) => between(last.checked_sub((days - 1).days()).ok()?, last, zone),
        }
    }

    /// The stretch of the same kind before it.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        Some(match self {
            Self::Month(month) => Self::Month(month.first_of_month().checked_sub(1.month()).ok()?),
            Self::Days(days, last) => Self::Days(days, last.checked_sub(days.days()).ok()?),
        })
    }

    /// The same of the year before.
    #[must_use]
    pub fn year_before(self) -> Option<Self> {
        Some(match self {
            Self::Month(month) => Self::Month(month.first_of_month().checked_sub(1.year()).ok()?),
            Self::Days(days, last) => Self::Days(days, last.checked_sub(1.year()).ok()?),
        })
    }
}

/// The beginning of a day and the end of another.
fn between(first: Date, last: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
    let start = |date: Date| date.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
    Some((start(first)?, start(last.tomorrow().ok()?)?))
}

/// What is counted of a case; of a span that others are compared with nothing else is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// How far its tier is from the highest of its plan, and the tier's name.
    pub tier: (usize, String),
    /// Ids of the sites on which it stands.
    pub sites: Vec<String>,
    /// Keyword groups.
    pub groups: Vec<String>,
    /// The unit.
    pub unit: String,
}

impl Counted {
    /// What an incident counts as.
    #[must_use]
    pub fn of(incident: &Incident) -> Self {
        let plan = &incident.plan;
        Self {
            tier: (plan.from_the_top(incident.rank), plan.tier(incident.rank).name.clone()),
            sites: incident.heat.sites.clone(),
            groups: incident.groups.clone(),
            unit: incident.unit.clone(),
        }
    }
}

/// Incidents that were merged, by the one in which they are told.
pub type Merged = BTreeMap<IncidentId, Vec<IncidentId>>;

/// Rows of a span.
#[derive(Debug, Clone)]
pub struct SpanRows {
    /// What stretch.
    pub period: Period,
    /// Its first instant. UTC.
    pub from: Timestamp,
    /// The first instant behind it. UTC.
    pub to: Timestamp,
    /// Cases that were first seen in it, without what is made up and what was entered by mistake; the newest first.
    pub cases: Vec<Case>,
    /// Whether there are more cases than were read.
    pub cut: bool,
    /// Cases that were taken back as entered by mistake (误录) after one of their limits had passed.
    pub slips: usize,
    /// What is counted of the stretch before.
    pub before: Vec<Counted>,
    /// Of the year before.
    pub year_before: Vec<Counted>,
    /// Open incidents, the gravest first.
    pub open: IncidentPage,
    /// Limits that run or are overdue, of all units.
    pub deadlines: Vec<Deadline>,
    /// Proof that watching ran.
    pub watched: Watched,
}

impl SpanRows {
    /// Reads them. `units`: only theirs; none is every unit. `sources`: those of the office; what is read for other units
    /// alone proves nothing for these, and is not named to them. `drills`: whether what is made up counts, as it does
    /// where the whole plan is an exercise.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(
        store: &dyn Store,
        (units, sources): (&[String], &[Source]),
        period: Period,
        zone: &TimeZone,
        drills: bool,
    ) -> Result<Self, StoreError> {
        let (from, to) = period.span(zone).unwrap_or_default();
        let of = async |period: Option<Period>| match period.and_then(|one| one.span(zone)) {
            Some(span) => counted(store, units, span, drills).await,
            None => Ok(Vec::new()),
        };
        let (cases, cut, slips) = cases(store, units, from, to, drills).await?;
        let before = of(period.before()).await?;
        let year_before = of(period.year_before()).await?;
        let search = IncidentSearch {
            within: units.to_vec(),
            state: Some(IncidentState::Open),
            sort: Sort::Gravest,
            turn: Turn::First,
            limit: OPEN,
            count: true,
            ..IncidentSearch::default()
        };
        let mut open = store.search(search).await?;
        let read = open.incidents.len();
        open.incidents.retain(|one| counts(one, drills));
        let left_out = read - open.incidents.len();
        open.total = open.total.map(|total| total.saturating_sub(left_out));
        let deadlines = store.open_deadlines().await?;
        let others = sources.iter().filter(|source| !source.is_for(units));
        let others = others.map(|source| source.name.as_str()).collect();
        let watched = Watched::read(store, (from, to), zone).await?.without(&others);
        Ok(Self { period, from, to, cases, cut, slips, before, year_before, open, deadlines, watched })
    }
}

/// Whether figures count an incident.
fn counts(incident: &Incident, drills: bool) -> bool {
    (drills || !incident.is_exercise()) && !incident.is_withdrawn()
}

/// Whether a case was taken back as entered by mistake after one of its limits had passed. It counts nowhere, but that it
/// was late is not hidden by taking it back.
#[must_use]
pub fn is_slip(case: &Case, drills: bool) -> bool {
    let incident = &case.incident;
    incident.is_withdrawn()
        && (drills || !incident.is_exercise())
        && case.deadlines.iter().any(|limit| limit.passed)
}

/// Cases first seen in a span, the newest first, a batch at a time, without what is made up and what was entered by
/// mistake.
#[derive(Debug, Clone)]
pub struct Cases {
    look: CaseLook,
    drills: bool,
    given: usize,
    over: bool,
    cut: bool,
    slips: usize,
}

impl Cases {
    /// `units`: only theirs; none is every unit. `drills`: whether what is made up counts.
    #[must_use]
    pub fn of(units: &[String], from: Timestamp, to: Timestamp, drills: bool) -> Self {
        let look = CaseLook { from, to, units: units.to_vec(), after: None, limit: BATCH };
        Self { look, drills, given: 0, over: false, cut: false, slips: 0 }
    }

    /// The next of them, perhaps none in a batch; `None` when there are no more.
    ///
    /// # Errors
    /// The store's.
    pub async fn next(&mut self, store: &dyn Store) -> Result<Option<Vec<Case>>, StoreError> {
        if self.over {
            return Ok(None);
        }
        let mut read = store.cases(self.look.clone()).await?;
        self.look.after = read.last().map(|case| (case.incident.detected_at, case.incident.id));
        self.over = read.len() < self.look.limit;
        self.slips += read.iter().filter(|case| is_slip(case, self.drills)).count();
        read.retain(|case| counts(&case.incident, self.drills));
        // What an act changed may be as large as the incident itself, and no paper tells of it.
        read.iter_mut().for_each(|case| case.incident.course.undo = None);
        self.given += read.len();
        if self.given >= MOST && !self.over {
            (self.over, self.cut) = (true, true);
        }
        Ok(Some(read))
    }

    /// Of those that were passed over: how many were taken back after one of their limits had passed.
    #[must_use]
    pub const fn slips(&self) -> usize {
        self.slips
    }

    /// Whether there are more cases than were given.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.cut
    }
}

/// All cases first seen in a span, whether there were too many, and how many were taken back late.
///
/// # Errors
/// The store's.
pub async fn cases(
    store: &dyn Store,
    units: &[String],
    from: Timestamp,
    to: Timestamp,
    drills: bool,
) -> Result<(Vec<Case>, bool, usize), StoreError> {
    let (mut cases, mut all) = (Cases::of(units, from, to, drills), Vec::new());
    while let Some(batch) = cases.next(store).await? {
        all.extend(batch);
    }
    Ok((all, cases.is_cut(), cases.slips()))
}

/// What is counted of the incidents first seen in a span: without their limits and notices, which take long to read.
async fn counted(
    store: &dyn Store,
    units: &[String],
    (from, to): (Timestamp, Timestamp),
    drills: bool,
) -> Result<Vec<Counted>, StoreError> {
    let search = IncidentSearch { to: Some(to), ..since(units, from) };
    let mut all = Vec::new();
    each(store, search, |incident| {
        if counts(incident, drills) {
            all.push(Counted::of(incident));
        }
        all.len() < MOST
    })
    .await?;
    Ok(all)
}

/// What was merged, by the incident in which it is told: of those first seen at or after `from`, which is no later than
/// any that was merged into them.
///
/// # Errors
/// The store's.
pub async fn merged(store: &dyn Store, units: &[String], from: Timestamp) -> Result<Merged, StoreError> {
    let search = IncidentSearch { state: Some(IncidentState::Merged), ..since(units, from) };
    let mut into: BTreeMap<IncidentId, IncidentId> = BTreeMap::new();
    each(store, search, |incident| {
        into.extend(incident.merged_into.map(|to| (incident.id, to)));
        into.len() < MOST
    })
    .await?;
    let mut merged = Merged::new();
    for (id, to) in &into {
        let mut end = *to;
        // No way is longer than all of them, even where rows contradict each other.
        for _ in 0..into.len() {
            let Some(next) = into.get(&end) else { break };
            end = *next;
        }
        merged.entry(end).or_default().push(*id);
    }
    Ok(merged)
}

fn since(units: &[String], from: Timestamp) -> IncidentSearch {
    IncidentSearch { within: units.to_vec(), from: Some(from), limit: BATCH, ..IncidentSearch::default() }
}

/// Shows each incident of a search until one is enough.
async fn each(
    store: &dyn Store,
    mut search: IncidentSearch,
    mut goes_on: impl FnMut(&Incident) -> bool,
) -> Result<(), StoreError> {
    loop {
        let page = store.search(search.clone()).await?;
        let more = page.incidents.iter().all(&mut goes_on) && page.later;
        let Some(last) = page.incidents.last().filter(|_| more) else { return Ok(()) };
        search.turn = Turn::After(Place::of(last));
    }
}
