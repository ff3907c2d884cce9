//! A real forum program, installed from the Python package index (tests/forum/setup), is watched by the whole
//! program: what is posted there by HTTP is mailed as an alert, and the visits that it draws raise its tier.

mod program;
mod visitor;

use std::{path::Path, sync::Arc};

use yuqing::{
    app::{
        daemon::{Daemon, Options},
        demo::mailbox::Mail,
    },
    config::Folder,
    time::{Clock as _, System},
};

use self::{program::Forum, visitor::Visitor};
use crate::support::mail::{Letter, MailServer};

const TITLE: &str = "柳河县医院拖欠护工工资，讨薪的人堵在门口";
const TEXT: &str = "从**七月**到现在，一分钱没发。\n\n护工们今天都在医院门口等着，说法一天一个样。";
/// More visits than the plan's second tier asks for.
const VISITS: usize = 45;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_post_on_a_real_forum_is_mailed_and_its_visitors_raise_it() {
    let forum = Forum::start().await;
    let mail = MailServer::start().await;
    let office = tempfile::tempdir().expect("a folder");
    write_office(office.path(), &forum.base, mail.address.port());
    let daemon = Daemon::start(Options {
        journal: Default::default(),
        folder: Folder::Disk(office.path().to_owned()),
        state_dir: office.path().join("state"),
        listen: Some(([127, 0, 0, 1], 0).into()),
        clock: Arc::new(System),
        post_room: None,
        link_to_self: true,
    })
    .await
    .unwrap_or_else(|error| panic!("{error}"));
    // The board has one topic of its own, which meets no word; a round over it ends before anything is posted.
    let board = |line: &str| line.contains("GET /forum/1?page=1 ");
    forum.says(0, board).await;
    let seen = forum.n_lines();
    forum.says(seen, board).await;
    let log = forum.log();
    assert!(log.contains("GET /robots.txt "), "robots.txt is asked for before anything else:\n{log}");
    assert!(log.contains("GET /topic/1"), "a new topic without text is looked behind:\n{log}");

    let mut member = Visitor::new(&forum.base);
    member.log_in().await;
    member.post("周末羽毛球约起来", "县体育馆，周六下午三点，还差两个人。").await;
    let topic = member.post(TITLE, TEXT).await;

    // A word of 至少: 较大 tells at once, whatever the counters are.
    let letters = mail.wait_for(1).await;
    let (subject, text) = words(&letters[0]);
    assert_eq!(letters[0].to, ["zhiban@yanshi.invalid"]);
    assert!(subject.contains("较大") && subject.contains(TITLE), "{subject}");
    assert!(text.contains("从七月到现在，一分钱没发。"), "the text of the topic's own page: {text}");
    let link = format!("{}{}", forum.base, topic.split('-').next().unwrap_or_default());
    assert!(text.contains(&link), "{link} is not in: {text}");

    // Real visitors; the forum counts each, and the board shows it without being counted.
    let mut reader = Visitor::new(&forum.base);
    for _ in 0..VISITS {
        reader.get(&topic).await;
    }
    let letters = mail.wait_for(2).await;
    let (subject, text) = words(&letters[1]);
    assert!(subject.contains("重大") && subject.contains(TITLE), "{subject}");
    assert!(text.contains("浏览 ") && text.contains("> 40"), "{text}");
    assert!(text.contains("由「较大」升为「重大」"), "{text}");

    // Nothing else was worth a mail, and the topic was opened by us once, when it was new.
    let seen = forum.n_lines();
    forum.says(seen, board).await;
    assert_eq!(mail.letters().len(), 2);
    let opened = |line: &&str| line.contains("GET /topic/3");
    assert_eq!(forum.log().lines().filter(opened).count(), VISITS + 1, "{}", forum.log());
    assert_eq!(daemon.stop().await, Vec::<&str>::new());
}

/// Subject and text of a mail.
fn words(letter: &Letter) -> (String, String) {
    let (from, to, raw) = (letter.from.clone(), letter.to.clone(), letter.raw.clone().into_bytes());
    let mail = Mail { number: 1, at: System.now(), from, to, raw };
    (mail.subject(), mail.text())
}

fn write_office(folder: &Path, forum: &str, smtp: u16) {
    for inner in ["sources.d", "keywords", "plans"] {
        std::fs::create_dir_all(folder.join(inner)).expect("a folder");
    }
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a file");
    write("yuqing.toml", &SETTINGS.replace("{port}", &smtp.to_string()));
    write("plans/forum.toml", PLAN);
    write("contacts.toml", CONTACTS);
    write("keywords/unit.txt", "[欠薪]\n至少: 较大\n柳河县医院\n+讨薪\n");
    write("sources.d/forum.toml", &SOURCE.replace("{forum}", forum));
}

const SETTINGS: &str = r#"
[[unit]]
name = "柳河县医院"
plan = "forum"
keywords = ["keywords/unit.txt"]

[email]
host = "127.0.0.1"
port = {port}
security = "plain"
from = "舆情值守 <yuqing@yanshi.invalid>"
timeout = "60s"
"#;

/// Thresholds that a test can reach by visiting.
const PLAN: &str = r#"
title = "演示预案"
zone = "Asia/Shanghai"
administrators = ["管理员"]

[digest]
every = "365d"

[[tier]]
id = "major"
name = "重大"
views_over = 40
telling = "立即"
lines = [{ name = "本单位", steps = [["值班员"]] }]
channels = ["邮件"]
report = "24h"

[[tier]]
id = "elevated"
name = "较大"
views_over = 20
telling = "及时"
lines = [{ name = "本单位", steps = [["值班员"]] }]
channels = ["邮件"]
report = "24h"

[[tier]]
id = "general"
name = "一般"
telling = "动态"
lines = [{ name = "本单位", steps = [["管理员"]] }]
channels = ["邮件"]
"#;

const CONTACTS: &str = r#"
[[contact]]
name = "值班员"
email = "zhiban@yanshi.invalid"
channels = ["邮件"]
detail = "全文"

[[contact]]
name = "管理员"
email = "guanli@yanshi.invalid"
channels = ["邮件"]
"#;

const SOURCE: &str = r#"
[[page]]
name = "县城论坛"
preset = "flaskbb-list"
base = "{forum}"
parameters = { forum = "1" }
site = "县城论坛"
interval = "1s"
pace = "1s"
timeout = "20s"
allow_private = true
"#;
