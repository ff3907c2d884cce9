//! Text in which the words that met a rule are marked where they stand.

use serde::Serialize;

use crate::{
    model::{Certainty, HitPart, Mark, PostRow},
    text::clean_char,
};

/// Characters before the first mark that an excerpt begins with.
const LEAD: usize = 40;

/// A run of text, marked or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Piece {
    /// Its words, cleaned as [`crate::text::clean`] does.
    pub text: String,
    /// Whether it is what met a rule.
    pub marked: bool,
    /// Whether marks stood between its characters, or it only sounds like the word: less sure.
    pub unsure: bool,
}

/// A part of a post, at most `most` characters of it: its beginning, or what stands round the first mark
/// when that lies further down.
pub struct Excerpt<'a> {
    /// The part.
    pub text: &'a str,
    /// Which text its marks are counted in.
    pub part: HitPart,
    /// Where it begins in that text, in Unicode scalars.
    pub at: u32,
    /// Most characters that are shown.
    pub most: usize,
}

impl Excerpt<'_> {
    /// The excerpt in pieces; none for an empty text.
    #[must_use]
    pub fn of(&self, row: &PostRow) -> Vec<Piece> {
        self.marked(&row.marks)
    }

    /// The same with its lines kept as they are.
    #[must_use]
    pub fn in_lines(&self, row: &PostRow) -> Vec<Piece> {
        self.pieces(&row.marks, true)
    }

    /// The same with marks from elsewhere.
    #[must_use]
    pub fn marked(&self, marks: &[Mark]) -> Vec<Piece> {
        self.pieces(marks, false)
    }

    fn pieces(&self, marks: &[Mark], lines: bool) -> Vec<Piece> {
        let marks: Vec<&Mark> = marks.iter().filter(|mark| mark.part == self.part).collect();
        let state = |place: u32| {
            let mark = marks.iter().find(|mark| (mark.start..mark.end).contains(&place))?;
            Some(mark.certainty != Certainty::Exact)
        };
        let mut shown: Vec<(char, Option<bool>)> = Vec::new();
        for (place, c) in (self.at..).zip(self.text.chars()) {
            let Some(c) = (if lines && c == '\n' { Some(c) } else { clean_char(c) }) else { continue };
            // White space is one space, and none at the beginning.
            if c != ' ' || shown.last().is_some_and(|(last, _)| *last != ' ') {
                shown.push((c, state(place)));
            }
        }
        if shown.last().is_some_and(|(last, _)| *last == ' ') {
            shown.pop();
        }
        let first = shown.iter().position(|(_, state)| state.is_some()).unwrap_or(0);
        let from = if first >= self.most { first.saturating_sub(LEAD) } else { 0 };
        let rest = shown.len().saturating_sub(from);
        let mut pieces = Vec::new();
        let cut = |pieces: &mut Vec<Piece>| push(pieces, '…', None);
        if from > 0 {
            cut(&mut pieces);
        }
        for (c, state) in shown.into_iter().skip(from).take(self.most) {
            push(&mut pieces, c, state);
        }
        if rest > self.most {
            cut(&mut pieces);
        }
        pieces
    }
}

fn push(pieces: &mut Vec<Piece>, c: char, state: Option<bool>) {
    let (marked, unsure) = (state.is_some(), state.unwrap_or(false));
    match pieces.last_mut().filter(|last| last.marked == marked && last.unsure == unsure) {
        Some(last) => last.text.push(c),
        None => pieces.push(Piece { text: c.to_string(), marked, unsure }),
    }
}
