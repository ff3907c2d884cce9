//! A keyword that is saved in the console of the running daemon is in force without a restart, and the record says who
//! did it.

use yuqing::{
    config::edit::id_of,
    store::{SqliteStore, Store as _},
};

use super::daemon::{Daemon, Office, UNIT};

/// What stands between two marks of a page.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    page.split_once(from).and_then(|(_, rest)| rest.split_once(to)).map_or("", |(found, _)| found)
}

/// Whether the rules in force meet a text.
fn meets(daemon: &Daemon, text: &str) -> bool {
    let answer = daemon.post("/keywords", &[("text", text)]);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    answer.contains("<mark>")
}

#[test]
fn an_edit_in_the_console_is_in_force_without_a_restart() {
    let office = Office::new();
    let daemon = office.start();
    let name = format!("keywords/{UNIT}.txt");
    let address = format!("/keywords/file/{}", id_of(&name));
    let page = daemon.get(&address);
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let base = between(&page, "name=\"base\" value=\"", "\"").to_owned();
    assert!(!meets(&daemon, "凤凰山隧道塌方"));

    let saved = format!("[隧道]\n凤凰山隧道\n+塌方\n\n{UNIT}\n");
    let answer = daemon.post(
        &address,
        &[("do", "save"), ("text", &saved), ("base", &base), ("by", "李秀英"), ("note", "新开的隧道")],
    );
    assert!(answer.starts_with("HTTP/1.1 303") && answer.contains("done=saved"), "{answer}");
    daemon.says(|line| line.contains("the office's files are in force"));
    assert!(meets(&daemon, "凤凰山隧道塌方"), "the running daemon goes by it");
    let on_disk = std::fs::read(office.path("office").join(&name)).unwrap();
    assert!(
        on_disk.starts_with(b"\xef\xbb\xbf") && on_disk.windows(2).any(|pair| pair == b"\r\n"),
        "as Notepad left it"
    );

    // What Notepad saves is taken up and kept, too.
    std::fs::write(office.path("office").join(&name), format!("{UNIT}\n记事本里的词\n")).unwrap();
    daemon.says(|line| line.contains("the office's files are in force"));
    assert!(!meets(&daemon, "凤凰山隧道塌方") && meets(&daemon, "记事本里的词"));
    let history = daemon.get(&format!("{address}/history"));
    for words in ["最初见到的", "李秀英", "新开的隧道", "在控制台之外改的"] {
        assert!(history.contains(words), "{words}: {history}");
    }
    assert!(daemon.stop().success());

    let entries = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let store = SqliteStore::open(&office.database()).unwrap();
        (store.entries(50).await.unwrap(), store.audit_rows(0, 500).await.unwrap())
    });
    let edited: Vec<_> = entries.0.iter().filter(|entry| entry.kind == "file_edited").collect();
    assert_eq!(edited.len(), 1, "{edited:?}");
    assert_eq!(
        (edited[0].by.as_deref(), edited[0].text.as_str()),
        (Some("李秀英"), format!("{name}：新开的隧道").as_str())
    );
    assert!(entries.1.iter().any(|row| row.entry.kind == "act" && row.entry.text.contains("edit_file")));
}
