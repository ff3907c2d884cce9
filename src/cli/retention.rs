//! `yuqing retention`: what is kept for how long, how much of it there is, what goes within a month, and what the disk
//! budget would take before its time. Reads only; the daemon goes on.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use serde_json::json;

use super::{Common, WrongInput, keeping::database};
use crate::{
    config::{self, Folder},
    locale::When,
    model::Retention,
    report::retention::{self, AHEAD, RetentionFacts, Shown},
    store::{Kept, SqliteStore, Store as _},
    time::{Clock as _, System},
};

/// Arguments of `retention`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Rows are counted, bytes estimated from a sample. What a disk budget asks for is told to the administrators and\n\
    begins a week later. Exit codes: 0 done, 1 over the disk budget, 2 no database, or a file of the office is wrong.\n\
    --json prints one object: kept, plan (null within the budget), shown (null when nothing waits)."
)]
pub struct Args {
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// No database, or one that cannot be read; a file of the office that is wrong.
pub fn run(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    // Spans that are not in force must not be shown as if they were.
    let (office, _) = config::load(&folder).map_err(|faults| {
        WrongInput(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))
    })?;
    let path = database(&folder, args.database.as_deref());
    if !path.exists() {
        let words = format!("{} 不存在：守护进程还没有运行过，或用 --database 指明数据库", path.display());
        return Err(WrongInput(words).into());
    }
    let settings = &office.settings;
    let now = System.now();
    let when = When { now, locale: settings.locale, zone: settings.time_zone.clone() };
    let store =
        SqliteStore::open_read_only(&path).with_context(|| format!("cannot open {}", path.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (kept, shown) =
        runtime.block_on(async { anyhow::Ok((store.kept(now).await?, retention::shown(&store).await?)) })?;
    let mut out = io::stdout().lock();
    let plan = retention::plan(&kept, &settings.retention);
    if common.json {
        writeln!(out, "{}", json!({ "kept": kept, "plan": plan, "shown": shown }))?;
    } else {
        print(&mut out, &kept, &settings.retention, shown.as_ref(), &when)?;
    }
    Ok(if plan.is_none() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn print(
    out: &mut impl Write,
    kept: &Kept,
    spans: &Retention,
    shown: Option<&Shown>,
    when: &When,
) -> io::Result<()> {
    let facts = RetentionFacts::of(kept, spans, shown, when);
    let pick = |zh, en| when.locale.pick(zh, en);
    writeln!(
        out,
        "{}: {}，{} {}",
        pick("数据库", "database"),
        facts.size,
        pick("其中空闲", "free:"),
        facts.free
    )?;
    if !facts.hint.is_empty() {
        writeln!(out, "  {}", facts.hint)?;
    }
    for line in &facts.lines {
        writeln!(out, "{}", line.what)?;
        writeln!(
            out,
            "  {} {}，{} {}，{} {}，{} {}",
            pick("保存", "kept:"),
            line.kept,
            pick("条数", "rows:"),
            line.rows,
            pick("约", "about"),
            line.size,
            pick("最早", "oldest:"),
            line.oldest,
        )?;
        let within = match when.locale {
            crate::locale::Locale::ZhCn => format!("{AHEAD} 天内清理"),
            crate::locale::Locale::En => format!("goes within {AHEAD} days:"),
        };
        writeln!(out, "  {within} {}", line.soon)?;
    }
    let Some(budget) = facts.budget else {
        return writeln!(out, "{}", pick("没有限定磁盘用量（disk_budget）", "no disk budget (disk_budget)"));
    };
    writeln!(out, "{}: {}", pick("磁盘限额", "disk budget"), budget.line)?;
    if !budget.cuts.is_empty() {
        writeln!(out, "  {}: {}", pick("提前清理的开始时间", "what goes sooner begins"), budget.begins)?;
    }
    for cut in &budget.cuts {
        writeln!(out, "  - {cut}")?;
    }
    if !budget.short.is_empty() {
        writeln!(out, "  {}", budget.short.trim())?;
    }
    Ok(())
}
