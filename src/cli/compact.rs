//! `yuqing compact`: writes the database anew without what is free in it. The daemon must not run.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use serde_json::json;

use super::{
    Common, WrongInput,
    backup::told,
    keeping::{Words, database},
};
use crate::{
    config::Folder,
    locale::bytes,
    store::{self, Compacted},
};

/// Bytes that are written, and read again, in a second on an ordinary disk.
const A_SECOND: u64 = 40 << 20;

/// Arguments of `compact`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Stop the daemon first. The database is written anew beside itself and checked, then takes the old one's place in\n\
    one step: killed at any moment it leaves a whole database. Until then the disk needs room for both. Files that an\n\
    older version made give free room back by themselves from then on.\n\
    Exit codes: 0 done, 1 the daemon runs, or there is no room, 2 no database."
)]
pub struct Args {
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// The daemon runs, no room, a database that is not sound.
pub fn run(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    let words = Words::of(&folder);
    let path = database(&folder, args.database.as_deref());
    if let Err(error) = std::fs::metadata(&path) {
        return Err(WrongInput::unreadable(&path, &error).into());
    }
    let begin = |plan: &Compacted| {
        if !common.json {
            let minutes = (plan.after / A_SECOND).div_ceil(60).max(1);
            let (before, after) = (bytes(plan.before), bytes(plan.after));
            let line = match words.locale {
                crate::locale::Locale::ZhCn => {
                    format!("{}: {before}，其中在用 {after}；重写一遍约需 {minutes} 分钟", path.display())
                }
                crate::locale::Locale::En => format!(
                    "{}: {before}, of which {after} are in use; writing it anew takes about {minutes} min",
                    path.display()
                ),
            };
            // Whoever reads this may have gone; the work is done all the same.
            let _ = writeln!(io::stdout().lock(), "{line}");
        }
    };
    let done = store::compact(&path, begin).map_err(|error| told(&words, error))?;
    let mut out = io::stdout().lock();
    if common.json {
        let line = json!({ "compacted": path, "bytes_before": done.before, "bytes_after": done.after });
        writeln!(out, "{line}")?;
    } else {
        let words = words.pick("已重写并核对:", "written anew and checked:");
        writeln!(out, "{words} {} → {}", bytes(done.before), bytes(done.after))?;
    }
    Ok(ExitCode::SUCCESS)
}
