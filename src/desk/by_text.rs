//! Where a post goes when nothing but its text says so, and what a text shows of the statements that are there: that
//! they began with parts of one whole, or that they hold one passage (SEMANTICS 11).

use super::{
    Change,
    case::Work,
    place::{Place, Tie},
    rows::surfaces,
    statement::{Fingerprint, Match, are_opposed, is_fuller, is_longer, refutes, same_passage},
    unit::{Look, UnitDesk},
};
use crate::model::{IncidentId, Post, PostRow, Role};

/// Why a text puts two statements together: each is found by the same whole text.
pub(super) const SAME_WHOLE: &str = "same full text";
/// Why a text puts two statements together: it is the same as both by one passage.
pub(super) const SAME_PASSAGE: &str = "same passage";
/// A quoted text says which statement a post is about when it has so many informative characters.
const QUOTED: usize = 30;
/// From when on a text that stands under another statement is the same for that.
const NEARLY_EQUAL: f64 = 0.8;

impl UnitDesk {
    /// Where nothing but its text says where a post belongs.
    pub(super) fn place_by_text(
        &mut self,
        look: &Look<'_>,
        role: Role,
        work: &mut Work<'_>,
        touched: &mut Vec<IncidentId>,
    ) -> Option<Place> {
        let words = surfaces(&look.hits);
        let print = self.fingerprint(&look.post.own_text(), &words);
        let place = self.alike(&print, role)?;
        if place.role != Role::Root {
            return Some(place);
        }
        // The text may stand under several statements that were not enough to find each other.
        let found: Vec<Match> = self.index.find_all(&print).into_iter().filter(|one| !one.reaction).collect();
        let title = self.fingerprint(&look.post.title, &words);
        let parts: Vec<IncidentId> = found
            .iter()
            .map(|one| one.incident)
            .filter(|incident| self.relieve_core(*incident, &print, &title, work))
            .collect();
        let fuller = !parts.is_empty();
        let same = found.iter().filter(|one| fuller && one.likeness >= NEARLY_EQUAL);
        let same = parts.iter().copied().chain(same.map(|one| one.incident));
        let mut tied = vec![Tie::of(place.incident)];
        tie_all(&mut tied, same, SAME_WHOLE);
        if found.len() > 1 {
            let same = self.by_passage(&print, fuller, &tied, &found);
            tie_all(&mut tied, same, SAME_PASSAGE);
        }
        let incident = self.unite(&self.together(&tied, None), look.post, work, touched);
        Some(Place { incident, fuller, ..place })
    }

    /// Of the statements that a text was found to be the same as those that hold the same passage as the one that it
    /// joins, the likest first; none that opposes what is tied or another of them. A text that is fuller than what
    /// it was found by is a core itself.
    fn by_passage(&self, text: &Fingerprint, fuller: bool, tied: &[Tie], found: &[Match]) -> Vec<IncidentId> {
        let mut kept: Vec<IncidentId> = tied.iter().map(|tie| tie.incident).collect();
        let Some(&joined) = kept.first() else { return kept };
        let mut others: Vec<&Match> = found.iter().filter(|one| !kept.contains(&one.incident)).collect();
        others.sort_by(|a, b| b.likeness.total_cmp(&a.likeness).then(a.incident.cmp(&b.incident)));
        for other in others.into_iter().map(|one| one.incident) {
            let holds = |one: &Fingerprint| self.index.of(other).any(|core| same_passage(text, one, core));
            let opposes = |one: &Fingerprint| self.index.of(other).any(|core| are_opposed(one, core));
            let whole = || fuller.then_some(text).into_iter();
            if self.index.of(joined).chain(whole()).any(holds)
                && !kept.iter().flat_map(|one| self.index.of(*one)).chain(whole()).any(opposes)
            {
                kept.push(other);
            }
        }
        kept.split_off(tied.len())
    }

    /// The statement that a post quotes, where its own text repeats none: a repost without a pointer to what it
    /// reposts, or a reaction when either its own text or what it quotes refutes the statement.
    pub(super) fn by_quotation(&self, post: &Post, words: &[String]) -> Option<Place> {
        let names = std::iter::once(&self.unit.name).chain(&self.unit.aliases);
        let quoted = quotation(post, &names.chain(words).map(String::as_str).collect::<Vec<_>>())?;
        let found = self.index.find(&quoted)?;
        // The quotation may be longer than what is said about it; that decides all the same.
        let own = self.fingerprint(&post.own_text(), words);
        let denies = found.reaction || self.index.of(found.incident).any(|core| refutes(&own, core));
        let role = if denies { Role::Reaction } else { Role::Repost };
        let why = format!("quoted text {:.2}", found.likeness);
        Some(Place::new(self.nearest_part(found.incident, &quoted), role, why))
    }

    /// What later texts are compared with when a post is a core: its own text, and what it quotes unless it refutes
    /// that.
    pub(super) fn core_prints(&self, row: &PostRow) -> Vec<Fingerprint> {
        let names = std::iter::once(&self.unit.name).chain(&self.unit.aliases);
        core_prints(row, &names.chain(&row.surfaces).map(String::as_str).collect::<Vec<_>>())
    }

    /// When a post shows the whole of what its statement began with, later texts are compared with the whole.
    fn relieve_core(
        &mut self,
        incident: IncidentId,
        whole: &Fingerprint,
        title: &Fingerprint,
        work: &mut Work<'_>,
    ) -> bool {
        if !self.index.of(incident).any(|core| is_longer(whole, core)) {
            return false;
        }
        let Some(case) = self.cases.get(&incident) else { return false };
        let is_part = |row: &PostRow| {
            let text = row.post.own_text();
            row.is_core() && is_fuller(whole, title, &self.fingerprint(&text, &row.surfaces), &text)
        };
        let parts: Vec<_> = case
            .members
            .values()
            .filter(|member| is_part(&member.row))
            .map(|member| member.row.post.key.clone())
            .collect();
        if parts.is_empty() {
            return false;
        }
        let Some(case) = self.cases.get_mut(&incident) else { return false };
        for key in &parts {
            let Some(member) = case.members.get_mut(key) else { continue };
            member.row.compared = Some(false);
            work.changes.push(Change::Post(Box::new(member.row.clone())));
        }
        let cores = self.cores(incident);
        self.index.remove(incident);
        for core in cores {
            self.index.insert(incident, core);
        }
        true
    }

    /// Where only reposts are known, the original that comes late is placed as if it had come first: what its
    /// text repeats counts as well.
    pub(super) fn add_likeness_of_original(&self, binding: &mut Vec<Tie>, look: &Look<'_>) {
        let waits = |tie: &Tie| tie.why == PostRow::ORIGINAL && self.is_only_reposts(tie.incident);
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
}

/// Ties each of these that is not tied yet.
fn tie_all(tied: &mut Vec<Tie>, incidents: impl IntoIterator<Item = IncidentId>, why: &str) {
    for incident in incidents {
        if tied.iter().all(|tie| tie.incident != incident) {
            tied.push(Tie::by_likeness(Place::new(incident, Role::Root, why.to_owned())));
        }
    }
}

/// Whether a post quotes so much that the quotation may say where it belongs; cheap, and sometimes wrong.
pub(super) fn may_be_quotation(post: &Post) -> bool {
    post.quoted.chars().nth(QUOTED - 1).is_some()
}

/// What a post quotes, if it is enough to say where the post belongs.
fn quotation(post: &Post, masks: &[&str]) -> Option<Fingerprint> {
    let print = || Fingerprint::of(&post.quoted, masks.iter().copied());
    may_be_quotation(post).then(print).filter(|print| print.informative >= QUOTED)
}

/// Fingerprints of a core, masked with these words.
pub(super) fn core_prints(row: &PostRow, masks: &[&str]) -> Vec<Fingerprint> {
    let own = Fingerprint::of(&row.post.own_text(), masks.iter().copied());
    // One that only shows the whole of a statement that was there before quotes somebody else.
    let quoted =
        quotation(&row.post, masks).filter(|quoted| row.compared.is_none() && !refutes(&own, quoted));
    std::iter::once(own).chain(quoted).collect()
}
