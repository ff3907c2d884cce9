//! `yuqing sources`: how every source is: state, rhythm, yield, and why. It reads only, while the daemon
//! runs; muting a fault and pausing a source are acts.

mod mute;
mod table;

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::tz::TimeZone;

use super::{Common, WrongInput};
use crate::{
    config::{self, Folder, Office},
    desk::DeskState,
    locale::Locale,
    store::{RAW_ANSWER, SourceState, SqliteStore, Store},
    time::{Clock as _, System},
};
use table::{Line, Table};

/// Arguments of `sources`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "States: ok, quiet (less than usual, but plausible), stale (silent for longer than can be), broken, blocked, \
    refused (robots.txt), disabled, paused, backing_off (a moment's failure).\n\
    Exit codes: 0 all are well, 1 a source needs a person (not while it is muted or under maintenance), 2 no database or no such source.\n\
    With --mute, --unmute, --pause and --resume: 0 done and kept, 1 refused or the daemon does not answer, 2 wrong arguments or a wrong file.\n\
    --json prints one object a line, \"type\": source; with --mute and --unmute {done,subject,muted,until}, with --pause and --resume \
    {done,source,paused,until}."
)]
pub struct Args {
    /// Only this source.
    name: Option<String>,
    /// Print the last raw answer of an ill source as it was received (at most 256 KiB).
    #[arg(long, requires = "name", conflicts_with = "act")]
    raw: bool,
    /// Say nothing more of its fault; the reason is kept and shown.
    #[arg(long, value_name = "REASON", requires = "name", group = "act")]
    mute: Option<String>,
    /// How long it is muted or paused, such as 7d or 12h; otherwise until the fault is mended, or the source resumed.
    #[arg(long = "for", value_name = "SPAN", requires = "act", conflicts_with_all = ["unmute", "resume"])]
    span: Option<String>,
    /// Say it again.
    #[arg(long, requires = "name", group = "act")]
    unmute: bool,
    /// Do not look at it; the reason is kept, and the administrators are told of it every day.
    #[arg(long, value_name = "REASON", requires = "name", group = "act")]
    pause: Option<String>,
    /// Look at it again.
    #[arg(long, requires = "name", group = "act")]
    resume: bool,
    /// Who decides; otherwise the name of the user.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// With one of these: the console of the running daemon, instead of what yuqing.toml says.
    #[arg(long, value_name = "ADDRESS")]
    console: Option<SocketAddr>,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE", conflicts_with = "act")]
    database: Option<std::path::PathBuf>,
}

/// What the store says.
struct Picture {
    states: Vec<SourceState>,
    desk: DeskState,
    raw: Option<String>,
}

/// Runs it.
///
/// # Errors
/// No database, no such source, a wrong span.
pub fn run(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    // It must answer even when a file of the office is wrong just now.
    let office = config::load(&folder).ok().map(|(office, _)| office);
    let usual = || office.as_ref().map_or_else(|| folder.usual_database(), Office::database);
    let database = args.database.clone().unwrap_or_else(usual);
    let locale = office.as_ref().map_or(Locale::default(), |office| office.settings.locale);
    let zone = office.as_ref().map_or_else(shanghai, |office| office.settings.time_zone.clone());
    let picture = look(&database, args.raw.then_some(args.name.as_deref()).flatten())?;
    let windows = office.as_ref().map(|office| Arc::clone(&office.settings.maintenance.windows));
    let sources = office.map(|office| office.sources).unwrap_or_default();
    let now = System.now();
    let mut lines = Line::all(&sources, &picture.states, &picture.desk, &windows.unwrap_or_default(), now);
    if let Some(name) = &args.name {
        lines.retain(|line| line.name == *name);
        let Some(line) = lines.first() else {
            return Err(WrongInput(format!("没有名为“{name}”的来源 (no such source)")).into());
        };
        if args.raw {
            return raw(picture.raw.as_deref(), locale);
        }
        if args.mute.is_some() || args.unmute || args.pause.is_some() || args.resume {
            return mute::run(common, args, line, now);
        }
    }
    let well = !lines.iter().any(Line::needs_person);
    let mut out = io::stdout().lock();
    let table = Table { lines: &lines, now, zone: &zone, locale };
    if common.json {
        table.print_json(&mut out)?;
    } else {
        table.print(&mut out)?;
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn look(database: &Path, raw_of: Option<&str>) -> anyhow::Result<Picture> {
    if !database.exists() {
        let words =
            format!("{} 不存在：守护进程还没有运行过，或用 --database 指明数据库", database.display());
        return Err(WrongInput(words).into());
    }
    let store = SqliteStore::open_read_only(database)
        .with_context(|| format!("cannot open {}", database.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let raw = match raw_of {
            Some(name) => store.value(&format!("{RAW_ANSWER}{name}")).await?,
            None => None,
        };
        Ok(Picture { states: store.source_states().await?, desk: store.desk_state().await?, raw })
    })
}

/// Where the answer came from goes to standard error, the answer itself to standard output.
fn raw(kept: Option<&str>, locale: Locale) -> anyhow::Result<ExitCode> {
    let kept: Option<serde_json::Value> = kept.and_then(|kept| serde_json::from_str(kept).ok());
    let Some(kept) = kept else {
        let words =
            locale.pick("没有留存的原始答复（来源正常时不留存）", "no raw answer is kept of a well source");
        writeln!(io::stderr(), "{words}")?;
        return Ok(ExitCode::from(1));
    };
    let text = |key: &str| kept.get(key).and_then(|value| value.as_str()).unwrap_or("-").to_owned();
    let head =
        format!("{} {} {} {} {}", text("at"), text("url"), text("content_type"), text("health"), text("why"));
    writeln!(io::stderr(), "{head}")?;
    let body = STANDARD.decode(text("body_base64")).context("the kept answer cannot be decoded")?;
    io::stdout().lock().write_all(&body)?;
    Ok(ExitCode::SUCCESS)
}

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC)
}
