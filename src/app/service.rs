//! Running as a service: signals, and what systemd is told. `READY=1` goes out after the rooms truly run;
//! the watchdog is fed only while the store answers and the desk's loop turns.

use std::{io, time::Duration};

use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{error, info, warn};

use super::daemon::Daemon;

/// The desk's loop must have turned within this to count as alive; it turns once a minute at least.
const LONGEST_TURN: jiff::SignedDuration = jiff::SignedDuration::from_secs(150);
/// How often health is looked at when systemd asks for no watchdog.
const LOOK: Duration = Duration::from_secs(10);

/// While a start takes long, systemd is asked this often for so much more time, for so many times at most: a database of
/// ten years that is brought to a newer schema takes longer than a unit otherwise may, and one that is given up half
/// way begins anew.
const ASK: Duration = Duration::from_secs(30);
const MORE: Duration = Duration::from_secs(90);
const MOST_ASKED: u32 = 240;

/// SIGXFSZ, where it has this number.
const FILE_SIZE_EXCEEDED: Option<i32> =
    if cfg!(any(target_os = "linux", target_os = "macos")) { Some(25) } else { None };

/// The signals that the daemon answers. Listened to before the start, so that a stop during it is an orderly
/// one too.
#[derive(Debug)]
pub struct Signals {
    ends: [Signal; 2],
    reloads: Signal,
    /// A file that has reached its limit (RLIMIT_FSIZE): heard, so that the write fails and does not kill.
    _limits: Option<Signal>,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// When the system does not allow it.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            ends: [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?],
            reloads: signal(SignalKind::hangup())?,
            _limits: FILE_SIZE_EXCEEDED.and_then(|number| signal(SignalKind::from_raw(number)).ok()),
        })
    }
}

/// Waits for a start, however long the database takes to open (two hours at most).
pub async fn starting<T>(start: impl Future<Output = T>) -> T {
    let asking = tokio::spawn(async {
        let mut asks = tokio::time::interval(ASK);
        for _ in 0..MOST_ASKED {
            asks.tick().await;
            tell(&[NotifyState::ExtendTimeoutUsec(u32::try_from(MORE.as_micros()).unwrap_or(u32::MAX))]);
        }
    });
    let started = start.await;
    asking.abort();
    started
}

/// Serves until SIGTERM or SIGINT; SIGHUP reloads. Then stops the daemon; answers with the parts that did not
/// stop in time.
pub async fn serve(daemon: Daemon, clock: crate::time::SharedClock, signals: Signals) -> Vec<&'static str> {
    let Signals { mut ends, mut reloads, _limits } = signals;
    tell(&[
        NotifyState::Ready,
        NotifyState::Status(&format!("console on {}://{}", daemon.scheme(), daemon.address())),
    ]);
    let watchdog = sd_notify::watchdog_enabled();
    let every = watchdog.map_or(LOOK, |limit| limit / 3);
    let mut beat = tokio::time::interval(every);
    let mut remind_at = clock.now();
    loop {
        let [terminate, interrupt] = &mut ends;
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = reloads.recv() => reload(&daemon).await,
            _ = beat.tick() => {
                feed(&daemon, &clock, watchdog.is_some(), every).await;
                remind_at = remind(&daemon, clock.now(), remind_at);
            }
        }
    }
    info!("stopping");
    tell(&[NotifyState::Stopping]);
    // A second signal ends at once: the stop is bounded, but a person may be in a hurry.
    tokio::select! {
        late = daemon.stop() => {
            for part in &late {
                warn!(part, "was left behind");
            }
            late
        }
        () = again(&mut ends) => {
            warn!("stopped at once by a second signal; nothing committed is lost");
            Vec::new()
        }
    }
}

async fn again(ends: &mut [Signal; 2]) {
    let [terminate, interrupt] = ends;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

async fn reload(daemon: &Daemon) {
    let mut states = vec![NotifyState::Reloading];
    states.extend(NotifyState::monotonic_usec_now().ok());
    tell(&states);
    match daemon.reload().await {
        Ok(()) => info!("reloaded"),
        Err(faults) => {
            for fault in &faults {
                error!(file = %fault.file.display(), line = fault.line, "{fault}");
            }
            error!(faults = faults.len(), "not reloaded; what was in force stays");
        }
    }
    tell(&[NotifyState::Ready]);
}

/// Says once a day that nobody has been told anything yet, while every contact is in exercise mode.
fn remind(daemon: &Daemon, now: jiff::Timestamp, due: jiff::Timestamp) -> jiff::Timestamp {
    if now < due {
        return due;
    }
    let office = daemon.office();
    if office.exercises_only() {
        let words = office
            .settings
            .locale
            .pick("练习模式：尚未向任何人发送", "exercise mode: nothing has been sent to anybody");
        warn!("{words}");
    }
    now.saturating_add(jiff::SignedDuration::from_hours(24)).unwrap_or(jiff::Timestamp::MAX)
}

async fn feed(daemon: &Daemon, clock: &crate::time::SharedClock, wanted: bool, within: Duration) {
    let answers = tokio::time::timeout(within, daemon.is_well()).await.unwrap_or(false);
    let turns = clock.now().duration_since(daemon.last_beat()) < LONGEST_TURN;
    match (answers && turns, wanted) {
        (true, true) => tell(&[NotifyState::Watchdog]),
        (true, false) => {}
        (false, _) => {
            error!(store_answers = answers, desk_turns = turns, "not well; the watchdog is not fed");
        }
    }
}

/// Outside of systemd there is nobody to tell.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "systemd could not be told");
    }
}
