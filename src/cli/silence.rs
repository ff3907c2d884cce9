//! `yuqing silence …`: silences (静默): alerts of a unit, or of one of its keyword groups, wait until a set end.

use std::{io::Write as _, net::SocketAddr, process::ExitCode};

use jiff::Timestamp;
use serde_json::json;

use super::{Common, WrongInput, act, when};
use crate::{
    config::Office,
    desk::DeskState,
    model::{Act, Silence},
    time::{Clock as _, System},
};

/// Arguments of `silence`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "What is held back and still stands is told when the silence ends; what is graver is told at once; the highest \
    tier cannot be silenced. A silence lasts 31 days at most.\n\n\
    Exit codes: 0 done and kept, 1 refused or the daemon does not answer, 2 wrong arguments or a wrong file.\n\
    --json prints one object a silence {id,unit,group,up_to,from,until,by,reason,holds}; begin and end print \
    {done,id}, where id is null when the database is elsewhere."
)]
pub struct Args {
    /// Without one: list.
    #[command(subcommand)]
    what: Option<What>,
    /// The console of the running daemon, instead of what yuqing.toml says.
    #[arg(long, global = true, value_name = "ADDRESS")]
    console: Option<SocketAddr>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Begin one.
    Begin(Begin),
    /// List those that hold or will.
    List,
    /// End one before its time; what it held back is told then.
    End {
        /// Its number, as `list` shows it.
        number: u64,
        /// Who decides.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
}

#[derive(Debug, clap::Args)]
struct Begin {
    /// The unit; may be left out when the office has one.
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// Only incidents of this keyword group; otherwise all of the unit's.
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// The highest tier that waits; never the plan's highest.
    #[arg(long, value_name = "TIER")]
    up_to: String,
    /// It begins then, local time; otherwise now.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// It ends after this, such as 12h or 3天.
    #[arg(long = "for", value_name = "SPAN", conflicts_with = "until", required_unless_present = "until")]
    length: Option<String>,
    /// It ends then, local time, such as "2026-11-22 08:00".
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Why; it is kept.
    #[arg(long, value_name = "WORDS")]
    reason: String,
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// Runs it.
///
/// # Errors
/// A wrong file or time, a unit that is not there, a desk that says no.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let office = act::office(common)?;
    match args.what.unwrap_or(What::List) {
        What::List => list(common, &office)?,
        What::Begin(wanted) => {
            let wanted = read(wanted, &office)?;
            act::put(&office, args.console, &wanted)?;
            let id = number_of(&act::state(&office)?, &wanted);
            let words = id.map_or_else(|| "已静默".to_owned(), |id| format!("静默第 {id} 号: 已开始"));
            answer(common, id, &words)?;
        }
        What::End { number, by } => {
            act::put(&office, args.console, &Act::EndSilence { id: number, by })?;
            answer(common, Some(number), &format!("静默第 {number} 号: 已结束"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn answer(common: &Common, id: Option<u64>, words: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    if common.json {
        writeln!(out, "{}", json!({ "done": true, "id": id }))
    } else {
        writeln!(out, "{words}")
    }
}

fn read(wanted: Begin, office: &Office) -> Result<Act, WrongInput> {
    let from = wanted.from.as_deref().map(|written| when::local(office, written)).transpose()?;
    let begins = from.unwrap_or_else(|| System.now());
    let until = when::end(office, wanted.length.as_deref(), wanted.until.as_deref(), begins)?;
    let until = until.ok_or_else(|| WrongInput("用 --for 或 --until 写明何时结束".to_owned()))?;
    Ok(Act::Silence {
        unit: act::unit(office, wanted.unit)?,
        group: wanted.group,
        up_to: wanted.up_to,
        from,
        until,
        by: wanted.by,
        reason: wanted.reason,
    })
}

/// The number that a silence got; `None` when the database is elsewhere.
fn number_of(state: &DeskState, wanted: &Act) -> Option<u64> {
    let Act::Silence { unit, until, by, .. } = wanted else { return None };
    let is_it = |one: &&Silence| one.unit == *unit && one.until == *until && one.by == *by;
    state.silences.iter().rev().find(is_it).map(|one| one.id)
}

fn list(common: &Common, office: &Office) -> anyhow::Result<()> {
    let (now, mut out) = (System.now(), std::io::stdout());
    let state = act::state(office)?;
    let silences: Vec<&Silence> = state.silences.iter().filter(|one| one.until > now).collect();
    if silences.is_empty() && !common.json {
        writeln!(out, "没有静默")?;
    }
    for one in silences {
        if common.json {
            let Silence { id, unit, group, up_to, from, until, by, comment, .. } = one;
            let line = json!({
                "id": id, "unit": unit, "group": group, "up_to": up_to, "from": from, "until": until,
                "by": by, "reason": comment, "holds": one.holds_at(now),
            });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{}", line(one, office, now))?;
        }
    }
    Ok(())
}

fn line(one: &Silence, office: &Office, now: Timestamp) -> String {
    let (from, until) = (when::shown(office, one.from), when::shown(office, one.until));
    let group = one.group.as_deref().map_or_else(String::new, |group| format!("·{group}"));
    let state = if one.holds_at(now) { "静默中" } else { "未开始" };
    let Silence { id, unit, up_to, by, comment, .. } = one;
    format!("第 {id} 号  {state}  {unit}{group}  {up_to}及以下  {from} 至 {until}  {comment}（{by}）")
}
