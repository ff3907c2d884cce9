//! What a paper on a span of time is made of: the rows of a unit, read page by page.

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use crate::{
    model::Deadline,
    store::{
        Case, CaseLook, IncidentPage, IncidentSearch, Sort, Store, StoreError, Turn, Watched, month_span,
    },
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
    /// Its first instant, and the first behind it. UTC; `None` beyond the calendar.
    #[must_use]
    pub fn span(self, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        match self {
            Self::Month(month) => month_span(month, zone),
            Self::Days(days, last) => {
                let first = last.checked_sub((days - 1).days()).ok()?;
                let start = |date: Date| date.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
                Some((start(first)?, start(last.tomorrow().ok()?)?))
            }
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
    /// The same of the stretch before, and of the year before.
    pub before: Vec<Case>,
    /// Of the year before.
    pub year_before: Vec<Case>,
    /// Open incidents, the gravest first.
    pub open: IncidentPage,
    /// Limits that run or are overdue, of all units.
    pub deadlines: Vec<Deadline>,
    /// Proof that watching ran: each month that the stretch touches, with its first instant and the first behind it.
    pub watched: Vec<(Timestamp, Timestamp, Watched)>,
}

impl SpanRows {
    /// Reads them. `units`: only theirs; none is every unit. `drills`: whether what is made up counts, as it does where
    /// the whole plan is an exercise.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(
        store: &dyn Store,
        units: &[String],
        period: Period,
        zone: &TimeZone,
        drills: bool,
    ) -> Result<Self, StoreError> {
        let (from, to) = period.span(zone).unwrap_or_default();
        let of = async |period: Option<Period>| match period.and_then(|one| one.span(zone)) {
            Some((from, to)) => cases(store, units, from, to, drills).await,
            None => Ok((Vec::new(), false)),
        };
        let (cases, cut) = of(Some(period)).await?;
        let (before, _) = of(period.before()).await?;
        let (year_before, _) = of(period.year_before()).await?;
        let search = IncidentSearch {
            within: units.to_vec(),
            state: Some(crate::model::IncidentState::Open),
            sort: Sort::Gravest,
            turn: Turn::First,
            limit: OPEN,
            count: true,
            ..IncidentSearch::default()
        };
        let mut open = store.search(search).await?;
        open.incidents.retain(|one| (drills || !one.is_exercise()) && !one.is_withdrawn());
        let deadlines = store.open_deadlines().await?;
        let mut watched = Vec::new();
        let mut month = from.to_zoned(zone.clone()).date().first_of_month();
        while let Some((start, behind)) = month_span(month, zone).filter(|(start, _)| *start < to) {
            watched.push((start, behind, Watched::read(store, month).await?));
            let Ok(next) = month.checked_add(1.month()) else { break };
            month = next;
        }
        Ok(Self { period, from, to, cases, cut, before, year_before, open, deadlines, watched })
    }
}

/// All cases first seen in a span, and whether there were too many.
///
/// # Errors
/// The store's.
pub async fn cases(
    store: &dyn Store,
    units: &[String],
    from: Timestamp,
    to: Timestamp,
    drills: bool,
) -> Result<(Vec<Case>, bool), StoreError> {
    let mut look = CaseLook { from, to, units: units.to_vec(), after: None, limit: BATCH };
    let mut cases: Vec<Case> = Vec::new();
    loop {
        let read = store.cases(look.clone()).await?;
        let last = read.last().map(|case| (case.incident.detected_at, case.incident.id));
        let whole = read.len() < look.limit || last.is_none();
        let counts = |case: &Case| (drills || !case.incident.is_exercise()) && !case.incident.is_withdrawn();
        cases.extend(read.into_iter().filter(counts));
        if whole {
            return Ok((cases, false));
        }
        if cases.len() >= MOST {
            return Ok((cases, true));
        }
        look.after = last;
    }
}
