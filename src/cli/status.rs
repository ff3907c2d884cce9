//! `yuqing status`: what the store of the running daemon says: incidents, limits that run, notices that
//! wait, sources that are ill. Reads only; the daemon goes on.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context as _;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;

use super::{Common, WrongInput};
use crate::{
    config::{self, Folder, Office, duration},
    locale::{Locale, reason_line, words},
    model::{Deadline, DeadlineState, Incident, Maintenance, NoticeState},
    store::{IncidentFilter, Outgoing, SourceState, SqliteStore, Store, holder_of},
    time::{Clock as _, System},
};

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 all is well, 1 a limit has passed, a source is broken or the disk takes no writes, 2 no database.\n\
    --json prints one object a line, told apart by \"type\": incident, deadline, notice, source, and a last summary."
)]
pub struct Args {
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// No database, or one that cannot be read.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let folder = Folder::find(common.office.as_deref());
    // Status must answer even when a file of the office is wrong just now.
    let office = config::load(&folder).ok().map(|(office, _)| office);
    let usual = || office.as_ref().map_or_else(|| folder.usual_database(), Office::database);
    let path = args.database.unwrap_or_else(usual);
    let zone = office.as_ref().map_or_else(shanghai, |office| office.settings.time_zone.clone());
    let locale = office.as_ref().map_or(Locale::default(), |office| office.settings.locale);
    let picture = look(&path)?;
    let windows = office.map(|office| office.settings.maintenance.windows).unwrap_or_default();
    let shown = Shown { picture: &picture, windows: &windows, now: System.now(), zone: &zone, locale };
    let mut out = io::stdout().lock();
    if common.json {
        shown.print_json(&mut out)?;
    } else {
        shown.print(&mut out)?;
    }
    Ok(if shown.is_well() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC)
}

/// What the store holds at one look.
struct Picture {
    incidents: Vec<Incident>,
    deadlines: Vec<Deadline>,
    waiting: Vec<Outgoing>,
    sources: Vec<SourceState>,
    size_bytes: u64,
    /// What keeps the daemon from writing; empty while all is well, or while none runs.
    trouble: String,
}

fn look(path: &Path) -> anyhow::Result<Picture> {
    if !path.exists() {
        let words = format!("{} 不存在：守护进程还没有运行过，或用 --database 指明数据库", path.display());
        return Err(WrongInput(words).into());
    }
    let store =
        SqliteStore::open_read_only(path).with_context(|| format!("cannot open {}", path.display()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let notices = store.notices(1_000).await?;
        Ok(Picture {
            incidents: store
                .incidents(IncidentFilter { open_only: true, ..IncidentFilter::default() })
                .await?,
            deadlines: store.open_deadlines().await?,
            waiting: notices.into_iter().filter(|one| one.notice.state == NoticeState::Pending).collect(),
            sources: store.source_states().await?,
            size_bytes: store.size_bytes().await?,
            trouble: holder_of(path).unwrap_or_default().trouble,
        })
    })
}

struct Shown<'a> {
    picture: &'a Picture,
    windows: &'a Maintenance,
    now: Timestamp,
    zone: &'a TimeZone,
    locale: Locale,
}

impl Shown<'_> {
    fn is_well(&self) -> bool {
        self.picture.trouble.is_empty() && self.overdue().next().is_none() && self.ill().next().is_none()
    }

    fn overdue(&self) -> impl Iterator<Item = &Deadline> {
        self.picture.deadlines.iter().filter(|deadline| self.is_late(deadline))
    }

    fn is_late(&self, deadline: &Deadline) -> bool {
        deadline.state == DeadlineState::Overdue || deadline.due_at < self.now
    }

    fn ill(&self) -> impl Iterator<Item = &SourceState> {
        let well = |health: &str| matches!(health, "" | "ok" | "quiet" | "disabled");
        self.picture.sources.iter().filter(move |source| !well(&source.health))
    }

    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%m-%d %H:%M:%S").to_string()
    }

    fn iso(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let pick = |zh, en| self.locale.pick(zh, en);
        if !self.picture.trouble.is_empty() {
            let disk = pick(
                "磁盘写不进去，守护进程在等候: 请在数据库所在的磁盘上腾出空间，之后自动继续",
                "the disk takes no writes and the daemon waits: make room on the database's disk, it goes on by itself",
            );
            writeln!(out, "{disk} ({})", self.picture.trouble)?;
        }
        writeln!(out, "{}: {}", pick("处置中的舆情", "open incidents"), self.picture.incidents.len())?;
        for incident in &self.picture.incidents {
            writeln!(out, "  #{} {} {}", incident.id, incident.unit, incident.gist)?;
            writeln!(out, "     {}", reason_line(&incident.reason, self.locale, self.zone))?;
        }
        let deadlines = &self.picture.deadlines;
        writeln!(out, "{}: {}", pick("正在计时的时限", "running limits"), deadlines.len())?;
        for deadline in deadlines {
            let late = if self.is_late(deadline) { pick("  已逾期", "  overdue") } else { "" };
            writeln!(
                out,
                "  #{} {} {}{late}",
                deadline.incident,
                words::deadline(deadline, self.locale),
                self.time(deadline.due_at)
            )?;
        }
        writeln!(out, "{}: {}", pick("等待发出的通知", "waiting notices"), self.picture.waiting.len())?;
        for one in &self.picture.waiting {
            let (notice, tries) = (&one.notice, one.attempts);
            writeln!(
                out,
                "  {} {} {} {tries}",
                notice.contact,
                words::channel(notice.channel, self.locale),
                self.time(notice.due_at)
            )?;
        }
        writeln!(out, "{}: {}", pick("信源", "sources"), self.picture.sources.len())?;
        for source in &self.picture.sources {
            let seen = source.last_good_at.map_or_else(|| "-".to_owned(), |at| self.ago(at));
            let (health, _) = words::health(&source.health, self.locale);
            writeln!(out, "  {} {health} {seen} {}", source.source, source.why)?;
            if let Some((title, end)) = self.maintenance(source) {
                writeln!(out, "     {}", words::maintenance(title, &self.time(end), self.locale))?;
            }
        }
        writeln!(out, "{}: {} KB", pick("数据库", "database"), self.picture.size_bytes / 1024)
    }

    /// The maintenance window that covers a source's faults now, with its end.
    fn maintenance(&self, source: &SourceState) -> Option<(&str, Timestamp)> {
        self.windows.over(&source.subject(), self.now).map(|(window, end)| (window.title.as_str(), end))
    }

    fn ago(&self, at: Timestamp) -> String {
        let since = duration::written(self.now.duration_since(at));
        match self.locale {
            Locale::ZhCn => format!("{since} 前"),
            Locale::En => format!("{since} ago"),
        }
    }

    fn print_json(&self, out: &mut impl Write) -> io::Result<()> {
        for incident in &self.picture.incidents {
            let line = json!({
                "type": "incident", "incident": incident.id, "unit": incident.unit, "tier": incident.reason.tier_name,
                "reason": reason_line(&incident.reason, self.locale, self.zone), "gist": incident.gist,
                "detected_at": self.iso(incident.detected_at), "daily_views": incident.heat.daily_views,
                "reposts": incident.heat.reposts, "sites": incident.heat.sites,
            });
            writeln!(out, "{line}")?;
        }
        for deadline in &self.picture.deadlines {
            let line = json!({
                "type": "deadline", "incident": deadline.incident, "kind": deadline.kind.id(),
                "due_at": self.iso(deadline.due_at), "overdue": self.is_late(deadline),
            });
            writeln!(out, "{line}")?;
        }
        for one in &self.picture.waiting {
            let notice = &one.notice;
            let line = json!({
                "type": "notice", "notice": notice.id, "incident": notice.incident, "kind": notice.kind.id(),
                "recipient": notice.contact, "channel": notice.channel.id(), "due_at": self.iso(notice.due_at),
                "attempts": one.attempts,
            });
            writeln!(out, "{line}")?;
        }
        for source in &self.picture.sources {
            let line = json!({
                "type": "source", "source": source.source, "health": source.health, "why": source.why,
                "last_good_at": source.last_good_at.map(|at| self.iso(at)), "failures": source.failures,
                "posts": source.posts, "mentions": source.mentions,
                "maintenance": self.maintenance(source).map(|(title, end)| {
                    json!({ "title": title, "until": self.iso(end) })
                }),
            });
            writeln!(out, "{line}")?;
        }
        let summary = json!({
            "type": "summary", "ok": self.is_well(), "incidents": self.picture.incidents.len(),
            "deadlines": self.picture.deadlines.len(), "overdue": self.overdue().count(),
            "waiting": self.picture.waiting.len(), "sources": self.picture.sources.len(),
            "ill": self.ill().count(), "size_bytes": self.picture.size_bytes,
            "trouble": self.picture.trouble,
        });
        writeln!(out, "{summary}")
    }
}
