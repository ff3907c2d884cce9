//! Where the characters of a text stand in its bytes, and the other way. Only the place of every sixty-fourth
//! character is kept: a hit is cut out of a text without a list that is longer than the text.

use std::cell::OnceCell;
use std::ops::Range;

/// Characters from one kept place to the next.
const STEP: usize = 64;

/// The characters of one text.
pub(super) struct Places<'t> {
    text: &'t str,
    /// First bytes of the characters 0, 64, 128 and so on, computed at the first question.
    kept: OnceCell<Vec<usize>>,
}

impl<'t> Places<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { text, kept: OnceCell::new() }
    }

    fn kept(&self) -> &[usize] {
        self.kept.get_or_init(|| {
            let mut kept = Vec::with_capacity(self.text.len() / (2 * STEP) + 1);
            let mut rest = self.text.chars();
            while !rest.as_str().is_empty() {
                kept.push(self.text.len() - rest.as_str().len());
                rest.nth(STEP - 1);
            }
            kept
        })
    }

    /// First byte of a character by its number; the text's length when there are not so many.
    fn byte(&self, character: usize) -> usize {
        let Some(&kept) = self.kept().get(character / STEP) else { return self.text.len() };
        let mut rest = self.text.get(kept..).unwrap_or_default().chars();
        match character % STEP {
            0 => {}
            within => {
                rest.nth(within - 1);
            }
        }
        self.text.len() - rest.as_str().len()
    }

    /// How many characters begin before a byte, which begins one or ends the text.
    fn character(&self, byte: usize) -> usize {
        let kept = self.kept();
        let Some(before) = kept.partition_point(|at| *at <= byte).checked_sub(1) else { return 0 };
        let from = kept.get(before).copied().unwrap_or(0);
        before * STEP + self.text.get(from..byte).unwrap_or_default().chars().count()
    }

    /// A range of bytes, which lies on character boundaries, in characters.
    pub(super) fn characters(&self, bytes: Range<usize>) -> Range<usize> {
        let start = self.character(bytes.start);
        start..start + self.text.get(bytes).unwrap_or_default().chars().count()
    }

    /// What stands at a range of characters.
    pub(super) fn cut(&self, characters: Range<usize>) -> &'t str {
        self.text.get(self.byte(characters.start)..self.byte(characters.end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_is_that_of_the_character() {
        let text = "a市é😀".repeat(70);
        for text in ["", "市", text.get(..640).unwrap_or_default(), &text] {
            let places = Places::of(text);
            let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            starts.push(text.len());
            for (number, &byte) in starts.iter().enumerate() {
                assert_eq!(places.byte(number), byte, "{number}");
                assert_eq!(places.character(byte), number, "{byte}");
            }
            assert_eq!(places.byte(starts.len() + 99), text.len());
        }
    }
}
