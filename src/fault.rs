//! Fault points: places where a test may kill the process as `kill -9` would, to prove that nothing is
//! lost there. A test names one as `YUQING_KILL_AT=point:n` (the n-th passing). To prove that the proof can
//! fail, `YUQING_CUT=outbox` takes a protection away. `YUQING_MAX_PAGES=n` lets the database fill up. Builds
//! without debug assertions, which is what offices run, contain none of it.

/// Where the process can be killed. The list is the promise: each is tried by the kill test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultPoint {
    /// A page was fetched and read; nothing of it has been handed on.
    Fetched,
    /// The desk has decided; the transaction is not begun.
    BeforeCommit,
    /// The transaction is durable; nobody has been told so.
    AfterCommit,
    /// The mail server has our recipient; DATA has not been sent.
    BeforeData,
    /// The server has accepted; that is not recorded.
    AfterAccepted,
    /// The acceptance is recorded.
    AfterRecorded,
}

impl FaultPoint {
    /// Every point.
    pub const ALL: [Self; 6] = [
        Self::Fetched,
        Self::BeforeCommit,
        Self::AfterCommit,
        Self::BeforeData,
        Self::AfterAccepted,
        Self::AfterRecorded,
    ];

    /// The name in `YUQING_KILL_AT`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fetched => "fetched",
            Self::BeforeCommit => "before_commit",
            Self::AfterCommit => "after_commit",
            Self::BeforeData => "before_data",
            Self::AfterAccepted => "after_accepted",
            Self::AfterRecorded => "after_recorded",
        }
    }

    /// Dies here when a test asked for it; otherwise nothing.
    pub fn pass(self) {
        #[cfg(debug_assertions)]
        armed::pass(self);
    }
}

/// Whether a test has cut out what keeps the outbox from sending twice: then the stored state of notices is
/// ignored, and each process sends again what an earlier one has sent. Always false without debug assertions.
#[must_use]
pub fn outbox_is_cut() -> bool {
    #[cfg(debug_assertions)]
    return armed::outbox_is_cut();
    #[cfg(not(debug_assertions))]
    false
}

/// Pages that a test lets the database have at most; `None` without one, and always without debug assertions.
#[must_use]
pub fn max_pages() -> Option<u32> {
    #[cfg(debug_assertions)]
    return std::env::var("YUQING_MAX_PAGES").ok()?.parse().ok();
    #[cfg(not(debug_assertions))]
    None
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    };

    use super::FaultPoint;

    static ARMED: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let named = std::env::var("YUQING_KILL_AT").ok()?;
        let (point, nth) = named.split_once(':')?;
        Some((point.to_owned(), nth.parse().ok()?))
    });
    static PASSED: AtomicU64 = AtomicU64::new(0);
    static CUT: LazyLock<bool> =
        LazyLock::new(|| std::env::var("YUQING_CUT").is_ok_and(|cut| cut == "outbox"));

    pub(super) fn outbox_is_cut() -> bool {
        *CUT
    }

    pub(super) fn pass(point: FaultPoint) {
        let Some((name, nth)) = ARMED.as_ref() else { return };
        if name == point.name() && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *nth {
            // SIGKILL, not an orderly end: no destructor runs and nothing is flushed.
            let pid = std::process::id().to_string();
            let _ = std::process::Command::new("kill").args(["-9", &pid]).status();
            // Only where there is no such program: as sudden, by another signal.
            std::process::abort();
        }
    }
}
