//! Whether the machinery lives, as the console shows it. The wiring looks (the same look as the outgoing heartbeat:
//! the desk turns, every room's task lives, the store takes a write) and hands the last result in; a look that is
//! itself old is as bad as a bad one.

use jiff::{SignedDuration, Timestamp};

use crate::locale::Locale;

/// A look must have been taken within this; they are taken twice a minute.
const LONGEST: SignedDuration = SignedDuration::from_secs(150);

/// What is wrong with the machinery.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Ill {
    /// A room's task has ended while the daemon runs.
    #[error("{0} has died")]
    Dead(&'static str),
    /// The desk's loop does not turn.
    #[error("the desk does not turn")]
    DeskStands,
    /// The store refuses a write.
    #[error("the store does not write: {0}")]
    NoWrites(String),
    /// The store answers no write in time.
    #[error("the store is stuck")]
    StoreStuck,
}

impl Ill {
    /// The same for a duty officer, with what it means.
    fn words(&self, locale: Locale) -> (String, String) {
        let (what, why) = match self {
            Self::Dead(room) => (
                format!("{}（{room}）", locale.pick("程序的一部分已停止", "a part of the program has died")),
                locale.pick("请管理员重启服务", "the administrator must restart the service"),
            ),
            Self::DeskStands => (
                locale.pick("研判没有在运行", "the desk does not turn").to_owned(),
                locale.pick("新内容不会定级，请管理员重启服务", "nothing is graded; restart the service"),
            ),
            Self::NoWrites(error) => {
                let what = locale.pick("数据库写不进去", "the database takes no writes").to_owned();
                return (what, error.clone());
            }
            Self::StoreStuck => (
                locale.pick("数据库写入没有应答", "the database does not answer a write").to_owned(),
                locale.pick("请管理员查看磁盘", "the administrator must look at the disk"),
            ),
        };
        (what, why.to_owned())
    }
}

/// The last look.
#[derive(Debug, Clone)]
pub struct Vitals {
    /// When. UTC.
    pub looked_at: Timestamp,
    /// What was wrong, if anything.
    pub ill: Option<Ill>,
}

impl Vitals {
    /// What is wrong at `now`, and what it means; `None` while all is well.
    pub(super) fn trouble(&self, now: Timestamp, locale: Locale) -> Option<(String, String)> {
        if now.duration_since(self.looked_at) >= LONGEST {
            let what = locale.pick("程序的自检已停止", "the program's own check has stopped");
            let why = locale.pick("请管理员重启服务", "the administrator must restart the service");
            return Some((what.to_owned(), why.to_owned()));
        }
        self.ill.as_ref().map(|ill| ill.words(locale))
    }
}
