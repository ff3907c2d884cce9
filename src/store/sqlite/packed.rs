//! Looks at a post's counters as bytes: each says only what differs from the look before it.
//!
//! A look is written as the microseconds since the one before (the first of a row: since the row's key), then a
//! byte with two bits for each counter (views, reposts, comments, likes from the lowest), then what those call
//! for:
//!
//! | bits | the counter | follows |
//! |---|---|---|
//! | 0 | was not shown | nothing |
//! | 1 | is as it was last shown in this row | nothing |
//! | 2 | has another value, as exact as before | the difference |
//! | 3 | has another exactness | 0 exact, 1 about, 2 at least; the difference |
//!
//! Before a row's first look every counter counts as an exact 0. Numbers are written seven bits a byte, lowest
//! first, the high bit saying that more follow; a difference alternates (0, -1, 1, -2, …), so that small ones are
//! short either way. Eight bytes or so hold a look, to the microsecond and without loss.

use std::{fmt, slice::Iter};

use crate::model::{Count, Exactness};

/// Counters of a look: views, reposts, comments, likes.
pub(super) type Counts = [Option<Count>; 4];

/// One look, as it is stored: microseconds since 1970 UTC, and counters up to `i64::MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub at: i64,
    pub counts: Counts,
}

/// Why bytes are no looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged(&'static str);

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "its looks are damaged: {}", self.0)
    }
}

const NOTHING_YET: [Count; 4] = [Count::exact(0); 4];

/// Looks in ascending order, none before `since`.
pub(super) fn pack(since: i64, looks: &[Look]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(looks.len() * 9);
    let mut counters = Vec::with_capacity(16);
    let (mut at, mut known) = (since, NOTHING_YET);
    for look in looks {
        put(&mut packed, look.at.abs_diff(at));
        at = look.at;
        let mut bits = 0;
        counters.clear();
        for (place, (last, count)) in known.iter_mut().zip(look.counts).enumerate() {
            let Some(count) = count else { continue };
            bits |= pack_count(&mut counters, *last, count) << (2 * place);
            *last = count;
        }
        packed.push(bits);
        packed.extend_from_slice(&counters);
    }
    packed
}

/// Writes what has changed; answers with the two bits.
fn pack_count(packed: &mut Vec<u8>, last: Count, count: Count) -> u8 {
    if last == count {
        return 1;
    }
    let same = last.exactness == count.exactness;
    if !same {
        packed.push(match count.exactness {
            Exactness::Exact => 0,
            Exactness::About => 1,
            Exactness::AtLeast => 2,
        });
    }
    let difference = count.value.cast_signed().wrapping_sub(last.value.cast_signed());
    put(packed, ((difference << 1) ^ (difference >> 63)).cast_unsigned());
    if same { 2 } else { 3 }
}

fn put(packed: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            packed.push(low);
            return;
        }
        packed.push(low | 0x80);
    }
}

/// The looks of a row.
pub(super) fn unpack(since: i64, packed: &[u8]) -> Result<Vec<Look>, Damaged> {
    let mut looks = Vec::with_capacity(packed.len() / 7);
    let (mut at, mut known) = (since, NOTHING_YET);
    let mut bytes = packed.iter();
    while !bytes.as_slice().is_empty() {
        let step = i64::try_from(take(&mut bytes)?).map_err(|_| Damaged("an instant"))?;
        at = at.checked_add(step).ok_or(Damaged("an instant"))?;
        let bits = *bytes.next().ok_or(Damaged("it is cut off"))?;
        let mut counts = [None; 4];
        for (place, (last, count)) in known.iter_mut().zip(&mut counts).enumerate() {
            match (bits >> (2 * place)) & 3 {
                0 => continue,
                1 => {}
                2 => *last = unpack_count(&mut bytes, last.exactness, *last)?,
                _ => {
                    let exactness = match bytes.next() {
                        Some(0) => Exactness::Exact,
                        Some(1) => Exactness::About,
                        Some(2) => Exactness::AtLeast,
                        _ => return Err(Damaged("an exactness")),
                    };
                    *last = unpack_count(&mut bytes, exactness, *last)?;
                }
            }
            *count = Some(*last);
        }
        looks.push(Look { at, counts });
    }
    Ok(looks)
}

fn unpack_count(bytes: &mut Iter<'_, u8>, exactness: Exactness, last: Count) -> Result<Count, Damaged> {
    let folded = take(bytes)?;
    let difference = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
    let value = last.value.checked_add_signed(difference).filter(|value| *value <= i64::MAX.unsigned_abs());
    Ok(Count { value: value.ok_or(Damaged("a counter"))?, exactness })
}

fn take(bytes: &mut Iter<'_, u8>) -> Result<u64, Damaged> {
    let mut number = 0;
    for place in 0..10 {
        let byte = *bytes.next().ok_or(Damaged("it is cut off"))?;
        let low = u64::from(byte & 0x7f);
        if place == 9 && low > 1 {
            break;
        }
        number |= low << (7 * place);
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Damaged("a number"))
}
