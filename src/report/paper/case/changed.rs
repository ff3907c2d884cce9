//! What changed since an instant: the figures then and now.

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    locale::{When, grouped},
    model::{PostRow, Role},
    report::chart::Figure,
    store::IncidentView,
};

/// A figure that changed.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Change {
    /// What it counts.
    pub what: String,
    /// Then.
    pub before: String,
    /// Now.
    pub now: String,
}

/// Only those that are not what they were.
pub(super) fn changes(view: &IncidentView, since: Timestamp, when: &When) -> Vec<Change> {
    let locale = when.locale;
    let unknown = || locale.pick("未知", "unknown").to_owned();
    let words = |value: Option<u64>| value.map_or_else(unknown, grouped);
    let mut changes = Vec::new();
    let mut add = |what: &str, before: Option<u64>, now: Option<u64>| {
        if before != now {
            changes.push(Change { what: what.to_owned(), before: words(before), now: words(now) });
        }
    };
    for (_, figure) in Figure::ALL {
        add(figure.title(when), figure.at(view, since), figure.at(view, when.now));
    }
    let members = |at: Timestamp| {
        let counts = |row: &&PostRow| row.role != Role::Reaction && row.first_seen_at <= at;
        u64::try_from(view.posts.iter().filter(counts).count()).ok()
    };
    add(locale.pick("帖文篇数", "posts"), members(since), members(when.now));
    changes
}
