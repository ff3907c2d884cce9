//! Where a post belongs: what ties it to the statements that are known, by hard evidence first, then by
//! likeness (SEMANTICS 11).
//!
//! Evidence that names several statements at once shows that they are one, and the desk merges them; what a
//! person has kept apart stays so. A refutation points to the rumour and does not belong to it: it stands
//! there as a reaction, or keeps the incident of its own that it had before.

use std::cell::OnceCell;

use super::{
    case::Member,
    evidence::{self, Holding, How, Named, leanings, names_of},
    statement::{Fingerprint, refutes},
    unit::UnitDesk,
};
use crate::model::{IncidentId, Post, PostKey, PostRow, Role};

/// Likeness from which a part that a person made is looked at: what the index takes for alike.
const ALIKE: f64 = 0.6;

/// Where a post belongs.
#[derive(Debug)]
pub(super) struct Place {
    pub incident: IncidentId,
    pub role: Role,
    pub why: String,
    /// Whether its text is the whole of what the statement began with: it is what later ones are compared with.
    pub fuller: bool,
}

impl Place {
    pub(super) const fn new(incident: IncidentId, role: Role, why: String) -> Self {
        Self { incident, role, why, fuller: false }
    }
}

/// What ties a post to one incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tie {
    /// The less, the stronger.
    strength: u8,
    pub incident: IncidentId,
    /// As it is kept in the member's row.
    pub why: String,
}

impl Tie {
    /// A post's own incident, beside those that it is tied to.
    pub(super) const fn of(incident: IncidentId) -> Self {
        Self { strength: 0, incident, why: String::new() }
    }

    /// The weakest of all: a text.
    pub(super) fn by_likeness(place: Place) -> Self {
        Self { strength: u8::MAX, incident: place.incident, why: place.why }
    }
}

/// All that hard evidence says of a post.
#[derive(Debug, Default)]
pub(super) struct Ties {
    /// Statements that it belongs to, each once, the strongest evidence first.
    pub binding: Vec<Tie>,
    /// Statements that it refutes.
    pub refuted: Vec<Tie>,
    /// Statements that refute it.
    pub refuting: Vec<Tie>,
}

impl UnitDesk {
    /// What ties a post to incidents other than `own`.
    pub(super) fn ties(&self, post: &Post, own: Option<IncidentId>) -> Ties {
        let print = OnceCell::new();
        let text = evidence::long_text_of(post);
        let mut ties = Ties::default();
        for named in names_of(post) {
            for holding in self.names.holders(named.name).iter().filter(|one| Some(one.incident) != own) {
                let Some((strength, why)) = self.tie(&named, holding, text) else { continue };
                let tie = Tie { strength, incident: holding.incident, why: why.to_owned() };
                match self.stance(post, &print, &named, holding) {
                    Stance::Same => ties.binding.push(tie),
                    Stance::Refutes => ties.refuted.push(tie),
                    Stance::Refuted => ties.refuting.push(tie),
                }
            }
        }
        for list in [&mut ties.binding, &mut ties.refuted, &mut ties.refuting] {
            list.sort_by_key(|tie| (tie.strength, tie.incident));
            let mut known: Vec<IncidentId> = Vec::new();
            list.retain(|tie| {
                let is_new = !known.contains(&tie.incident);
                known.push(tie.incident);
                is_new
            });
        }
        ties
    }

    /// What a shared name says: how strongly, and in what words.
    fn tie(&self, named: &Named, holding: &Holding, text: Option<u64>) -> Option<(u8, &'static str)> {
        let common = || !named.article || self.names.is_common(named.name, text);
        match named.how {
            How::Own if holding.own > 0 => Some((0, "same link")),
            How::Own if holding.origin > 0 => Some((1, PostRow::ORIGINAL)),
            How::Own => (holding.cited > 0).then_some((3, "linked by a member")),
            How::Origin if holding.own > 0 => Some((1, "repost")),
            How::Origin if holding.origin > 0 => Some((2, "same original")),
            How::Origin => (holding.cited > 0).then_some((4, "same original")),
            How::Cited if holding.own > 0 => Some((3, "link")),
            How::Cited if holding.origin > 0 => Some((4, "link")),
            How::Cited => (holding.cited > 0 && !common()).then_some((5, "same linked page")),
        }
    }

    /// Whether a post and the statement that it is tied to say the same.
    fn stance(&self, post: &Post, print: &OnceCell<Fingerprint>, named: &Named, holding: &Holding) -> Stance {
        let points_at_member = named.how != How::Own && holding.own > 0;
        if points_at_member && holding.reacting == holding.own {
            // It passes on a refutation.
            return Stance::Refutes;
        }
        if named.how == How::Own && holding.own > 0 {
            return Stance::Same;
        }
        let Some(core) = self.core(holding.incident) else { return Stance::Same };
        // The original of what is known by its reposts only says what it says.
        let is_awaited = named.how == How::Own && core.row.role == Role::Repost;
        let core = self.fingerprint(&core.row.post.own_text(), &[]);
        let own = print.get_or_init(|| self.fingerprint(&post.own_text(), &[]));
        if !is_awaited && refutes(own, &core) {
            Stance::Refutes
        } else if !points_at_member && refutes(&core, own) && !self.is_passed_on(post, own, holding) {
            Stance::Refuted
        } else {
            Stance::Same
        }
    }

    /// Whether a member reposts this post without refuting it: then the post is what the incident is about,
    /// whatever else stands there.
    fn is_passed_on(&self, post: &Post, own: &Fingerprint, holding: &Holding) -> bool {
        let members = self.cases.get(&holding.incident).into_iter().flat_map(|case| case.members.values());
        members
            .filter(|member| {
                let of = member.row.post.repost_of.as_ref().and_then(|of| of.key.as_ref());
                of == Some(&post.key)
            })
            .any(|member| !refutes(&self.fingerprint(&member.row.post.own_text(), &[]), own))
    }

    /// The member that others are held against.
    fn core(&self, incident: IncidentId) -> Option<&Member> {
        self.cases.get(&incident)?.members.cores().next()
    }

    /// Those of the ties that may stand together: nothing that a person has kept apart.
    pub(super) fn together(&self, ties: &[Tie], first: Option<IncidentId>) -> Vec<Tie> {
        let mut kept: Vec<Tie> = Vec::new();
        for tie in ties {
            let others = kept.iter().map(|one| one.incident).chain(first);
            if others.into_iter().all(|other| !self.are_apart(tie.incident, other)) {
                kept.push(tie.clone());
            }
        }
        kept
    }

    /// Whether a person has split two incidents.
    pub(super) fn are_apart(&self, one: IncidentId, other: IncidentId) -> bool {
        let says =
            |a: IncidentId, b: IncidentId| self.cases.get(&a).is_some_and(|case| case.row.apart.contains(&b));
        one != other && (says(one, other) || says(other, one))
    }

    /// Where nothing binds a post: the first known of several pages that it links to.
    pub(super) fn leaning(&self, post: &Post, role: Role) -> Option<Place> {
        let held = |name| self.names.holders(name).iter().find(|holding| holding.own > 0);
        let holding = leanings(post).into_iter().find_map(held)?;
        let own = self.fingerprint(&post.own_text(), &[]);
        let denies = |core: &Member| refutes(&own, &self.fingerprint(&core.row.post.own_text(), &[]));
        let refutes = holding.reacting == holding.own || self.core(holding.incident).is_some_and(denies);
        let role = if refutes { Role::Reaction } else { role };
        Some(Place::new(holding.incident, role, "link".to_owned()))
    }

    /// The statement whose text a post repeats.
    pub(super) fn alike(&self, print: &Fingerprint, role: Role) -> Option<Place> {
        let found = self.index.find(print)?;
        let is_equal = || self.cores(found.incident).iter().any(|core| same_text(core, print));
        let why = if found.likeness >= 1.0 && is_equal() {
            "equal text".to_owned()
        } else {
            format!("near-duplicate {:.2}", found.likeness)
        };
        let role = if found.reaction { Role::Reaction } else { role };
        Some(Place::new(self.nearest_part(found.incident, print), role, why))
    }

    /// Of the parts that a person has made of one statement, the one whose text is the nearest.
    pub(super) fn nearest_part(&self, found: IncidentId, print: &Fingerprint) -> IncidentId {
        let Some(case) = self.cases.get(&found).filter(|case| !case.row.apart.is_empty()) else {
            return found;
        };
        let parts = std::iter::once(found).chain(case.row.apart.iter().copied());
        let distance = |incident: IncidentId| {
            let cores = self.cores(incident).into_iter();
            cores
                .filter(|core| print.likeness(core) >= ALIKE)
                .map(|core| (!same_text(&core, print), core.informative.abs_diff(print.informative)))
                .min()
                .map(|distance| (distance, incident))
        };
        parts.filter_map(distance).min().map_or(found, |(_, incident)| incident)
    }

    /// Fingerprints of what later texts are compared with.
    pub(super) fn cores(&self, incident: IncidentId) -> Vec<Fingerprint> {
        let cores = self.cases.get(&incident).into_iter().flat_map(|case| case.members.cores());
        cores.flat_map(|member| self.core_prints(&member.row)).collect()
    }

    /// Whether all that is known of an incident are reposts: then its original decides where it belongs.
    pub(super) fn is_only_reposts(&self, incident: IncidentId) -> bool {
        let is_repost = |member: &Member| member.row.role == Role::Repost;
        // The cores mostly say no, and are few.
        self.cases
            .get(&incident)
            .is_some_and(|case| case.members.cores().all(is_repost) && case.members.values().all(is_repost))
    }

    /// The incident of which a post is a member.
    pub(super) fn incident_of(&self, post: &PostKey) -> Option<IncidentId> {
        let holders = self.names.holders(evidence::identity(post)).iter();
        holders
            .filter(|holding| holding.own > 0)
            .map(|holding| holding.incident)
            .find(|incident| self.cases.get(incident).is_some_and(|case| case.members.contains_key(post)))
    }
}

/// Whether two texts are equal but for marks and masked words.
pub(super) fn same_text(one: &Fingerprint, other: &Fingerprint) -> bool {
    one.informative == other.informative && one.likeness(other) >= 1.0
}

enum Stance {
    Same,
    /// The post refutes the statement, or passes a refutation on.
    Refutes,
    /// The statement is a refutation, and what it points to is the rumour.
    Refuted,
}
