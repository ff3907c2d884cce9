//! `yuqing send-test`.

use std::process::ExitCode;

use super::Common;

/// Arguments of `send-test`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs it.
///
/// # Errors
/// What a person can mend, with context.
pub fn run(_common: &Common, _args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("being built")
}
