//! A paper as a file to take: which forms there are, and why one cannot be had.

use jiff::Timestamp;

use super::{
    Paper,
    docx::{DocxError, Form, docx},
};
use crate::locale::Locale;

/// Whether this program was built with PDF (feature `pdf`).
pub const HAS_PDF: bool = cfg!(feature = "pdf");

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileForm {
    /// A Word document.
    Word,
    /// PDF.
    Pdf,
}

impl FileForm {
    /// The ending of its name.
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Word => "docx",
            Self::Pdf => "pdf",
        }
    }

    /// What it is (IANA media type).
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Word => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
        }
    }
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The Word document could not be made.
    #[error(transparent)]
    Word(#[from] DocxError),
    /// The PDF could not be made.
    #[cfg(feature = "pdf")]
    #[error(transparent)]
    Pdf(#[from] super::pdf::PdfError),
    /// The program was built without it.
    #[error(
        "this program was built without PDF (`--features pdf`); write .docx, and save it as PDF with an office program"
    )]
    Without,
}

impl NotWritten {
    /// The same for the office.
    #[must_use]
    pub fn words(&self, locale: Locale) -> String {
        let chinese = match self {
            #[cfg(feature = "pdf")]
            Self::Pdf(super::pdf::PdfError::NoFont) => {
                "本机没有中文字体，排不出 PDF。请管理员执行 apt install fonts-noto-cjk，或把仿宋、黑体、小标宋的字体文件放进 /usr/local/share/fonts"
            }
            Self::Without => {
                "这个程序没有带 PDF（编译时要加 --features pdf）。请下载 Word 文件，再用办公软件另存为 PDF"
            }
            _ => return self.to_string(),
        };
        match locale {
            Locale::ZhCn => chinese.to_owned(),
            Locale::En => self.to_string(),
        }
    }
}

/// Writes a paper as a file. Work for a thread that may be held up: curves are drawn, and a PDF takes about a second.
///
/// # Errors
/// The form is not to be had, or cannot be made of this paper.
pub fn written(paper: &Paper, form: FileForm, made_at: Option<Timestamp>) -> Result<Vec<u8>, NotWritten> {
    let look = Form { made_at, ..Form::default() };
    match form {
        FileForm::Word => Ok(docx(paper, &look)?),
        #[cfg(feature = "pdf")]
        FileForm::Pdf => Ok(super::pdf::pdf(paper, &look)?),
        #[cfg(not(feature = "pdf"))]
        FileForm::Pdf => Err(NotWritten::Without),
    }
}
