//! Any bytes are a file of replay lines, or refused line by line; what was accepted can be replayed.
#![no_main]

use std::sync::{Arc, LazyLock};

use jiff::SignedDuration;
use libfuzzer_sys::fuzz_target;
use yuqing::{
    app::replay::{Options, Replay, read_lines},
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

fuzz_target!(|bytes: &[u8]| {
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
        locale: Locale::ZhCn,
    };
    Replay::run(&MATCHER, options, lines, &mut |line| assert!(!line.at.is_empty()));
});
