//! The log: lines for the eye on a terminal, JSON for machines; to standard error, which systemd takes to
//! the journal. `error` only when someone must act; never secrets or persons.

use tracing_subscriber::EnvFilter;

/// Starts the log once. `RUST_LOG` says what is written; the default is what an administrator wants.
pub(super) fn start(json: bool) {
    start_at(json, "yuqing=info,warn,html5ever=error,selectors=error");
}

/// The same with errors only, for commands whose output is for the eye.
pub(super) fn start_quiet(json: bool) {
    start_at(json, "error");
}

fn start_at(json: bool, default: &str) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Starting twice happens in tests only; the first stays.
    let _ = if json {
        builder.json().try_init()
    } else {
        builder.with_target(false).with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init()
    };
}
