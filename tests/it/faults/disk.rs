//! A disk that is truly full: the state lies on a small file system in memory of its own. Only in `tests/long`:
//! it needs a kernel that lets anybody mount one.

use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;

use super::{
    office::{self, UNIT},
    process::{Program, count},
};
use crate::support::mail::MailServer;

/// What a query counts in a copy of the database: SQLite itself would follow the link to the process's root out
/// of its file system.
fn counted(inside: &Path, sql: &str) -> i64 {
    let copy = tempfile::tempdir().unwrap();
    for name in ["yuqing.db", "yuqing.db-wal"] {
        std::fs::copy(inside.join(name), copy.path().join(name)).unwrap();
    }
    count(&copy.path().join("yuqing.db"), sql)
}

const SIZE_MB: u32 = 48;
const BALLAST_MB: u32 = 16;

fn posts(from: u32) -> Value {
    let one = |n: u32| {
        let text = format!("{UNIT}第{n}件事情说的是{}", format!("食堂门诊收费停车挂号{n}").repeat(60));
        json!({ "site": "luntan", "site_kind": "forum", "id": n.to_string(), "text": text, "views": 10 })
    };
    (from..from + 200).map(one).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "mounts a file system; tests/long runs it"]
async fn on_a_full_file_system_nothing_confirmed_is_lost_and_it_goes_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let mail = MailServer::start().await;
    let (office, state) = (folder.path().join("office"), folder.path().join("state"));
    std::fs::create_dir(&office).unwrap();
    std::fs::create_dir(&state).unwrap();
    office::write(&office, mail.address.port(), 9, "30s", "");
    let script = format!(
        "mount -t tmpfs -o size={SIZE_MB}m tmpfs \"$1\" && \
         dd if=/dev/zero of=\"$1/ballast\" bs=1M count={BALLAST_MB} status=none && \
         exec \"$2\" run --json --listen 127.0.0.1:0 --office \"$3\" --state \"$1\""
    );
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"]);
    command.arg(&state).arg(env!("CARGO_BIN_EXE_yuqing")).arg(&office);
    let mut program = Program::start(command).await;
    // Its file system is seen from outside under its process.
    let inside = std::path::PathBuf::from(format!("/proc/{}/root{}", program.pid(), state.display()));
    let mut confirmed: u32 = 0;
    // A push is answered when it is durable; the first that is not answered waits for room.
    loop {
        let push = program.begin_push(&posts(confirmed));
        tokio::select! {
            biased;
            answer = push => assert!(answer.unwrap().status().is_success()),
            _ = program.says_one_of(&["a commit failed", "the disk takes no writes"]) => break,
        }
        confirmed += 200;
        assert!(confirmed < 100_000, "the disk is never full");
    }
    let kept = "SELECT count(*) FROM post";
    assert!(counted(&inside, kept) >= i64::from(confirmed), "what was confirmed is there");
    std::fs::remove_file(inside.join("ballast")).unwrap();
    // The same again: what was half told before is not told twice.
    program.push(&posts(confirmed)).await;
    assert_eq!(counted(&inside, kept), i64::from(confirmed + 200));
    let whole = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
    assert_eq!(counted(&inside, whole), 1);
    program.kill().await;
}
