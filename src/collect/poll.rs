//! A look out of turn (立即查看): somebody asks, the running room answers when the source will be read.
//!
//! Whoever asks hands a question in and rings; the room takes the questions in its own loop, so that a look out of turn
//! is planned like any other and keeps the host's pace. A room that is started anew takes the questions of the one before.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::{Notify, oneshot};

/// Questions that may wait; more are answered that nobody is there.
const MOST_WAITING: usize = 64;

/// When a source will be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Polled {
    /// Its round begins then. UTC.
    At(Timestamp),
    /// A round or a look is under way just now.
    Running,
}

/// Why a source is not read out of turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotPolled {
    /// There is no enabled source of this name.
    #[error("no such source")]
    Unknown,
    /// It is paused; it must be resumed first.
    #[error("the source is paused")]
    Paused,
    /// Another program sends its posts: there is nothing to fetch.
    #[error("another program sends its posts")]
    HandedIn,
    /// Nobody collects just now.
    #[error("nobody collects just now")]
    Nobody,
}

/// What the room answers.
pub type Answer = Result<Polled, NotPolled>;

pub(super) struct Question {
    pub source: String,
    pub answer: oneshot::Sender<Answer>,
}

/// The bell that is rung for a look out of turn. Copies ring the same.
#[derive(Clone, Default)]
pub struct Bell(Arc<Inner>);

#[derive(Default)]
struct Inner {
    waiting: Mutex<Vec<Question>>,
    rung: Notify,
}

impl Bell {
    /// Asks for a look at a source; resolves when the room has answered.
    ///
    /// # Errors
    /// [`NotPolled`].
    pub async fn ring(&self, source: &str) -> Answer {
        let (answer, heard) = oneshot::channel();
        {
            let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            // Whoever asked has gone: nobody hears that answer.
            waiting.retain(|question| !question.answer.is_closed());
            if waiting.len() >= MOST_WAITING {
                return Err(NotPolled::Nobody);
            }
            waiting.push(Question { source: source.to_owned(), answer });
        }
        self.0.rung.notify_one();
        heard.await.unwrap_or(Err(NotPolled::Nobody))
    }

    /// Waits until somebody has rung.
    pub(super) async fn rung(&self) {
        self.0.rung.notified().await;
    }

    /// The questions that wait.
    pub(super) fn take(&self) -> Vec<Question> {
        std::mem::take(&mut *self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Bell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bell").finish_non_exhaustive()
    }
}
