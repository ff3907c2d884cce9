//! Dispatch: drains the outbox earliest due first and reports what each channel answered.
//!
//! The desk has put a notice into the store in the same transaction as the decision to send it. Here it
//! is taken to its channel; an acceptance or a refusal goes back to the desk as an input, and only once
//! that is committed is the notice done. A failure that may pass is written down with the instant of the
//! next attempt. Nothing is given up: failing over in time is the desk's, by its own deadlines.

pub mod channel;
mod confirm;
mod enclosure;
mod late;
mod outbox;
mod pace;
mod ping;
mod proof;
mod receipts;
mod retry;
mod texts;

pub use channel::{Channel, ChannelError, Channels, Shut, Unreached, Verdict};
pub use confirm::{CONFIRM_PATH, Claim, ConfirmError, ConfirmKey};
pub use enclosure::{Enclosure, Enclosures};
pub use outbox::Dispatcher;
pub use pace::Pace;
pub use ping::ping;
pub use proof::{Proof, Proved, prove};
pub use retry::next_attempt_at;
pub use texts::{LINK_HOLDS, Texts};
