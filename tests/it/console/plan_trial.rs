//! 演练推算: who would be told what and when, by the plan in force or by a text that is not saved; nothing is sent or
//! kept.

use scraper::{Html, Selector};
use yuqing::config::edit::id_of;

use super::keywords_edit::{Editing, Page, UNIT};

/// The timeline as a person reads it: a line each, cells with ` | ` between.
fn told(page: &str) -> String {
    let html = Html::parse_document(page);
    let (row, cell) = (Selector::parse(".timeline tbody tr").unwrap(), Selector::parse("td").unwrap());
    let line = |row: scraper::ElementRef<'_>| {
        let cells = row
            .select(&cell)
            .map(|cell| cell.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" "));
        cells.collect::<Vec<_>>().join(" | ").trim_end_matches([' ', '|']).to_owned()
    };
    html.select(&row).map(line).collect::<Vec<_>>().join("\n")
}

fn question<'q>(views: &'q str, at: &'q str) -> Vec<(&'q str, &'q str)> {
    vec![
        ("do", "play"),
        ("unit", UNIT),
        ("at", at),
        ("views", views),
        ("reposts", "0"),
        ("comments", "0"),
        ("sites", "3"),
        ("hours", "2"),
    ]
}

#[tokio::test]
async fn twelve_thousand_views_on_a_sunday_at_three() {
    let editing = Editing::new().await;
    let (status, page) = editing.stage.get("/plan/trial").await;
    assert!(status == 200 && page.contains("value=\"12000\"") && page.contains("T03:00"), "{page}");
    let (status, page) = editing.stage.post("/plan/trial", &question("12,000", "2026-11-22T03:00")).await;
    assert_eq!(status, 200, "{page}");
    insta::assert_snapshot!(told(&page));
    // Nothing is kept, nothing went to the desk.
    assert!(editing.stage.acts().is_empty());
    assert_eq!(
        editing.stage.store.notices(1_000).await.unwrap().len(),
        super::Stage::busy().await.store.notices(1_000).await.unwrap().len()
    );
    editing.stage.end().await;
}

#[tokio::test]
async fn figures_kind_and_keyword_decide() {
    let editing = Editing::new().await;
    let ask = async |more: &[(&'static str, &'static str)], views: &str| {
        let mut form = question(views, "2026-11-23T10:00");
        form.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        form.extend(more);
        let (status, page) = editing.stage.post("/plan/trial", &form).await;
        assert_eq!(status, 200, "{page}");
        told(&page)
    };
    assert!(ask(&[], "999").await.starts_with("11-23 周一 10:00 | ◆ 定为一般"));
    assert!(ask(&[], "1,001").await.contains("定为较大"));
    assert!(ask(&[("reposts", "301")], "0").await.contains("定为重大"));
    assert!(ask(&[("tier", "critical")], "0").await.contains("定为特别重大"));
    assert!(ask(&[("kind", "hostile")], "10001").await.contains("定为重大"));
    assert!(ask(&[("hours", "8")], "999").await.contains("舆情动态"), "the digest of that afternoon");
    // A week of reminders is cut, not endless.
    let long = ask(&[("hours", "168")], "60000").await;
    assert_eq!(long.lines().count(), 400);
    editing.stage.end().await;
}

#[tokio::test]
async fn a_wrong_question_is_told_by_field() {
    let editing = Editing::new().await;
    for (field, value, words) in [
        ("views", "很多", "浏览：“很多”不是"),
        ("sites", "99", "站点数：“99”不是 0 到 50 之间"),
        ("hours", "1000", "推算多久：“1000”不是"),
        ("at", "周日凌晨", "时间：看不懂"),
        ("at", "9999-12-31T23:59", "时间：看不懂，或离现在太远"),
        ("unit", "别的单位", "单位：没有选"),
    ] {
        let mut form = question("12000", "2026-11-22T03:00");
        form.retain(|(name, _)| *name != field);
        form.push((field, value));
        let (status, page) = editing.stage.post("/plan/trial", &form).await;
        assert!(status == 422 && page.contains(words), "{field}: {page}");
        assert!(field == "unit" || page.contains(&format!("value=\"{value}\"")), "{field}: {page}");
    }
    editing.stage.end().await;
}

#[tokio::test]
async fn a_plan_is_tried_before_it_is_saved() {
    let editing = Editing::new().await;
    let id = id_of("plans/work-safety.toml");
    let (_, page) = editing.stage.get(&format!("/files/{id}")).await;
    let page = Page::of(&page);
    let text = page.text.replace("views_over = 10000", "views_over = 20000");
    let from_editor = [("do", "draft"), ("file", id.as_str()), ("base", &page.base), ("text", &text)];
    let (status, shown) = editing.stage.post("/plan/trial", &from_editor).await;
    assert!(status == 200 && shown.contains("还没有保存的") && shown.contains("回去接着编辑"), "{shown}");
    let mut form = question("12000", "2026-11-22T03:00");
    form.extend([("file", id.as_str()), ("base", &page.base), ("text", &text)]);
    let (_, shown) = editing.stage.post("/plan/trial", &form).await;
    assert!(told(&shown).contains("定为较大"), "{}", told(&shown));
    let (_, shown) = editing.stage.post("/plan/trial", &question("12000", "2026-11-22T03:00")).await;
    assert!(told(&shown).contains("定为重大"), "what is in force stays");
    let wrong = text.replace("telling = \"立即\"", "telling = \"马上\"");
    form.retain(|(name, _)| *name != "text");
    form.push(("text", &wrong));
    let (status, shown) = editing.stage.post("/plan/trial", &form).await;
    assert!(status == 422 && shown.contains("还有错误") && shown.contains("马上"), "{shown}");
    editing.stage.end().await;
}
