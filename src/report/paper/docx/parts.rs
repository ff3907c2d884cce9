//! The parts of a document and the parcel they make.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use super::{
    super::{Paper, html::title},
    DocxError, Form,
    body::Body,
    measure::{LEFT, PAGE_HEIGHT, PAGE_WIDTH, Page, RIGHT},
    runs::{Face, Pen, paragraph},
    styles::{W, fonts, numbering, styles},
};
use crate::report::xml::escaped;

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const WORDS: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";

/// Parts beside the document itself: file, id within its relations, kind of the relation, type of the content.
const BESIDE: [(&str, &str, &str, &str); 6] = [
    ("styles.xml", "rIdStyles", "styles", "styles"),
    ("settings.xml", "rIdSettings", "settings", "settings"),
    ("numbering.xml", "rIdNumbering", "numbering", "numbering"),
    ("fontTable.xml", "rIdFonts", "fontTable", "fontTable"),
    ("footer1.xml", "rIdOdd", "footer", "footer"),
    ("footer2.xml", "rIdEven", "footer", "footer"),
];

/// Puts the parts of a document together.
pub(super) fn parcel(paper: &Paper, form: &Form, body: &Body) -> Result<Vec<u8>, DocxError> {
    let page = Page::of(paper.density);
    let pen = Pen { page, form, locale: paper.locale };
    let texts = [
        ("[Content_Types].xml", content_types()),
        ("_rels/.rels", relations()),
        ("docProps/core.xml", properties(paper, form)),
        ("word/document.xml", document(body, &page)),
        ("word/_rels/document.xml.rels", document_relations(body)),
        ("word/styles.xml", styles(pen)),
        ("word/settings.xml", settings()),
        ("word/numbering.xml", numbering(form, &page)),
        ("word/fontTable.xml", fonts(form)),
        ("word/footer1.xml", footer(pen, "right")),
        ("word/footer2.xml", footer(pen, "left")),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // No clock: the same paper gives the same bytes.
    let packed = SimpleFileOptions::default()
        .last_modified_time(DateTime::default())
        .compression_method(CompressionMethod::Deflated);
    for (name, text) in &texts {
        zip.start_file(*name, packed)?;
        zip.write_all(XML.as_bytes())?;
        zip.write_all(text.as_bytes())?;
    }
    for (number, (_, picture)) in (1..).zip(&body.pictures) {
        zip.start_file(
            format!("word/media/picture{number}.png"),
            packed.compression_method(CompressionMethod::Stored),
        )?;
        zip.write_all(&picture.png)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn content_types() -> String {
    let mut out = String::from(
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/>\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>",
    );
    // Writing to a string cannot fail, hence the `let _`.
    let _ =
        write!(out, "<Override PartName=\"/word/document.xml\" ContentType=\"{WORDS}.document.main+xml\"/>");
    for (file, _, _, content) in BESIDE {
        let _ = write!(out, "<Override PartName=\"/word/{file}\" ContentType=\"{WORDS}.{content}+xml\"/>");
    }
    out.push_str("</Types>");
    out
}

fn relations() -> String {
    format!(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rIdDocument\" Type=\"{RELATION}/officeDocument\" Target=\"word/document.xml\"/>\
         <Relationship Id=\"rIdProperties\" \
         Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" \
         Target=\"docProps/core.xml\"/></Relationships>"
    )
}

fn document_relations(body: &Body) -> String {
    let mut out = String::from(
        "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
    );
    // Writing to a string cannot fail, hence the `let _`.
    for (file, id, kind, _) in BESIDE {
        let _ = write!(out, "<Relationship Id=\"{id}\" Type=\"{RELATION}/{kind}\" Target=\"{file}\"/>");
    }
    for (number, _) in (1..).zip(&body.pictures) {
        let number: usize = number;
        let _ = write!(
            out,
            "<Relationship Id=\"rIdPicture{number}\" Type=\"{RELATION}/image\" Target=\"media/picture{number}.png\"/>"
        );
    }
    out.push_str("</Relationships>");
    out
}

/// Nobody's name; a time only if one was given.
fn properties(paper: &Paper, form: &Form) -> String {
    let own = title(paper);
    let title = escaped(if own.is_empty() { &paper.name } else { &own });
    let made = form.made_at.map(|at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
    let time = |element: &str| {
        let of = |made: &String| {
            format!("<dcterms:{element} xsi:type=\"dcterms:W3CDTF\">{made}</dcterms:{element}>")
        };
        made.as_ref().map(of).unwrap_or_default()
    };
    format!(
        "<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{title}</dc:title>\
         <dc:language>{}</dc:language>{}{}</cp:coreProperties>",
        paper.locale.pick("zh-CN", "en-US"),
        time("created"),
        time("modified")
    )
}

fn document(body: &Body, page: &Page) -> String {
    let Page { top, bottom, footer, .. } = page;
    format!(
        "<w:document {W} xmlns:r=\"{RELATION}\" \
         xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
         xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
         xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\"><w:body>\n{}\
         <w:sectPr><w:footerReference w:type=\"default\" r:id=\"rIdOdd\"/><w:footerReference w:type=\"even\" r:id=\"rIdEven\"/>\
         <w:pgSz w:w=\"{PAGE_WIDTH}\" w:h=\"{PAGE_HEIGHT}\"/>\
         <w:pgMar w:top=\"{top}\" w:right=\"{RIGHT}\" w:bottom=\"{bottom}\" w:left=\"{LEFT}\" w:header=\"851\" \
         w:footer=\"{footer}\" w:gutter=\"0\"/>\
         <w:docGrid w:linePitch=\"579\"/></w:sectPr></w:body></w:document>",
        body.xml
    )
}

fn settings() -> String {
    format!(
        "<w:settings {W}><w:defaultTabStop w:val=\"640\"/><w:evenAndOddHeaders/>\
         <w:characterSpacingControl w:val=\"compressPunctuation\"/>\
         <w:compat><w:compatSetting w:name=\"compatibilityMode\" w:uri=\"http://schemas.microsoft.com/office/word\" \
         w:val=\"15\"/></w:compat></w:settings>"
    )
}

/// The number of a page, 四号, one character in from the outer edge.
fn footer(pen: Pen<'_>, side: &str) -> String {
    let look = pen.look(Face::Page, false);
    let field = |kind: &str| format!("<w:r>{look}<w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let runs = format!(
        "{}{}<w:r>{look}<w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r>{}{}{}{}",
        pen.run("— ", Face::Page, false),
        field("begin"),
        field("separate"),
        pen.run("1", Face::Page, false),
        field("end"),
        pen.run(" —", Face::Page, false),
    );
    let place = format!("<w:ind w:{side}Chars=\"100\" w:{side}=\"280\"/><w:jc w:val=\"{side}\"/>");
    format!("<w:ftr {W}>{}</w:ftr>", paragraph("Footer", &place, &runs))
}
