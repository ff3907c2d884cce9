//! Papers as PDF: every word of every paper is there, nothing of it is read as code, an archive takes the file. The pages are written
//! to target/papers/ to be looked at.

use std::process::Command;

use yuqing::{
    locale::Locale,
    model::IncidentId,
    report::paper::{
        Block, Paper, PaperKind, Span, case,
        docx::Form,
        markup::{Words, escaped},
        pdf::pdf,
        texts::Texts,
    },
};

use super::{
    papers::{of_the_day, when},
    rendered::{close, folder, run},
    samples::{english, monthly, paper, registration, special, wide},
};
use crate::console::rows::now;

fn form() -> Form {
    Form { made_at: Some(now()), ..Form::default() }
}

/// The words of each page without its number, cell by cell.
fn pages(name: &str, paper: &Paper) -> (Vec<u8>, Vec<String>) {
    let bytes = pdf(paper, &form()).unwrap_or_else(|error| panic!("{name}: {error}"));
    let file = folder().join(format!("pdf-{name}.pdf"));
    std::fs::write(&file, &bytes).unwrap();
    run(Command::new("pdftoppm")
        .args(["-r", "100", "-png", "-l", "4"])
        .arg(&file)
        .arg(file.with_extension("")));
    let output = run(Command::new("pdftotext").args(["-raw", "-enc", "UTF-8"]).arg(&file).arg("-"));
    let text = String::from_utf8(output.stdout).unwrap();
    let pages = text.trim_end_matches('\u{c}').split('\u{c}');
    let page = |(number, page): (usize, &str)| {
        let (page, foot) = (close(page), format!("—{number}—"));
        assert!(page.ends_with(&foot), "{name}: page {number} has no number: {page}");
        page.trim_end_matches(&foot).to_owned()
    };
    (bytes, (1..).zip(pages).map(page).collect())
}

fn joined(words: &Words) -> String {
    close(&words.iter().map(|span: &Span| span.text.as_str()).collect::<String>())
}

/// Every piece of words that a paper has.
fn pieces(paper: &Paper) -> Vec<String> {
    let of = |block: &Block| match block {
        Block::Head(words)
        | Block::Title(words)
        | Block::Heading(words)
        | Block::Text(words)
        | Block::Quote(words)
        | Block::Item(words) => vec![joined(words)],
        Block::Lead(heading, words) => vec![joined(heading), joined(words)],
        Block::Line(cells) | Block::Signs(cells) => cells.iter().map(joined).collect(),
        Block::Table { head, rows } => rows.iter().chain([head]).flatten().map(joined).collect(),
        Block::Form(fields) => {
            fields.iter().flat_map(|(name, value)| [joined(name), joined(value)]).collect()
        }
        Block::Drawing(name) => paper.drawing(name).map(|chart| close(&chart.last)).into_iter().collect(),
    };
    paper.blocks.iter().flat_map(of).collect()
}

fn holds_every_word(name: &str, paper: &Paper) -> Vec<String> {
    let (bytes, pages) = pages(name, paper);
    assert!(bytes.starts_with(b"%PDF-1."), "{name}");
    let archived = bytes.windows(18).any(|part| part == b"<pdfaid:part>2</pd");
    assert!(archived, "{name} is PDF/A-2");
    let whole = pages.concat();
    for piece in pieces(paper) {
        assert!(whole.contains(&piece), "{name}: {piece} is missing: {whole}");
    }
    pages
}

#[tokio::test]
async fn every_paper_comes_as_pdf_with_every_word() {
    let store = of_the_day().await;
    let view = store.incident(IncidentId(1)).await.unwrap().unwrap();
    for kind in PaperKind::OF_CASE {
        let (paper, _) = case::paper(&view, &case::Order::of(kind), &Texts::shipped(), &when(now()));
        holds_every_word(kind.id(), &paper);
    }
    assert_eq!(
        holds_every_word("sample-registration", &registration()).len(),
        1,
        "a form stands on one page"
    );
    let monthly = holds_every_word("sample-monthly", &monthly(60));
    assert!(monthly.len() > 1);
    for page in &monthly {
        assert!(page.contains("首发时间") || !page.contains("较大"), "the head is repeated: {page}");
    }
    holds_every_word("sample-special", &special());
    holds_every_word("sample-wide", &wide());
    let english = english();
    assert_eq!(english.locale, Locale::En);
    holds_every_word("sample-english", &english);
    let once = pdf(&english, &form()).unwrap();
    assert_eq!(once, pdf(&english, &form()).unwrap(), "the same paper is the same file");
}

/// What somebody writes on the web is words, whatever a typesetter would read in it.
#[test]
fn words_from_outside_are_never_code() {
    let hostile = [
        "#panic(\"x\")",
        "#read(\"/etc/passwd\")",
        "#image(\"/etc/passwd\")",
        "#sys.inputs",
        "*粗* _斜_ `代码` $x^2$ <标> @引 // 注释 /* 注释 */",
        "\"; panic() //",
        "\\u{41} \\\" \\",
        "左\u{202e}右",
        "</w:t> {{ 7*7 }}",
    ];
    let text = hostile.map(|words| {
        let safe = escaped(words);
        format!("# {safe}\n= {safe} | {safe}\n{safe}\n> {safe}\n- {safe}\n| {safe} | 二 |\n| {safe} | 2 |\n\n: {safe} | {safe}\n\n")
    });
    let whole = holds_every_word("hostile", &paper("x", &format!("{}最后一句。", text.concat()))).concat();
    for words in hostile.iter().filter(|words| !words.contains('\u{202e}')) {
        assert!(whole.matches(&close(words)).count() >= 9, "{words}: {whole}");
    }
    // Very long words, and words without a place to break, still leave all that comes after them.
    let long = format!("# {}\n{}\n最后一句。", "长".repeat(3_000), "x".repeat(3_000));
    let (_, pages) = pages("long", &paper("x", &long));
    assert!(pages.last().unwrap().ends_with("最后一句。"));
    // What no font has leaves a gap, and a file that no archive takes: better than none.
    let (bytes, pages) = self::pages("gap", &paper("x", "# 标题\n甲\u{e0ff}乙"));
    assert!(pages[0].contains("甲") && pages[0].contains("乙"));
    assert!(!bytes.windows(12).any(|part| part == b"<pdfaid:part"));
}

#[test]
fn a_machine_without_chinese_fonts_says_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let fonts = folder.path().join("fonts.conf");
    std::fs::write(&fonts, format!("<fontconfig><dir>{}</dir></fontconfig>", folder.path().display()))
        .unwrap();
    let database = folder.path().join("yuqing.db");
    drop(yuqing::store::SqliteStore::open(&database).unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_yuqing"))
        .args(["paper", "monthly", "--unit", "all", "-o", "x.pdf", "--database"])
        .arg(&database)
        .current_dir(folder.path())
        .env("FONTCONFIG_FILE", &fonts)
        .env_remove("YUQING_OFFICE")
        .env_remove("STATE_DIRECTORY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("没有中文字体") && said.contains("apt install fonts-noto-cjk"), "{said}");
    assert_eq!(output.status.code(), Some(1));
    assert!(!folder.path().join("x.pdf").exists());
}
