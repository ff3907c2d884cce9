//! How many requests are under way at once. A host that does not answer would hold a place for its whole
//! timeout, and five such hosts in a hundred would starve the other ninety-five; so who has waited for a
//! while goes over to a slow lane, which is wide, because waiting for a silent host costs next to nothing.

use std::{future::Future, time::Duration};

use tokio::sync::Semaphore;

/// A request that has taken so long goes over to the slow lane.
const SLOW_AFTER: Duration = Duration::from_secs(2);
/// Places in the slow lane for each in the fast one.
const SLOW_PLACES: usize = 32;

/// The two lanes.
pub(super) struct Lanes {
    fast: Semaphore,
    slow: Semaphore,
}

impl Lanes {
    /// A fast lane of `places`, and a slow one beside it.
    pub fn new(places: usize) -> Self {
        let places = places.max(1);
        Self { fast: Semaphore::new(places), slow: Semaphore::new(places.saturating_mul(SLOW_PLACES)) }
    }

    /// Does the request when there is a place.
    pub async fn pass<T>(&self, request: impl Future<Output = T>) -> T {
        // The semaphores are never closed; were one, going on is better than standing still.
        let place = self.fast.acquire().await.ok();
        let mut request = std::pin::pin!(request);
        if let Ok(done) = tokio::time::timeout(SLOW_AFTER, request.as_mut()).await {
            return done;
        }
        let Ok(_slow) = self.slow.try_acquire() else { return request.await };
        drop(place);
        request.await
    }
}
