//! A source that is another program: it is started without a shell and with nothing of our environment,
//! and prints one post a line. Lines that are not posts are reported with their number; the others count.

use std::{process::Stdio, time::Duration};

use jiff::tz::TimeZone;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
};

use super::{
    adapter::lines::{self, Defaults},
    collector::Shared,
    health::Trouble,
    memo,
    round::{Round, deliver, silent_too_long},
    sift::{Kept, Sieve},
};
use crate::{
    config::source::{Source, SourceKind},
    store::SourceState,
};

/// As much of a program's complaints as is kept.
const MOST_COMPLAINTS: usize = 4 * 1024;

/// What a program printed, and how it ended.
#[derive(Debug)]
pub(super) struct Output {
    pub printed: Vec<u8>,
    /// Why it did not end well.
    pub failure: Option<String>,
}

/// Runs the program once and takes what it printed.
pub(super) async fn round(shared: &Shared, source: &Source, mut state: SourceState) -> Round {
    if state.rounds == 0 {
        memo::put_time(&mut state, "known_since", shared.now());
    }
    let started = shared.now();
    let most = source.max_bytes_in(shared.parts.fetcher.settings());
    let output = output_of(source, most).await;
    let now = shared.now();
    let (kept, n_posts, first_fault) = taken(shared, source, &output.printed, now).await;
    state.rounds += 1;
    state.posts += n_posts;
    if n_posts > 0 {
        state.last_good_at = Some(now);
        state.last_new_at = Some(now);
    }
    let stopped = deliver(shared, source, &mut state, kept).await.is_err();
    let failure = output.failure.or_else(|| first_fault.filter(|_| n_posts == 0));
    let trouble = failure.map(Trouble::Command).or_else(|| silent_too_long(source, &state, now));
    if trouble.is_none() {
        state.last_round_at = Some(started);
    }
    Round { trouble, stopped, ..Round::quiet(state) }
}

async fn taken(
    shared: &Shared,
    source: &Source,
    printed: &[u8],
    now: jiff::Timestamp,
) -> (Vec<Kept>, u64, Option<String>) {
    let defaults = Defaults {
        site: source.site.clone(),
        site_kind: source.site_kind,
        zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
    };
    let sieve = Sieve::of(shared, source);
    let locale = shared.parts.locale;
    let printed = String::from_utf8_lossy(printed).into_owned();
    let name = source.name.clone();
    let sifted = tokio::task::spawn_blocking(move || {
        let (handed, faults) = lines::read_lines(&printed, &defaults, now);
        for fault in faults.iter().take(20) {
            tracing::warn!(source = %name, %fault, "a line is not a post");
        }
        let n_posts = u64::try_from(handed.len()).unwrap_or(0);
        let kept = handed.into_iter().filter_map(|handed| sieve.kept(handed)).collect();
        (kept, n_posts, faults.first().map(|fault| fault.human(locale)))
    });
    sifted.await.unwrap_or_else(|_| (Vec::new(), 0, Some("an internal error".into())))
}

/// Starts the program and reads what it prints, within its time and size.
pub(super) async fn output_of(source: &Source, most: usize) -> Output {
    let SourceKind::Command { command, environment, time_limit } = &source.kind else {
        return Output { printed: Vec::new(), failure: Some("not a command".into()) };
    };
    let Some((program, arguments)) = command.split_first() else {
        return Output { printed: Vec::new(), failure: Some("没有写程序".into()) };
    };
    let started = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            return Output { printed: Vec::new(), failure: Some(format!("{program} 启动不了: {error}")) };
        }
    };
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut printed = Vec::new();
    let mut complaints = Vec::new();
    let limit = Duration::try_from(*time_limit).unwrap_or(Duration::from_secs(120));
    let ended = tokio::time::timeout(limit, async {
        let (whole, _) = tokio::join!(
            capped(stdout, most, &mut printed),
            capped(stderr, MOST_COMPLAINTS, &mut complaints)
        );
        // A program that prints for ever must not be waited for.
        if whole { child.wait().await.map(Some) } else { Ok(None) }
    })
    .await;
    let failure = match ended {
        Err(_) => Some(format!("{} 秒内没有结束，已停止", limit.as_secs())),
        Ok(Ok(None)) => Some(format!("输出超过 {most} 字节，已停止")),
        Ok(Err(error)) => Some(error.to_string()),
        Ok(Ok(Some(status))) if !status.success() => {
            let words: String = String::from_utf8_lossy(&complaints).trim().chars().take(200).collect();
            Some(format!("{status}: {words}"))
        }
        Ok(Ok(Some(_))) => None,
    };
    if failure.is_some() {
        // An error means that it has ended by itself.
        let _ = child.kill().await;
        // The last line may have been cut.
        let cut = printed.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        printed.truncate(cut);
    }
    Output { printed, failure }
}

/// Reads until the end or the cap; whether the end came first. Beyond the cap of complaints the rest is
/// read and dropped by closing the pipe.
async fn capped(from: Option<impl AsyncRead + Unpin>, most: usize, into: &mut Vec<u8>) -> bool {
    let Some(from) = from else { return true };
    let mut from = from.take(u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1));
    // A read error ends the output like its end does.
    let _ = from.read_to_end(into).await;
    let whole = into.len() <= most;
    into.truncate(most);
    whole
}
