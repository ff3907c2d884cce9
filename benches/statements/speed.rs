//! Speed and memory with 100,000 statements in the index.

use std::time::Instant;

use super::{
    UNIT, print_of,
    texts::{Side, Writer},
};
use yuqing::{
    desk::statement::{Index, Masks},
    model::IncidentId,
    text::fold,
};

const STATEMENTS: u64 = 100_000;
const POSTS: usize = 20_000;

pub fn speed() {
    println!("\nspeed, {STATEMENTS} statements of 120 characters in the index");
    let mut writer = Writer::new(Side::Report, 99);
    let cores: Vec<String> = (0..STATEMENTS).map(|_| writer.text(120, None)).collect();
    let begin = Instant::now();
    let mut index = Index::default();
    for (id, text) in (1..).zip(&cores) {
        index.insert(IncidentId(id), print_of(text));
    }
    let took = begin.elapsed().as_secs_f64();
    println!(
        "build                           {took:>10.2} s     {:>10.0} statements/s",
        STATEMENTS as f64 / took
    );
    println!(
        "memory                          {:>10.1} MB    {:>10.0} bytes a statement",
        index.size_bytes() as f64 / 1e6,
        index.size_bytes() as f64 / STATEMENTS as f64
    );
    let mut other = Writer::new(Side::Tune, 7);
    let strangers: Vec<String> = (0..POSTS).map(|_| other.text(120, None)).collect();
    let kin: Vec<String> = (0..POSTS).map(|_| writer.text(120, None)).collect();
    let copies: Vec<String> = cores.iter().step_by(5).map(|text| format!("太气人了！{text}")).collect();
    let masks = Masks::of([UNIT]);
    for (name, posts) in
        [("strangers", &strangers), ("same sentences, other words", &kin), ("copies", &copies)]
    {
        let folded: Vec<String> = posts.iter().map(|text| fold(text).text).collect();
        let begin = Instant::now();
        let held = folded.iter().filter(|text| index.holds(text, &masks)).count();
        let rate = posts.len() as f64 / begin.elapsed().as_secs_f64();
        println!(
            "holds, {name:<30}{rate:>12.0} posts/s {:>8.1} µs each, {held} of {} held",
            1e6 / rate,
            posts.len()
        );
        let begin = Instant::now();
        let found = posts.iter().filter(|text| index.find(&print_of(text)).is_some()).count();
        let rate = posts.len() as f64 / begin.elapsed().as_secs_f64();
        println!("fold + find, {name:<24}{rate:>12.0} posts/s {:>8.1} µs each, {found} found", 1e6 / rate);
    }
    let begin = Instant::now();
    for id in 1..=STATEMENTS {
        index.remove(IncidentId(id));
    }
    println!(
        "remove all                      {:>10.2} s     {} ways left",
        begin.elapsed().as_secs_f64(),
        index.n_ways()
    );
}
