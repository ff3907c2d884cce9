//! The one way by which pages change the office's files: read with their version, checked, put together with what
//! others changed meanwhile, noted in the audit, kept in the history, written.
//!
//! A save is one input to the desk: the audit's entry and the version's content are durable in one transaction before
//! the file on disk is touched, so nothing that a person wrote is lost when the disk is full, and nothing is changed
//! that nobody can look up. What Notepad changed is found when a page shows the file and when the daemon takes it up
//! ([`keep_found`]). Refused and conflicting texts go back to whoever wrote them.

use std::sync::Arc;

use jiff::Timestamp;

use super::{access::need_of_file, asked, editing, fault::Fault, visit::Visit};
use crate::{
    config::{
        self, Office, Warning,
        edit::{
            self, Checked, FileKind, OfficeFile, merge::merge, replace::Beside as Ready, replace::PutError,
            text,
        },
    },
    model::{Act, FileBody, FileVersion, FileVersionLine},
    store::{Beside, SharedStore, StoreError},
};

/// How often a save begins anew when another program writes the file at the same moment.
const TRIES: usize = 3;
/// Files whose contents are read and handed to the store at once.
const AT_ONCE: usize = 32;

/// A file as it stands on disk.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub office: Arc<Office>,
    pub file: OfficeFile,
    /// Its bytes; `None` when there is no such file yet.
    pub bytes: Option<Vec<u8>>,
    /// SHA-256 of the bytes in hex; empty when there is no such file.
    pub version: String,
    /// Its text, lines ending in `\n`.
    pub text: String,
    pub form: text::Form,
}

impl Open {
    /// Whether it is a workbook, which no page edits as text.
    pub fn is_workbook(&self) -> bool {
        let by_name = self.file.name.to_lowercase().ends_with(".xlsx");
        self.bytes.as_ref().map_or(by_name, |bytes| bytes.starts_with(b"PK"))
    }

    /// Whether it is TOML, which may refer to secrets.
    pub fn is_toml(&self) -> bool {
        self.file.name.to_lowercase().ends_with(".toml")
    }

    fn of(office: Arc<Office>, file: OfficeFile, bytes: Option<Vec<u8>>) -> Self {
        let (text, form) = match bytes.as_deref() {
            // What ships is what is in force until there is a copy.
            None if edit::shipped_text(&file).is_some() => {
                let text = edit::shipped_text(&file).unwrap_or_default();
                (text::plain(text), text::Form::of_new(&file.name))
            }
            None | Some([]) => (String::new(), text::Form::of_new(&file.name)),
            Some(bytes) => text::read(bytes),
        };
        let version = bytes.as_deref().map(edit::version_of).unwrap_or_default();
        Self { office, file, bytes, version, text, form }
    }
}

/// What somebody wants a file to be.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The version that the person began from; empty when there was no file.
    pub base: String,
    pub content: Content,
    /// Who.
    pub by: String,
    /// What was changed and why; may be empty.
    pub note: String,
    /// The unit whose own part of the file alone is changed; `None`: anything.
    pub of_unit: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Content {
    /// A text; it is written in the file's own encoding.
    Text(String),
    /// Bytes as they are: a workbook.
    Bytes(Vec<u8>),
}

/// What became of it.
#[derive(Debug)]
pub(super) enum Saved {
    /// The file says so already.
    Same,
    /// It stands on disk.
    Done {
        /// Whether it was put together with what somebody else had changed.
        merged: bool,
    },
    /// It has faults; nothing was written. The text is the person's, with what others changed when `merged`.
    Wrong { checked: Checked, text: Option<String>, base: String, merged: bool },
    /// Somebody else changed the same lines; nothing was written.
    Conflict { theirs: Box<Open> },
    /// It is in the history but could not be written.
    NotWritten(String),
}

/// Opens a file by its id; `only` leaves files of one kind.
///
/// # Errors
/// That there is no such file, or that it cannot be read just now.
pub(super) async fn open(room: &Visit, id: &str, only: Option<FileKind>) -> Result<Open, Fault> {
    let office = room.settings().office.clone().ok_or(Fault::Nowhere)?;
    let id = id.to_owned();
    let read = blocking(move || {
        let found = edit::find(&office, &id).filter(|file| only.is_none_or(|kind| file.kind == kind));
        let file = found.ok_or(Fault::Nowhere)?;
        let bytes = edit::read(&office, &file).map_err(|fault| Fault::File(fault.to_string()))?;
        Ok::<_, Fault>(Open::of(office, file, bytes))
    });
    let open = read.await??;
    keep(room, &open).await;
    Ok(open)
}

/// Keeps what stands on disk when the history does not end with it. A page is shown all the same when the store takes
/// no writes.
async fn keep(room: &Visit, open: &Open) {
    let Some(bytes) = open.bytes.clone() else { return };
    if let Err(error) = keep_newer(room.store(), &open.file.name, bytes, room.now()).await {
        tracing::warn!(%error, file = open.file.name, "a version of a file could not be kept");
    }
}

async fn keep_newer(
    store: &SharedStore,
    file: &str,
    bytes: Vec<u8>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let content = FileBody::of(bytes);
    if store.file_versions(file).await?.first().is_some_and(|newest| newest.sha256 == content.sha256) {
        return Ok(());
    }
    store.keep_file_versions(vec![found(file, content, now)]).await
}

fn found(file: &str, content: FileBody, at: Timestamp) -> FileVersion {
    FileVersion { file: file.to_owned(), at, by: String::new(), note: String::new(), content }
}

/// Keeps the versions of all files of an office as they stand on disk now: whoever changed one outside the console
/// finds it in the history, too.
///
/// # Errors
/// When the store takes no writes; the next reading of the files keeps them.
pub async fn keep_found(store: &SharedStore, office: &Arc<Office>, now: Timestamp) -> Result<(), StoreError> {
    let of = Arc::clone(office);
    let files = tokio::task::spawn_blocking(move || edit::files(&of)).await.unwrap_or_default();
    for files in files.chunks(AT_ONCE) {
        let (of, files) = (Arc::clone(office), files.to_vec());
        let read = tokio::task::spawn_blocking(move || {
            let content = |file: &OfficeFile| edit::read(&of, file).ok().flatten();
            let files = files.iter().filter_map(|file| Some((file, content(file)?)));
            files.map(|(file, bytes)| found(&file.name, FileBody::of(bytes), now)).collect::<Vec<_>>()
        });
        let versions = read.await.unwrap_or_default();
        if !versions.is_empty() {
            store.keep_file_versions(versions).await?;
        }
    }
    Ok(())
}

/// Saves a file.
///
/// # Errors
/// When there is no such file, this person may not change it, it cannot be read, or the desk is stopping. Nothing was
/// written then.
pub(super) async fn save(room: &Visit, id: &str, wanted: &Wanted) -> Result<Saved, Fault> {
    // One at a time, so that two people's saves meet in a merge and not in the same moment.
    let _turn = room.editing.lock().await;
    for _ in 0..TRIES {
        let current = open(room, id, None).await?;
        let allowed = match &wanted.of_unit {
            Some(unit) => room.person.sees(unit) && room.person.may(need_of_file(current.file.kind)),
            None => editing::may_change(room, &current),
        };
        if !allowed {
            return Err(Fault::Forbidden);
        }
        if let Some(saved) = save_once(room, current, wanted).await? {
            return Ok(saved);
        }
    }
    let locale = room.settings().locale;
    let why = locale.pick("别的程序正在反复写这个文件", "another program keeps writing this file");
    Ok(Saved::NotWritten(why.to_owned()))
}

/// One try; `None` when the file was changed meanwhile.
async fn save_once(room: &Visit, current: Open, wanted: &Wanted) -> Result<Option<Saved>, Fault> {
    let Some((content, merged)) = put_together(room, &current, wanted).await? else {
        return Ok(Some(Saved::Conflict { theirs: Box::new(current) }));
    };
    if current.bytes.as_ref() == Some(&content) {
        return Ok(Some(Saved::Same));
    }
    let (office, name) = (Arc::clone(&current.office), current.file.name.clone());
    let (content, checked) = blocking(move || {
        let checked = edit::check(&office, &name, &content);
        (content, checked)
    })
    .await?;
    if !checked.faults.is_empty() {
        let text = matches!(wanted.content, Content::Text(_)).then(|| text::read(&content).0);
        let base = if merged { current.version } else { wanted.base.clone() };
        return Ok(Some(Saved::Wrong { checked, text, base, merged }));
    }
    write(room, current, content, wanted, merged).await
}

/// What is to stand in the file, and whether others' changes went into it; `None` when both changed the same lines.
async fn put_together(
    room: &Visit,
    current: &Open,
    wanted: &Wanted,
) -> Result<Option<(Vec<u8>, bool)>, Fault> {
    let unchanged = current.version == wanted.base;
    let ours = match &wanted.content {
        Content::Bytes(bytes) => {
            let same = unchanged || current.bytes.as_ref() == Some(bytes);
            return Ok(same.then(|| (bytes.clone(), false)));
        }
        Content::Text(ours) => text::plain(ours),
    };
    if unchanged {
        return Ok(Some((text::written(&ours, current.form), false)));
    }
    if ours == current.text {
        return Ok(Some((current.bytes.clone().unwrap_or_default(), false)));
    }
    let Some(base) = asked(room.store().file_version(&current.file.name, &wanted.base)).await? else {
        return Ok(None);
    };
    let (theirs, form) = (current.text.clone(), current.form);
    let merged = blocking(move || merge(&text::read(&base).0, &theirs, &ours)).await?;
    Ok(merged.map(|merged| (text::written(&merged, form), true)))
}

/// Notes a checked content in audit and history, then lets it take the file's place. It lies on the disk before
/// anything is noted, so a full disk is heard of first.
async fn write(
    room: &Visit,
    current: Open,
    content: Vec<u8>,
    wanted: &Wanted,
    merged: bool,
) -> Result<Option<Saved>, Fault> {
    let content = FileBody::of(content);
    let (path, bytes) = (current.file.path.clone(), Arc::clone(&content.bytes));
    let ready = match blocking(move || Ready::write(&path, &bytes)).await? {
        Ok(ready) => ready,
        Err(error) => return Ok(Some(Saved::NotWritten(error.to_string()))),
    };
    let (file, by, note) = (current.file.name.clone(), wanted.by.clone(), wanted.note.clone());
    let (from, to) = (current.version.clone(), content.sha256.clone());
    let act = Act::EditFile { file: file.clone(), from, to, by: by.clone(), note: note.clone() };
    let version = FileVersion { file: file.clone(), at: room.now(), by, note, content };
    room.act(act, Some(Beside::Version(Box::new(version)))).await?;
    let expected = current.bytes.clone();
    match blocking(move || ready.put(expected.as_deref())).await? {
        Ok(None) => Ok(Some(Saved::Done { merged })),
        Ok(Some(late)) => {
            // Another program wrote into the old file at that very moment: it stays in the history.
            asked(room.store().keep_file_versions(vec![found(&file, FileBody::of(late), room.now())]))
                .await?;
            keep(room, &open(room, &current.file.id, None).await?).await;
            Ok(Some(Saved::Done { merged }))
        }
        Err(PutError::Changed) => Ok(None),
        Err(PutError::System(error)) => Ok(Some(Saved::NotWritten(error.to_string()))),
    }
}

/// The kept versions of a file, newest first.
pub(super) async fn history(room: &Visit, file: &OfficeFile) -> Result<Vec<FileVersionLine>, Fault> {
    asked(room.store().file_versions(&file.name)).await
}

/// What reading says of a content, quickly enough for every pause of somebody who types: of a keyword list only the
/// list is read, for each unit that uses it.
pub(super) fn quick_check(office: &Office, file: &OfficeFile, content: &[u8]) -> Checked {
    if file.kind != FileKind::Keywords {
        return edit::check(office, &file.name, content);
    }
    let mut checked = Checked::default();
    for unit in units_of(office, &file.name) {
        match edit::check_list(office, &unit, &file.name, content) {
            Ok((_, warnings)) => checked.warnings.extend(warnings),
            Err(faults) => checked.faults.extend(faults),
        }
    }
    let mut known: Vec<config::Fault> = Vec::new();
    checked.faults.retain(|fault| !known.contains(fault) && (known.push(fault.clone()), true).1);
    let mut known: Vec<Warning> = Vec::new();
    checked.warnings.retain(|warning| !known.contains(warning) && (known.push(warning.clone()), true).1);
    checked
}

/// The units that use a keyword file, each once.
pub(super) fn units_of(office: &Office, file: &str) -> Vec<String> {
    let of_units = office.keyword_files.iter().filter(|(_, name)| name == file).map(|(unit, _)| unit);
    let of_topics = office.topics.iter().filter(|watch| watch.files.iter().any(|name| name == file));
    let mut units: Vec<String> = Vec::new();
    for unit in of_units.chain(of_topics.map(|watch| &watch.unit)) {
        if !units.contains(unit) {
            units.push(unit.clone());
        }
    }
    units
}

/// Runs what reads or writes files beside the requests.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(work).await;
    // A panic is ours; the page says so like any other fault of the machinery.
    done.map_err(|error| Fault::Store(StoreError::Engine(error.to_string())))
}
