//! `yuqing paper`: writes a paper (专报, 月报…) to a file or the terminal.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use jiff::{Timestamp, civil::Date};
use serde_json::json;

use super::{
    Common, WrongInput, act,
    keeping::{database, with_store},
};
use crate::{
    config::{Folder, Office},
    locale::{Locale, When},
    model::IncidentId,
    report::paper::{
        Paper, PaperKind, case, docx, html, text,
        texts::{Broken, Texts},
        unit::{self, Period, SpanRows, UnitFacts},
    },
    store::{SqliteStore, Store as _},
    time::{Clock as _, System},
};

/// Arguments of `paper`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "On one incident: special 专报, follow-up 续报, final 终报, registration 登记表, handling 处置意见表, review 总结评估.\n\
    On a span of time: monthly 月报 (a zero report when there was nothing), brief 简报, digest 动态, circular 通报.\n\
    An own text stands in papers/KIND.txt of the office's folder; `paper KIND --template` prints the shipped one.\n\
    Exit codes: 0 written, 1 no such incident, or a file that cannot be written, 2 wrong arguments, a wrong file or no database.\n\
    --json prints {paper,file,bytes}."
)]
pub struct Args {
    /// Which paper.
    kind: String,
    /// The incident, for papers on one.
    incident: Option<u64>,
    /// Follow-up: changes since then (`2026-11-21T08:00:00+08:00`); otherwise since the last report.
    #[arg(long, value_name = "INSTANT")]
    since: Option<Timestamp>,
    /// Monthly, circular: which month (`2026-11`); otherwise the present one.
    #[arg(long, value_name = "MONTH")]
    month: Option<String>,
    /// Brief, digest: how many days (1 to 31).
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=31))]
    days: i64,
    /// Brief, digest: the last of these days; otherwise today.
    #[arg(long, value_name = "DATE")]
    until: Option<Date>,
    /// Whose; may be left out when the office has one unit. `all` is every unit.
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// Where to: .docx, .html or .txt; otherwise the terminal, as text.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Print the shipped text of this paper instead.
    #[arg(long)]
    template: bool,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Writes it.
///
/// # Errors
/// Wrong arguments, no such incident, no database, a file that cannot be written.
pub fn run(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let kind = PaperKind::of_id(&args.kind).ok_or_else(|| {
        let known = PaperKind::OF_CASE.iter().chain(&PaperKind::OF_UNIT).map(|kind| kind.id());
        WrongInput(format!("没有材料“{}”。可写: {}", args.kind, known.collect::<Vec<_>>().join("、")))
    })?;
    if args.template {
        io::stdout().write_all(Texts::template(kind).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let office = act::office(common)?;
    let path = database(&Folder::find(common.office.as_deref()), args.database.as_deref());
    let settings = &office.settings;
    let when = When { now: System.now(), locale: settings.locale, zone: settings.time_zone.clone() };
    let (texts, broken) = Texts::of(&office.papers);
    for one in broken {
        told(&one, settings.locale)?;
    }
    let paper = match PaperKind::OF_CASE.contains(&kind) {
        true => of_case(&path, args, kind, &texts, &when)?,
        false => of_unit(&path, args, &office, kind, &texts, &when)?,
    };
    let Some(out) = &args.out else {
        io::stdout().write_all(text::text(&paper).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    };
    let bytes = written(&paper, out)?;
    fs::write(out, &bytes).with_context(|| format!("写不了 {}", out.display()))?;
    let mut stdout = io::stdout();
    match common.json {
        true => writeln!(stdout, "{}", json!({ "paper": paper.name, "file": out, "bytes": bytes.len() }))?,
        false => writeln!(stdout, "{} → {}", paper.name, out.display())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Says that an own text is wrong; the paper is written by the shipped one.
fn told(broken: &Broken, locale: Locale) -> io::Result<()> {
    writeln!(io::stderr(), "{}", broken.words(locale))
}

/// In the form that the file's ending names.
fn written(paper: &Paper, out: &Path) -> anyhow::Result<Vec<u8>> {
    match out.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "docx" => Ok(docx::docx(paper, &docx::Form::default())?),
        "html" => Ok(html::page(paper).into_bytes()),
        "txt" => Ok(text::text(paper).into_bytes()),
        _ => Err(WrongInput("-o 的文件名要以 .docx、.html 或 .txt 结尾".to_owned()).into()),
    }
}

fn of_case(path: &Path, args: &Args, kind: PaperKind, texts: &Texts, when: &When) -> anyhow::Result<Paper> {
    let Some(id) = args.incident else {
        return Err(WrongInput(format!("写明是哪一件: yuqing paper {} 12", kind.id())).into());
    };
    let view = with_store(path, async |store: &SqliteStore| Ok(store.incident(IncidentId(id)).await?))?;
    let view = view.with_context(|| format!("没有第 {id} 号事件"))?;
    let (paper, broken) = case::paper(&view, kind, args.since, texts, when);
    if let Some(broken) = broken {
        told(&broken, when.locale)?;
    }
    Ok(paper)
}

fn of_unit(
    path: &Path,
    args: &Args,
    office: &Office,
    kind: PaperKind,
    texts: &Texts,
    when: &When,
) -> anyhow::Result<Paper> {
    let (name, units) = match args.unit.as_deref() {
        Some("all") => (when.locale.pick("全部单位", "All units").to_owned(), Vec::new()),
        _ => {
            let unit = act::unit(office, args.unit.clone())?;
            (unit.clone(), vec![unit])
        }
    };
    let today = when.now.to_zoned(when.zone.clone()).date();
    let period = match kind {
        PaperKind::Monthly | PaperKind::Circular => {
            let month = args.month.as_deref().map(|month| format!("{month}-01").parse::<Date>()).transpose();
            let month = month.map_err(|_| WrongInput("--month 写成 2026-11".to_owned()))?;
            Period::Month(month.unwrap_or(today))
        }
        _ => Period::Days(args.days, args.until.unwrap_or(today)),
    };
    let plan = units.first().and_then(|unit| office.plan_of(unit));
    let mark = plan.and_then(|plan| plan.exercise_mark.clone()).unwrap_or_default();
    let rows = with_store(path, async |store: &SqliteStore| {
        Ok(SpanRows::read(store, &units, period, &when.zone, !mark.is_empty()).await?)
    })?;
    let facts = UnitFacts::of(&rows, kind, &name, &mark, when);
    let (paper, broken) = unit::paper(&facts, kind, texts, when.locale);
    if let Some(broken) = broken {
        told(&broken, when.locale)?;
    }
    Ok(paper)
}
