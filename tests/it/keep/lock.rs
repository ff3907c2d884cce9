//! One daemon a database.

use serde_json::json;
use yuqing::store::holder_of;

use super::daemon::{Office, post};

#[test]
fn a_second_daemon_ends_at_once_and_says_who_has_the_database() {
    let office = Office::new();
    assert_eq!(holder_of(&office.database()), None);
    let first = office.start();
    let second = office.run(&["run", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code(), 1, "{}", second.err());
    let words = second.err();
    let pid = first.pid();
    for part in [
        "另一个 yuqing 正在使用这个数据库",
        &format!("进程号 {pid}，开始于 20"),
        &format!("kill {pid}"),
        "--state",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    assert_eq!(holder_of(&office.database()).map(|holder| holder.pid), Some(pid));
    // The first goes on as if nothing had been.
    first.push(&json!([post("1", "急诊排队四小时没有人管", 10)]));
    assert!(first.stop().success());
    assert_eq!(holder_of(&office.database()), None);
    let again = office.start();
    assert_ne!(again.pid(), pid);
}

#[test]
fn the_words_are_the_offices() {
    let office = Office::new();
    let settings = office.path("office/yuqing.toml");
    let text = std::fs::read_to_string(&settings).unwrap().replace("locale = \"zh-CN\"", "locale = \"en\"");
    std::fs::write(settings, text).unwrap();
    let first = office.start();
    let words = office.run(&["run", "--listen", "127.0.0.1:0"]).err();
    assert!(words.contains(&format!("process {}, since 20", first.pid())), "{words}");
}

#[test]
fn what_a_killed_daemon_leaves_keeps_nobody_out() {
    let office = Office::new();
    office.start().kill();
    assert_eq!(holder_of(&office.database()), None);
    office.start();
}
