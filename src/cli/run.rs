//! `yuqing run`: the daemon.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context;

use super::{Common, WrongInput, keeping::Words, logging};
use crate::{
    app::{self, daemon::StartError},
    config::Folder,
    store::StoreError,
    time,
};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Runs until SIGTERM or Ctrl-C; SIGHUP reads the office's files anew (they are also watched: what is saved is in \
force within seconds, what is broken keeps its last good state). Under systemd it reports READY, RELOADING, \
STOPPING and feeds the watchdog while the store answers.")]
pub struct Args {
    /// Where the database stands (default: $STATE_DIRECTORY, else `state` beside the office's folder).
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Where the console listens, instead of what yuqing.toml says.
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<std::net::SocketAddr>,
}

/// Runs it.
///
/// # Errors
/// What keeps the daemon from starting.
pub fn run(common: &Common, args: Args) -> anyhow::Result<ExitCode> {
    let journal = logging::start(common.json);
    let folder = Folder::find(common.office.as_deref());
    let state_dir = args.state.unwrap_or_else(|| state_dir(&folder));
    let clock: time::SharedClock = Arc::new(time::System);
    let folder_of_words = folder.clone();
    let options = app::daemon::Options {
        folder,
        state_dir,
        listen: args.listen,
        clock: clock.clone(),
        post_room: None,
        journal,
        link_to_self: false,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let late = runtime.block_on(async {
        let signals = app::service::Signals::listen().context("cannot listen to signals")?;
        let started = app::service::starting(app::daemon::Daemon::start(options)).await;
        let daemon = started.map_err(|error| match error {
            StartError::Office(_) => WrongInput(error.to_string()).into(),
            StartError::Store(fault) => cannot_open(&folder_of_words, fault),
            error @ StartError::Machine { .. } => anyhow::Error::from(error),
        })?;
        anyhow::Ok(app::service::serve(daemon, clock, signals).await)
    })?;
    // The desk waits for a disk that takes nothing: what it holds was confirmed to nobody, but a supervisor
    // should know.
    Ok(if late.contains(&"desk") { ExitCode::from(1) } else { ExitCode::SUCCESS })
}

/// Why the database does not open, in the office's words where a person can do something about it.
fn cannot_open(folder: &Folder, fault: StoreError) -> anyhow::Error {
    let words = Words::of(folder);
    match &fault {
        StoreError::Held { database, holder } => anyhow::anyhow!(words.held(database, holder.as_ref())),
        StoreError::Unwritable(why) => anyhow::anyhow!(words.unwritable(why)),
        StoreError::Full(why) => anyhow::anyhow!(words.full(why)),
        _ => fault.into(),
    }
}

/// Where the database stands when nobody says: the service's state directory, else beside the office.
pub(super) fn state_dir(folder: &Folder) -> PathBuf {
    if let Some(state) = std::env::var_os("STATE_DIRECTORY") {
        return PathBuf::from(state);
    }
    match folder.disk() {
        Some(office) => office.join("state"),
        None => PathBuf::from("yuqing-state"),
    }
}
