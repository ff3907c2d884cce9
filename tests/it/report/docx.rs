//! Papers as Word documents: whole parcels, fonts that a Chinese office expects, and words that can do no harm.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Read as _},
};

use proptest::prelude::*;
use roxmltree::{Document, Node};
use yuqing::{
    locale::Locale,
    report::paper::{
        Density, Paper,
        docx::{Form, docx},
        markup::{Block, Words, escaped, parse, plain},
    },
};

use super::samples::{curves, document, monthly, paper, registration, special};

/// The parts of a document by name.
fn parts(document: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut parcel = zip::ZipArchive::new(Cursor::new(document)).expect("a parcel");
    (0..parcel.len())
        .map(|at| {
            let mut part = parcel.by_index(at).unwrap();
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).unwrap();
            (part.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

fn part(document: &[u8], name: &str) -> String {
    let bytes = parts(document).remove(name).unwrap_or_else(|| panic!("no part {name}"));
    String::from_utf8(bytes).expect("UTF-8")
}

/// What a Word file says, as XML.
pub fn body(document: &[u8]) -> String {
    part(document, "word/document.xml")
}

fn is(node: &Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn value<'a>(node: &Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.attributes().find(|attribute| attribute.name() == name).map(|attribute| attribute.value())
}

fn below<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.descendants().filter(move |node| is(node, name))
}

/// All words of a part, a line a paragraph.
fn words(xml: &str) -> String {
    let tree = Document::parse(xml).expect("XML");
    below(tree.root(), "p").map(words_of).collect::<Vec<_>>().join("\n")
}

fn words_of(paragraph: Node<'_, '_>) -> String {
    below(paragraph, "t").filter_map(|text| text.text().map(str::to_owned)).collect()
}

fn all() -> Vec<Paper> {
    vec![special(), registration(), monthly(60), paper("leer", "")]
}

#[test]
fn every_part_is_named_and_every_name_has_its_part() {
    for paper in all() {
        let parts = parts(&document(&paper));
        let text = |name: &str| String::from_utf8(parts[name].clone()).unwrap();
        for (name, bytes) in parts.iter().filter(|(name, _)| !name.ends_with(".png")) {
            let xml = std::str::from_utf8(bytes).unwrap();
            Document::parse(xml).unwrap_or_else(|error| panic!("{}: {name}: {error}", paper.name));
        }
        let types = text("[Content_Types].xml");
        let tree = Document::parse(&types).unwrap();
        let named: BTreeSet<String> = below(tree.root(), "Override")
            .map(|part| value(&part, "PartName").unwrap().trim_start_matches('/').to_owned())
            .collect();
        let endings: BTreeSet<&str> =
            below(tree.root(), "Default").filter_map(|one| value(&one, "Extension")).collect();
        for name in &named {
            assert!(parts.contains_key(name), "{}: no {name}", paper.name);
        }
        for name in parts.keys().filter(|name| *name != "[Content_Types].xml") {
            let ending = name.rsplit('.').next().unwrap();
            let known = named.contains(name) || (ending != "xml" && endings.contains(ending));
            assert!(known, "{}: {name} has no type", paper.name);
        }
        for (rels, base) in [("_rels/.rels", ""), ("word/_rels/document.xml.rels", "word/")] {
            let xml = text(rels);
            let tree = Document::parse(&xml).unwrap();
            let mut ids = BTreeSet::new();
            for one in below(tree.root(), "Relationship") {
                let target = format!("{base}{}", value(&one, "Target").unwrap());
                assert!(parts.contains_key(&target), "{}: {rels} names {target}", paper.name);
                assert!(ids.insert(value(&one, "Id").unwrap().to_owned()), "{rels}: an id twice");
            }
            if base.is_empty() {
                continue;
            }
            let xml = text("word/document.xml");
            let tree = Document::parse(&xml).unwrap();
            let used = tree.descendants().flat_map(|node| {
                let relation = |name: &&str| matches!(*name, "id" | "embed");
                let own = node.attributes().filter(|one| one.namespace().is_some());
                own.filter_map(move |one| Some(one.name()).filter(relation).map(|_| one.value().to_owned()))
            });
            for id in used {
                assert!(ids.contains(&id), "{}: nothing is called {id}", paper.name);
            }
        }
    }
}

#[test]
fn every_run_names_its_chinese_font() {
    let document = document(&special());
    let mut fonts = BTreeSet::new();
    for name in ["word/document.xml", "word/footer1.xml", "word/footer2.xml"] {
        let xml = part(&document, name);
        let tree = Document::parse(&xml).unwrap();
        for run in below(tree.root(), "r") {
            let font = below(run, "rFonts").next().and_then(|fonts| value(&fonts, "eastAsia"));
            fonts.insert(font.unwrap_or_else(|| panic!("{name}: {:?}", run.range())).to_owned());
        }
    }
    let want = ["仿宋_GB2312", "宋体", "方正小标宋简体", "楷体_GB2312", "黑体"];
    assert_eq!(fonts.iter().map(String::as_str).collect::<Vec<_>>(), want);
    let styles = part(&document, "word/styles.xml");
    let tree = Document::parse(&styles).unwrap();
    let defaults = below(tree.root(), "docDefaults").next().unwrap();
    let default = below(defaults, "rFonts").next().unwrap();
    assert_eq!(value(&default, "eastAsia"), Some("仿宋_GB2312"));
    assert_eq!(value(&default, "ascii"), Some("Times New Roman"));
}

#[test]
fn every_style_that_is_used_is_there() {
    let mut whole = special();
    whole.blocks.extend(registration().blocks);
    let document = document(&whole);
    let styles = part(&document, "word/styles.xml");
    let tree = Document::parse(&styles).unwrap();
    let known: BTreeSet<&str> =
        below(tree.root(), "style").filter_map(|style| value(&style, "styleId")).collect();
    let body = body(&document);
    let tree = Document::parse(&body).unwrap();
    let used: BTreeSet<&str> =
        below(tree.root(), "pStyle").filter_map(|style| value(&style, "val")).collect();
    assert!(used.is_subset(&known), "{used:?} {known:?}");
    assert_eq!(used.len(), 12, "each block has a style of its own: {used:?}");
}

#[test]
fn the_page_is_that_of_the_standard() {
    let document = document(&special());
    let xml = body(&document);
    // 37, 28, 26 and 35 mm; a millimetre is 56.69 twentieths of a point.
    for length in ["w:top=\"2098\"", "w:left=\"1587\"", "w:right=\"1474\"", "w:bottom=\"1984\""] {
        assert!(xml.contains(length), "{length}");
    }
    assert!(xml.contains("<w:pgSz w:w=\"11906\" w:h=\"16838\"/>"), "A4");
    let styles = part(&document, "word/styles.xml");
    assert!(styles.contains("w:line=\"560\" w:lineRule=\"exact\""), "28 points");
    assert!(styles.contains("w:firstLineChars=\"200\""), "two characters");
    for footer in ["word/footer1.xml", "word/footer2.xml"] {
        let xml = part(&document, footer);
        assert_eq!(words(&xml), "— 1 —");
        assert!(xml.contains("> PAGE </w:instrText>"), "{xml}");
    }
}

#[test]
fn a_table_repeats_its_head_and_keeps_its_rows_whole() {
    let xml = body(&document(&monthly(60)));
    let tree = Document::parse(&xml).unwrap();
    let table = below(tree.root(), "tbl").find(|table| below(*table, "tblHeader").next().is_some()).unwrap();
    let rows: Vec<_> = below(table, "tr").collect();
    assert_eq!(rows.len(), 61);
    assert!(below(rows[0], "tblHeader").next().is_some());
    assert_eq!(below(table, "tblHeader").count(), 1);
    assert!(rows.iter().all(|row| below(*row, "cantSplit").next().is_some()));
    assert!(rows.iter().all(|row| below(*row, "tc").count() == 6));
    let widths: u32 =
        below(table, "gridCol").map(|one| value(&one, "w").unwrap().parse::<u32>().unwrap()).sum();
    assert_eq!(widths, 8_845, "as wide as the text");
}

#[test]
fn tables_never_touch_and_the_last_thing_is_a_paragraph() {
    let text = "= 一 | 二\n= 三 | 四\n| a | b |\n| 1 | 2 |\n\n| c | d |\n\n: 甲 | 乙\n~ 签\n~ 字";
    let xml = body(&document(&paper("表", text)));
    let tree = Document::parse(&xml).unwrap();
    let body = below(tree.root(), "body").next().unwrap();
    let names: Vec<&str> =
        body.children().filter(Node::is_element).map(|node| node.tag_name().name()).collect();
    assert_eq!(names.iter().filter(|name| **name == "tbl").count(), 7);
    assert!(!names.windows(2).any(|two| two == ["tbl", "tbl"]), "Word makes one table of two: {names:?}");
    assert_eq!(names[names.len() - 2..], ["p", "sectPr"]);
}

#[test]
fn a_table_whose_rows_are_not_as_wide_as_its_head_is_mended() {
    let cell = |text: &str| -> Words { vec![yuqing::report::paper::Span { text: text.into(), bold: false }] };
    let block = Block::Table {
        head: vec![cell("甲"), cell("乙")],
        rows: vec![vec![cell("1")], vec![cell("1"), cell("2"), cell("3")]],
    };
    let nothing = Block::Table { head: Vec::new(), rows: Vec::new() };
    let empty = [Block::Line(Vec::new()), Block::Form(Vec::new()), Block::Signs(Vec::new()), nothing];
    let mut blocks = vec![block];
    blocks.extend(empty);
    let made = Paper { blocks, ..paper("表", "") };
    let xml = body(&document(&made));
    let tree = Document::parse(&xml).unwrap();
    for table in below(tree.root(), "tbl") {
        assert!(below(table, "tr").all(|row| below(row, "tc").count() == 2), "{xml}");
    }
    assert_eq!(below(tree.root(), "tbl").count(), 1, "what has no cell is no table");
}

#[test]
fn the_red_rule_stands_below_the_head_or_below_the_line_under_it() {
    let red = |text: &str| {
        let xml = body(&document(&paper("红头", text)));
        let head = xml.matches("<w:pBdr>").count();
        let line = xml.matches("w:sz=\"18\" w:space=\"0\" w:color=\"FF0000\"").count();
        (head, line, xml)
    };
    let (head, line, xml) = red("! 青禾县人民政府文件\n# 通知\n= 一 | 二");
    assert_eq!((head, line), (1, 0));
    assert!(xml.contains("<w:color w:val=\"FF0000\"/>"));
    let (head, line, _) = red("! 青禾县人民政府文件\n= 青政发〔2026〕12 号\n# 通知\n= 一 | 二");
    assert_eq!((head, line), (0, 1));
}

#[test]
fn places_to_sign_never_stand_alone_on_a_page() {
    for above in ["末段。", "- 末项", "| a |\n| 1 |\n| 2 |\n", ": 甲 | 乙\n: 丙 | 丁\n", "@ views"] {
        let xml = body(&document(&paper("签", &format!("正文。\n\n{above}\n~ 签发："))));
        let tree = Document::parse(&xml).unwrap();
        let paragraphs: Vec<_> = below(tree.root(), "p").collect();
        let sign = paragraphs.iter().position(|one| words_of(*one) == "签发：").unwrap();
        let kept = |one: &Node<'_, '_>| below(*one, "keepNext").next().is_some();
        // What has words, and the room between, holds on to what follows it.
        let last = paragraphs[..sign].iter().rposition(|one| !words_of(*one).is_empty()).unwrap();
        assert!(paragraphs[last..sign].iter().all(kept), "{above}: {xml}");
        assert!(!kept(&paragraphs[0]), "{above}");
    }
}

#[test]
fn an_empty_field_keeps_room_for_the_pen() {
    let xml = body(&document(&registration()));
    assert_eq!(xml.matches("<w:trHeight w:val=\"1134\" w:hRule=\"atLeast\"/>").count(), 4, "20 mm");
    assert_eq!(xml.matches("<w:trHeight w:val=\"624\" w:hRule=\"atLeast\"/>").count(), 4);
}

#[test]
fn a_curve_is_a_picture_with_its_last_value_and_the_names_of_its_limits() {
    let document = document(&special());
    let parts = parts(&document);
    let picture = &parts["word/media/picture1.png"];
    assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n"));
    assert!(parts.contains_key("word/media/picture2.png"));
    let said = words(&body(&document));
    assert!(said.contains("24 小时浏览 52,310；红线：特别重大 50,000；重大 10,000；较大 1,000"), "{said}");
    let xml = body(&document);
    assert!(xml.contains("descr=\"24 小时浏览 52,310, "), "said to those who do not see it");
    let unknown = paper("无", "@ nichts");
    assert!(!body(&super::samples::document(&unknown)).contains("w:drawing"));
}

#[test]
fn a_curve_drawn_twice_is_one_picture() {
    let document = document(&paper("两次", "@ views\n\n@ reposts\n\n@ views"));
    assert_eq!(parts(&document).keys().filter(|name| name.ends_with(".png")).count(), 2);
    let xml = body(&document);
    let tree = Document::parse(&xml).unwrap();
    let ids: BTreeSet<&str> = below(tree.root(), "docPr").filter_map(|one| value(&one, "id")).collect();
    assert_eq!(ids.len(), 3, "each has a number of its own");
}

#[test]
fn a_picture_has_the_same_lines_as_the_page_and_no_letters() {
    for (_, curve) in curves(Locale::ZhCn) {
        let (letters, strokes) = (curve.svg(), curve.svg_with_paths());
        assert!(!strokes.contains("<text"), "{strokes}");
        assert!(strokes.contains(&curve.line) && letters.contains(&curve.line));
        assert_eq!(letters.matches("<line ").count(), strokes.matches("<line ").count());
        let shown = |svg: &str, what: &str| svg.matches(what).count();
        // The numbers of changes of the tier are explained beside a page's drawing only.
        let labels = shown(&letters, "<text") - shown(&letters, "<text class=\"change\"");
        assert_eq!(labels, shown(&strokes, "<g fill=\"none\""), "every label is drawn");
        let picture = curve.png().unwrap();
        assert_eq!((picture.width, picture.height), (2_000, 632));
    }
}

#[test]
fn the_same_paper_is_the_same_file() {
    for paper in all() {
        assert!(document(&paper) == document(&paper), "{}", paper.name);
    }
    let paper = special();
    let made_at = Some("2026-11-21T06:05:00.25Z".parse().unwrap());
    let dated = docx(&paper, &Form { made_at, ..Form::default() }).unwrap();
    let core = part(&dated, "docProps/core.xml");
    assert!(core.contains("<dcterms:created xsi:type=\"dcterms:W3CDTF\">2026-11-21T06:05:00Z<"), "{core}");
    let plain = part(&document(&paper), "docProps/core.xml");
    assert!(plain.contains("<dc:title>关于网民反映收费窗口排队三小时"), "{plain}");
    assert!(!plain.contains("dcterms:W3CDTF") && !plain.contains("creator"), "{plain}");
}

#[test]
fn an_office_names_its_own_fonts() {
    let form = Form { title_font: "我\"家<标&宋".into(), ..Form::default() };
    let document = docx(&special(), &form).unwrap();
    let xml = body(&document);
    let tree = Document::parse(&xml).unwrap();
    let used = below(tree.root(), "rFonts").any(|fonts| value(&fonts, "eastAsia") == Some("我\"家<标&宋"));
    assert!(used);
    Document::parse(&part(&document, "word/styles.xml")).unwrap();
    Document::parse(&part(&document, "word/fontTable.xml")).unwrap();
}

#[test]
fn an_english_paper_has_its_own_words() {
    let made = Paper { locale: Locale::En, drawings: curves(Locale::En), ..special() };
    let document = document(&made);
    assert!(words(&body(&document)).contains("views in 24 h 52,310; limits: "));
    assert!(part(&document, "word/styles.xml").contains("<w:lang w:val=\"en-US\""));
}

#[test]
fn hostile_words_do_no_harm() {
    let long = "长".repeat(100 * 1024 / 3);
    let hostile = [
        "</w:t></w:r></w:p><w:p><w:r><w:t>x",
        "]]><!-- &lt; &amp; &#0; <?xml?> \" '",
        "甲\u{0}乙\u{1}丙\u{8}丁\u{b}戊\u{1f}己\u{7f}庚\u{9f}辛",
        "\u{fffe}\u{ffff}\u{10ffff}\u{1fffe}",
        "左\u{202e}右\u{2066}中\u{200f}",
        "一\u{2028}二\u{2029}三\u{85}四\t五",
        "_x0000_ 😀 \u{e000} é\u{301}",
        long.as_str(),
    ];
    for text in hostile {
        let safe = escaped(text);
        let whole = format!(
            "! {safe}\n= {safe} | {safe}\n# {safe}\n## {safe}\n{safe}\n> {safe}\n- {safe}\n| {safe} | {safe} |\n\
             | {safe} | **{safe}** |\n\n: {safe} | {safe}\n@ {safe}\n~ {safe}"
        );
        let made = Paper { name: text.into(), ..paper("x", &whole) };
        let raw = Paper { name: text.into(), ..paper("x", text) };
        for paper in [made, raw] {
            for (name, bytes) in parts(&document(&paper)) {
                if !name.ends_with(".png") {
                    let xml = String::from_utf8(bytes).unwrap();
                    Document::parse(&xml).unwrap_or_else(|error| panic!("{name}: {error}"));
                    assert!(!xml.contains('\u{202e}') && !xml.contains('\u{200f}'), "{name} turns around");
                }
            }
        }
    }
    let said = words(&body(&document(&paper("x", &escaped("</w:t></w:r></w:p>")))));
    assert_eq!(said.trim(), "</w:t></w:r></w:p>");
}

#[test]
fn a_label_from_a_plan_cannot_break_a_curve() {
    let mut made = special();
    for (_, curve) in &mut made.drawings {
        for limit in &mut curve.thresholds {
            limit.label = format!("\"/><script>\u{0}\u{ffff}\u{202e} {}", limit.label);
        }
        curve.last = "<&\u{1}\">".into();
    }
    let document = document(&made);
    Document::parse(&body(&document)).unwrap();
    for (_, curve) in &made.drawings {
        Document::parse(&curve.svg()).unwrap();
    }
}

/// What of a text XML can hold: the same rule, said once more by the standard's own production.
fn holds(text: &str) -> String {
    let legal = |c: &char| {
        matches!(c, '\u{20}'..='\u{7e}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    text.chars().filter(legal).filter(|c| *c != ' ').collect()
}

/// The words of all blocks in their order.
fn said(blocks: &[Block]) -> String {
    let many = |cells: &[Words]| cells.iter().map(|cell| plain(cell)).collect::<String>();
    let one = |block: &Block| match block {
        Block::Head(words)
        | Block::Title(words)
        | Block::Heading(words)
        | Block::Text(words)
        | Block::Quote(words)
        | Block::Item(words) => plain(words),
        Block::Lead(heading, words) => plain(heading) + "\u{3000}" + &plain(words),
        Block::Line(cells) | Block::Signs(cells) => many(cells),
        Block::Table { head, rows } => many(head) + &rows.iter().map(|row| many(row)).collect::<String>(),
        Block::Form(fields) => fields.iter().map(|(name, value)| plain(name) + &plain(value)).collect(),
        Block::Drawing(_) => String::new(),
    };
    blocks.iter().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever somebody writes, the document is whole and says the same.
    #[test]
    fn any_text_is_a_document_with_its_words(
        lines in prop::collection::vec(("(|! |# |= |## |> |- |\\| |: |@ |~ )", "(?s).{0,40}"), 0..24)
    ) {
        let text: String = lines.iter().map(|(mark, words)| format!("{mark}{words}\n")).collect();
        let (blocks, _) = parse(&text);
        let made = Paper { name: "x".into(), locale: Locale::ZhCn, density: Density::Standard, blocks, drawings: Vec::new() };
        let xml = body(&document(&made));
        prop_assert!(Document::parse(&xml).is_ok(), "{}", xml);
        prop_assert_eq!(holds(&words(&xml)).replace('\n', ""), holds(&said(&made.blocks)));
    }
}
