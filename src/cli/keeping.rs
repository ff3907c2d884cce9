//! What the commands that keep the store (`run`, `backup`, `restore`, `verify`, `forget`) share: where the
//! database is, and the words for who holds it and for a disk that takes nothing.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::{Timestamp, tz::TimeZone};

use super::WrongInput;
use crate::{
    config::{self, Folder, Office},
    locale::Locale,
    store::{Holder, SqliteStore},
};

/// The office's database: the one that is named, else the one that `run` uses.
pub(super) fn database(folder: &Folder, named: Option<&Path>) -> PathBuf {
    let usual = || {
        config::load(folder).map_or_else(|_| folder.usual_database(), |(office, _)| Office::database(&office))
    };
    named.map_or_else(usual, Path::to_owned)
}

/// Language and zone of what is said. They hold even when a file of the office is wrong just now.
pub(super) struct Words {
    pub locale: Locale,
    pub zone: TimeZone,
}

impl Words {
    pub fn of(folder: &Folder) -> Self {
        let office = config::load(folder).ok().map(|(office, _)| office);
        let shanghai = || TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
        Self {
            locale: office.as_ref().map_or(Locale::default(), |office| office.settings.locale),
            zone: office.map_or_else(shanghai, |office| office.settings.time_zone),
        }
    }

    pub fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.locale.pick(zh, en)
    }

    /// An instant as the office writes it.
    pub fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Who has the database, and what to do.
    pub fn held(&self, database: &str, holder: Option<&Holder>) -> String {
        let holder = holder.filter(|holder| holder.pid != 0);
        let who = |zh: (&str, &str), nobody: &str| {
            holder.map_or_else(
                || nobody.to_owned(),
                |holder| format!("{} {}{} {}", zh.0, holder.pid, zh.1, self.time(holder.since)),
            )
        };
        let kill = holder.map_or_else(|| "kill".to_owned(), |holder| format!("kill {}", holder.pid));
        match self.locale {
            Locale::ZhCn => format!(
                "另一个 yuqing 正在使用这个数据库: {database}\n  {}。两个守护进程不能共用一个数据库，否则通知会发两遍。\n  \
                 改法: 看它的情况用 yuqing status；要换这一个来运行，先停掉它（systemctl stop yuqing 或 {kill}）；\
                 另一个单位请用另一个 --state 文件夹",
                who(("进程号", "，开始于"), "进程号不明"),
            ),
            Locale::En => format!(
                "another yuqing works on this database: {database}\n  {}. Two must not share one, or every notice would be sent twice.\n  \
                 hint: `yuqing status` shows how it is; to run this one instead, stop it first (systemctl stop yuqing or {kill}); \
                 for another office use another --state folder",
                who(("process", ", since"), "its process is not known"),
            ),
        }
    }

    /// The disk may not be written.
    pub fn unwritable(&self, why: &str) -> String {
        match self.locale {
            Locale::ZhCn => format!(
                "数据库不能写: {why}\n  改法: 检查文件和文件夹的权限（属主应为运行 yuqing 的用户），以及磁盘是否成了只读"
            ),
            Locale::En => format!(
                "the database cannot be written: {why}\n  hint: look at the rights of the file and its folder (they belong to the user that runs yuqing), and whether the disk is read-only"
            ),
        }
    }

    /// The disk is full.
    pub fn full(&self, why: &str) -> String {
        match self.locale {
            Locale::ZhCn => format!("磁盘满了: {why}\n  改法: 在数据库所在的磁盘上腾出空间，再启动"),
            Locale::En => {
                format!("the disk is full: {why}\n  hint: make room on the database's disk and start again")
            }
        }
    }
}

/// Asks a database that may be in use by the daemon; it is only read.
///
/// # Errors
/// There is none, or it cannot be read.
pub(super) fn with_store<T>(
    path: &Path,
    ask: impl AsyncFnOnce(&SqliteStore) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    if !path.exists() {
        let words = format!("{} 不存在：守护进程还没有运行过，或用 --database 指明数据库", path.display());
        return Err(WrongInput(words).into());
    }
    let store =
        SqliteStore::open_read_only(path).with_context(|| format!("cannot open {}", path.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(ask(&store))
}
