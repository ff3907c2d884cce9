//! `yuqing evidence export` and `yuqing evidence verify`: the case folder (案卷) of an incident, written and proved.

use std::{
    fs::{self, File},
    io::{self, BufReader, Write as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use serde_json::{Value, json};

use super::super::{
    Common, WrongInput, act,
    keeping::{Words, database, with_store},
};
use crate::{
    config::Folder,
    locale::{Locale, When},
    model::IncidentId,
    report::{
        folder::{
            self, FolderRows,
            check::{Checked, check},
            compare::{Compared, compare},
        },
        paper::texts::Texts,
    },
    store::{SqliteStore, Store as _},
    time::{Clock as _, System},
};

/// Faults that are printed; `--json` has all.
const SHOWN: usize = 50;

/// Arguments of `evidence export`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The SHA-256 of manifest.json, which is printed, proves the whole folder when it is written down elsewhere.\n\
    What does not fit (20 MiB a table, 32 MiB of evidence, 128 MiB of files) is left out and named, here and in the folder.\n\
    Exit codes: 0 written, 1 no such incident or a file that cannot be written, 2 wrong arguments, a wrong file or no database.\n\
    --json prints {incident,file,bytes,sha256,manifest_sha256,entries,left_out}."
)]
pub struct ExportArgs {
    /// Number of the incident.
    incident: u64,
    /// Where to; a file that is there is replaced.
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Who exports it, for the manifest.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Writes the folder of an incident.
///
/// # Errors
/// No such incident, no database, a wrong file of the office, a file that cannot be written.
pub(super) fn export(common: &Common, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let office = act::office(common)?;
    let path = database(&Folder::find(common.office.as_deref()), args.database.as_deref());
    let settings = &office.settings;
    let when = When { now: System.now(), locale: settings.locale, zone: settings.time_zone.clone() };
    let (texts, broken) = Texts::of(&office.papers);
    for one in broken {
        writeln!(io::stderr(), "{}", one.words(settings.locale))?;
    }
    let rows = with_store(&path, async |store: &SqliteStore| {
        match store.incident(IncidentId(args.incident)).await? {
            Some(view) => Ok(Some(FolderRows::read(store, view, &when).await?)),
            None => Ok(None),
        }
    })?;
    let rows = rows.with_context(|| match when.locale {
        Locale::ZhCn => format!("没有第 {} 号事件", args.incident),
        Locale::En => format!("there is no incident {}", args.incident),
    })?;
    let by = args.by.as_deref().unwrap_or_else(|| when.locale.pick("命令行", "command line"));
    let made = folder::folder(&rows, &texts, by, &when)?;
    fs::write(&args.out, &made.bytes)
        .with_context(|| format!("{} {}", when.locale.pick("写不了", "cannot write"), args.out.display()))?;
    let manifest = &made.manifest;
    let mut out = io::stdout().lock();
    if common.json {
        let line = json!({
            "incident": manifest.incident, "file": args.out, "bytes": made.bytes.len(), "sha256": sha256(&made.bytes),
            "manifest_sha256": made.seal, "entries": manifest.entries.len(), "left_out": manifest.left_out,
        });
        writeln!(out, "{line}")?;
        return Ok(ExitCode::SUCCESS);
    }
    let stem = made.name.trim_end_matches(".zip");
    writeln!(out, "{stem} → {} ({} B)", args.out.display(), made.bytes.len())?;
    let seal = when.locale.pick("manifest.json 的 SHA-256", "SHA-256 of manifest.json");
    writeln!(out, "  {seal}: {}", made.seal)?;
    left_out(&mut out, manifest, when.locale)?;
    Ok(ExitCode::SUCCESS)
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    hex::encode(Sha256::digest(bytes))
}

fn left_out(out: &mut impl io::Write, manifest: &folder::Manifest, locale: Locale) -> io::Result<()> {
    for one in &manifest.left_out {
        writeln!(out, "  {}: {}", locale.pick("未收入", "left out"), one.words(locale))?;
    }
    Ok(())
}

/// Arguments of `evidence verify`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Nothing is written to the disk. The hash that is printed is that of manifest.json: compare it with the one that was \
    printed at the export. Where the office's database is at hand, or --database names one, the audit rows of the folder \
    are looked up in its chain; a folder of another office is only said to be one, unless --database asks.\n\
    Exit codes: 0 whole, 1 not whole, 2 not a case folder.\n\
    --json prints {folder,whole,why,file,incident,unit,made_at,made_by,program,entries,bytes,manifest_sha256,faults:[{path, \
    wrong,means}],left_out,store:{rows,same,forgotten,cut,foreign,broken,wrong:[{number,differs}]}}."
)]
pub struct VerifyArgs {
    /// The zip.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The database whose chain the audit rows shall be of.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Says whether a folder is whole.
///
/// # Errors
/// It is no case folder, or the database that was named cannot be read.
pub(super) fn verify(common: &Common, args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let office = Folder::find(common.office.as_deref());
    let words = Words::of(&office);
    let file = File::open(&args.file).map_err(|error| WrongInput::unreadable(&args.file, &error))?;
    let folder = match check(BufReader::new(file)) {
        Ok(folder) => folder,
        Err(why) if common.json => {
            let line = json!({ "folder": false, "why": why.id(), "file": args.file });
            writeln!(io::stdout(), "{line}")?;
            return Ok(ExitCode::from(2));
        }
        Err(why) => {
            return Err(WrongInput(format!("{}: {}", args.file.display(), why.words(words.locale))).into());
        }
    };
    let path = database(&office, args.database.as_deref());
    let compared = match args.database.is_some() || path.exists() {
        true => Some(with_store(&path, async |store| Ok(compare(store, &folder).await?))),
        false => None,
    };
    let compared = match compared {
        Some(Err(error)) if args.database.is_none() => {
            let what = words.pick("没有与数据库核对", "not compared with the database");
            writeln!(io::stderr(), "{what}: {error:#}")?;
            None
        }
        other => other.transpose()?,
    };
    // A folder of another office is none the worse for that, unless one asked.
    let is_ours =
        compared.as_ref().is_none_or(|one| one.is_same() || (args.database.is_none() && one.is_foreign()));
    let whole = folder.is_whole() && is_ours;
    match common.json {
        true => writeln!(io::stdout(), "{}", object(&args.file, &folder, compared.as_ref(), whole, &words))?,
        false => print(&args.file, &folder, compared.as_ref(), &words)?,
    }
    Ok(ExitCode::from(u8::from(!whole)))
}

fn object(file: &Path, folder: &Checked, compared: Option<&Compared>, whole: bool, words: &Words) -> Value {
    let faults = folder.faults.iter().map(|fault| {
        json!({ "path": fault.path, "wrong": fault.wrong.id(), "means": fault.wrong.words(words.locale) })
    });
    let store = compared.map(|one| {
        let wrong = one.wrong.iter();
        let wrong = wrong.map(|(number, differs)| json!({ "number": number, "differs": differs.id() }));
        json!({
            "rows": one.rows, "same": one.same, "forgotten": one.forgotten, "cut": one.cut, "foreign": one.is_foreign(),
            "broken": one.broken, "wrong": wrong.collect::<Vec<_>>(),
        })
    });
    let says = folder.manifest.as_ref();
    json!({
        "folder": true, "whole": whole, "file": file,
        "incident": says.map(|one| one.incident), "unit": says.map(|one| &one.unit),
        "made_at": says.map(|one| one.made_at), "made_by": says.map(|one| &one.made_by),
        "program": says.map(|one| &one.program), "entries": folder.entries, "bytes": folder.bytes,
        "manifest_sha256": folder.seal, "faults": faults.collect::<Vec<_>>(),
        "left_out": says.map(|one| &one.left_out), "store": store,
    })
}

fn print(file: &Path, folder: &Checked, compared: Option<&Compared>, words: &Words) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let verdict = match folder.is_whole() {
        true => words.pick("案卷完好", "the folder is whole"),
        false => words.pick("案卷不完好", "the folder is not whole"),
    };
    let (files, length) = (folder.entries, folder.bytes);
    match words.locale {
        Locale::ZhCn => writeln!(out, "{}: {verdict}（{files} 个文件，{length} B）", file.display())?,
        Locale::En => writeln!(out, "{}: {verdict} ({files} files, {length} B)", file.display())?,
    }
    if let Some(says) = &folder.manifest {
        let (unit, by) = (crate::text::clean(&says.unit), crate::text::clean(&says.made_by));
        let made = words.pick("导出", "made");
        writeln!(out, "  #{} {unit} · {made} {} {by}", says.incident, words.time(says.made_at))?;
    }
    if !folder.seal.is_empty() {
        let seal = words.pick("manifest.json 的 SHA-256", "SHA-256 of manifest.json");
        writeln!(out, "  {seal}: {}", folder.seal)?;
    }
    for fault in folder.faults.iter().take(SHOWN) {
        writeln!(out, "  ✗ {}: {}", fault.path, fault.wrong.words(words.locale))?;
    }
    if folder.faults.len() > SHOWN {
        let more = words.pick("处未列出", "more");
        writeln!(out, "  … {} {more}", folder.faults.len() - SHOWN)?;
    }
    if let Some(says) = &folder.manifest {
        left_out(&mut out, says, words.locale)?;
    }
    match compared {
        Some(compared) => beside(&mut out, compared, words),
        None => Ok(()),
    }
}

/// What the store's chain says of the folder's audit rows.
fn beside(out: &mut impl io::Write, compared: &Compared, words: &Words) -> io::Result<()> {
    let Compared { rows, same, forgotten, cut, .. } = compared;
    if let Some(number) = compared.broken {
        let what =
            words.pick("数据库自己的操作记录从这一行起不完好", "the database's own audit is broken from row");
        writeln!(out, "  ✗ {what}: {number}")?;
    }
    if compared.is_foreign() {
        let what = "操作记录与这个数据库对不上，案卷不是由它导出的";
        return writeln!(
            out,
            "  {}",
            words.pick(what, "no audit row is of this database: the folder was not made of it")
        );
    }
    match words.locale {
        Locale::ZhCn => writeln!(out, "  操作记录 {rows} 行，与数据库一致 {same} 行")?,
        Locale::En => writeln!(out, "  audit: {rows} rows, {same} as the database has them")?,
    }
    if *forgotten > 0 {
        let what = words.pick("行的文字后来已按规定删除", "of them have lost their words by law since");
        writeln!(out, "  {forgotten} {what}")?;
    }
    if *cut > 0 {
        let what =
            words.pick("行早于数据库现存的记录，无从核对", "are older than what the database still keeps");
        writeln!(out, "  {cut} {what}")?;
    }
    for (number, differs) in compared.wrong.iter().take(SHOWN) {
        let what = match differs {
            folder::compare::Differs::Missing => words.pick("数据库里没有这一行", "not in the database"),
            folder::compare::Differs::Hash => words.pick("校验值与数据库不同", "another hash"),
            folder::compare::Differs::Content => {
                words.pick("内容与数据库不同，校验值是照抄的", "another content under the same hash")
            }
        };
        writeln!(out, "  ✗ audit.jsonl {number}: {what}")?;
    }
    Ok(())
}
