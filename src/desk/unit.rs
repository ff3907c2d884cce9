//! One unit's desk: the shard. It holds the unit's incidents and finds, for each post, the statement that
//! it belongs to: by hard evidence first (a repost, a link, the same address), then by likeness.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{
    Change,
    acts::merge_groups,
    case::{Case, Member, Work},
    grading::{is_sure, regrade_after_look},
    statement::{Fingerprint, Index, refutes},
    telling::headline,
};
use crate::{
    locale::words,
    model::{
        Clause, Count, Counters, Embedded, Heat, Hit, Incident, IncidentId, IncidentState, Kinds, Mention,
        ObservationRow, Outlook, Plan, Post, PostKey, PostRow, Precision, Published, Reason, RepostOf, Role,
        Unit, marks, proposed,
    },
    text::canonical_link,
};

/// A fine publication time that lies further ahead than this is no publication time (SEMANTICS 3).
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// The incidents of one unit and the ways to find them.
#[derive(Debug)]
pub(super) struct UnitDesk {
    pub unit: Unit,
    pub plan: Arc<Plan>,
    pub cases: BTreeMap<IncidentId, Case>,
    pub index: Index,
    by_post: HashMap<PostKey, IncidentId>,
    by_link: HashMap<String, IncidentId>,
    by_root: HashMap<String, IncidentId>,
}

/// One post as it is to be taken: a mention's own, or an original embedded in it.
struct Look<'a> {
    source: &'a str,
    post: &'a Post,
    counters: Counters,
    seen_at: Timestamp,
    own_fetch: bool,
    first_round: bool,
    hits: Vec<&'a Hit>,
}

/// Where a post belongs.
struct Place {
    incident: IncidentId,
    role: Role,
    why: String,
}

impl UnitDesk {
    pub(super) fn new(unit: Unit, plan: Arc<Plan>) -> Self {
        Self {
            unit,
            plan,
            cases: BTreeMap::new(),
            index: Index::default(),
            by_post: HashMap::new(),
            by_link: HashMap::new(),
            by_root: HashMap::new(),
        }
    }

    /// Takes a mention; answers with the incidents it concerned.
    pub(super) fn take(
        &mut self,
        mention: &Mention,
        work: &mut Work<'_>,
        next_id: &mut u64,
    ) -> Vec<IncidentId> {
        let hits: Vec<&Hit> = mention.hits.iter().filter(|hit| hit.unit == self.unit.name).collect();
        let look = Look {
            source: &mention.source,
            post: &mention.post,
            counters: mention.counters,
            seen_at: mention.seen_at,
            own_fetch: mention.own_fetch,
            first_round: mention.first_round,
            hits,
        };
        let originals = originals(&mention.post);
        // An original seen inside a repost is a post of its own, observed through it (SEMANTICS 8).
        let known = !look.hits.is_empty()
            || self.by_post.contains_key(&mention.post.key)
            || originals.iter().any(|original| {
                self.by_post.contains_key(&original.post.key) || self.place(&original.post, &[]).is_some()
            });
        let mut touched: Vec<IncidentId> = Vec::new();
        for original in originals.into_iter().rev().filter(|_| known) {
            let original = Look {
                source: look.source,
                post: &original.post,
                counters: original.counters,
                seen_at: look.seen_at,
                own_fetch: false,
                first_round: look.first_round,
                hits: look.hits.clone(),
            };
            touched.extend(self.take_look(&original, work, next_id));
        }
        touched.extend(self.take_look(&look, work, next_id));
        touched.sort_unstable();
        touched.dedup();
        for &incident in &touched {
            self.regrade(incident, work);
        }
        touched
    }

    fn regrade(&mut self, incident: IncidentId, work: &mut Work<'_>) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        let before = case.row.clone();
        regrade_after_look(case, work);
        if case.row != before {
            work.changes.push(Change::Incident(Box::new(case.row.clone())));
        }
    }

    /// Puts one look into its incident, a new one if need be.
    fn take_look(&mut self, look: &Look<'_>, work: &mut Work<'_>, next_id: &mut u64) -> Option<IncidentId> {
        let key = &look.post.key;
        let incident = match self.by_post.get(key) {
            Some(&known) => known,
            None => {
                let place = match self.place(look.post, &surfaces(&look.hits)) {
                    Some(place) => place,
                    None if look.hits.is_empty() => return None,
                    None => self.begin(look, work, next_id),
                };
                self.join(look, &place, work);
                place.incident
            }
        };
        self.observe(incident, look, work);
        Some(incident)
    }

    /// The statement that a post belongs to: hard evidence, then likeness.
    fn place(&self, post: &Post, words: &[String]) -> Option<Place> {
        let role = if post.repost_of.is_some() { Role::Repost } else { Role::Root };
        let place =
            |incident: &IncidentId, why: &str| Place { incident: *incident, role, why: why.to_owned() };
        if let Some(of) = &post.repost_of {
            let found = of
                .key
                .as_ref()
                .and_then(|key| self.by_post.get(key).or_else(|| self.by_root.get(&key.to_string())))
                .or_else(|| of.url.as_deref().and_then(|url| self.by_address(url)));
            if let Some(incident) = found {
                return Some(self.check_reaction(place(incident, "repost"), post));
            }
        }
        if let Some(incident) = self.by_root.get(&post.key.to_string()) {
            return Some(place(incident, "original of a repost"));
        }
        if let Some(incident) = self.by_address(&post.url) {
            return Some(place(incident, "same link"));
        }
        if let Some(incident) = post.links.iter().find_map(|link| self.by_address(link)) {
            return Some(self.check_reaction(place(incident, "link"), post));
        }
        let found = self.index.find(&self.fingerprint(&post.own_text(), words))?;
        let why = if found.likeness >= 1.0 {
            "equal text".to_owned()
        } else {
            format!("near-duplicate {:.2}", found.likeness)
        };
        let role = if found.reaction { Role::Reaction } else { role };
        Some(Place { incident: found.incident, role, why })
    }

    fn by_address(&self, url: &str) -> Option<&IncidentId> {
        self.by_link.get(&canonical_link(url)?)
    }

    /// A repost or link that denies what it points to is a reaction: shown, no heat (SEMANTICS 11).
    fn check_reaction(&self, mut place: Place, post: &Post) -> Place {
        let Some(case) = self.cases.get(&place.incident) else { return place };
        let own = self.fingerprint(&post.own_text(), &[]);
        let core = case.members.values().find(|member| is_core(&member.row));
        if core.is_some_and(|core| refutes(&own, &self.fingerprint(&core.row.post.own_text(), &[]))) {
            place.role = Role::Reaction;
        }
        place
    }

    pub(super) fn fingerprint(&self, text: &str, words: &[String]) -> Fingerprint {
        let names = std::iter::once(&self.unit.name).chain(&self.unit.aliases).chain(words);
        Fingerprint::of(text, names.map(String::as_str))
    }

    /// Begins a statement; it is dormant until it is graded.
    fn begin(&mut self, look: &Look<'_>, work: &Work<'_>, next_id: &mut u64) -> Place {
        let id = IncidentId(*next_id);
        *next_id += 1;
        let row = new_incident(id, &self.unit, self.plan.clone(), look.post, look.seen_at, work.now);
        self.cases.insert(id, Case::new(row));
        let role = if look.post.repost_of.is_some() { Role::Repost } else { Role::Root };
        Place { incident: id, role, why: "first".to_owned() }
    }

    fn join(&mut self, look: &Look<'_>, place: &Place, work: &mut Work<'_>) {
        let row = new_member(&self.unit, look, place);
        if is_core(&row) {
            let core = self.fingerprint(&row.post.own_text(), &row.surfaces);
            self.index.insert(place.incident, core);
        }
        self.remember(&row);
        let Some(case) = self.cases.get_mut(&place.incident) else { return };
        merge_groups(&mut case.row.groups, &row.groups);
        case.direct.extend(row.notify.iter().cloned());
        let least = lowest_tier(&case.row.plan, &look.hits);
        if place.role != Role::Reaction && least > case.row.at_least {
            case.row.at_least.clone_from(&least);
        }
        if row.why != "first" {
            let (site, why) =
                (words::site(&row.post.key.site, work.locale), words::joined(&row.why, work.locale));
            let text = format!("{site} {}: {why}", headline(&row.post.title, &row.post.text));
            work.note(Some(case.row.id), "joined", None, text);
        }
        let member = Member::new(row);
        let older = |found: Option<Timestamp>, known: Option<Timestamp>| {
            found.is_some_and(|found| known.is_none_or(|known| found < known))
        };
        case.pending.more |= !case.row.heat.sites.contains(&member.site)
            || !member.row.notify.is_empty()
            || least.is_some()
            || (case.row.reason.clause == Clause::SoundOnly && is_sure(&member.row))
            || member.row.first_seen_at < case.row.detected_at
            || older(member.row.published_at, case.row.published_at);
        case.row.outlook.grew_at = Some(work.now);
        if place.role != Role::Reaction {
            case.row.kinds.proposed = case.row.kinds.proposed.or(member.row.kind);
        }
        case.members.insert(member.row.post.key.clone(), member);
    }

    /// Keeps the ways to find a member.
    fn remember(&mut self, row: &PostRow) {
        self.by_post.insert(row.post.key.clone(), row.incident);
        if let Some(link) = canonical_link(&row.post.url) {
            self.by_link.insert(link, row.incident);
        }
        let Some(of) = &row.post.repost_of else { return };
        if let Some(key) = &of.key {
            self.by_root.entry(key.to_string()).or_insert(row.incident);
        }
        if let Some(link) = of.url.as_deref().and_then(canonical_link) {
            self.by_link.entry(link).or_insert(row.incident);
        }
    }

    fn observe(&mut self, incident: IncidentId, look: &Look<'_>, work: &mut Work<'_>) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        let Some(member) = case.members.get_mut(&look.post.key) else { return };
        let before = member.row.clone();
        if look.own_fetch {
            member.row.own_fetches += 1;
        }
        let ours = member.row.own_fetches;
        let lowered = |count: Count| Count { value: count.value.saturating_sub(ours), ..count };
        let row = ObservationRow {
            unit: self.unit.name.clone(),
            post: look.post.key.clone(),
            at: look.seen_at,
            views: look.counters.views.map(lowered),
            reposts: look.counters.reposts,
            comments: look.counters.comments,
            likes: look.counters.likes,
        };
        if member.row.published_at.is_none()
            && let Some(at) = decided_publication(look.post.published, member.row.first_seen_at)
        {
            member.row.published_at = Some(at);
            member.row.precision = look.post.published.map(|published| published.precision);
            member.row.backlog = is_backlog(Some(at), member.row.first_seen_at, false);
            member.views.set_start(Some(at));
        }
        if member.row.post.text.chars().count() < look.post.text.chars().count() {
            // A detail page shows more of the text than the list did.
            member.row.post.text.clone_from(&look.post.text);
            member.row.post.title.clone_from(&look.post.title);
        }
        if !is_sure(&member.row) && look.hits.iter().any(|hit| hit.certainty.is_sure()) {
            // What was met by sound only is met for sure in the fuller text.
            member.row.marks = marks(&member.row.post, look.hits.iter().copied());
            case.pending.more = true;
            let least = lowest_tier(&case.row.plan, &look.hits);
            if member.adds_heat() && least > case.row.at_least {
                case.row.at_least = least;
            }
        }
        member.observe(&row);
        if case.pending.take(&before, &member.row) {
            case.row.outlook.grew_at = Some(work.now);
        }
        let horizon = work.now.saturating_sub(super::heat::DAY * 2).unwrap_or(Timestamp::MIN);
        member.views.forget_before(horizon);
        work.changes.push(Change::Post(Box::new(member.row.clone())));
        work.changes.push(Change::Observation(row));
    }

    /// Puts a restored or moved case back, with all ways to find it.
    pub(super) fn adopt(&mut self, case: Case) {
        let rows: Vec<PostRow> = case.members.values().map(|member| member.row.clone()).collect();
        for row in &rows {
            self.remember(row);
            if is_core(row) {
                let core = self.fingerprint(&row.post.own_text(), &row.surfaces);
                self.index.insert(row.incident, core);
            }
        }
        self.cases.insert(case.row.id, case);
    }

    /// Forgets where the members of a case were found, before it is adopted anew.
    pub(super) fn release(&mut self, id: IncidentId) -> Option<Case> {
        self.index.remove(id);
        self.by_post.retain(|_, incident| *incident != id);
        self.by_link.retain(|_, incident| *incident != id);
        self.by_root.retain(|_, incident| *incident != id);
        self.cases.remove(&id)
    }

    pub(super) fn incident_of(&self, post: &PostKey) -> Option<IncidentId> {
        self.by_post.get(post).copied()
    }
}

/// Originals inside originals that are looked at.
const EMBEDDED: usize = 8;

/// The originals that a repost shows, its own first, then that one's.
fn originals(post: &Post) -> Vec<&Embedded> {
    let mut found = Vec::new();
    let mut at = post;
    while let Some(original) = at.repost_of.as_ref().and_then(|of| of.embedded.as_deref()) {
        if found.len() == EMBEDDED {
            break;
        }
        found.push(original);
        at = &original.post;
    }
    found
}

/// A member that later texts are compared with.
pub(super) fn is_core(row: &PostRow) -> bool {
    row.why == "first" || row.why == "split"
}

/// Publication as decided at first sight: never after it; a fine time far ahead is unknown (SEMANTICS 3).
fn decided_publication(published: Option<Published>, first_seen: Timestamp) -> Option<Timestamp> {
    let published = published?;
    let fine = matches!(published.precision, Precision::Second | Precision::Minute);
    let ahead = published.at.duration_since(first_seen);
    if fine && ahead > SKEW { None } else { Some(published.at.min(first_seen)) }
}

/// Backlog (SEMANTICS 4): published over 24 h before its first sight, or of unknown age and seen in the first
/// full round of its source or keyword.
fn is_backlog(published: Option<Timestamp>, first_seen: Timestamp, first_round: bool) -> bool {
    published.map_or(first_round, |at| first_seen.duration_since(at) > super::heat::DAY)
}

/// The lowest tier that sure hits ask for (`至少:`), with the group that does.
fn lowest_tier(plan: &Plan, hits: &[&Hit]) -> Option<(usize, String)> {
    let sure = hits.iter().filter(|hit| hit.certainty.is_sure());
    sure.filter_map(|hit| Some((plan.tier_named(hit.at_least.as_deref()?)?.rank, hit.group.clone()))).max()
}

/// The words that were met, as they stand in the text.
fn surfaces(hits: &[&Hit]) -> Vec<String> {
    let mut surfaces: Vec<String> = hits.iter().map(|hit| hit.surface.clone()).collect();
    surfaces.sort();
    surfaces.dedup();
    surfaces
}

fn new_member(unit: &Unit, look: &Look<'_>, place: &Place) -> PostRow {
    let published_at = decided_publication(look.post.published, look.seen_at);
    let mut post = look.post.clone();
    if let Some(of) = &mut post.repost_of {
        // The original is a member of its own; keeping it twice would be a second copy.
        *of = RepostOf { key: of.key.clone(), url: of.url.clone(), embedded: None };
    }
    let mut groups: Vec<String> = Vec::new();
    let mut notify: Vec<String> = Vec::new();
    for hit in &look.hits {
        merge_groups(&mut groups, std::slice::from_ref(&hit.group));
        merge_groups(&mut notify, &hit.notify);
    }
    PostRow {
        unit: unit.name.clone(),
        incident: place.incident,
        post,
        role: place.role,
        why: place.why.clone(),
        first_seen_at: look.seen_at,
        last_seen_at: look.seen_at,
        published_at,
        precision: look
            .post
            .published
            .filter(|_| published_at.is_some())
            .map(|published| published.precision),
        backlog: is_backlog(published_at, look.seen_at, look.first_round),
        own_fetches: 0,
        reposts: None,
        first_reposts: None,
        closed_reposts: None,
        comments: None,
        likes: None,
        views: None,
        groups,
        surfaces: surfaces(&look.hits),
        marks: marks(look.post, look.hits.iter().copied()),
        notify,
        kind: proposed(look.hits.iter().copied()),
        source: look.source.to_owned(),
    }
}

pub(super) fn new_incident(
    id: IncidentId,
    unit: &Unit,
    plan: Arc<Plan>,
    post: &Post,
    seen_at: Timestamp,
    now: Timestamp,
) -> Incident {
    let tier_name = plan.tier(0).name.clone();
    Incident {
        id,
        unit: unit.name.clone(),
        plan,
        state: IncidentState::Dormant,
        rank: 0,
        reason: Reason {
            rank: 0,
            tier_name,
            clause: Clause::Lowest,
            threshold: None,
            note: None,
            heat: Heat::default(),
            window_from: None,
            as_of: now,
        },
        graded_at: now,
        detected_at: seen_at,
        published_at: None,
        opened_at: now,
        closed_at: None,
        reopened: 0,
        heat: Heat::default(),
        gist: headline(&post.title, &post.text),
        acks: Vec::new(),
        lines: Vec::new(),
        told_rank: None,
        responded_at: None,
        at_least: None,
        overridden: None,
        epoch: 0,
        told_directly: Vec::new(),
        in_digest: false,
        merged_into: None,
        groups: Vec::new(),
        kinds: Kinds::default(),
        outlook: Outlook { grew_at: Some(now), ..Outlook::default() },
    }
}
