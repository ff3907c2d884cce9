//! Workbooks for tests, written part by part as the office's programs write them: shared and inline
//! texts, merged cells, hidden sheets, dates, formulas with their values.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::{ZipWriter, write::SimpleFileOptions};

/// What stands in a cell.
#[derive(Clone)]
pub enum Of {
    /// A text in the common table of texts, as Excel and WPS write it.
    Text(String),
    /// A text in the cell itself, as exporting programs write it.
    Inline(String),
    /// A number.
    Number(f64),
    /// A number shown as a date.
    Date(f64),
    /// An error value.
    Error(&'static str),
    /// A formula and the text that it came to.
    Formula(&'static str, &'static str),
}

impl From<&str> for Of {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A sheet that is being written.
pub struct Sheet {
    name: String,
    state: &'static str,
    rows: Vec<(u32, Vec<Option<Of>>)>,
    merged: Vec<&'static str>,
}

impl Sheet {
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), state: "visible", rows: Vec::new(), merged: Vec::new() }
    }

    /// Rows of texts from the first row on; an empty text is an empty cell.
    pub fn texts(name: &str, rows: &[&[&str]]) -> Self {
        let mut sheet = Self::new(name);
        for (number, row) in (1..).zip(rows) {
            let cells = row.iter().map(|text| (!text.is_empty()).then(|| Of::from(*text))).collect();
            sheet.rows.push((number, cells));
        }
        sheet
    }

    pub fn row(mut self, number: u32, cells: Vec<Option<Of>>) -> Self {
        self.rows.push((number, cells));
        self
    }

    pub fn merge(mut self, area: &'static str) -> Self {
        self.merged.push(area);
        self
    }

    pub fn state(mut self, state: &'static str) -> Self {
        self.state = state;
        self
    }

    fn xml(&self, texts: &mut Vec<String>) -> String {
        let mut out = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet \
             xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>",
        );
        for (number, cells) in &self.rows {
            write!(out, "<row r=\"{number}\">").unwrap();
            for (at, cell) in cells.iter().enumerate() {
                let place = format!("{}{number}", char::from(b'A' + u8::try_from(at).unwrap()));
                match cell {
                    // An empty cell that somebody coloured.
                    None => write!(out, "<c r=\"{place}\" s=\"0\"/>"),
                    Some(Of::Text(text)) => {
                        texts.push(text.clone());
                        write!(out, "<c r=\"{place}\" t=\"s\"><v>{}</v></c>", texts.len() - 1)
                    }
                    Some(Of::Inline(text)) => write!(
                        out,
                        "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                        escaped(text)
                    ),
                    Some(Of::Number(number)) => write!(out, "<c r=\"{place}\"><v>{number}</v></c>"),
                    Some(Of::Date(number)) => write!(out, "<c r=\"{place}\" s=\"1\"><v>{number}</v></c>"),
                    Some(Of::Error(error)) => write!(out, "<c r=\"{place}\" t=\"e\"><v>{error}</v></c>"),
                    Some(Of::Formula(formula, value)) => {
                        write!(out, "<c r=\"{place}\" t=\"str\"><f>{formula}</f><v>{value}</v></c>")
                    }
                }
                .unwrap();
            }
            out.push_str("</row>");
        }
        out.push_str("</sheetData>");
        if !self.merged.is_empty() {
            write!(out, "<mergeCells count=\"{}\">", self.merged.len()).unwrap();
            for area in &self.merged {
                write!(out, "<mergeCell ref=\"{area}\"/>").unwrap();
            }
            out.push_str("</mergeCells>");
        }
        out + "</worksheet>"
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

const STYLES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<styleSheet \
    xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><cellXfs count=\"2\">\
    <xf numFmtId=\"0\"/><xf numFmtId=\"14\" applyNumberFormat=\"1\"/></cellXfs></styleSheet>";

const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Types \
    xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>";

const RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Relationships \
    xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
    Target=\"xl/workbook.xml\"/></Relationships>";

/// The bytes of a workbook.
pub fn book(sheets: &[Sheet]) -> Vec<u8> {
    let mut texts = Vec::new();
    let parts: Vec<String> = sheets.iter().map(|sheet| sheet.xml(&mut texts)).collect();
    let (mut listed, mut related, mut shared) = (String::new(), String::new(), String::new());
    for (number, sheet) in (1..).zip(sheets) {
        let (name, state) = (&sheet.name, sheet.state);
        write!(
            listed,
            "<sheet name=\"{name}\" sheetId=\"{number}\" state=\"{state}\" r:id=\"rId{number}\"/>"
        )
        .unwrap();
        write!(
            related,
            "<Relationship Id=\"rId{number}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
             Target=\"worksheets/sheet{number}.xml\"/>"
        )
        .unwrap();
    }
    for text in &texts {
        write!(shared, "<si><t>{}</t></si>", escaped(text)).unwrap();
    }
    let n = texts.len();
    let mut files = vec![
        ("[Content_Types].xml".to_owned(), CONTENT_TYPES.to_owned()),
        ("_rels/.rels".to_owned(), RELATIONS.to_owned()),
        (
            "xl/workbook.xml".to_owned(),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                 xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>{listed}</sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels".to_owned(),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{related}</Relationships>"
            ),
        ),
        ("xl/styles.xml".to_owned(), STYLES.to_owned()),
        (
            "xl/sharedStrings.xml".to_owned(),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                 count=\"{n}\" uniqueCount=\"{n}\">{shared}</sst>"
            ),
        ),
    ];
    files.extend((1..).zip(parts).map(|(number, part)| (format!("xl/worksheets/sheet{number}.xml"), part)));
    parcel(&files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect::<Vec<_>>())
}

/// A workbook of one sheet `a` whose sheet and texts are written by hand.
pub fn raw(sheet: &str, texts: &str) -> Vec<u8> {
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let related = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let workbook = format!(
        "<workbook {main} xmlns:r=\"{related}\"><sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
    );
    let sheets = format!(
        "<Relationships><Relationship Id=\"r1\" Type=\"{related}/worksheet\" Target=\"/xl/worksheets/sheet1.xml\"/></Relationships>"
    );
    parcel(&[
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", sheets.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/sharedStrings.xml", format!("<sst {main}>{texts}</sst>").as_bytes()),
        ("xl/worksheets/sheet1.xml", format!("<worksheet {main}>{sheet}</worksheet>").as_bytes()),
    ])
}

/// A parcel (ZIP) of files.
pub fn parcel(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
