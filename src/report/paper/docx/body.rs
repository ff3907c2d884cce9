//! The words of a paper, block by block.

use std::fmt::Write as _;

use super::{
    super::{
        Paper,
        markup::{Block, Span, Words},
    },
    DocxError, Form,
    measure::{Page, TEXT, width},
    runs::{Face, KEPT, Pen, paragraph, room},
    tables::{fields, rule, side_by_side, signs, table},
};
use crate::report::{
    chart::{Chart, Picture},
    xml::escaped,
};

/// Twentieths of a point in the measure of drawings (EMU).
const DRAWING: u32 = 635;

/// What stands between a heading and the words that go on behind it.
pub(in super::super) const LEAD: &str = "\u{3000}";

/// The body of a document and the pictures it shows.
#[derive(Debug)]
pub(super) struct Body {
    /// Paragraphs and tables.
    pub(super) xml: String,
    /// By the name of their drawing; the first is `rIdPicture1`.
    pub(super) pictures: Vec<(String, Picture)>,
    /// Pictures that are shown, each with a number of its own.
    shown: usize,
}

impl Body {
    /// Writes all blocks.
    pub(super) fn of(paper: &Paper, form: &Form) -> Result<Self, DocxError> {
        let page = Page::of(paper.density);
        let pen = Pen { page, form, locale: paper.locale };
        let mut body = Self { xml: String::new(), pictures: Vec::new(), shown: 0 };
        let mut blocks = paper.blocks.iter().peekable();
        // Whether a red head still waits for its rule.
        let mut ruled = false;
        while let Some(block) = blocks.next() {
            let followed_by_line = matches!(blocks.peek(), Some(Block::Line(_)));
            // A signature never stands alone on a page.
            let kept = if matches!(blocks.peek(), Some(Block::Signs(_))) { KEPT } else { "" };
            let below = if blocks.peek().is_some() { page.below } else { 20 };
            match block {
                Block::Head(words) => {
                    body.xml.push_str(&head(pen, words, !followed_by_line));
                    ruled = followed_by_line;
                    continue;
                }
                Block::Line(cells) => {
                    let rule = if ruled { rule() } else { "" };
                    body.xml.push_str(&side_by_side(pen, cells, rule, kept));
                    body.xml.push_str(&room(below, kept));
                }
                Block::Title(words) => {
                    let before = format!("<w:spacing w:before=\"{}\"/>", page.above_title);
                    let before = if body.xml.is_empty() { "" } else { &before };
                    body.xml.push_str(&paragraph("Title", before, &pen.runs(words, Face::Title)));
                }
                Block::Heading(words) => body.paragraph(pen, "Heading1", kept, words, Face::Heading),
                Block::Lead(heading, words) => {
                    let lead = pen.run(LEAD, Face::Text, false);
                    let runs = pen.runs(heading, Face::Heading) + &lead + &pen.runs(words, Face::Text);
                    body.xml.push_str(&paragraph("BodyText", &flowing(kept, words), &runs));
                }
                Block::Text(words) => body.paragraph(pen, "BodyText", kept, words, Face::Text),
                Block::Quote(words) => body.paragraph(pen, "Quote", kept, words, Face::Quote),
                Block::Item(words) => body.paragraph(pen, "ListBullet", kept, words, Face::Text),
                Block::Table { head, rows } => {
                    body.xml.push_str(&table(pen, head, rows, kept));
                    body.xml.push_str(&room(below, kept));
                }
                Block::Form(named) => {
                    body.xml.push_str(&fields(pen, named, kept));
                    body.xml.push_str(&room(below, kept));
                }
                Block::Drawing(name) => {
                    if let Some(chart) = paper.drawing(name) {
                        body.drawing(pen, name, chart, kept)?;
                    }
                }
                Block::Signs(cells) => {
                    body.xml.push_str(&room(page.signs.0, KEPT));
                    body.xml.push_str(&signs(pen, cells, kept));
                    body.xml.push_str(&room(below, kept));
                }
            }
            ruled = false;
        }
        Ok(body)
    }

    fn paragraph(&mut self, pen: Pen<'_>, style: &str, kept: &str, words: &[Span], face: Face) {
        self.xml.push_str(&paragraph(style, &flowing(kept, words), &pen.runs(words, face)));
    }

    /// A picture as wide as the text, and below it what no stroke says: what it shows and the names of the limits.
    fn drawing(&mut self, pen: Pen<'_>, name: &str, chart: &Chart, kept: &str) -> Result<(), DocxError> {
        let known = self.pictures.iter().position(|(known, _)| known == name);
        let at = match known {
            Some(at) => at,
            None => {
                let drawn = chart.png();
                let picture = drawn.map_err(|why| DocxError::Drawing { name: name.to_owned(), why })?;
                self.pictures.push((name.to_owned(), picture));
                self.pictures.len() - 1
            }
        };
        self.shown += 1;
        let size = self.pictures.get(at).map_or((1, 1), |(_, picture)| (picture.width, picture.height));
        let picture = inline(at + 1, self.shown, size, &chart.in_words());
        self.xml.push_str(&paragraph(
            "Picture",
            "",
            &format!("<w:r>{}{picture}</w:r>", pen.look(Face::Text, false)),
        ));
        self.xml.push_str(&paragraph(
            "Caption",
            kept,
            &pen.runs(&super::super::caption(chart, pen.locale), Face::Caption),
        ));
        Ok(())
    }
}

/// Properties of a paragraph. An address leaves few places to break a line at; what stands before it must not be pulled
/// apart to fill the line.
fn flowing(kept: &str, words: &[Span]) -> String {
    let has_address = words.iter().any(|span| span.text.contains("://"));
    format!("{kept}{}", if has_address { "<w:jc w:val=\"left\"/>" } else { "" })
}

/// The red head on one line if that is possible, as large as it can be there.
fn head(pen: Pen<'_>, words: &Words, ruled: bool) -> String {
    // Half points; from 二号 (22 points) to 54 points.
    let fits = (TEXT * 10).checked_div(width(words)).unwrap_or(u32::MAX);
    let face = Face::Head(fits.clamp(pen.page.head.0, pen.page.head.1));
    let rule = if ruled {
        "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"18\" w:space=\"10\" w:color=\"FF0000\"/></w:pBdr>"
    } else {
        ""
    };
    let line = format!("<w:spacing w:line=\"{}\" w:lineRule=\"exact\"/>", face.size(&pen.page) * 13);
    paragraph("RedHead", &format!("{rule}{line}"), &pen.runs(words, face))
}

fn inline(picture: usize, number: usize, (wide, high): (u32, u32), words: &str) -> String {
    let (across, down) = (TEXT * DRAWING, (TEXT * DRAWING / wide.max(1)).saturating_mul(high));
    let words = escaped(words);
    let mut out = String::new();
    // Writing to a string cannot fail, hence the `let _`.
    let _ = write!(
        out,
        "<w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{across}\" cy=\"{down}\"/>\
         <wp:docPr id=\"{number}\" name=\"{number}\" descr=\"{words}\"/>\
         <wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect=\"1\"/></wp:cNvGraphicFramePr>\
         <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><pic:pic>\
         <pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"{number}\"/><pic:cNvPicPr/></pic:nvPicPr>\
         <pic:blipFill><a:blip r:embed=\"rIdPicture{picture}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
         <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{across}\" cy=\"{down}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr>\
         </pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
    );
    out
}
