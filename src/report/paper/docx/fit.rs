//! Whether a paper stands on one page, reckoned without laying it out: a Chinese character is as wide as it is high, a word
//! of Latin letters is not broken, and a line is as high as its style says. It errs to the careful side by a line.

use super::{
    super::{
        Paper,
        markup::{Block, Span, Words},
    },
    body::LEAD,
    measure::{Page, TEXT, width},
};
use crate::report::chart::Chart;

/// Whether the paper fits one page as close as it is set.
#[must_use]
pub fn fits_a_page(paper: &Paper) -> bool {
    let page = Page::of(paper.density);
    let high: u32 = paper.blocks.iter().map(|block| height(block, paper, &page)).sum();
    high + page.line <= page.height()
}

/// Height of a block with the room around it, in twentieths of a point.
fn height(block: &Block, paper: &Paper, page: &Page) -> u32 {
    let lines = |words: &[Span], indent: u32| lines(words, indent, TEXT, page.text);
    let cell_line = page.text * 16;
    match block {
        Block::Head(words) => {
            let fits = (TEXT * 10).checked_div(width(words)).unwrap_or(u32::MAX);
            fits.clamp(page.head.0, page.head.1) * 13
        }
        Block::Title(words) => {
            page.above_title + self::lines(words, 0, TEXT, page.title.0) * page.title.1 + page.title.2
        }
        Block::Line(cells) => {
            let share = TEXT / u32::try_from(cells.len()).unwrap_or(1).max(1);
            let most = cells.iter().map(|cell| self::lines(cell, 0, share, page.text)).max().unwrap_or(0);
            // Short ones leave their room to the long one.
            let all: Words = cells.iter().flatten().cloned().collect();
            let least = lines(&all, u32::try_from(cells.len()).unwrap_or(0));
            most.min(least) * cell_line + page.below
        }
        Block::Lead(heading, words) => {
            let lead = Span { text: LEAD.to_owned(), bold: false };
            let all: Words = heading.iter().chain([&lead]).chain(words).cloned().collect();
            lines(&all, 2) * page.line
        }
        Block::Heading(words) | Block::Text(words) => lines(words, 2) * page.line,
        Block::Quote(words) => lines(words, 2 + page.quote_in) * page.line,
        Block::Item(words) => self::lines(words, 0, TEXT - 3 * page.character(), page.text) * page.line,
        Block::Drawing(name) => paper.drawing(name).map_or(0, |chart| drawing(chart, page)),
        Block::Signs(_) => page.signs.0 + page.signs.1.max(cell_line) + page.below,
        // What stands in tables is never short.
        Block::Table { rows, .. } => {
            u32::try_from(rows.len() + 1).unwrap_or(u32::MAX / 1_000) * cell_line * 2
        }
        Block::Form(fields) => u32::try_from(fields.len()).unwrap_or(u32::MAX / 1_000) * cell_line * 2,
    }
}

fn drawing(chart: &Chart, page: &Page) -> u32 {
    let (wide, high) = chart.size();
    page.above_drawing + TEXT * high / wide.max(1) + page.caption.1 + page.caption.2 + 40
}

/// Lines that words take, the first of which begins `indent` characters in: line by line, as a page is filled.
fn lines(words: &[Span], indent: u32, wide: u32, size: u32) -> u32 {
    // Hundredths of a character; the last place of a line may be lost to a mark that must not begin the next one.
    let room = (wide * 10 / size.max(1)).saturating_sub(60).max(200);
    let (mut count, mut used, mut word) = (1, indent * 100, 0_u32);
    let mut put = |wide: u32| {
        if used + wide > room && used > 0 {
            count += 1;
            used = 0;
        }
        // What is longer than a line is broken.
        count += wide / room;
        used += wide % room;
    };
    for c in words.iter().flat_map(|span| span.text.chars()) {
        if c.is_ascii_graphic() {
            word += 55;
            continue;
        }
        put(std::mem::take(&mut word));
        put(if c < '\u{2000}' { 55 } else { 100 });
    }
    put(word);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, indent: u32) -> u32 {
        lines(&[Span { text: text.to_owned(), bold: false }], indent, 2_400, 24)
    }

    #[test]
    fn lines_are_filled_as_a_page_is() {
        assert_eq!(of("", 0), 1);
        assert_eq!(of("一二三四五六七八九", 0), 1, "ten characters, of which one may be lost");
        assert_eq!(of("一二三四五六七八九", 2), 2);
        assert_eq!(of("一二三四五六abcdefg", 0), 2, "a word is not broken");
        assert_eq!(of(&"x".repeat(60), 0), 4, "but one that is longer than a line is");
    }
}
