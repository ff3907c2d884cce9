//! robots.txt by RFC 9309: the file and how it is read, and what is kept of each host's.
//!
//! | answer | what follows |
//! | --- | --- |
//! | 2xx | its rules, of at most 500 KiB, for a day |
//! | 4xx | there are no rules (2.3.1.3) |
//! | 429 | as 5xx: the host said "not now", which is not "there is none" |
//! | 5xx, no answer | nothing may be fetched for now (2.3.1.4); it is asked again after five minutes |
//! | more than five redirects | there are no rules (2.3.1.2) |
//!
//! While a host's file cannot be had, the last good copy stands in (2.4), for 30 days at most. After that
//! the standard would let us act as if there were none; we stay away instead, and the source is told as
//! broken. There is no way to override a refusal.

mod file;
mod kept;
mod pattern;

pub use file::RobotsFile;
pub(super) use kept::{Answer, Kept};
pub use pattern::ComparedPath;

/// The name by which robots.txt may address us.
pub const AGENT: &str = "yuqing";
/// As much of a file as is read.
pub(super) const MOST_BYTES: usize = 500 * 1024;
