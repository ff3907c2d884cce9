//! The office's files under a person's hand: which there are, what stands in them, whether a new content would do,
//! and how it takes the old one's place.
//!
//! The console edits the same files that Notepad and Excel do. A file is named by an id that is looked up among those
//! that the settings name or the office's folders hold, never by a path from outside. A new content is checked by the
//! very reader that the daemon uses, on the office as it would be with it ([`check`]); it is written beside and renamed
//! into place ([`replace`]), so that a reader sees the old or the new content whole; encoding, byte order mark and line
//! ends stay as the last program left them ([`text`]). What was changed meanwhile is put together by lines where no two
//! people touched the same place ([`merge`]). The daemon takes the file up as it takes any other.

pub mod difference;
pub mod merge;
pub mod replace;
pub mod text;

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use super::{Fault, Office, holidays, load::CALENDAR, rota, source::written::ADDED};

pub use super::load::{Checked, check, check_list};

/// Characters of an id.
const ID: usize = 16;

/// What a file of the office is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// `yuqing.toml`.
    Settings,
    /// A keyword list of units or topics.
    Keywords,
    /// `contacts.toml`.
    Contacts,
    /// `rota.toml`.
    Rota,
    /// `holidays.toml`.
    Holidays,
    /// `sensitive-dates.txt`.
    SensitiveDates,
    /// A plan.
    Plan,
    /// A file of sources.
    Sources,
}

/// A file of the office.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficeFile {
    /// What addresses and forms call it: hexadecimal, made of its name, so it stays when others come or go.
    pub id: String,
    /// As the office names it, such as `keywords/医院.txt`.
    pub name: String,
    /// What it is for.
    pub kind: FileKind,
    /// Where it stands.
    pub path: PathBuf,
}

impl OfficeFile {
    fn of(office: &Office, kind: FileKind, name: &str) -> Self {
        let path = office.folder.path(name);
        Self { id: id_of(name), name: name.to_owned(), kind, path }
    }
}

/// The id of a file by its name.
#[must_use]
pub fn id_of(name: &str) -> String {
    version_of(name.as_bytes()).chars().take(ID).collect()
}

/// The files that can be edited: keyword lists first, each once. None when the office's files are those that ship
/// inside the program.
#[must_use]
pub fn files(office: &Office) -> Vec<OfficeFile> {
    if office.folder.disk().is_none() {
        return Vec::new();
    }
    lists(office).chain(tables(office)).collect()
}

/// The file of an id.
#[must_use]
pub fn find(office: &Office, id: &str) -> Option<OfficeFile> {
    office.folder.disk()?;
    // Lists are the usual ones, and need no look into folders.
    lists(office).find(|file| file.id == id).or_else(|| tables(office).find(|file| file.id == id))
}

fn lists(office: &Office) -> impl Iterator<Item = OfficeFile> {
    let names: Vec<&str> = office.files_of_keywords().collect();
    let once = names
        .clone()
        .into_iter()
        .enumerate()
        .filter(move |(at, name)| !names.iter().take(*at).any(|one| one == name));
    once.map(|(_, name)| OfficeFile::of(office, FileKind::Keywords, name))
}

fn tables(office: &Office) -> impl Iterator<Item = OfficeFile> {
    let single = [
        (FileKind::Settings, "yuqing.toml"),
        (FileKind::Contacts, "contacts.toml"),
        (FileKind::Rota, rota::FILE),
        (FileKind::Holidays, holidays::FILE),
        (FileKind::SensitiveDates, CALENDAR),
    ];
    let single = single.map(|(kind, name)| (kind, name.to_owned())).into_iter();
    let of = |kind: FileKind, below: &str| {
        office.folder.list(below, ".toml").into_iter().map(move |name| (kind, name))
    };
    // The file to which the console adds sources is there as soon as one is added.
    let sources = of(FileKind::Sources, "sources.d").filter(|(_, name)| name != ADDED);
    let sources = sources.chain([(FileKind::Sources, ADDED.to_owned())]);
    let all = single.chain(of(FileKind::Plan, "plans")).chain(sources);
    all.map(|(kind, name)| OfficeFile::of(office, kind, &name))
}

/// What stands in a file; nothing when there is no such file yet.
///
/// # Errors
/// What the system says, or that it is far too large.
pub fn read(office: &Office, file: &OfficeFile) -> Result<Option<Vec<u8>>, Fault> {
    office.folder.bytes(&file.name)
}

/// The version of a content: SHA-256 in hex.
#[must_use]
pub fn version_of(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}
