//! `yuqing keywords stats`: how often each rule hit, and which never or always do. Reads only.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;

use super::{Common, WrongInput};
use crate::{
    config::{self, Folder, Office},
    keyword::{
        List,
        usage::{self, ListReport, RuleReport},
    },
    locale::Locale,
    store::{SqliteStore, Store},
    time::{Clock as _, System},
};

/// Arguments of `keywords stats`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 nothing is odd, 1 a rule never matched or matches too much, 2 a wrong file or no database.\n\
    --json prints one object a rule:\n  \
    {unit,file,topic,state,group,line,rule,since,hits_24h,hits_30d,last_hit_at,looked_30d,\n   \
    warnings:[{kind,message}]}\n\
    state is in_force, waiting or ended, kind never_matched, meets_too_much or many_in_a_day.\n\
    A rule never matched when it did not in 30 days in force; it meets too much above 30 % of all posts looked at (not \
    when its group is searched for); many in a day are over 1,000 within 24 h and over 10 times the median of the days before.\n\
    A post counts once a rule. Counts are kept for 400 days and go with the rule."
)]
pub struct Args {
    /// Only this unit's rules.
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// Only rules with a warning.
    #[arg(long)]
    odd: bool,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// A wrong file of the office, no database, one that cannot be read.
pub fn run(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    let (office, _) = config::load(&folder).map_err(|faults| {
        WrongInput(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))
    })?;
    let path = args.database.clone().unwrap_or_else(|| Office::database(&office));
    if !path.exists() {
        let words = format!("{} 不存在：守护进程还没有运行过，或用 --database 指明数据库", path.display());
        return Err(WrongInput(words).into());
    }
    if let Some(unit) = &args.unit
        && !office.units.iter().any(|known| known.name == *unit)
    {
        let known: Vec<&str> = office.units.iter().map(|unit| unit.name.as_str()).collect();
        return Err(WrongInput(format!("没有名为“{unit}”的单位。现有: {}", known.join("、"))).into());
    }
    let store =
        SqliteStore::open_read_only(&path).with_context(|| format!("cannot open {}", path.display()))?;
    let now = System.now();
    let zone = office.settings.time_zone.clone();
    let from = usage::first_day(now, &zone);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let counted = runtime.block_on(store.usage(now, from))?;
    let wanted = |unit: &str| args.unit.as_deref().is_none_or(|wanted| wanted == unit);
    let lists: Vec<_> = office.lists.iter().filter(|list| wanted(&list.unit)).cloned().collect();
    let mut reports = usage::report(&lists, &counted, now);
    let odd = reports.iter().flat_map(|list| &list.rules).any(|rule| !rule.odd.is_empty());
    if args.odd {
        reports.iter_mut().for_each(|list| list.rules.retain(|rule| !rule.odd.is_empty()));
    }
    let shown = Shown { now, zone, locale: office.settings.locale };
    let mut out = io::BufWriter::new(io::stdout().lock());
    for (list, report) in lists.iter().zip(&reports) {
        if common.json {
            shown.print_json(list, report, &mut out)?;
        } else if !args.odd || !report.rules.is_empty() {
            shown.print(list, report, &mut out)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::from(u8::from(odd)))
}

struct Shown {
    now: Timestamp,
    zone: TimeZone,
    locale: Locale,
}

impl Shown {
    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }

    fn print(&self, list: &List, report: &ListReport<'_>, out: &mut impl Write) -> io::Result<()> {
        let pick = |zh, en| self.locale.pick(zh, en);
        let topic = list.topic.as_ref().map_or_else(String::new, |topic| format!("，{}", topic.label()));
        let resting =
            if list.is_in_force(self.now) { "" } else { pick("，现在不生效", ", not in force") };
        writeln!(out, "{}（{}{topic}{resting}）", list.file, list.unit)?;
        let (day, month) = (pick("24 小时", "24 h"), pick("30 天", "30 days"));
        writeln!(
            out,
            "  {:>5} {day:>6} {month:>7}  {}  {}",
            pick("行", "line"),
            pick("最近命中", "last hit"),
            pick("词", "rule")
        )?;
        for rule in &report.rules {
            let last = rule.last_hit_at.map_or_else(|| "—".to_owned(), |at| self.time(at));
            writeln!(
                out,
                "  {:>5} {:>8} {:>9}  {last}  {}",
                rule.line, rule.last_24h, rule.last_30d, rule.rule
            )?;
        }
        for rule in &report.rules {
            for odd in &rule.odd {
                let warning = odd.human(rule.line, rule.rule, self.locale);
                writeln!(out, "  {}: {warning}", pick("提醒", "warning"))?;
            }
        }
        Ok(())
    }

    fn print_json(&self, list: &List, report: &ListReport<'_>, out: &mut impl Write) -> io::Result<()> {
        let topic = list.topic.as_ref();
        let state = topic.map_or("in_force", |topic| topic.state(self.now).id());
        for rule in &report.rules {
            let RuleReport { group, rule: written, line, since, last_24h, last_30d, last_hit_at, odd } = rule;
            let warnings: Vec<_> = odd
                .iter()
                .map(|odd| json!({ "kind": odd.id(), "message": odd.human(*line, written, self.locale) }))
                .collect();
            let row = json!({
                "unit": list.unit, "file": list.file, "topic": topic.map(|topic| &topic.name), "state": state,
                "group": group, "line": line, "rule": written, "since": since, "hits_24h": last_24h,
                "hits_30d": last_30d, "last_hit_at": last_hit_at, "looked_30d": report.looked_30d,
                "warnings": warnings,
            });
            writeln!(out, "{row}")?;
        }
        Ok(())
    }
}
