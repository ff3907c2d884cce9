//! Everything that is done to the words of the web before anyone judges them: bytes become text
//! ([`decode`]), text is folded so that evasions and variants look alike ([`fold`]), and what a site
//! writes for people becomes values ([`parse_count`], [`parse_date`], [`canonical_link`]).
//!
//! Pure: no clock, no files. What cannot be read is `None`, which means unknown, never zero and never
//! now (SEMANTICS 9, 27, 29).

mod article;
mod count;
mod date;
mod decode;
mod fold;
mod link;
mod t2s;
mod t2s_table;
mod twins;

pub use article::article;
pub use count::parse_count;
pub use date::parse_date;
pub use decode::{Decoded, decode, decode_office_file};
pub use fold::{Folded, Origin, fold};
pub use link::{canonical_link, links_in, registrable_domain, tidy_link};
pub use t2s::simplify;
pub use twins::Twins;
