//! One unit's desk: the shard. It holds the unit's incidents and finds, for each post, the statement that
//! it belongs to: by hard evidence first (a repost, a link, the same address), then by likeness.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{
    Change,
    case::{Case, Member, Work},
    evidence::Names,
    grading::regrade_after_look,
    merge::{self, merge_groups},
    place::{Place, Tie},
    statement::{Fingerprint, Index},
    telling::headline,
};
use crate::{
    locale::{Locale, words},
    model::{
        Certainty, Clause, Count, Counters, Embedded, Heat, Hit, Incident, IncidentId, IncidentState,
        Mention, ObservationRow, Outlook, Plan, Post, PostRow, Precision, Published, Reason, RepostOf, Role,
        Unit, marks,
    },
};

/// A fine publication time that lies further ahead than this is no publication time (SEMANTICS 3).
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// The incidents of one unit and the ways to find them.
#[derive(Debug)]
pub(super) struct UnitDesk {
    pub unit: Unit,
    pub plan: Arc<Plan>,
    pub cases: BTreeMap<IncidentId, Case>,
    /// Cores of its statements; collect reads copies of it.
    pub index: Arc<Index>,
    /// By what names members can be found; collect reads copies of it.
    pub names: Names,
    /// Number of members over all incidents.
    pub members: usize,
    /// Where merged incidents went.
    pub redirects: BTreeMap<IncidentId, IncidentId>,
    /// Incidents that changed since collect was told of them last.
    pub dirty: BTreeSet<IncidentId>,
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

impl UnitDesk {
    pub(super) fn new(unit: Unit, plan: Arc<Plan>) -> Self {
        Self {
            unit,
            plan,
            cases: BTreeMap::new(),
            index: Arc::default(),
            names: Names::default(),
            members: 0,
            redirects: BTreeMap::new(),
            dirty: BTreeSet::new(),
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
            || self.knows(&mention.post)
            || originals.iter().any(|original| self.knows(&original.post));
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

    /// Whether a post is a member, or belongs to a statement.
    fn knows(&self, post: &Post) -> bool {
        if self.incident_of(&post.key).is_some() {
            return true;
        }
        let ties = self.ties(post, None);
        !ties.binding.is_empty()
            || !ties.refuted.is_empty()
            || self.leaning(post, Role::Root).is_some()
            || self.index.find(&self.fingerprint(&post.own_text(), &[])).is_some()
    }

    fn regrade(&mut self, incident: IncidentId, work: &mut Work<'_>) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        self.dirty.insert(incident);
        let before = case.row.clone();
        regrade_after_look(case, work);
        if case.row != before {
            work.changes.push(Change::Incident(Box::new(case.row.clone())));
        }
    }

    /// Puts one look into its incident, a new one if need be; answers with the incidents that it concerned.
    fn take_look(&mut self, look: &Look<'_>, work: &mut Work<'_>, next_id: &mut u64) -> Vec<IncidentId> {
        let mut touched = Vec::new();
        let incident = match self.incident_of(&look.post.key) {
            Some(known) => self.learn(known, look, work, &mut touched),
            None => {
                let place = match self.place(look, work, &mut touched) {
                    Some(place) => place,
                    None if look.hits.is_empty() => return touched,
                    None => self.begin(look, work, next_id),
                };
                self.join(look, &place, work);
                place.incident
            }
        };
        self.observe(incident, look, work);
        touched.push(incident);
        touched
    }

    /// The statement that a new post belongs to: hard evidence, then likeness. Evidence that names several makes
    /// them one.
    fn place(
        &mut self,
        look: &Look<'_>,
        work: &mut Work<'_>,
        touched: &mut Vec<IncidentId>,
    ) -> Option<Place> {
        let post = look.post;
        let role = if post.repost_of.is_some() { Role::Repost } else { Role::Root };
        let mut ties = self.ties(post, None);
        self.add_likeness_of_original(&mut ties.binding, look);
        let tied = self.together(&ties.binding, None);
        let place = if let Some(strongest) = tied.first() {
            let incident = self.unite(&tied, post, work, touched);
            Some(Place { incident, role, why: strongest.why.clone() })
        } else if let Some(refuted) = ties.refuted.first() {
            let why = refuted.why.clone();
            return Some(Place { incident: refuted.incident, role: Role::Reaction, why });
        } else {
            self.leaning(post, role)
                .or_else(|| self.alike(&self.fingerprint(&post.own_text(), &surfaces(&look.hits)), role))
        };
        let own = place.as_ref().map(|place| place.incident);
        for tie in ties.refuted.iter().chain(&ties.refuting).filter(|tie| Some(tie.incident) != own) {
            note_reaction(post, tie, work);
        }
        place
    }

    /// Where only reposts are known, the original that comes late is placed as if it had come first: what its
    /// text repeats counts as well.
    fn add_likeness_of_original(&self, binding: &mut Vec<Tie>, look: &Look<'_>) {
        let waits = |tie: &Tie| tie.why == ORIGINAL && self.is_only_reposts(tie.incident);
        if !binding.iter().any(waits) {
            return;
        }
        let print = self.fingerprint(&look.post.own_text(), &surfaces(&look.hits));
        if let Some(place) = self.alike(&print, Role::Root)
            && place.role == Role::Root
            && !binding.iter().any(|tie| tie.incident == place.incident)
        {
            binding.push(Tie::by_likeness(place));
        }
    }

    /// Merges what a post ties together; answers with the incident that survives, the oldest.
    fn unite(
        &mut self,
        tied: &[Tie],
        post: &Post,
        work: &mut Work<'_>,
        touched: &mut Vec<IncidentId>,
    ) -> IncidentId {
        let mut incidents: Vec<IncidentId> = tied.iter().map(|tie| tie.incident).collect();
        incidents.sort_unstable();
        let mut incidents = incidents.into_iter();
        let oldest = incidents.next().unwrap_or(IncidentId(0));
        for younger in incidents {
            let reason = merge_reason(post, tied, work.locale);
            self.merge(oldest, younger, None, &reason, work);
            touched.push(younger);
        }
        oldest
    }

    /// What a later look at a known post shows that the first did not: the whole text on its own page, what it
    /// reposts, what it links. Answers with its incident, which may be an older one now.
    fn learn(
        &mut self,
        incident: IncidentId,
        look: &Look<'_>,
        work: &mut Work<'_>,
        touched: &mut Vec<IncidentId>,
    ) -> IncidentId {
        let Some(case) = self.cases.get_mut(&incident) else { return incident };
        let alone = case.members.len() == 1;
        let Some(member) = case.members.get_mut(&look.post.key) else { return incident };
        let grown = member.row.post.text.chars().count() < look.post.text.chars().count();
        let pointers = shows_more(&member.row.post, look.post);
        if !grown && !pointers {
            return incident;
        }
        self.names.let_go(incident, member);
        let was_core = is_core(&member.row);
        if grown {
            member.row.post.text.clone_from(&look.post.text);
            member.row.post.title.clone_from(&look.post.title);
        }
        if pointers {
            member.learn(look.post);
            case.pending.more = true;
        }
        self.names.hold(incident, member);
        let (post, is_core) = (member.row.post.clone(), is_core(&member.row));
        let is_alone = alone && member.row.role == Role::Root;
        let twin = if grown && is_core || was_core != is_core {
            let words = surfaces(&look.hits);
            let twin = self.reindex(incident, &post, &words);
            twin.filter(|_| grown && is_alone)
        } else {
            None
        };
        let reacts = case_role(&self.cases, incident, &post) == Some(Role::Reaction);
        let mut binding =
            if pointers && !reacts { self.ties(&post, Some(incident)).binding } else { Vec::new() };
        binding.extend(twin);
        let mut tied = self.together(&binding, Some(incident));
        if tied.is_empty() {
            return incident;
        }
        tied.insert(0, Tie::of(incident));
        touched.push(incident);
        self.unite(&tied, &post, work, touched)
    }

    /// Another statement of exactly the text that a post shows by now.
    fn same_full_text(&self, incident: IncidentId, post: &Post, words: &[String]) -> Option<Tie> {
        let known = self.cases.get(&incident)?.members.get(&post.key)?;
        let words = [words, known.row.surfaces.as_slice()].concat();
        let print = self.fingerprint(&post.own_text(), &words);
        let found = self.index.find(&print)?;
        let same = self.cores(found.incident).iter().any(|core| core.is_same_text(&print));
        let place = Place { incident: found.incident, role: Role::Root, why: "same full text".to_owned() };
        (same && !found.reaction).then(|| Tie::by_likeness(place))
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
            Arc::make_mut(&mut self.index).insert(place.incident, core);
        }
        let Some(case) = self.cases.get_mut(&place.incident) else { return };
        merge_groups(&mut case.row.groups, &row.groups);
        case.direct.extend(row.notify.iter().cloned());
        let least = look
            .hits
            .iter()
            .filter(|hit| hit.certainty != Certainty::Homophone)
            .filter_map(|hit| {
                Some((case.row.plan.tier_named(hit.at_least.as_deref()?)?.rank, hit.group.clone()))
            })
            .max();
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
        self.names.hold(place.incident, &member);
        self.members += 1;
        let older = |found: Option<Timestamp>, known: Option<Timestamp>| {
            found.is_some_and(|found| known.is_none_or(|known| found < known))
        };
        case.pending.more |= !case.row.heat.sites.contains(&member.site)
            || !member.row.notify.is_empty()
            || least.is_some()
            || member.row.first_seen_at < case.row.detected_at
            || older(member.row.published_at, case.row.published_at);
        case.row.outlook.grew_at = Some(work.now);
        case.members.insert(member.row.post.key.clone(), member);
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
        member.observe(&row);
        case.seen_at = case.seen_at.max(Some(look.seen_at));
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
        let id = case.row.id;
        for member in case.members.values() {
            self.names.hold(id, member);
        }
        self.members += case.members.len();
        self.cases.insert(id, case);
        let cores = self.cores(id);
        let index = Arc::make_mut(&mut self.index);
        for core in cores {
            index.insert(id, core);
        }
        self.dirty.insert(id);
    }

    /// Takes a case out, with all ways to find it.
    pub(super) fn release(&mut self, id: IncidentId) -> Option<Case> {
        let case = self.cases.remove(&id)?;
        if case.members.values().any(|member| is_core(&member.row)) {
            Arc::make_mut(&mut self.index).remove(id);
        }
        for member in case.members.values() {
            self.names.let_go(id, member);
        }
        self.members -= case.members.len();
        self.dirty.insert(id);
        Some(case)
    }

    /// Takes the cores of a statement anew after a text has grown; answers with another statement of that text.
    fn reindex(&mut self, id: IncidentId, post: &Post, words: &[String]) -> Option<Tie> {
        let cores = self.cores(id);
        Arc::make_mut(&mut self.index).remove(id);
        let twin = self.same_full_text(id, post, words);
        let index = Arc::make_mut(&mut self.index);
        for core in cores {
            index.insert(id, core);
        }
        twin
    }

    /// Makes two incidents one: `younger` goes over to `older` and leads there from now on. `None` when one of
    /// them is not there.
    pub(super) fn merge(
        &mut self,
        older: IncidentId,
        younger: IncidentId,
        by: Option<&str>,
        reason: &str,
        work: &mut Work<'_>,
    ) -> Option<()> {
        if older == younger || !self.cases.contains_key(&older) {
            return None;
        }
        let mut gone = self.release(younger)?;
        let cores: Vec<Fingerprint> = gone
            .members
            .values()
            .filter(|member| is_core(&member.row))
            .map(|member| self.fingerprint(&member.row.post.own_text(), &member.row.surfaces))
            .collect();
        for member in gone.members.values() {
            self.names.hold(older, member);
        }
        self.members += gone.members.len();
        let index = Arc::make_mut(&mut self.index);
        for core in cores {
            index.insert(older, core);
        }
        self.keep_apart_from(older, &gone, work);
        let keep = self.cases.get_mut(&older)?;
        merge::merge(keep, &mut gone, work, by, reason);
        work.changes.push(Change::Incident(Box::new(keep.row.clone())));
        work.changes.push(Change::Incident(Box::new(gone.row.clone())));
        self.redirects.insert(younger, older);
        self.dirty.insert(older);
        Some(())
    }

    /// What a person has split from the one that goes stays apart from the one that takes it in.
    fn keep_apart_from(&mut self, older: IncidentId, gone: &Case, work: &mut Work<'_>) {
        let (apart, gone) = (gone.row.apart.clone(), gone.row.id);
        if let Some(case) = self.cases.get_mut(&older) {
            case.row.apart.retain(|one| *one != gone);
        }
        for other in apart.into_iter().filter(|other| *other != older) {
            for (one, two) in [(older, other), (other, older)] {
                let Some(case) = self.cases.get_mut(&one) else { continue };
                case.row.apart.retain(|known| *known != gone && *known != two);
                case.row.apart.push(two);
                if one == other {
                    work.changes.push(Change::Incident(Box::new(case.row.clone())));
                }
            }
        }
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

/// Why an original joins whose repost was seen before it.
const ORIGINAL: &str = "original of a repost";

/// A member that later texts are compared with: what began the statement, or the original that came after its
/// reposts.
pub(super) fn is_core(row: &PostRow) -> bool {
    match row.why.as_str() {
        "first" | "split" => true,
        ORIGINAL => row.role == Role::Root,
        _ => false,
    }
}

/// Whether a look shows what a post reposts or links to, and the looks before did not.
fn shows_more(known: &Post, seen: &Post) -> bool {
    let original = match (&known.repost_of, &seen.repost_of) {
        (None, of) => of.is_some(),
        (Some(known), Some(seen)) => {
            known.key.is_none() && seen.key.is_some() || known.url.is_none() && seen.url.is_some()
        }
        (Some(_), None) => false,
    };
    original || seen.links.iter().any(|link| !known.links.contains(link))
}

fn case_role(cases: &BTreeMap<IncidentId, Case>, incident: IncidentId, post: &Post) -> Option<Role> {
    Some(cases.get(&incident)?.members.get(&post.key)?.row.role)
}

fn note_reaction(post: &Post, tie: &Tie, work: &mut Work<'_>) {
    let why = words::joined(&tie.why, work.locale);
    let headline = headline(&post.title, &post.text);
    let site = words::site(&post.key.site, work.locale);
    let text = match work.locale {
        Locale::ZhCn => format!("{site} {headline}: 一方否认另一方，关联而不并案（{why}）"),
        Locale::En => format!("{site} {headline}: one denies the other; linked, not merged ({why})"),
    };
    work.note(Some(tie.incident), "reaction", None, text);
}

/// Why evidence made several incidents one, as it is kept and shown.
fn merge_reason(post: &Post, tied: &[Tie], locale: Locale) -> String {
    let said: Vec<String> = tied
        .iter()
        .map(|tie| {
            let why = match tie.why.as_str() {
                "" => locale.pick("就是其中一篇", "stands there").to_owned(),
                why => words::joined(why, locale),
            };
            format!("#{} {why}", tie.incident)
        })
        .collect();
    let headline = headline(&post.title, &post.text);
    let site = words::site(&post.key.site, locale);
    let original = post
        .repost_of
        .as_ref()
        .and_then(|of| of.url.clone().or_else(|| of.key.as_ref().map(std::string::ToString::to_string)));
    let original = original.map_or_else(String::new, |original| match locale {
        Locale::ZhCn => format!("，原文 {original}"),
        Locale::En => format!(", original {original}"),
    });
    match locale {
        Locale::ZhCn => format!("依据硬证据自动合并: {site}“{headline}”{original}；{}", said.join("；")),
        Locale::En => {
            format!("merged by hard evidence: {site} \"{headline}\"{original}; {}", said.join("; "))
        }
    }
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
        apart: Vec::new(),
        told_as: Vec::new(),
        groups: Vec::new(),
        outlook: Outlook { grew_at: Some(now), ..Outlook::default() },
    }
}
