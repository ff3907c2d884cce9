//! The last log lines of this process, for the system's page: what systemd's journal has in full, for whoever has no
//! shell. A bounded ring in memory; the log itself never holds secrets or persons.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

/// Lines that are kept.
const LINES: usize = 500;
/// Characters of a line.
const LONGEST: usize = 600;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, in milliseconds since 1970 UTC: the system's clock, as in the log itself.
    pub at_ms: i64,
    /// How grave.
    pub level: Level,
    /// What, with its fields.
    pub text: String,
}

/// The last lines. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Journal {
    lines: Arc<Mutex<VecDeque<Line>>>,
}

impl Journal {
    /// The layer that fills it. `now_ms` is the system's clock.
    pub fn layer<S: Subscriber>(&self, now_ms: fn() -> i64) -> impl Layer<S> + use<S> {
        Filling { journal: self.clone(), now_ms }
    }

    /// Keeps a line; the oldest goes.
    pub fn keep(&self, line: Line) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() >= LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    /// The last lines, newest first.
    #[must_use]
    pub fn last(&self) -> Vec<Line> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
}

struct Filling {
    journal: Journal,
    now_ms: fn() -> i64,
}

impl<S: Subscriber> Layer<S> for Filling {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        let text = [words.message, words.fields].join(" ");
        let text: String = text.trim().chars().take(LONGEST).collect();
        self.journal.keep(Line { at_ms: (self.now_ms)(), level: *event.metadata().level(), text });
    }
}

/// The message, and the fields behind it.
#[derive(Default)]
struct Words {
    message: String,
    fields: String,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, "{name}={value:?} "),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            // The link to the first account lets anybody in who reads it: it stands in the log, not on a page.
            "link" => {}
            "message" => self.message.push_str(value),
            name => {
                let _ = write!(self.fields, "{name}={value} ");
            }
        }
    }
}
