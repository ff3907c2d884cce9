//! `yuqing why INCIDENT`: from the rows, what raised each tier, who was told when by what, which limits ran and
//! what was unknown. Reads only.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::json;

use super::{Common, WrongInput, audit};
use crate::{
    locale::{Locale, reason_line, words},
    model::{DeadlineState, Incident, IncidentId, NoticeState},
    store::{IncidentView, Store as _},
};

/// Arguments of `why`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 shown, 1 the database cannot be read, 2 no such incident or no database.\n\
    --json prints one object a line, told apart by \"type\": incident, unknown, tier, notice, limit, entry."
)]
pub struct Args {
    /// The incident's number.
    incident: u64,
    /// The database; otherwise the one that `run` uses for this office.
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// No such incident, no database.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let store = audit::open(common, args.database)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let Some(view) = runtime.block_on(store.incident(IncidentId(args.incident)))? else {
        return Err(WrongInput(format!("没有第 {} 号舆情 (no such incident)", args.incident)).into());
    };
    let mut out = io::stdout().lock();
    let shown = Shown { view: &view, zone: zone(&view.incident), locale: Locale::default() };
    if common.json {
        shown.print_json(&mut out)?;
    } else {
        shown.print(&mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The zone of an incident's plan.
pub(super) fn zone(incident: &Incident) -> TimeZone {
    TimeZone::get(&incident.plan.zone).unwrap_or(TimeZone::UTC)
}

/// Kinds of entries that say why the tier is what it is.
const TIERS: [&str; 9] =
    ["opened", "tier", "overridden", "reopened", "worsened", "corrected", "undone", "kind", "replanned"];

struct Shown<'a> {
    view: &'a IncidentView,
    zone: TimeZone,
    locale: Locale,
}

impl Shown<'_> {
    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// What was not known when the tier was reached, and now.
    fn unknown(&self) -> Vec<String> {
        let heat = &self.view.incident.reason.heat;
        let mut out = Vec::new();
        let mut say = |what: &str, is: bool| {
            if is {
                out.push(what.to_owned());
            }
        };
        say("浏览量未知", heat.daily_views.is_none());
        say("转发量未知", heat.reposts.is_none());
        say("评论量未知", heat.comments.is_none());
        if heat.views_unknown > 0 {
            out.push(format!("{} 篇的浏览量或增量未知", heat.views_unknown));
        }
        if heat.reposts_unknown > 0 {
            out.push(format!("{} 篇原帖的转发量未知", heat.reposts_unknown));
        }
        if let Some(bound) = heat.views_bound {
            out.push(format!("已超 {bound}，增量未知"));
        }
        out
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let incident = &self.view.incident;
        let tier = incident.plan.tier(incident.rank);
        writeln!(out, "舆情第 {} 号 {} {}", incident.id, incident.unit, incident.gist)?;
        writeln!(out, "现为: {} · {}（{}）", tier.name, incident.stage(), incident.plan.title)?;
        writeln!(out, "依据: {}", reason_line(&incident.reason, self.locale, &self.zone))?;
        let unknown = self.unknown();
        if !unknown.is_empty() {
            writeln!(out, "未知: {}", unknown.join("；"))?;
        }
        writeln!(out, "\n定级经过:")?;
        for entry in self.view.entries.iter().filter(|entry| TIERS.contains(&entry.kind.as_str())) {
            let by = entry.by.as_deref().map_or_else(String::new, |by| format!("（{by}）"));
            let kind = words::entry(&entry.kind, self.locale);
            writeln!(out, "  {} {kind}{by} {}", self.time(entry.at), entry.text)?;
        }
        writeln!(out, "\n通知:")?;
        for notice in &self.view.notices {
            let (state, _) = words::state(&notice.state, self.locale);
            let when = match &notice.state {
                NoticeState::Accepted { at, .. } | NoticeState::Refused { at, .. } => self.time(*at),
                _ => String::new(),
            };
            let (kind, way) =
                (words::notice(notice.kind, self.locale), words::channel(notice.channel, self.locale));
            let person = notice.facts.person.as_deref().map_or_else(String::new, |one| format!("（{one}）"));
            let made = self.time(notice.created_at);
            writeln!(out, "  {made} {kind} → {}{person} {way} {state} {when}", notice.contact)?;
        }
        writeln!(out, "\n时限:")?;
        for limit in &self.view.deadlines {
            let (name, due) = (words::deadline(limit, self.locale), self.time(limit.due_at));
            let state = match &limit.state {
                DeadlineState::Running => "未到".to_owned(),
                DeadlineState::Met { at } => format!("{} 完成", self.time(*at)),
                DeadlineState::Overdue => "已逾期".to_owned(),
                DeadlineState::Ended { why } => words::ended(why, self.locale).to_owned(),
            };
            writeln!(out, "  {name} {due} {state}")?;
        }
        writeln!(out, "\n状态:")?;
        for change in &incident.course.states {
            let by = change.by.as_deref().unwrap_or("系统");
            writeln!(out, "  {} {} {by}", self.time(change.at), change.state)?;
        }
        Ok(())
    }

    fn print_json(&self, out: &mut impl Write) -> io::Result<()> {
        let incident = &self.view.incident;
        let line = json!({
            "type": "incident", "id": incident.id, "unit": incident.unit, "gist": incident.gist,
            "tier": incident.plan.tier(incident.rank).id, "state": incident.stage(),
            "reason": reason_line(&incident.reason, self.locale, &self.zone), "states": incident.course.states,
        });
        writeln!(out, "{line}")?;
        for what in self.unknown() {
            writeln!(out, "{}", json!({ "type": "unknown", "text": what }))?;
        }
        for entry in &self.view.entries {
            let kind = if TIERS.contains(&entry.kind.as_str()) { "tier" } else { "entry" };
            let line = json!({
                "type": kind, "at": entry.at, "kind": entry.kind, "by": entry.by, "text": entry.text,
            });
            writeln!(out, "{line}")?;
        }
        for notice in &self.view.notices {
            let line = json!({
                "type": "notice", "id": notice.id, "kind": notice.kind.id(), "contact": notice.contact,
                "channel": notice.channel.id(), "created_at": notice.created_at, "due_at": notice.due_at,
                "standing": notice.state,
            });
            writeln!(out, "{line}")?;
        }
        for limit in &self.view.deadlines {
            let line = json!({
                "type": "limit", "kind": limit.kind.id(), "line": limit.line, "name": limit.name,
                "base": limit.base, "base_at": limit.base_at, "due_at": limit.due_at, "standing": limit.state,
            });
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}
