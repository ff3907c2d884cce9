//! Mutes the fault of a source or pauses it, or ends that: an act like any other ([`super::super::act`]).

use std::{io::Write, process::ExitCode};

use jiff::Timestamp;
use serde_json::json;

use super::{
    super::{Common, WrongInput, act},
    Args,
    table::Line,
};
use crate::{config::preset::parse_span, model::Act};

/// Does it: in force when this returns.
///
/// # Errors
/// No reason, a wrong span, a mute ahead of a fault without an end, a desk that says no, a daemon that does not answer.
pub(super) fn run(common: &Common, args: &Args, line: &Line, now: Timestamp) -> anyhow::Result<ExitCode> {
    let wanted = wanted(args, line, now)?;
    let office = act::office(common)?;
    act::put(&office, args.console, &wanted)?;
    let locale = office.settings.locale;
    if let Act::PauseSource { source, .. } | Act::ResumeSource { source, .. } = &wanted {
        let until = match &wanted {
            Act::PauseSource { until, .. } => *until,
            _ => None,
        };
        let paused = matches!(wanted, Act::PauseSource { .. });
        let words = if paused {
            locale.pick("已暂停", "paused")
        } else {
            locale.pick("已恢复查看", "looked at again")
        };
        let mut out = std::io::stdout().lock();
        if common.json {
            let said = json!({ "done": true, "source": source, "paused": paused, "until": until });
            writeln!(out, "{said}")?;
        } else {
            writeln!(out, "{source}: {words}")?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let (subject, until, muted) = match &wanted {
        Act::Mute { subject, until, .. } => (subject, *until, true),
        Act::Unmute { subject, .. } => (subject, None, false),
        _ => return Ok(ExitCode::SUCCESS),
    };
    let words = if muted {
        locale.pick("已静音", "muted")
    } else {
        locale.pick("已取消静音", "no longer muted")
    };
    let mut out = std::io::stdout().lock();
    if common.json {
        writeln!(out, "{}", json!({ "done": true, "subject": subject, "muted": muted, "until": until }))?;
    } else {
        writeln!(out, "{subject}: {words}")?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What the arguments ask for.
fn wanted(args: &Args, line: &Line, now: Timestamp) -> Result<Act, WrongInput> {
    let subject = line.state.subject();
    let by = args.by.clone().or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "cli".to_owned());
    let source = line.name.clone();
    if args.resume {
        return Ok(Act::ResumeSource { source, by });
    }
    let Some(reason) = args.mute.as_ref().or(args.pause.as_ref()) else {
        return Ok(Act::Unmute { subject, by });
    };
    if reason.trim().is_empty() {
        return Err(WrongInput("请写明理由 (a reason is required)".into()));
    }
    let until = args.span.as_deref().map(|span| end_of(span, now)).transpose()?;
    if args.pause.is_some() {
        return Ok(Act::PauseSource { source, by, reason: reason.clone(), until });
    }
    if until.is_none() && line.state.told.is_empty() {
        let words = "该来源目前没有待处理的故障；提前静音请加 --for，如 --for 7d";
        return Err(WrongInput(words.into()));
    }
    Ok(Act::Mute { subject, by, reason: reason.clone(), until })
}

/// The instant a span after `now`.
fn end_of(span: &str, now: Timestamp) -> Result<Timestamp, WrongInput> {
    let wrong = || WrongInput(format!("看不懂的时长 {span}：写成 7d、12h 或 30min"));
    let length = parse_span(span).ok_or_else(wrong)?;
    now.checked_add(length).map_err(|_| wrong())
}
