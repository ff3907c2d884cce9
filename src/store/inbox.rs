//! The door to the desk: whoever has an input puts it in here and gets its acknowledgement only after
//! the commit with all that it caused. The loop that empties it is in `app`.

use tokio::sync::{mpsc, oneshot};

use crate::{
    desk::{Input, Refused},
    model::Shown,
};

/// An input and whoever waits for its commit.
#[derive(Debug)]
pub struct Envelope {
    /// The input.
    pub input: Input,
    /// The answer in which a mention's post stood.
    pub shown: Option<std::sync::Arc<Shown>>,
    /// Told after the commit: `Ok`, or why the desk refused the act.
    pub done: oneshot::Sender<Result<(), Refused>>,
}

/// Why there is no acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InboxError {
    /// The desk is shutting down; the input was not taken and must be offered again after the start.
    #[error("the desk is stopping; the input was not taken")]
    Closed,
    /// The desk said no.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// The sending side. Cheap to clone; bounded, so a slow disk slows the collectors.
#[derive(Debug, Clone)]
pub struct Inbox(mpsc::Sender<Envelope>);

impl Inbox {
    /// A door with room for `capacity` inputs, and the desk's side of it.
    #[must_use]
    pub fn new(capacity: usize) -> (Self, mpsc::Receiver<Envelope>) {
        let (sender, receiver) = mpsc::channel(capacity);
        (Self(sender), receiver)
    }

    /// Hands over one input and waits until it is durable.
    ///
    /// # Errors
    /// [`InboxError::Closed`] while stopping, [`InboxError::Refused`] when the desk cannot take it.
    pub async fn put(&self, input: Input) -> Result<(), InboxError> {
        self.offer(input).await?.await.map_err(|_| InboxError::Closed)?.map_err(InboxError::Refused)
    }

    /// Hands over one input and returns at once with the acknowledgement to wait for, so that the
    /// posts of one page share a commit.
    ///
    /// # Errors
    /// [`InboxError::Closed`] while stopping.
    pub async fn offer(&self, input: Input) -> Result<oneshot::Receiver<Result<(), Refused>>, InboxError> {
        self.offer_shown(input, None).await
    }

    /// The same for a mention, with the answer in which its post stood: the evidence is kept in the
    /// mention's own transaction.
    ///
    /// # Errors
    /// [`InboxError::Closed`] while stopping.
    pub async fn offer_shown(
        &self,
        input: Input,
        shown: Option<std::sync::Arc<Shown>>,
    ) -> Result<oneshot::Receiver<Result<(), Refused>>, InboxError> {
        let (done, wait) = oneshot::channel();
        self.0.send(Envelope { input, shown, done }).await.map_err(|_| InboxError::Closed)?;
        Ok(wait)
    }
}
