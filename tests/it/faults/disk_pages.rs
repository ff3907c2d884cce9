//! A database that may not grow (`max_page_count`), under the real program: what is on its way to somebody gets
//! there, what cannot be written is owed and seen to be, and all goes on by itself when there is room.

use std::{
    path::Path,
    process::Command as Plain,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::SignedDuration;
use serde_json::{Value, json};
use tokio::process::Command;
use yuqing::time::{Clock as _, System};

use super::{
    gateway::Gateway,
    office::{self, CHAIN, DOMAIN, UNIT},
    process::{Program, count},
};
use crate::support::mail::{Letter, MailServer, Point};

/// Pages by which the database may grow.
const ROOM: u32 = 300;

async fn start(folder: &Path, pages: Option<u32>) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuqing"));
    command.args(["run", "--json", "--listen", "127.0.0.1:0", "--office"]).arg(folder.join("office"));
    command.arg("--state").arg(folder.join("state"));
    command.envs(pages.map(|pages| ("YUQING_MAX_PAGES", pages.to_string())));
    Program::start(command).await
}

fn bulk(from: u32) -> Value {
    let one = |n: u32| {
        let text = format!("{UNIT}第{n}件事情说的是{}", format!("食堂门诊收费停车挂号{n}").repeat(60));
        json!({ "site": "luntan", "site_kind": "forum", "id": format!("bulk {n}"), "text": text, "views": 10 })
    };
    (from..from + 40).map(one).collect()
}

/// What `status` says: whether all is well, and why the database cannot be written.
fn status(database: &Path) -> (Option<i32>, Value) {
    let mut command = Plain::new(env!("CARGO_BIN_EXE_yuqing"));
    let said = command.args(["status", "--json", "--database"]).arg(database).output().unwrap();
    let last = String::from_utf8(said.stdout).unwrap().lines().last().unwrap().to_owned();
    (said.status.code(), serde_json::from_str::<Value>(&last).unwrap()["trouble"].clone())
}

fn to_duty(mail: &MailServer, matter: usize) -> Vec<Letter> {
    let (_, local, _) = CHAIN[0];
    let words: String = office::MATTERS[matter].chars().take(8).collect();
    let mut letters = mail.letters();
    letters.retain(|one| one.to == [format!("{local}@{DOMAIN}")] && one.subject().contains(&words));
    letters
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_full_database_nothing_is_lost_and_nobody_is_told_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (mail, gateway) = (MailServer::start().await, Gateway::start().await);
    for name in ["office", "state"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    office::write(&folder.path().join("office"), mail.address.port(), gateway.port, "120s", "");
    start(folder.path(), None).await.stop().await;
    // What lies in the database beside its own tables is the room that comes back later.
    let database = folder.path().join("state/yuqing.db");
    let file = rusqlite::Connection::open(&database).unwrap();
    file.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    file.execute_batch(
        "CREATE TABLE ballast (body BLOB); INSERT INTO ballast VALUES (zeroblob(8000000));
         PRAGMA wal_checkpoint(TRUNCATE)",
    )
    .unwrap();
    let pages: u32 = file.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    let mut program = start(folder.path(), Some(pages + ROOM)).await;

    // The server has an alert, and does not yet say that it takes it.
    let holds = Arc::new(AtomicBool::new(true));
    let held = Arc::clone(&holds);
    mail.at_every_point(move |point| {
        tokio::task::block_in_place(|| {
            while point == Point::Content && held.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
        });
    });
    let published = System.now() - SignedDuration::from_mins(5);
    program.push(&json!([office::post(0, 60_000, published)])).await;
    mail.wait_for_conversations(1).await;

    let mut confirmed = 0;
    let bulky = loop {
        let mut push = tokio::spawn(program.begin_push(&bulk(confirmed)));
        tokio::select! {
            biased;
            answer = &mut push => assert!(answer.unwrap().unwrap().status().is_success()),
            _ = program.says("the disk takes no writes") => break push,
        }
        confirmed += 40;
        assert!(confirmed < 4_000, "the database is never full");
    };
    // Another alert falls due; nobody is told of it before it is written down, and whoever reported it knows.
    let grave = tokio::spawn(program.begin_push(&json!([office::post(2, 60_000, published)])));
    assert_eq!(status(&database), (Some(1), json!("full")));
    let posts = "SELECT count(*) FROM post";
    assert_eq!(count(&database, posts), i64::from(confirmed) + 1, "nothing by halves");

    // Nobody waits for the disk who is told already.
    holds.store(false, Ordering::SeqCst);
    mail.wait_for(1).await;
    let owed = "SELECT count(*) FROM notice WHERE state = 'pending' AND channel = 'email'";
    assert!(count(&database, owed) >= 1, "what was not written down is owed");
    assert!(!grave.is_finished());
    assert_eq!((to_duty(&mail, 0).len(), to_duty(&mail, 2).len()), (1, 0));
    assert_eq!(status(&database).1, json!("full"));

    file.execute_batch("DROP TABLE ballast").unwrap();
    assert!(bulky.await.unwrap().unwrap().status().is_success(), "it is confirmed once it is written");
    assert!(grave.await.unwrap().unwrap().status().is_success());
    program.says("the disk takes writes again").await;
    let told = async {
        while count(&database, owed) > 0 || to_duty(&mail, 2).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), told).await.expect("something is owed for ever");
    assert_eq!((to_duty(&mail, 0).len(), to_duty(&mail, 2).len()), (1, 1), "each once");
    let operations =
        "SELECT count(*) FROM notice WHERE kind = 'operations' AND instr(body, 'store/disk') > 0";
    assert!(count(&database, operations) >= 2, "the administrators hear of it, and that it is over");
    assert_eq!(status(&database).1, json!(""));
    assert_eq!(count(&database, posts), i64::from(confirmed) + 40 + 2);
    program.stop().await;
    let whole = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'";
    assert_eq!(count(&database, whole), 1);
}
