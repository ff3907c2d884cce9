//! Measuring on a machine that is shared: the time that a thread was on a processor, and the memory that a process
//! of its own holds.

use std::{fs, hint::black_box, process::Command, time::Instant};

/// Seconds that this thread has run; the clock on the wall where the system does not tell.
pub fn seconds() -> f64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let ran = told.and_then(|told| told.split(' ').next()?.parse::<f64>().ok());
    ran.map_or_else(|| START.elapsed().as_secs_f64(), |nanoseconds| nanoseconds / 1e9)
}

/// The best of some runs, in gigabytes a second, and what the work answered.
pub fn speed(bytes: usize, runs: u32, mut work: impl FnMut() -> usize) -> (f64, usize) {
    let mut best = f64::INFINITY;
    let mut result = 0;
    for _ in 0..runs {
        let started = seconds();
        result = black_box(work());
        best = best.min(seconds() - started);
    }
    (bytes as f64 / 1e9 / best, result)
}

/// Megabytes of a line of the process's status, such as `VmRSS:`.
pub fn megabytes(line: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|text| text.strip_prefix(line));
    found.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) * 1024.0 / 1e6
}

/// Runs this benchmark again as a process of its own and gives what it printed.
pub fn alone(arguments: &[&str]) -> String {
    let program = std::env::current_exe().unwrap();
    let said = Command::new(program).args(arguments).output().unwrap();
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}
