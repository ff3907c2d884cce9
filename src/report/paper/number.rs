//! Numbers of issues (期号): `〔2026〕第 3 期`. Each unit counts each kind of paper by the year, from 1, without a gap and
//! without naming two papers alike. A paper is numbered when it is first handed up: by the first mail that brings it, or
//! when a person asks for a number; whoever looks at one that has none sees the place left for the pen. Printed again it
//! bears the same number, and one that is another paper (the same case at a higher tier) bears its own.
//!
//! What was numbered in a year is one small value of the store, so that it is written whole or not at all. Only the
//! daemon writes to its store, and in it one at a time gives a number, be it for a mail or for a page.
//!
//! 续报 and 终报 bear the number of their case (编号) and no running one: a reader follows the case through them. Forms
//! (登记表, 处置意见表) and the review belong to the case's file.

use std::collections::BTreeMap;

use jiff::{Timestamp, tz::TimeZone};
use thiserror::Error;
use tokio::sync::Mutex;

use super::{PaperKind, unit::Period};
use crate::{
    locale::{Locale, When},
    model::Incident,
    store::{Store, StoreError},
};

/// Whoever holds this gives numbers.
static TURN: Mutex<()> = Mutex::const_new(());

/// A number that was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Issue {
    /// In which year, by the office's calendar.
    pub year: i16,
    /// From 1.
    pub number: u32,
}

/// What stands on the paper; without a number the place for it.
#[must_use]
pub fn words(issue: Option<Issue>, when: &When) -> String {
    let year = issue.map_or_else(|| year(when.now, &when.zone), |issue| issue.year);
    let number = issue.map(|issue| issue.number.to_string());
    match when.locale {
        Locale::ZhCn => format!("〔{year}〕第 {} 期", number.as_deref().unwrap_or("____")),
        Locale::En => format!("No. {} of {year}", number.as_deref().unwrap_or("____")),
    }
}

/// The year of an instant.
#[must_use]
pub fn year(at: Timestamp, zone: &TimeZone) -> i16 {
    at.to_zoned(zone.clone()).year()
}

/// A paper as the numbers know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// `papers/special/青禾县人民医院`: what is counted together.
    series: String,
    /// Which of these it is.
    paper: String,
    /// The first year in which it can have got its number.
    since: i16,
}

impl Numbered {
    /// A paper on an incident as it is now; `None` for those that bear no running number.
    #[must_use]
    pub fn of_case(incident: &Incident, kind: PaperKind, zone: &TimeZone) -> Option<Self> {
        let tier = &incident.plan.tier(incident.rank).id;
        (kind == PaperKind::Special).then(|| Self {
            series: series(kind, &incident.unit, incident.plan.exercise_mark.as_deref().unwrap_or_default()),
            paper: format!("{}/{}/{tier}", incident.id, incident.epoch),
            since: year(incident.opened_at, zone),
        })
    }

    /// A paper on a span; `unit` is empty for all of them together.
    #[must_use]
    pub fn of_unit(kind: PaperKind, unit: &str, mark: &str, period: Period) -> Option<Self> {
        let (paper, since) = match period {
            Period::Month(day) => (day.strftime("%Y-%m").to_string(), day.year()),
            Period::Days(1, day) => (day.to_string(), day.year()),
            Period::Days(days, day) => (format!("{day}/{days}"), day.year()),
        };
        PaperKind::OF_UNIT.contains(&kind).then(|| Self { series: series(kind, unit, mark), paper, since })
    }

    /// The digest that went out at an instant to those who read these tiers.
    #[must_use]
    pub fn of_digest(unit: &str, mark: &str, at: Timestamp, tiers: &[String], zone: &TimeZone) -> Self {
        let local = at.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string();
        let paper = format!("{local}/{}", tiers.join("+"));
        Self { series: series(PaperKind::Digest, unit, mark), paper, since: year(at, zone) }
    }

    fn key(&self, year: i16) -> String {
        format!("{}/{year}", self.series)
    }

    /// Its number, when it has one.
    ///
    /// # Errors
    /// The store's.
    pub async fn known(&self, store: &dyn Store, this_year: i16) -> Result<Option<Issue>, StoreError> {
        for year in self.since..=this_year {
            let given = of_year(store, &self.key(year)).await?;
            if let Some(number) = given.get(&self.paper) {
                return Ok(Some(Issue { year, number: *number }));
            }
        }
        Ok(None)
    }

    /// Its number; the next one given now if it has none.
    ///
    /// # Errors
    /// The store's; then no number was given.
    pub async fn give(&self, store: &dyn Store, this_year: i16) -> Result<Issue, StoreError> {
        match self.give_as(store, this_year, None).await {
            Ok(issue) => Ok(issue),
            Err(NotNumbered::Store(error)) => Err(error),
            // Nobody asked for a number of their own.
            Err(NotNumbered::Behind { last }) => Ok(Issue { year: this_year, number: last }),
        }
    }

    /// The same with a number that a person chose: an office that begins in the middle of a year, or numbered some on
    /// paper, goes on where it stands. It may skip numbers and never go back.
    ///
    /// # Errors
    /// [`NotNumbered`]; then no number was given.
    pub async fn give_as(
        &self,
        store: &dyn Store,
        this_year: i16,
        chosen: Option<u32>,
    ) -> Result<Issue, NotNumbered> {
        let _turn = TURN.lock().await;
        if let Some(known) = self.known(store, this_year).await? {
            return Ok(known);
        }
        let key = self.key(this_year);
        let mut given = of_year(store, &key).await?;
        let last = given.values().max().copied().unwrap_or(0);
        let number = chosen.unwrap_or(last + 1);
        if number <= last {
            return Err(NotNumbered::Behind { last });
        }
        given.insert(self.paper.clone(), number);
        store.set_value(&key, serde_json::to_string(&given).unwrap_or_default()).await?;
        Ok(Issue { year: this_year, number })
    }
}

/// Why a paper got no number.
#[derive(Debug, Error)]
pub enum NotNumbered {
    /// The numbers could not be read or kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The number that was chosen is not above the last one of the year.
    #[error("number {last} of this year is given already")]
    Behind {
        /// The last one.
        last: u32,
    },
}

/// What is made up (演练, 演示) counts apart.
fn series(kind: PaperKind, unit: &str, mark: &str) -> String {
    let apart = if mark.is_empty() { String::new() } else { format!("@{mark}") };
    format!("papers/{}{apart}/{unit}", kind.id())
}

async fn of_year(store: &dyn Store, key: &str) -> Result<BTreeMap<String, u32>, StoreError> {
    let kept = store.value(key).await?.unwrap_or_default();
    if kept.is_empty() {
        return Ok(BTreeMap::new());
    }
    // Counting anew over what cannot be read would give numbers twice.
    serde_json::from_str(&kept)
        .map_err(|error| StoreError::Corrupt { table: "values", why: format!("{key}: {error}") })
}
