//! `yuqing keywords`: tries keyword files on texts and checks them, before they are in force.

use std::{
    collections::HashMap,
    io::{self, BufRead, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use serde::Serialize;

use super::{Common, WrongInput, keywords_stats};
use crate::config::{self, Fault, left_behind};
use crate::keyword::{Answer, Cell, LineFault, List, Matcher, parse};
use crate::model::Certainty;

/// Greatest file that is read at all; the parser refuses less with a message of its own.
const GREATEST_FILE_BYTES: u64 = 64 << 20;

/// Endings of keyword files.
const LIST_ENDINGS: [&str; 3] = ["txt", "csv", "xlsx"];

/// Arguments of `keywords`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Try texts: which rules they meet, and what kept the other groups from it.
    ///
    /// Prints one answer per text, in order. Texts come from the arguments, else one a line from
    /// standard input. With --json each answer is one object
    /// {text,hits:[{group,rule,line,start,end,surface,certainty}],why_not:[{line,reason}]}, offsets in
    /// Unicode scalars of the text; certainty is exact, gap or homophone. When lists of several units are
    /// tried, hits and reasons also name the unit.
    Test(Test),
    /// Show how often each rule hit, and which never or always do.
    Stats(keywords_stats::Args),
    /// Check one keyword file: line or cell, what stands there, what is wrong, what to write instead.
    ///
    /// With --json one object {file,ok,groups,rules,faults:[…],warnings:[…]}, each fault and warning
    /// {line,text,message,hint}, in a table with {sheet,row,column} as well (column as its letters).
    Check {
        /// The file: .txt, .csv or .xlsx.
        file: PathBuf,
    },
}

#[derive(Debug, clap::Args)]
struct Test {
    /// Texts to try; standard input when there is none.
    text: Vec<String>,
    /// The keyword file: .txt, .csv or .xlsx (default: all of them in keywords/ of the office's folder).
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// Name of the unit whose list it is (default: the file's name).
    #[arg(long, value_name = "NAME")]
    unit: Option<String>,
    /// Texts on standard input end with NUL instead of a line break.
    #[arg(short = '0', long = "null")]
    null: bool,
}

/// Runs it.
///
/// # Errors
/// What a person can mend, with context.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let done = match args.action {
        Action::Test(test) => try_texts(common, &test),
        Action::Stats(args) => keywords_stats::run(common, &args),
        Action::Check { file } => check(common, &file),
    };
    match done {
        // The reader of our output has seen enough.
        Err(error) if broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        other => other,
    }
}

fn broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn try_texts(common: &Common, test: &Test) -> anyhow::Result<ExitCode> {
    let files = match &test.list {
        Some(file) => vec![file.clone()],
        None => files_of_office(common)?,
    };
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    let mut lists = Vec::new();
    let mut broken = false;
    for file in &files {
        match load(file, test.unit.as_deref())? {
            Ok(list) => lists.push(Arc::new(list)),
            Err(faults) => {
                broken = true;
                print_faults(&mut io::stderr().lock(), file, &faults)?;
            }
        }
    }
    if broken {
        return Ok(ExitCode::from(2));
    }
    let cells = cells_of(&lists);
    let tester = Tester { matcher: Matcher::new(lists), cells, json: common.json };
    if test.text.is_empty() {
        tester.each_of(io::stdin().lock(), if test.null { 0 } else { b'\n' }, &mut out)?;
    } else {
        for text in &test.text {
            tester.answer(text, &mut out)?;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The keyword files of the office's folder, by name.
fn files_of_office(common: &Common) -> anyhow::Result<Vec<PathBuf>> {
    let office = common.office.clone().unwrap_or_else(|| PathBuf::from("/var/lib/yuqing/office"));
    let folder = office.join("keywords");
    let entries = std::fs::read_dir(&folder).map_err(|error| {
        WrongInput(format!(
            "{}: {error}\n  改法: 用 --list 文件 指定名单，或用 --office 指定单位的目录",
            folder.display()
        ))
    })?;
    let mut files: Vec<PathBuf> =
        entries.filter_map(|entry| entry.ok().map(|e| e.path())).filter(|p| is_list(p)).collect();
    files.sort();
    if files.is_empty() {
        return Err(WrongInput(format!("{}: 没有关键词文件（.txt、.csv、.xlsx）", folder.display())).into());
    }
    Ok(files)
}

fn is_list(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let known = |ending: &std::ffi::OsStr| LIST_ENDINGS.iter().any(|of| ending.eq_ignore_ascii_case(of));
    path.is_file() && path.extension().is_some_and(known) && !name.starts_with('~') && !left_behind(&name)
}

fn load(file: &Path, unit: Option<&str>) -> anyhow::Result<Result<List, Vec<LineFault>>> {
    let wrong = |error: io::Error| WrongInput::unreadable(file, &error);
    let size = std::fs::metadata(file).map_err(wrong)?.len();
    if size > GREATEST_FILE_BYTES {
        return Err(WrongInput(format!("{}: 文件太大（{size} 字节）", file.display())).into());
    }
    let bytes = std::fs::read(file).map_err(wrong)?;
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(parse(unit.unwrap_or(&stem), &file.display().to_string(), &bytes))
}

fn print_faults(out: &mut impl Write, file: &Path, faults: &[LineFault]) -> io::Result<()> {
    faults.iter().try_for_each(|fault| writeln!(out, "{}", Fault::of_list(file, fault.clone())))
}

/// Cells of the rules that stand in tables, by unit (where there are several), line and rule.
type Cells = HashMap<(Option<String>, u32, String), Cell>;

fn cells_of(lists: &[Arc<List>]) -> Cells {
    let mut cells = Cells::new();
    let several = lists.iter().any(|list| lists.first().is_some_and(|first| first.unit != list.unit));
    for list in lists {
        let unit = several.then(|| list.unit.clone());
        let rules = list.groups.iter().flat_map(|group| group.any.iter().chain(&group.required));
        for rule in rules {
            if let Some(cell) = &rule.cell {
                cells.insert((unit.clone(), rule.line, rule.written.clone()), cell.clone());
            }
        }
    }
    cells
}

/// Answers for texts.
struct Tester {
    matcher: Matcher,
    cells: Cells,
    json: bool,
}

impl Tester {
    /// One answer for each text of a stream; what is not UTF-8 is replaced, an empty text is answered
    /// too. On a terminal each answer is shown at once.
    fn each_of(&self, mut input: impl BufRead, end: u8, out: &mut impl Write) -> anyhow::Result<()> {
        let at_once = io::IsTerminal::is_terminal(&io::stdin());
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            if input.read_until(end, &mut bytes).context("standard input")? == 0 {
                return Ok(());
            }
            if bytes.last() == Some(&end) {
                bytes.pop();
            }
            if end == b'\n' && bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
            self.answer(&String::from_utf8_lossy(&bytes), out)?;
            if at_once {
                out.flush()?;
            }
        }
    }

    fn answer(&self, text: &str, out: &mut impl Write) -> anyhow::Result<()> {
        let answer = Answer::of(&self.matcher, text, None);
        if !self.json {
            return Ok(self.in_words(&answer, out)?);
        }
        serde_json::to_writer(&mut *out, &answer)?;
        Ok(out.write_all(b"\n")?)
    }

    fn in_words(&self, answer: &Answer, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "{}", answer.text.trim_end())?;
        for hit in &answer.hits {
            let unit = hit.unit.as_ref().map_or_else(String::new, |unit| format!("{unit} / "));
            let sure = match hit.certainty {
                Certainty::Exact => "",
                Certainty::Gap => "，词中夹有符号",
                Certainty::Homophone => "，谐音",
            };
            let (start, end) = (hit.start + 1, hit.end);
            let cell = self.cells.get(&(hit.unit.clone(), hit.line, hit.rule.clone()));
            let place = cell.map_or_else(|| format!("第 {} 行", hit.line), Cell::to_string);
            writeln!(
                out,
                "  命中 {unit}{}: “{}”（第 {start}–{end} 字，{place} {}{sure}）",
                hit.group, hit.surface, hit.rule
            )?;
        }
        for why in &answer.why_not {
            writeln!(out, "  未命中: {}", why.reason)?;
        }
        if answer.hits.is_empty() && answer.why_not.is_empty() {
            writeln!(out, "  没有词出现")?;
        }
        Ok(())
    }
}

#[derive(Serialize)]
struct Checked<'a> {
    file: String,
    ok: bool,
    groups: usize,
    rules: usize,
    faults: Vec<FaultLine<'a>>,
    warnings: Vec<FaultLine<'a>>,
}

#[derive(Serialize)]
struct FaultLine<'a> {
    line: u32,
    #[serde(flatten)]
    cell: Option<CellAt<'a>>,
    text: &'a str,
    message: &'a str,
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct CellAt<'a> {
    sheet: Option<&'a str>,
    row: u32,
    column: String,
}

impl<'a> CellAt<'a> {
    fn of(cell: &'a Cell) -> Self {
        Self { sheet: cell.sheet.as_deref(), row: cell.row, column: cell.letters() }
    }
}

fn check(common: &Common, file: &Path) -> anyhow::Result<ExitCode> {
    let outcome = load(file, None)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    let code = if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(2) };
    if common.json {
        serde_json::to_writer(&mut out, &checked(file, &outcome))?;
        out.write_all(b"\n")?;
    } else {
        match &outcome {
            Ok(list) => print_list(&mut out, file, list)?,
            Err(faults) => print_faults(&mut out, file, faults)?,
        }
    }
    out.flush()?;
    Ok(code)
}

fn n_rules(list: &List) -> usize {
    list.groups.iter().map(|group| group.any.len() + group.required.len()).sum()
}

fn checked<'a>(file: &Path, outcome: &'a Result<List, Vec<LineFault>>) -> Checked<'a> {
    let (groups, rules, faults, warnings) = match outcome {
        Ok(list) => (list.groups.len(), n_rules(list), &[][..], list.warnings.as_slice()),
        Err(faults) => (0, 0, faults.as_slice(), &[][..]),
    };
    let faults = faults.iter().map(|f| FaultLine {
        line: f.line,
        cell: f.cell.as_ref().map(CellAt::of),
        text: &f.text,
        message: &f.message,
        hint: Some(&f.hint),
    });
    let warnings = warnings.iter().map(|w| FaultLine {
        line: w.line,
        cell: w.cell.as_ref().map(CellAt::of),
        text: &w.text,
        message: &w.message,
        hint: None,
    });
    Checked {
        file: file.display().to_string(),
        ok: outcome.is_ok(),
        groups,
        rules,
        faults: faults.collect(),
        warnings: warnings.collect(),
    }
}

fn print_list(out: &mut impl Write, file: &Path, list: &List) -> io::Result<()> {
    for warning in &list.warnings {
        writeln!(out, "{}", config::Warning::of_list(file, warning))?;
    }
    writeln!(
        out,
        "{}: 可用，{} 组，{} 个词，{} 个全局过滤词",
        file.display(),
        list.groups.len(),
        n_rules(list),
        list.filters.len()
    )
}
