//! The pages that look back: audit, deliveries, reports, the system.

use yuqing::{
    console::journal::Line,
    desk::Change,
    model::{Act, DeadlineKind, DeadlineState, Entry, IncidentId, NoticeState},
    store::Growth,
};

use super::{
    Stage,
    rows::{Outside, ago, deadline, now},
};

fn act(number: i64, by: &str) -> Change {
    Change::Entry(Entry {
        incident: Some(IncidentId(12)),
        at: ago(number),
        kind: Entry::ACT.to_owned(),
        by: Some(by.to_owned()),
        from: Some("10.1.2.3".to_owned()),
        text: format!("{{\"act\":\"note\",\"incident\":12,\"by\":\"{by}\",\"text\":\"<img src=x>\"}}"),
    })
}

#[tokio::test]
async fn the_audit_shows_who_did_what_from_where() {
    let stage = Stage::busy().await;
    for number in 0..130 {
        stage
            .store
            .commit(vec![act(130 - number, if number % 2 == 0 { "王敏" } else { "李强" })])
            .await
            .unwrap();
    }
    let (status, page) = stage.get("/audit").await;
    assert_eq!(status, 200);
    assert!(page.contains("10.1.2.3") && page.contains("王敏") && page.contains("记事"), "{page}");
    assert!(!page.contains("<img src=x>") && page.contains("&lt;img"), "text is text");
    assert!(page.contains("更早的"), "a hundred a page");
    let (_, page) = stage.get("/audit?kind=act&by=%E6%9D%8E%E5%BC%BA").await;
    assert!(page.contains("李强") && !page.contains("<bdi>王敏</bdi>") && !page.contains("更早的"), "{page}");
    let (_, page) = stage.get("/audit?incident=%23999").await;
    assert!(page.contains("没有符合条件的记录"));
    let (status, page) = stage.get("/audit?from=yesterday&incident=abc").await;
    assert_eq!(status, 200);
    assert!(page.contains("日期看不懂") && page.contains("事件编号应为数字"), "{page}");
    stage.end().await;
}

#[tokio::test]
async fn the_chain_is_checked_by_a_button() {
    let stage = Stage::busy().await;
    let (status, page) = stage.post("/audit/verify", &[]).await;
    assert_eq!(status, 200);
    let report = stage.store.verify_audit().await.unwrap();
    assert!(page.contains("记录完好") && page.contains(&report.head), "{page}");
    stage.end().await;
}

#[tokio::test]
async fn deliveries_are_found_by_state_channel_and_contact() {
    let stage = Stage::busy().await;
    let rows = stage.store.notices(100).await.unwrap();
    let waits = rows.iter().filter(|row| row.notice.state == NoticeState::Pending).count();
    let (_, page) = stage.get("/notices?state=pending").await;
    assert_eq!(page.matches("<tr>").count() - 1, waits, "{page}");
    let (_, page) = stage.get("/notices?contact=%E6%9F%A5%E6%97%A0%E6%AD%A4%E4%BA%BA").await;
    assert!(page.contains("没有符合条件的通知"));
    let (status, _) = stage.get("/notices?state=%27%22%3E&channel=x&before=y").await;
    assert_eq!(status, 200);
    stage.end().await;
}

#[tokio::test]
async fn a_month_is_reported_with_what_was_late_and_why() {
    let stage = Stage::busy().await;
    let late = deadline(1, DeadlineKind::Response, 7_200, -3_600, DeadlineState::Overdue);
    stage.store.commit(vec![late]).await.unwrap();
    let (status, page) = stage.get("/reports?month=2026-11").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("公开回应") && page.contains("未完成，已超 1 小时") && page.contains("责任人"),
        "{page}"
    );
    let (_, empty) = stage.get("/reports?month=2026-09").await;
    assert!(empty.contains("这个月没有事件"));
    let (status, odd) = stage.get("/reports?month=%3Cscript%3E").await;
    assert!(status == 422 && odd.contains("月份写成 2026-11"), "{odd}");
    let (status, odd) = stage.get("/reports?unit=%3Cb%3Enobody").await;
    assert!(status == 200 && !odd.contains("<b>nobody"), "{odd}");
    let mut answer =
        stage.client.get(format!("{}/reports/export.xlsx?month=2026-11", stage.base)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    let book = calamine_of(&bytes);
    let [limits, cases, people] = &book[..] else { panic!("{book:?}") };
    assert_eq!(limits[0][0], "时限");
    assert_eq!(people[0][0], "责任人（联系人）");
    assert!(limits.iter().any(|row| row[0] == "公开回应" && row[4] == "1"), "{limits:?}");
    assert!(cases.iter().any(|row| row[0] == "1" && row[14].contains("公开回应")), "{cases:?}");
    stage.end().await;
}

/// Every sheet as rows of texts.
fn calamine_of(bytes: &[u8]) -> Vec<Vec<Vec<String>>> {
    use calamine::{Reader as _, Xlsx};
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let sheets = book.worksheets();
    let rows = |range: &calamine::Range<calamine::Data>| {
        range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
    };
    sheets.iter().map(|(_, range)| rows(range)).collect()
}

#[tokio::test]
async fn drills_count_in_no_figure() {
    let stage = Stage::empty().await;
    let mut row = super::rows::incident(3, 3, &Outside::default());
    let mut plan = (*row.plan).clone();
    plan.exercise_mark = Some("演练".to_owned());
    row.plan = plan.into();
    stage.store.commit(vec![Change::Incident(Box::new(row))]).await.unwrap();
    assert!(stage.get("/reports?month=2026-11").await.1.contains("这个月没有事件"));
    stage.change(|settings| settings.mark = Some("演示".to_owned()));
    assert!(!stage.get("/reports?month=2026-11").await.1.contains("这个月没有事件"));
    stage.end().await;
}

#[tokio::test]
async fn the_system_shows_its_growth_and_log_and_makes_a_copy() {
    let stage = Stage::busy().await;
    let days = r#"{"2026-11-11":1000000,"2026-11-21":11000000}"#;
    stage.store.set_value(Growth::KEY, days.to_owned()).await.unwrap();
    let text = "a source broke name=<b>某论坛</b>".to_owned();
    stage.machine.journal.keep(Line { at_ms: now().as_millisecond(), level: tracing::Level::WARN, text });
    let (status, page) = stage.get("/system").await;
    assert_eq!(status, 200);
    assert!(page.contains("还没有备份") && page.contains("近 30 天") && page.contains("976 KB"), "{page}");
    assert!(page.contains("警告") && page.contains("&lt;b&gt;某论坛"), "{page}");
    assert!(page.contains("还没有统计"), "{page}");
    yuqing::report::retention::count(stage.store.as_ref(), now()).await.unwrap();
    let (_, page) = stage.get("/system").await;
    assert!(page.contains("办理中的事件") && page.contains("data-label=\"30 天内清理\""), "{page}");
    let (status, _) = stage.post("/system/backup", &[]).await;
    assert_eq!(status, 303);
    let acts = stage.acted(1).await;
    let Act::Access { what, about, .. } = &acts[0] else { panic!("{acts:?}") };
    assert_eq!(what, "backed-up");
    // The copy is made beside the requests; the page says when it stands.
    let page = loop {
        let (_, page) = stage.get("/system").await;
        if !page.contains("正在备份") {
            break page;
        }
        tokio::task::yield_now().await;
    };
    assert!(page.contains("已备份并核对") && page.contains(about), "{page}");
    let copy = stage.machine.database.with_file_name("backups").join(about);
    assert!(yuqing::store::verify(&copy).unwrap().faults.is_empty());
    stage.end().await;
}
