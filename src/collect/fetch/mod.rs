//! Gets one address over HTTP, with good manners and within limits.
//!
//! Everything that leaves the machine to look at a site goes through [`Fetcher::fetch`]: the guard against
//! private addresses (before the request, at connect and on each redirect), robots.txt, the host's pace,
//! conditional GET, and caps on redirects, time and bytes counted after decompression. Each request, and
//! each that a rule kept us from sending, is a line of the [access log](access). There are no cookies; the
//! User-Agent says who we are; a proxy is used only where the office's files name one.

pub mod access;
mod body;
mod client;
mod guard;
mod host;
mod lanes;
mod outcome;
mod record;
mod request;
pub mod robots;
mod wire;

pub use client::{Fetcher, SharedFetcher};
pub use guard::{Guard, Lookup, vet};
pub use outcome::{FetchError, MOST_RAW_BYTES, RawAnswer};
pub use request::{Fetched, Request, Validators, Visit};
