//! Hears the daemon's own points of measurement: what the rooms say at trace level when something is durable or
//! answered, with how long ago its post was read.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

static DURABLE: Mutex<Vec<i64>> = Mutex::new(Vec::new());
static ANSWERED: Mutex<Vec<i64>> = Mutex::new(Vec::new());
static SYNCS: AtomicU64 = AtomicU64::new(0);

/// What was heard since the last question: microseconds until durable, until answered, and synced transactions.
pub fn heard() -> (Vec<i64>, Vec<i64>, u64) {
    let take =
        |all: &Mutex<Vec<i64>>| std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner));
    (take(&DURABLE), take(&ANSWERED), SYNCS.swap(0, Ordering::SeqCst))
}

/// Begins to listen.
pub fn listen() {
    tracing::subscriber::set_global_default(Points).unwrap();
}

struct Points;

impl Subscriber for Points {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        const ROOMS: [&str; 3] =
            ["yuqing::app::inbox", "yuqing::dispatch::outbox", "yuqing::store::sqlite::writer"];
        *metadata.level() == Level::TRACE && ROOMS.contains(&metadata.target())
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut said = Said::default();
        event.record(&mut said);
        let list = match said.point.as_str() {
            "desk.durable" => &DURABLE,
            "dispatch.answered" => &ANSWERED,
            "store.committed" => {
                SYNCS.fetch_add(1, Ordering::SeqCst);
                return;
            }
            _ => return,
        };
        list.lock().unwrap_or_else(PoisonError::into_inner).extend(said.micros);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[derive(Default)]
struct Said {
    point: String,
    micros: Option<i64>,
}

impl Visit for Said {
    fn record_i64(&mut self, field: &Field, value: i64) {
        if field.name() == "micros" {
            self.micros = Some(value);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "point" {
            value.clone_into(&mut self.point);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
