//! Rows as they begin: a member at its first sight, an incident before it is graded.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::{merge::merge_groups, place::Place, telling::headline, unit::Look};
use crate::model::{
    Clause, Course, Heat, Hit, Incident, IncidentId, IncidentState, Kinds, Outlook, Plan, Post, PostRow,
    Precision, Published, Reason, RepostOf, Unit, marks, proposed,
};

/// A fine publication time that lies further ahead than this is no publication time (SEMANTICS 3).
const SKEW: SignedDuration = SignedDuration::from_mins(10);

/// Publication as decided at first sight: never after it; a fine time far ahead is unknown (SEMANTICS 3).
pub(super) fn decided_publication(published: Option<Published>, first_seen: Timestamp) -> Option<Timestamp> {
    let published = published?;
    let fine = matches!(published.precision, Precision::Second | Precision::Minute);
    let ahead = published.at.duration_since(first_seen);
    if fine && ahead > SKEW { None } else { Some(published.at.min(first_seen)) }
}

/// Backlog (SEMANTICS 4): published over 24 h before its first sight, or of unknown age and seen in the first
/// full round of its source or keyword.
#[must_use]
pub fn is_backlog(published: Option<Timestamp>, first_seen: Timestamp, first_round: bool) -> bool {
    published.map_or(first_round, |at| first_seen.duration_since(at) > super::heat::DAY)
}

/// The lowest tier that sure hits ask for (`至少:`), with the group that does.
pub(super) fn lowest_tier(plan: &Plan, hits: &[&Hit]) -> Option<(usize, String)> {
    let sure = hits.iter().filter(|hit| hit.certainty.is_sure());
    sure.filter_map(|hit| Some((plan.tier_named(hit.at_least.as_deref()?)?.rank, hit.group.clone()))).max()
}

/// The words that were met, as they stand in the text.
pub(super) fn surfaces(hits: &[&Hit]) -> Vec<String> {
    let mut surfaces: Vec<String> = hits.iter().map(|hit| hit.surface.clone()).collect();
    surfaces.sort();
    surfaces.dedup();
    surfaces
}

pub(super) fn new_member(unit: &Unit, look: &Look<'_>, place: &Place) -> PostRow {
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
        compared: place.fuller.then_some(true),
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
            with: Vec::new(),
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
        held: None,
        merged_into: None,
        apart: Vec::new(),
        told_as: Vec::new(),
        groups: Vec::new(),
        kinds: Kinds::default(),
        outlook: Outlook { grew_at: Some(now), ..Outlook::default() },
        course: Course::default(),
    }
}
