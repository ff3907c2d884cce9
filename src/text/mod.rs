//! Everything that is done to the words of the web before anyone judges them: bytes become text
//! ([`decode()`]), text is folded so that evasions and variants look alike ([`fold()`]), what a site writes for
//! people becomes values ([`parse_count`], [`parse_date`], [`canonical_link`]), and characters are known by
//! their sounds and parts ([`readings`], [`splits`]).
//!
//! Pure: no clock, no files. What cannot be read is `None`, which means unknown, never zero and never
//! now (SEMANTICS 9, 27, 29).

mod article;
mod cell;
mod classes;
mod clean;
mod count;
mod date;
mod decode;
mod fold;
mod link;
mod rest;
mod search;
mod sound;
mod split;
mod split_table;
mod t2s;
mod t2s_table;
mod twins;
mod variants;

pub use article::article;
pub use cell::inert;
pub(crate) use classes::{Class, Classes, classes};
pub use clean::{beginning, clean, masked};
pub(crate) use clean::{clean_char, turns};
pub use count::parse_count;
pub use date::parse_date;
pub use decode::{Decoded, decode, decode_office_file};
pub use fold::{Folded, Origin, fold};
pub use link::{canonical_link, links_in, registrable_domain, tidy_link};
pub use rest::retry_after;
pub use search::{PAIRS, SEARCHED, alike, pairs, runs, searched_words, tokens_of};
pub use sound::{Syllable, is_everywhere, n_syllables, plain_letter, readings, sound_alike, syllable};
pub use split::{all_splits, splits, stands_for_part, written_for};
pub use t2s::simplify;
pub use twins::Twins;
pub use variants::{unbracketed, variant};
