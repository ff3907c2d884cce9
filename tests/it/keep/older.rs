//! Databases of every earlier schema, with rows as they were written then: each opens, is brought forward,
//! and runs.

use std::path::Path;

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use yuqing::{
    desk::{Desk, Setup},
    store::{SqliteStore, Store as _, schema, verify},
};

use super::daemon::{Office, post};
use crate::store::rows::{UNIT, at};

/// The schemas as they shipped, with the rows of that time.
const OLDER: [(&str, &str); 3] = [
    (include_str!("../store/schemas/1.sql"), include_str!("../../data/databases/schema_1.json")),
    (include_str!("../store/schemas/2.sql"), include_str!("../../data/databases/schema_2.json")),
    (include_str!("../store/schemas/3.sql"), include_str!("../../data/databases/schema_3.json")),
];

fn make(path: &Path, version: u32, sql: &str, rows: &str) {
    let rows: Value = serde_json::from_str(rows).unwrap();
    let body = |name: &str| rows[name].to_string();
    let time = at(0).as_microsecond();
    let old = Connection::open(path).unwrap();
    old.execute_batch(sql).unwrap();
    old.pragma_update(None, "user_version", version).unwrap();
    old.execute("INSERT INTO plan VALUES ('h', ?1)", [body("plan")]).unwrap();
    let incident = "INSERT INTO incident VALUES (1, ?1, 'open', 0, ?2, NULL, 'h', ?3)";
    old.execute(incident, params![UNIT, time, body("incident")]).unwrap();
    let post = "INSERT INTO post VALUES (1, ?1, 'luntan', '1', 1, ?2, ?3)";
    old.execute(post, params![UNIT, time, body("post")]).unwrap();
    old.execute("INSERT INTO observation VALUES (1, ?1, 1001, NULL, 3, NULL, 0)", [time]).unwrap();
    let deadline = "INSERT INTO deadline VALUES (?1, 1, 'response', 'running', ?2, ?3)";
    let due = at(86_400).as_microsecond();
    old.execute(deadline, params![rows["deadline"]["key"].as_str(), due, body("deadline")]).unwrap();
    let notice = "INSERT INTO notice VALUES (1, ?1, 1, 'alert', '总值班室', 'email', 3, 'pending', ?2, ?3, ?3, ?3, 0, NULL, ?4)";
    old.execute(notice, params![rows["notice"]["id"].as_str(), body("standing"), time, body("notice")])
        .unwrap();
    old.execute("INSERT INTO entry VALUES (1, 1, ?1, 'opened', ?2)", params![time, body("entry")]).unwrap();
    old.execute("INSERT INTO desk VALUES (1, ?1)", [body("desk")]).unwrap();
    old.execute("INSERT INTO source VALUES ('某论坛', NULL, 'ok', ?1)", [body("source")]).unwrap();
}

#[test]
fn every_earlier_schema_but_the_present_has_its_rows_here() {
    assert_eq!(
        u32::try_from(OLDER.len() + 1).unwrap(),
        schema::known(),
        "freeze the rows of the schema before"
    );
}

#[tokio::test]
async fn each_is_brought_forward_with_all_that_it_holds() {
    let folder = tempfile::tempdir().unwrap();
    for (version, (sql, rows)) in (1..).zip(OLDER) {
        let path = folder.path().join(format!("{version}.db"));
        make(&path, version, sql, rows);
        let before = verify(&path).unwrap();
        assert_eq!((before.schema, before.faults), (version, Vec::new()), "schema {version} as it is");
        let store = SqliteStore::open(&path).unwrap();
        let restored = store.restore().await.unwrap();
        assert_eq!(restored.incidents[0].gist, "急诊排队四小时");
        assert_eq!((restored.posts.len(), restored.looks[0].len()), (1, 1));
        assert_eq!((restored.deadlines.len(), restored.notices.len()), (1, 1));
        let desk = Desk::new(Setup::default(), restored, at(60));
        assert!(desk.next_due().is_some() || desk.open_incidents() <= 1);
        let waiting = store.outgoing(at(10), 9).await.unwrap();
        assert_eq!(waiting.len(), 1, "what waited goes out");
        drop(store);
        let after = verify(&path).unwrap();
        assert_eq!((after.schema, after.faults), (schema::known(), Vec::new()));
    }
}

#[test]
fn the_daemon_runs_on_each() {
    for (version, (sql, rows)) in (1..).zip(OLDER) {
        let office = Office::new();
        std::fs::create_dir_all(office.path("office/state")).unwrap();
        make(&office.database(), version, sql, rows);
        let daemon = office.start();
        daemon.push(&json!([post("2", "食堂的饭菜里吃出了虫子，已经反映过三次", 10)]));
        assert!(daemon.get("/incidents/1").contains("急诊排队四小时"), "schema {version}");
        assert!(daemon.stop().success());
        let found = &office.run(&["--json", "verify"]).json()[0]["verified"];
        assert_eq!(
            (&found["ok"], &found["rows"]["post"]),
            (&json!(true), &json!(2)),
            "schema {version}: {found}"
        );
    }
}
