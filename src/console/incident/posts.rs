//! The members of an incident: by site, hottest first within each, a page at a time; and what each site has in sum.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::{
    console::view::{PostLine, When, clean, words},
    locale::{Locale, grouped},
    model::{Count, Exactness, PostRow, Role},
};

/// Posts of a page.
const ROWS: usize = 100;

/// What a site has of it.
#[derive(Debug, Serialize)]
pub(super) struct SiteLine {
    pub site: String,
    pub posts: usize,
    pub views: String,
    pub reposts: String,
    pub comments: String,
    pub first_seen: String,
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
pub(super) fn sites(posts: &[PostRow], when: &When) -> Vec<SiteLine> {
    let mut by_site: BTreeMap<&str, Vec<&PostRow>> = BTreeMap::new();
    for row in posts.iter().filter(|row| row.role != Role::Reaction) {
        by_site.entry(&row.post.key.site).or_default().push(row);
    }
    let mut lines: Vec<(u64, SiteLine)> = Vec::new();
    for (site, rows) in by_site {
        let Some(first) = rows.iter().map(|row| row.first_seen_at).min() else { continue };
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
            first_seen: when.day_time(first),
            first,
        };
        lines.push((views.known.unwrap_or(0), line));
    }
    lines.sort_by_key(|(views, line)| (std::cmp::Reverse(*views), line.first));
    lines.into_iter().map(|(_, line)| line).collect()
}

/// A page of the members.
#[derive(Debug, Serialize)]
pub(super) struct PostPage {
    pub rows: Vec<PostLine>,
    pub total: usize,
    /// From 1.
    pub page: usize,
    pub pages: usize,
}

/// The members of a page, counted from 1; one beyond the last is the last.
pub(super) fn page(posts: &[PostRow], page: usize, when: &When) -> PostPage {
    let views = |row: &PostRow| row.views.map_or(0, |views| views.value);
    let mut by_site: BTreeMap<&str, u64> = BTreeMap::new();
    for row in posts {
        let sum = by_site.entry(&row.post.key.site).or_default();
        *sum = sum.saturating_add(views(row));
    }
    let mut rows: Vec<&PostRow> = posts.iter().collect();
    rows.sort_by_cached_key(|row| {
        let site = row.post.key.site.as_str();
        let of_site = by_site.get(site).copied().unwrap_or(0);
        (std::cmp::Reverse(of_site), site, std::cmp::Reverse(views(row)), row.first_seen_at)
    });
    let pages = posts.len().div_ceil(ROWS).max(1);
    let page = page.clamp(1, pages);
    let from = (page - 1) * ROWS;
    PostPage {
        rows: rows.into_iter().skip(from).take(ROWS).map(|row| when.post(row)).collect(),
        total: posts.len(),
        page,
        pages,
    }
}
