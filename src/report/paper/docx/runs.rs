//! Words as runs, and runs as paragraphs. Each run carries its fonts: a style alone is lost when words are copied into
//! another document.

use std::fmt::Write as _;

use super::{super::markup::Span, Form, measure::Page};
use crate::{locale::Locale, report::xml::escaped};

/// What words are, and so how they look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// The red head, so many half points high.
    Head(u32),
    Title,
    Heading,
    Text,
    Quote,
    /// A table's head or the name of a field, so many half points high.
    Name(u32),
    /// What stands in a table or a form, so many half points high.
    Cell(u32),
    Caption,
    Page,
}

impl Face {
    /// Its height in half points.
    pub(super) const fn size(self, page: &Page) -> u32 {
        match self {
            Self::Head(size) | Self::Name(size) | Self::Cell(size) => size,
            Self::Title => page.title.0,
            Self::Heading | Self::Text | Self::Quote => page.text,
            Self::Page => 28,
            Self::Caption => page.caption.0,
        }
    }

    fn font(self, form: &Form) -> &str {
        match self {
            Self::Head(_) | Self::Title => &form.title_font,
            Self::Heading | Self::Name(_) => &form.heading_font,
            Self::Text | Self::Cell(_) | Self::Caption => &form.text_font,
            Self::Quote => &form.quote_font,
            Self::Page => &form.page_font,
        }
    }
}

/// Writes words in the fonts of a form.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen<'a> {
    pub(super) page: Page,
    pub(super) form: &'a Form,
    pub(super) locale: Locale,
}

impl Pen<'_> {
    /// The properties of a run.
    pub(super) fn look(self, face: Face, bold: bool) -> String {
        let size = face.size(&self.page);
        let bold = if bold { "<w:b/><w:bCs/>" } else { "" };
        let red = if matches!(face, Face::Head(_)) { "<w:color w:val=\"FF0000\"/>" } else { "" };
        // A quarter of a point closer, so that 28 characters make a line of 156 mm, as the standard has it. (A grid of
        // characters would say the same, but office programs differ widely in how they read one.)
        let body = matches!(face, Face::Heading | Face::Text | Face::Quote);
        let close = match self.page.squeeze {
            by if body && by > 0 => format!("<w:spacing w:val=\"-{by}\"/>"),
            _ => String::new(),
        };
        format!(
            "<w:rPr>{}{bold}{red}{close}<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr>",
            self.fonts(face)
        )
    }

    /// The fonts of a run or a style. In Chinese, marks that both scripts have (“ ” … —) are the Chinese font's.
    pub(super) fn fonts(self, face: Face) -> String {
        let (asian, latin) = (escaped(face.font(self.form)), escaped(&self.form.latin_font));
        let latin = if face == Face::Page { &asian } else { &latin };
        let hint = self.locale.pick(" w:hint=\"eastAsia\"", "");
        format!(
            "<w:rFonts{hint} w:ascii=\"{latin}\" w:eastAsia=\"{asian}\" w:hAnsi=\"{latin}\" w:cs=\"{latin}\"/>"
        )
    }

    /// Words as runs.
    pub(super) fn runs(self, words: &[Span], face: Face) -> String {
        let mut out = String::new();
        for span in words.iter().filter(|span| !span.text.is_empty()) {
            // Writing to a string cannot fail, hence the `let _`.
            let _ = write!(
                out,
                "<w:r>{}<w:t xml:space=\"preserve\">{}</w:t></w:r>",
                self.look(face, span.bold),
                escaped(&span.text)
            );
        }
        out
    }

    /// Words of one weight as a run.
    pub(super) fn run(self, text: &str, face: Face, bold: bool) -> String {
        self.runs(&[Span { text: text.to_owned(), bold }], face)
    }
}

/// A paragraph of a style; `more` are properties of its own, in the order of the standard.
pub(super) fn paragraph(style: &str, more: &str, runs: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{more}</w:pPr>{runs}</w:p>\n")
}

/// Keeps a paragraph on the page of the next one.
pub(super) const KEPT: &str = "<w:keepNext/>";

/// An empty paragraph so many twentieths of a point high: room below a table, which else would grow together with one
/// that follows.
pub(super) fn room(height: u32, kept: &str) -> String {
    let line = format!("{kept}<w:spacing w:line=\"{height}\" w:lineRule=\"exact\"/>");
    paragraph("Room", &line, "")
}
