//! Any bytes are a list or faults, as lines, as .csv, as .xlsx and as the parts of one; a list that was
//! accepted can be matched with.
#![no_main]

use std::io::{Cursor, Write as _};
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use yuqing::keyword::{Matcher, parse};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const WORKBOOK: &str = r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const SHEETS: &str = r#"<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A whole workbook around a sheet and its texts, so that what is tried is their reading.
fn workbook(sheet: &[u8], texts: &[u8]) -> Option<Vec<u8>> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let files = [
        ("_rels/.rels", RELATIONS.as_bytes()),
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", SHEETS.as_bytes()),
        ("xl/sharedStrings.xml", texts),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    for (name, bytes) in files {
        zip.start_file(name, stored).ok()?;
        zip.write_all(bytes).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let (name, file) = match kind % 4 {
        0 => ("甲.txt", bytes.to_vec()),
        1 => ("甲.csv", bytes.to_vec()),
        2 => ("甲.xlsx", [b"PK\x03\x04", bytes].concat()),
        _ => {
            let at = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            let (sheet, texts) = bytes.split_at(at);
            let Some(book) = workbook(sheet, texts) else { return };
            ("甲.xlsx", book)
        }
    };
    match parse("甲", name, &file) {
        Ok(list) => {
            let matcher = Matcher::new(vec![Arc::new(list)]);
            let text = String::from_utf8_lossy(bytes);
            let _ = (matcher.hits(&text, ""), matcher.why_not(&text), matcher.search_terms());
        }
        Err(faults) => assert!(!faults.is_empty()),
    }
});
