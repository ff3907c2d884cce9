//! Tells of most cores that share some wording with a text, by a sample of its 3-grams, that they are not worth a
//! comparison: a sentence that everybody writes ties a text to many cores of which it holds next to nothing.
//!
//! Hashes below a bound are a fair sample of the grams of any text, the same for both sides (bottom-k sampling).
//! What may be worth a comparison holds at least 38 in 100 of the smaller side's grams (`compare`); of a sample of
//! [`ENOUGH`] or more then fewer than [`LEAST`] in 100 are shared once in some hundred thousand such pairs.

use super::fingerprint::hashed;

/// Hashes of a text's sample at least; at most twice as many.
const SAMPLED: u32 = 96;
/// A smaller sample says nothing.
const ENOUGH: usize = 48;
/// Of 100 hashes of the smaller sample so many must stand in the other.
const LEAST: usize = 12;
/// Bits of a hash.
const HASH: u32 = 31;
/// Words of 64 bits by which a sampled hash is known again; of 100 strange ones two to five seem to be.
const WORDS: usize = 64;

/// A sample of a text's hashed 3-grams.
pub(super) struct Sample {
    /// Hashes of so many bits are sampled.
    length: u32,
    size: usize,
    bits: [u64; WORDS],
}

impl Sample {
    /// Of a short text all.
    pub(super) fn of(tokens: &[u32]) -> Self {
        let tokens_each = u32::try_from(tokens.len()).unwrap_or(u32::MAX) / SAMPLED;
        let length = HASH - tokens_each.max(1).ilog2();
        let mut sample = Self { length, size: 0, bits: [0; WORDS] };
        for (_, gram) in hashed(tokens, 3) {
            if let Some((word, bit)) = sample.place(gram)
                && let Some(word) = sample.bits.get_mut(word)
            {
                sample.size += usize::from(*word & bit == 0);
                *word |= bit;
            }
        }
        sample
    }

    /// Where the bit of a hash is, when it is sampled.
    fn place(&self, gram: u32) -> Option<(usize, u64)> {
        let at = (gram >> self.length == 0).then_some(gram >> (self.length - WORDS.ilog2() - 6))?;
        Some((usize::try_from(at >> 6).ok()?, 1 << (at & 63)))
    }

    /// Whether the text may share enough of a core's grams, sorted, to be compared with it.
    pub(super) fn may_share(&self, grams: &[u32]) -> bool {
        let (mut size, mut shared) = (0, 0);
        for (word, bit) in grams.iter().map_while(|gram| self.place(*gram)) {
            size += 1;
            shared += usize::from(self.bits.get(word).is_some_and(|word| word & bit != 0));
        }
        let smaller = self.size.min(size);
        smaller < ENOUGH || shared * 100 >= smaller * LEAST
    }
}
