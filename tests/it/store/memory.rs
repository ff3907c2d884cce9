//! The store in memory keeps what every engine keeps; calls can be made to fail before and after the write.

use std::sync::{Arc, Mutex};

use yuqing::{
    desk::Change,
    model::Entry,
    store::{Call, Faulty, IncidentFilter, MemoryDisk, MemoryStore, SqliteStore, Store, StoreError, Strike},
};

use super::{
    conformance,
    rows::{entry, incident},
};

#[tokio::test]
async fn it_passes_the_conformance_suite() {
    conformance::all(|| MemoryStore::open(&MemoryDisk::default()).unwrap()).await;
}

#[tokio::test]
async fn so_it_does_behind_calls_that_could_fail() {
    let open = || Arc::new(MemoryStore::open(&MemoryDisk::default()).unwrap());
    conformance::all(|| Faulty::new(open(), Arc::new(|_| Strike::None))).await;
}

#[tokio::test]
async fn one_store_has_the_disk_and_the_next_finds_its_rows() {
    let disk = MemoryDisk::default();
    let first = MemoryStore::open(&disk).unwrap();
    assert!(matches!(MemoryStore::open(&disk), Err(StoreError::Locked(_))));
    first.commit(vec![Change::Incident(Box::new(incident(1, 2)))]).await.unwrap();
    drop(first);
    let second = MemoryStore::open(&disk).unwrap();
    assert_eq!(second.restore().await.unwrap().incidents, [incident(1, 2)]);
}

#[tokio::test]
async fn a_call_fails_before_the_write_or_after_it() {
    let next = Arc::new(Mutex::new(Strike::Before));
    let shared = Arc::clone(&next);
    let strike = move |call| if call == Call::Commit { *shared.lock().unwrap() } else { Strike::None };
    let store = Faulty::new(Arc::new(MemoryStore::open(&MemoryDisk::default()).unwrap()), Arc::new(strike));
    let row = || vec![Change::Incident(Box::new(incident(1, 2)))];
    let kept = async || store.incidents(IncidentFilter::default()).await.unwrap().len();
    assert!(store.commit(row()).await.is_err());
    assert_eq!(kept().await, 0);
    *next.lock().unwrap() = Strike::After;
    assert!(store.commit(row()).await.is_err());
    assert_eq!(kept().await, 1);
}

#[tokio::test]
async fn a_commit_that_failed_after_the_write_is_tried_again_and_written_once() {
    let first = Arc::new(Mutex::new(Strike::After));
    let strike = move |call| match call {
        Call::Commit => std::mem::replace(&mut *first.lock().unwrap(), Strike::None),
        _ => Strike::None,
    };
    let folder = tempfile::tempdir().unwrap();
    let real = Arc::new(SqliteStore::open(&folder.path().join("yuqing.db")).unwrap());
    let store = Faulty::new(real.clone(), Arc::new(strike));
    let act = Entry { kind: Entry::ACT.to_owned(), ..entry(Some(1), "{}") };
    let row = || vec![Change::Entry(entry(Some(1), "立案")), Change::Entry(act.clone())];
    assert!(store.commit_numbered(1, row()).await.is_err());
    store.commit_numbered(1, row()).await.unwrap();
    let audit = real.verify_audit().await.unwrap();
    assert_eq!((audit.rows, audit.broken), (2, None), "one row of the timeline, one act");
}
