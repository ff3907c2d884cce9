//! The office that is measured: feeds of the bench's server, its thousand words, of which the first some demand
//! to be told at once, one person on duty, and the bench's mail server.

use std::{fmt::Write as _, fs, net::SocketAddr, path::Path, sync::Arc};

use yuqing::{
    app::daemon::{Daemon, Options},
    config::Folder,
    time::System,
};

use crate::serve;

/// What an office is made of.
#[derive(Debug, Clone, Copy)]
pub struct Office<'a> {
    /// `http://127.0.0.1:PORT` of the sites.
    pub base: &'a str,
    /// What is asked of each site: `news`, `brief` or `dense`.
    pub path: &'a str,
    /// How many sites, each asked every second.
    pub sites: u32,
    /// Every so many-th site of the server is watched.
    pub step: u32,
    /// How many of the words demand to be told.
    pub alerting: usize,
    /// The mail server.
    pub mail: SocketAddr,
}

/// Writes the office's files below `folder` and starts its daemon on the machine's clock.
pub async fn start(folder: &Path, office: &Office<'_>) -> Daemon {
    write(&folder.join("office"), office);
    let options = Options {
        folder: Folder::Disk(folder.join("office")),
        state_dir: folder.join("state"),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        clock: Arc::new(System),
        post_room: None,
        journal: Default::default(),
        link_to_self: false,
    };
    Daemon::start(options).await.unwrap_or_else(|error| panic!("{error}"))
}

fn write(folder: &Path, office: &Office<'_>) {
    for part in ["keywords", "sources.d", "presets", "plans"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write(
        "yuqing.toml",
        &format!(
            "[[unit]]\nname = \"青禾县\"\nplan = \"street\"\nkeywords = [\"keywords/青禾县.txt\"]\n\
             [console]\nlisten = \"127.0.0.1:0\"\n\
             [fetch]\nhost_concurrency = 8\nconcurrency = 8\n\
             [email]\nhost = \"127.0.0.1\"\nport = {}\nsecurity = \"plain\"\nfrom = \"舆情 <yuqing@street.invalid>\"\n",
            office.mail.port()
        ),
    );
    write("plans/street.toml", PLAN);
    write("contacts.toml", CONTACTS);
    let words = serve::words();
    let (alerting, others) = words.split_at(office.alerting.min(words.len()));
    let mut list = format!("[要报]\n至少: 较大\n{}\n", alerting.join("\n"));
    if !others.is_empty() {
        let _ = write!(list, "\n[要看]\n{}\n", others.join("\n"));
    }
    write("keywords/青禾县.txt", &list);
    let mut sources = String::new();
    for site in 0..office.sites {
        let (base, path, number) = (office.base, office.path, site * office.step);
        let _ = write!(
            sources,
            "[[feed]]\nname = \"来源{site}\"\npreset = \"rss\"\nurl = \"{base}/{path}/{number}\"\n\
             interval = \"1s\"\npace = \"1ms\"\nallow_private = true\nsite = \"site{site}\"\n"
        );
    }
    write("sources.d/bench.toml", &sources);
}

/// What must be told goes to the one on duty at once. No digest falls into the measurement.
const PLAN: &str = r#"
title = "测量"
zone = "Asia/Shanghai"
administrators = ["管理员"]
[digest]
every = "365d"
[[tier]]
id = "major"
name = "重大"
views_over = 10000
reposts_over = 300
telling = "立即"
lines = [{ name = "本单位", steps = [["值班员"]] }]
channels = ["邮件"]
report = "5min"
acknowledge = "12h"
[[tier]]
id = "elevated"
name = "较大"
views_over = 1000
reposts_over = 100
telling = "立即"
lines = [{ name = "本单位", steps = [["值班员"]] }]
channels = ["邮件"]
report = "15min"
acknowledge = "12h"
[[tier]]
id = "general"
name = "一般"
telling = "动态"
lines = [{ name = "本单位", steps = [["值班员"]] }]
channels = ["邮件"]
"#;

const CONTACTS: &str = r#"
[[contact]]
name = "值班员"
email = "zhiban@street.invalid"
channels = ["邮件"]
[[contact]]
name = "管理员"
channels = ["练习"]
"#;
