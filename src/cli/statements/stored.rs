//! Two posts as the office's store keeps them, with what was recorded of their statements. Reads only.

use std::path::Path;

use anyhow::Context as _;

use super::WrongInput;
use crate::{
    app::statements::Subject,
    model::{Entry, IncidentId, PostKey, PostRow},
    store::{SqliteStore, Store},
    text::canonical_link,
};

/// A post of the store.
pub(super) struct Stored {
    /// Its row.
    pub row: PostRow,
    /// What people, or late evidence, did with its statement: merges and splits.
    pub decisions: Vec<Entry>,
}

impl Stored {
    pub(super) fn subject(&self) -> Subject {
        let row = &self.row;
        Subject { post: row.post.clone(), words: row.surfaces.clone(), at: Some(row.first_seen_at) }
    }
}

/// Finds posts by `site/id`, by address, or by `#number` of an incident, which stands for its first post. Of the
/// units that keep them, the one that keeps all.
pub(super) fn find(
    database: &Path,
    names: &[String],
    unit: Option<&str>,
    with_decisions: bool,
) -> anyhow::Result<Vec<Stored>> {
    if !database.exists() {
        let words = format!(
            "{} 不存在：守护进程还没有运行过\n  改法: 用 --database 指明数据库，或用 --file 指明文件，或用 --text 直接给出文字",
            database.display()
        );
        return Err(WrongInput(words).into());
    }
    let store = SqliteStore::open_read_only(database)
        .with_context(|| format!("cannot open {}", database.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut found = Vec::new();
        for name in names {
            let mut rows = rows(&store, name).await?;
            if let Some(unit) = unit {
                rows.retain(|row| row.unit == unit);
            }
            if rows.is_empty() {
                let words = format!(
                    "{name}: 库中没有这篇帖文\n  改法: 写 站点/编号、网址，或 #事件编号；也可用 --file 指明文件"
                );
                return Err(WrongInput(words).into());
            }
            found.push(rows);
        }
        let mut stored = Vec::new();
        for row in of_one_unit(found) {
            let view = if with_decisions { store.incident(row.incident).await? } else { None };
            let entries = view.map(|view| view.entries).unwrap_or_default();
            let decided = |entry: &Entry| matches!(entry.kind.as_str(), "merged" | "split");
            stored.push(Stored { row, decisions: entries.into_iter().filter(decided).collect() });
        }
        Ok(stored)
    })
}

async fn rows(store: &SqliteStore, name: &str) -> anyhow::Result<Vec<PostRow>> {
    if let Some(number) = name.strip_prefix('#').and_then(|number| number.parse().ok()) {
        let view = store.incident(IncidentId(number)).await?;
        let first = view.and_then(|view| {
            let posts = view.posts;
            posts.iter().find(|row| row.why == "first").or_else(|| posts.first()).cloned()
        });
        return Ok(first.into_iter().collect());
    }
    if name.contains("://") {
        return match canonical_link(name) {
            Some(link) => Ok(store.rows_at_address(link).await?),
            None => Ok(Vec::new()),
        };
    }
    match name.split_once('/') {
        Some((site, id)) => {
            Ok(store.rows_of_post(PostKey { site: site.to_owned(), id: id.to_owned() }).await?)
        }
        None => Ok(Vec::new()),
    }
}

/// One row a post: those of the unit that keeps all of them, else the first.
fn of_one_unit(found: Vec<Vec<PostRow>>) -> Vec<PostRow> {
    let units = found.first().into_iter().flatten().map(|row| row.unit.clone());
    let common =
        units.into_iter().find(|unit| found.iter().all(|rows| rows.iter().any(|row| row.unit == *unit)));
    let pick = |rows: Vec<PostRow>| {
        let at = rows.iter().position(|row| Some(&row.unit) == common.as_ref()).unwrap_or_default();
        rows.into_iter().nth(at)
    };
    found.into_iter().filter_map(pick).collect()
}
