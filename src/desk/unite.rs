//! How a unit's statements grow together: a post finds its place, a later look shows more of it, and evidence that
//! names several statements makes them one (SEMANTICS 11, 13).

use std::{cmp::Reverse, collections::BTreeMap};

use super::{
    Change,
    by_text::{SAME_PASSAGE, SAME_WHOLE},
    case::{Case, Work},
    merge,
    place::{Place, Tie, same_text},
    rows::surfaces,
    statement::Fingerprint,
    telling::headline,
    unit::{Look, UnitDesk},
};
use crate::{
    locale::{Locale, words},
    model::{IncidentId, Post, Role},
};

impl UnitDesk {
    /// The statement that a new post belongs to: hard evidence, then likeness. Evidence that names several makes
    /// them one.
    pub(super) fn place(
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
            Some(Place::new(incident, role, strongest.why.clone()))
        } else if let Some(refuted) = ties.refuted.first() {
            let why = refuted.why.clone();
            return Some(Place::new(refuted.incident, Role::Reaction, why));
        } else {
            self.leaning(post, role)
                .or_else(|| self.place_by_text(look, role, work, touched))
                .or_else(|| self.by_quotation(post, &surfaces(&look.hits)))
        };
        let own = place.as_ref().map(|place| place.incident);
        for tie in ties.refuted.iter().chain(&ties.refuting).filter(|tie| Some(tie.incident) != own) {
            note_reaction(post, tie, work);
        }
        place
    }

    /// Merges what a post ties together; answers with the incident that survives, the oldest.
    pub(super) fn unite(
        &mut self,
        tied: &[Tie],
        post: &Post,
        work: &mut Work<'_>,
        touched: &mut Vec<IncidentId>,
    ) -> IncidentId {
        let oldest = tied.iter().map(|tie| tie.incident).min().unwrap_or(IncidentId(0));
        let mut others: Vec<IncidentId> =
            tied.iter().map(|tie| tie.incident).filter(|incident| *incident != oldest).collect();
        // The highest tier that was told first: what the sum of the others reaches is then no news.
        others.sort_by_key(|id| (Reverse(self.cases.get(id).and_then(|case| case.row.told_rank)), *id));
        for younger in others {
            let reason = merge_reason(post, tied, work.locale);
            self.merge(oldest, younger, None, &reason, work);
            touched.push(younger);
        }
        oldest
    }

    /// What a later look at a known post shows that the first did not: the whole text on its own page, what it
    /// reposts, what it links. Answers with its incident, which may be an older one now.
    pub(super) fn learn(
        &mut self,
        incident: IncidentId,
        look: &Look<'_>,
        work: &mut Work<'_>,
        touched: &mut Vec<IncidentId>,
    ) -> IncidentId {
        let Some(case) = self.cases.get_mut(&incident) else { return incident };
        let alone = case.members.len() == 1;
        let Some(member) = case.members.get(&look.post.key) else { return incident };
        let grown = member.row.post.text.chars().count() < look.post.text.chars().count();
        let pointers = shows_more(&member.row.post, look.post);
        if !grown && !pointers {
            return incident;
        }
        let Some(member) = case.members.get_mut(&look.post.key) else { return incident };
        self.names.let_go(incident, member);
        let was_core = member.row.is_core();
        if grown {
            member.row.post.text.clone_from(&look.post.text);
            member.row.post.title.clone_from(&look.post.title);
        }
        if pointers {
            member.learn(look.post);
            case.pending.more = true;
        }
        self.names.hold(incident, member);
        let (post, is_core) = (member.row.post.clone(), member.row.is_core());
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
        let same = self.cores(found.incident).iter().any(|core| same_text(core, &print));
        let place = Place::new(found.incident, Role::Root, SAME_WHOLE.to_owned());
        (same && !found.reaction).then(|| Tie::by_likeness(place))
    }

    /// Takes the cores of a statement anew after a text has grown; answers with another statement of that text.
    fn reindex(&mut self, id: IncidentId, post: &Post, words: &[String]) -> Option<Tie> {
        let cores = self.cores(id);
        self.index.remove(id);
        let twin = self.same_full_text(id, post, words);
        for core in cores {
            self.index.insert(id, core);
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
        let cores: Vec<Fingerprint> =
            gone.members.cores().flat_map(|member| self.core_prints(&member.row)).collect();
        for member in gone.members.values() {
            self.names.hold(older, member);
        }
        self.members += gone.members.len();
        for core in cores {
            self.index.insert(older, core);
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
    let is_by = |why: &str| tied.iter().any(|tie| tie.why == why);
    let by = if is_by(SAME_WHOLE) {
        locale.pick("同一全文", "the same full text")
    } else if is_by(SAME_PASSAGE) {
        locale.pick("同一段话", "the same passage")
    } else {
        locale.pick("硬证据", "hard evidence")
    };
    match locale {
        Locale::ZhCn => format!("依据{by}自动合并: {site}“{headline}”{original}；{}", said.join("；")),
        Locale::En => format!("merged by {by}: {site} \"{headline}\"{original}; {}", said.join("; ")),
    }
}
