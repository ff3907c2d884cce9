//! `yuqing audit verify|export`: the record of every act and every entry, chained by hashes. Reads only.

use std::{
    io::{self, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use serde_json::json;

use super::{Common, WrongInput};
use crate::{
    config::{self, Folder, Office},
    store::{SqliteStore, Store as _},
};

/// Rows read at a time.
const PAGE: usize = 1_000;

/// Arguments of `audit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 the record is whole, 1 a row is broken, 2 no database.\n\
    The hash that `verify` prints may be written down elsewhere: `verify --holds HASH` then shows that nothing was cut off.\n\
    --json: verify prints {whole,rows,cut,forgotten,head,broken,why}; export always prints a row a line, {number,incident,at,kind,by,text,body_hash,hash}.")]
pub struct Args {
    /// What to do.
    #[arg(value_enum)]
    what: What,
    /// `verify`: this hash, written down earlier, must be that of a row.
    #[arg(long, value_name = "HASH")]
    holds: Option<String>,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Follow the chain from the first row to the last.
    Verify,
    /// Print every row.
    Export,
}

/// The office's database to look at.
pub(super) fn open(common: &Common, named: Option<PathBuf>) -> anyhow::Result<SqliteStore> {
    let folder = Folder::find(common.office.as_deref());
    let office = config::load(&folder).ok().map(|(office, _)| office);
    let usual = || office.as_ref().map_or_else(|| folder.usual_database(), Office::database);
    let path = named.unwrap_or_else(usual);
    if !path.exists() {
        let words = format!("{} 不存在：守护进程还没有运行过，或用 --database 指明数据库", path.display());
        return Err(WrongInput(words).into());
    }
    SqliteStore::open_read_only(&path).with_context(|| format!("cannot open {}", path.display()))
}

/// Runs it.
///
/// # Errors
/// No database, or one that cannot be read.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let store = open(common, args.database)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match args.what {
        What::Verify => runtime.block_on(verify(common, &store, args.holds.as_deref())),
        What::Export => runtime.block_on(export(&store)),
    }
}

async fn verify(common: &Common, store: &SqliteStore, holds: Option<&str>) -> anyhow::Result<ExitCode> {
    let report = store.verify_audit().await?;
    let mut out = io::stdout();
    let (broken, why) = report.broken.unzip();
    let cut_off = match holds {
        Some(hash) if broken.is_none() => !holds_row(store, hash).await?,
        _ => false,
    };
    let whole = broken.is_none() && !cut_off;
    if common.json {
        let why = if cut_off { Some("cut_off") } else { why };
        let line = json!({
            "whole": whole, "rows": report.rows, "cut": report.cut, "forgotten": report.forgotten, "head": report.head,
            "broken": broken, "why": why,
        });
        writeln!(out, "{line}")?;
    } else if let Some(number) = broken {
        let what = if why == Some("content") { "内容被改动" } else { "与前一行接不上" };
        writeln!(out, "审计记录第 {number} 行{what}；此前 {} 行完好", report.rows.saturating_sub(1))?;
    } else if cut_off {
        writeln!(out, "审计记录里没有这个校验值的行: 记录被截短，或校验值写错了")?;
    } else {
        writeln!(out, "审计记录完好: {} 行，末行校验值 {}", report.rows, report.head)?;
    }
    Ok(ExitCode::from(u8::from(!whole)))
}

async fn holds_row(store: &SqliteStore, hash: &str) -> anyhow::Result<bool> {
    let mut after = 0;
    loop {
        let rows = store.audit_rows(after, PAGE).await?;
        if rows.iter().any(|row| row.hash == hash) {
            return Ok(true);
        }
        let Some(last) = rows.last() else { return Ok(false) };
        after = last.number;
    }
}

async fn export(store: &SqliteStore) -> anyhow::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout());
    let mut after = 0;
    loop {
        let rows = store.audit_rows(after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.number;
        for row in &rows {
            let entry = &row.entry;
            let line = json!({
                "number": row.number, "incident": entry.incident, "at": entry.at, "kind": entry.kind,
                "by": entry.by, "text": entry.text, "body_hash": row.body_hash, "hash": row.hash,
            });
            writeln!(out, "{line}")?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}
