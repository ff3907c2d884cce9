//! `yuqing demo`: everything on one machine, without network or set-up.

use std::{io::Write, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use anyhow::Context;
use jiff::SignedDuration;

use super::{Common, logging};
use crate::{
    app::demo::{Demo, Mailbox, Summary},
    config,
    time::{Clock, System},
};

/// Arguments of `demo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A made-up county web (a GBK forum, a Weibo-style and a Douyin-style JSON API, an Atom feed) is served over real \
HTTP on loopback; a story about an invented unit spreads over it and climbs through every tier. Mails go \
through a real SMTP conversation into a mailbox that the console shows. Nothing leaves the machine, and nothing \
is left behind. Exit code 0 when the store and the mailbox agree.")]
pub struct Args {
    /// End by itself after this long: 60s, 5min (default: until Ctrl-C).
    #[arg(long = "for", value_name = "TIME", value_parser = span)]
    length: Option<SignedDuration>,
    /// Varies story, order and numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the console listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
}

fn span(text: &str) -> Result<SignedDuration, String> {
    config::duration::parse(text).map_err(|error| error.to_string())
}

/// Runs it.
///
/// # Errors
/// When the machine has no free port or no place for the demo's files.
#[expect(clippy::needless_pass_by_value, reason = "every command has this shape")]
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    logging::start_quiet(common.json);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (summary, start) = runtime.block_on(play(common, &args))?;
    let mut out = std::io::stdout().lock();
    if common.json {
        serde_json::to_writer(&mut out, &summary)?;
        writeln!(out)?;
    } else {
        write!(out, "\n{}", summary.to_text(start))?;
    }
    Ok(if summary.agrees() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn play(common: &Common, args: &Args) -> anyhow::Result<(Summary, jiff::Timestamp)> {
    let demo = Demo::start(args.seed, args.listen, Arc::new(System)).await?;
    let start = demo.started_at();
    if !common.json {
        let mut out = std::io::stdout().lock();
        writeln!(out, "演示: 单位、人物、地点均为虚构，不连接外网，不向任何人发送。")?;
        writeln!(out, "值班台  http://{}/", demo.address())?;
        writeln!(out, "信箱    http://{}/mailbox", demo.address())?;
        match args.length {
            Some(length) => writeln!(out, "{} 秒后自行结束；Ctrl-C 提前结束。\n", length.as_secs())?,
            None => writeln!(out, "Ctrl-C 结束。\n")?,
        }
    }
    let letters = tokio::spawn(read_along(demo.mailbox().clone(), start, common.json));
    let end = args.length.map(|length| start.saturating_add(length).unwrap_or(start));
    tokio::select! {
        () = wait_until(end) => {}
        signal = tokio::signal::ctrl_c() => signal.context("cannot listen to Ctrl-C")?,
        signal = terminated() => signal.context("cannot listen to SIGTERM")?,
    }
    letters.abort();
    let _ = letters.await;
    Ok((demo.stop().await?, start))
}

async fn terminated() -> std::io::Result<()> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?.recv().await;
    Ok(())
}

async fn wait_until(end: Option<jiff::Timestamp>) {
    match end {
        Some(end) => System.sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// Prints the subject of each mail as it comes.
async fn read_along(mailbox: Mailbox, start: jiff::Timestamp, quiet: bool) {
    let mut seen = 0;
    while mailbox.more_than(seen).await {
        for mail in mailbox.after(seen) {
            seen = mail.number;
            if quiet {
                continue;
            }
            let since = Duration::try_from(mail.at.duration_since(start)).unwrap_or_default().as_secs();
            let mut out = std::io::stdout().lock();
            // A closed terminal ends the reading along, not the demo.
            if writeln!(out, "第 {since:>3} 秒  {} → {}", mail.subject(), mail.to.join("、")).is_err() {
                return;
            }
        }
    }
}
