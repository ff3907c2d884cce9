//! `yuqing replay`: recorded observations through the desk in virtual time.

use std::{
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use jiff::SignedDuration;

use super::{Common, WrongInput, wrong_line};
use crate::{
    app::replay::{Options, Printed, Replay, read_lines},
    config::{self, Folder},
    keyword::{self, List, Matcher},
    locale::Locale,
    model::Unit,
};

/// Arguments of `replay`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A line is an observation\n  \
{\"seen_at\",\"site\",\"site_kind\",\"id\",\"url\",\"title\",\"text\",\"published_at\",\"views\",\"reposts\",\"comments\",\"likes\",\"repost_of\"} \
(equal site and id is one post; a bound is \"100000+\"; null or absent is unknown; repost_of is the original's \
id, site/id, link, or the original itself as an object) or an event\n  \
{\"at\",\"event\":\"ack|respond|override|merge|split|close|complete|kind\",\"incident\" or \"post\",\"by\",\"tier\",\"reason\"}; \
of `complete` also \"limit\", the name of what was done, and of `kind` also \"kind\".\n\
Lines may come in any order. Every notice is accepted the instant it is made; an `ack` by a name that the \
plan does not know counts for whoever was asked last. With --json each line is\n  \
{\"at\",\"type\":\"tier|notice|deadline|merge|refused\",\"incident\",\"tier\",\"from\",\"to\",\"recipient\",\"channel\",\"step\",\n   \
\"due_at\",\"reason\",\"daily_views\",\"reposts\",\"sites\",\"unknown\",\"estimated\",\"what\",\"state\",\"line\"}, times +08:00.")]
pub struct Args {
    /// Observations and events, JSON Lines; `-` reads standard input.
    file: PathBuf,
    /// The plan: its name in plans/ or a .toml file.
    #[arg(long, default_value = "work-safety")]
    plan: String,
    /// The keyword list.
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// Name of the unit, masked when texts are compared.
    #[arg(long, default_value = "本单位")]
    unit: String,
    /// How long virtual time runs on after the last line: 7d, 12h, 30min.
    #[arg(long, default_value = "1d", value_parser = span)]
    until: SignedDuration,
    /// A new installation: until a site shows a post again (an hour at most) is its first round, and what
    /// was there before is backlog.
    #[arg(long)]
    first_run: bool,
}

fn span(text: &str) -> Result<SignedDuration, String> {
    config::duration::parse(text).map_err(|error| error.to_string())
}

/// Runs it.
///
/// # Errors
/// A plan, list or line that is wrong.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    let plan = config::plan_named(&folder, &args.plan).map_err(|faults| wrong(&faults))?;
    let (workdays, _) = config::holidays::of(&folder).map_err(|faults| wrong(&faults))?;
    let lists = lists(&folder, &args)?;
    let lines = read_lines(&read(&args.file)?).map_err(|errors| {
        let errors = errors.iter().map(|error| wrong_line(&args.file, error, Locale::ZhCn));
        WrongInput(errors.collect::<Vec<_>>().join("\n"))
    })?;
    let mut notify: Vec<String> =
        lists.iter().flat_map(|list| &list.groups).flat_map(|group| group.notify.clone()).collect();
    notify.sort();
    notify.dedup();
    let options = Options {
        unit: Unit { name: args.unit, aliases: Vec::new(), plan: plan.id.clone(), emergency: false },
        plan: Arc::new(plan),
        notify,
        run_on: args.until,
        first_run: args.first_run,
        workdays: Arc::new(workdays),
        locale: Locale::ZhCn,
    };
    let matcher = Matcher::new(lists);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut failed = None;
    Replay::run(&matcher, options, lines, &mut |line| {
        if failed.is_none() {
            failed = print(&mut out, &line, common.json).err();
        }
    });
    match failed.map_or_else(|| out.flush(), Err) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        // The reader of a pipe has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error).context("cannot print"),
    }
}

fn wrong<T: ToString>(faults: &[T]) -> WrongInput {
    WrongInput(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\n"))
}

/// The list that was named, else the office's own lists.
fn lists(folder: &Folder, args: &Args) -> anyhow::Result<Vec<Arc<List>>> {
    let Some(file) = &args.list else {
        let (office, _) = config::load(folder).map_err(|faults| wrong(&faults))?;
        return Ok(office.lists);
    };
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let name = file.display().to_string();
    let list = keyword::parse(&args.unit, &name, &bytes).map_err(|faults| {
        let faults: Vec<_> = faults.into_iter().map(|fault| config::Fault::of_list(file, fault)).collect();
        wrong(&faults)
    })?;
    Ok(vec![Arc::new(list)])
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    } else {
        bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    Ok(bytes)
}

fn print(out: &mut impl Write, line: &Printed, json: bool) -> std::io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, line)?;
        return writeln!(out);
    }
    let number = line.incident.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let what = match line.kind {
        "notice" => format!(
            "通知 {} → {} ({})",
            line.what.unwrap_or_default(),
            line.recipient.as_deref().unwrap_or_default(),
            line.channel.unwrap_or_default()
        ),
        "tier" => format!(
            "等级 {} → {}",
            line.from.as_deref().unwrap_or("-"),
            line.to.as_deref().unwrap_or_default()
        ),
        "deadline" => format!("时限 {}", line.due_at.as_deref().unwrap_or_default()),
        "merge" => format!(
            "合并 {} → {}",
            line.from.as_deref().unwrap_or_default(),
            line.to.as_deref().unwrap_or_default()
        ),
        _ => "未执行".to_owned(),
    };
    writeln!(out, "{}  #{number}  {what}  {}", line.at, line.reason.as_deref().unwrap_or_default())
}
