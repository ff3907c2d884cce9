//! `yuqing watch`: the unit's own pages as the daemon last saw them. `yuqing watch accept` says that a page
//! is as it should be; the daemon takes that up at its next round.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context as _;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;

use super::{Common, WrongInput};
use crate::{
    collect::watchpage::{self, Acceptance, PageRecord, PageState},
    config::{
        self, Folder, Office,
        source::{Source, SourceKind},
    },
    locale::Locale,
    store::{SharedStore, SqliteStore},
    time::{Clock as _, System},
};

/// Changes of a page that are shown.
const CHANGES_SHOWN: usize = 3;

/// Arguments of `watch`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every page is as it should be, 1 one is not, 2 no database or no such source.\n\
    --json prints one object a page {source,url,state,looked_at,changed_at,signs,fingerprint,changes}."
)]
pub struct Args {
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE", global = true)]
    database: Option<PathBuf>,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The pages of a source are as they should be: what they show now is compared with from now on.
    Accept(Accept),
}

#[derive(Debug, clap::Args)]
struct Accept {
    /// Name of the source.
    #[arg(value_name = "NAME")]
    source: String,
    /// Only this page.
    #[arg(long, value_name = "URL")]
    page: Option<String>,
    /// Who decides.
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// Why.
    #[arg(long, value_name = "WORDS")]
    reason: String,
}

/// Runs it.
///
/// # Errors
/// A wrong file of the office, no database, no such source, nothing to accept.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    let (office, _) = config::load(&folder).map_err(|faults| {
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        WrongInput(shown.join("\n\n"))
    })?;
    let database = args.database.unwrap_or_else(|| office.database());
    let pages = look(&office, &database)?;
    let mut out = io::stdout().lock();
    match args.what {
        Some(What::Accept(accept)) => {
            let given = acceptances(&accept, &pages, System.now())?;
            let folder = database.parent().context("the database has no folder")?;
            watchpage::leave(folder, &given)
                .with_context(|| format!("cannot write into {}", folder.display()))?;
            for one in &given {
                writeln!(out, "{}: 已记下，该来源下一轮巡查时生效", one.url)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        None => {
            let shown = Shown { zone: &office.settings.time_zone, locale: office.settings.locale };
            for (source, page) in &pages {
                if common.json {
                    shown.json(&mut out, source, page)?;
                } else {
                    shown.print(&mut out, source, page)?;
                }
            }
            if pages.is_empty() && !common.json {
                writeln!(out, "没有 [[watch]] 来源。写法见 sources.d/sources.toml")?;
            }
            let well = pages.iter().all(|(_, page)| matches!(page.state, PageState::Same | PageState::New));
            Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(1) })
        }
    }
}

/// The pages of all `[[watch]]` sources, with the source's name.
fn look(office: &Office, database: &std::path::Path) -> anyhow::Result<Vec<(String, PageRecord)>> {
    if !database.exists() {
        let words =
            format!("{} 不存在：守护进程还没有运行过，或用 --database 指明数据库", database.display());
        return Err(WrongInput(words).into());
    }
    let store = SqliteStore::open_read_only(database)
        .with_context(|| format!("cannot open {}", database.display()))?;
    let store: SharedStore = Arc::new(store);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let is_watch = |source: &&Source| matches!(source.kind, SourceKind::Watch { .. });
    let mut pages = Vec::new();
    for source in office.sources.iter().filter(is_watch) {
        let records = runtime.block_on(watchpage::records(&store, source))?;
        pages.extend(records.into_iter().map(|record| (source.name.clone(), record)));
    }
    Ok(pages)
}

/// What is to be accepted: pages that are not as they were.
fn acceptances(
    accept: &Accept,
    pages: &[(String, PageRecord)],
    now: Timestamp,
) -> anyhow::Result<Vec<Acceptance>> {
    if accept.by.trim().is_empty() || accept.reason.trim().is_empty() {
        return Err(WrongInput("写明谁确认（--by）和原因（--reason）".into()).into());
    }
    let mut names: Vec<&str> = pages.iter().map(|(source, _)| source.as_str()).collect();
    names.dedup();
    if !names.contains(&accept.source.as_str()) {
        let words = format!("没有 [[watch]] 来源 {}。已有: {}", accept.source, names.join("、"));
        return Err(WrongInput(words).into());
    }
    let wanted = |page: &PageRecord| accept.page.as_ref().is_none_or(|url| *url == page.url);
    let given: Vec<Acceptance> = pages
        .iter()
        .filter(|(source, page)| *source == accept.source && wanted(page))
        .filter_map(|(source, page)| {
            Some(Acceptance {
                source: source.clone(),
                url: page.url.clone(),
                fingerprint: page.latest.as_ref()?.fingerprint.clone(),
                by: accept.by.clone(),
                reason: accept.reason.clone(),
                at: now,
            })
        })
        .collect();
    if given.is_empty() {
        let words =
            format!("{} 没有等待确认的网页；跳转到别处的，把域名写进 foreign_links_ok", accept.source);
        return Err(WrongInput(words).into());
    }
    Ok(given)
}

struct Shown<'a> {
    zone: &'a TimeZone,
    locale: Locale,
}

impl Shown<'_> {
    fn print(&self, out: &mut impl Write, source: &str, page: &PageRecord) -> io::Result<()> {
        let looked = page.looked_at.map_or_else(|| "-".to_owned(), |at| self.time(at));
        writeln!(out, "{} {} {} {looked}", self.state(page.state), source, page.url)?;
        if !page.why.is_empty() {
            writeln!(out, "    {}", page.why)?;
        }
        for sign in &page.signs {
            writeln!(out, "    ! {sign}")?;
        }
        for change in page.changes.iter().rev().take(CHANGES_SHOWN) {
            writeln!(out, "    {} {}", self.time(change.at), self.change(&change.what))?;
            for note in change.note.lines() {
                writeln!(out, "      {note}")?;
            }
            for (mark, lines) in [("-", &change.removed), ("+", &change.added)] {
                for line in lines {
                    writeln!(out, "      {mark} {line}")?;
                }
            }
        }
        Ok(())
    }

    fn json(&self, out: &mut impl Write, source: &str, page: &PageRecord) -> io::Result<()> {
        let seen = page.latest.as_ref().or(page.baseline.as_ref());
        let changes: Vec<_> = page
            .changes
            .iter()
            .map(|change| {
                json!({
                    "at": self.iso(change.at), "what": change.what, "from": change.from, "to": change.to,
                    "removed": change.removed, "added": change.added, "note": change.note,
                })
            })
            .collect();
        let line = json!({
            "source": source, "url": page.url, "state": page.state,
            "looked_at": page.looked_at.map(|at| self.iso(at)), "changed_at": page.changed_at.map(|at| self.iso(at)),
            "signs": page.signs, "fingerprint": seen.map(|seen| &seen.fingerprint), "changes": changes,
        });
        writeln!(out, "{line}")
    }

    fn state(&self, state: PageState) -> &'static str {
        match state {
            PageState::New => self.locale.pick("未看过", "new"),
            PageState::Same => self.locale.pick("正常", "ok"),
            PageState::Waiting => self.locale.pick("待确认", "waiting"),
            PageState::Tampered => self.locale.pick("疑似被篡改", "tampered"),
            PageState::Unreachable => self.locale.pick("打不开", "unreachable"),
        }
    }

    fn change<'w>(&self, what: &'w str) -> &'w str {
        match what {
            "first" => self.locale.pick("第一次看到", what),
            "changed" => self.locale.pick("有改动", what),
            "tampered" => self.locale.pick("出现篡改迹象", what),
            "restored" => self.locale.pick("已恢复", what),
            "accepted" => self.locale.pick("已确认", what),
            "refused" => self.locale.pick("确认未采纳", what),
            other => other,
        }
    }

    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%m-%d %H:%M").to_string()
    }

    fn iso(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}
