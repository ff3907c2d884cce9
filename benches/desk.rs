//! Desk inputs per second, in memory: looks at posts of many statements, graded as they come, with nothing else
//! alive and with 100,000 statements alive; and how the cost of a look grows with the length of a statement's
//! history (it should not).
//!
//! Prints figures and ratios of one run; asserts nothing.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench prints figures and may stop")]

#[path = "common/hit.rs"]
mod hit;

use std::{sync::Arc, time::Instant};

use jiff::{SignedDuration, Timestamp};
use yuqing::{
    config::{Folder, plan_named},
    desk::{Desk, Input, Restored, Setup},
    locale::Locale,
    model::{Count, Counters, Mention, Post, PostKey, Precision, Published, SiteKind, Unit},
};

const UNIT: &str = "青川县人民医院";

fn main() {
    let looks = 20_000;
    let fresh = timed(looks, |n| (n, 0));
    println!("desk: {looks} looks, each at a new statement       {fresh:>10.0} inputs/s");
    let followed = timed(looks, |n| (n % 2_000, n / 2_000));
    println!("desk: {looks} looks at 2,000 statements            {followed:>10.0} inputs/s");
    let long = timed(looks, |n| (0, n));
    println!("desk: {looks} looks at one post                    {long:>10.0} inputs/s");
    println!("desk: one post against many statements, ratio      {:>10.2}", long / followed);
    among_live();
    along_history();
}

/// Statements that live beside what is measured.
const LIVE: u64 = 100_000;

/// The same with many statements alive: looks at posts that are known, and posts that nobody has seen.
fn among_live() {
    let start = start();
    let at = |n: u64| start + SignedDuration::from_millis(i64::try_from(n).unwrap_or(0));
    let mut desk = Desk::new(setup(), Restored::default(), start);
    let rate = |desk: &mut Desk, from: u64, inputs: Vec<Input>| {
        let (n, begin) = (inputs.len(), Instant::now());
        for (nth, input) in (from..).zip(&inputs) {
            desk.take(input, at(nth)).expect("a look");
        }
        per_second(n, begin)
    };
    let fill = rate(&mut desk, 0, (0..LIVE).map(|n| look(n, 0, at(n))).collect());
    let again = |n: u64| look(n.wrapping_mul(7_919) % LIVE, 1 + n / 1_000, at(LIVE + n));
    let looks = rate(&mut desk, LIVE, (0..20_000).map(again).collect());
    let new = (0..20_000).map(|n| look(LIVE + n, 0, at(LIVE + 20_000 + n))).collect();
    let new = rate(&mut desk, LIVE + 20_000, new);
    println!("desk: 100,000 new statements                       {fill:>10.0} inputs/s");
    println!("desk: looks with 100,000 live statements           {looks:>10.0} inputs/s");
    println!("desk: new statements beside 100,000 live ones      {new:>10.0} inputs/s");
}

/// What a look costs when so many were made before it, all within the day that is graded.
fn along_history() {
    const APART: SignedDuration = SignedDuration::from_millis(80);
    let start = start();
    let mut desk = Desk::new(setup(), Restored::default(), start);
    let (mut at, mut views, mut n) = (start, 0, 0_u64);
    for length in [1_000_u64, 10_000, 100_000, 1_000_000] {
        let mut micros = 0.0;
        while n < length {
            let block = (length - n).min(1_000);
            let inputs: Vec<_> = (0..block)
                .map(|_| {
                    // It grows slowly, so that it is graded at each look and rises at few.
                    (at, views, n) = (at + APART, views + n % 2, n + 1);
                    (look(0, views, at), at)
                })
                .collect();
            let begin = Instant::now();
            for (input, at) in &inputs {
                desk.take(input, *at).expect("a look");
            }
            #[expect(clippy::cast_precision_loss, reason = "a printed figure")]
            let each = begin.elapsed().as_secs_f64() * 1e6 / block as f64;
            micros = each;
        }
        println!("desk: a look after {length:>9} observations           {micros:>10.1} µs");
    }
}

fn start() -> Timestamp {
    "2026-11-21T00:00:00Z".parse().expect("a literal")
}

#[expect(clippy::cast_precision_loss, reason = "a printed figure")]
fn per_second(n: usize, begin: Instant) -> f64 {
    n as f64 / begin.elapsed().as_secs_f64()
}

/// Runs `looks` looks, each at the statement and with the views that `plan` says; inputs per second.
fn timed(looks: u64, plan: impl Fn(u64) -> (u64, u64)) -> f64 {
    let start = start();
    let mut desk = Desk::new(setup(), Restored::default(), start);
    let inputs: Vec<_> = (0..looks)
        .map(|n| {
            let (statement, views) = plan(n);
            (look(statement, views, start + SignedDuration::from_secs(i64::try_from(n).unwrap_or(0))), n)
        })
        .collect();
    let begin = Instant::now();
    let mut changes = 0;
    for (input, n) in &inputs {
        let now = start + SignedDuration::from_secs(i64::try_from(*n).unwrap_or(0));
        changes += desk.take(input, now).map_or(0, |changes| changes.len());
    }
    assert!(changes > 0, "the desk decided nothing");
    #[expect(clippy::cast_precision_loss, reason = "a printed figure")]
    let rate = looks as f64 / begin.elapsed().as_secs_f64();
    rate
}

fn setup() -> Setup {
    let plan = Arc::new(plan_named(&Folder::Shipped, "work-safety").expect("a shipped plan"));
    let unit = Unit { name: UNIT.to_owned(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
    Setup { units: vec![(unit, plan)], locale: Locale::ZhCn, ..Setup::default() }
}

/// A text of about sixty characters that no other statement shares.
fn text(statement: u64) -> String {
    let mut state = statement.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut text = format!("{UNIT}：");
    for _ in 0..60 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let scalar = 0x4e00 + u32::try_from(state % 8_000).unwrap_or(0);
        text.extend(char::from_u32(scalar));
    }
    text
}

fn look(statement: u64, views: u64, seen_at: Timestamp) -> Input {
    let text = text(statement);
    let hit = hit::of_unit(UNIT);
    Input::Mention(Box::new(Mention {
        source: "bench".to_owned(),
        post: Post {
            key: PostKey { site: "bbs.example".to_owned(), id: statement.to_string() },
            site_kind: SiteKind::Forum,
            url: format!("https://bbs.example/{statement}"),
            title: String::new(),
            text,
            quoted: String::new(),
            published: Some(Published {
                at: "2026-11-20T23:00:00Z".parse().expect("a literal"),
                precision: Precision::Minute,
            }),
            repost_of: None,
            links: Vec::new(),
        },
        seen_at,
        counters: Counters { views: Some(Count::exact(views)), ..Counters::default() },
        own_fetch: false,
        first_round: false,
        hits: vec![hit],
    }))
}
