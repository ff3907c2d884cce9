//! `yuqing rounds`: the logged rounds of a day, of the sources that owe some (`rounds_a_day`). Reads only.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::json;

use super::{Common, WrongInput};
use crate::{
    collect::rounds,
    config::{self, Attention, Folder, Office},
    locale::Locale,
    store::{RoundFilter, RoundRow, SqliteStore, Store},
    time::{Clock as _, System},
};

/// Arguments of `rounds`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every source made its rounds so far, 1 one made fewer on a day that is over, 2 no database or no such day.\n\
    --json prints one object a line, told apart by \"type\": round {source,started_at,ended_at,answers,posts,new,trouble}, and day {source,rounds,owed}."
)]
pub struct Args {
    /// The day, such as 2026-11-21; today when left out.
    #[arg(long, value_name = "DAY")]
    day: Option<String>,
    /// Only this source's.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// No database, one that cannot be read, a day that is none.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    let office = config::load(&folder).ok().map(|(office, _)| office);
    let usual = || office.as_ref().map_or_else(|| folder.usual_database(), Office::database);
    let path = args.database.unwrap_or_else(usual);
    let attention = Attention::default();
    let zone = office.as_ref().map_or(attention.zone, |office| office.settings.time_zone.clone());
    let locale = office.as_ref().map_or(Locale::default(), |office| office.settings.locale);
    let today = System.now().to_zoned(zone.clone()).date();
    let day = match args.day {
        None => today,
        Some(written) => written
            .parse::<Date>()
            .map_err(|_| WrongInput(format!("看不懂的日期 {written}，写成 2026-11-21")))?,
    };
    if !path.exists() {
        let words = format!("{} 不存在：守护进程还没有运行过，或用 --database 指明数据库", path.display());
        return Err(WrongInput(words).into());
    }
    let store =
        SqliteStore::open_read_only(&path).with_context(|| format!("cannot open {}", path.display()))?;
    let start = |day: Date| day.to_zoned(zone.clone()).ok().map(|start| start.timestamp());
    let filter = RoundFilter {
        source: args.source.clone(),
        from: start(day),
        to: day.tomorrow().ok().and_then(start),
        limit: 0,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let rows = runtime.block_on(store.rounds(filter))?;
    let mut days: BTreeMap<String, (usize, u32)> = BTreeMap::new();
    for source in office.iter().flat_map(|office| office.sources.iter()).filter(|source| source.enabled) {
        if source.attention.rounds_a_day.is_some()
            && args.source.as_ref().is_none_or(|name| *name == source.name)
        {
            let state = runtime.block_on(store.source_state(&source.name))?;
            let owed = rounds::owed(source, &state, day, System.now()).unwrap_or_default();
            days.insert(source.name.clone(), (0, owed));
        }
    }
    if let (Some(office), Some(name)) = (&office, &args.source)
        && rows.is_empty()
        && !office.sources.iter().any(|source| source.name == *name)
    {
        return Err(WrongInput(format!("没有名为“{name}”的来源 (no such source)")).into());
    }
    for row in &rows {
        days.entry(row.source.clone()).or_default().0 += usize::from(row.trouble.is_empty());
    }
    let mut out = io::stdout().lock();
    let shown = Shown { rows: &rows, days: &days, zone: &zone, locale };
    if common.json {
        shown.print_json(&mut out)?;
    } else {
        shown.print(&mut out)?;
    }
    let missed = days.values().any(|(done, owed)| u32::try_from(*done).unwrap_or(u32::MAX) < *owed);
    Ok(ExitCode::from(u8::from(missed && day < today)))
}

struct Shown<'a> {
    rows: &'a [RoundRow],
    /// Rounds that ended well, and how many are owed, by source.
    days: &'a BTreeMap<String, (usize, u32)>,
    zone: &'a TimeZone,
    locale: Locale,
}

impl Shown<'_> {
    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let pick = |zh, en| self.locale.pick(zh, en);
        if self.days.is_empty() {
            let none = "这一天没有记录；在 [[unit]] 或信源里写 rounds_a_day = 3，每轮都会记录";
            return writeln!(
                out,
                "{}",
                pick(none, "nothing is logged; set rounds_a_day of a unit or a source")
            );
        }
        for row in self.rows.iter().rev() {
            let (start, end) = (self.time(row.started_at), self.time(row.ended_at));
            writeln!(
                out,
                "{start} - {end} {}  {} {}  {} {}  {} {}  {}",
                row.source,
                pick("应答", "answers"),
                row.answers,
                pick("看过", "posts"),
                row.posts,
                pick("新帖", "new"),
                row.new,
                row.trouble
            )?;
        }
        for (source, (done, owed)) in self.days {
            match self.locale {
                Locale::ZhCn => writeln!(out, "{source}: 完成 {done} 轮，应不少于 {owed} 轮")?,
                Locale::En => writeln!(out, "{source}: {done} rounds made, {owed} wanted")?,
            }
        }
        Ok(())
    }

    fn print_json(&self, out: &mut impl Write) -> io::Result<()> {
        for row in self.rows.iter().rev() {
            let line = json!({
                "type": "round", "source": row.source, "started_at": row.started_at, "ended_at": row.ended_at,
                "answers": row.answers, "posts": row.posts, "new": row.new, "trouble": row.trouble,
            });
            writeln!(out, "{line}")?;
        }
        for (source, (done, owed)) in self.days {
            writeln!(out, "{}", json!({ "type": "day", "source": source, "rounds": done, "owed": owed }))?;
        }
        Ok(())
    }
}
