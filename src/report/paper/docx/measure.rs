//! Lengths of the page, and how wide words are without asking a font: a Chinese character is as wide as it is high, a
//! Latin one a little over half of that.

use super::super::markup::Span;

/// Width of the page. All lengths here are twentieths of a point.
pub(super) const PAGE_WIDTH: u32 = 11_906;
/// Height of the page.
pub(super) const PAGE_HEIGHT: u32 = 16_838;
/// 天头, 37 mm.
pub(super) const TOP: u32 = 2_098;
/// 订口, 28 mm.
pub(super) const LEFT: u32 = 1_587;
/// What is left of the page's width is 156 mm of text.
pub(super) const RIGHT: u32 = 1_474;
/// What is left of its height is 225 mm of text.
pub(super) const BOTTOM: u32 = 1_984;
/// Width of the text.
pub(super) const TEXT: u32 = PAGE_WIDTH - LEFT - RIGHT;
/// From the foot of the page to the foot of its number, so that the number stands 7 mm below the text.
pub(super) const FOOTER: u32 = 1_304;

/// A character of the body, 16 points.
pub(super) const CHARACTER: u32 = 320;
/// A line of the body, 28 points.
pub(super) const LINE: u32 = 560;

/// Width of words in hundredths of their height.
pub(super) fn width(words: &[Span]) -> u32 {
    let of = |c: char| if c < '\u{2000}' { 55 } else { 100 };
    words.iter().flat_map(|span| span.text.chars()).map(of).fold(0, u32::saturating_add)
}

/// Shares `whole` out by weight; what rounding leaves goes to the last.
pub(super) fn shares(whole: u32, weights: &[u32]) -> Vec<u32> {
    let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum::<u64>().max(1);
    let share = |weight: &u32| u32::try_from(u64::from(whole) * u64::from(*weight) / sum).unwrap_or(whole);
    let mut shares: Vec<u32> = weights.iter().map(share).collect();
    let rest = whole.saturating_sub(shares.iter().sum());
    if let Some(last) = shares.last_mut() {
        *last += rest;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_as_wide_and_high_as_the_standard_says() {
        // A millimetre is 56.69 twentieths of a point.
        assert_eq!(TEXT, 8_845, "156 mm");
        assert_eq!(PAGE_HEIGHT - TOP - BOTTOM, 12_756, "225 mm");
        assert_eq!((PAGE_HEIGHT - TOP - BOTTOM) / LINE, 22, "lines to the page");
    }

    #[test]
    fn nothing_is_lost_in_sharing() {
        assert_eq!(shares(100, &[1, 1, 1]), [33, 33, 34]);
        assert_eq!(shares(100, &[0, 0]), [0, 100]);
        assert_eq!(shares(100, &[]), [0_u32; 0]);
        assert_eq!(shares(8_845, &[u32::MAX, u32::MAX]).iter().sum::<u32>(), 8_845);
    }
}
