//! How long it takes from a complete body to a durable row and notice, and on to the mail server's 250.

use std::{net::SocketAddr, path::Path, time::Duration};

use serde_json::{Value, json};

use crate::{
    folder,
    office::{self, Office},
    points, serve, side, sink,
};

/// What is measured.
#[derive(Debug)]
pub struct Load {
    name: &'static str,
    /// What is asked of the sites.
    path: &'static str,
    sites: u32,
    /// Of the server's sites every so many-th is asked: a brief feed names a word only then.
    step: u32,
    /// How many of the thousand words demand to be told.
    alerting: usize,
    /// For how long.
    seconds: u64,
    /// What p99 should be, in milliseconds: until durable, until answered.
    goals: (Option<f64>, Option<f64>),
}

/// Ten bodies a second, one post of each to be told.
pub const IDLE: Load = Load {
    name: "idle",
    path: "brief",
    sites: 10,
    step: 50,
    alerting: 1_000,
    seconds: 40,
    goals: (Some(10.0), Some(250.0)),
};
/// More bodies than a processor can read.
pub const SATURATED: Load = Load {
    name: "saturated",
    path: "news",
    sites: 1_000,
    step: 1,
    alerting: 100,
    seconds: 20,
    goals: (Some(50.0), None),
};
/// 1,000 mentions a second, 100 of them to be told.
pub const TOLD: Load = Load {
    name: "told",
    path: "dense",
    sites: 20,
    step: 1,
    alerting: 100,
    seconds: 20,
    goals: (None, Some(250.0)),
};

const LOADS: [&Load; 3] = [&IDLE, &SATURATED, &TOLD];

/// Prints one load's latencies.
pub fn run(load: &Load) {
    let server = serve::Child::start(1, "2026-11-21", Some(1)).unwrap();
    let mail = sink::Sink::start(1).unwrap();
    let folder = folder();
    let words =
        format!("latency {} {} {} {}", load.name, server.base(), mail.address, folder.path().display());
    let said = side(&words);
    let number = |name: &str| said.get(name).and_then(Value::as_f64).unwrap_or(0.0);
    println!(
        "{:<10} {:>7.0} mentions/s, {:.0} alerts/s, {:.0} syncs/s: {:.2} syncs an alert; {:.0} alerts wait at the end",
        load.name,
        number("mentions") / number("seconds"),
        number("mails") / number("seconds"),
        number("syncs") / number("seconds"),
        number("syncs") / number("mails").max(1.0),
        number("waiting"),
    );
    for (what, goal) in [("durable", load.goals.0), ("250", load.goals.1)] {
        let goal = goal.map_or_else(String::new, |goal| format!("  (goal p99 {goal:.0})"));
        let at = |share: &str| number(&format!("{what}_{share}"));
        let (p50, p99, most, of) = (at("p50"), at("p99"), at("max"), at("of"));
        println!(
            "  body complete to {what:<8} p50 {p50:>8.1} ms  p99 {p99:>8.1} ms  max {most:>8.1} ms  of {of:.0}{goal}"
        );
    }
}

pub fn measured(words: &[&str]) {
    let [name, base, mail, folder] = words else { return };
    let load = LOADS.into_iter().find(|load| load.name == *name).unwrap();
    let mail: SocketAddr = mail.parse().unwrap();
    points::listen();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let said = runtime.block_on(async {
        let Load { path, sites, step, alerting, .. } = *load;
        let office = Office { base, path, sites, step, alerting, mail };
        let daemon = office::start(Path::new(folder), &office).await;
        // First rounds are backlog, which is not told at once.
        while daemon.store().source_states().await.unwrap().iter().filter(|one| one.rounds > 0).count()
            < sites as usize
        {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        let _ = points::heard();
        let (from, begun) = (sink::mails(mail).unwrap(), std::time::Instant::now());
        tokio::time::sleep(Duration::from_secs(load.seconds)).await;
        let (durable, answered, syncs) = points::heard();
        let seconds = begun.elapsed().as_secs_f64();
        let mails = sink::mails(mail).unwrap() - from;
        let waiting = daemon.store().outgoing(jiff::Timestamp::MAX, 100_000).await.unwrap().len();
        daemon.stop().await;
        let counted = [
            ("seconds", json!(seconds)),
            ("mentions", json!(durable.len())),
            ("mails", json!(mails)),
            ("syncs", json!(syncs)),
            ("waiting", json!(waiting)),
        ];
        let mut said: serde_json::Map<String, Value> =
            counted.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        for (what, micros) in [("durable", durable), ("250", answered)] {
            for (name, value) in shares(micros) {
                said.insert(format!("{what}_{name}"), json!(value));
            }
        }
        Value::Object(said)
    });
    println!("{said}");
}

/// Milliseconds of the middle one, of the one in a hundred and of the longest; and how many there are.
fn shares(mut micros: Vec<i64>) -> [(&'static str, f64); 4] {
    micros.sort_unstable();
    let at = |share: f64| {
        let nth = (micros.len() as f64 * share) as usize;
        micros.get(nth.min(micros.len().saturating_sub(1))).map_or(f64::NAN, |micros| *micros as f64 / 1e3)
    };
    [("p50", at(0.5)), ("p99", at(0.99)), ("max", at(1.0)), ("of", micros.len() as f64)]
}
