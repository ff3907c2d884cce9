//! The generated set as a file in the replay format, with labels: what any other recogniser can be tried on.

use std::{fmt::Write as _, fs};

use super::{
    LENGTHS, Options, bases,
    edits::EDITS,
    negatives::{NEGATIVES, refutation},
    texts::Writer,
};

/// Writes `{site,id,text,…,label,kind}` lines: posts of one label are one statement. What is
/// told apart is said within a `family` only: texts of different families are made of the same sentences.
pub fn export(file: &str, options: &Options) {
    let mut out = String::new();
    let (mut n, mut label) = (0_u64, 0_u64);
    let mut put = |text: &str, (family, label): (u64, u64), kind: &str, out: &mut String| {
        n += 1;
        let minute = n / 60 % 60;
        let post = serde_json::json!({
            "site": "bench.example", "id": n.to_string(), "url": format!("https://bench.example/{n}"), "text": text,
            "seen_at": format!("2026-11-{:02}T{:02}:{minute:02}:{:02}Z", 1 + n / 86_400, n / 3600 % 24, n % 60),
            "label": label, "family": family, "kind": kind,
        });
        writeln!(out, "{post}").expect("a string takes it");
    };
    for &length in &LENGTHS {
        let mut writer = Writer::new(options.side, options.seed + 11);
        for text in bases(options.side, options.seed, length, options.cell / 20) {
            label += 1;
            put(&text, (label, label), "root", &mut out);
            for edit in EDITS.iter().filter(|edit| edit.least <= length) {
                put(&(edit.apply)(&mut writer, &text), (label, label), edit.name, &mut out);
            }
            put(&refutation(&mut writer, &text), (label, label), "reaction", &mut out);
        }
        for negative in NEGATIVES.iter().filter(|negative| negative.lengths.contains(&length)) {
            for _ in 0..options.cell / 20 {
                let (x, y) = (negative.pair)(&mut writer, length);
                put(&x, (label + 1, label + 1), negative.name, &mut out);
                put(&y, (label + 1, label + 2), negative.name, &mut out);
                label += 2;
            }
        }
    }
    fs::write(file, out).expect("the file can be written");
    println!("{n} posts in {file}");
}
