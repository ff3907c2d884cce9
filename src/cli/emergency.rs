//! `yuqing emergency on|off`: switches a unit's emergency mode (应急值守).

use std::{net::SocketAddr, process::ExitCode};

use serde_json::json;

use super::{Common, act, when};
use crate::{
    model::Act,
    time::{Clock as _, System},
};

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    /// Switch it on, or give it another end.
    On,
    /// Switch it off.
    Off,
}

/// Arguments of `emergency`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 done and kept, 1 refused or the daemon does not answer, 2 wrong arguments or a wrong file.\n\
    --json prints one object {done,unit,on,until}."
)]
pub struct Args {
    /// on or off.
    #[arg(value_enum)]
    switch: Switch,
    /// The unit; may be left out when the office has one.
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// Why; it is kept.
    #[arg(long, value_name = "WORDS")]
    reason: String,
    /// Who decides.
    #[arg(long, value_name = "NAME")]
    by: String,
    /// It ends by itself after this, such as 12h or 3天.
    #[arg(long = "for", value_name = "SPAN", conflicts_with = "until")]
    length: Option<String>,
    /// It ends by itself then, local time, such as "2026-11-22 08:00".
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// The console of the running daemon, instead of what yuqing.toml says.
    #[arg(long, value_name = "ADDRESS")]
    console: Option<SocketAddr>,
}

/// Runs it.
///
/// # Errors
/// A wrong file, a unit that is not there, an end that cannot be read, a desk that says no.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let office = act::office(common)?;
    let now = System.now();
    let on = args.switch == Switch::On;
    let unit = act::unit(&office, args.unit)?;
    let until = when::end(&office, args.length.as_deref(), args.until.as_deref(), now)?.filter(|_| on);
    let emergency = Act::Emergency { unit: unit.clone(), on, until, by: args.by, reason: args.reason };
    act::put(&office, args.console, &emergency)?;
    let words = match (on, until) {
        (true, None) => format!("{unit}: 已开启应急值守"),
        (true, Some(until)) => {
            format!("{unit}: 已开启应急值守，至 {}", when::shown(&office, until))
        }
        (false, _) => format!("{unit}: 已结束应急值守"),
    };
    #[expect(clippy::print_stdout, reason = "the answer of the command")]
    if common.json {
        println!("{}", json!({ "done": true, "unit": unit, "on": on, "until": until }));
    } else {
        println!("{words}");
    }
    Ok(ExitCode::SUCCESS)
}
