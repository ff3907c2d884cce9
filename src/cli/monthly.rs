//! `yuqing monthly …`: monthly and zero reports (月报、零报告): what is owed, and registering what was handed up.

use std::{io::Write as _, net::SocketAddr, process::ExitCode};

use serde_json::json;

use super::{Common, act, when};
use crate::{
    config::Office,
    desk::{MonthlyReport, MonthlyStanding, monthly_report},
    model::Act,
    time::{Clock as _, System},
};

/// Arguments of `monthly`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 done and kept, 1 refused, the daemon does not answer, or (list) a report is late, \
    2 wrong arguments or a wrong file.\n\
    --json prints one object a unit {unit,name,month,due_at,opened,state}, state one of running, owed, late; \
    file prints {done,unit}."
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
    /// List the next report of every unit.
    List,
    /// Register that the report that is owed was handed up.
    File {
        /// The unit; may be left out when the office has one.
        #[arg(long, value_name = "NAME")]
        unit: Option<String>,
        /// What was handed up: its number, or its words.
        #[arg(long, value_name = "WORDS")]
        text: String,
        /// Who registers it.
        #[arg(long, value_name = "NAME")]
        by: String,
    },
}

/// Runs it.
///
/// # Errors
/// A wrong file, a unit that is not there, a month that is not over.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let office = act::office(common)?;
    match args.what.unwrap_or(What::List) {
        What::List => list(common, &office),
        What::File { unit, text, by } => {
            let unit = act::unit(&office, unit)?;
            act::put(&office, args.console, &Act::FileMonthly { unit: unit.clone(), by, text })?;
            let mut out = std::io::stdout();
            match common.json {
                true => writeln!(out, "{}", json!({ "done": true, "unit": unit }))?,
                false => writeln!(out, "{unit}: 月报已登记")?,
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn list(common: &Common, office: &Office) -> anyhow::Result<ExitCode> {
    let (now, mut out) = (System.now(), std::io::stdout());
    let state = act::state(office)?;
    let reports = office.units.iter().filter_map(|unit| {
        let plan = office.plan_of(&unit.name)?;
        monthly_report(&unit.name, plan, state.monthly.get(&unit.name), &office.workdays, now)
    });
    let reports: Vec<MonthlyReport> = reports.collect();
    if reports.is_empty() && !common.json {
        writeln!(out, "各单位的预案都没有月报")?;
    }
    for one in &reports {
        if common.json {
            let month = one.month.strftime("%Y-%m").to_string();
            let line = json!({
                "unit": one.unit, "name": one.name, "month": month, "due_at": one.due_at,
                "opened": one.opened, "state": one.standing.id(),
            });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{}", line(one, office))?;
        }
    }
    let late = reports.iter().any(|one| one.standing == MonthlyStanding::Late);
    Ok(if late { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn line(one: &MonthlyReport, office: &Office) -> String {
    let state = match one.standing {
        MonthlyStanding::Running => "本月未结束",
        MonthlyStanding::Owed => "待报送",
        MonthlyStanding::Late => "已逾期",
    };
    let count = match one.opened {
        0 => "零报告".to_owned(),
        opened => format!("{opened} 件"),
    };
    let (month, due) = (one.month.strftime("%Y-%m"), when::shown(office, one.due_at));
    format!("{}  {month} {}  {state}  须于 {due} 前报送  {count}", one.unit, one.name)
}
