//! Figures as lines: what numbers and times on a drawing are made of, so that a picture of it needs no font of the
//! machine it is drawn on.

use std::fmt::Write as _;

/// Height of a figure on the drawing, in its points.
pub(super) const HEIGHT: f64 = 14.0;
/// A figure is drawn in a box that is 10 high.
const SCALE: f64 = HEIGHT / 10.0;
/// Room between two figures, in the box's points.
const GAP: f64 = 1.6;

/// Width of a character's box and its lines; the box is 10 high, its foot at 10.
fn glyph(c: char) -> Option<(f64, &'static str)> {
    Some(match c {
        '0' => (6.0, "M3 0C1 0 .4 2 .4 5S1 10 3 10 5.6 8 5.6 5 5 0 3 0Z"),
        '1' => (6.0, "M1.2 2.2L3.4 0V10"),
        '2' => (6.0, "M.6 2.4C.8 .8 1.8 0 3 0 4.4 0 5.4 1 5.4 2.6 5.4 4.6 3 6.4 .5 10H5.6"),
        '3' => (
            6.0,
            "M.7 1.6C1.2 .5 2 0 3 0 4.4 0 5.3 1 5.3 2.4 5.3 3.8 4.3 4.7 2.6 4.7 4.5 4.7 5.6 5.7 5.6 7.3 5.6 9 4.5 10 3 10 1.8 10 .8 9.4 .4 8.2",
        ),
        '4' => (6.0, "M4.3 10V0L.3 7H5.8"),
        '5' => (
            6.0,
            "M5.2 0H1.3L.8 4.6C1.4 4 2.2 3.7 3 3.7 4.6 3.7 5.6 4.9 5.6 6.8 5.6 8.8 4.5 10 2.9 10 1.7 10 .8 9.4 .4 8.3",
        ),
        '6' => (
            6.0,
            "M5 .9C4.5 .3 3.9 0 3.2 0 1.3 0 .4 2.2 .4 5.6 .4 8.6 1.4 10 3.1 10 4.6 10 5.6 8.8 5.6 7 5.6 5.2 4.6 4 3.1 4 1.8 4 .8 4.9 .4 6.2",
        ),
        '7' => (6.0, "M.4 0H5.6L2.2 10"),
        '8' => (
            6.0,
            "M3 4.7C1.6 4.7 .8 3.7 .8 2.4S1.6 0 3 0 5.2 1.1 5.2 2.4 4.4 4.7 3 4.7C1.3 4.7 .4 5.8 .4 7.3S1.3 10 3 10 5.6 8.8 5.6 7.3 4.7 4.7 3 4.7Z",
        ),
        '9' => (
            6.0,
            "M1 9.1C1.5 9.7 2.1 10 2.8 10 4.7 10 5.6 7.8 5.6 4.4 5.6 1.4 4.6 0 2.9 0 1.4 0 .4 1.2 .4 3 .4 4.8 1.4 6 2.9 6 4.2 6 5.2 5.1 5.6 3.8",
        ),
        '.' => (2.0, "M1 9.6V10"),
        ',' => (2.2, "M1.2 9.5L.5 11.6"),
        ':' => (2.0, "M1 3.4V3.8M1 8.6V9"),
        '-' | '–' => (5.0, "M.6 5.4H4.4"),
        '+' => (6.0, "M.4 5.4H5.6M3 2.8V8"),
        '/' => (4.8, "M4.4 -.4L.4 10.4"),
        '%' => (
            9.0,
            "M7.4 0L1.6 10M2.2 0C.9 0 .4 1 .4 2.3S.9 4.6 2.2 4.6 4 3.6 4 2.3 3.5 0 2.2 0ZM6.8 5.4C5.5 5.4 5 6.4 5 7.7S5.5 10 6.8 10 8.6 9 8.6 7.7 8.1 5.4 6.8 5.4Z",
        ),
        ' ' => (2.6, ""),
        'k' => (5.0, "M.8 0V10M4.6 3.6L.8 7.2M2.2 6L5 10"),
        'M' => (8.0, "M.6 10V0L4 7 7.4 0V10"),
        'B' => (
            6.0,
            "M.8 0V10H3.2C4.8 10 5.6 9 5.6 7.4S4.6 4.8 3.2 4.8H.8M3 4.8C4.2 4.8 5 3.9 5 2.4S4.2 0 3 0H.8",
        ),
        '万' => (
            10.0,
            "M.3 .8H9.7M4 .8C4 5.4 3 8.2 .6 10.2M3.8 4.2H8.6C8.5 7.4 8.2 9.2 7.6 9.8 7.2 10.2 6.4 10 5.6 9.6",
        ),
        '亿' => (
            10.0,
            "M3 -.2C2.3 2 1.4 3.6 .2 4.9M2 3.3V10.2M4.2 1.2H9.2L4.7 7.2C3.8 8.5 4.2 9.7 5.6 9.7H8C9.2 9.7 9.7 9.2 9.8 7.6",
        ),
        _ => return None,
    })
}

/// Writes a label whose foot stands at `place`, and begins or ends there. A word with a character that is not known here
/// is left out whole: half a number says something else.
pub(super) fn label(out: &mut String, text: &str, place: (f64, f64), ends: bool, colour: &str) {
    let Some(glyphs) = text.chars().map(glyph).collect::<Option<Vec<_>>>() else { return };
    let wide: f64 = glyphs.iter().map(|(width, _)| width + GAP).sum::<f64>() - GAP;
    let (mut x, y) = (if ends { place.0 - wide * SCALE } else { place.0 }, place.1 - HEIGHT);
    // Writing to a string cannot fail, hence the `let _`.
    let _ = write!(
        out,
        "<g fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.15\" stroke-linecap=\"round\" stroke-linejoin=\"round\">"
    );
    for (width, lines) in glyphs {
        if !lines.is_empty() {
            let _ =
                write!(out, "<path transform=\"translate({x:.2} {y:.2}) scale({SCALE})\" d=\"{lines}\"/>");
        }
        x += (width + GAP) * SCALE;
    }
    out.push_str("</g>");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_drawn_whole_or_not_at_all() {
        let drawn = |text| {
            let mut out = String::new();
            label(&mut out, text, (100.0, 100.0), true, "#444");
            out.matches("<path").count()
        };
        assert_eq!(drawn("12,345"), 6);
        assert_eq!(drawn("1.2万"), 4);
        assert_eq!(drawn("2026-11-21 13:05:09"), 18);
        assert_eq!(drawn("3.5k 1M 2B 1亿 +4%"), 13);
        assert_eq!(drawn("约5万"), 0, "「5万」 alone would say that it is exact");
    }
}
