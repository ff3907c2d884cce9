//! Lays two texts side by side: the runs that both hold in the same order, the runs that moved, and the gaps between
//! them, in which something was replaced, added or left out. What tells two alike texts apart stands in the gaps.

use std::ops::Range;

use super::fingerprint::hashed;

/// Shortest run that is looked for.
const RUN: usize = 3;
/// Shortest run out of its order that was moved on purpose: a sentence, a paragraph.
const MOVED: usize = 6;
/// Places of one 3-gram that are tried.
const TRIED: usize = 12;
/// Runs that are put in order exactly.
const CHAINED: usize = 600;
/// Gaps up to this product of lengths are looked into for shorter runs.
const INNER: usize = 4_096;

/// A run at the edge of two texts may be so far from the rest, and twice its length.
const NEAR: usize = 2;

/// A run of equal tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) a: usize,
    pub(super) b: usize,
    pub(super) length: usize,
}

/// What stands between two runs, in both texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) a: Range<usize>,
    pub(super) b: Range<usize>,
    /// Whether it is before the first run or after the last.
    pub(super) edge: bool,
}

/// Two texts side by side.
#[derive(Debug, Default)]
pub(super) struct Alignment {
    /// Runs in the order of both.
    pub(super) chain: Vec<Block>,
    /// Where they differ, without what has only moved.
    pub(super) gaps: Vec<Gap>,
    /// Tokens of the chain and of what moved.
    pub(super) matched: usize,
    /// Tokens of the chain.
    pub(super) in_order: usize,
}

impl Alignment {
    pub(super) fn of(a: &[u32], b: &[u32]) -> Self {
        let blocks = blocks(a, b);
        let chain = refine(a, b, &without_strays(longest_chain(&blocks)));
        let moved: Vec<Block> = blocks
            .into_iter()
            .filter(|block| block.length >= MOVED && !chain.iter().any(|one| overlaps(one, block)))
            .collect();
        let in_order = chain.iter().map(|block| block.length).sum();
        let matched = chain.iter().chain(&moved).map(|block| block.length).sum();
        let gaps = gaps(&chain, a.len(), b.len())
            .into_iter()
            .map(|gap| without_moved(gap, &moved))
            .filter(|gap| !gap.a.is_empty() || !gap.b.is_empty())
            .collect();
        Self { chain, gaps, matched, in_order }
    }

    /// The longest stretch of the chain whose inner gaps are at most two tokens: where it begins in both, and how many
    /// tokens match.
    pub(super) fn longest_stretch(&self) -> Option<Block> {
        let mut best: Option<Block> = None;
        let mut open: Option<(Block, usize, usize)> = None;
        for block in &self.chain {
            let (end_a, end_b) = (block.a + block.length, block.b + block.length);
            let next = match open {
                Some((start, a, b)) if block.a - a <= 2 && block.b - b <= 2 => {
                    Block { length: start.length + block.length, ..start }
                }
                _ => *block,
            };
            open = Some((next, end_a, end_b));
            if best.is_none_or(|best| next.length > best.length) {
                best = Some(next);
            }
        }
        best
    }
}

fn overlaps(one: &Block, other: &Block) -> bool {
    let meet = |a: usize, b: usize| a < b + other.length && b < a + one.length;
    meet(one.a, other.a) || meet(one.b, other.b)
}

/// Maximal common runs, by their place in `a`; each token of `a` in one at most.
fn blocks(a: &[u32], b: &[u32]) -> Vec<Block> {
    let mut places: Vec<(u32, usize)> = hashed(b, RUN).map(|(at, gram)| (gram, at)).collect();
    places.sort_unstable();
    let mut found = Vec::new();
    let (mut next, mut expected) = (0, 0);
    for (at, gram) in hashed(a, RUN) {
        if at < next {
            continue;
        }
        let from = places.partition_point(|(other, _)| *other < gram);
        let same = places.get(from..).unwrap_or_default().iter().take_while(|(other, _)| *other == gram);
        let wanted = expected + (at - next);
        let best = same
            .take(TRIED)
            .map(|&(_, place)| Block { a: at, b: place, length: common(a, at, b, place) })
            .max_by_key(|block| (block.length, std::cmp::Reverse(block.b.abs_diff(wanted))));
        if let Some(block) = best.filter(|block| block.length >= RUN) {
            found.push(block);
            (next, expected) = (block.a + block.length, block.b + block.length);
        }
    }
    found
}

fn common(a: &[u32], at: usize, b: &[u32], place: usize) -> usize {
    let (a, b) = (a.get(at..).unwrap_or_default(), b.get(place..).unwrap_or_default());
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// The heaviest sequence of blocks that ascends in both texts.
fn longest_chain(blocks: &[Block]) -> Vec<Block> {
    if blocks.len() > CHAINED {
        return greedy_chain(blocks);
    }
    let mut best: Vec<(usize, Option<usize>)> = Vec::with_capacity(blocks.len());
    for (i, block) in blocks.iter().enumerate() {
        let before = blocks
            .iter()
            .zip(&best)
            .take(i)
            .enumerate()
            .filter(|(_, (other, _))| other.b + other.length <= block.b)
            .map(|(at, (_, (weight, _)))| (*weight, at))
            .max_by_key(|&(weight, at)| (weight, at));
        best.push((before.map_or(0, |(weight, _)| weight) + block.length, before.map(|(_, at)| at)));
    }
    let mut chain = Vec::new();
    let mut at = best
        .iter()
        .enumerate()
        .max_by_key(|(i, (weight, _))| (*weight, std::cmp::Reverse(*i)))
        .map(|(i, _)| i);
    while let Some(i) = at {
        chain.extend(blocks.get(i));
        at = best.get(i).and_then(|(_, before)| *before);
    }
    chain.reverse();
    chain
}

/// A few tokens that happen to be equal far from the rest are no part of what both hold.
fn without_strays(mut chain: Vec<Block>) -> Vec<Block> {
    let is_stray = |block: &Block, apart: usize| block.length <= RUN + 1 && apart > block.length * 2 + 2;
    while let [.., before, last] = chain.as_slice() {
        let apart = (last.a - before.a - before.length).max(last.b - before.b - before.length);
        if !is_stray(last, apart) {
            break;
        }
        chain.pop();
    }
    while let [first, next, ..] = chain.as_slice() {
        let apart = (next.a - first.a - first.length).max(next.b - first.b - first.length);
        if !is_stray(first, apart) {
            break;
        }
        chain.remove(0);
    }
    chain
}

fn greedy_chain(blocks: &[Block]) -> Vec<Block> {
    let mut end = 0;
    let mut chain = Vec::new();
    for block in blocks {
        if block.b >= end {
            end = block.b + block.length;
            chain.push(*block);
        }
    }
    chain
}

fn gaps(chain: &[Block], length_a: usize, length_b: usize) -> Vec<Gap> {
    let mut found = Vec::with_capacity(chain.len() + 1);
    let (mut a, mut b) = (0, 0);
    for (i, block) in chain.iter().enumerate() {
        found.push(Gap { a: a..block.a, b: b..block.b, edge: i == 0 });
        (a, b) = (block.a + block.length, block.b + block.length);
    }
    found.push(Gap { a: a..length_a, b: b..length_b, edge: true });
    found.retain(|gap| !gap.a.is_empty() || !gap.b.is_empty());
    found
}

/// Looks into the small gaps of a chain for what the search for longer runs left.
fn refine(a: &[u32], b: &[u32], chain: &[Block]) -> Vec<Block> {
    if chain.is_empty() {
        return Vec::new();
    }
    let mut all = chain.to_vec();
    for gap in gaps(chain, a.len(), b.len()) {
        let (in_a, in_b) =
            (a.get(gap.a.clone()).unwrap_or_default(), b.get(gap.b.clone()).unwrap_or_default());
        if in_a.is_empty() || in_b.is_empty() || in_a.len() * in_b.len() > INNER {
            continue;
        }
        let found = inner_blocks(in_a, in_b);
        for inner in found.into_iter().filter(|inner| !gap.edge || is_near(&gap, inner)) {
            all.push(Block { a: gap.a.start + inner.a, b: gap.b.start + inner.b, length: inner.length });
        }
    }
    all.sort_unstable_by_key(|block| block.a);
    all
}

/// Whether a run in what stands before or behind all that two texts share is near that: a comment that happens to use a
/// word of what the other text goes on with has nothing in common with it.
fn is_near(gap: &Gap, inner: &Block) -> bool {
    let behind =
        |inner: &Block| (gap.a.len() - inner.a - inner.length).max(gap.b.len() - inner.b - inner.length);
    let apart = if gap.a.start == 0 && gap.b.start == 0 { behind(inner) } else { inner.a.max(inner.b) };
    apart <= inner.length * 2 + NEAR
}

/// Runs inside a gap by longest common subsequence: of two tokens at least, or single ones that touch an end of the
/// gap or stand at the same place of equally long sides.
fn inner_blocks(a: &[u32], b: &[u32]) -> Vec<Block> {
    let width = b.len() + 1;
    let mut table = vec![0_u16; (a.len() + 1) * width];
    let cell = |table: &[u16], i: usize, j: usize| table.get(i * width + j).copied().unwrap_or(0);
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let value = if a.get(i) == b.get(j) {
                cell(&table, i + 1, j + 1) + 1
            } else {
                cell(&table, i + 1, j).max(cell(&table, i, j + 1))
            };
            if let Some(slot) = table.get_mut(i * width + j) {
                *slot = value;
            }
        }
    }
    let mut found: Vec<Block> = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a.get(i) == b.get(j) {
            match found.last_mut() {
                Some(last) if last.a + last.length == i && last.b + last.length == j => last.length += 1,
                _ => found.push(Block { a: i, b: j, length: 1 }),
            }
            (i, j) = (i + 1, j + 1);
        } else if cell(&table, i + 1, j) >= cell(&table, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    found.retain(|block| {
        let touches = (block.a == 0 && block.b == 0)
            || (block.a + block.length == a.len() && block.b + block.length == b.len());
        block.length >= 2 || touches || (a.len() == b.len() && block.a == block.b)
    });
    found
}

/// A side that mostly moved elsewhere is empty.
fn without_moved(gap: Gap, moved: &[Block]) -> Gap {
    let covered = |range: &Range<usize>, place: fn(&Block) -> usize| -> usize {
        moved
            .iter()
            .map(|block| {
                let (from, to) =
                    (place(block).max(range.start), (place(block) + block.length).min(range.end));
                to.saturating_sub(from)
            })
            .sum()
    };
    let keep = |range: Range<usize>, covered: usize| {
        if covered * 3 >= range.len() * 2 { range.start..range.start } else { range }
    };
    let (in_a, in_b) = (covered(&gap.a, |block| block.a), covered(&gap.b, |block| block.b));
    Gap { a: keep(gap.a, in_a), b: keep(gap.b, in_b), edge: gap.edge }
}
