//! `yuqing simulate`: months of random stories and faults in virtual time, with every promise looked at after each
//! step. Touches no file and tells nobody.

use std::{
    io::{self, Write},
    process::ExitCode,
};

use super::WrongInput;
use crate::app::simulate::{Figures, Mutant, Options, in_memory, run as simulate};

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every promise held, 1 one was broken (the seed, the promise and the instant are printed)."
)]
pub struct Args {
    /// One seed.
    #[arg(long, value_name = "N", conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Many: the first and the last, such as 1..200.
    #[arg(long, value_name = "A..B")]
    seeds: Option<String>,
    /// Virtual months of a seed; a week when left out, of every tenth seed one month.
    #[arg(long, value_name = "M")]
    months: Option<i64>,
    /// Break the desk from outside in one of twenty ways (1 to 20), to see that it is noticed.
    #[arg(long, value_name = "N", hide = true)]
    fault: Option<usize>,
    /// Print every step.
    #[arg(long)]
    trace: bool,
}

/// Runs it.
///
/// # Errors
/// Seeds that are none.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (first, last) = match (&args.seeds, args.seed) {
        (Some(written), _) => {
            span(written).ok_or_else(|| WrongInput(format!("看不懂的种子 {written}，写成 1..200")))?
        }
        (None, one) => (one.unwrap_or(1), one.unwrap_or(1)),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut all = Figures::default();
    let mut broken = 0_u32;
    for seed in first..=last {
        let mut options = Options { trace: args.trace.then_some(print as fn(&str)), ..Options::small(seed) };
        options.mutant = args.fault.and_then(|number| Mutant::ALL.get(number.checked_sub(1)?).copied());
        if let Some(months) = args.months {
            options.days = months.clamp(1, 24) * 30;
        }
        match runtime.block_on(simulate(options, in_memory())) {
            Ok(figures) => all.add(&figures),
            Err(wrong) => {
                broken += 1;
                let mut out = io::stdout().lock();
                writeln!(out, "seed {seed}: {} broken at {}: {}", wrong.invariant, wrong.at, wrong.what)?;
                out.flush()?;
            }
        }
    }
    writeln!(io::stdout(), "{all}, seeds broken {broken}")?;
    Ok(ExitCode::from(u8::from(broken > 0)))
}

fn span(written: &str) -> Option<(u64, u64)> {
    let (first, last) = written.split_once("..")?;
    Some((first.trim().parse().ok()?, last.trim_start_matches('=').trim().parse().ok()?))
}

/// A line of the trace.
fn print(line: &str) {
    // Whoever reads may have gone away; the run's own last line would tell.
    let _ = writeln!(io::stdout(), "{line}");
}
