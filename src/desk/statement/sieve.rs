//! Tells of nearly every hash that no core holds that none does, by two bits in one word: strangers, which nearly all
//! posts are, then never reach the table.

/// Bits for each hash when the sieve is full; about 2 in 100 strange hashes pass then.
const BITS: usize = 12;
/// Words of the smallest sieve.
const SMALLEST: usize = 64;

/// Bits of the hashes that were added. It forgets none: it is made anew when it is full.
#[derive(Debug, Clone, Default)]
pub(super) struct Sieve {
    /// A power of two of them, or none.
    words: Vec<u64>,
    /// How far a spread hash is moved to say its word.
    shift: u32,
    room: usize,
    added: usize,
}

/// The word of a hash under a shift, and its two bits.
const fn place(hash: u32, shift: u32) -> (u64, u64) {
    let spread = (hash as u64 ^ 0x5bd1_e995).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (spread >> shift, (1 << (spread >> 20 & 63)) | (1 << (spread >> 26 & 63)))
}

impl Sieve {
    /// A sieve with room for twice as many hashes as there are.
    pub(super) fn of(hashes: impl ExactSizeIterator<Item = u32>) -> Self {
        let n_words = (hashes.len() * 2 * BITS / 64).next_power_of_two().max(SMALLEST);
        let mut sieve = Self {
            shift: 64 - n_words.trailing_zeros(),
            words: vec![0; n_words],
            room: n_words * 64 / BITS,
            added: 0,
        };
        hashes.for_each(|hash| sieve.add(hash));
        sieve
    }

    /// Whether it should be made anew before more is added.
    pub(super) const fn is_full(&self) -> bool {
        self.added >= self.room
    }

    pub(super) fn add(&mut self, hash: u32) {
        let (at, bits) = place(hash, self.shift);
        if let Some(word) = usize::try_from(at).ok().and_then(|at| self.words.get_mut(at)) {
            self.added += usize::from(*word & bits != bits);
            *word |= bits;
        }
    }

    /// Whether the hash may have been added; never false for one that was.
    pub(super) fn may_have(&self, hash: u32) -> bool {
        let (at, bits) = place(hash, self.shift);
        usize::try_from(at).ok().and_then(|at| self.words.get(at)).is_some_and(|word| word & bits == bits)
    }

    /// Bytes that it takes.
    pub(super) const fn size_bytes(&self) -> usize {
        self.words.capacity() * size_of::<u64>()
    }
}
