//! On which sites a statement stands, and what each has of it in sum.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    locale::{Locale, When, grouped, words},
    model::{Count, Exactness, PostRow, Role},
    text::{clean, tidy_link},
};

/// What a site has of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SiteLine {
    /// Its name.
    pub site: String,
    /// Posts, without reactions.
    pub posts: usize,
    /// Views of all of them, in words; unknown is no zero.
    pub views: String,
    /// Reposts likewise.
    pub reposts: String,
    /// Comments likewise.
    pub comments: String,
    /// Address of what was seen there first; empty when it has none that may be shown.
    pub link: String,
    /// First sight, in words.
    pub first_seen: String,
    /// The same. UTC.
    pub first: Timestamp,
}

/// A sum of counters; unknown while none of them is known.
#[derive(Default, Clone, Copy)]
struct Sum {
    known: Option<u64>,
    at_least: bool,
}

impl Sum {
    fn add(&mut self, count: Option<Count>) {
        match count {
            Some(count) => {
                self.known = Some(self.known.unwrap_or(0).saturating_add(count.value));
                self.at_least |= count.exactness == Exactness::AtLeast;
            }
            None => self.at_least |= self.known.is_some(),
        }
    }

    fn words(self, locale: Locale) -> String {
        let more = if self.at_least { "+" } else { "" };
        self.known.map_or_else(
            || locale.pick("未知", "unknown").to_owned(),
            |number| format!("{}{more}", grouped(number)),
        )
    }
}

/// The sites, the one with most views first.
#[must_use]
pub fn sites(posts: &[PostRow], when: &When) -> Vec<SiteLine> {
    let mut by_site: BTreeMap<&str, Vec<&PostRow>> = BTreeMap::new();
    for row in posts.iter().filter(|row| row.role != Role::Reaction) {
        by_site.entry(&row.post.key.site).or_default().push(row);
    }
    let mut lines: Vec<(u64, SiteLine)> = Vec::new();
    for (site, rows) in by_site {
        let Some(earliest) = rows.iter().min_by_key(|row| row.first_seen_at) else { continue };
        let first = earliest.first_seen_at;
        let (mut views, mut reposts, mut comments) = (Sum::default(), Sum::default(), Sum::default());
        for row in &rows {
            views.add(row.views);
            reposts.add(row.reposts);
            comments.add(row.comments);
        }
        let line = SiteLine {
            site: clean(words::site(site, when.locale)),
            posts: rows.len(),
            views: views.words(when.locale),
            reposts: reposts.words(when.locale),
            comments: comments.words(when.locale),
            link: tidy_link(&earliest.post.url).unwrap_or_default(),
            first_seen: when.day_time(first),
            first,
        };
        lines.push((views.known.unwrap_or(0), line));
    }
    lines.sort_by_key(|(views, line)| (std::cmp::Reverse(*views), line.first));
    lines.into_iter().map(|(_, line)| line).collect()
}
