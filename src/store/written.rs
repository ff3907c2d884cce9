//! That something was written, told to whoever watches: the console's live pages. It is rung where a write is
//! durable, so every room's writes are heard (the desk's commits, what dispatch tried, what collect says of a
//! source), and the same from every engine. What was written is read from the store, never from here.

use tokio::sync::watch;

/// How often something that people see was written since the store was opened. Counts only rise; several writes may
/// be told as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Incidents, posts, limits, notices with what became of them, the desk's own row.
    pub desk: u64,
    /// States of sources.
    pub sources: u64,
}

/// The ringing side, held by an engine.
#[derive(Debug)]
pub(super) struct Bell(watch::Sender<Written>);

impl Default for Bell {
    fn default() -> Self {
        Self(watch::Sender::new(Written::default()))
    }
}

impl Bell {
    /// Tells of writes of the desk's rows and of sources' states; nobody is told of none.
    pub(super) fn ring(&self, desk: bool, sources: bool) {
        if desk || sources {
            self.0.send_modify(|written| {
                written.desk += u64::from(desk);
                written.sources += u64::from(sources);
            });
        }
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Written> {
        self.0.subscribe()
    }
}
