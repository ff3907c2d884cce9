//! Room is given back to the disk: by the sweep in new files, by `compact` in those that an older version made.

use std::path::Path;

use rusqlite::Connection;
use yuqing::{
    desk::Change,
    model::{IncidentState, Retention},
    store::{SqliteStore, Store as _, StoreError, compact, copy, verify},
};

use super::daemon::Office;
use crate::store::rows::{at, incident, post};

/// Archived incidents that nobody was told of, and one that is open: some megabytes.
async fn fill(store: &SqliteStore) {
    for id in 1..=60 {
        let mut row = incident(id, 0);
        if id > 1 {
            row.state = IncidentState::Archived;
        }
        let mut rows = vec![Change::Incident(Box::new(row))];
        for number in 0..20 {
            let mut member = post(id, &format!("{id}-{number}"));
            member.post.text = format!("第{id}件第{number}帖").repeat(300);
            rows.push(Change::Post(Box::new(member)));
        }
        store.commit(rows).await.unwrap();
    }
}

async fn swept(store: &SqliteStore) -> yuqing::store::Swept {
    let mut gone = yuqing::store::Swept::default();
    loop {
        let step = store.sweep(Retention::default(), at(400 * 86_400)).await.unwrap();
        if step.is_empty() {
            return gone;
        }
        gone = gone.and(step);
    }
}

fn pragma(path: &Path, name: &str) -> i64 {
    Connection::open(path).unwrap().pragma_query_value(None, name, |row| row.get(0)).unwrap()
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}

#[tokio::test]
async fn a_new_file_shrinks_by_itself_and_its_copies_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yuqing.db");
    let store = SqliteStore::open(&path).unwrap();
    fill(&store).await;
    drop(store);
    let before = size(&path);
    let copied = folder.path().join("copy.db");
    copy(&path, &copied).unwrap();
    assert_eq!((pragma(&path, "auto_vacuum"), pragma(&copied, "auto_vacuum")), (2, 2));
    for path in [&path, &copied] {
        let store = SqliteStore::open(path).unwrap();
        let gone = swept(&store).await;
        assert_eq!(gone.incidents, 59);
        assert!(gone.pages > 500, "{gone:?}");
        drop(store);
        assert!(size(path) < before / 4 * 3, "{before} → {}", size(path));
        assert!(pragma(path, "freelist_count") <= 1_024, "a little is kept for what comes");
        assert_eq!(verify(path).unwrap().faults, []);
    }
}

/// A file as versions before schema 8 made it.
async fn older(path: &Path) {
    drop(SqliteStore::open(path).unwrap());
    let file = Connection::open(path).unwrap();
    file.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM").unwrap();
    drop(file);
    let store = SqliteStore::open(path).unwrap();
    fill(&store).await;
    assert_eq!(swept(&store).await.pages, 0);
    drop(store);
    assert_eq!(pragma(path, "auto_vacuum"), 0);
}

#[tokio::test]
async fn an_older_file_is_written_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yuqing.db");
    older(&path).await;
    // What a killed one left behind does no harm.
    std::fs::write(folder.path().join("yuqing.db.compact"), "half").unwrap();
    let (before, rows) = (size(&path), verify(&path).unwrap().rows);
    let store = SqliteStore::open(&path).unwrap();
    assert!(!store.kept(at(0)).await.unwrap().gives_back);
    let held = compact(&path, |_| panic!("the daemon runs")).unwrap_err();
    assert!(matches!(held, StoreError::Held { .. }), "{held}");
    drop(store);
    let mut said = None;
    let done = compact(&path, |plan| said = Some(*plan)).unwrap();
    let said = said.unwrap();
    assert_eq!((said.before, done.before, done.after), (before, before, size(&path)));
    assert!(done.after < before / 2 && done.after <= said.after, "{done:?} {said:?}");
    assert_eq!((pragma(&path, "auto_vacuum"), pragma(&path, "freelist_count")), (2, 0));
    let found = verify(&path).unwrap();
    assert_eq!((found.rows, found.faults), (rows, Vec::new()));
    let left: Vec<String> = super::daemon::names(folder.path());
    assert_eq!(left, ["yuqing.db", "yuqing.db.lock"]);
    let store = SqliteStore::open(&path).unwrap();
    assert!(store.kept(at(0)).await.unwrap().gives_back);
}

/// Killed while it writes, it leaves the database as it was; the next one ends the work.
#[tokio::test]
async fn a_compaction_that_is_killed_leaves_a_whole_database() {
    let office = Office::new();
    let path = office.database();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    older(&path).await;
    let (before, rows) = (size(&path), verify(&path).unwrap().rows);
    let fresh = path.with_file_name("yuqing.db.compact");
    let mut killed = 0;
    for _ in 0..20 {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_yuqing"));
        command.args(["compact", "--office"]).arg(office.path("office"));
        let mut running = command.stdout(std::process::Stdio::null()).spawn().unwrap();
        while !fresh.exists() && running.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        running.kill().unwrap();
        running.wait().unwrap();
        let found = verify(&path).unwrap();
        assert_eq!((&found.rows, found.faults), (&rows, Vec::new()));
        if size(&path) < before {
            break;
        }
        killed += 1;
    }
    assert!(killed > 0, "never caught at work");
    assert_eq!(office.run(&["compact"]).code(), 0);
    assert!(size(&path) < before && !fresh.exists());
}

#[tokio::test]
async fn a_damaged_file_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yuqing.db");
    older(&path).await;
    Connection::open(&path).unwrap().execute("UPDATE incident SET body = '{}'", []).unwrap();
    let before = std::fs::read(&path).unwrap();
    let error = compact(&path, |_| ()).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
    assert!(std::fs::read(&path).unwrap() == before);
    assert!(!folder.path().join("yuqing.db.compact").exists());
}

#[test]
fn the_commands_say_what_they_do() {
    let office = Office::new();
    let missing = office.run(&["retention"]);
    assert_eq!(missing.code(), 2, "{}", missing.err());
    let daemon = office.start();
    let refused = office.run(&["compact"]);
    assert_eq!(refused.code(), 1);
    assert!(refused.err().contains(&format!("kill {}", daemon.pid())), "{}", refused.err());
    let beside = office.run(&["retention"]);
    assert_eq!(beside.code(), 0, "{}", beside.err());
    assert!(beside.out().contains("归档的命中帖子") || beside.out().contains("证据"), "{}", beside.out());
    assert!(beside.out().contains("没有限定磁盘用量"), "{}", beside.out());
    assert!(daemon.stop().success());
    let done = office.run(&["compact"]);
    assert_eq!(done.code(), 0, "{}", done.err());
    assert!(done.out().contains("已重写并核对"), "{}", done.out());
    let json = office.run(&["--json", "retention"]).json();
    assert_eq!((&json[0]["kept"]["gives_back"], &json[0]["plan"]), (&true.into(), &serde_json::Value::Null));
    assert_eq!(office.run(&["compact", "--database", "/nowhere/yuqing.db"]).code(), 2);
}
