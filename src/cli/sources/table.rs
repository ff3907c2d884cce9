//! The table of sources, for people and as JSON Lines.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    config::{duration, source::Source},
    desk::{DeskState, Mute},
    locale::{Locale, words},
    model::Maintenance,
    store::{SourceState, source_subject},
};

/// Names of the counters as programs read them.
const COUNTERS: [&str; 4] = ["views", "reposts", "comments", "likes"];

/// One source.
pub(super) struct Line {
    pub name: String,
    pub kind: &'static str,
    pub state: SourceState,
    pub mute: Option<Mute>,
    /// The maintenance window that covers its faults now, with its end. UTC.
    pub maintenance: Option<(String, Timestamp)>,
}

impl Line {
    /// All sources: those of the files in their order, then those of which only the store knows.
    pub fn all(
        sources: &[Source],
        states: &[SourceState],
        desk: &DeskState,
        windows: &Maintenance,
        now: Timestamp,
    ) -> Vec<Self> {
        let line = |name: &str, kind, state| Self::of(name.to_owned(), kind, state, desk, windows, now);
        let mut left: BTreeMap<&str, &SourceState> =
            states.iter().map(|state| (state.source.as_str(), state)).collect();
        let mut lines: Vec<Self> = Vec::new();
        for source in sources {
            let unknown = || SourceState { source: source.name.clone(), ..SourceState::default() };
            let mut state = left.remove(source.name.as_str()).cloned().unwrap_or_else(unknown);
            if !source.enabled {
                "disabled".clone_into(&mut state.health);
            }
            lines.push(line(&source.name, source.kind_id(), state));
        }
        // When the files cannot be read, the store is all there is.
        if sources.is_empty() {
            lines.extend(left.into_values().map(|state| line(&state.source, "", state.clone())));
        }
        lines
    }

    fn of(
        name: String,
        kind: &'static str,
        state: SourceState,
        desk: &DeskState,
        windows: &Maintenance,
        now: Timestamp,
    ) -> Self {
        let running = |subject: &str| {
            desk.mutes.get(subject).filter(|mute| mute.until.is_none_or(|until| until > now)).cloned()
        };
        let mute = running(&source_subject(&name)).or_else(|| running(&state.told));
        let maintenance =
            windows.over(&state.subject(), now).map(|(window, end)| (window.title.clone(), end));
        Self { name, kind, state, mute, maintenance }
    }

    /// Whether it is ill, and neither a person has muted that nor a maintenance window expects it.
    pub fn needs_person(&self) -> bool {
        let ill = ["stale", "broken", "blocked", "refused"].contains(&self.state.health.as_str());
        ill && self.mute.is_none() && self.maintenance.is_none()
    }

    fn period(&self) -> Option<SignedDuration> {
        self.state.history.usual_period.map(SignedDuration::from_secs)
    }

    /// Share of the posts with each counter, in hundredths; `None` before anything was learned.
    fn shares(&self) -> Option<[u32; 4]> {
        let history = &self.state.history;
        (history.posts > 0).then(|| history.shares.map(|share| (u32::from(share) * 100 + 127) / 255))
    }
}

/// The table.
pub(super) struct Table<'a> {
    pub lines: &'a [Line],
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    pub locale: Locale,
}

impl Table<'_> {
    pub fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let pick = |zh, en| self.locale.pick(zh, en);
        let head = [
            pick("来源", "source"),
            pick("类型", "kind"),
            pick("状况", "state"),
            pick("起于", "since"),
            pick("上次成功", "last good"),
            pick("上次有新", "last new"),
            pick("平时最长间隔", "usual period"),
            pick("每轮条数", "posts/round"),
            pick("浏览/转发/评论/点赞%", "views/reposts/comments/likes %"),
            pick("答复", "latency"),
            pick("下次", "next"),
        ];
        let rows: Vec<[String; 11]> = self.lines.iter().map(|line| self.row(line)).collect();
        let widths: Vec<usize> = head
            .iter()
            .enumerate()
            .map(|(nth, title)| {
                let cells = rows.iter().filter_map(|row| row.get(nth)).map(|cell| width(cell));
                cells.chain([width(title)]).max().unwrap_or(0)
            })
            .collect();
        row(out, head.iter().copied(), &widths)?;
        for (cells, line) in rows.iter().zip(self.lines) {
            row(out, cells.iter().map(String::as_str), &widths)?;
            if !line.state.why.is_empty() {
                writeln!(out, "    {}", line.state.why)?;
            }
            if let Some(mute) = &line.mute {
                writeln!(out, "    {}", self.mute(mute))?;
            }
            if let Some((title, end)) = &line.maintenance {
                writeln!(out, "    {}", words::maintenance(title, &self.time(*end), self.locale))?;
            }
        }
        writeln!(out, "{}: {}", pick("合计", "total"), self.lines.len())
    }

    fn row(&self, line: &Line) -> [String; 11] {
        let history = &line.state.history;
        let dash = || "-".to_owned();
        [
            line.name.clone(),
            line.kind.to_owned(),
            words::health(&line.state.health, self.locale).0.to_owned(),
            line.state.since.map_or_else(dash, |at| self.time(at)),
            line.state.last_good_at.map_or_else(dash, |at| self.time(at)),
            line.state.last_new_at.map_or_else(dash, |at| self.time(at)),
            line.period().map_or_else(dash, written),
            if history.posts > 0 { tenths(history.posts) } else { dash() },
            line.shares().map_or_else(dash, |shares| shares.map(|share| share.to_string()).join("/")),
            if history.latency_ms > 0 { format!("{} ms", history.latency_ms) } else { dash() },
            line.state.next_at.map_or_else(dash, |at| self.time(at)),
        ]
    }

    fn mute(&self, mute: &Mute) -> String {
        let until = mute.until.map_or_else(
            || self.locale.pick("直到恢复", "until it is mended").to_owned(),
            |until| format!("{} {}", self.locale.pick("直到", "until"), self.time(until)),
        );
        match self.locale {
            Locale::ZhCn => format!("已静音（{until}）：{}，{}", mute.by, mute.reason),
            Locale::En => format!("muted ({until}): {}, {}", mute.by, mute.reason),
        }
    }

    fn time(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%m-%d %H:%M").to_string()
    }

    fn iso(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    pub fn print_json(&self, out: &mut impl Write) -> io::Result<()> {
        for line in self.lines {
            writeln!(out, "{}", self.json(line))?;
        }
        Ok(())
    }

    fn json(&self, line: &Line) -> Value {
        let (state, history) = (&line.state, &line.state.history);
        let counters = line.shares().map(|shares| {
            COUNTERS.iter().zip(shares).map(|(name, share)| ((*name).to_owned(), json!(share))).collect()
        });
        let counters: Option<serde_json::Map<String, Value>> = counters;
        let mute = line.mute.as_ref().map(|mute| {
            json!({ "by": mute.by, "reason": mute.reason, "until": mute.until.map(|at| self.iso(at)) })
        });
        let iso = |at: Option<Timestamp>| at.map(|at| self.iso(at));
        json!({
            "type": "source", "source": line.name, "kind": line.kind, "health": state.health, "why": state.why,
            "since": iso(state.since), "last_good_at": iso(state.last_good_at), "last_new_at": iso(state.last_new_at),
            "usual_period_seconds": history.usual_period, "silent_seconds":
                history.fresh_at.map(|at| self.now.duration_since(at).as_secs()),
            "posts_per_round": (history.posts > 0).then(|| f64::from(history.posts) / 16.0),
            "counters_percent": counters, "dated_percent": (u32::from(history.dated) * 100 + 127) / 255,
            "parse_failures": history.faults, "latency_ms": history.latency_ms, "next_at": iso(state.next_at),
            "failures": state.failures, "rounds": state.rounds, "posts": state.posts, "mentions": state.mentions,
            "told": line.state.told, "muted": mute, "maintenance": line.maintenance.as_ref().map(|(title, end)| {
                json!({ "title": title, "until": self.iso(*end) })
            }),
        })
    }
}

/// A number of sixteenths with one decimal.
fn tenths(sixteenths: u32) -> String {
    let tenths = (u64::from(sixteenths) * 10 + 8) / 16;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Rounded to what a person wants to know.
fn written(span: SignedDuration) -> String {
    let minutes = (span.as_secs() + 59) / 60;
    let rounded = if minutes > 48 * 60 { (minutes + 59) / 60 * 60 } else { minutes };
    duration::written(SignedDuration::from_mins(rounded))
}

fn row<'a>(out: &mut impl Write, cells: impl Iterator<Item = &'a str>, widths: &[usize]) -> io::Result<()> {
    let cells: Vec<String> = cells
        .zip(widths)
        .map(|(cell, wide)| format!("{cell}{}", " ".repeat(wide.saturating_sub(width(cell)))))
        .collect();
    writeln!(out, "{}", cells.join("  ").trim_end())
}

/// Columns that a text takes on a terminal: Chinese takes two a character.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c >= '\u{1100}' && !('\u{2000}'..'\u{2e80}').contains(&c) { 2 } else { 1 }).sum()
}
