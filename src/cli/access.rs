//! `yuqing access`: the access log of one day, readable: what was asked of whom, by what right, at what
//! pace, and what was not sent because a rule forbade it.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::json;

use super::{Common, WrongInput, run::state_dir};
use crate::{
    collect::fetch::access::{self, Entry, Kind, Read, Robots},
    config::{self, Folder},
    locale::Locale,
    time::{Clock as _, System},
};

/// Arguments of `access`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 printed (also when the day has no lines), 1 a file cannot be read.\n\
    --json prints the lines as they were written (times in UTC) and a last one with \"summary\":true.\n\
    The files are STATE/access/access-YYYY-MM-DD.jsonl, a day each (UTC), kept for [fetch] access_log_days.")]
pub struct Args {
    /// Only this source.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// The day, in the office's zone (default: today).
    #[arg(long, value_name = "YYYY-MM-DD")]
    day: Option<String>,
    /// Only what was not sent because a rule forbade it.
    #[arg(long)]
    refused: bool,
    /// The daemon's state directory; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// A day that is none, or a file that cannot be read.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    // The log must be shown even when a file of the office is wrong just now.
    let office = config::load(&folder).ok().map(|(office, _)| office);
    let shanghai = || TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC);
    let zone = office.as_ref().map_or_else(shanghai, |office| office.settings.time_zone.clone());
    let locale = office.as_ref().map_or(Locale::default(), |office| office.settings.locale);
    let (from, to) = span_of(args.day.as_deref(), &zone)?;
    let place = args.state.unwrap_or_else(|| state_dir(&folder)).join("access");
    let wanted = |entry: &Entry| {
        args.source.as_ref().is_none_or(|source| *source == entry.source) && (!args.refused || !entry.sent)
    };
    let read =
        access::read(&place, from, to, wanted).with_context(|| format!("cannot read {}", place.display()))?;
    let mut out = io::stdout().lock();
    if common.json {
        print_json(&mut out, &read)?;
    } else {
        print(&mut out, &read, &zone, locale)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn span_of(day: Option<&str>, zone: &TimeZone) -> anyhow::Result<(Timestamp, Timestamp)> {
    let day: Date = match day {
        Some(written) => written
            .parse()
            .map_err(|_| WrongInput(format!("\"{written}\" 不是日期，写成 --day 2026-11-21")))?,
        None => System.now().to_zoned(zone.clone()).date(),
    };
    let from = day.to_zoned(zone.clone())?;
    let to = day.checked_add(1.day())?.to_zoned(zone.clone())?;
    Ok((from.timestamp(), to.timestamp()))
}

fn print_json(out: &mut impl Write, read: &Read) -> anyhow::Result<()> {
    for entry in &read.entries {
        writeln!(out, "{}", serde_json::to_string(entry)?)?;
    }
    let sent = read.entries.iter().filter(|entry| entry.sent).count();
    let bytes: u64 = read.entries.iter().map(|entry| entry.bytes).sum();
    let not_sent = read.entries.len() - sent;
    let summary = json!({
        "summary": true, "sent": sent, "not_sent": not_sent, "bytes": bytes, "broken_lines": read.broken,
    });
    writeln!(out, "{summary}")?;
    Ok(())
}

fn print(out: &mut impl Write, read: &Read, zone: &TimeZone, locale: Locale) -> io::Result<()> {
    for entry in &read.entries {
        let at = entry.at.to_zoned(zone.clone()).strftime("%m-%d %H:%M:%S").to_string();
        writeln!(out, "{at}  {}  {}  {}", result(entry, locale), entry.source, entry.url)?;
        writeln!(out, "                {}", circumstances(entry, locale))?;
    }
    let sent = read.entries.iter().filter(|entry| entry.sent).count();
    let not_sent = read.entries.len() - sent;
    let bytes: u64 = read.entries.iter().map(|entry| entry.bytes).sum();
    let kb = bytes / 1024;
    match locale {
        Locale::ZhCn => writeln!(out, "共 {sent} 次访问，{kb} KB；按规矩没有去的 {not_sent} 次")?,
        Locale::En => {
            writeln!(out, "{sent} requests, {kb} KB; {not_sent} not sent because a rule forbade them")?;
        }
    }
    if read.broken > 0 {
        let words = locale.pick(
            "行读不了（磁盘写满或断电时截断的）",
            "lines cannot be read (cut by a full disk or a fall)",
        );
        writeln!(out, "{} {words}", read.broken)?;
    }
    Ok(())
}

fn result(entry: &Entry, locale: Locale) -> String {
    match (entry.sent, entry.status, &entry.failure) {
        (false, ..) => locale.pick("没有去", "not sent").to_owned(),
        (true, Some(status), None) => status.to_string(),
        (true, Some(status), Some(_)) => format!("{status}!"),
        (true, None, _) => locale.pick("没有答复", "no answer").to_owned(),
    }
}

/// By what right, at what pace, what came of it.
fn circumstances(entry: &Entry, locale: Locale) -> String {
    let mut words = vec![right(entry, locale)];
    if entry.sent {
        let paced = locale.pick("等候", "waited");
        let took = locale.pick("用时", "took");
        words.push(format!("{} B", entry.bytes));
        words.push(format!("{paced} {} ms", entry.waited_ms));
        words.push(format!("{took} {} ms", entry.took_ms));
    }
    if let Some(from) = &entry.redirected_from {
        let downgraded = if entry.downgraded {
            locale.pick("（从加密转到不加密）", " (from https to http)")
        } else {
            ""
        };
        words.push(format!("{} {from}{downgraded}", locale.pick("跳转自", "redirected from")));
    }
    if let Some(proxy) = &entry.proxy {
        words.push(format!("{} {proxy}", locale.pick("经代理", "by proxy")));
    }
    // What was not sent has said its reason already.
    words.extend(entry.failure.clone().filter(|_| entry.sent || entry.robots != Robots::Refused));
    words.push(entry.agent.clone());
    words.join(locale.pick("；", "; "))
}

fn right(entry: &Entry, locale: Locale) -> String {
    let plain = match entry.robots {
        Robots::Allowed => ("robots.txt 允许", "allowed by robots.txt"),
        Robots::None => ("对方没有 robots.txt 限制", "no robots.txt rules"),
        Robots::Refused => ("robots.txt 不允许", "forbidden by robots.txt"),
        Robots::Unavailable => ("robots.txt 取不到", "robots.txt not available"),
        Robots::Asking if entry.kind == Kind::Robots => ("查 robots.txt", "asking for robots.txt"),
        Robots::Asking | Robots::Unasked => ("未查 robots.txt", "robots.txt not asked"),
        Robots::Contract => {
            let contract = entry.contract.as_deref().unwrap_or_default();
            return format!("{} {contract}", locale.pick("按协议", "by contract"));
        }
    };
    locale.pick(plain.0, plain.1).to_owned()
}
