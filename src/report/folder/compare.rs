//! Whether the audit rows of a folder are those of a store's chain.

use super::{AuditLine, check::Checked};
use crate::store::{AuditLook, FORGOTTEN, Store, StoreError};

/// What is wrong with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differs {
    /// The store has no row of this number.
    Missing,
    /// Its row has another hash.
    Hash,
    /// The hash is the same, what the folder says beside it is not.
    Content,
}

impl Differs {
    /// The id used in `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Hash => "hash",
            Self::Content => "content",
        }
    }
}

/// A folder beside a store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Compared {
    /// Rows of the folder, its chain's head included.
    pub rows: u64,
    /// Those that are the store's.
    pub same: u64,
    /// Those of them whose text the store has taken out by law since.
    pub forgotten: u64,
    /// Those that are older than what the store keeps, of which nothing can be said.
    pub cut: u64,
    /// The others, by number.
    pub wrong: Vec<(i64, Differs)>,
    /// Number of the first broken row of the store's own chain.
    pub broken: Option<i64>,
}

impl Compared {
    /// Whether all rows of which something can be said are the store's.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.wrong.is_empty() && self.broken.is_none()
    }

    /// Whether the folder comes from another store: not one row is this one's.
    #[must_use]
    pub fn is_foreign(&self) -> bool {
        self.same == 0 && !self.wrong.is_empty()
    }
}

/// Compares the audit rows of a checked folder, and the chain's head that its manifest names, with those of a store.
///
/// # Errors
/// The store's.
pub async fn compare(store: &dyn Store, folder: &Checked) -> Result<Compared, StoreError> {
    let chain = store.verify_audit().await?;
    let mut compared = Compared { broken: chain.broken.map(|(number, _)| number), ..Compared::default() };
    let head = folder.manifest.as_ref().and_then(|manifest| manifest.audit_head.as_ref());
    let lines = folder.audit.iter().map(|line| (line.number, line.hash.as_str(), Some(line)));
    let lines = lines.chain(head.map(|head| (head.number, head.hash.as_str(), None)));
    for (number, hash, line) in lines {
        compared.rows += 1;
        if number <= chain.cut {
            compared.cut += 1;
            continue;
        }
        let look = AuditLook { before: Some(number.saturating_add(1)), limit: 1, ..AuditLook::default() };
        let row = store.audit(look).await?.rows.pop().filter(|row| row.number == number);
        let differs = match row {
            None => Some(Differs::Missing),
            Some(row) if row.hash != hash => Some(Differs::Hash),
            Some(row) => {
                let own = AuditLine::from(&row);
                match line {
                    Some(line) if own.text == FORGOTTEN && line.text != FORGOTTEN => {
                        compared.forgotten += 1;
                        // Everything else of the row stands.
                        let rest = AuditLine { text: own.text.clone(), ..line.clone() };
                        (rest != own).then_some(Differs::Content)
                    }
                    Some(line) => (*line != own).then_some(Differs::Content),
                    None => None,
                }
            }
        };
        match differs {
            None => compared.same += 1,
            Some(differs) => compared.wrong.push((number, differs)),
        }
    }
    Ok(compared)
}
