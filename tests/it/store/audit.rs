//! The audit: a chain that shows any change of a row, any row left out, and begins with an old file's first entry.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use tempfile::TempDir;
use yuqing::{
    desk::Change,
    model::{Entry, FileBody},
    store::{FORGOTTEN, SqliteStore, Store},
};

use super::rows::{at, entry};

async fn filled(folder: &TempDir, count: u32) -> (SqliteStore, PathBuf) {
    let path = folder.path().join("yuqing.db");
    let store = SqliteStore::open(&path).unwrap();
    for number in 0..count {
        store.commit(vec![Change::Entry(entry(Some(1), &format!("第 {number} 条")))]).await.unwrap();
    }
    (store, path)
}

/// Whoever has the file can take the triggers away; the chain still shows what he did.
fn tamper(path: &Path, sql: &str) {
    let other = Connection::open(path).unwrap();
    other.execute_batch("DROP TRIGGER entry_is_never_changed; DROP TRIGGER entry_is_never_deleted").unwrap();
    assert_eq!(other.execute(sql, []).unwrap(), 1, "{sql}");
}

#[tokio::test]
async fn a_whole_chain_is_proved_and_its_head_moves() {
    let folder = TempDir::new().unwrap();
    let (store, path) = filled(&folder, 5).await;
    let before = store.verify_audit().await.unwrap();
    assert_eq!((before.rows, before.broken), (5, None));
    let act = Entry { kind: Entry::ACT.to_owned(), ..entry(Some(1), "{}") };
    store.commit(vec![Change::Entry(act)]).await.unwrap();
    let after = store.verify_audit().await.unwrap();
    assert_eq!((after.rows, after.broken), (6, None));
    assert_ne!(before.head, after.head);
    let rows = store.audit_rows(4, 9).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [5, 6]);
    assert_eq!((rows[0].hash.as_str(), rows[1].hash.as_str()), (before.head.as_str(), after.head.as_str()));
    assert_eq!(store.entries(99).await.unwrap().len(), 5, "acts stand in the audit only");
    drop(store);
    assert_eq!(SqliteStore::open_read_only(&path).unwrap().verify_audit().await.unwrap(), after);
}

#[tokio::test]
async fn the_first_broken_row_is_named() {
    let cases = [
        ("UPDATE entry SET body = replace(body, '第 2 条', '第 9 条') WHERE number = 3", (3, "content")),
        ("UPDATE entry SET at = at + 1 WHERE number = 2", (2, "link")),
        ("UPDATE entry SET kind = 'tier' WHERE number = 4", (4, "link")),
        ("UPDATE entry SET incident = NULL WHERE number = 1", (1, "link")),
        ("UPDATE entry SET hash = NULL WHERE number = 2", (2, "link")),
        ("DELETE FROM entry WHERE number = 3", (4, "link")),
        ("DELETE FROM entry WHERE number = 1", (2, "link")),
        ("INSERT INTO entry (number, incident, at, kind, body) VALUES (0, 1, 0, 'told', '{}')", (0, "link")),
    ];
    for (sql, broken) in cases {
        let folder = TempDir::new().unwrap();
        let (store, path) = filled(&folder, 5).await;
        tamper(&path, sql);
        assert_eq!(store.verify_audit().await.unwrap().broken, Some(broken), "{sql}");
    }
}

#[tokio::test]
async fn rows_cannot_be_changed_and_a_text_can_be_forgotten() {
    let folder = TempDir::new().unwrap();
    let (store, path) = filled(&folder, 3).await;
    let other = Connection::open(&path).unwrap();
    for sql in ["DELETE FROM entry WHERE number = 3", "UPDATE entry SET at = 0 WHERE number = 3"] {
        let refused = other.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
    let gone = Entry { text: FORGOTTEN.to_owned(), ..entry(Some(1), "") };
    let body = serde_json::to_string(&gone).unwrap();
    other.execute("UPDATE entry SET body = ?1 WHERE number = 2", [body]).unwrap();
    let report = store.verify_audit().await.unwrap();
    assert_eq!((report.rows, report.forgotten, report.broken), (3, 1, None));
}

#[tokio::test]
async fn an_old_file_is_chained_from_its_first_entry() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("old.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(include_str!("schemas/3.sql")).unwrap();
    old.pragma_update(None, "user_version", 3).unwrap();
    for number in [1, 2, 7] {
        let body = serde_json::to_string(&entry(Some(1), &format!("旧 {number}"))).unwrap();
        let sql = "INSERT INTO entry (number, incident, at, kind, body) VALUES (?1, 1, ?2, 'told', ?3)";
        old.execute(sql, rusqlite::params![number, at(number).as_microsecond(), body]).unwrap();
    }
    drop(old);
    let store = SqliteStore::open(&path).unwrap();
    store.commit(vec![Change::Entry(entry(None, "新"))]).await.unwrap();
    let report = store.verify_audit().await.unwrap();
    assert_eq!((report.rows, report.broken), (4, None));
    tamper(&path, "UPDATE entry SET body = replace(body, '旧 2', '旧 3') WHERE number = 2");
    assert_eq!(store.verify_audit().await.unwrap().broken, Some((2, "content")));
}

#[tokio::test]
async fn files_are_kept_by_their_hash() {
    let folder = TempDir::new().unwrap();
    let (store, _) = filled(&folder, 1).await;
    let file = FileBody::of(b"abc".to_vec());
    let sha256 = file.sha256.clone();
    assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    store.commit(vec![Change::File(file.clone())]).await.unwrap();
    store.commit(vec![Change::File(file)]).await.unwrap();
    assert_eq!(store.file(&sha256).await.unwrap().as_deref(), Some(b"abc".as_slice()));
    assert_eq!(store.file("0").await.unwrap(), None);
}
