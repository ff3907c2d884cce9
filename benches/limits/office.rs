//! The office that is measured: feeds on hosts of their own, and a thousand words.

use std::{fmt::Write as _, fs, path::Path, sync::Arc};

use yuqing::{
    app::daemon::{Daemon, Options},
    config::Folder,
    time::System,
};

/// Tables in one file: nobody writes ten thousand into one.
const TABLES_A_FILE: usize = 500;

/// Writes the office's folder. Each source is a name and an address; `ending` is put behind each of the words.
pub fn write(folder: &Path, interval: &str, ending: &str, sources: &[(String, String)]) {
    for part in ["keywords", "sources.d", "presets", "plans"] {
        fs::create_dir_all(folder.join(part)).unwrap();
    }
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    write(
        "yuqing.toml",
        "[[unit]]\nname = \"青禾县\"\nplan = \"work-safety\"\nkeywords = [\"keywords/青禾县.txt\"]\n\
         [console]\nlisten = \"127.0.0.1:0\"\n",
    );
    let words: String = crate::serve::words().iter().map(|word| format!("{word}{ending}\n\n")).collect();
    write("keywords/青禾县.txt", &words);
    let contacts = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/contacts.toml");
    fs::copy(contacts, folder.join("contacts.toml")).unwrap();
    for (nth, tables) in sources.chunks(TABLES_A_FILE).enumerate() {
        let mut text = String::new();
        for (name, url) in tables {
            let _ = write!(
                text,
                "[[feed]]\nname = \"{name}\"\npreset = \"rss\"\nurl = \"{url}\"\n\
                 interval = \"{interval}\"\nallow_private = true\n"
            );
        }
        write(&format!("sources.d/{nth:03}.toml"), &text);
    }
}

/// Starts the daemon on the office that stands in `folder`.
pub async fn daemon(folder: &Path) -> Daemon {
    let options = Options {
        journal: Default::default(),
        folder: Folder::Disk(folder.join("office")),
        state_dir: folder.join("state"),
        listen: Some("127.0.0.1:0".parse().unwrap()),
        clock: Arc::new(System),
        post_room: None,
        link_to_self: false,
    };
    Daemon::start(options).await.unwrap_or_else(|error| panic!("{error}"))
}
