//! A reload of the whole list while another thread goes on matching: how long until the new words are in force,
//! and the longest that a post had to wait meanwhile.

use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use yuqing::keyword::{Matcher, parse};

use crate::meter::seconds;

/// Reloads that are measured.
const RELOADS: usize = 8;

pub fn report(words: &[String], posts: &[String]) {
    let file = words.join("\n\n");
    let read = || Matcher::new(vec![Arc::new(parse("甲", "甲.txt", file.as_bytes()).unwrap())]);
    let current = RwLock::new(Arc::new(read()));
    let over = AtomicBool::new(false);
    let (mut took, mut busy) = (Vec::new(), Vec::new());
    let (slowest, matched) = std::thread::scope(|scope| {
        let flow = scope.spawn(|| flow(&current, posts, &over));
        for _ in 0..RELOADS {
            let (began, ran) = (Instant::now(), seconds());
            let fresh = Arc::new(read());
            *current.write().unwrap() = fresh;
            took.push(began.elapsed());
            busy.push(seconds() - ran);
        }
        over.store(true, Ordering::Relaxed);
        flow.join().unwrap()
    });
    took.sort();
    busy.sort_by(f64::total_cmp);
    println!(
        "reload of {} words, file and all: {:.0} ms of a processor, {:.0} ms on the clock (medians of {RELOADS}); \
         {matched} posts were matched meanwhile, the slowest in {:.1} ms",
        words.len(),
        busy[RELOADS / 2] * 1e3,
        took[RELOADS / 2].as_secs_f64() * 1e3,
        slowest.as_secs_f64() * 1e3
    );
}

/// Matches posts until told to stop. Answers the longest that one took, and how many there were.
fn flow(current: &RwLock<Arc<Matcher>>, posts: &[String], over: &AtomicBool) -> (Duration, usize) {
    let (mut slowest, mut matched) = (Duration::ZERO, 0);
    for post in posts.iter().cycle().take_while(|_| !over.load(Ordering::Relaxed)) {
        let began = Instant::now();
        let matcher = current.read().unwrap().clone();
        let _ = std::hint::black_box(matcher.hits(post, ""));
        slowest = slowest.max(began.elapsed());
        matched += 1;
    }
    (slowest, matched)
}
