//! Workbooks from the console: the register of a span, the monthly report; to whom which cases are given.

use std::io::Cursor;

use calamine::{Data, Range, Reader as _, Xlsx};
use yuqing::{config::Login, console::access::Role};

use super::{
    Stage,
    rows::{Outside, UNIT},
};

const OTHER: &str = "别的单位";

async fn taken(stage: &Stage, path: &str, session: &str) -> (String, Vec<u8>) {
    let request = stage.client.get(format!("{}{path}", stage.base)).header("cookie", session);
    let mut answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    (name, bytes)
}

fn sheet(bytes: &[u8], name: &str) -> Range<Data> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    book.worksheet_range(name).unwrap()
}

#[tokio::test]
async fn workbooks_hold_what_somebody_sees_and_no_more() {
    let stage = Stage::with(&Outside::default()).await;
    stage.change(|settings| {
        settings.login = Login::Accounts;
        settings.units = vec![UNIT.into(), OTHER.into()];
    });
    // The first is an administrator.
    stage.person("系统管理员", Role::Administrator, &[]).await;
    let own = stage.person("自己的值班员", Role::Duty, &[UNIT]).await;
    let stranger = stage.person("外面的办公室", Role::Office, &[OTHER]).await;
    let register = "/papers/register.xlsx";
    let (name, bytes) = taken(&stage, register, &own).await;
    assert!(name.contains("register-20261121.xlsx") && name.contains("%E5%8F%B0%E8%B4%A6"), "{name}");
    let rows = sheet(&bytes, "台账");
    assert_eq!((rows.height(), rows.get_value((0, 0))), (3, Some(&Data::String("编号".into()))));
    assert_eq!(rows.get_value((1, 2)), Some(&Data::String(UNIT.into())));
    let (name, bytes) = taken(&stage, "/papers.xlsx?kind=monthly&month=2026-11", &own).await;
    assert!(name.contains("monthly.xlsx"), "{name}");
    assert_eq!(sheet(&bytes, "事件").height(), 3);
    let asked =
        "?from=2026-11-01&to=2026-11-21&unit=%E9%9D%92%E7%A6%BE%E5%8E%BF%E4%BA%BA%E6%B0%91%E5%8C%BB%E9%99%A2";
    assert_eq!(sheet(&taken(&stage, &format!("{register}{asked}"), &own).await.1, "台账").height(), 3);
    for query in ["", asked] {
        let (_, bytes) = taken(&stage, &format!("{register}{query}"), &stranger).await;
        let rows = sheet(&bytes, "台账");
        assert_eq!(rows.get_value((1, 0)), Some(&Data::String("无：这段时间没有舆情".into())), "{query}");
        assert_eq!(rows.height(), 2);
        let (_, bytes) = taken(&stage, &format!("/papers.xlsx{query}"), &stranger).await;
        assert_eq!(sheet(&bytes, "事件").height(), 2, "{query}");
        let title = sheet(&bytes, "总体").get_value((0, 0)).unwrap().to_string();
        assert!(title.contains(OTHER) && title.ends_with("舆情零报告"), "{title}");
    }
    let (_, bytes) = taken(&stage, &format!("{register}?to=2026-11-20"), &own).await;
    assert_eq!(sheet(&bytes, "台账").height(), 2);
    for (path, words) in [
        ("/papers/register.xlsx?from=x", "日期写成 2026-11-21"),
        ("/papers/register.xlsx?from=2026-11-02&to=2026-11-01", "开始日期晚于结束日期"),
        ("/papers.xlsx?kind=brief", "只有月报有 Excel 文件"),
        ("/papers?month=2026-13", "月份写成 2026-11"),
        ("/papers.docx?kind=circular&month=November", "月份写成 2026-11"),
        ("/papers?kind=brief&day=2026-02-30", "日期写成 2026-11-21"),
        ("/papers?kind=digest&days=32", "天数写 1 到 31"),
    ] {
        let (status, page) = stage.get_as(path, &own).await;
        assert!(status == 422 && page.contains(words), "{path}: {status} {page}");
    }
    // PDF where it was built in; otherwise the way to one.
    for (path, page) in [
        ("/papers.pdf?kind=monthly&month=2026-11", "/papers?month=2026-11"),
        ("/incidents/1/paper.pdf?kind=special", "/incidents/1/print"),
    ] {
        let (_, page) = stage.get_as(page, &own).await;
        let offered = page.contains(".pdf?kind=");
        if yuqing::report::paper::file::HAS_PDF {
            let (name, bytes) = taken(&stage, path, &own).await;
            assert!(name.contains("paper.pdf") && bytes.starts_with(b"%PDF-1.") && offered, "{path}: {name}");
        } else {
            let (status, answer) = stage.get_as(path, &own).await;
            assert!(status == 422 && answer.contains("这个程序没有带 PDF") && !offered, "{path}: {answer}");
        }
    }
    let (_, page) = stage.get_as("/papers?month=2026-11", &own).await;
    assert!(page.contains("action=\"/papers/register.xlsx\"") && page.contains("/papers.xlsx?"), "{page}");
    let (_, page) = stage.get_as("/reports?month=2026-11", &own).await;
    assert!(page.contains("/papers/register.xlsx?from=2026-11-01&amp;to=2026-11-30"), "{page}");
    stage.end().await;
}
