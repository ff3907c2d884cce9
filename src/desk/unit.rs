//! One unit's desk: the shard. It holds the unit's incidents and finds, for each post, the statement that
//! it belongs to: by hard evidence first (a repost, a link, the same address), then by likeness.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::{
    Change,
    case::{Case, Figures, Member, Work},
    evidence::Names,
    grading::{is_sure, regrade_after_look},
    merge::merge_groups,
    place::Place,
    rows::{decided_publication, is_backlog, lowest_tier, new_incident, new_member},
    statement::{Cores, Fingerprint},
    telling::headline,
};
use crate::{
    locale::words,
    model::{
        Clause, Count, Counters, Embedded, Hit, IncidentId, Mention, ObservationRow, Plan, Post, Role, Unit,
        marks,
    },
};

/// The incidents of one unit and the ways to find them.
#[derive(Debug)]
pub(super) struct UnitDesk {
    pub unit: Unit,
    pub plan: Arc<Plan>,
    pub cases: BTreeMap<IncidentId, Case>,
    /// Cores of its statements; collect reads copies of it.
    pub index: Cores,
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
pub(super) struct Look<'a> {
    pub source: &'a str,
    pub post: &'a Post,
    pub counters: Counters,
    pub seen_at: Timestamp,
    pub own_fetch: bool,
    pub first_round: bool,
    pub hits: Vec<&'a Hit>,
}

impl UnitDesk {
    pub(super) fn new(unit: Unit, plan: Arc<Plan>) -> Self {
        Self {
            unit,
            plan,
            cases: BTreeMap::new(),
            index: Cores::default(),
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
            || self.incident_of(&mention.post.key).is_some()
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
            || self.by_quotation(post, &[]).is_some()
    }

    fn regrade(&mut self, incident: IncidentId, work: &mut Work<'_>) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        self.dirty.insert(incident);
        let before = case.row.clone();
        regrade_after_look(case, work);
        super::course::follow(case, work);
        super::subside::confirm_by_plan(case, work);
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
        Place::new(id, role, "first".to_owned())
    }

    fn join(&mut self, look: &Look<'_>, place: &Place, work: &mut Work<'_>) {
        let row = new_member(&self.unit, look, place);
        if row.is_core() {
            for core in self.core_prints(&row) {
                self.index.insert(place.incident, core);
            }
        }
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
        self.names.hold(place.incident, &member);
        self.members += 1;
        let older = |found: Option<Timestamp>, known: Option<Timestamp>| {
            found.is_some_and(|found| known.is_none_or(|known| found < known))
        };
        case.pending.more |= !case.row.heat.sites.iter().any(|site| site == member.site())
            || !member.row.notify.is_empty()
            || least.is_some()
            || (case.row.reason.clause == Clause::SoundOnly && is_sure(&member.row))
            || member.row.first_seen_at < case.row.detected_at
            || older(member.row.published_at, case.row.published_at);
        case.row.outlook.grew_at = Some(work.now);
        if place.role != Role::Reaction {
            case.row.kinds.proposed = case.row.kinds.proposed.or(member.row.kind);
        }
        case.members.insert(member);
    }

    fn observe(&mut self, incident: IncidentId, look: &Look<'_>, work: &mut Work<'_>) {
        let Some(case) = self.cases.get_mut(&incident) else { return };
        let Some(member) = case.members.get_mut_to_count(&look.post.key) else { return };
        let before = Figures::of(&member.row);
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
        if !is_sure(&member.row) && look.hits.iter().any(|hit| hit.certainty.is_sure()) {
            // What was met by sound only is met for sure in the fuller text.
            let found = marks(&member.row.post, look.hits.iter().copied());
            // A repost whose words stand in what it quotes has no marks of its own, however often it is seen.
            case.pending.more |= found != member.row.marks;
            member.row.marks = found;
            let least = lowest_tier(&case.row.plan, &look.hits);
            if member.adds_heat() && least > case.row.at_least {
                case.row.at_least = least;
                case.pending.more = true;
            }
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

    /// Puts a moved case back, with all ways to find it.
    pub(super) fn adopt(&mut self, case: Case) {
        let id = case.row.id;
        self.restore(case, Vec::new());
        for core in self.cores(id) {
            self.index.insert(id, core);
        }
    }

    /// The same of a case whose cores are at hand.
    pub(super) fn restore(&mut self, case: Case, cores: Vec<Fingerprint>) {
        let id = case.row.id;
        for member in case.members.values() {
            self.names.hold(id, member);
        }
        self.members += case.members.len();
        self.cases.insert(id, case);
        for core in cores {
            self.index.insert(id, core);
        }
        self.dirty.insert(id);
    }

    /// Keeps a case that nothing may join any more; what its channels answer still finds it by its number.
    pub(super) fn keep_apart(&mut self, case: Case) {
        let id = case.row.id;
        self.members += case.members.len();
        self.cases.insert(id, case);
        self.dirty.insert(id);
    }

    /// Takes a case out, with all ways to find it.
    pub(super) fn release(&mut self, id: IncidentId) -> Option<Case> {
        let case = self.cases.remove(&id)?;
        if case.members.values().any(|member| member.row.is_core()) {
            self.index.remove(id);
        }
        for member in case.members.values() {
            self.names.let_go(id, member);
        }
        self.members -= case.members.len();
        self.dirty.insert(id);
        Some(case)
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
