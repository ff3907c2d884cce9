//! Copies made beside a running daemon, put back when it is stopped.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use rusqlite::Connection;
use serde_json::json;
use yuqing::{
    desk::Change,
    store::{SqliteStore, Store as _, copy, verify},
};

use super::daemon::{Office, names, post};
use crate::store::rows;

#[test]
fn a_copy_beside_the_running_daemon_is_put_back_when_it_is_stopped() {
    let office = Office::new();
    let daemon = office.start();
    daemon.push(&json!([post("1", "急诊排队四小时没有人管", 10)]));
    let made = office.run(&["backup"]);
    assert_eq!(made.code(), 0, "{}", made.err());
    assert!(made.out().contains("已备份并核对"), "{}", made.out());
    let copies = names(&office.path("office/state/backups"));
    assert_eq!(copies.len(), 1, "{copies:?}");
    let copy = office.path("office/state/backups").join(&copies[0]);
    let copy = copy.to_str().unwrap();

    daemon.push(&json!([post("2", "食堂的饭菜里吃出了虫子，已经反映过三次", 10)]));
    let refused = office.run(&["restore", copy]);
    assert_eq!(refused.code(), 1);
    assert!(refused.err().contains(&format!("kill {}", daemon.pid())), "{}", refused.err());
    assert!(daemon.stop().success());

    let restored = office.run(&["--json", "restore", copy]);
    assert_eq!(restored.code(), 0, "{}", restored.err());
    let answer = &restored.json()[0];
    assert_eq!(answer["verified"]["rows"]["post"], 1);
    let aside = answer["aside"].as_str().unwrap();
    assert_eq!(verify(aside.as_ref()).unwrap().rows["post"], 2, "the database before is whole");
    assert_eq!(office.run(&["verify", aside]).code(), 0);

    let daemon = office.start();
    let found = office.run(&["--json", "verify"]).json();
    assert_eq!(found[0]["verified"]["rows"]["post"], 1);
    daemon.push(&json!([post("3", "门诊收费窗口上午只开了一个", 10)]));
    drop(daemon);
    assert_eq!(office.run(&["verify"]).code(), 0);
}

#[test]
fn old_copies_go_by_number_and_others_stay() {
    let office = Office::new();
    office.start().stop();
    let backups = office.path("office/state/backups");
    std::fs::create_dir_all(&backups).unwrap();
    for name in ["notes.txt", "yuqing-20200101T000000000Z.db", "other-20200101T000000000Z.db"] {
        std::fs::write(backups.join(name), "").unwrap();
    }
    for _ in 0..3 {
        assert_eq!(office.run(&["backup", "--keep", "2"]).code(), 0);
    }
    let left = names(&backups);
    assert_eq!(left.len(), 4, "{left:?}");
    assert!(!left.contains(&"yuqing-20200101T000000000Z.db".to_owned()));
    assert!(
        left.contains(&"notes.txt".to_owned()) && left.contains(&"other-20200101T000000000Z.db".to_owned())
    );
    let one = office.path("one.db");
    assert_eq!(office.run(&["backup", "--to", one.to_str().unwrap()]).code(), 0);
    assert_eq!(names(&backups).len(), 4, "a copy to a place of one's own deletes nothing");
    assert_eq!(office.run(&["backup", "--keep", "0"]).code(), 2);
}

/// The writer is not held up, and what is copied is one state although many commits come meanwhile.
#[test]
fn a_copy_is_one_state_of_a_database_that_is_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yuqing.db");
    let store = Arc::new(SqliteStore::open(&path).unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let story = |id: u64| {
        let mut changes = vec![Change::Incident(Box::new(rows::incident(id, 2)))];
        for number in 0..20 {
            let mut row = rows::post(id, &format!("{id}-{number}"));
            row.post.text = "长".repeat(2_000);
            changes.push(Change::Post(Box::new(row)));
        }
        changes
    };
    let first: Vec<Change> = (1..=100).flat_map(story).collect();
    runtime.block_on(store.commit(first)).unwrap();
    let (done, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(100)));
    let writing = {
        let (store, done, written) = (Arc::clone(&store), Arc::clone(&done), Arc::clone(&written));
        runtime.spawn(async move {
            while !done.load(Ordering::SeqCst) {
                store.commit(story(written.load(Ordering::SeqCst) + 1)).await.unwrap();
                written.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let to = folder.path().join("copy.db");
    let mut during = 0;
    for _ in 0..5 {
        let before = written.load(Ordering::SeqCst);
        let copied = copy(&path, &to).unwrap();
        let after = written.load(Ordering::SeqCst);
        during += after - before;
        let incidents = copied.rows["incident"];
        assert!((before..=after + 1).contains(&incidents), "{before} {incidents} {after}");
        assert_eq!(copied.rows["post"], incidents * 20);
    }
    assert!(during > 5, "only {during} commits were made during five copies");
    done.store(true, Ordering::SeqCst);
    runtime.block_on(writing).unwrap();
    assert_eq!(names(folder.path()).iter().filter(|name| name.starts_with("copy")).count(), 1);
}

fn stopped_with_a_story() -> Office {
    let office = Office::new();
    let daemon = office.start();
    daemon.push(&json!([post("1", "急诊排队四小时没有人管", 10)]));
    assert!(daemon.stop().success());
    office
}

#[test]
fn a_row_that_refers_to_nothing_or_cannot_be_read_is_named() {
    let office = stopped_with_a_story();
    assert_eq!(office.run(&["verify"]).code(), 0);
    let other = Connection::open(office.database()).unwrap();
    other
        .execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM incident; UPDATE post SET body = '{}';")
        .unwrap();
    drop(other);
    let found = office.run(&["verify"]);
    assert_eq!(found.code(), 1);
    let words = found.out();
    for part in
        ["有问题", "post 表 青川县人民医院 luntan/1: 它所指的 incident 不在了", "读不了", "yuqing restore"]
    {
        assert!(words.contains(part), "{part}: {words}");
    }
    let json = &office.run(&["--json", "verify"]).json()[0];
    assert_eq!(json["verified"]["ok"], false);
    let refused = office.run(&["backup"]);
    assert_eq!(refused.code(), 1, "what is not sound is no copy");
    assert_eq!(names(&office.path("office/state/backups")), [""; 0]);
}

#[test]
fn a_damaged_copy_is_not_put_back() {
    let office = stopped_with_a_story();
    let copy = office.path("copy.db");
    let copy = copy.to_str().unwrap();
    assert_eq!(office.run(&["backup", "--to", copy]).code(), 0);
    let mut torn = std::fs::read(copy).unwrap();
    let middle = torn.len() / 4096 * 2048 / 4096 * 4096;
    torn[middle..middle + 4096].fill(0xA5);
    std::fs::write(copy, &torn).unwrap();
    let before = std::fs::read(office.database()).unwrap();
    for arguments in [&["verify", copy][..], &["restore", copy]] {
        let ended = office.run(arguments);
        assert_eq!(ended.code(), 1, "{} {}", ended.out(), ended.err());
    }
    std::fs::write(copy, b"not a database at all, but long enough to be looked at").unwrap();
    assert_eq!(office.run(&["restore", copy]).code(), 1);
    assert_eq!(office.run(&["verify", copy]).code(), 1);
    assert_eq!(office.run(&["restore", "/nowhere.db"]).code(), 2);
    assert_eq!(std::fs::read(office.database()).unwrap(), before, "nothing has changed");
    assert!(
        !names(&office.path("office/state"))
            .iter()
            .any(|name| name.contains("incoming") || name.contains("before"))
    );
}
