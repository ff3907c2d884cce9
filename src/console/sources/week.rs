//! The week of a source: new posts of each hour as bars, and the usual ones of that hour of the week as a broken line, as
//! points for a drawing that the template makes. An hour that nobody watched is a gap with a mark at the ground, no zero.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::line::tenths_shown;
use crate::{
    console::view::When,
    model::{LEARNED_AFTER, POST, SourceHistory, hour_of_week},
};

/// Hours that are drawn.
const HOURS: i64 = 168;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 948.0;
const TOP: f64 = 24.0;
const BOTTOM: f64 = 236.0;
/// How wide a day is when it is written.
const WORD: f64 = 100.0;

/// The drawing.
#[derive(Debug, Serialize)]
pub(super) struct Week {
    /// Bars: x, y, width, height, and what stands on them.
    bars: Vec<Bar>,
    /// Hours that nobody watched: x and width.
    gaps: Vec<(String, String)>,
    /// `x,y x,y…` of the usual ones; empty when nothing was learned.
    usual: String,
    /// Midnights: x, the day and its weekday; a day of which too little is left to write it is a line only.
    days: Vec<(String, String, String)>,
    /// Figures at the side: y, and the number.
    scale: Vec<(String, String)>,
    /// The days in figures, for whoever does not see the drawing.
    table: Vec<Day>,
    /// All of it in figures.
    found: String,
    expected: String,
    /// Whether it is still being learned what is usual.
    learning: bool,
}

#[derive(Debug, Serialize)]
struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    title: String,
}

#[derive(Debug, Serialize)]
struct Day {
    day: String,
    found: String,
    expected: String,
    watched: usize,
}

/// One hour.
struct Hour {
    start: Timestamp,
    found: Option<u64>,
    usual: u64,
}

impl Week {
    /// The last week; `None` when none of its hours was watched.
    pub fn of(history: &SourceHistory, when: &When) -> Option<Self> {
        let last = when.now.as_second().div_euclid(3_600);
        let hours: Vec<Hour> = (last - HOURS + 1..=last)
            .filter_map(|hour| {
                let start = Timestamp::from_second(hour * 3_600).ok()?;
                let usual = history.hours.expected(hour_of_week(start));
                Some(Hour { start, found: history.found.at(start), usual })
            })
            .collect();
        if hours.iter().all(|hour| hour.found.is_none()) {
            return None;
        }
        let learned = history.hours_learned > 0;
        let most = hours.iter().map(|hour| hour.found.unwrap_or(0).max(hour.usual)).max()?.max(2 * POST);
        let width = (RIGHT - LEFT) / 168.0;
        let x = |nth: usize| LEFT + to_float(u64::try_from(nth).unwrap_or(0)) * width;
        let height = |posts: u64| (BOTTOM - TOP) * to_float(posts) / to_float(most);
        let mut week = Self {
            bars: Vec::new(),
            gaps: Vec::new(),
            usual: String::new(),
            days: days(&hours, when, &x),
            scale: [1, 2].map(|half| scale(most * half / 2, &height)).to_vec(),
            table: table(&hours, when),
            found: tenths_shown(hours.iter().filter_map(|hour| hour.found).sum()),
            expected: tenths_shown(
                hours.iter().filter(|hour| hour.found.is_some()).map(|hour| hour.usual).sum(),
            ),
            learning: history.hours_learned < LEARNED_AFTER,
        };
        for (nth, hour) in hours.iter().enumerate() {
            let (left, right) = (x(nth), x(nth + 1));
            match hour.found {
                None => week.gaps.push((format!("{left:.1}"), format!("{width:.1}"))),
                Some(0) => {}
                Some(found) => week.bars.push(Bar {
                    x: format!("{:.1}", left + 0.6),
                    y: format!("{:.1}", BOTTOM - height(found)),
                    width: format!("{:.1}", width - 1.2),
                    height: format!("{:.1}", height(found)),
                    title: format!("{} · {}", when.day_time(hour.start), tenths_shown(found)),
                }),
            }
            if learned {
                let y = BOTTOM - height(hour.usual);
                week.usual.push_str(&format!("{left:.1},{y:.1} {right:.1},{y:.1} "));
            }
        }
        Some(week)
    }
}

fn scale(posts: u64, height: &impl Fn(u64) -> f64) -> (String, String) {
    (format!("{:.1}", BOTTOM - height(posts)), tenths_shown(posts))
}

/// Where days begin.
fn days(hours: &[Hour], when: &When, x: &impl Fn(usize) -> f64) -> Vec<(String, String, String)> {
    let midnight = |at: Timestamp| at.to_zoned(when.zone.clone()).hour() == 0;
    let starts = hours.iter().enumerate().filter(|(_, hour)| midnight(hour.start));
    let shown = |(nth, hour): (usize, &Hour)| {
        let (place, word) = (x(nth), when.day(hour.start));
        let (day, weekday) = word.split_once(' ').unwrap_or((&word, ""));
        let (day, weekday) = if place + WORD > RIGHT { ("", "") } else { (day, weekday) };
        (format!("{place:.1}"), day.to_owned(), weekday.to_owned())
    };
    starts.map(shown).collect()
}

/// The same by day.
fn table(hours: &[Hour], when: &When) -> Vec<Day> {
    let mut days: Vec<(String, u64, u64, usize)> = Vec::new();
    for hour in hours {
        let day = when.day(hour.start);
        if days.last().is_none_or(|last| last.0 != day) {
            days.push((day, 0, 0, 0));
        }
        if let (Some(last), Some(found)) = (days.last_mut(), hour.found) {
            last.1 += found;
            last.2 += hour.usual;
            last.3 += 1;
        }
    }
    let shown = |(day, found, expected, watched)| Day {
        day,
        found: tenths_shown(found),
        expected: tenths_shown(expected),
        watched,
    };
    days.into_iter().map(shown).collect()
}

/// When the drawing begins, for the log of rounds beside it. UTC.
pub(super) fn begin(now: Timestamp) -> Timestamp {
    now.saturating_sub(SignedDuration::from_hours(HOURS)).unwrap_or(now)
}

#[expect(clippy::cast_precision_loss, reason = "a drawing: a pixel is coarser than this")]
fn to_float(count: u64) -> f64 {
    count as f64
}
