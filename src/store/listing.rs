//! The list of incidents: which are wanted, in which order, from where on. What an incident is to the list is worked
//! out here, once for every engine.

use std::{fmt, str::FromStr};

use jiff::Timestamp;

use crate::{
    model::{Incident, IncidentId, IncidentState, Post},
    text::{SEARCHED, runs, searched_words},
};

/// In which order incidents are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Sort {
    /// What was detected last first.
    #[default]
    Newest,
    /// What is nearest to its plan's highest tier first, then what was detected last.
    Gravest,
}

/// Where an incident stands in the list. Greater ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// How near its tier is to the highest of its plan: 0 is the highest, -1 the next.
    pub gravity: i64,
    /// First sight of its earliest member. UTC, to the microsecond.
    pub detected_at: Timestamp,
    /// Its number.
    pub id: IncidentId,
}

impl Place {
    /// Where an incident stands now.
    #[must_use]
    pub fn of(incident: &Incident) -> Self {
        let detected_at = incident.detected_at;
        Self {
            gravity: -i64::try_from(incident.plan.from_the_top(incident.rank)).unwrap_or(i64::MAX),
            detected_at: Timestamp::from_microsecond(detected_at.as_microsecond()).unwrap_or(detected_at),
            id: incident.id,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", -self.gravity, self.detected_at.as_microsecond(), self.id)
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('.').map(|part| part.parse::<i64>().map_err(|_| ()));
        let mut next = || parts.next().unwrap_or(Err(()));
        let (gravity, at, id) = (next()?, next()?, next()?);
        Ok(Self {
            gravity: gravity.checked_neg().ok_or(())?,
            detected_at: Timestamp::from_microsecond(at).map_err(|_| ())?,
            id: IncidentId(u64::try_from(id).map_err(|_| ())?),
        })
    }
}

/// From where on incidents are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Turn {
    /// From the first.
    #[default]
    First,
    /// Those after this place: what came meanwhile stands before it and moves nothing.
    After(Place),
    /// The last ones before this place.
    Before(Place),
}

/// Which incidents are wanted; empty fields ask for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentSearch {
    /// Words; each stands in the gist, the unit, a keyword group or a post (title, text, quotation).
    pub text: String,
    /// Unit.
    pub unit: String,
    /// Only those of these units, which are all that somebody sees; empty is all.
    pub within: Vec<String>,
    /// Tier: its name in the plan, or its id.
    pub tier: String,
    /// State; `None` is any but merged, for those lead elsewhere.
    pub state: Option<IncidentState>,
    /// State of the case, as the plan calls it.
    pub stage: String,
    /// Id of a site on which it stands.
    pub site: String,
    /// Display name of a keyword group.
    pub group: String,
    /// Only these; empty is all.
    pub ids: Vec<IncidentId>,
    /// Detected at or after. UTC.
    pub from: Option<Timestamp>,
    /// Detected before. UTC.
    pub to: Option<Timestamp>,
    /// Order.
    pub sort: Sort,
    /// From where on.
    pub turn: Turn,
    /// At most so many (0: 50).
    pub limit: usize,
    /// Whether all that fit are counted.
    pub count: bool,
}

impl IncidentSearch {
    /// Rows of an answer.
    pub(super) const fn rows(&self) -> usize {
        if self.limit == 0 { 50 } else { self.limit }
    }

    /// The words to look for.
    pub(super) fn words(&self) -> Vec<String> {
        searched_words(&self.text)
    }

    /// Whether words were given of which none can be looked for, such as a lone "?": nothing holds them.
    pub(super) fn is_hopeless(&self) -> bool {
        !self.text.trim().is_empty() && self.words().is_empty()
    }
}

/// More are not counted.
pub const COUNTED: usize = 10_000;

/// A page of the list.
#[derive(Debug, Clone, Default)]
pub struct IncidentPage {
    /// The incidents, in the order that was asked for.
    pub incidents: Vec<Incident>,
    /// Whether there are more before them.
    pub earlier: bool,
    /// Whether there are more after them.
    pub later: bool,
    /// How many fit in all; one more than [`COUNTED`] stands for any more. `None` when nobody asked.
    pub total: Option<usize>,
}

/// What there is to choose from, each at most 500, in the order of the engine's bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IncidentChoices {
    /// Names of tiers.
    pub tiers: Vec<String>,
    /// States of cases.
    pub stages: Vec<String>,
    /// Sites.
    pub sites: Vec<String>,
    /// Keyword groups.
    pub groups: Vec<String>,
}

/// Names that are offered of a kind at most.
pub(super) const CHOICES: usize = 500;

/// A search that somebody saved under a name, for the whole office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    /// Its name. Unique.
    pub name: String,
    /// What the console needs to repeat it.
    pub query: String,
    /// Who saved it.
    pub by: String,
    /// When. UTC.
    pub at: Timestamp,
}

/// What an incident can be found by, beside its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    Tier,
    Class,
    Stage,
    Site,
    Group,
}

impl Mark {
    pub(super) const fn id(self) -> &'static str {
        match self {
            Self::Tier => "tier",
            Self::Class => "class",
            Self::Stage => "stage",
            Self::Site => "site",
            Self::Group => "group",
        }
    }
}

/// The marks of an incident, each once.
pub(super) fn marks(incident: &Incident) -> Vec<(Mark, String)> {
    let mut marks = vec![(Mark::Stage, incident.stage().to_owned())];
    let tiers = &incident.plan.tiers;
    if let Some(tier) = tiers.get(incident.rank).or(tiers.last()) {
        marks.extend([(Mark::Tier, tier.name.clone()), (Mark::Class, tier.id.clone())]);
    }
    marks.extend(incident.heat.sites.iter().map(|site| (Mark::Site, site.clone())));
    marks.extend(incident.groups.iter().map(|group| (Mark::Group, group.clone())));
    marks.sort();
    marks.dedup();
    marks
}

/// What is searched of an incident's own row.
pub(super) fn words_of_incident(incident: &Incident) -> Vec<String> {
    bounded(std::iter::once(&incident.gist).chain([&incident.unit]).chain(&incident.groups))
}

/// What is searched of a member.
pub(super) fn words_of_post(post: &Post) -> Vec<String> {
    bounded([&post.own_text(), &post.quoted])
}

fn bounded<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut left = SEARCHED;
    let mut words = Vec::new();
    for text in texts {
        for run in runs(text) {
            let run: String = run.chars().take(left).collect();
            left -= run.chars().count();
            if !run.is_empty() {
                words.push(run);
            }
        }
    }
    words
}
