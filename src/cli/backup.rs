//! `yuqing backup`, `yuqing restore`, `yuqing verify`: copies of the database, made while the daemon runs
//! and put back while it does not.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use jiff::Timestamp;
use serde_json::json;

use super::{
    Common, WrongInput,
    keeping::{Words, database},
};
use crate::{
    config::Folder,
    locale::Locale,
    store::{self, Copies, StoreError, Unsound, Verified},
    time::{Clock as _, System},
};

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The daemon goes on meanwhile. The copy is one state of the database, checked and on the disk before it \
    gets its name. Without --to it goes to `backups` beside the database, and the oldest beyond --keep are deleted.\n\
    A copy holds posts as they were: what is forgotten later stays in older copies until they are gone.\n\
    Exit codes: 0 done, 1 no room, or the copy is not sound, 2 no database."
)]
pub struct BackupArgs {
    /// Where the copy goes; replaced when it is there.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Copies that stay in `backups`.
    #[arg(long, value_name = "N", default_value_t = Copies::KEPT, conflicts_with = "to", value_parser = at_least_one)]
    keep: usize,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|keep| *keep >= 1).ok_or_else(|| "a number from 1 on".to_owned())
}

/// Makes a copy.
///
/// # Errors
/// No database, no room, a copy that is not sound.
pub fn backup(common: &Common, args: &BackupArgs) -> anyhow::Result<ExitCode> {
    let (words, path) = place(common, args.database.as_deref())?;
    must_be_there(&path)?;
    let copies = Copies::of(&path);
    let to = args.to.clone().unwrap_or_else(|| copies.next(System.now()));
    let verified = store::copy(&path, &to).map_err(|error| told(&words, error))?;
    let gone = if args.to.is_none() { copies.prune(args.keep)? } else { Vec::new() };
    let mut out = io::stdout().lock();
    if common.json {
        let gone: Vec<String> = gone.iter().map(|file| file.display().to_string()).collect();
        writeln!(out, "{}", json!({ "backup": to, "deleted": gone, "verified": as_json(&verified) }))?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{} {}", words.pick("已备份并核对:", "copied and checked:"), to.display())?;
    print_counts(&mut out, &words, &verified)?;
    for file in gone {
        writeln!(out, "{} {}", words.pick("已删除旧备份:", "old copy deleted:"), file.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Arguments of `restore`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Stop the daemon first. The copy is checked before anything is touched; the present database is kept \
    beside the new one. Notices that waited when the copy was made go out after the start, also those that \
    were sent since. Exit codes: 0 done, 1 the daemon runs or the copy is not sound, 2 no such file."
)]
pub struct RestoreArgs {
    /// The copy that becomes the database.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Puts a copy back.
///
/// # Errors
/// The daemon runs, the copy is not sound.
pub fn restore(common: &Common, args: &RestoreArgs) -> anyhow::Result<ExitCode> {
    let (words, path) = place(common, args.database.as_deref())?;
    must_be_there(&args.file)?;
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".before-{}", stamp(System.now())));
    let put = store::put_back(&args.file, &path, Path::new(&aside)).map_err(|error| told(&words, error))?;
    let mut out = io::stdout().lock();
    if common.json {
        let line = json!({ "restored": path, "aside": put.aside, "verified": as_json(&put.verified) });
        writeln!(out, "{line}")?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{} {}", words.pick("已恢复:", "restored:"), path.display())?;
    print_counts(&mut out, &words, &put.verified)?;
    if let Some(aside) = put.aside {
        writeln!(
            out,
            "{} {}",
            words.pick("原来的数据库保留在:", "the database before is kept as:"),
            aside.display()
        )?;
    }
    if put.verified.waiting_notices > 0 {
        let count = put.verified.waiting_notices;
        match words.locale {
            Locale::ZhCn => {
                writeln!(out, "注意: 启动后会发出 {count} 条当时待发的通知，其中有的可能早已发过")?;
            }
            Locale::En => writeln!(
                out,
                "note: {count} notices that waited then go out after the start; some may have been sent before"
            )?,
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Looks through the file, the references between rows and every row as this program reads it. The daemon may \
    run. Exit codes: 0 sound, 1 not sound, 2 no such file."
)]
pub struct VerifyArgs {
    /// A copy; otherwise the database that `run` uses for this office.
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Checks a database or a copy.
///
/// # Errors
/// No such file, or none of a database.
pub fn check(common: &Common, args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let (words, path) = place(common, args.file.as_deref())?;
    must_be_there(&path)?;
    let verified = match store::verify(&path) {
        // What the engine cannot even open is a finding, too.
        Err(StoreError::Engine(why)) => Verified { faults: vec![Unsound::File(why)], ..Verified::default() },
        verified => verified.map_err(|error| told(&words, error))?,
    };
    let sound = verified.faults.is_empty();
    let mut out = io::stdout().lock();
    if common.json {
        writeln!(out, "{}", json!({ "file": path, "verified": as_json(&verified) }))?;
    } else {
        let result = if sound { words.pick("完好", "sound") } else { words.pick("有问题", "not sound") };
        writeln!(out, "{}: {result}", path.display())?;
        for fault in &verified.faults {
            writeln!(out, "  {}", in_words(fault, words.locale))?;
        }
        print_counts(&mut out, &words, &verified)?;
        if !sound {
            let mend = words.pick(
                "改法: 停掉守护进程，用最近一份完好的备份恢复: yuqing restore 备份文件",
                "hint: stop the daemon and put the latest sound copy back: yuqing restore FILE",
            );
            writeln!(out, "  {mend}")?;
        }
    }
    Ok(if sound { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn place(common: &Common, named: Option<&Path>) -> anyhow::Result<(Words, PathBuf)> {
    let folder = Folder::find(common.office.as_deref());
    Ok((Words::of(&folder), database(&folder, named)))
}

fn must_be_there(path: &Path) -> anyhow::Result<()> {
    match std::fs::metadata(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(WrongInput::unreadable(path, &error).into()),
    }
}

fn stamp(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%S%3fZ").to_string()
}

/// The store's error in the office's words.
pub(super) fn told(words: &Words, error: StoreError) -> anyhow::Error {
    match &error {
        StoreError::Held { database, holder } => anyhow::anyhow!(words.held(database, holder.as_ref())),
        StoreError::Full(why) => anyhow::anyhow!(words.full(why)),
        StoreError::Unwritable(why) => anyhow::anyhow!(words.unwritable(why)),
        StoreError::Corrupt { why, .. } => {
            let what = words.pick("文件不完好，什么也没有改动", "the file is not sound; nothing was changed");
            anyhow::anyhow!("{what}: {why}")
        }
        _ => error.into(),
    }
}

fn in_words(fault: &Unsound, locale: Locale) -> String {
    match (locale, fault) {
        (Locale::En, _) => fault.to_string(),
        (Locale::ZhCn, Unsound::File(why)) => format!("文件损坏: {why}"),
        (Locale::ZhCn, Unsound::Dangling { table, row, to }) => {
            format!("{table} 表 {row}: 它所指的 {to} 不在了")
        }
        (Locale::ZhCn, Unsound::Unreadable { table, row, why }) => {
            format!("{table} 表 {row}: 读不了（{why}）")
        }
    }
}

fn print_counts(out: &mut impl Write, words: &Words, verified: &Verified) -> io::Result<()> {
    let rows = |table: &str| verified.rows.get(table).copied().unwrap_or(0);
    let (incidents, open, posts) = (rows("incident"), verified.open_incidents, rows("post"));
    let (looks, notices, waiting) = (rows("observation"), rows("notice"), verified.waiting_notices);
    let (schema, entries) = (verified.schema, rows("entry"));
    match words.locale {
        Locale::ZhCn => writeln!(
            out,
            "  结构版本 {schema}: 事件 {incidents}（处置中 {open}），帖子 {posts}，观测 {looks}，通知 {notices}（待发 {waiting}），记录 {entries}"
        ),
        Locale::En => writeln!(
            out,
            "  schema {schema}: incidents {incidents} ({open} open), posts {posts}, looks {looks}, notices {notices} ({waiting} waiting), entries {entries}"
        ),
    }
}

fn as_json(verified: &Verified) -> serde_json::Value {
    let faults: Vec<String> = verified.faults.iter().map(ToString::to_string).collect();
    json!({
        "ok": faults.is_empty(), "schema": verified.schema, "rows": verified.rows, "faults": faults,
        "open_incidents": verified.open_incidents, "waiting_notices": verified.waiting_notices,
    })
}
