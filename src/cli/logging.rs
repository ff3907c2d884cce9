//! The log: lines for the eye on a terminal, JSON for machines; to standard error, which systemd takes to
//! the journal. `error` only when someone must act; never secrets or persons.

use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    console::journal::Journal,
    time::{Clock as _, System},
};

/// What an administrator wants to read.
const USUAL: &str = "yuqing=info,warn,html5ever=error,selectors=error";

/// Starts the log once, with the last lines kept for the console. `RUST_LOG` says what is written; the default is what
/// an administrator wants.
pub(super) fn start(json: bool) -> Journal {
    let journal = Journal::default();
    start_at(json, USUAL, Some(&journal));
    journal
}

/// The same with errors only, for commands whose output is for the eye.
pub(super) fn start_quiet(json: bool) {
    start_at(json, "error", None);
}

fn start_at(json: bool, default: &str, journal: Option<&Journal>) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = if json {
        lines.json().boxed()
    } else {
        let ansi = std::io::IsTerminal::is_terminal(&std::io::stderr());
        lines.with_target(false).with_ansi(ansi).boxed()
    };
    let kept = journal.map(|journal| journal.layer(|| System.now().as_millisecond()));
    // Starting twice happens in tests only; the first stays.
    let _ = tracing_subscriber::registry().with(filter).with(lines).with(kept).try_init();
}
