//! Which pairs of neighbours stand for which words.
//!
//! Of each word one pair is kept, the rarest. A table of bits says of nearly every pair of a text that no word has
//! it: it is small enough for the fastest memory, because a pair sets two bits of one number, which few others share
//! by chance. A second table of the kind says the same of a pair together with the Han character before it.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::super::gap::is_han;
use super::super::rarity::rarity;

/// Bits of a table for each word, so that few pairs of a text share both of theirs by chance.
const BITS_PER_WORD: usize = 16;
/// Least and most bits of a table, as powers of two.
const FEWEST: u32 = 13;
const MOST: u32 = 23;
/// Stands before a word of one character; no character has this number.
pub(super) const NOTHING: u32 = 0x1F_FFFF;
/// Stands before a pair of which the character before says nothing; no character has this number either.
const ANYTHING: u32 = 0x1F_FFFE;

/// A word and where in it the pair's second character stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Use {
    pub(super) word: u32,
    pub(super) entry: u32,
    pub(super) at: u32,
    /// The character before the pair, where it tells.
    before: u32,
}

/// The pairs of all words.
#[derive(Debug)]
pub(super) struct Pairs {
    near: Marks,
    /// Pairs with the character before them.
    behind: Marks,
    /// By key: which of `uses`.
    by_key: HashMap<u64, (u32, u32), FixedState>,
    uses: Vec<Use>,
    /// Whether there are words of one character.
    pub(super) alone: bool,
    /// Whether every key is a pair of Han characters.
    pub(super) only_han: bool,
    /// A bit for each ASCII character that a key ends with.
    ascii_ends: u128,
}

impl Pairs {
    /// Takes each distinct word once: its number, one of its entries, its characters.
    pub(super) fn new<'w>(words: impl Iterator<Item = (usize, usize, &'w [char])>) -> Self {
        let mut keyed: Vec<(u64, Use)> =
            words.filter_map(|(word, entry, chars)| keyed(word, entry, chars)).collect();
        keyed.sort_unstable_by_key(|(key, one)| (*key, one.entry));
        let ascii_ends =
            keyed.iter().filter_map(|(key, _)| 1u128.checked_shl(u32::try_from(key & 0x1F_FFFF).ok()?));
        let mut pairs = Self {
            ascii_ends: ascii_ends.fold(0, |all, one| all | one),
            near: Marks::for_keys(keyed.len()),
            behind: Marks::for_keys(keyed.len()),
            by_key: HashMap::with_capacity_and_hasher(keyed.len(), FixedState::default()),
            uses: keyed.iter().map(|(_, one)| *one).collect(),
            alone: keyed.iter().any(|(key, _)| key >> 21 == u64::from(NOTHING)),
            only_han: keyed
                .iter()
                .all(|(key, _)| [key >> 21, key & 0x1F_FFFF].iter().all(|half| is_han_code(*half))),
        };
        for (at, (key, one)) in (0u32..).zip(&keyed) {
            pairs.by_key.entry(*key).or_insert((at, at)).1 = at + 1;
            pairs.near.put(*key);
            pairs.behind.put(with_before(one.before, *key));
        }
        pairs
    }

    pub(super) fn is_empty(&self) -> bool {
        self.uses.is_empty()
    }

    /// Whether a word may have this pair; sometimes also when none has.
    #[inline]
    pub(super) fn has(&self, first: u32, second: u32) -> bool {
        self.near.has(key(first, second))
    }

    /// Whether a key may end with this character, which is not Han.
    #[inline]
    pub(super) fn ends_with(&self, code: u16) -> bool {
        !self.only_han && (code > 0x7F || self.ascii_ends >> code & 1 == 1)
    }

    /// Whether no word has this pair behind this Han character: the one that stands before the first of the pair, or
    /// zero for none, whatever may be skipped between them.
    #[inline]
    pub(super) fn turns_away(&self, before: u32, first: u32, second: u32) -> bool {
        let pair = key(first, second);
        !self.behind.has(with_before(before, pair)) && !self.behind.has(with_before(ANYTHING, pair))
    }

    /// The words that have this pair, behind this Han character if they say what stands there.
    pub(super) fn words(&self, before: u32, first: u32, second: u32) -> impl Iterator<Item = Use> + '_ {
        let (from, until) = self.by_key.get(&key(first, second)).copied().unwrap_or((0, 0));
        let range = usize::try_from(from).unwrap_or(0)..usize::try_from(until).unwrap_or(0);
        let uses = self.uses.get(range).unwrap_or_default();
        uses.iter().copied().filter(move |one| one.before == before || one.before == ANYTHING)
    }
}

fn keyed(word: usize, entry: usize, chars: &[char]) -> Option<(u64, Use)> {
    let (key, at) = rarest(chars)?;
    let before = telling_before(chars, at).map_or(ANYTHING, u32::from);
    let number = |number: usize| u32::try_from(number).ok();
    Some((key, Use { word: number(word)?, entry: number(entry)?, at: number(at)?, before }))
}

#[inline]
fn key(first: u32, second: u32) -> u64 {
    u64::from(first) << 21 | u64::from(second)
}

/// The key of a pair together with the character before it.
#[inline]
fn with_before(before: u32, pair: u64) -> u64 {
    pair.wrapping_mul(0xD6E8_FEB8_6659_FD93).rotate_left(25) ^ u64::from(before)
}

/// The character before a pair, by the place of its second character, if all three are Han: then in a text it must
/// be the last Han character before the pair, because only what may be skipped can stand between.
fn telling_before(word: &[char], at: usize) -> Option<char> {
    match word.get(at.checked_sub(2)?..=at)? {
        &[before, first, second] if is_han(before) && is_han(first) && is_han(second) => Some(before),
        _ => None,
    }
}

/// The key of the pair that stands in the fewest texts, and where its second character stands. A pair with a telling
/// character before it is preferred.
fn rarest(word: &[char]) -> Option<(u64, usize)> {
    if let &[only] = word {
        return Some((key(NOTHING, u32::from(only)), 0));
    }
    let pairs = word.windows(2).enumerate().filter_map(|(at, pair)| match pair {
        &[first, second] => {
            let before = telling_before(word, at + 1);
            let rare = (before.is_some(), rarity(first) + rarity(second), before.map(rarity));
            Some((rare, at, key(first.into(), second.into())))
        }
        _ => None,
    });
    // Of equally rare ones the first.
    pairs.max_by_key(|(rare, at, _)| (*rare, usize::MAX - at)).map(|(_, at, key)| (key, at + 1))
}

fn is_han_code(code: u64) -> bool {
    u32::try_from(code).ok().and_then(char::from_u32).is_some_and(is_han)
}

/// A set of keys that now and then takes another key for its own.
#[derive(Debug)]
struct Marks {
    numbers: Box<[u64]>,
    /// How far a mixed key is shifted to be the place of its number.
    shift: u32,
}

impl Marks {
    fn for_keys(n: usize) -> Self {
        let bits = (n * BITS_PER_WORD).next_power_of_two().ilog2().clamp(FEWEST, MOST);
        Self { numbers: vec![0; 1 << (bits - 6)].into_boxed_slice(), shift: u64::BITS - (bits - 6) }
    }

    /// Where a key's number is, and the two bits that it sets there.
    #[inline]
    fn place(&self, key: u64) -> (usize, u64) {
        let mixed = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let bits = 1 << (mixed >> 32 & 63) | 1 << (mixed >> 38 & 63);
        (usize::try_from(mixed >> self.shift).unwrap_or(0), bits)
    }

    fn put(&mut self, key: u64) {
        let (at, bits) = self.place(key);
        if let Some(number) = self.numbers.get_mut(at) {
            *number |= bits;
        }
    }

    #[inline]
    fn has(&self, key: u64) -> bool {
        let (at, bits) = self.place(key);
        self.numbers.get(at).is_some_and(|number| number & bits == bits)
    }
}
