//! The disk fails under the daemon: it says so, confirms nothing that it could not write, and goes on by
//! itself.

use std::process::Command;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::daemon::{Daemon, Office, answer, post};

/// Files of the process may grow to this many bytes; `None` is without end.
fn limit(daemon: &Daemon, bytes: Option<u64>) {
    let soft = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
    let pid = daemon.pid().to_string();
    let set = Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={soft}:")]).status().unwrap();
    assert!(set.success());
}

fn count(office: &Office, sql: &str) -> i64 {
    let connection = Connection::open(office.database()).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn many(from: u32) -> Value {
    let posts = (from..from + 40).map(|n| {
        post(
            &n.to_string(),
            &format!("第{n}件事情说的是{}", format!("食堂门诊收费停车挂号{n}").repeat(60)),
            10,
        )
    });
    Value::Array(posts.collect())
}

/// Fills the room that there is. What was confirmed, and the one that waits.
fn fill(office: &Office, daemon: &Daemon) -> (i64, std::net::TcpStream) {
    daemon.push(&many(0));
    let files = ["yuqing.db", "yuqing.db-wal"]
        .map(|name| std::fs::metadata(office.path("office/state").join(name)).map_or(0, |file| file.len()));
    limit(daemon, files.into_iter().max().map(|most| most + 8 * 1024));
    let waiting = daemon.begin_push(&many(1_000));
    daemon.says(|line| line.contains("the disk takes no writes"));
    (40, waiting)
}

#[test]
fn a_full_disk_is_told_loses_nothing_and_is_got_over() {
    let office = Office::new();
    let daemon = office.start();
    let (confirmed, waiting) = fill(&office, &daemon);
    let status = office.run(&["status"]);
    assert_eq!(status.code(), 1, "{}", status.out());
    assert!(status.out().contains("磁盘写不进去"), "{}", status.out());
    assert_eq!(office.run(&["--json", "status"]).json().last().unwrap()["trouble"], "full");
    assert_eq!(count(&office, "SELECT count(*) FROM post"), confirmed, "nothing by halves");

    limit(&daemon, None);
    assert!(answer(waiting).starts_with("HTTP/1.1 200"), "what waited is confirmed once it is written");
    daemon.says(|line| line.contains("the disk takes writes again"));
    daemon.push(&json!([post("last", "住院部的电梯坏了两天没有人修", 10)]));
    assert_eq!(count(&office, "SELECT count(*) FROM post"), 81);
    let told = "SELECT count(*) FROM notice WHERE kind = 'operations' AND instr(body, 'store/disk') > 0";
    assert!(count(&office, told) >= 2, "the administrators hear of both");
    assert_eq!(office.run(&["--json", "status"]).json().last().unwrap()["trouble"], "");
    assert!(daemon.stop().success());
    assert_eq!(office.run(&["verify"]).code(), 0);
}

#[test]
fn killed_on_a_full_disk_it_has_what_it_confirmed() {
    let office = Office::new();
    let daemon = office.start();
    let (confirmed, waiting) = fill(&office, &daemon);
    daemon.kill();
    drop(waiting);
    assert_eq!(office.run(&["verify"]).code(), 0);
    assert_eq!(count(&office, "SELECT count(*) FROM post"), confirmed);
    let daemon = office.start();
    daemon.push(&many(1_000));
    assert_eq!(count(&office, "SELECT count(*) FROM post"), confirmed + 40);
}

#[cfg(unix)]
#[test]
fn a_database_that_may_not_be_written_is_told_at_the_start() {
    use std::os::unix::fs::PermissionsExt as _;
    let office = Office::new();
    office.start().stop();
    let state = office.path("office/state");
    let rights = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for entry in std::fs::read_dir(&state).unwrap() {
        let path = entry.unwrap().path();
        rights(&path, if path.is_dir() { 0o777 } else { 0o444 });
    }
    rights(&state, 0o755);
    rights(&office.path(""), 0o755);
    // Whoever is root is nobody for this.
    let probe = office.path("office/state/yuqing.db");
    let root = std::fs::OpenOptions::new().write(true).open(&probe).is_ok();
    let refused = if root {
        office.run_under("setpriv", &["--reuid=65534", "--regid=65534", "--clear-groups"], &["run"])
    } else {
        office.run(&["run"])
    };
    assert_eq!(refused.code(), 1, "{}", refused.err());
    assert!(refused.err().contains("数据库不能写") && refused.err().contains("权限"), "{}", refused.err());
    rights(&state, 0o755);
}
