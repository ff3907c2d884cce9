//! Lengths of the page, and how wide words are without asking a font: a Chinese character is as wide as it is high, a
//! Latin one a little over half of that.

use super::super::{Density, markup::Span};

/// Width of the page. All lengths here are twentieths of a point.
pub(super) const PAGE_WIDTH: u32 = 11_906;
/// Height of the page.
pub(super) const PAGE_HEIGHT: u32 = 16_838;
/// 订口, 28 mm.
pub(super) const LEFT: u32 = 1_587;
/// What is left of the page's width is 156 mm of text.
pub(super) const RIGHT: u32 = 1_474;
/// Width of the text.
pub(super) const TEXT: u32 = PAGE_WIDTH - LEFT - RIGHT;

/// The lengths that depend on how close a paper is set. Sizes of words are half points.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Page {
    /// 天头; in the standard 37 mm.
    pub(in super::super) top: u32,
    /// What is left of the page's height is, in the standard, 225 mm of text.
    pub(in super::super) bottom: u32,
    /// From the foot of the page to the foot of its number, which stands, in the standard, 7 mm below the text.
    pub(in super::super) footer: u32,
    /// Size of the body.
    pub(in super::super) text: u32,
    /// A line of the body.
    pub(in super::super) line: u32,
    /// Size of the title, its line, and the room below it.
    pub(in super::super) title: (u32, u32, u32),
    /// Room above the title.
    pub(in super::super) above_title: u32,
    /// The least and the greatest size of the red head.
    pub(in super::super) head: (u32, u32),
    /// Size of what stands below a drawing, its line, and the room below it.
    pub(in super::super) caption: (u32, u32, u32),
    /// Room above a drawing.
    pub(in super::super) above_drawing: u32,
    /// Room below tables.
    pub(in super::super) below: u32,
    /// Room above places to sign, and their height.
    pub(in super::super) signs: (u32, u32),
    /// How far a quotation stands in, in characters.
    pub(in super::super) quote_in: u32,
    /// By how much characters stand closer than they are wide.
    pub(in super::super) squeeze: u32,
}

impl Page {
    /// Of a density.
    pub(in super::super) const fn of(density: Density) -> Self {
        let close = Self {
            top: 1_418,
            bottom: 1_134,
            footer: 624,
            text: 28,
            line: 450,
            title: (32, 480, 80),
            above_title: 160,
            head: (40, 60),
            caption: (18, 260, 40),
            above_drawing: 40,
            below: 120,
            signs: (120, 480),
            quote_in: 0,
            squeeze: 0,
        };
        match density {
            Density::Standard => Self {
                top: 2_098,
                bottom: 1_984,
                footer: 1_304,
                text: 32,
                line: 560,
                title: (44, 700, 280),
                above_title: 560,
                head: (44, 108),
                caption: (24, 380, 200),
                above_drawing: 120,
                below: 280,
                signs: (560, 680),
                quote_in: 2,
                squeeze: 5,
            },
            Density::Close => close,
            Density::Closer => Self { text: 24, line: 370, ..close },
            Density::Closest => Self { text: 21, line: 320, title: (30, 440, 60), ..close },
        }
    }

    /// Width of a character of the body.
    pub(in super::super) const fn character(&self) -> u32 {
        self.text * 10
    }

    /// Height of the text.
    pub(in super::super) const fn height(&self) -> u32 {
        PAGE_HEIGHT - self.top - self.bottom
    }
}

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
        let page = Page::of(Density::Standard);
        assert_eq!(page.height(), 12_756, "225 mm");
        assert_eq!(page.height() / page.line, 22, "lines to the page");
    }

    #[test]
    fn nothing_is_lost_in_sharing() {
        assert_eq!(shares(100, &[1, 1, 1]), [33, 33, 34]);
        assert_eq!(shares(100, &[0, 0]), [0, 100]);
        assert_eq!(shares(100, &[]), [0_u32; 0]);
        assert_eq!(shares(8_845, &[u32::MAX, u32::MAX]).iter().sum::<u32>(), 8_845);
    }
}
