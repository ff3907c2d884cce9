//! The members of an incident: by site, hottest first within each, a page at a time.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{
    console::view::{PostLine, When},
    model::PostRow,
};

/// Posts of a page.
const ROWS: usize = 100;

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
