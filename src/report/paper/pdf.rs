//! A paper as PDF (feature `pdf`), set by typst in the same form as the Word document. The layout is `pdf/paper.typ`; what stands
//! on it is handed over as JSON, so that no word from outside is ever read as code, and there is no file that it could open.
//!
//! Fonts are those of the machine. A server has often none with Chinese characters: that is an error which says what to
//! install, never a page of empty boxes.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};
use typst::{
    Library, LibraryExt as _, World,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Dict, Duration, IntoValue as _},
    syntax::{FileId, Source},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_kit::fonts::FontStore;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::{
    Paper,
    docx::{self, Form, LEAD, Page},
    html,
    markup::{Block, Words},
};

/// The layout.
const LAYOUT: &str = include_str!("pdf/paper.typ");
/// A character that every Chinese font has.
const CHINESE: u32 = '的' as u32;
/// What may stand for a font that the machine does not have: families by their names on Windows, and those of Debian's
/// packages.
const SERIF: [&str; 3] = ["Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC"];
const SANS: [&str; 4] = ["SimHei", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei"];

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum PdfError {
    /// No font of the machine has Chinese characters.
    #[error(
        "no font on this machine has Chinese characters; install one (`apt install fonts-noto-cjk`), or put 仿宋, 黑体 and 小标宋 into \
         /usr/local/share/fonts"
    )]
    NoFont,
    /// The layout could not be set.
    #[error("the paper cannot be set: {0}")]
    Unset(String),
}

/// Writes a paper as PDF, where possible as PDF/A-2u (ISO 19005-2), which archives ask for. The same paper with the same form
/// gives the same bytes on a machine.
///
/// One page took 0.6 s and 157 MB in a debug build; not for an async thread.
///
/// # Errors
/// No Chinese font, or a layout that cannot be set.
pub fn pdf(paper: &Paper, form: &Form) -> Result<Vec<u8>, PdfError> {
    let world = Sheet::of(paper, form)?;
    let set = typst::compile::<PagedDocument>(&world).output;
    let made = set.map_err(|faults| PdfError::Unset(told(&faults))).and_then(|document| {
        // What an archive does not take, such as a character that no font has, is no reason to have nothing.
        let archived = PdfStandards::new(&[PdfStandard::A_2u]).unwrap_or_default();
        let written = typst_pdf::pdf(&document, &options(form, archived))
            .or_else(|_| typst_pdf::pdf(&document, &options(form, PdfStandards::default())));
        written.map_err(|faults| PdfError::Unset(told(&faults)))
    });
    // What was remembered of this paper is of no use for the next.
    comemo::evict(0);
    made
}

fn told(faults: &[SourceDiagnostic]) -> String {
    faults.iter().map(|fault| fault.message.to_string()).collect::<Vec<_>>().join("; ")
}

fn options(form: &Form, standards: PdfStandards) -> PdfOptions {
    PdfOptions { timestamp: form.made_at.and_then(moment), standards, ..PdfOptions::default() }
}

fn moment(at: Timestamp) -> Option<typst_pdf::Timestamp> {
    let local = at.to_zoned(TimeZone::UTC);
    let part = |part: i8| u8::try_from(part).ok();
    let day = (i32::from(local.year()), part(local.month())?, part(local.day())?);
    let time = (part(local.hour())?, part(local.minute())?, part(local.second())?);
    let at = Datetime::from_ymd_hms(day.0, day.1, day.2, time.0, time.1, time.2)?;
    Some(typst_pdf::Timestamp::new_utc(at))
}

/// All that typst can see: the layout, the paper as a value, and the machine's fonts.
struct Sheet {
    library: LazyHash<Library>,
    fonts: Arc<FontStore>,
    layout: Source,
}

impl Sheet {
    fn of(paper: &Paper, form: &Form) -> Result<Self, PdfError> {
        let mut inputs = Dict::new();
        inputs.insert("paper".into(), value(paper, form).to_string().into_value());
        let library = Library::builder().with_inputs(inputs).build();
        Ok(Self { library: LazyHash::new(library), fonts: fonts()?, layout: Source::detached(LAYOUT) })
    }
}

impl World for Sheet {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.layout.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.layout.id() { Ok(self.layout.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// The machine's fonts, looked for once; again while none has Chinese characters, so that installing one needs no restart.
fn fonts() -> Result<Arc<FontStore>, PdfError> {
    static FOUND: Mutex<Option<Arc<FontStore>>> = Mutex::new(None);
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = &*found {
        return Ok(Arc::clone(found));
    }
    let mut store = FontStore::new();
    store.extend(typst_kit::fonts::system());
    let book = store.book();
    let reads = |font| book.info(font).is_some_and(|font| font.coverage.contains(CHINESE));
    if !book.families().any(|(_, mut fonts)| fonts.any(reads)) {
        return Err(PdfError::NoFont);
    }
    let store = Arc::new(store);
    *found = Some(Arc::clone(&store));
    Ok(store)
}

/// The paper as the layout reads it.
fn value(paper: &Paper, form: &Form) -> Value {
    json!({
        "lang": paper.locale.pick("zh", "en"),
        "region": paper.locale.pick("cn", "us"),
        "title": html::title(paper),
        "latin": form.latin_font,
        "fonts": {
            "title": families(&form.title_font, &SERIF),
            "heading": families(&form.heading_font, &SANS),
            "text": families(&form.text_font, &SERIF),
            "quote": families(&form.quote_font, &SERIF),
            "page": families(&form.page_font, &SERIF),
        },
        "page": page(Page::of(paper.density)),
        "blocks": paper.blocks.iter().filter_map(|block| one(paper, block)).collect::<Vec<_>>(),
    })
}

/// Its lengths in points.
fn page(page: Page) -> Value {
    let (points, size) = (|length: u32| f64::from(length) / 20.0, |half: u32| f64::from(half) / 2.0);
    json!({
        "top": points(page.top), "bottom": points(page.bottom), "below_text": points(page.bottom - page.footer) - 14.0,
        "size": size(page.text), "lead": points(page.line) - size(page.text),
        "title": size(page.title.0), "title_lead": points(page.title.1) - size(page.title.0),
        "above_title": points(page.above_title), "below_title": points(page.title.2),
        "head_least": size(page.head.0), "head_most": size(page.head.1),
        "caption": size(page.caption.0), "above_drawing": points(page.above_drawing), "below": points(page.below),
        "above_signs": points(page.signs.0), "quote_in": page.quote_in,
    })
}

/// A font, what a machine may call it instead, and what stands in for it.
fn families<'a>(name: &'a str, instead: &[&'a str]) -> Vec<&'a str> {
    let mut names = vec![name];
    names.extend(docx::other_name(name));
    names.extend_from_slice(match name {
        "仿宋_GB2312" => &["FangSong_GB2312", "FangSong", "STFangsong"],
        "楷体_GB2312" => &["KaiTi_GB2312", "KaiTi", "STKaiti"],
        "方正小标宋简体" => &["FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05"],
        _ => &[],
    });
    names.extend_from_slice(instead);
    names
}

fn one(paper: &Paper, block: &Block) -> Option<Value> {
    let cells = |cells: &[Words]| cells.iter().map(|cell| words(cell)).collect::<Vec<_>>();
    Some(match block {
        Block::Head(head) => json!({ "kind": "head", "words": words(head) }),
        Block::Title(title) => json!({ "kind": "title", "words": words(title) }),
        Block::Line(line) => json!({ "kind": "line", "cells": cells(line) }),
        Block::Heading(heading) => json!({ "kind": "heading", "words": words(heading) }),
        Block::Lead(heading, text) => {
            json!({ "kind": "lead", "heading": words(heading), "lead": LEAD, "words": words(text) })
        }
        Block::Text(text) => json!({ "kind": "text", "words": words(text) }),
        Block::Quote(quote) => json!({ "kind": "quote", "words": words(quote) }),
        Block::Item(item) => json!({ "kind": "item", "words": words(item) }),
        Block::Table { head, rows } => {
            let rows: Vec<_> = rows.iter().map(|row| cells(row)).collect();
            json!({ "kind": "table", "head": cells(head), "rows": rows })
        }
        Block::Form(fields) => {
            let fields: Vec<_> = fields.iter().map(|(name, value)| [words(name), words(value)]).collect();
            json!({ "kind": "form", "fields": fields })
        }
        Block::Drawing(name) => {
            let chart = paper.drawing(name)?;
            let caption = words(&super::caption(chart, paper.locale));
            json!({ "kind": "drawing", "svg": chart.svg_with_paths(), "alt": chart.in_words(), "caption": caption })
        }
        Block::Signs(signs) => json!({ "kind": "signs", "cells": cells(signs) }),
    })
}

fn words(words: &[super::Span]) -> Value {
    words.iter().map(|span| json!({ "text": span.text, "bold": span.bold })).collect()
}
