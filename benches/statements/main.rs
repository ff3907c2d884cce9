//! How well the same statement is recognised: recall for each kind of edit and length, false joins for each kind of
//! hard negative, the curve of thresholds, speed and memory. Seeded; tuned on one half of the sentences and words,
//! reported on the other.
//!
//!     cargo bench --bench statements                        the report
//!     cargo bench --bench statements -- --tune              on the half to tune on, with examples of what went wrong
//!     cargo bench --bench statements -- --speed             speed and memory alone
//!     cargo bench --bench statements -- --peers             the race against peers alone (after benches/peers/setup)
//!     cargo bench --bench statements -- --export FILE.jsonl the generated set in the replay format, with labels
//!
//! Prints figures and asserts nothing.

#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    missing_docs,
    reason = "a bench prints figures and may stop"
)]

mod edits;
mod export;
mod negatives;
#[path = "../common/peers.rs"]
mod peers;
mod rivals;
mod speed;
mod texts;

use std::collections::BTreeMap;

use edits::EDITS;
use negatives::{NEGATIVES, refutation};
use texts::{Side, Writer};
use yuqing::{
    desk::statement::{Comparison, Fingerprint, Index, Verdict, compare},
    locale::Locale,
    model::IncidentId,
};

pub const UNIT: &str = "青川县人民医院";
const LENGTHS: [usize; 5] = [26, 60, 120, 300, 1500];
const NAMES: [&str; 5] = ["20-40", "60", "120", "300", "1500"];

struct Options {
    side: Side,
    seed: u64,
    /// Texts in a cell of the table.
    cell: usize,
    examples: bool,
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1));
    let tune = words.iter().any(|word| word == "--tune");
    let options = Options {
        side: if tune { Side::Tune } else { Side::Report },
        seed: value("--seed").and_then(|seed| seed.parse().ok()).unwrap_or(if tune { 1 } else { 2026 }),
        cell: value("--cell").and_then(|cell| cell.parse().ok()).unwrap_or(if tune { 200 } else { 400 }),
        examples: tune || words.iter().any(|word| word == "--examples"),
    };
    if words.iter().any(|word| word == "--speed") {
        speed::speed();
        return;
    }
    if words.iter().any(|word| word == "--peers") {
        rivals::race(&options);
        return;
    }
    if let Some(file) = value("--export") {
        export::export(file, &options);
        return;
    }
    recall(&options);
    precision(&options);
    refutations(&options);
    if !tune {
        curve(&options);
        speed::speed();
        rivals::race(&options);
    }
}

pub fn print_of(text: &str) -> Fingerprint {
    Fingerprint::of(text, [UNIT])
}

/// Base texts of one length; every other one names the unit.
pub fn bases(options_side: Side, seed: u64, length: usize, n: usize) -> Vec<String> {
    let mut writer = Writer::new(options_side, seed ^ length as u64);
    let mut seen = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    while found.len() < n {
        let unit = (found.len() % 2 == 0 && length > 40).then_some(UNIT);
        let text = writer.text(length, unit);
        if seen.insert(text.trim_start_matches(UNIT).chars().take(10).collect::<String>()) {
            found.push(text);
        }
    }
    found
}

/// Recall: each base is the core of a statement; its edited copy is looked for among all of them.
fn recall(options: &Options) {
    println!("recall %, {} texts a cell (n/a: under 12 informative characters are left)", options.cell);
    println!("{:<32}{}", "edit", NAMES.map(|name| format!("{name:>8}")).concat());
    let sets: Vec<(Vec<String>, Index)> = LENGTHS
        .iter()
        .map(|&length| {
            let texts = bases(options.side, options.seed, length, options.cell);
            let mut index = Index::default();
            for (id, text) in (1..).zip(&texts) {
                index.insert(IncidentId(id), print_of(text));
            }
            (texts, index)
        })
        .collect();
    let mut wrong_all = 0;
    for edit in EDITS {
        let mut line = format!("{:<32}", edit.name);
        let pad = edit.name.chars().filter(|c| !c.is_ascii()).count();
        line.truncate(line.len().saturating_sub(pad.min(line.len() - line.trim_end().len())));
        let mut missed = Vec::new();
        for ((texts, index), &length) in sets.iter().zip(&LENGTHS) {
            let mut writer = Writer::new(options.side, options.seed + 7 * length as u64);
            let (mut tried, mut found) = (0, 0);
            for (id, text) in (1..).zip(texts) {
                if text.chars().count() < edit.least {
                    continue;
                }
                let edited = (edit.apply)(&mut writer, text);
                let print = print_of(&edited);
                if !print.is_comparable() {
                    continue;
                }
                tried += 1;
                match index.find(&print) {
                    Some(found_one) if found_one.incident == IncidentId(id) && !found_one.reaction => {
                        found += 1;
                    }
                    other => {
                        wrong_all += usize::from(other.is_some());
                        if missed.len() < 3 {
                            missed.push((text.clone(), edited, compare(&print, &print_of(text))));
                        }
                    }
                }
            }
            line += &if tried < 20 {
                format!("{:>8}", "n/a")
            } else {
                format!("{:>8.1}", 100.0 * f64::from(found) / f64::from(tried))
            };
        }
        println!("{line}");
        if options.examples {
            for (text, edited, compared) in missed {
                example(&edited, &text, &compared);
            }
        }
    }
    println!("edited copies that joined another statement or as a reaction: {wrong_all}");
}

fn example(a: &str, b: &str, compared: &Comparison) {
    let short = |text: &str| text.chars().take(90).collect::<String>().replace('\n', "\\n");
    let why =
        compared.difference.as_ref().map_or_else(String::new, |difference| difference.sentence(Locale::ZhCn));
    println!(
        "      {:?} {:.2} anchors {} {:?} {why}\n        {}\n        {}",
        compared.verdict,
        compared.likeness,
        compared.shared_anchors,
        compared.informative,
        short(a),
        short(b)
    );
}

/// Precision: of each pair the first is the core; the second must not join it.
fn precision(options: &Options) {
    println!("\nhard negatives: false joins per 10,000 pairs");
    let (mut all, mut all_joined) = (0, 0);
    for negative in NEGATIVES {
        let (mut tried, mut joined) = (0, 0);
        let mut shown = Vec::new();
        for &length in negative.lengths {
            let mut writer = Writer::new(options.side, options.seed + 31 * length as u64);
            let rounds = if length > 1000 { options.cell / 2 } else { options.cell * 3 };
            for _ in 0..rounds {
                let (x, y) = (negative.pair)(&mut writer, length);
                let (core, print) = (print_of(&x), print_of(&y));
                let compared = compare(&print, &core);
                tried += 1;
                let denied = negative.name == "claim and denial" && compared.verdict == Verdict::Reaction;
                if compared.joins() && !denied && x != y {
                    joined += 1;
                    if shown.len() < 4 {
                        shown.push((y, x, compared));
                    }
                }
            }
        }
        (all, all_joined) = (all + tried, all_joined + joined);
        println!(
            "{:<32}{tried:>8} pairs {joined:>6} joined {:>10.1}",
            negative.name,
            1e4 * f64::from(joined) / f64::from(tried)
        );
        if options.examples {
            for (x, y, compared) in shown {
                example(&x, &y, &compared);
            }
        }
    }
    println!(
        "{:<32}{all:>8} pairs {all_joined:>6} joined {:>10.1}",
        "all",
        1e4 * f64::from(all_joined) / f64::from(all)
    );
}

fn refutations(options: &Options) {
    println!("\nrefutations that quote the rumour, taken as a reaction, %");
    for (&length, name) in LENGTHS.iter().zip(NAMES) {
        let mut writer = Writer::new(options.side, options.seed + 3);
        let texts = bases(options.side, options.seed, length, options.cell);
        let mut taken = 0;
        for text in &texts {
            let refuting = refutation(&mut writer, text);
            let compared = compare(&print_of(&refuting), &print_of(text));
            if compared.verdict == Verdict::Reaction {
                taken += 1;
            } else if options.examples {
                example(&refuting, text, &compared);
            }
        }
        println!("{name:<32}{:>8.1}", 100.0 * f64::from(taken) / texts.len() as f64);
    }
}

/// What the thresholds alone would do, without guards and rules: recall and false joins by containment and by anchors.
fn curve(options: &Options) {
    println!("\nthresholds alone (no guards): recall % and false joins per 10,000 by containment of 3-grams");
    let mut edited: Vec<Comparison> = Vec::new();
    for &length in &LENGTHS[..4] {
        let texts = bases(options.side, options.seed, length, options.cell / 4);
        let mut writer = Writer::new(options.side, options.seed + 5);
        for edit in EDITS.iter().filter(|edit| edit.least <= length) {
            for text in &texts {
                let print = print_of(&(edit.apply)(&mut writer, text));
                if print.is_comparable() {
                    edited.push(compare(&print, &print_of(text)));
                }
            }
        }
    }
    let mut strangers: BTreeMap<&str, Vec<Comparison>> = BTreeMap::new();
    for negative in NEGATIVES {
        let mut writer = Writer::new(options.side, options.seed + 6);
        for _ in 0..options.cell {
            let (x, y) = (negative.pair)(&mut writer, 60);
            strangers.entry(negative.name).or_default().push(compare(&print_of(&y), &print_of(&x)));
        }
    }
    let all: Vec<&Comparison> = strangers.values().flatten().collect();
    println!(
        "{:>12}{:>10}{:>22}{:>24}",
        "containment", "recall %", "joined, no guards", "joined, with guards"
    );
    let per = |n: usize, of: usize| 1e4 * n as f64 / of.max(1) as f64;
    for step in 4..=9 {
        let least = f64::from(step) / 10.0;
        let is_alike = |one: &&Comparison| one.likeness >= least;
        let found = edited.iter().filter(is_alike).count();
        let joined = all.iter().filter(|one| one.likeness >= least).count();
        let guarded = all.iter().filter(|one| one.likeness >= least && one.joins()).count();
        println!(
            "{least:>12.1}{:>10.2}{:>22.1}{:>24.1}",
            per(found, edited.len()) / 100.0,
            per(joined, all.len()),
            per(guarded, all.len())
        );
    }
    println!("{:>12}{:>10}{:>22}", "anchors", "recall %", "candidates");
    for least in [1, 2, 3, 4, 6, 8] {
        let found = edited.iter().filter(|one| one.shared_anchors >= least).count();
        let met = all.iter().filter(|one| one.shared_anchors >= least).count();
        println!("{least:>12}{:>10.2}{:>22.1}", per(found, edited.len()) / 100.0, per(met, all.len()));
    }
}
