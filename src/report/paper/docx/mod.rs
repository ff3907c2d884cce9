//! A paper as a Word document, in the form of GB/T 9704-2012 (党政机关公文格式): A4 with its margins, lines of 28 points, body in
//! 仿宋_GB2312 of size 三号 (16 points), title in 方正小标宋简体 of 二号 (22 points), page numbers `— 1 —` outside.
//!
//! A paper that has to stand on one page is set closer ([`super::Density`]), and `fit` says whether it does.
//!
//! A document is a zip of XML parts (`parts`); `body` writes the one with the words, block by block, out of `runs`
//! (words) and `tables` (everything side by side). Every run names its East Asian font itself: without that Word takes
//! one of its own. The same paper with the same form gives the same bytes.

mod body;
mod fit;
mod measure;
mod parts;
mod runs;
mod styles;
mod tables;

pub use fit::fits_a_page;
use jiff::Timestamp;

#[cfg(feature = "pdf")]
pub(super) use {body::LEAD, measure::Page, styles::other_name};

use super::Paper;
use crate::report::chart::NotDrawn;

/// What a document looks like: the fonts by name, which need not be on this machine, and when it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Red head and title.
    pub title_font: String,
    /// Headings, heads of tables, names of fields.
    pub heading_font: String,
    /// Everything else.
    pub text_font: String,
    /// What is quoted.
    pub quote_font: String,
    /// Page numbers.
    pub page_font: String,
    /// Latin letters and figures within all of them.
    pub latin_font: String,
    /// When the document was made, for its properties. UTC. `None` says nothing about it.
    pub made_at: Option<Timestamp>,
}

impl Default for Form {
    fn default() -> Self {
        Self {
            title_font: "方正小标宋简体".to_owned(),
            heading_font: "黑体".to_owned(),
            text_font: "仿宋_GB2312".to_owned(),
            quote_font: "楷体_GB2312".to_owned(),
            page_font: "宋体".to_owned(),
            latin_font: "Times New Roman".to_owned(),
            made_at: None,
        }
    }
}

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub enum DocxError {
    /// A curve could not be made a picture.
    #[error("drawing “{name}”: {why}")]
    Drawing {
        /// The drawing's name in the paper.
        name: String,
        /// Why.
        why: NotDrawn,
    },
    /// The parts could not be put together.
    #[error("the document cannot be put together: {0}")]
    Parcel(#[from] zip::result::ZipError),
    /// The same, while writing.
    #[error("the document cannot be put together: {0}")]
    Write(#[from] std::io::Error),
}

/// Writes a paper as a Word document.
///
/// # Errors
/// [`DocxError`] when a drawing cannot be made a picture or memory for the parcel fails. Words never fail: what XML does
/// not know is left out.
pub fn docx(paper: &Paper, form: &Form) -> Result<Vec<u8>, DocxError> {
    let body = body::Body::of(paper, form)?;
    parts::parcel(paper, form, &body)
}
