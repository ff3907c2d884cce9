//! Any bytes are a file of replay lines, or refused line by line; what was accepted can be replayed, and its posts
//! grouped and explained.
#![no_main]

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use jiff::SignedDuration;
use libfuzzer_sys::fuzz_target;
use yuqing::{
    app::{
        replay::{Options, Replay, read_lines},
        statements::{self, Input, Part, explain, group},
    },
    config::{Folder, plan_named},
    keyword::{Matcher, parse},
    locale::Locale,
    model::{Plan, Unit},
};

static PLAN: LazyLock<Arc<Plan>> =
    LazyLock::new(|| Arc::new(plan_named(&Folder::Shipped, "work-safety").expect("a shipped plan")));
static MATCHER: LazyLock<Matcher> = LazyLock::new(|| {
    let list = parse("甲", "甲.txt", "甲\n乙\n".as_bytes()).expect("a list");
    Matcher::new(vec![Arc::new(list)])
});

/// Each post stands once, in one statement, which has one root unless it stands alone.
fn try_grouping(bytes: &[u8]) {
    let unit = Unit { name: "甲".to_owned(), aliases: Vec::new(), plan: String::new(), emergency: false };
    let options = statements::Options { unit, plan: (**PLAN).clone(), window: None, locale: Locale::En };
    let read = || Input::read(bytes).expect("a slice can be read");
    let named = |line: usize| read().subject(&format!("#{line}"), &MATCHER);
    let placed = group(read(), &MATCHER, &options);
    let mut statements: BTreeMap<u64, Vec<Part>> = BTreeMap::new();
    for post in &placed {
        statements.entry(post.statement).or_default().push(post.role);
    }
    for roles in statements.values() {
        let wanted = if roles.len() == 1 { Part::Alone } else { Part::Root };
        assert_eq!(roles.iter().filter(|role| **role == wanted).count(), 1);
    }
    let lines: Vec<usize> = placed.iter().filter_map(|post| post.line).collect();
    assert!(lines.is_sorted());
    if let [one, other, ..] = lines.as_slice()
        && let (Some(one), Some(other)) = (named(*one), named(*other))
    {
        let explained = explain(&one, &other, &options);
        assert!(explained.texts.comparison.likeness <= 1.0);
    }
}

fuzz_target!(|bytes: &[u8]| {
    try_grouping(bytes);
    let Ok(lines) = read_lines(bytes) else { return };
    // Years of virtual time between two lines would replay years of digests.
    let (Some(first), Some(last)) = (lines.iter().map(|l| l.at()).min(), lines.iter().map(|l| l.at()).max()) else {
        return;
    };
    if last.duration_since(first) > SignedDuration::from_hours(24 * 30) {
        return;
    }
    let options = Options {
        plan: Arc::clone(&PLAN),
        unit: Unit { name: "甲".to_owned(), aliases: Vec::new(), plan: "work-safety".to_owned(), emergency: false },
        notify: Vec::new(),
        run_on: SignedDuration::from_hours(1),
        first_run: true,
        workdays: Arc::default(),
        locale: Locale::ZhCn,
    };
    Replay::run(&MATCHER, options, lines, &mut |line| assert!(!line.at.is_empty()));
});
