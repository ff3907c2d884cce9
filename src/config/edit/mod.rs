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
pub mod fields;
pub mod merge;
pub mod replace;
pub mod text;

use std::{collections::BTreeSet, path::PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Fault, Office, holidays, load::CALENDAR, rota, shipped, source::written::ADDED};

pub use super::load::{Checked, check, check_list, with};

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
    // A plan that ships and is used without a copy gets one when it is saved.
    let shipped = office.plans.keys().map(|id| plan_file(id)).filter(|name| !office.folder.has(name));
    let shipped = shipped.map(|name| (FileKind::Plan, name));
    let plans = of(FileKind::Plan, "plans").chain(shipped);
    // The file to which the console adds sources is there as soon as one is added.
    let sources = of(FileKind::Sources, "sources.d").filter(|(_, name)| name != ADDED);
    let sources = sources.chain([(FileKind::Sources, ADDED.to_owned())]);
    let all = single.chain(plans).chain(sources);
    all.map(|(kind, name)| OfficeFile::of(office, kind, &name))
}

/// The file of a plan by the plan's id.
#[must_use]
pub fn plan_file(id: &str) -> String {
    format!("plans/{id}.toml")
}

/// The text of a file that is not in the office's folder and ships inside the program: plans, and what every office has.
#[must_use]
pub fn shipped_text(file: &OfficeFile) -> Option<&'static str> {
    matches!(file.kind, FileKind::Plan).then(|| shipped::file(&file.name)).flatten()
}

/// The units of which a file of sources speaks; `None` when it concerns all of them.
#[must_use]
pub fn units_of_sources(text: &str) -> Option<BTreeSet<String>> {
    let table: toml::Table = text.parse().ok()?;
    let kinds = table.values().filter_map(toml::Value::as_array);
    let mut units = BTreeSet::new();
    for source in kinds.flatten().filter_map(toml::Value::as_table) {
        let own = source.get("units").and_then(toml::Value::as_array)?;
        units.extend(own.iter().filter_map(toml::Value::as_str).map(|unit| unit.trim().to_owned()));
    }
    (!units.is_empty()).then_some(units)
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
