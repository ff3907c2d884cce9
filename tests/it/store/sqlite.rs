//! What is the embedded engine's own: the file, its lock, its schema, a full disk, group commit.

use std::{path::Path, sync::Arc};

use rusqlite::Connection;
use tempfile::TempDir;
use yuqing::{
    desk::Change,
    model::{Count, IncidentId, Plan},
    store::{IncidentFilter, Options, SqliteStore, Store, StoreError, Unsound, schema, verify},
};

use super::{
    conformance,
    rows::{entry, incident, observation, post},
};

fn open(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(&folder.path().join("yuqing.db")).unwrap()
}

#[tokio::test]
async fn it_does_what_every_engine_must() {
    let folder = TempDir::new().unwrap();
    let mut number = 0;
    conformance::all(|| {
        number += 1;
        SqliteStore::open(&folder.path().join(format!("{number}.db"))).unwrap()
    })
    .await;
    assert!(number >= 15);
}

#[tokio::test]
async fn a_plan_without_tiers_is_a_damaged_row() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.commit(vec![Change::Incident(Box::new(incident(1, 2)))]).await.unwrap();
    let path = folder.path().join("yuqing.db");
    let empty = serde_json::to_string(&Plan::default()).unwrap();
    Connection::open(&path).unwrap().execute("UPDATE plan SET body = ?1", [empty]).unwrap();
    let error = store.incident(IncidentId(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { table: "plan", .. }), "{error}");
    let faults = verify(&path).unwrap().faults;
    let [Unsound::Unreadable { table: "plan", why, .. }] = &faults[..] else { panic!("{faults:?}") };
    assert!(why.contains("without tiers"), "{why}");
}

#[tokio::test]
async fn what_was_committed_is_there_after_reopening() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.commit(vec![Change::Incident(Box::new(incident(1, 2)))]).await.unwrap();
    drop(store);
    assert!(open(&folder).incident(IncidentId(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_second_opener_is_refused_and_a_reader_is_not() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let path = folder.path().join("yuqing.db");
    let refused = SqliteStore::open(&path).unwrap_err();
    assert!(
        matches!(&refused, StoreError::Held { holder: Some(holder), .. } if holder.pid == std::process::id())
    );
    assert_eq!(
        refused.to_string(),
        format!("another yuqing already runs on this database: {}", path.display())
    );
    store.commit(vec![Change::Entry(entry(None, "启动"))]).await.unwrap();
    let reader = SqliteStore::open_read_only(&path).unwrap();
    assert_eq!(reader.entries(9).await.unwrap().len(), 1);
    assert!(matches!(reader.set_value("k", String::new()).await, Err(StoreError::ReadOnly(_))));
    drop(store);
    SqliteStore::open(&path).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_the_daemon_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.ping().await.unwrap();
    store.set_value("k", "v".to_owned()).await.unwrap();
    for name in ["yuqing.db", "yuqing.db-wal"] {
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// Requests of many callers, some of which cannot be written: each gets its own answer, and those of
/// one caller are written in the order in which it made them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_bad_request_in_a_group_fails_alone() {
    let folder = TempDir::new().unwrap();
    let store = Arc::new(open(&folder));
    let requests = (0..200_u32).map(|number| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut changes = vec![Change::Entry(entry(None, &number.to_string()))];
            if number % 10 == 3 {
                changes.push(Change::Observation(observation("nobody's", 0, None)));
            }
            store.commit(changes).await.is_ok()
        })
    });
    let mut accepted = Vec::new();
    for (number, request) in requests.collect::<Vec<_>>().into_iter().enumerate() {
        if request.await.unwrap() {
            accepted.push(number.to_string());
        }
    }
    assert_eq!(accepted.len(), 180);
    let mut kept: Vec<_> = store.entries(999).await.unwrap().into_iter().map(|one| one.text).collect();
    kept.sort_by_key(|text| text.parse::<u32>().unwrap());
    assert_eq!(kept, accepted);
}

/// The requests of a round are polled, and so queued, in this order before any is answered (few enough
/// for one turn of the runtime).
#[tokio::test]
async fn a_group_keeps_the_order_of_its_requests() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let texts: Vec<String> = (0..300).map(|number| number.to_string()).collect();
    for round in texts.chunks(30) {
        let requests = round.iter().map(|text| store.commit(vec![Change::Entry(entry(None, text))]));
        for result in futures_util::future::join_all(requests).await {
            result.unwrap();
        }
    }
    let kept: Vec<_> = store.entries(999).await.unwrap().into_iter().rev().map(|one| one.text).collect();
    assert_eq!(kept, texts);
}

fn a_lot(id: u64) -> Vec<Change> {
    let mut rows = vec![Change::Incident(Box::new(incident(id, 2)))];
    for number in 0..20 {
        let name = format!("{id}-{number}");
        let mut row = post(id, &name);
        row.post.text = "长".repeat(2_000);
        rows.push(Change::Post(Box::new(row)));
        rows.push(Change::Observation(observation(&name, 0, Some(Count::exact(1)))));
    }
    rows
}

/// The disk fills up under the daemon, and is given room again while it runs on.
#[tokio::test]
async fn a_full_disk_writes_nothing_by_halves_and_recovers() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("yuqing.db");
    let store =
        SqliteStore::open_with(&path, Options { max_pages: Some(200), ..Options::default() }).unwrap();
    let mut written = 0;
    let error = loop {
        match store.commit(a_lot(written + 1)).await {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 100, "the bound is never reached");
    };
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    assert!(error.to_string().starts_with("the disk is full"), "{error}");
    let found = store.restore().await.unwrap();
    assert_eq!(found.incidents.len() as u64, written);
    assert_eq!(found.posts.len() as u64, written * 20);
    store.ping().await.unwrap();

    // Room is made by another hand.
    let other = Connection::open(&path).unwrap();
    other.execute_batch("PRAGMA foreign_keys = ON; DELETE FROM post WHERE incident = 1").unwrap();
    store.commit(a_lot(written + 1)).await.unwrap();
    let after = store.incident(IncidentId(written + 1)).await.unwrap().unwrap();
    assert_eq!((after.posts.len(), after.observations.len()), (20, 20));
}

#[tokio::test]
async fn a_backup_is_a_whole_database() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.commit(a_lot(1)).await.unwrap();
    let copy = folder.path().join("copy.db");
    store.backup(&copy).await.unwrap();
    store.commit(a_lot(2)).await.unwrap();
    store.backup(&copy).await.unwrap();
    assert!(!folder.path().join("copy.db.partial").exists());
    let copied = SqliteStore::open(&copy).unwrap();
    assert_eq!(copied.incidents(IncidentFilter::default()).await.unwrap().len(), 2);
    assert_eq!(
        format!("{:?}", copied.restore().await.unwrap()),
        format!("{:?}", store.restore().await.unwrap())
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_named() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    store.commit(a_lot(1)).await.unwrap();
    let other = Connection::open(folder.path().join("yuqing.db")).unwrap();
    other.execute("UPDATE post SET body = '{' WHERE number = 3", []).unwrap();
    let error = store.restore().await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { table: "post", .. }), "{error}");
}

/// Everything that makes up a schema, in words that do not depend on how it came about.
fn shape(path: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(path).unwrap();
    let mut statement =
        connection.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY name").unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let plain = |sql: String| sql.split_whitespace().collect::<Vec<_>>().join(" ");
    rows.map(|row| row.map(|(name, sql)| (name, plain(sql))).unwrap()).collect()
}

/// The schemas as they shipped, frozen: `schemas/N.sql` is never edited once released, so an edit of an
/// old migration shows here.
const SHIPPED: &[&str] = &[
    include_str!("schemas/1.sql"),
    include_str!("schemas/2.sql"),
    include_str!("schemas/3.sql"),
    include_str!("schemas/4.sql"),
    include_str!("schemas/5.sql"),
    include_str!("schemas/6.sql"),
    include_str!("schemas/7.sql"),
    include_str!("schemas/8.sql"),
    include_str!("schemas/9.sql"),
];

#[test]
fn every_older_schema_brought_forward_equals_a_fresh_one() {
    assert_eq!(u32::try_from(SHIPPED.len()).unwrap(), schema::known(), "freeze the new schema in schemas/");
    let folder = TempDir::new().unwrap();
    let fresh = folder.path().join("fresh.db");
    drop(SqliteStore::open(&fresh).unwrap());
    assert!(shape(&fresh).len() > 10);
    for (version, sql) in (1_u32..).zip(SHIPPED) {
        let path = folder.path().join(format!("{version}.db"));
        let old = Connection::open(&path).unwrap();
        old.execute_batch(sql).unwrap();
        old.pragma_update(None, "user_version", version).unwrap();
        drop(old);
        drop(SqliteStore::open(&path).unwrap());
        assert_eq!(shape(&path), shape(&fresh), "from schema {version}");
    }
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("yuqing.db");
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    assert!(shape(&path).is_empty());
}

/// Both halves of the outbox's question are answered in the order of an index, without sorting.
#[tokio::test]
async fn the_outbox_is_read_in_the_order_of_its_indexes() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder);
    let file = Connection::open(folder.path().join("yuqing.db")).unwrap();
    for (index, overdue, order) in
        [("INDEXED BY outbox_grave", "<", "rank DESC, due_at"), ("", ">=", "due_at")]
    {
        let sql = format!(
            "EXPLAIN QUERY PLAN SELECT body, standing, attempts, next_attempt_at FROM notice {index}
             WHERE state = 'pending' AND channel = ?1 AND next_attempt_at <= ?2 AND due_at {overdue} ?2
             ORDER BY {order}, number LIMIT ?3"
        );
        let mut statement = file.prepare(&sql).unwrap();
        let steps =
            statement.query_map(rusqlite::params!["email", 0, 9], |row| row.get::<_, String>(3)).unwrap();
        let plan: Vec<String> = steps.map(Result::unwrap).collect();
        assert!(plan.len() == 1 && plan[0].contains("USING INDEX outbox_"), "{plan:?}");
    }
    // What the store asks names the index as well: left to itself the engine would sort.
    let (channel, now) = (yuqing::model::ChannelKind::Email, super::rows::at(0));
    assert_eq!(store.outgoing_on(channel, now, 9).await.unwrap(), []);
    file.execute_batch("DROP INDEX outbox_grave").unwrap();
    let error = store.outgoing_on(channel, now, 9).await.unwrap_err();
    assert!(error.to_string().contains("outbox_grave"), "{error}");
}
