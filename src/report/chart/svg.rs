//! The one writer of a drawing. Pages and mail get letters, which their reader's fonts draw; a picture gets strokes, so
//! that it looks the same on a machine without any font.

use std::fmt::Write as _;

use super::{Chart, strokes};
use crate::report::xml::escaped;

/// How the words of a drawing are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// As text.
    Fonts,
    /// As lines, larger, for a picture that is printed small.
    Strokes,
}

/// Where a label stands.
#[derive(Debug, Clone, Copy)]
struct Place<'a> {
    class: &'a str,
    x: f64,
    y: &'a str,
    /// Lower by so much, for a label beside a line.
    lower: u32,
    /// Whether it ends at `x`.
    ends: bool,
    fill: Option<&'static str>,
}

impl Chart {
    /// Points across and down of the drawing as a picture.
    #[must_use]
    pub const fn size(&self) -> (u32, u32) {
        (1_000, self.ground + 30)
    }

    /// The drawing on its own: 960 by 320 points (a flat one is lower), with the classes of the console's style sheet and, for where there is
    /// none, colours of its own.
    #[must_use]
    pub fn svg(&self) -> String {
        self.drawn(Letters::Fonts)
    }

    /// The same without any text: figures and times are lines. Names of tiers are left out; say them beside it.
    #[must_use]
    pub fn svg_with_paths(&self) -> String {
        self.drawn(Letters::Strokes)
    }

    // Writing to a string cannot fail, hence the `let _`.
    fn drawn(&self, letters: Letters) -> String {
        let mut out = String::new();
        // Strokes are larger than letters and need more room on the left.
        let view = match letters {
            Letters::Fonts => format!("0 0 960 {}", self.ground + 34),
            Letters::Strokes => format!("-34 6 {} {}", self.size().0, self.size().1),
        };
        let ground = self.ground;
        let _ = write!(
            out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{view}\" role=\"img\" font-size=\"13\" \
             aria-label=\"{}\">",
            escaped(&self.in_words())
        );
        for (y, number) in &self.scale {
            let _ = write!(
                out,
                "<line class=\"grid\" x1=\"52\" y1=\"{y}\" x2=\"948\" y2=\"{y}\" stroke=\"#ddd\"/>"
            );
            let place = Place { class: "axis right scale", x: 46.0, y, lower: 4, ends: true, fill: None };
            label(&mut out, letters, place, number);
        }
        for change in &self.changes {
            let (x, class, fill) = (&change.x, change.class, colour(change.class));
            let _ = write!(
                out,
                "<line class=\"change {class}\" x1=\"{x}\" y1=\"30\" x2=\"{x}\" y2=\"{ground}\" stroke=\"{fill}\"/>"
            );
            // A picture has no room for the list that explains the numbers.
            if letters == Letters::Fonts {
                let _ = write!(
                    out,
                    "<circle class=\"change {class}\" cx=\"{x}\" cy=\"18\" r=\"11\" fill=\"{fill}\"/>\
                     <text class=\"change\" x=\"{x}\" y=\"23\" text-anchor=\"middle\" fill=\"#fff\">{}</text>",
                    change.number
                );
            }
        }
        // A label that would stand on the one above it is left out; its line is there, and the words beside say what it is.
        let mut above = f64::NEG_INFINITY;
        for limit in self.thresholds.iter().rev() {
            let (y, fill) = (&limit.y, colour(limit.class));
            let class = format!("limit {}", limit.class);
            let _ = write!(
                out,
                "<line class=\"{class}\" x1=\"52\" y1=\"{y}\" x2=\"948\" y2=\"{y}\" stroke=\"{fill}\" \
                 stroke-dasharray=\"6 4\"/>"
            );
            let place =
                Place { class: &class, x: 58.0, y: &limit.label_y, lower: 0, ends: false, fill: Some(fill) };
            let at: f64 = limit.label_y.parse().unwrap_or_default();
            if at - above < strokes::HEIGHT {
                continue;
            }
            above = at;
            let number = limit.label.rsplit(' ').next().unwrap_or_default();
            label(&mut out, letters, place, if letters == Letters::Fonts { &limit.label } else { number });
        }
        let _ = write!(
            out,
            "<polygon class=\"area\" points=\"{}\" fill=\"#1f4e79\" fill-opacity=\"0.12\"/>\
             <polyline class=\"line\" points=\"{}\" fill=\"none\" stroke=\"#1f4e79\" stroke-width=\"2\"/>\
             <circle class=\"end\" cx=\"{}\" cy=\"{}\" r=\"5\" fill=\"#1f4e79\"/>",
            self.area, self.line, self.end.0, self.end.1,
        );
        let below = (ground + 22).to_string();
        let from = Place { class: "axis", x: 52.0, y: &below, lower: 0, ends: false, fill: None };
        label(&mut out, letters, from, &self.from);
        let to = Place { class: "axis right", x: 948.0, ends: true, ..from };
        label(&mut out, letters, to, &self.to);
        out.push_str("</svg>");
        out
    }

    /// What the drawing shows, for those who do not see it.
    #[must_use]
    pub fn in_words(&self) -> String {
        format!("{} {}, {} – {}", self.title, self.last, self.from, self.to)
    }
}

fn label(out: &mut String, letters: Letters, place: Place<'_>, text: &str) {
    let Place { class, x, y, lower, ends, fill } = place;
    if letters == Letters::Strokes {
        let base = y.parse::<f64>().unwrap_or_default() + if lower > 0 { strokes::HEIGHT / 2.0 } else { 0.0 };
        strokes::label(out, text, (x, base), ends, fill.unwrap_or("#444"));
        return;
    }
    let lower = if lower > 0 { format!(" dy=\"{lower}\"") } else { String::new() };
    let ends = if ends { " text-anchor=\"end\"" } else { "" };
    let fill = fill.map(|fill| format!(" fill=\"{fill}\"")).unwrap_or_default();
    let _ = write!(
        out,
        "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{lower}{ends}{fill}>{}</text>",
        escaped(text)
    );
}

/// The colour of a tier where no style sheet says it; dark enough to be read on white.
fn colour(class: &str) -> &'static str {
    match class {
        "critical" => "#a40000",
        "major" => "#b34700",
        "elevated" => "#7a5c00",
        "general" => "#1f4e79",
        _ => "#555",
    }
}
