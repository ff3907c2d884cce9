//! Papers as a person sees them: LibreOffice opens each document, lays it out and makes pages of it; the pages are written
//! to target/papers/ to be looked at. The fonts of the standard are not here; the layout is what counts.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use yuqing::report::paper::{Paper, markup::escaped};

use super::samples::{document, english, monthly, paper, registration, special, wide};

const MISSING: &str = "this test needs LibreOffice and poppler: install Debian's packages `libreoffice-writer-nogui` and \
     `poppler-utils` (apt-get install libreoffice-writer-nogui poppler-utils fonts-noto-cjk fonts-liberation)";

pub(super) fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{MISSING}: {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Where pictures of papers lie.
pub(super) fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/papers");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Opens papers and gives the words of each one's pages.
pub fn pages(papers: &[(String, Paper)]) -> Vec<Vec<String>> {
    let (home, folder) = (tempfile::tempdir().unwrap(), folder());
    let mut office = Command::new("soffice");
    office
        .env("HOME", home.path())
        .arg(format!("-env:UserInstallation=file://{}/profile", home.path().display()))
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(home.path());
    for (name, paper) in papers {
        let file = folder.join(format!("{name}.docx"));
        std::fs::write(&file, document(paper)).unwrap();
        office.arg(file);
    }
    run(&mut office);
    let of = |(name, _): &(String, Paper)| {
        let pdf = home.path().join(format!("{name}.pdf"));
        assert!(pdf.exists(), "{name} was not opened");
        let output = run(Command::new("pdftotext").args(["-layout", "-enc", "UTF-8"]).arg(&pdf).arg("-"));
        let text = String::from_utf8(output.stdout).unwrap();
        for old in std::fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let of_this = old.file_name().to_string_lossy().starts_with(&format!("{name}-"));
            if of_this {
                std::fs::remove_file(old.path()).unwrap();
            }
        }
        run(Command::new("pdftoppm").args(["-r", "100", "-png", "-l", "6"]).arg(&pdf).arg(folder.join(name)));
        text.trim_end_matches('\u{c}').split('\u{c}').map(str::to_owned).collect()
    };
    papers.iter().map(of).collect()
}

/// Without what a layout puts between words.
pub fn close(page: &str) -> String {
    page.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn papers_open_in_an_office_program() {
    let hostile =
        ["</w:t></w:r></w:p>", "甲\u{0}乙\u{1}丙", "左\u{202e}右", &"长".repeat(3_000), &"x".repeat(3_000)]
            .map(|text| {
                let safe = escaped(text);
                format!("# {safe}\n{safe}\n| {safe} | 二 |\n| {safe} | 2 |\n\n: {safe} | {safe}\n")
            })
            .concat();
    let full = format!("# 满页\n{}第二十段。\n~ 签发：", "一段。\n".repeat(19));
    let papers = [
        ("special", special()),
        ("registration", registration()),
        ("monthly", monthly(60)),
        ("wide", wide()),
        ("english", english()),
        ("full", paper("满页", &full)),
        ("hostile", paper("x", &format!("{hostile}\n最后一句。"))),
    ]
    .map(|(name, paper)| (name.to_owned(), paper));
    let pages = pages(&papers);
    let [special, registration, monthly, wide, english, full, hostile] = &pages[..] else {
        panic!("{}", pages.len())
    };

    let first = close(&special[0]);
    for words in [
        "青禾县人民医院舆情专报",
        "第12期",
        "关于网民反映收费窗口排队三小时、自助机全部停用的情况",
        "一、基本情况",
        "24小时浏览52,310，转发612",
        "—1—",
    ] {
        assert!(first.contains(words), "{words} is not on page 1: {first}");
    }
    let whole = close(&special.concat());
    for words in ["24小时浏览52,310；红线：特别重大50,000", "本地博主转发", "发帖人身份未知", "签发："]
    {
        assert!(whole.contains(words), "{words} is missing: {whole}");
    }
    assert_eq!(special.len(), 3);
    assert!(close(&special[1]).contains("—2—"));

    assert_eq!(registration.len(), 1, "a form stands on one page: {registration:#?}");
    assert!(close(&registration[0]).contains("领导批示"));

    assert_eq!(monthly.len(), 8, "{monthly:#?}");
    for (number, page) in (1..).zip(monthly) {
        let page = close(page);
        assert!(page.contains("首发时间") || !page.contains("较大"), "page {number} has no head: {page}");
        assert!(page.contains(&format!("—{number}—")), "page {number} has no number");
    }

    let all = close(&wide.concat());
    assert!(all.contains("13572") && all.contains("12月"), "no figure of twelve columns is broken: {all}");
    let first = english[0].split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(first.contains("No. 12 Hospital office 21 November 2026"), "{first}");

    // Its lines fill one page; the last one goes with the places to sign.
    let signed = close(full.last().unwrap());
    assert_eq!(full.len(), 2, "{full:#?}");
    assert!(signed.contains("签发：") && signed.contains("第二十段。"), "a signature alone: {signed}");

    assert!(close(&hostile.concat()).contains("</w:t></w:r></w:p>"));
    assert!(close(hostile.last().unwrap()).contains("最后一句。"), "all of it is there");
}
