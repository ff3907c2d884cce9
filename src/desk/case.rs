//! An incident in the desk's hands: its row, its members with their series, its deadlines and notices.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, tz::TimeZone};

use super::{Change, Glance, members::Members, series::Series};
use crate::{
    locale::Locale,
    model::{
        Contact, Count, Deadline, DeadlineState, Entry, Incident, IncidentId, Notice, NoticeId, NoticeState,
        ObservationRow, Post, PostKey, PostRow, RepostOf, Role, Roster, Silence, SiteKind, Upward, Workdays,
    },
    text::{canonical_link, registrable_domain},
};

/// A member post with its counters over time.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub row: PostRow,
    pub views: Series,
    pub reposts: Series,
    /// The site it counts for, where that is not the one of its identity: what a search page found counts for
    /// the site it points to (SEMANTICS 10).
    pointed_to: Option<Box<str>>,
    link: Link,
    /// The canonical link of what it reposts, when that is known by a link.
    pub original_link: Option<Box<str>>,
}

/// A member's canonical link. There are very many members, and nearly all links are canonical as shown.
#[derive(Debug, Clone)]
enum Link {
    None,
    AsShown,
    Other(Box<str>),
}

impl Member {
    pub(super) fn new(mut row: PostRow) -> Self {
        shrink(&mut row);
        let views = Series::starting(row.published_at);
        let post = &row.post;
        let pointed_to = Some(&post.url).filter(|_| post.site_kind == SiteKind::Search);
        let pointed_to = pointed_to.and_then(|url| registrable_domain(url)).map(Into::into);
        let link = match canonical_link(&post.url) {
            None => Link::None,
            Some(link) if link == post.url => Link::AsShown,
            Some(link) => Link::Other(link.into()),
        };
        let original_link = original_link(post);
        Self { row, views, reposts: Series::default(), pointed_to, link, original_link }
    }

    /// Its identity.
    pub(super) const fn key(&self) -> &PostKey {
        &self.row.post.key
    }

    /// The site it counts for.
    pub(super) fn site(&self) -> &str {
        self.pointed_to.as_deref().unwrap_or(&self.row.post.key.site)
    }

    /// Its canonical link, when it has one.
    pub(super) fn link(&self) -> Option<&str> {
        match &self.link {
            Link::None => None,
            Link::AsShown => Some(&self.row.post.url),
            Link::Other(link) => Some(link),
        }
    }

    /// A member as it was stored, with its looks.
    pub(super) fn restored(row: PostRow, looks: &[Glance]) -> Self {
        let mut member = Self::new(row);
        for look in looks {
            if let Some(views) = look.views {
                member.views.observe(look.at, views);
            }
            if let Some(reposts) = look.reposts {
                member.reposts.observe(look.at, reposts);
            }
        }
        member
    }

    /// Takes one look; answers with the row to keep.
    pub(super) fn observe(&mut self, look: &ObservationRow) {
        let row = &mut self.row;
        row.first_seen_at = row.first_seen_at.min(look.at);
        row.last_seen_at = row.last_seen_at.max(look.at);
        if let Some(views) = look.views {
            self.views.observe(look.at, views);
            row.views = self.views.top();
        }
        if let Some(reposts) = look.reposts {
            self.reposts.observe(look.at, reposts);
            row.reposts = self.reposts.top();
            row.first_reposts = row.first_reposts.or(Some(reposts));
        }
        row.comments = greatest(row.comments, look.comments);
        row.likes = greatest(row.likes, look.likes);
    }

    /// Takes what a later look shows of what the post reposts and links to.
    pub(super) fn learn(&mut self, seen: &Post) {
        let post = &mut self.row.post;
        if let Some(seen) = &seen.repost_of {
            let known = post.repost_of.get_or_insert(RepostOf { key: None, url: None, embedded: None });
            known.key = known.key.take().or_else(|| seen.key.clone());
            known.url = known.url.take().or_else(|| seen.url.clone());
            if self.row.role == Role::Root && self.row.why != "split" {
                self.row.role = Role::Repost;
            }
        }
        for link in &seen.links {
            if !post.links.contains(link) {
                post.links.push(link.clone());
            }
        }
        self.original_link = original_link(post);
    }

    pub(super) fn adds_heat(&self) -> bool {
        self.row.role != Role::Reaction
    }
}

/// Lets lists take no more room than they fill: a list that grew from nothing has room for four.
fn shrink(row: &mut PostRow) {
    row.groups.shrink_to_fit();
    row.surfaces.shrink_to_fit();
    row.marks.shrink_to_fit();
    row.notify.shrink_to_fit();
    row.post.links.shrink_to_fit();
}

fn original_link(post: &Post) -> Option<Box<str>> {
    let original = post.repost_of.as_ref().and_then(|of| of.url.as_deref());
    original.and_then(canonical_link).map(Into::into)
}

fn greatest(a: Option<Count>, b: Option<Count>) -> Option<Count> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.value > a.value { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// What every step of the desk works with: the instant, the people, and where changes are put.
pub(super) struct Work<'a> {
    pub now: Timestamp,
    pub contacts: &'a BTreeMap<String, Contact>,
    /// Contacts that are one unit's, by unit.
    pub own_contacts: &'a BTreeMap<String, BTreeMap<String, Contact>>,
    /// Days off and working weekends.
    pub workdays: &'a Workdays,
    /// The duty rota.
    pub roster: &'a Roster,
    /// What units report to those above them.
    pub upward: &'a BTreeMap<String, Upward>,
    pub locale: Locale,
    /// Silences that hold or will.
    pub silences: Vec<Silence>,
    /// Units of which an incident was opened now, and whether as an exercise.
    pub opened: Vec<(String, bool)>,
    pub changes: Vec<Change>,
}

impl Work<'_> {
    pub(super) fn note(&mut self, incident: Option<IncidentId>, kind: &str, by: Option<&str>, text: String) {
        self.changes.push(Change::Entry(Entry {
            incident,
            at: self.now,
            kind: kind.to_owned(),
            by: by.map(str::to_owned),
            from: None,
            text,
        }));
    }
}

/// What of a member's row one look can change and the measuring asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    views: Option<Count>,
    reposts: Option<Count>,
    comments: Option<Count>,
    published_at: Option<Timestamp>,
}

impl Figures {
    pub(super) const fn of(row: &PostRow) -> Self {
        let PostRow { views, reposts, comments, published_at, .. } = *row;
        Self { views, reposts, comments, published_at }
    }
}

/// Upper bounds of what the looks since the last measuring can have added.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pending {
    pub looks: usize,
    pub views: u64,
    pub reposts: u64,
    pub comments: u64,
    /// Something other than counters changed: a site, an origin, a keyword's demand.
    pub more: bool,
}

impl Pending {
    /// Takes what one look changed of a member; says whether a counter grew.
    pub(super) fn take(&mut self, before: &Figures, after: &PostRow) -> bool {
        let grown = |before: Option<Count>, after: Option<Count>| {
            let value = |count: Option<Count>| count.map_or(0, |count| count.value);
            value(after).saturating_sub(value(before))
        };
        let (views, reposts) = (grown(before.views, after.views), grown(before.reposts, after.reposts));
        let comments = grown(before.comments, after.comments);
        self.looks += 1;
        self.views = self.views.saturating_add(views);
        self.reposts = self.reposts.saturating_add(reposts);
        self.comments = self.comments.saturating_add(comments);
        self.more |= after.backlog || before.published_at != after.published_at;
        views > 0 || reposts > 0 || comments > 0
    }
}

/// An incident and all that hangs on it.
#[derive(Debug, Clone)]
pub(super) struct Case {
    pub row: Incident,
    pub members: Members,
    pub deadlines: BTreeMap<String, Deadline>,
    pub notices: BTreeMap<NoticeId, Notice>,
    /// Those of them that wait, and perhaps some that did: a case that nobody confirms has thousands.
    pub waiting: BTreeSet<NoticeId>,
    /// Contacts that keyword rules of members ask to be told (`通知:`).
    pub direct: BTreeSet<String>,
    /// Last instant at which a member was seen. UTC.
    pub seen_at: Option<Timestamp>,
    /// What has come in since the heat was measured last.
    pub pending: Pending,
    /// Waiting notices that have no further channel beside their own; found again after a restart.
    pub exhausted: BTreeSet<NoticeId>,
}

impl Case {
    /// Finds anew what its earliest member that says so proposes that it is (SEMANTICS 17).
    pub(super) fn propose_kind(&mut self) {
        let members = self.members.values().filter(|member| member.adds_heat());
        let says = members.filter_map(|member| Some((member.row.first_seen_at, member.row.kind?)));
        self.row.kinds.proposed = says.min().map(|(_, kind)| kind);
    }

    pub(super) fn new(row: Incident) -> Self {
        Self {
            row,
            members: Members::default(),
            deadlines: BTreeMap::new(),
            notices: BTreeMap::new(),
            waiting: BTreeSet::new(),
            direct: BTreeSet::new(),
            seen_at: None,
            pending: Pending::default(),
            exhausted: BTreeSet::new(),
        }
    }

    pub(super) fn zone(&self) -> TimeZone {
        zone_of(&self.row.plan.zone)
    }

    pub(super) fn put_deadline(&mut self, mut deadline: Deadline, work: &mut Work<'_>) {
        deadline.passed |= self.deadlines.get(&deadline.key).is_some_and(|before| before.passed);
        work.changes.push(Change::Deadline(deadline.clone()));
        self.deadlines.insert(deadline.key.clone(), deadline);
    }

    /// Changes the deadlines that `pick` chooses, by `change`.
    pub(super) fn change_deadlines(
        &mut self,
        work: &mut Work<'_>,
        pick: impl Fn(&Deadline) -> bool,
        change: impl Fn(&mut Deadline),
    ) {
        for deadline in self.deadlines.values_mut().filter(|deadline| pick(deadline)) {
            change(deadline);
            work.changes.push(Change::Deadline(deadline.clone()));
        }
    }

    /// Adds a notice unless its key is there already.
    pub(super) fn put_notice(&mut self, notice: Notice, work: &mut Work<'_>) {
        if !self.notices.contains_key(&notice.id) {
            work.changes.push(Change::Notice(Box::new(notice.clone())));
            self.keep_notice(notice);
        }
    }

    /// Takes a notice up, new or from the store.
    pub(super) fn keep_notice(&mut self, notice: Notice) {
        if notice.state == NoticeState::Pending {
            self.waiting.insert(notice.id.clone());
        }
        self.notices.insert(notice.id.clone(), notice);
    }

    /// Notices that wait to be accepted.
    pub(super) fn waiting_notices(&self) -> impl Iterator<Item = &Notice> {
        let waiting = self.waiting.iter().filter_map(|id| self.notices.get(id));
        waiting.filter(|notice| notice.state == NoticeState::Pending)
    }

    /// Notices whose key begins so.
    pub(super) fn notices_under<'c>(&'c self, prefix: &'c str) -> impl Iterator<Item = &'c Notice> + use<'c> {
        let from = self.notices.range(NoticeId(prefix.to_owned())..);
        from.map(|(_, notice)| notice).take_while(move |notice| notice.id.0.starts_with(prefix))
    }

    /// Cancels waiting notices that `pick` chooses.
    pub(super) fn cancel_notices(&mut self, work: &mut Work<'_>, why: &str, pick: impl Fn(&Notice) -> bool) {
        let waiting: Vec<NoticeId> =
            self.waiting_notices().filter(|notice| pick(notice)).map(|notice| notice.id.clone()).collect();
        for id in waiting {
            self.waiting.remove(&id);
            let Some(notice) = self.notices.get_mut(&id) else { continue };
            notice.state = NoticeState::Cancelled { why: why.to_owned() };
            work.changes.push(Change::Notice(Box::new(notice.clone())));
        }
    }

    /// Earliest first sight and earliest known publication over all members.
    pub(super) fn refresh_origin(&mut self) {
        let members = || self.members.values().filter(|member| member.adds_heat());
        if let Some(first) = members().map(|member| member.row.first_seen_at).min() {
            self.row.detected_at = first;
        }
        self.row.published_at = members().filter_map(|member| member.row.published_at).min();
    }

    pub(super) fn running(&self) -> impl Iterator<Item = &Deadline> {
        self.deadlines.values().filter(|deadline| deadline.state == DeadlineState::Running)
    }
}

/// The zone of a plan; config has checked its name, so the fallback is for rows of an older release.
pub(super) fn zone_of(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)))
}
