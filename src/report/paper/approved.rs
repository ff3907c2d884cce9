//! The circular (通报) goes out only when a leader has approved it. Until then every print of it is a draft (征求意见稿) and says
//! so, with a mark of what it says ([`super::unit::UnitFacts::figures`]): who approves, approves that, and is refused when
//! it says something else by now. What was approved is kept as it was, word by word, with who approved it and when, so
//! that it stays what was signed whatever happens to the cases afterwards. The approval itself stands in the audit.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{Density, Paper, PaperKind, markup, number::Issue, texts::Texts, unit::UnitFacts};
use crate::{
    locale::When,
    store::{Store, StoreError},
};

/// Whoever holds this keeps what was approved.
static TURN: Mutex<()> = Mutex::const_new(());

/// A circular that was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// By whom.
    pub by: String,
    /// When. UTC.
    pub at: Timestamp,
    /// What it is called as a file.
    pub name: String,
    /// Its words, in the markup of papers.
    pub text: String,
}

impl Approved {
    /// The circular of these facts as somebody approves it now. What of the office's own text fails is left to the
    /// shipped one.
    #[must_use]
    pub fn of(facts: UnitFacts, by: &str, issue: Issue, texts: &Texts, when: &When) -> Self {
        let facts = UnitFacts {
            draft: false,
            approved_by: crate::text::clean(by),
            approved_at: when.in_full(when.now),
            ..facts
        };
        let facts = facts.numbered(Some(issue), when);
        let (text, _) = texts.write(PaperKind::Circular.id(), &facts, when.locale);
        Self { by: by.to_owned(), at: when.now, name: super::unit::name(&facts), text }
    }

    fn key(unit: &str, mark: &str, month: Date) -> String {
        let apart = if mark.is_empty() { String::new() } else { format!("@{mark}") };
        format!("papers/approved{apart}/{unit}/{}", month.strftime("%Y-%m"))
    }

    /// The circular of a unit (of all of them: an empty name) and a month that was approved.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(
        store: &dyn Store,
        unit: &str,
        mark: &str,
        month: Date,
    ) -> Result<Option<Self>, StoreError> {
        let key = Self::key(unit, mark, month);
        let Some(kept) = store.value(&key).await?.filter(|kept| !kept.is_empty()) else { return Ok(None) };
        let damaged = |error| StoreError::Corrupt { table: "values", why: format!("{key}: {error}") };
        serde_json::from_str(&kept).map(Some).map_err(damaged)
    }

    /// Keeps it, unless one was kept before; then that one is given back.
    ///
    /// # Errors
    /// The store's.
    pub async fn keep(
        &self,
        store: &dyn Store,
        unit: &str,
        mark: &str,
        month: Date,
    ) -> Result<Option<Self>, StoreError> {
        let _turn = TURN.lock().await;
        if let Some(before) = Self::read(store, unit, mark, month).await? {
            return Ok(Some(before));
        }
        let kept = serde_json::to_string(self).unwrap_or_default();
        store.set_value(&Self::key(unit, mark, month), kept).await?;
        Ok(None)
    }

    /// The paper.
    #[must_use]
    pub fn paper(&self, when: &When) -> Paper {
        let (blocks, _) = markup::parse(&self.text);
        let name = self.name.clone();
        Paper { name, locale: when.locale, density: Density::Standard, blocks, drawings: Vec::new() }
    }
}
