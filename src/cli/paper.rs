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
    locale::{Locale, When, words},
    model::IncidentId,
    report::{
        monthly,
        paper::{
            Paper, PaperKind,
            approved::Approved,
            case::{self, Order},
            file::{self, FileForm, NotWritten},
            html,
            number::{self, Numbered},
            text,
            texts::{Broken, Texts},
            unit::{self, Merged, Period, SpanRows, UnitFacts, merged, rows::Cases},
        },
        register::Register,
    },
    store::{SqliteStore, Store as _},
    time::{Clock as _, System},
};

/// The word for the register, which is no paper of one form or another.
const REGISTER: &str = "register";

/// Arguments of `paper`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "On one incident: special 专报, follow-up 续报, final 终报, registration 登记表, handling 处置意见表, review 总结评估.\n\
    On a span of time: monthly 月报 (a zero report when there was nothing), brief 简报, digest 动态, circular 通报.\n\
    register 台账: one row a case with every field, as -o FILE.xlsx; monthly is written as .xlsx, too.\n\
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
    /// Register: cases first seen on this day or later; otherwise from the first.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Register: cases first seen on this day or before; otherwise to the last.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Whose; may be left out when the office has one unit. `all` is every unit.
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// Where to: .docx, .html or .txt (.pdf where built with it), .xlsx for monthly and register; otherwise the terminal, as text.
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
    if args.kind == REGISTER {
        return register(common, args);
    }
    let kind = PaperKind::of_id(&args.kind).ok_or_else(|| {
        let known = PaperKind::OF_CASE.iter().chain(&PaperKind::OF_UNIT).map(|kind| kind.id());
        let known = known.chain([REGISTER]);
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
    if let Some(out) = args.out.as_deref().filter(|out| is_workbook(out)) {
        if kind != PaperKind::Monthly {
            return Err(WrongInput("只有 monthly 和 register 能写成 .xlsx".to_owned()).into());
        }
        let (facts, bytes) = monthly_workbook(&path, args, &office, &when)?;
        return put(common, &unit::name(&facts), out, &bytes);
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
    put(common, &paper.name, out, &bytes)
}

/// Writes a file and says so.
fn put(common: &Common, name: &str, out: &Path, bytes: &[u8]) -> anyhow::Result<ExitCode> {
    fs::write(out, bytes).with_context(|| format!("写不了 {}", out.display()))?;
    let mut stdout = io::stdout();
    match common.json {
        true => writeln!(stdout, "{}", json!({ "paper": name, "file": out, "bytes": bytes.len() }))?,
        false => writeln!(stdout, "{name} → {}", out.display())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Says that an own text is wrong; the paper is written by the shipped one.
fn told(broken: &Broken, locale: Locale) -> io::Result<()> {
    writeln!(io::stderr(), "{}", broken.words(locale))
}

fn is_workbook(out: &Path) -> bool {
    out.extension().is_some_and(|ending| ending == "xlsx")
}

/// In the form that the file's ending names.
fn written(paper: &Paper, out: &Path) -> anyhow::Result<Vec<u8>> {
    let ending = out.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if let Some(form) = [FileForm::Word, FileForm::Pdf].into_iter().find(|form| form.ending() == ending) {
        return file::written(paper, form, None).map_err(|error| {
            let words = error.words(paper.locale);
            if matches!(error, NotWritten::Without) {
                WrongInput(words).into()
            } else {
                anyhow::anyhow!(words)
            }
        });
    }
    match ending {
        "html" => Ok(html::page(paper).into_bytes()),
        "txt" => Ok(text::text(paper).into_bytes()),
        _ => Err(WrongInput("-o 的文件名要以 .docx、.pdf、.html、.txt 或 .xlsx 结尾".to_owned()).into()),
    }
}

fn of_case(path: &Path, args: &Args, kind: PaperKind, texts: &Texts, when: &When) -> anyhow::Result<Paper> {
    let Some(id) = args.incident else {
        return Err(WrongInput(format!("写明是哪一件: yuqing paper {} 12", kind.id())).into());
    };
    let order = Order { since: args.since, ..Order::of(kind) };
    let found = with_store(path, async |store: &SqliteStore| {
        let Some(view) = store.incident(IncidentId(id)).await? else { return Ok(None) };
        let order = order.numbered(store, &view.incident, when).await?;
        Ok(Some((view, order)))
    })?;
    let (view, order) = found.with_context(|| format!("没有第 {id} 号事件"))?;
    let (paper, broken) = case::paper(&view, &order, texts, when);
    if let Some(broken) = broken {
        told(&broken, when.locale)?;
    }
    Ok(paper)
}

/// What a unit's paper is made of.
fn facts(
    path: &Path,
    args: &Args,
    office: &Office,
    kind: PaperKind,
    when: &When,
) -> anyhow::Result<(SpanRows, UnitFacts, Merged)> {
    let (name, units) = whose(args, office, when)?;
    let today = when.now.to_zoned(when.zone.clone()).date();
    let period = match kind {
        PaperKind::Monthly | PaperKind::Circular => {
            let month = args.month.as_deref().map(|month| format!("{month}-01").parse::<Date>()).transpose();
            let month = month.map_err(|_| WrongInput("--month 写成 2026-11".to_owned()))?;
            Period::Month(month.unwrap_or(today))
        }
        _ => Period::Days(args.days, args.until.unwrap_or(today)),
    };
    let mark = mark(office, &units);
    let numbered = Numbered::of_unit(kind, series(office, &units, &name), &mark, period);
    let (rows, merged, issue) = with_store(path, async |store: &SqliteStore| {
        let whose = (units.as_slice(), office.sources.as_slice());
        let rows = SpanRows::read(store, whose, period, &when.zone, !mark.is_empty()).await?;
        let merged = merged(store, &units, rows.from).await?;
        let issue = match numbered {
            Some(paper) => paper.known(store, number::year(when.now, &when.zone)).await?,
            None => None,
        };
        Ok((rows, merged, issue))
    })?;
    let facts = UnitFacts::of(&rows, kind, &name, &mark, when).numbered(issue, when);
    Ok((rows, facts, merged))
}

/// Under whose name a paper is numbered: the unit's, none for several together.
fn series<'a>(office: &'a Office, units: &[String], name: &'a str) -> &'a str {
    match office.units.as_slice() {
        [only] => &only.name,
        _ if units.is_empty() => "",
        _ => name,
    }
}

fn of_unit(
    path: &Path,
    args: &Args,
    office: &Office,
    kind: PaperKind,
    texts: &Texts,
    when: &When,
) -> anyhow::Result<Paper> {
    let (rows, facts, _) = facts(path, args, office, kind, when)?;
    if let (PaperKind::Circular, Period::Month(month)) = (kind, rows.period) {
        let (name, units) = whose(args, office, when)?;
        let (unit, mark) = (series(office, &units, &name).to_owned(), mark(office, &units));
        let approved = with_store(path, async |store: &SqliteStore| {
            Ok(Approved::read(store, &unit, &mark, month).await?)
        })?;
        if let Some(approved) = approved {
            return Ok(approved.paper(when));
        }
    }
    let (paper, broken) = unit::paper(&facts, kind, texts, when.locale);
    if let Some(broken) = broken {
        told(&broken, when.locale)?;
    }
    Ok(paper)
}

fn monthly_workbook(
    path: &Path,
    args: &Args,
    office: &Office,
    when: &When,
) -> anyhow::Result<(UnitFacts, Vec<u8>)> {
    let (rows, facts, merged) = facts(path, args, office, PaperKind::Monthly, when)?;
    let bytes = monthly::workbook(&rows, &facts, &merged, when)?;
    Ok((facts, bytes))
}

/// The units of a paper, and how they are called together.
fn whose(args: &Args, office: &Office, when: &When) -> anyhow::Result<(String, Vec<String>)> {
    if args.unit.as_deref() == Some("all") {
        return Ok((words::all_units(when.locale).to_owned(), Vec::new()));
    }
    let unit = act::unit(office, args.unit.clone())?;
    Ok((unit.clone(), vec![unit]))
}

/// What marks everything of a unit as made up; empty for what is real.
fn mark(office: &Office, units: &[String]) -> String {
    let plan = units.first().and_then(|unit| office.plan_of(unit));
    plan.and_then(|plan| plan.exercise_mark.clone()).unwrap_or_default()
}

/// The register of a span.
fn register(common: &Common, args: &Args) -> anyhow::Result<ExitCode> {
    let Some(out) = args.out.as_deref().filter(|out| is_workbook(out)) else {
        return Err(WrongInput("台账写成文件: yuqing paper register -o 台账.xlsx".to_owned()).into());
    };
    let office = act::office(common)?;
    let path = database(&Folder::find(common.office.as_deref()), args.database.as_deref());
    let settings = &office.settings;
    let when = When { now: System.now(), locale: settings.locale, zone: settings.time_zone.clone() };
    let (name, units) = whose(args, &office, &when)?;
    let start = |day: Date| Ok::<_, jiff::Error>(day.to_zoned(when.zone.clone())?.timestamp());
    let from = args.from.map(start).transpose()?.unwrap_or(Timestamp::MIN);
    let to = args.to.map(|day| start(day.tomorrow()?)).transpose()?.unwrap_or(Timestamp::MAX);
    if from >= to {
        return Err(WrongInput("--from 晚于 --to".to_owned()).into());
    }
    let drills = !mark(&office, &units).is_empty();
    let bytes = with_store(&path, async |store: &SqliteStore| {
        let merged = merged(store, &units, from).await?;
        let (mut cases, mut register) = (Cases::of(&units, from, to, drills), Register::new(when.clone())?);
        while let Some(batch) = cases.next(store).await? {
            register.add(&batch, &merged)?;
        }
        Ok(register.end(cases.is_cut())?)
    })?;
    let name = format!("{name} {}", when.locale.pick("台账", "Register"));
    put(common, &name, out, &bytes)
}
