//! Orderly ends: each step of the start registers how it is undone; the stop does it last in, first out,
//! each within one bound, and always comes to its end.

use std::{future::Future, pin::Pin, time::Duration};

use tokio::task::{AbortHandle, JoinHandle};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// The longest that one part may take to stop.
const BOUND: Duration = Duration::from_secs(20);

type Undo = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What has been started, in order.
#[derive(Default)]
pub(super) struct Teardown {
    steps: Vec<(&'static str, Undo)>,
    tasks: Vec<(&'static str, AbortHandle)>,
}

impl Teardown {
    /// Registers a running task that ends when `cancel` is cancelled.
    pub(super) fn task(&mut self, name: &'static str, cancel: CancellationToken, task: JoinHandle<()>) {
        self.tasks.push((name, task.abort_handle()));
        self.undo(name, async move {
            cancel.cancel();
            if let Err(error) = task.await {
                warn!(part = name, %error, "a part of the daemon had failed");
            }
        });
    }

    /// The running tasks, to see whether one has died.
    pub(super) fn tasks(&self) -> Vec<(&'static str, AbortHandle)> {
        self.tasks.clone()
    }

    /// Registers anything else.
    pub(super) fn undo(&mut self, name: &'static str, undo: impl Future<Output = ()> + Send + 'static) {
        self.steps.push((name, Box::pin(undo)));
    }

    /// Undoes everything, last in, first out. Answers with the parts that did not stop in time.
    pub(super) async fn stop(mut self) -> Vec<&'static str> {
        let mut late = Vec::new();
        while let Some((name, undo)) = self.steps.pop() {
            match tokio::time::timeout(BOUND, undo).await {
                Ok(()) => debug!(part = name, "stopped"),
                Err(_) => {
                    warn!(
                        part = name,
                        bound_secs = BOUND.as_secs(),
                        "did not stop in time and is left behind"
                    );
                    late.push(name);
                }
            }
        }
        late
    }
}

impl std::fmt::Debug for Teardown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.steps.iter().map(|step| step.0)).finish()
    }
}
