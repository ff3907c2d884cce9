//! Desk inputs per second, in memory: looks at posts of many statements, graded as they come; and how the
//! cost of a look grows with the length of a statement's history (it should not).
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
}

/// Runs `looks` looks, each at the statement and with the views that `plan` says; inputs per second.
fn timed(looks: u64, plan: impl Fn(u64) -> (u64, u64)) -> f64 {
    let start: Timestamp = "2026-11-21T00:00:00Z".parse().expect("a literal");
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
