//! A desk in virtual time: inputs are taken at their instants, every notice is accepted the instant it is made since no
//! channel is asked, and time runs on from one due instant to the next. Recordings are replayed by it, and a supposed
//! post is played through: the very desk decides, nothing is stored and nothing is sent.

use jiff::Timestamp;

use super::{Change, Desk, Input, Refused, Restored, Setup};
use crate::model::{Delivery, NoticeState, Outcome};

/// What is called with every batch of changes and its instant.
pub type Seen<'s> = &'s mut dyn FnMut(&[Change], Timestamp);

/// A desk and its time.
#[derive(Debug)]
pub struct Rehearsal {
    desk: Desk,
    now: Timestamp,
}

impl Rehearsal {
    /// An empty desk of this office at an instant.
    #[must_use]
    pub fn new(setup: Setup, at: Timestamp) -> Self {
        Self { desk: Desk::new(setup, Restored::default(), at), now: at }
    }

    /// Takes an input at its instant; what it causes, and what the acceptances of its notices cause, goes to `seen`.
    ///
    /// # Errors
    /// An act that cannot be done; nothing has changed then.
    pub fn take(&mut self, input: &Input, at: Timestamp, seen: Seen<'_>) -> Result<(), Refused> {
        let changes = self.desk.take(input, at)?;
        seen(&changes, at);
        for change in &changes {
            let Change::Notice(notice) = change else { continue };
            if notice.state == NoticeState::Pending {
                let notice = notice.id.clone();
                let delivery = Delivery { notice, at, attempt: 1, outcome: Outcome::Accepted, parts: 0 };
                self.take(&Input::Delivery(delivery), at, seen)?;
            }
        }
        Ok(())
    }

    /// Lets virtual time run to `until`, one due instant after the other, but for at most so many of them. Answers
    /// whether it got there.
    ///
    /// # Errors
    /// None that is known: a tick is never refused.
    pub fn run_until(&mut self, until: Timestamp, most: usize, seen: Seen<'_>) -> Result<bool, Refused> {
        let mut steps = 0;
        while let Some(due) = self.desk.next_due().filter(|due| *due <= until) {
            if steps >= most {
                return Ok(false);
            }
            steps += 1;
            // A limit whose base lies far back can be past from the start; time does not run backwards.
            self.now = self.now.max(due);
            self.take(&Input::Tick, self.now, seen)?;
        }
        self.now = self.now.max(until);
        Ok(true)
    }
}
