//! What collect may ask of the desk: is this post a member of a live statement, does it relate to one
//! (SEMANTICS 12), and which members should be looked at again. A snapshot, published after commits.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{
    case::Case,
    statement::{Index, Masks},
    unit::UnitDesk,
};
use crate::{
    model::{Emergency, Incident, IncidentState, Post, PostKey},
    text::canonical_link,
};

/// An incident that has not grown for so long has subsided.
const QUIET: SignedDuration = SignedDuration::from_hours(48);

/// Until when a member is followed. Rows of an older release do not say when they grew.
fn until(incident: &Incident, row: &crate::model::PostRow) -> Timestamp {
    let grew = incident.outlook.grew_at.unwrap_or(row.last_seen_at).max(row.first_seen_at);
    let from = incident.closed_at.map_or(grew, |closed| closed.max(grew));
    from.saturating_add(QUIET).unwrap_or(Timestamp::MAX)
}

/// How long the site is watched more closely on which an incident began.
const AFTER_ORIGIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A member that is followed until its incident subsides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// Identity.
    pub key: PostKey,
    /// Its link.
    pub url: String,
    /// The source that showed it first; its preset says how to look again.
    pub source: String,
    /// Last look. UTC.
    pub last_seen_at: Timestamp,
    /// First look. UTC.
    pub first_seen_at: Timestamp,
    /// Rank of its incident's tier; the higher, the sooner it is looked at.
    pub rank: usize,
    /// Whether it is backlog that was seen once only: looked at again at once (SEMANTICS 4).
    pub at_once: bool,
    /// When a threshold of its incident could be crossed at the soonest; `None` when nothing grows. UTC.
    pub soonest: Option<Timestamp>,
    /// It is looked at until then: two days after the last growth or the closing. UTC.
    pub until: Timestamp,
    /// Whether its incident is closed: looked at only so that a flare-up is found.
    pub closed: bool,
    /// Whether its unit is in emergency mode. UTC end, when it has one.
    pub emergency: Option<Option<Timestamp>>,
}

/// Live members, their links and the anchors of their statements.
#[derive(Debug, Clone, Default)]
pub struct LiveSet {
    members: HashMap<PostKey, usize>,
    followed: Vec<Followed>,
    /// Which of them a source showed first.
    by_source: HashMap<String, Vec<usize>>,
    links: HashSet<String>,
    roots: HashSet<String>,
    /// Per unit its masked names and the cores of its statements.
    units: Vec<(Masks, Index)>,
    /// Units in emergency mode, with its end when it has one. UTC.
    emergencies: BTreeMap<String, Option<Timestamp>>,
    /// Sites on which an incident began, until when they are watched more closely. UTC.
    origins: BTreeMap<String, Timestamp>,
}

impl LiveSet {
    pub(super) fn of<'a>(
        units: impl Iterator<Item = &'a UnitDesk>,
        emergencies: &BTreeMap<String, Emergency>,
    ) -> Self {
        let until = |(unit, one): (&String, &Emergency)| (unit.clone(), one.until);
        let mut live = Self { emergencies: emergencies.iter().map(until).collect(), ..Self::default() };
        for desk in units {
            let mut names = vec![desk.unit.name.clone()];
            names.extend(desk.unit.aliases.iter().cloned());
            live.units.push((Masks::of(names.iter().map(String::as_str)), desk.index.clone()));
            for case in desk.cases.values().filter(|case| case.row.state != IncidentState::Merged) {
                live.add_origin(case);
                for member in case.members.values() {
                    live.add(&member.row, &case.row);
                }
            }
        }
        live
    }

    /// An incident is one that was told: a digest line is not (SEMANTICS 18).
    fn add_origin(&mut self, case: &Case) {
        if case.row.epoch == 0 {
            return;
        }
        let members = case.members.values().filter(|member| member.adds_heat());
        let first = members.min_by_key(|member| {
            (member.row.published_at.unwrap_or(member.row.first_seen_at), &member.row.post.key)
        });
        if let (Some(first), Ok(until)) = (first, case.row.graded_at.checked_add(AFTER_ORIGIN)) {
            let known = self.origins.entry(first.site.clone()).or_insert(until);
            *known = until.max(*known);
        }
    }

    /// Whether the same units are in emergency mode, and the same sites are watched more closely.
    #[must_use]
    pub fn same_haste(&self, other: &Self) -> bool {
        self.emergencies == other.emergencies && self.origins == other.origins
    }

    /// Whether one of these units is in emergency mode; no units stands for all of them.
    #[must_use]
    pub fn is_emergency(&self, units: &[String], now: Timestamp) -> bool {
        let runs = |until: &Option<Timestamp>| until.is_none_or(|until| now < until);
        self.emergencies.iter().any(|(unit, until)| runs(until) && (units.is_empty() || units.contains(unit)))
    }

    /// Sites on which an incident began in the last 30 days.
    pub fn origins(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.origins.iter().filter(move |(_, until)| now < **until).map(|(site, _)| site.as_str())
    }

    fn add(&mut self, row: &crate::model::PostRow, incident: &Incident) {
        if let Some(link) = canonical_link(&row.post.url) {
            self.links.insert(link);
        }
        if let Some(key) = row.post.repost_of.as_ref().and_then(|of| of.key.as_ref()) {
            self.roots.insert(key.to_string());
        }
        if self.members.contains_key(&row.post.key) {
            return;
        }
        let place = self.followed.len();
        self.members.insert(row.post.key.clone(), place);
        match self.by_source.get_mut(&row.source) {
            Some(places) => places.push(place),
            None => drop(self.by_source.insert(row.source.clone(), vec![place])),
        }
        self.followed.push(Followed {
            key: row.post.key.clone(),
            url: row.post.url.clone(),
            source: row.source.clone(),
            last_seen_at: row.last_seen_at,
            first_seen_at: row.first_seen_at,
            rank: incident.rank,
            at_once: incident.state == IncidentState::Dormant && row.first_seen_at == row.last_seen_at,
            soonest: incident.outlook.soonest,
            until: until(incident, row),
            closed: incident.state == IncidentState::Closed,
            emergency: self.emergencies.get(&incident.unit).copied(),
        });
    }

    /// Whether the post is a member already.
    #[must_use]
    pub fn is_member(&self, key: &PostKey) -> bool {
        self.members.contains_key(key)
    }

    /// Whether a text can be alike to a live statement at all: without statements none is, and nobody need fold
    /// it.
    #[must_use]
    pub fn compares_texts(&self) -> bool {
        self.units.iter().any(|(_, index)| !index.is_empty())
    }

    /// Whether a post that met no rule relates to a live statement: it reposts, links or nearly copies a
    /// member. `folded` is its own text, folded.
    #[must_use]
    pub fn relates(&self, post: &Post, folded: &str) -> bool {
        if self.is_member(&post.key) || self.roots.contains(&post.key.to_string()) {
            return true;
        }
        if let Some(of) = &post.repost_of {
            let by_key = of
                .key
                .as_ref()
                .is_some_and(|key| self.is_member(key) || self.roots.contains(&key.to_string()));
            if by_key || of.url.as_deref().is_some_and(|url| self.has_link(url)) {
                return true;
            }
        }
        if self.has_link(&post.url) || post.links.iter().any(|link| self.has_link(link)) {
            return true;
        }
        self.units.iter().any(|(masks, index)| index.holds(folded, masks))
    }

    fn has_link(&self, url: &str) -> bool {
        canonical_link(url).is_some_and(|link| self.links.contains(&link))
    }

    /// Members to follow, in no particular order.
    #[must_use]
    pub fn followed(&self) -> &[Followed] {
        &self.followed
    }

    /// The members to follow that a source showed first, in no particular order.
    pub fn followed_by<'l>(&'l self, source: &str) -> impl Iterator<Item = &'l Followed> + use<'l> {
        self.by_source.get(source).into_iter().flatten().filter_map(|&place| self.followed.get(place))
    }

    /// The sources that showed members to follow, each once, in no particular order.
    pub fn followers(&self) -> impl Iterator<Item = &str> {
        self.by_source.keys().map(String::as_str)
    }
}
