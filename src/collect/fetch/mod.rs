//! Gets one address over HTTP, with good manners and within limits.
//!
//! Everything that leaves the machine to look at a site goes through [`Fetcher::fetch`]: the guard against
//! private addresses (before the request, at connect and on each redirect), robots.txt, the host's pace,
//! conditional GET, and caps on redirects, time and bytes counted after decompression. There are no
//! cookies and no proxy; the User-Agent says who we are.

mod body;
mod client;
mod guard;
mod host;
mod outcome;
mod robots;

pub use client::{Fetched, Fetcher, Request, SharedFetcher, Validators};
pub use guard::{Guard, Lookup, vet};
pub use outcome::{FetchError, MOST_RAW_BYTES, RawAnswer};
