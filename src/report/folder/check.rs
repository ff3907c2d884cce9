//! Reads a case folder back and says whether it is whole. Whoever hands one over may be hostile: everything is counted while
//! it is unpacked, nothing is written anywhere, no path is more than a name to compare, and every way in which the
//! zip and its manifest disagree is named.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry as Slot},
    io::{Read, Seek, SeekFrom},
};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use zip::{
    read::{ArchiveOffset, Config, ZipFile, ZipReadOptions},
    result::ZipError,
    // Beside it the crate has readers that keep an entry a name: two entries of one name would not be seen.
    unstable::read::ZipIterable,
};

use super::{AuditLine, FORMAT, MANIFEST, Manifest, VERSION, hash};
use crate::{locale::Locale, text::beginning};

/// Bytes of a zip that is looked into.
pub const LARGEST: u64 = 512 << 20;
/// Bytes that it may unpack to.
const UNPACKED: u64 = 640 << 20;
/// Entries that it may have.
const ENTRIES: usize = 50_000;
/// Bytes of a manifest, and of the audit rows that are read out.
const READ: u64 = 32 << 20;
/// Characters of a name that are shown.
const SHOWN: usize = 120;
/// Stands for the list of entries in a fault of its own.
const LIST: &str = "(zip)";
/// Entries by which a folder is known whose manifest is gone.
const KNOWN_BY: [&str; 2] = ["incident.json", "audit.jsonl"];

/// Why a file is no case folder that this program can judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFolder {
    /// It is no zip, or one that was cut off.
    NotZip,
    /// It is larger, or unpacks to more, than any folder.
    TooLarge,
    /// It has more entries than any folder.
    TooMany,
    /// It is a zip of something else.
    Other,
    /// It was made by a newer version of the program.
    Newer(u32),
}

impl NotFolder {
    /// The id used in `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::NotZip => "not_zip",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::Other => "other",
            Self::Newer(_) => "newer",
        }
    }

    /// What it means.
    #[must_use]
    pub fn words(self, locale: Locale) -> String {
        let (zh, en) = match self {
            Self::NotZip => (
                "不是 zip 文件，或没有传完、已损坏，无法核对；请重新取一份",
                "not a zip, or cut off or damaged; fetch it again",
            ),
            Self::TooLarge => (
                "比任何案卷都大，没有展开；不是本程序导出的",
                "larger than any case folder; it was not unpacked and is none of ours",
            ),
            Self::TooMany => (
                "文件个数比任何案卷都多，没有展开；不是本程序导出的",
                "more entries than any case folder; it was not unpacked and is none of ours",
            ),
            Self::Other => {
                ("是 zip 文件，但不是本程序导出的案卷", "a zip, but no case folder of this program")
            }
            Self::Newer(version) => {
                return match locale {
                    Locale::ZhCn => {
                        format!("案卷是更新版本的程序导出的（清单版本 {version}），请用新版程序核对")
                    }
                    Locale::En => format!(
                        "made by a newer program (version {version} of the manifest); verify it with that one"
                    ),
                };
            }
        };
        locale.pick(zh, en).to_owned()
    }
}

/// In what way a folder is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// The manifest is gone.
    NoManifest,
    /// The manifest is not JSON, or not a manifest's.
    Manifest,
    /// The zip's own list breaks off, or disagrees with what stands beside the contents.
    Torn,
    /// Two entries have this name.
    Twice,
    /// The manifest names it twice.
    ListedTwice,
    /// The manifest names it, it is not there.
    Missing,
    /// It is there, the manifest does not name it.
    Unnamed,
    /// It cannot be unpacked.
    Unreadable,
    /// It has another length.
    Length,
    /// It has another content.
    Content,
    /// It is as the manifest says, but not what this program writes.
    Form,
}

impl Wrong {
    /// The id used in `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::NoManifest => "no_manifest",
            Self::Manifest => "manifest",
            Self::Torn => "torn",
            Self::Twice => "twice",
            Self::ListedTwice => "listed_twice",
            Self::Missing => "missing",
            Self::Unnamed => "unnamed",
            Self::Unreadable => "unreadable",
            Self::Length => "length",
            Self::Content => "content",
            Self::Form => "form",
        }
    }

    /// What it means.
    #[must_use]
    pub const fn words(self, locale: Locale) -> &'static str {
        let (zh, en) = match self {
            Self::NoManifest => {
                ("清单被删掉了，其余文件无从核对", "the manifest is gone; nothing else can be judged")
            }
            Self::Manifest => (
                "清单不是本程序写的样子，损坏或被改动，其余文件无从核对",
                "the manifest is damaged or was changed; nothing else can be judged",
            ),
            Self::Torn => (
                "zip 的目录不完整或自相矛盾，各软件看到的可能不一样，有人动过",
                "the zip's own list is damaged or contradicts itself, and programs may show different things",
            ),
            Self::Twice => (
                "有两个同名文件，各软件打开的可能不是同一个，有人动过",
                "there are two of this name and programs may show either: somebody changed the zip",
            ),
            Self::ListedTwice => {
                ("清单里写了两次，清单被改动", "the manifest names it twice: it was changed")
            }
            Self::Missing => ("清单里有、案卷里没有，被抽走了", "named by the manifest and gone: taken out"),
            Self::Unnamed => ("清单里没有，是后来放进去的", "not named by the manifest: put in afterwards"),
            Self::Unreadable => ("解不开，损坏了", "it cannot be unpacked: damaged"),
            Self::Length => ("长度与清单不符，内容被改动", "another length than the manifest says: changed"),
            Self::Content => ("哈希与清单不符，内容被改动", "another hash than the manifest says: changed"),
            Self::Form => (
                "与清单相符，但不是本程序写的样子，清单可能一并被换过",
                "as the manifest says, but not as this program writes it: both may have been exchanged",
            ),
        };
        locale.pick(zh, en)
    }
}

/// Something that is not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which entry: its name on one line, cut.
    pub path: String,
    /// What is wrong with it.
    pub wrong: Wrong,
}

impl Fault {
    fn of(path: &str, wrong: Wrong) -> Self {
        Self { path: beginning(path, SHOWN), wrong }
    }
}

/// What was found in a folder.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// What it says of itself; `None` when that cannot be read.
    pub manifest: Option<Manifest>,
    /// SHA-256 of its manifest as found, in hex; empty when there is none.
    pub seal: String,
    /// What is wrong, in the order of the manifest.
    pub faults: Vec<Fault>,
    /// Its rows of the audit.
    pub audit: Vec<AuditLine>,
    /// Entries that were read.
    pub entries: usize,
    /// Bytes that they unpack to.
    pub bytes: u64,
}

impl Checked {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

/// An entry as it was found.
struct Entry {
    bytes: u64,
    sha256: String,
    /// Its content, for the two that are read.
    content: Vec<u8>,
    is_readable: bool,
}

/// Reads a file that may be a case folder.
///
/// # Errors
/// [`NotFolder`] when it is none, or none that this program can judge.
pub fn check(mut file: impl Read + Seek) -> Result<Checked, NotFolder> {
    let length = file.seek(SeekFrom::End(0)).map_err(|_| NotFolder::NotZip)?;
    if length > LARGEST {
        return Err(NotFolder::TooLarge);
    }
    // Ours begin with the file. One that was cut off may end with the list of a Word file within it, which is no list of ours.
    let config = Config { archive_offset: ArchiveOffset::Known(0) };
    let mut zip = ZipIterable::try_new(file, config).map_err(|_| NotFolder::NotZip)?;
    if zip.len() > ENTRIES {
        return Err(NotFolder::TooMany);
    }
    let mut checked = Checked::default();
    let found = unpack(&mut zip, &mut checked)?;
    if checked.entries == 0 && !zip.is_empty() {
        return Err(NotFolder::NotZip);
    }
    let mut strict = zip.enforce_header_consistency(true);
    let agrees = strict.files().is_ok_and(|entries| entries.all(|entry| entry.is_ok()));
    if !agrees {
        checked.faults.push(Fault::of(LIST, Wrong::Torn));
    }
    let Some(manifest) = found.get(MANIFEST) else {
        if !KNOWN_BY.iter().all(|name| found.contains_key(*name)) {
            return Err(NotFolder::Other);
        }
        checked.faults.push(Fault::of(MANIFEST, Wrong::NoManifest));
        return Ok(checked);
    };
    checked.seal = hash(&manifest.content);
    match read(manifest, &found)? {
        Some(manifest) => against(&manifest, &found, &mut checked)?,
        None => checked.faults.push(Fault::of(MANIFEST, Wrong::Manifest)),
    }
    Ok(checked)
}

/// Every entry by name; the first, where there are two.
fn unpack<R: Read + Seek>(
    zip: &mut ZipIterable<R>,
    checked: &mut Checked,
) -> Result<BTreeMap<String, Entry>, NotFolder> {
    let mut found = BTreeMap::new();
    let mut left = UNPACKED;
    let Ok(entries) = zip.files() else { return Err(NotFolder::NotZip) };
    while let Some(entry) = entries.next() {
        // Where the list breaks off, the second pass says so.
        let Ok(entry) = entry else { break };
        // A name that is no text is a name that no manifest of ours has.
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let opened = entry.with_reader(entries.reader_mut(), ZipReadOptions::new());
        let unpacked = unpacked(opened, &name, left)?;
        left = left.saturating_sub(unpacked.bytes);
        checked.entries += 1;
        checked.bytes += unpacked.bytes;
        match found.entry(name) {
            Slot::Vacant(slot) => {
                slot.insert(unpacked);
            }
            Slot::Occupied(slot) => checked.faults.push(Fault::of(slot.key(), Wrong::Twice)),
        }
    }
    Ok(found)
}

fn unpacked<R: Read>(
    opened: Result<ZipFile<'_, R>, ZipError>,
    name: &str,
    left: u64,
) -> Result<Entry, NotFolder> {
    let mut entry = Entry { bytes: 0, sha256: String::new(), content: Vec::new(), is_readable: false };
    let Ok(mut file) = opened else { return Ok(entry) };
    let (mut sha256, mut buffer) = (Sha256::new(), vec![0; 64 << 10]);
    let is_read = matches!(name, MANIFEST | "audit.jsonl");
    loop {
        // A wrong checksum is told at the end, as a fault of reading.
        let Ok(count) = file.read(&mut buffer) else { return Ok(entry) };
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        entry.bytes += u64::try_from(count).unwrap_or(u64::MAX);
        if entry.bytes > left || (is_read && entry.bytes > READ) {
            return Err(NotFolder::TooLarge);
        }
        sha256.update(bytes);
        if is_read {
            entry.content.extend_from_slice(bytes);
        }
    }
    entry.sha256 = hex::encode(sha256.finalize());
    entry.is_readable = true;
    Ok(entry)
}

/// As much of a manifest as every version has.
#[derive(Deserialize)]
struct Kind {
    format: String,
    version: u32,
}

/// The manifest; `None` when it is damaged.
fn read(manifest: &Entry, found: &BTreeMap<String, Entry>) -> Result<Option<Manifest>, NotFolder> {
    let is_ours = KNOWN_BY.iter().all(|name| found.contains_key(*name));
    match serde_json::from_slice::<Kind>(&manifest.content) {
        Ok(kind) if kind.format != FORMAT => {
            if is_ours {
                Ok(None)
            } else {
                Err(NotFolder::Other)
            }
        }
        Ok(kind) if kind.version > VERSION => Err(NotFolder::Newer(kind.version)),
        Ok(_) if manifest.is_readable => Ok(serde_json::from_slice(&manifest.content).ok()),
        _ if is_ours => Ok(None),
        _ => Err(NotFolder::Other),
    }
}

/// Compares what was found with what the manifest says.
fn against(
    manifest: &Manifest,
    found: &BTreeMap<String, Entry>,
    checked: &mut Checked,
) -> Result<(), NotFolder> {
    if manifest.entries.len() > ENTRIES {
        return Err(NotFolder::TooMany);
    }
    let mut named = BTreeSet::from([MANIFEST]);
    for listed in &manifest.entries {
        let path = listed.path.as_str();
        if !named.insert(path) {
            checked.faults.push(Fault::of(path, Wrong::ListedTwice));
            continue;
        }
        let wrong = match found.get(path) {
            None => Some(Wrong::Missing),
            Some(entry) if !entry.is_readable => Some(Wrong::Unreadable),
            Some(entry) if entry.bytes != listed.bytes => Some(Wrong::Length),
            Some(entry) if !entry.sha256.eq_ignore_ascii_case(&listed.sha256) => Some(Wrong::Content),
            Some(_) => None,
        };
        checked.faults.extend(wrong.map(|wrong| Fault::of(path, wrong)));
    }
    let unnamed = found.keys().filter(|path| !named.contains(path.as_str()));
    checked.faults.extend(unnamed.map(|path| Fault::of(path, Wrong::Unnamed)));
    // A folder without these is none that this program made, whatever its manifest says.
    let missing = KNOWN_BY.iter().filter(|name| !named.contains(**name));
    checked.faults.extend(missing.map(|name| Fault::of(name, Wrong::Missing)));
    if let Some(audit) = found.get("audit.jsonl").filter(|audit| audit.is_readable) {
        let lines = audit.content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        match lines.map(serde_json::from_slice).collect::<Result<Vec<AuditLine>, _>>() {
            Ok(lines) => checked.audit = lines,
            Err(_) if checked.is_whole() => checked.faults.push(Fault::of("audit.jsonl", Wrong::Form)),
            Err(_) => {}
        }
    }
    checked.manifest = Some(manifest.clone());
    Ok(())
}
