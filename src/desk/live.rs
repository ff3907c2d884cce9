//! What collect may ask of the desk: is this post a member of a live statement, does it relate to one
//! (SEMANTICS 12), and which members should be looked at again. A snapshot, published after commits.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::{
    statement::{Fingerprint, Index, Masks, Sketch},
    unit::UnitDesk,
};
use crate::{
    model::{IncidentState, Post, PostKey},
    text::canonical_link,
};

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
}

/// Live members, their links and the anchors of their statements.
#[derive(Debug, Clone, Default)]
pub struct LiveSet {
    members: HashMap<PostKey, usize>,
    followed: Vec<Followed>,
    links: HashSet<String>,
    roots: HashSet<String>,
    /// Per unit its masked names and the cores of its statements.
    units: Vec<(Masks, Index)>,
}

impl LiveSet {
    pub(super) fn of<'a>(units: impl Iterator<Item = &'a UnitDesk>) -> Self {
        let mut live = Self::default();
        for desk in units {
            let mut names = vec![desk.unit.name.clone()];
            names.extend(desk.unit.aliases.iter().cloned());
            live.units.push((Masks::of(names.iter().map(String::as_str)), desk.index.clone()));
            for case in desk.cases.values().filter(|case| case.row.state != IncidentState::Merged) {
                for member in case.members.values() {
                    live.add(&member.row, case.row.rank, case.row.state);
                }
            }
        }
        live
    }

    fn add(&mut self, row: &crate::model::PostRow, rank: usize, state: IncidentState) {
        if let Some(link) = canonical_link(&row.post.url) {
            self.links.insert(link);
        }
        if let Some(key) = row.post.repost_of.as_ref().and_then(|of| of.key.as_ref()) {
            self.roots.insert(key.to_string());
        }
        if self.members.contains_key(&row.post.key) {
            return;
        }
        self.members.insert(row.post.key.clone(), self.followed.len());
        self.followed.push(Followed {
            key: row.post.key.clone(),
            url: row.post.url.clone(),
            source: row.source.clone(),
            last_seen_at: row.last_seen_at,
            first_seen_at: row.first_seen_at,
            rank,
            at_once: state == IncidentState::Dormant && row.first_seen_at == row.last_seen_at,
        });
    }

    /// Whether the post is a member already.
    #[must_use]
    pub fn is_member(&self, key: &PostKey) -> bool {
        self.members.contains_key(key)
    }

    /// Whether a post that met no rule relates to a live statement: it reposts, links or nearly copies a
    /// member.
    #[must_use]
    pub fn relates(&self, post: &Post) -> bool {
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
        let text = post.own_text();
        self.units.iter().any(|(masks, index)| {
            !index.is_empty()
                && index.may_hold(&Sketch::of(&text, masks))
                && index.find(&Fingerprint::masked(&text, masks)).is_some()
        })
    }

    fn has_link(&self, url: &str) -> bool {
        canonical_link(url).is_some_and(|link| self.links.contains(&link))
    }

    /// Members to follow, in no particular order.
    #[must_use]
    pub fn followed(&self) -> &[Followed] {
        &self.followed
    }
}
