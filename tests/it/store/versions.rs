//! Versions of the office's files, and what rules caught lately, as every engine must keep them.

use yuqing::{
    desk::Change,
    model::{Caught, FileBody, FileVersion, IncidentId, PostRow},
    store::{CAUGHT_POSTS, FILE_VERSIONS_KEPT, Store},
};

use super::rows::{at, entry, incident, post};

const FILE: &str = "keywords/甲.txt";

fn version(file: &str, minute: i64, by: &str, content: &[u8]) -> FileVersion {
    let (file, by) = (file.to_owned(), by.to_owned());
    FileVersion { file, at: at(minute), note: "说明".into(), by, content: FileBody::of(content.to_vec()) }
}

/// All of it, each on a store of its own.
pub async fn all<S: Store>(empty: &mut impl FnMut() -> S) {
    versions_are_kept_newest_first(&empty()).await;
    a_save_is_kept_with_its_entry(&empty()).await;
    the_oldest_versions_go(&empty()).await;
    what_was_caught_is_found_by_unit(&empty()).await;
}

async fn versions_are_kept_newest_first(store: &dyn Store) {
    assert_eq!(store.file_versions(FILE).await.unwrap(), []);
    let bytes: Vec<u8> = (0..=255).cycle().take(3_000).collect();
    let (one, two) = (version(FILE, 1, "", b"\xd2\xbd\xd4\xba\r\n"), version(FILE, 2, "甲", &bytes));
    let other = version("keywords/乙.txt", 3, "乙", b"");
    store.keep_file_versions(vec![one.clone(), two.clone(), two.clone(), other.clone()]).await.unwrap();
    store.keep_file_versions(vec![version(FILE, 4, "", &bytes)]).await.unwrap();
    let found = store.file_versions(FILE).await.unwrap();
    let [newest, oldest] = found.as_slice() else { panic!("the newest is not kept twice: {found:?}") };
    assert!(newest.number > oldest.number);
    assert_eq!((newest.by.as_str(), newest.note.as_str(), newest.at), ("甲", "说明", at(2)));
    assert_eq!((newest.size, newest.sha256.as_str()), (3_000, two.content.sha256.as_str()));
    assert_eq!((oldest.by.as_str(), oldest.sha256.as_str()), ("", one.content.sha256.as_str()));
    for one in [&one, &two, &other] {
        let content = store.file_version(&one.file, &one.content.sha256).await.unwrap();
        assert_eq!(content.as_ref(), Some(&*one.content.bytes), "byte for byte");
    }
    assert_eq!(store.file_version(FILE, &other.content.sha256).await.unwrap(), None, "another file's");
    // What comes back is a version of its own.
    store.keep_file_versions(vec![one.clone()]).await.unwrap();
    assert_eq!(store.file_versions(FILE).await.unwrap().len(), 3);
}

async fn a_save_is_kept_with_its_entry(store: &dyn Store) {
    let saved = version(FILE, 1, "甲", "词\n".as_bytes());
    let batch = || vec![Change::Entry(entry(None, "修改")), Change::FileVersion(Box::new(saved.clone()))];
    for _ in 0..2 {
        store.commit_numbered(1, batch()).await.unwrap();
    }
    assert_eq!(store.entries(9).await.unwrap().len(), 1);
    assert_eq!(store.file_versions(FILE).await.unwrap().len(), 1);
    assert_eq!(store.restore().await.unwrap().incidents, []);
}

async fn the_oldest_versions_go(store: &dyn Store) {
    let versions = |n: std::ops::Range<usize>| {
        n.map(|n| version(FILE, 1, "甲", format!("词{n}\n").as_bytes())).collect::<Vec<_>>()
    };
    store.keep_file_versions(vec![version("keywords/乙.txt", 1, "", b"old")]).await.unwrap();
    store.keep_file_versions(versions(0..FILE_VERSIONS_KEPT)).await.unwrap();
    let first = versions(0..1).remove(0).content.sha256;
    assert!(store.file_version(FILE, &first).await.unwrap().is_some());
    store.keep_file_versions(versions(FILE_VERSIONS_KEPT..FILE_VERSIONS_KEPT + 3)).await.unwrap();
    let kept = store.file_versions(FILE).await.unwrap();
    assert_eq!(kept.len(), FILE_VERSIONS_KEPT);
    let newest = versions(FILE_VERSIONS_KEPT + 2..FILE_VERSIONS_KEPT + 3).remove(0);
    assert_eq!(kept[0].sha256, newest.content.sha256);
    assert_eq!(store.file_version(FILE, &first).await.unwrap(), None, "the oldest went");
    assert_eq!(store.file_versions("keywords/乙.txt").await.unwrap().len(), 1, "other files lose nothing");
}

async fn what_was_caught_is_found_by_unit(store: &dyn Store) {
    let met = |incident: u64, id: &str, minute: i64, groups: &[&str]| {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let surfaces = vec!["收费".to_owned()];
        Change::Post(Box::new(PostRow { first_seen_at: at(minute), groups, surfaces, ..post(incident, id) }))
    };
    let mut rows =
        vec![Change::Incident(Box::new(incident(1, 0))), Change::Incident(Box::new(incident(2, 0)))];
    rows.extend((0..20).map(|n| met(1, &format!("many{n}"), n, &["收费"])));
    rows.extend([met(2, "new", 90, &["收费", "安全"]), met(2, "related", 91, &[])]);
    store.commit(rows).await.unwrap();
    let unit = post(1, "a").unit;
    let caught = store.caught(&unit, at(-100_000)).await.unwrap();
    assert_eq!(
        caught[0],
        Caught {
            incident: IncidentId(2),
            seen_at: at(90),
            groups: vec!["收费".into(), "安全".into()],
            surfaces: vec!["收费".into()],
        }
    );
    assert_eq!(caught.len(), 1 + CAUGHT_POSTS, "the newest of each incident");
    assert_eq!(caught[1].seen_at, at(19));
    assert_eq!(store.caught("别的单位", at(-100_000)).await.unwrap(), []);
    assert_eq!(store.caught(&unit, at(100_000)).await.unwrap(), [], "opened before");
}

/// A version that was changed behind the program's back is named by `verify`.
#[tokio::test]
async fn a_version_that_was_changed_in_the_file_is_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("yuqing.db");
    let store = yuqing::store::SqliteStore::open(&path).unwrap();
    let versions = vec![version(FILE, 1, "甲", b"one"), version(FILE, 2, "甲", b"two")];
    store.keep_file_versions(versions).await.unwrap();
    assert_eq!(yuqing::store::verify(&path).unwrap().faults, []);
    let sql = "UPDATE file_version SET content = (SELECT content FROM file_version WHERE number = 2) WHERE number = 1";
    assert_eq!(rusqlite::Connection::open(&path).unwrap().execute(sql, []).unwrap(), 1);
    let faults = yuqing::store::verify(&path).unwrap().faults;
    let words: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["file_version keywords/甲.txt 1: its content is not what its hash says"]);
}
