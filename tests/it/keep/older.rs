//! Databases of every earlier schema, with rows as they were written then: each opens, is brought forward,
//! and runs.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use yuqing::{
    desk::{Desk, Setup},
    store::{SqliteStore, Store as _, schema, verify},
};

use super::daemon::{Office, post};
use crate::store::rows::{UNIT, at};

/// The schemas as they shipped, with the rows of that time.
const OLDER: [(&str, &str); 8] = [
    (include_str!("../store/schemas/1.sql"), include_str!("../../data/databases/schema_1.json")),
    (include_str!("../store/schemas/2.sql"), include_str!("../../data/databases/schema_2.json")),
    (include_str!("../store/schemas/3.sql"), include_str!("../../data/databases/schema_3.json")),
    (include_str!("../store/schemas/4.sql"), include_str!("../../data/databases/schema_4.json")),
    (include_str!("../store/schemas/5.sql"), include_str!("../../data/databases/schema_5.json")),
    (include_str!("../store/schemas/6.sql"), include_str!("../../data/databases/schema_6.json")),
    (include_str!("../store/schemas/7.sql"), include_str!("../../data/databases/schema_7.json")),
    // Its rows are those of 7.
    (include_str!("../store/schemas/8.sql"), include_str!("../../data/databases/schema_7.json")),
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
    let post = "INSERT INTO post (number, unit, site, id, incident, first_seen_at, body)
                VALUES (1, ?1, 'luntan', '1', 1, ?2, ?3)";
    old.execute(post, params![UNIT, time, body("post")]).unwrap();
    if version < 5 {
        old.execute("INSERT INTO observation VALUES (1, ?1, 1001, NULL, 3, NULL, 0)", [time]).unwrap();
    } else {
        // The same look, packed: at the key, views 1001, comments 3.
        old.execute("INSERT INTO observation VALUES (1, ?1, 1, x'0022d20f06')", [time]).unwrap();
    }
    let deadline = "INSERT INTO deadline VALUES (?1, 1, 'response', 'running', ?2, ?3)";
    let due = at(86_400).as_microsecond();
    old.execute(deadline, params![rows["deadline"]["key"].as_str(), due, body("deadline")]).unwrap();
    let notice = "INSERT INTO notice VALUES (1, ?1, 1, 'alert', '总值班室', 'email', 3, 'pending', ?2, ?3, ?3, ?3, 0, NULL, ?4)";
    old.execute(notice, params![rows["notice"]["id"].as_str(), body("standing"), time, body("notice")])
        .unwrap();
    let entry = "INSERT INTO entry (number, incident, at, kind, body) VALUES (1, 1, ?1, 'opened', ?2)";
    if version < 4 {
        old.execute(entry, params![time, body("entry")]).unwrap();
    } else {
        old.execute(entry, params![time, rows["entry_body"].as_str()]).unwrap();
        let hash = |nth: usize| hex::decode(rows["entry_hashes"][nth].as_str().unwrap()).unwrap();
        old.execute("UPDATE entry SET body_hash = ?1, hash = ?2", params![hash(0), hash(1)]).unwrap();
    }
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

/// systemd gives up a start that takes too long, and begins it anew; so it is asked for more time from the first moment.
#[test]
fn a_start_asks_its_supervisor_for_time() {
    let office = Office::new();
    let socket = office.path("supervisor");
    let supervisor = std::os::unix::net::UnixDatagram::bind(&socket).unwrap();
    supervisor.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.args(["run", "--listen", "127.0.0.1:0", "--office"]).arg(office.path("office"));
    command.env("NOTIFY_SOCKET", &socket).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut daemon = command.spawn().unwrap();
    let mut said = Vec::new();
    while !said.iter().any(|words: &String| words.contains("READY=1")) {
        let mut words = [0; 512];
        let length = supervisor.recv(&mut words).unwrap();
        said.push(String::from_utf8_lossy(&words[..length]).into_owned());
    }
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert!(said[0].contains("EXTEND_TIMEOUT_USEC=90000000"), "{said:?}");
}

/// Looks in the database of schema 4 that a start is killed over.
const LOOKS: i64 = 300_000;

/// The schema of a file and, of schema 4, what its looks add up to.
fn looks_of_4(path: &Path) -> (u32, i64, i64) {
    let file = Connection::open(path).unwrap();
    let schema = file.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let sum = "SELECT count(*), sum(at % 1000003 * 7 + views) FROM observation";
    let (looks, sum) = file.query_row(sum, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap_or_default();
    (schema, looks, sum)
}

/// Starts the daemon on the database and kills it when the packing of observations shows in the log of the file.
/// False when the daemon was faster.
fn killed_while_it_packs(office: &Office) -> bool {
    let log = office.path("office/state/yuqing.db-wal");
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.args(["run", "--listen", "127.0.0.1:0", "--office"]).arg(office.path("office"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut daemon = command.spawn().unwrap();
    while std::fs::metadata(&log).map_or(0, |file| file.len()) < 1_000_000 {
        assert!(daemon.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    looks_of_4(&office.database()).0 == 4
}

/// The migration that packs observations is the only one that may take long: it is done whole or not at all.
#[tokio::test]
async fn a_start_that_is_killed_while_it_packs_observations_leaves_them_whole() {
    let (sql, rows) = OLDER[3];
    let office = (0..5).map(|_| {
        let office = Office::new();
        std::fs::create_dir_all(office.path("office/state")).unwrap();
        make(&office.database(), 4, sql, rows);
        let old = Connection::open(office.database()).unwrap();
        let fill = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?2)
                    INSERT INTO observation SELECT 1, ?1 + n * 300000017, 1000 + n, NULL, n / 7, NULL, 0 FROM n";
        old.execute(fill, [at(0).as_microsecond(), LOOKS]).unwrap();
        (killed_while_it_packs(&office), office)
    });
    let killed = office.into_iter().find(|(killed, _)| *killed);
    let (_, office) = killed.expect("the daemon is never caught packing");
    let before = looks_of_4(&office.database());
    assert_eq!((before.0, before.1), (4, LOOKS + 1));

    let store = SqliteStore::open(&office.database()).unwrap();
    let looks = store.incident(yuqing::model::IncidentId(1)).await.unwrap().unwrap().observations;
    let sum = looks
        .iter()
        .map(|look| look.at.as_microsecond() % 1_000_003 * 7 + look.views.unwrap().value.cast_signed());
    assert_eq!((4, i64::try_from(looks.len()).unwrap(), sum.sum()), before);
    drop(store);
    let after = verify(&office.database()).unwrap();
    assert_eq!(
        (after.schema, after.rows["observation"].cast_signed(), after.faults),
        (schema::known(), before.1, vec![])
    );
}
