//! Hands a mute, or its end, to the daemon.

use std::{io::Write as _, path::Path, process::ExitCode};

use jiff::{SignedDuration, Timestamp};

use super::{super::WrongInput, Args, table::Line};
use crate::{
    app::handed::{folder_of, hand_in as put},
    config::preset::parse_span,
    locale::Locale,
    model::Act,
    time::{Clock as _, System},
};

/// How long the command waits for the daemon to take it.
const PATIENCE: SignedDuration = SignedDuration::from_secs(4);
const STEP: SignedDuration = SignedDuration::from_millis(100);

pub(super) fn hand_in(
    args: &Args,
    line: &Line,
    database: &Path,
    locale: Locale,
    now: Timestamp,
) -> anyhow::Result<ExitCode> {
    let subject = if line.told.is_empty() { format!("source/{}", line.name) } else { line.told.clone() };
    let by = args.by.clone().or_else(|| std::env::var("USER").ok()).unwrap_or_else(|| "cli".to_owned());
    let act = match &args.mute {
        Some(reason) => {
            if reason.trim().is_empty() {
                return Err(WrongInput("请写明理由 (a reason is required)".into()).into());
            }
            let wrong = |span: &String| WrongInput(format!("看不懂的时长 {span}：写成 7d、12h 或 30min"));
            let until = match &args.span {
                None => None,
                Some(span) => {
                    let length = parse_span(span).ok_or_else(|| wrong(span))?;
                    Some(now.checked_add(length).map_err(|_| wrong(span))?)
                }
            };
            if until.is_none() && line.told.is_empty() {
                let words = "该来源目前没有待处理的故障；提前静音请加 --for，如 --for 7d";
                return Err(WrongInput(words.into()).into());
            }
            Act::Mute { subject: subject.clone(), by, reason: reason.clone(), until }
        }
        None => Act::Unmute { subject: subject.clone(), by },
    };
    let file = put(&folder_of(database), &act, now)?;
    wait_for(&file)?;
    let words = if file.exists() {
        locale.pick("已登记，守护进程启动后生效", "noted; the daemon takes it after its start")
    } else {
        locale.pick("已生效", "done")
    };
    writeln!(std::io::stdout(), "{subject}: {words}")?;
    Ok(ExitCode::SUCCESS)
}

/// Waits until the daemon has taken the file, for a few seconds at most.
fn wait_for(file: &Path) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let end = System.now().saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
        while file.exists() && System.now() < end {
            System.sleep_until(System.now().saturating_add(STEP).unwrap_or(Timestamp::MAX)).await;
        }
    });
    Ok(())
}
