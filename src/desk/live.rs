//! What collect may ask of the desk: is this post a member of a live statement, does it relate to one
//! (SEMANTICS 12), and which members should be looked at again. A snapshot, published after commits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use jiff::{SignedDuration, Timestamp};

use super::{
    DeskState, Pause,
    by_text::may_be_quotation,
    case::Case,
    evidence::{How, Names, identity, leanings, names_of},
    statement::{Cores, Masks},
    trie::Trie,
    unit::UnitDesk,
};
use crate::{
    model::{Incident, IncidentId, IncidentState, Post, PostKey, PostRow},
    text::fold,
};

/// An incident that has not grown for so long has subsided.
const QUIET: SignedDuration = SignedDuration::from_hours(48);

/// Until when a member is followed. Rows of an older release do not say when they grew.
fn until(incident: &Incident, row: &PostRow) -> Timestamp {
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

/// Live members, their names and the anchors of their statements. A copy shares nearly everything with the one
/// before: only the incidents that changed are made anew.
#[derive(Debug, Clone, Default)]
pub struct LiveSet {
    units: Vec<UnitPart>,
    /// Units in emergency mode, with its end when it has one. UTC.
    emergencies: BTreeMap<String, Option<Timestamp>>,
    /// Sources that a person has paused, by name.
    paused: BTreeMap<String, Pause>,
    /// All that is followed, listed when somebody asks for the whole.
    all: OnceLock<Vec<Followed>>,
}

/// What is published of one unit.
#[derive(Debug, Clone, Default)]
struct UnitPart {
    unit: String,
    /// Its names, masked.
    masks: Arc<Masks>,
    names: Names,
    index: Cores,
    /// By the source that showed them first, the members to follow of each incident.
    by_source: BTreeMap<Arc<str>, Trie<Arc<[Followed]>>>,
    /// The sources under which an incident stands in `by_source`.
    shown: Trie<Arc<[Arc<str>]>>,
    origins: Arc<Origins>,
    members: usize,
}

/// Sites on which a unit's incidents began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Origins {
    /// The site of each incident.
    by_incident: BTreeMap<IncidentId, String>,
    /// The incidents of each site, and until when it is watched more closely for them. UTC.
    sites: BTreeMap<String, BTreeMap<IncidentId, Timestamp>>,
}

impl Origins {
    fn of(&self, id: IncidentId) -> Option<(&str, Timestamp)> {
        let site = self.by_incident.get(&id)?;
        Some((site, *self.sites.get(site)?.get(&id)?))
    }

    fn set(&mut self, id: IncidentId, origin: Option<(String, Timestamp)>) {
        if let Some(site) = self.by_incident.remove(&id)
            && let Some(incidents) = self.sites.get_mut(&site)
        {
            incidents.remove(&id);
            if incidents.is_empty() {
                self.sites.remove(&site);
            }
        }
        if let Some((site, until)) = origin {
            self.sites.entry(site.clone()).or_default().insert(id, until);
            self.by_incident.insert(id, site);
        }
    }
}

impl LiveSet {
    /// Takes what has changed: the incidents that the units call dirty.
    pub(super) fn refresh<'a>(
        &mut self,
        units: impl Iterator<Item = &'a UnitDesk>,
        state: &DeskState,
        now: Timestamp,
    ) {
        self.all = OnceLock::new();
        if self.paused != state.paused {
            self.paused.clone_from(&state.paused);
        }
        let emergencies: BTreeMap<_, _> =
            state.emergencies.iter().map(|(unit, one)| (unit.clone(), one.until)).collect();
        let before = std::mem::replace(&mut self.emergencies, emergencies);
        let mut parts: BTreeMap<String, UnitPart> =
            std::mem::take(&mut self.units).into_iter().map(|part| (part.unit.clone(), part)).collect();
        for desk in units {
            let name = &desk.unit.name;
            let mut part = parts.remove(name).unwrap_or_default();
            let emergency = self.emergencies.get(name).copied();
            let all = before.get(name).copied() != emergency;
            part.refresh(desk, emergency, all, now);
            self.units.push(part);
        }
    }

    /// Whether the same units are in emergency mode, and the same sites are watched more closely.
    #[must_use]
    pub fn same_haste(&self, other: &Self) -> bool {
        let same = |(one, two): (&UnitPart, &UnitPart)| {
            Arc::ptr_eq(&one.origins, &two.origins) || one.origins == two.origins
        };
        self.emergencies == other.emergencies
            && self.units.len() == other.units.len()
            && self.units.iter().zip(&other.units).all(same)
    }

    /// Whether one of these units is in emergency mode; no units stands for all of them.
    #[must_use]
    pub fn is_emergency(&self, units: &[String], now: Timestamp) -> bool {
        let runs = |until: &Option<Timestamp>| until.is_none_or(|until| now < until);
        self.emergencies.iter().any(|(unit, until)| runs(until) && (units.is_empty() || units.contains(unit)))
    }

    /// The pause of a source, while it holds.
    #[must_use]
    pub fn pause_of(&self, source: &str, now: Timestamp) -> Option<&Pause> {
        self.paused.get(source).filter(|pause| pause.holds(now))
    }

    /// Every source that is paused, by name.
    #[must_use]
    pub const fn paused(&self) -> &BTreeMap<String, Pause> {
        &self.paused
    }

    /// Whether an incident began on a site in the last 30 days.
    #[must_use]
    pub fn is_origin(&self, site: &str, now: Timestamp) -> bool {
        let untils = self.units.iter().filter_map(|part| part.origins.sites.get(site));
        untils.flat_map(|incidents| incidents.values()).any(|until| now < *until)
    }

    /// Whether the post is a member already.
    #[must_use]
    pub fn is_member(&self, key: &PostKey) -> bool {
        self.units.iter().any(|part| part.is_member(key))
    }

    /// Whether a text can be alike to a live statement at all: without statements none is, and nobody need fold
    /// it.
    #[must_use]
    pub fn compares_texts(&self) -> bool {
        self.units.iter().any(|unit| !unit.index.is_empty())
    }

    /// Whether a post that met no rule relates to a live statement: it reposts, links, quotes or nearly copies a
    /// member. `folded` is its own text, folded. A sieve: the desk decides again.
    #[must_use]
    pub fn relates(&self, post: &Post, folded: &str) -> bool {
        if self.units.iter().all(UnitPart::is_empty) {
            return false;
        }
        let (names, leanings) = (names_of(post), leanings(post));
        let holds = |part: &UnitPart| {
            names.iter().any(|named| {
                part.names.holders(named.name).iter().any(|holding| {
                    let points = named.how != How::Cited || holding.own > 0 || holding.origin > 0;
                    points || named.article && !part.names.is_common(named.name, None)
                })
            }) || leanings.iter().any(|name| part.names.holders(*name).iter().any(|one| one.own > 0))
        };
        let repeats = |part: &UnitPart, folded: &str| part.index.holds(folded, &part.masks);
        if self.units.iter().any(|part| holds(part) || repeats(part, folded)) {
            return true;
        }
        if !self.compares_texts() || !may_be_quotation(post) {
            return false;
        }
        let quoted = fold(&post.quoted).text;
        self.units.iter().any(|part| repeats(part, &quoted))
    }

    /// Number of members, so that a change of it can be seen; a post that is a member of two units counts twice.
    #[must_use]
    pub fn n_members(&self) -> usize {
        self.units.iter().map(|part| part.members).sum()
    }

    /// Members to follow, in no particular order.
    #[must_use]
    pub fn followed(&self) -> &[Followed] {
        self.all
            .get_or_init(|| self.followers().flat_map(|source| self.followed_by(source)).cloned().collect())
    }

    /// The members to follow that a source showed first, in no particular order.
    pub fn followed_by<'l>(&'l self, source: &str) -> impl Iterator<Item = &'l Followed> + use<'l> {
        let parts = self.units.iter().enumerate();
        let lists: Vec<_> = parts.filter_map(|(at, part)| Some((at, part.by_source.get(source)?))).collect();
        lists.into_iter().flat_map(move |(at, incidents)| {
            // What an earlier unit follows as well is followed once.
            let twice =
                move |post: &&Followed| !self.units.iter().take(at).any(|part| part.is_member(&post.key));
            incidents.values().flat_map(|list| list.iter()).filter(twice)
        })
    }

    /// The sources that showed members to follow, each once, in no particular order.
    pub fn followers(&self) -> impl Iterator<Item = &str> {
        let names: BTreeSet<&str> =
            self.units.iter().flat_map(|part| part.by_source.keys().map(|name| &**name)).collect();
        names.into_iter()
    }
}

impl UnitPart {
    fn refresh(&mut self, desk: &UnitDesk, emergency: Option<Option<Timestamp>>, all: bool, now: Timestamp) {
        self.unit.clone_from(&desk.unit.name);
        let names = std::iter::once(&desk.unit.name).chain(&desk.unit.aliases);
        self.masks = Arc::new(Masks::of(names.map(String::as_str)));
        self.names = desk.names.clone();
        self.index = desk.index.clone();
        self.members = desk.members;
        if all {
            for id in desk.cases.keys() {
                self.show(desk, *id, emergency, now);
            }
        }
        for id in &desk.dirty {
            self.show(desk, *id, emergency, now);
        }
    }

    /// Shows an incident as it stands, or no longer.
    fn show(
        &mut self,
        desk: &UnitDesk,
        id: IncidentId,
        emergency: Option<Option<Timestamp>>,
        now: Timestamp,
    ) {
        let case = desk.cases.get(&id);
        self.show_origin(id, case);
        let mut lists: BTreeMap<&str, Vec<Followed>> = BTreeMap::new();
        for member in case.iter().flat_map(|case| case.members.values().map(move |member| (member, *case))) {
            let (row, incident) = (&member.0.row, &member.1.row);
            let until = until(incident, row);
            if now < until {
                lists.entry(&row.source).or_default().push(followed(row, incident, until, emergency));
            }
        }
        for source in self.shown.remove(id.0).iter().flat_map(|sources| sources.iter()) {
            if !lists.contains_key(&**source)
                && let Some(incidents) = self.by_source.get_mut(source)
            {
                incidents.remove(id.0);
                if incidents.len() == 0 {
                    self.by_source.remove(source);
                }
            }
        }
        let mut sources: Vec<Arc<str>> = Vec::new();
        for (source, list) in lists {
            let known = self.by_source.get_key_value(source).map(|(name, _)| Arc::clone(name));
            let source = known.unwrap_or_else(|| Arc::from(source));
            self.by_source.entry(Arc::clone(&source)).or_default().insert(id.0, list.into());
            sources.push(source);
        }
        if !sources.is_empty() {
            self.shown.insert(id.0, sources.into());
        }
    }

    /// An incident is one that was told: a digest line is not (SEMANTICS 18).
    fn show_origin(&mut self, id: IncidentId, case: Option<&Case>) {
        let told = case.filter(|case| case.row.epoch > 0);
        let members = told.iter().flat_map(|case| case.members.values()).filter(|member| member.adds_heat());
        let first = members.min_by_key(|member| {
            (member.row.published_at.unwrap_or(member.row.first_seen_at), &member.row.post.key)
        });
        let until = told.and_then(|case| case.row.graded_at.checked_add(AFTER_ORIGIN).ok());
        let origin = first.zip(until).map(|(first, until)| (first.site(), until));
        if self.origins.of(id) != origin {
            let origin = origin.map(|(site, until)| (site.to_owned(), until));
            Arc::make_mut(&mut self.origins).set(id, origin);
        }
    }

    fn is_member(&self, key: &PostKey) -> bool {
        self.names.holders(identity(key)).iter().any(|holding| holding.own > 0)
    }

    fn is_empty(&self) -> bool {
        self.members == 0
    }
}

fn followed(
    row: &PostRow,
    incident: &Incident,
    until: Timestamp,
    emergency: Option<Option<Timestamp>>,
) -> Followed {
    Followed {
        key: row.post.key.clone(),
        url: row.post.url.clone(),
        source: row.source.clone(),
        last_seen_at: row.last_seen_at,
        first_seen_at: row.first_seen_at,
        rank: incident.rank,
        at_once: incident.state == IncidentState::Dormant && row.first_seen_at == row.last_seen_at,
        soonest: incident.outlook.soonest,
        until,
        closed: incident.state == IncidentState::Closed,
        emergency,
    }
}
