//! axe-core, which knows the WCAG 2.1's rules that a program can try, runs in every page: on a full day of hostile texts
//! and in an empty office, on a desk and on a phone, in both languages, light and dark.

use std::path::PathBuf;

use yuqing::locale::Locale;

use super::{
    driver::{Browser, Page},
    rows::Outside,
    sheet::{LEAVES, Leaf, Sheet},
};

const DESK: (u32, u32) = (1280, 800);
const PHONE: (u32, u32) = (360, 740);
/// What stands between the levels A and AA of the rules and what their makers call good practice.
const RUN: &str = "axe.run(document, {
    resultTypes: ['violations'],
    runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }
  }).then(function (found) { return found.violations.map(function (one) {
    return { impact: one.impact, words: one.id + ': ' + one.help + one.nodes.slice(0, 3).map(function (node) {
      return '\\n      ' + node.target.join(' ') + '  ' + node.html.slice(0, 160)
        + '\\n        ' + node.failureSummary.split('\\n').slice(1).join(' '); }).join('') }; }); })";

/// The text of axe-core.
fn axe() -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let path = target.join("web/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&path).unwrap_or_else(|error| {
        panic!("axe-core is not installed ({}: {error}): run tests/web/setup first", path.display())
    })
}

/// How a page is looked at.
struct Look {
    locale: Locale,
    size: (u32, u32),
    dark: bool,
}

const LOOKS: [Look; 4] = [
    Look { locale: Locale::ZhCn, size: DESK, dark: false },
    Look { locale: Locale::ZhCn, size: PHONE, dark: true },
    Look { locale: Locale::En, size: PHONE, dark: false },
    Look { locale: Locale::En, size: DESK, dark: true },
];

/// Looks at these pages, and says what stops somebody from reading or using one.
async fn faults(sheet: &Sheet, looks: &[Look], leaves: &[&Leaf]) -> Vec<String> {
    let mut browser = sheet.browser().await;
    let source = format!("{};0", axe());
    let mut wrong = Vec::new();
    for look in looks {
        sheet.stage().change(|settings| settings.locale = look.locale);
        let page = browser.open("about:blank#", look.size, "").await;
        browser.dark(&page, look.dark).await;
        for leaf in leaves {
            sheet.show(&mut browser, &page, leaf).await;
            let at = format!(
                "{} {:?} {} wide{}",
                leaf.name,
                look.locale,
                look.size.0,
                if look.dark { " dark" } else { "" }
            );
            wrong.extend(faults_of(&mut browser, &page, &source, &at).await);
        }
    }
    wrong
}

async fn faults_of(browser: &mut Browser, page: &Page, source: &str, at: &str) -> Vec<String> {
    // What is folded away is read by nobody; unfolded it is.
    let open = "document.querySelectorAll('details').forEach(function (one) { one.open = true; }); 0";
    browser.ask(page, open).await;
    browser.ask(page, source).await;
    let found = browser.ask(page, RUN).await;
    let mut wrong = Vec::new();
    for one in found.as_array().expect("a list") {
        let impact = one["impact"].as_str().unwrap_or_default();
        let words = format!("{at}: {impact}: {}", one["words"].as_str().unwrap_or_default());
        if ["serious", "critical"].contains(&impact) {
            wrong.push(words);
        } else {
            println!("(not held) {words}");
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_on_a_full_page_keeps_anybody_from_it() {
    let evil =
        "<b onclick=x>超长标题</b>收费窗口排队三小时，自助机全部停用\"'><script>alert(1)</script>\u{202e}反";
    let sheet = Sheet::full(&Outside::all(evil)).await;
    let leaves: Vec<&Leaf> = LEAVES.iter().collect();
    let wrong = faults(&sheet, &LOOKS, &leaves).await;
    assert!(wrong.is_empty(), "{} serious faults:\n{}", wrong.len(), wrong.join("\n"));
    sheet.editing.stage.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_on_an_empty_page_keeps_anybody_from_it() {
    let sheet = Sheet::empty().await;
    let leaves: Vec<&Leaf> = LEAVES.iter().filter(|leaf| leaf.then.is_empty()).collect();
    let wrong = faults(&sheet, &LOOKS[..2], &leaves).await;
    assert!(wrong.is_empty(), "{} serious faults:\n{}", wrong.len(), wrong.join("\n"));
    sheet.editing.stage.end().await;
}
