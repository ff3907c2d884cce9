//! The styles of a document, its fonts and its list: what the office sees in Word's own gallery, and may change there.

use std::fmt::Write as _;

use super::{
    Form,
    measure::Page,
    runs::{Face, Pen},
};
use crate::report::xml::escaped;

/// The name space of words.
pub(super) const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";

/// A style of paragraphs: its id, its name in Word, its properties, the face of its words.
struct Style {
    id: &'static str,
    name: &'static str,
    properties: String,
    face: Face,
    more: &'static str,
}

fn all(page: &Page) -> Vec<Style> {
    let exact = |line: u32| format!("<w:spacing w:line=\"{line}\" w:lineRule=\"exact\"/>");
    let (line, one) = (page.line, page.character());
    let two = 2 * one;
    let first = format!("<w:ind w:firstLineChars=\"200\" w:firstLine=\"{two}\"/>");
    let alone = "<w:snapToGrid w:val=\"0\"/>";
    let style = |id, name, face, properties: String| Style { id, name, properties, face, more: "" };
    vec![
        style("RedHead", "Red Head", Face::Head(72), format!("<w:keepNext/>{alone}<w:jc w:val=\"center\"/>")),
        Style {
            more: "<w:qFormat/>",
            ..style(
                "Title",
                "Title",
                Face::Title,
                format!(
                    "<w:keepNext/>{alone}<w:spacing w:after=\"{}\" w:line=\"{}\" w:lineRule=\"exact\"/><w:jc w:val=\"center\"/>",
                    page.title.2, page.title.1
                ),
            )
        },
        Style {
            more: "<w:qFormat/>",
            ..style(
                "Heading1",
                "heading 1",
                Face::Heading,
                format!("<w:keepNext/><w:keepLines/>{}{first}<w:outlineLvl w:val=\"0\"/>", exact(line)),
            )
        },
        style("BodyText", "Body Text", Face::Text, format!("{}{first}", exact(line))),
        style(
            "Quote",
            "Quote",
            Face::Quote,
            format!(
                "{}<w:ind w:leftChars=\"{}\" w:left=\"{}\" w:firstLineChars=\"200\" w:firstLine=\"{two}\"/>",
                exact(line),
                page.quote_in * 100,
                page.quote_in * one
            ),
        ),
        style(
            "ListBullet",
            "List Bullet",
            Face::Text,
            format!(
                "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr>{}<w:ind w:left=\"{}\" w:hanging=\"{one}\"/>",
                exact(line),
                3 * one
            ),
        ),
        style("TableText", "Table Text", Face::Cell(28), format!("{alone}<w:jc w:val=\"left\"/>")),
        style(
            "TableHead",
            "Table Head",
            Face::Name(28),
            format!("<w:keepNext/>{alone}<w:jc w:val=\"center\"/>"),
        ),
        style("FieldName", "Field Name", Face::Name(28), format!("{alone}<w:jc w:val=\"center\"/>")),
        // A line of exact height would cut the picture off.
        style(
            "Picture",
            "Picture",
            Face::Text,
            format!(
                "<w:keepNext/>{alone}<w:spacing w:before=\"{}\" w:line=\"240\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/>",
                page.above_drawing
            ),
        ),
        style(
            "Caption",
            "caption",
            Face::Caption,
            format!(
                "{alone}<w:spacing w:after=\"{}\" w:line=\"{}\" w:lineRule=\"exact\"/><w:jc w:val=\"center\"/>",
                page.caption.2, page.caption.1
            ),
        ),
        style("Room", "Room", Face::Cell(2), alone.to_owned()),
        style("Footer", "footer", Face::Page, format!("{alone}{}", exact(320))),
    ]
}

/// `word/styles.xml`.
pub(super) fn styles(pen: Pen<'_>) -> String {
    let (size, line) = (pen.page.text, pen.page.line);
    // Latin words and figures are never Chinese: under Chinese rules an office program breaks a line within `2026`.
    let mut out = format!(
        "<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr>{}<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>\
         <w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\" w:bidi=\"ar-SA\"/></w:rPr></w:rPrDefault>\
         <w:pPrDefault><w:pPr/></w:pPrDefault></w:docDefaults>\n\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/>\
         <w:pPr><w:spacing w:line=\"{line}\" w:lineRule=\"exact\"/><w:jc w:val=\"both\"/></w:pPr>{}</w:style>\n\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/>\
         <w:uiPriority w:val=\"99\"/><w:semiHidden/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/></w:tblPr></w:style>\n",
        pen.fonts(Face::Text),
        pen.look(Face::Text, false)
    );
    for Style { id, name, properties, face, more } in all(&pen.page) {
        // Writing to a string cannot fail, hence the `let _`.
        let _ = writeln!(
            out,
            "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/>{more}\
             <w:pPr>{properties}</w:pPr>{}</w:style>",
            pen.look(face, false)
        );
    }
    out.push_str("</w:styles>");
    out
}

/// `word/numbering.xml`: the one list, whose items begin with a dot.
pub(super) fn numbering(form: &Form, page: &Page) -> String {
    // A full circle made small and lifted: the fonts differ widely in what they draw for a bullet.
    let font = escaped(&form.text_font);
    let one = page.character();
    format!(
        "<w:numbering {W}><w:abstractNum w:abstractNumId=\"0\"><w:multiLevelType w:val=\"singleLevel\"/>\
         <w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"bullet\"/><w:lvlText w:val=\"●\"/><w:lvlJc w:val=\"left\"/>\
         <w:pPr><w:ind w:left=\"{}\" w:hanging=\"{one}\"/></w:pPr><w:rPr><w:rFonts w:hint=\"eastAsia\" \
         w:ascii=\"{font}\" w:eastAsia=\"{font}\" w:hAnsi=\"{font}\" w:cs=\"{font}\"/><w:position w:val=\"6\"/><w:sz w:val=\"14\"/>\
         <w:szCs w:val=\"14\"/></w:rPr></w:lvl></w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>",
        3 * one
    )
}

/// What a machine that does not have a font may have instead.
pub(in super::super) fn other_name(font: &str) -> Option<&'static str> {
    match font {
        "仿宋_GB2312" => Some("仿宋"),
        "楷体_GB2312" => Some("楷体"),
        "方正小标宋简体" => Some("宋体"),
        "黑体" => Some("SimHei"),
        "宋体" => Some("SimSun"),
        _ => None,
    }
}

/// `word/fontTable.xml`: which fonts, and what may stand for one that a machine does not have. Windows has 仿宋 and 楷体
/// without the suffix of the older ones that the standard's readers expect.
pub(super) fn fonts(form: &Form) -> String {
    let mut names: Vec<&str> = Vec::new();
    let own = [
        &form.title_font,
        &form.heading_font,
        &form.text_font,
        &form.quote_font,
        &form.page_font,
        &form.latin_font,
    ];
    for name in own {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let mut out = format!("<w:fonts {W}>");
    for name in names {
        let other =
            other_name(name).map(|other| format!("<w:altName w:val=\"{other}\"/>")).unwrap_or_default();
        // 86: GB 2312.
        let set = if name.is_ascii() { "00" } else { "86" };
        // Writing to a string cannot fail, hence the `let _`.
        let _ = write!(
            out,
            "<w:font w:name=\"{}\">{other}<w:charset w:val=\"{set}\"/><w:family w:val=\"auto\"/><w:pitch w:val=\"variable\"/></w:font>",
            escaped(name)
        );
    }
    out.push_str("</w:fonts>");
    out
}
