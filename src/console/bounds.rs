//! What strangers may cost: how many connections there are at one time, and how long each may keep the console waiting.
//! The office does not set these; they are values so that a test can reach them without waiting for them.

use std::time::Duration;

use super::events::STREAMS;

/// Bounds on connections and requests.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Connections at one time. The live pages' streams have places of their own, so that the other pages keep theirs.
    pub connections: usize,
    /// Longest silence of a connection, between bytes or between requests. A live page's stream says something more
    /// often; one whose reader takes nothing more ends by this.
    pub silence: Duration,
    /// Longest time without a byte of an answer, however busily the other end sends: who draws the head of a request
    /// out, a byte at a time, is never silent. More than `silence` and `request` together, which both may pass before
    /// an honest answer.
    pub unanswered: Duration,
    /// One request, from its head to the end of the handler, the body included; what is sent after that is bounded by
    /// `silence`.
    pub request: Duration,
    /// The longest silence of a live page's stream; below `silence`.
    pub beat: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 256 + STREAMS,
            silence: Duration::from_secs(30),
            unanswered: Duration::from_secs(75),
            request: Duration::from_secs(30),
            beat: Duration::from_secs(15),
        }
    }
}
