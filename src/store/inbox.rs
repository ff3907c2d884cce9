//! The door to the desk: whoever has an input puts it in here and gets its acknowledgement only after
//! the commit with all that it caused. The loop that empties it is in `app`.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::{
    desk::{Input, Refused},
    model::{Act, FileBody, FileVersion, Shown},
};

/// What is kept in the transaction of an input when the desk takes it, and not at all when it does not.
#[derive(Debug, Clone)]
pub enum Beside {
    /// The answer in which a mention's post stood.
    Shown(Arc<Shown>),
    /// The content of the file that an act names.
    File(FileBody),
    /// The content that a file of the office has from now on.
    Version(Box<FileVersion>),
}

/// An input and whoever waits for its commit.
#[derive(Debug)]
pub struct Envelope {
    /// The input.
    pub input: Input,
    /// What is kept beside it.
    pub beside: Option<Beside>,
    /// From where a person's act came: an address, for the audit.
    pub from: Option<String>,
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
        self.put_with(input, None).await
    }

    /// The same with what is to be kept in the input's own transaction.
    ///
    /// # Errors
    /// As [`Inbox::put`].
    pub async fn put_with(&self, input: Input, beside: Option<Beside>) -> Result<(), InboxError> {
        let done = self.offer_with(input, beside).await?;
        done.await.map_err(|_| InboxError::Closed)?.map_err(InboxError::Refused)
    }

    /// Hands over a person's act that came from an address, and waits until it is durable.
    ///
    /// # Errors
    /// As [`Inbox::put`].
    pub async fn put_from(&self, act: Act, from: &str, beside: Option<Beside>) -> Result<(), InboxError> {
        let from = Some(from.to_owned()).filter(|from| !from.is_empty());
        let done = self.send(Input::Act(act), beside, from).await?;
        done.await.map_err(|_| InboxError::Closed)?.map_err(InboxError::Refused)
    }

    /// Hands over one input and returns at once with the acknowledgement to wait for, so that the
    /// posts of one page share a commit.
    ///
    /// # Errors
    /// [`InboxError::Closed`] while stopping.
    pub async fn offer(&self, input: Input) -> Result<oneshot::Receiver<Result<(), Refused>>, InboxError> {
        self.offer_with(input, None).await
    }

    /// The same with what is to be kept in the input's own transaction.
    ///
    /// # Errors
    /// [`InboxError::Closed`] while stopping.
    pub async fn offer_with(
        &self,
        input: Input,
        beside: Option<Beside>,
    ) -> Result<oneshot::Receiver<Result<(), Refused>>, InboxError> {
        self.send(input, beside, None).await
    }

    async fn send(
        &self,
        input: Input,
        beside: Option<Beside>,
        from: Option<String>,
    ) -> Result<oneshot::Receiver<Result<(), Refused>>, InboxError> {
        let (done, wait) = oneshot::channel();
        self.0.send(Envelope { input, beside, from, done }).await.map_err(|_| InboxError::Closed)?;
        Ok(wait)
    }
}
