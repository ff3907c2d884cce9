//! The committed table of simplified forms is OpenCC's, and is made from it.

use std::fmt::Write as _;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use yuqing::text::simplify;

/// Every character of the Han blocks.
fn han() -> impl Iterator<Item = char> {
    ('\u{2E80}'..='\u{2FDF}')
        .chain('\u{3005}'..='\u{3007}')
        .chain('\u{3400}'..='\u{4DBF}')
        .chain('\u{4E00}'..='\u{9FFF}')
        .chain('\u{F900}'..='\u{FAFF}')
        .chain('\u{20000}'..='\u{323AF}')
}

fn by_opencc() -> impl Fn(char) -> char {
    let opencc = OpenCC::from_config(BuiltinConfig::T2s).unwrap();
    move |c| {
        let converted = opencc.convert(&c.to_string());
        let mut chars = converted.chars();
        match (chars.next(), chars.next()) {
            (Some(to), None) => to,
            _ => c,
        }
    }
}

#[test]
fn the_table_equals_opencc() {
    let oracle = by_opencc();
    let wrong: Vec<_> = han().filter(|&c| simplify(c) != oracle(c)).collect();
    assert!(wrong.is_empty(), "{} characters differ, such as {:?}", wrong.len(), wrong.first());
    assert!(han().filter(|&c| simplify(c) != c).count() > 3_500);
}

/// `cargo test --test it regenerate_the_table -- --ignored` after an update of OpenCC's data.
#[test]
#[ignore = "writes src/text/t2s_table.rs"]
fn regenerate_the_table() {
    let oracle = by_opencc();
    let mut pairs = String::new();
    let mut n = 0;
    for c in han() {
        let to = oracle(c);
        if to != c {
            if n % 40 == 0 {
                pairs.push_str("\\\n    ");
            }
            n += 1;
            pairs.extend([c, to]);
        }
    }
    let mut file = String::from(
        "//! Pairs of a traditional character and its simplified form, one after the other.\n\
         //!\n\
         //! Generated from the data of OpenCC (<https://github.com/BYVoid/OpenCC>, configuration `t2s`), which is\n\
         //! licensed under the Apache License 2.0. Do not edit: `regenerate_the_table` in tests/it/text/t2s.rs\n\
         //! writes this file and a test beside it proves that it is still equal to its origin.\n\n",
    );
    writeln!(file, "#[rustfmt::skip]\npub(super) const TRADITIONAL_SIMPLIFIED: &str = \"{pairs}\";").unwrap();
    std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/text/t2s_table.rs"), file).unwrap();
}
