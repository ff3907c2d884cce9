//! The case folder (案卷): all that the store has of one incident in one zip, to be handed to an archive, a superior or a
//! court, so that whoever gets it can prove that nothing in it was changed.
//!
//! [`rows`] reads the rows, [`folder`] makes bytes of them without asking anybody: the same rows at the same instant are
//! the same file. [`parcel`] holds the entries together; its last one, `manifest.json`, names every other with its length
//! and SHA-256. [`check`] reads such a file back, however hostile; [`compare`] asks a store whether the audit rows in
//! it are its own.
//!
//! **Bounds.** A folder is made in memory. Each table takes [`TABLE`] bytes, evidence [`EVIDENCE`], the case's files
//! [`FILES`]: 260 MiB at most beside the papers. What goes beyond is left out, and said: in the manifest (`left_out`), in
//! the README and by `yuqing evidence verify`. Nothing is left out silently.

pub mod check;
pub mod compare;
mod parcel;
mod readme;
pub mod rows;
mod tables;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::paper::{
    PaperKind,
    case::{self, Order},
    docx::{DocxError, Form, docx},
    texts::Texts,
};
use crate::{
    locale::{Locale, When},
    model::IncidentState,
    store::IncidentView,
};

pub use self::{rows::FolderRows, tables::AuditLine};

/// What a manifest says that it is.
pub const FORMAT: &str = "yuqing-case-folder";
/// Version of the manifest that this program writes, and the newest that it reads.
pub const VERSION: u32 = 1;
/// Name of the entry that names all others.
pub const MANIFEST: &str = "manifest.json";
/// Bytes of one table at most; rows beyond it are left out.
pub const TABLE: usize = 20 << 20;
/// Bytes of evidence at most.
pub const EVIDENCE: usize = 32 << 20;
/// Pieces of evidence at most.
pub const PIECES: usize = 20_000;
/// Bytes of the case's files at most.
pub const FILES: u64 = 128 << 20;

/// `manifest.json`: what the folder is, and every other entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Number of the incident.
    pub incident: u64,
    /// Its unit.
    pub unit: String,
    /// When the folder was made. UTC.
    pub made_at: Timestamp,
    /// By whom.
    pub made_by: String,
    /// The program and its version.
    pub program: String,
    /// The last row of the audit's chain at that time; `None` where the store chains nothing.
    pub audit_head: Option<Head>,
    /// Every other entry, by path.
    pub entries: Vec<Listed>,
    /// What belongs to the case and is not in here.
    pub left_out: Vec<LeftOut>,
}

/// A place in the audit's chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the row.
    pub number: i64,
    /// Its hash, in hex.
    pub hash: String,
}

/// An entry as the manifest names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its path in the zip.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
}

/// Something of the case that is not in the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The entry that it would be, or of which it would be a part.
    pub path: String,
    /// Why.
    pub why: WhyLeft,
    /// How many rows or pieces, where only some of an entry are missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Its length, for a file of the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// SHA-256 of its content, in hex, for a file of the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Why something was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyLeft {
    /// It does not fit.
    TooLarge,
    /// The store keeps it no more.
    NotKept,
}

impl LeftOut {
    /// Rows or pieces of an entry that did not fit.
    fn rows(path: &str, rows: u64) -> Self {
        Self { path: path.to_owned(), why: WhyLeft::TooLarge, rows: Some(rows), bytes: None, sha256: None }
    }

    /// What it is and why it is not there, on one line.
    #[must_use]
    pub fn words(&self, locale: Locale) -> String {
        let why = match self.why {
            WhyLeft::TooLarge => locale.pick("超出案卷的容量", "beyond what a folder holds"),
            WhyLeft::NotKept => {
                locale.pick("数据库里已不保存（或已按规定删除）", "the store keeps it no more")
            }
        };
        let rows = match self.rows {
            Some(rows) => format!(" {rows} {}", locale.pick("条", "rows")),
            None => String::new(),
        };
        let hash = self.sha256.as_ref().map(|hash| format!(" SHA-256 {hash}")).unwrap_or_default();
        format!("{}{rows}: {why}{hash}", crate::text::clean(&self.path))
    }
}

/// A folder that was made.
#[derive(Debug, Clone)]
pub struct CaseFolder {
    /// Its name with the ending: `案卷 2026-0012.zip`.
    pub name: String,
    /// The zip.
    pub bytes: Vec<u8>,
    /// What it says of itself.
    pub manifest: Manifest,
    /// SHA-256 of `manifest.json`, in hex: written down elsewhere it proves the whole folder.
    pub seal: String,
}

/// Why there is no folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A paper could not be written.
    #[error(transparent)]
    Paper(#[from] DocxError),
    /// A row could not be written as JSON.
    #[error("a row cannot be written: {0}")]
    Row(#[from] serde_json::Error),
    /// The zip could not be put together.
    #[error("the folder cannot be put together: {0}")]
    Zip(#[from] zip::result::ZipError),
    /// The same, while writing.
    #[error("the folder cannot be put together: {0}")]
    Write(#[from] std::io::Error),
}

/// Makes the folder of an incident at `when.now`, in its language. Rows are what the store has; of forgotten posts the
/// hashes are left.
///
/// # Errors
/// [`FolderError`] when a curve cannot be drawn or memory fails; no words of a row make it fail.
pub fn folder(
    rows: &FolderRows,
    texts: &Texts,
    made_by: &str,
    when: &When,
) -> Result<CaseFolder, FolderError> {
    let mut parcel = parcel::Parcel::default();
    papers(&mut parcel, rows, texts, when)?;
    let mut left_out = rows.left_out.clone();
    left_out.extend(tables::put(&mut parcel, rows, when)?);
    for (path, bytes) in &rows.files {
        parcel.put(path.clone(), bytes.as_slice());
    }
    let mut manifest = Manifest {
        format: FORMAT.to_owned(),
        version: VERSION,
        incident: rows.view.incident.id.0,
        unit: rows.view.incident.unit.clone(),
        made_at: when.now,
        made_by: made_by.to_owned(),
        program: format!("yuqing {}", env!("CARGO_PKG_VERSION")),
        audit_head: rows.head.clone(),
        entries: Vec::new(),
        left_out,
    };
    parcel.put("README.txt".to_owned(), readme::readme(rows, &manifest, when).into_bytes());
    manifest.entries = parcel.listed();
    let last = serde_json::to_vec_pretty(&manifest)?;
    let seal = hash(&last);
    Ok(CaseFolder { name: name(&rows.view, when), bytes: parcel.zip(&last)?, manifest, seal })
}

/// How the folder of an incident is called: `案卷 2026-0012.zip`.
#[must_use]
pub fn name(view: &IncidentView, when: &When) -> String {
    format!("{} {}.zip", when.locale.pick("案卷", "Case folder"), case::serial(&view.incident, when))
}

/// The papers that fit the incident as it stands: how it ended is told once it has.
fn papers(
    parcel: &mut parcel::Parcel<'_>,
    rows: &FolderRows,
    texts: &Texts,
    when: &When,
) -> Result<(), FolderError> {
    let incident = &rows.view.incident;
    let has_ended = incident.closed_at.is_some() && incident.state != IncidentState::Open;
    let form = Form { made_at: Some(when.now), ..Form::default() };
    for kind in PaperKind::OF_CASE {
        if matches!(kind, PaperKind::Final | PaperKind::Review) && !has_ended {
            continue;
        }
        let (paper, _) =
            case::paper(&rows.view, &Order { issue: rows.issue, ..Order::of(kind) }, texts, when);
        parcel.put(format!("papers/{}.docx", paper.name), docx(&paper, &form)?);
    }
    Ok(())
}

fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
