//! Case folders that somebody changed, and zips that were never one: each way is named, and none costs more than its bounds.

use std::{
    collections::BTreeMap,
    io::{Cursor, Write as _},
};

use sha2::{Digest as _, Sha256};
use yuqing::{
    locale::Locale,
    report::folder::{
        CaseFolder, Listed, MANIFEST, Manifest,
        check::{Checked, NotFolder, Wrong, check},
    },
    store::{MemoryDisk, MemoryStore},
};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::folder::{entries, fill, made};
use crate::console::rows::Outside;

fn zip_of<'e>(entries: impl IntoIterator<Item = (&'e str, &'e [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The same folder with other entries; `resealed`: with a manifest that names them as they are.
pub fn repacked(
    folder: &[u8],
    resealed: bool,
    change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>),
) -> Vec<u8> {
    let mut all: BTreeMap<_, _> = entries(folder).into_iter().collect();
    change(&mut all);
    if resealed {
        let mut manifest: Manifest = serde_json::from_slice(&all[MANIFEST]).unwrap();
        let others = all.iter().filter(|(path, _)| *path != MANIFEST);
        let listed = others.map(|(path, bytes)| Listed {
            path: path.clone(),
            bytes: u64::try_from(bytes.len()).unwrap(),
            sha256: hex::encode(Sha256::digest(bytes)),
        });
        manifest.entries = listed.collect();
        all.insert(MANIFEST.to_owned(), serde_json::to_vec(&manifest).unwrap());
    }
    zip_of(all.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())))
}

async fn honest() -> CaseFolder {
    let store = MemoryStore::open(&MemoryDisk::default()).unwrap();
    fill(&store, &Outside::default(), false).await;
    made(&store, Locale::ZhCn).await
}

fn faults(checked: &Checked) -> Vec<(&str, Wrong)> {
    checked.faults.iter().map(|fault| (fault.path.as_str(), fault.wrong)).collect()
}

fn of(zip: &[u8]) -> Result<Checked, NotFolder> {
    check(Cursor::new(zip))
}

#[tokio::test]
async fn whatever_is_changed_taken_out_or_put_in_is_named() {
    let honest = honest().await;
    assert!(of(&repacked(&honest.bytes, false, |_| {})).unwrap().is_whole());
    for Listed { path, .. } in &honest.manifest.entries {
        let changed = repacked(&honest.bytes, false, |all| {
            let bytes = all.get_mut(path).unwrap();
            let last = bytes.last_mut().unwrap();
            *last ^= 1;
        });
        assert_eq!(faults(&of(&changed).unwrap()), [(path.as_str(), Wrong::Content)]);
        let longer = repacked(&honest.bytes, false, |all| all.get_mut(path).unwrap().push(b' '));
        assert_eq!(faults(&of(&longer).unwrap()), [(path.as_str(), Wrong::Length)]);
        let gone = repacked(&honest.bytes, false, |all| drop(all.remove(path)));
        assert_eq!(faults(&of(&gone).unwrap()), [(path.as_str(), Wrong::Missing)]);
    }
    for strange in
        ["evidence/99999-x.json", "../../etc/cron.d/x", "/etc/passwd", "C:\\x", "files/", "\u{202e}x"]
    {
        let more = repacked(&honest.bytes, false, |all| drop(all.insert(strange.to_owned(), Vec::new())));
        let checked = of(&more).unwrap();
        assert_eq!(checked.faults.iter().map(|fault| fault.wrong).collect::<Vec<_>>(), [Wrong::Unnamed]);
        assert!(!checked.faults[0].path.contains('\u{202e}'), "what is shown turns no line around");
    }
    let no_list = repacked(&honest.bytes, true, |all| drop(all.remove("audit.jsonl")));
    assert_eq!(faults(&of(&no_list).unwrap()), [("audit.jsonl", Wrong::Missing)], "though no manifest asks");
    let other_rows =
        repacked(&honest.bytes, true, |all| drop(all.insert("audit.jsonl".into(), b"{}".to_vec())));
    assert_eq!(faults(&of(&other_rows).unwrap()), [("audit.jsonl", Wrong::Form)]);
}

#[tokio::test]
async fn a_manifest_that_cannot_be_trusted_is_told_for_what_it_is() {
    let honest = honest().await;
    let with = |manifest: &str| {
        let bytes = manifest.as_bytes().to_vec();
        repacked(&honest.bytes, false, |all| drop(all.insert(MANIFEST.to_owned(), bytes)))
    };
    let written = serde_json::to_string(&honest.manifest).unwrap();
    for damaged in [
        "",
        "你好",
        "[1]",
        "{\"format\":\"yuqing-case-folder\",\"version\":1}",
        "{\"format\":\"x\",\"version\":1}",
    ] {
        assert_eq!(faults(&of(&with(damaged)).unwrap()), [(MANIFEST, Wrong::Manifest)], "{damaged}");
    }
    let newer = written.replace("\"version\":1", "\"version\":2");
    assert_eq!(of(&with(&newer)).unwrap_err(), NotFolder::Newer(2));
    assert_eq!(
        of(&with("{\"format\":\"yuqing-case-folder\",\"version\":9,\"all\":[]}")).unwrap_err(),
        NotFolder::Newer(9)
    );
    assert!(NotFolder::Newer(2).words(Locale::ZhCn).contains("请用新版程序核对"));
    let first = serde_json::to_string(&honest.manifest.entries[0]).unwrap();
    let twice = written.replacen(&first, &format!("{first},{first}"), 1);
    assert_eq!(faults(&of(&with(&twice)).unwrap()), [("README.txt", Wrong::ListedTwice)]);
    let gone = repacked(&honest.bytes, false, |all| drop(all.remove(MANIFEST)));
    assert_eq!(faults(&of(&gone).unwrap()), [(MANIFEST, Wrong::NoManifest)]);
    assert_eq!(of(&gone).unwrap().seal, "");
}

/// Puts another name of the same length in place of one.
fn renamed(zip: &[u8], from: &str, to: &str, most: usize) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let (mut zip, mut at, mut done) = (zip.to_vec(), 0, 0);
    while at + from.len() <= zip.len() && done < most {
        if zip[at..].starts_with(from.as_bytes()) {
            zip[at..at + to.len()].copy_from_slice(to.as_bytes());
            done += 1;
        }
        at += 1;
    }
    zip
}

#[tokio::test]
async fn a_zip_that_shows_one_thing_here_and_another_there_is_not_whole() {
    let honest = honest().await;
    let added =
        repacked(&honest.bytes, false, |all| drop(all.insert("posts.jsonz".to_owned(), b"{}".to_vec())));
    let twice = renamed(&added, "posts.jsonz", "posts.jsonl", usize::MAX);
    assert_eq!(faults(&of(&twice).unwrap()), [("posts.jsonl", Wrong::Twice)]);
    // The name beside the content is another one than the list's.
    let cloaked = renamed(&honest.bytes, "timeline.csv", "timeline.exe", 1);
    assert_eq!(faults(&of(&cloaked).unwrap()), [("(zip)", Wrong::Torn)]);
    for cut in [10, honest.bytes.len() / 2, honest.bytes.len() - 1] {
        assert_eq!(of(&honest.bytes[..cut]).unwrap_err(), NotFolder::NotZip);
    }
}

/// Whatever byte is changed, what is called whole holds the same contents.
#[tokio::test]
async fn no_single_byte_passes_that_changes_a_content() {
    let honest = honest().await;
    let contents = entries(&honest.bytes);
    let length = honest.bytes.len();
    for nth in 0..400 {
        // Spread over the file, and each byte of its end, where the list is.
        let at = if nth < 200 { nth * length / 200 } else { length - 1 - (nth - 200) * 9 };
        let mut changed = honest.bytes.clone();
        changed[at] ^= 0x41;
        if let Ok(checked) = of(&changed)
            && checked.is_whole()
        {
            assert_eq!(entries(&changed), contents, "byte {at}");
        }
    }
}

#[test]
fn what_is_no_folder_is_refused_within_bounds() {
    assert_eq!(of(b"").unwrap_err(), NotFolder::NotZip);
    assert_eq!(of(&vec![b'P'; 100_000]).unwrap_err(), NotFolder::NotZip);
    assert_eq!(of(&zip_of([])).unwrap_err(), NotFolder::Other);
    assert_eq!(of(&zip_of([("a.txt", b"a".as_slice())])).unwrap_err(), NotFolder::Other);
    assert_eq!(of(&zip_of([(MANIFEST, b"{}".as_slice())])).unwrap_err(), NotFolder::Other);
    // Thirty-three megabytes out of thirty-three kilobytes.
    let zeros = vec![0; 33 << 20];
    assert_eq!(of(&zip_of([(MANIFEST, zeros.as_slice())])).unwrap_err(), NotFolder::TooLarge);
    let names: Vec<String> = (0..50_001).map(|number| format!("{number}")).collect();
    let many = zip_of(names.iter().map(|name| (name.as_str(), b"".as_slice())));
    assert_eq!(of(&many).unwrap_err(), NotFolder::TooMany);
    for why in [NotFolder::NotZip, NotFolder::TooLarge, NotFolder::TooMany, NotFolder::Other] {
        assert!(!why.words(Locale::ZhCn).is_empty() && why.words(Locale::En).is_ascii());
    }
}
