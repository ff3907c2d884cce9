//! What a case folder is made of: the rows of one incident, read within bounds.

use std::collections::BTreeSet;

use super::{EVIDENCE, FILES, Head, LeftOut, PIECES, WhyLeft};
use crate::{
    locale::When,
    model::{Evidence, FileNote, IncidentId},
    report::paper::{
        PaperKind,
        number::{self, Issue, Numbered},
    },
    store::{AuditLook, AuditRow, IncidentView, Store, StoreError},
};

/// Rows of the audit of one answer of the store.
const PAGE: usize = 1_000;
/// Rows of the audit at most; the newest are taken.
const AUDIT: usize = 100_000;
/// Characters of a name from outside in a path.
const NAME: usize = 60;

/// The rows of an incident.
#[derive(Debug, Clone)]
pub struct FolderRows {
    /// The incident with posts, observations, deadlines, notices, timeline.
    pub view: IncidentView,
    /// Evidence of its posts, in their order; of each the oldest first.
    pub evidence: Vec<Evidence>,
    /// Files of the case: path in the folder, content.
    pub files: Vec<(String, Vec<u8>)>,
    /// The running number of its special report.
    pub issue: Option<Issue>,
    /// Its rows of the audit, and those of what was merged into it, by number.
    pub audit: Vec<AuditRow>,
    /// The last row of the whole chain.
    pub head: Option<Head>,
    /// What is there and was not read, or is not there any more.
    pub left_out: Vec<LeftOut>,
}

impl FolderRows {
    /// Reads what belongs to an incident. Whether it may be shown is for the caller to ask first.
    ///
    /// # Errors
    /// The store's.
    pub async fn read(store: &dyn Store, view: IncidentView, when: &When) -> Result<Self, StoreError> {
        let mut rows = Self {
            view,
            evidence: Vec::new(),
            files: Vec::new(),
            issue: None,
            audit: Vec::new(),
            head: None,
            left_out: Vec::new(),
        };
        rows.read_evidence(store).await?;
        rows.read_files(store).await?;
        rows.read_audit(store).await?;
        rows.issue = match Numbered::of_case(&rows.view.incident, PaperKind::Special, &when.zone) {
            Some(paper) => paper.known(store, number::year(when.now, &when.zone)).await?,
            None => None,
        };
        let newest = store.audit(AuditLook { limit: 1, ..AuditLook::default() }).await?.rows.pop();
        let newest = newest.filter(|row| !row.hash.is_empty());
        rows.head = newest.map(|row| Head { number: row.number, hash: row.hash });
        Ok(rows)
    }

    async fn read_evidence(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let (mut bytes, mut left) = (0_usize, 0_u64);
        let mut seen = BTreeSet::new();
        for row in &self.view.posts {
            if !seen.insert(&row.post.key) {
                continue;
            }
            for piece in store.evidence(&row.post.key).await? {
                let size = serde_json::to_vec(&piece).map_or(0, |json| json.len());
                if self.evidence.len() >= PIECES || bytes.saturating_add(size) > EVIDENCE {
                    left += 1;
                    continue;
                }
                bytes += size;
                self.evidence.push(piece);
            }
        }
        if left > 0 {
            self.left_out.push(LeftOut::rows("evidence/", left));
        }
        Ok(())
    }

    async fn read_files(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let mut bytes = 0_u64;
        for (number, note) in (1..).zip(&self.view.incident.course.files) {
            let path = file_path(number, note);
            let fits = bytes.saturating_add(note.size) <= FILES;
            let content = if fits { store.file(&note.sha256).await? } else { None };
            match content {
                Some(content) => {
                    bytes = bytes.saturating_add(u64::try_from(content.len()).unwrap_or(u64::MAX));
                    self.files.push((path, content));
                }
                None => self.left_out.push(LeftOut {
                    path,
                    why: if fits { WhyLeft::NotKept } else { WhyLeft::TooLarge },
                    rows: None,
                    bytes: Some(note.size),
                    sha256: Some(note.sha256.clone()),
                }),
            }
        }
        Ok(())
    }

    async fn read_audit(&mut self, store: &dyn Store) -> Result<(), StoreError> {
        let view = &self.view;
        // What was merged into it has written under its own number.
        let mut parts: BTreeSet<IncidentId> =
            view.entries.iter().filter_map(|entry| entry.incident).collect();
        parts.extend(view.notices.iter().filter_map(|notice| notice.incident));
        parts.insert(view.incident.id);
        for part in parts {
            let mut look = AuditLook { incident: Some(part), limit: PAGE, ..AuditLook::default() };
            loop {
                let page = store.audit(look.clone()).await?;
                self.audit.extend(page.rows);
                look.before = page.earlier;
                if page.earlier.is_none() {
                    break;
                }
                if self.audit.len() >= AUDIT {
                    self.left_out.push(LeftOut { rows: None, ..LeftOut::rows("audit.jsonl", 0) });
                    break;
                }
            }
        }
        self.audit.sort_by_key(|row| row.number);
        Ok(())
    }
}

fn file_path(number: usize, note: &FileNote) -> String {
    format!("files/{number:03}-{}", plain(&note.name))
}

/// A name from outside as a part of a path that every system takes: letters, figures, `-`, `_` and dots within.
pub(super) fn plain(name: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let name: String = name.chars().map(kept).collect();
    let name = name.trim_matches('.');
    let length = name.chars().count();
    // The end is kept: it says what kind of file it is.
    name.chars().skip(length.saturating_sub(NAME)).collect::<String>().trim_matches('.').to_owned()
}
