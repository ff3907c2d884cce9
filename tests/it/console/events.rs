//! The list of incidents over HTTP: search, paging while new ones come, saved searches, several acts at once, the list as
//! csv and xlsx read back; the incident's own page, its whole post, its print; entries by hand with their screenshot.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use scraper::{Html, Selector};
use yuqing::{
    desk::Change,
    model::{Act, IncidentId, IncidentState, SiteKind},
};

use super::{
    Stage, read,
    rows::{self, Outside, ago},
};

/// Numbers of the incidents that a page lists, in its order.
fn listed(page: &str) -> Vec<u64> {
    let page = Html::parse_document(page);
    let boxes = Selector::parse("#cases tbody input[name=id]").unwrap();
    page.select(&boxes).map(|one| one.value().attr("value").unwrap().parse().unwrap()).collect()
}

/// Where a link of a page leads.
fn leads(page: &str, which: &str) -> Option<String> {
    let page = Html::parse_document(page);
    let link = page.select(&Selector::parse(which).unwrap()).next()?.value().attr("href")?.to_owned();
    Some(link)
}

fn change(id: u64, seconds_ago: i64, more: impl FnOnce(&mut yuqing::model::Incident)) -> Change {
    let outside = Outside { gist: format!("第{id}件：停车难"), ..Outside::default() };
    let mut row = rows::incident(id, 1, &outside);
    row.detected_at = ago(seconds_ago);
    more(&mut row);
    Change::Incident(Box::new(row))
}

#[tokio::test]
async fn the_list_is_searched_and_narrowed() {
    let stage = Stage::busy().await;
    let closed = change(3, 200_000, |row| row.state = IncidentState::Closed);
    stage.store.commit(vec![closed]).await.unwrap();
    let (_, page) = stage.get("/incidents").await;
    assert_eq!(listed(&page), [2, 1, 3]);
    assert!(page.contains("5.2万") && page.contains("title=\"52,310\""), "{page}");
    assert!(page.contains("11-21 周六 13:05"), "the day with its weekday: {page}");
    let cases: [(&str, &[u64]); 9] = [
        ("?q=%E6%94%B6%E8%B4%B9%E7%AA%97%E5%8F%A3", &[2, 1]),
        ("?q=%E5%81%9C%E8%BD%A6%E9%9A%BE", &[3]),
        ("?tier=critical", &[1]),
        ("?tier=%E7%89%B9%E5%88%AB%E9%87%8D%E5%A4%A7&state=open", &[1]),
        ("?state=closed", &[3]),
        ("?site=weibo&group=%E5%8C%BB%E9%99%A2&sort=gravest", &[1, 3]),
        ("?from=2026-11-20&to=2026-11-21", &[2, 1]),
        ("?to=2026-11-19", &[3]),
        ("?sort=gravest", &[1, 3, 2]),
    ];
    for (query, want) in cases {
        let (status, page) = stage.get(&format!("/incidents{query}")).await;
        assert_eq!((status, listed(&page)), (200, want.to_vec()), "{query}");
    }
    let (_, page) = stage.get("/incidents?q=%E6%B2%A1%E6%9C%89%E8%BF%99%E5%8F%A5").await;
    assert!(page.contains("没有符合条件的事件") && page.contains("查看全部"), "{page}");
    let (_, page) = stage.get("/incidents?from=%E6%98%A8%E5%A4%A9&state=none").await;
    assert!(page.contains("日期看不懂") && page.contains("没有这个状态"), "{page}");
    assert_eq!(listed(&page).len(), 3, "what cannot be read narrows nothing");
    // A condition is taken back by its own link.
    let (_, page) = stage.get("/incidents?tier=critical&state=open").await;
    assert_eq!(leads(&page, ".total a.chip").as_deref(), Some("/incidents?state=open"));
    stage.end().await;
}

#[tokio::test]
async fn pages_stay_what_they_were_while_new_ones_come() {
    let stage = Stage::empty().await;
    let rows = (1..=120).map(|id| change(id, 100_000 - i64::try_from(id).unwrap(), |_| ())).collect();
    stage.store.commit(rows).await.unwrap();
    let (_, first) = stage.get("/incidents").await;
    assert_eq!(listed(&first), (71..=120).rev().collect::<Vec<_>>());
    assert!(first.contains("<b>120</b>"), "{first}");
    assert_eq!(leads(&first, "a[rel=prev]"), None);
    let next = leads(&first, "a[rel=next]").unwrap();
    stage.store.commit(vec![change(500, 1, |_| ())]).await.unwrap();
    let (_, second) = stage.get(&next).await;
    assert_eq!(listed(&second), (21..=70).rev().collect::<Vec<_>>(), "nothing shifted");
    let (_, third) = stage.get(&leads(&second, "a[rel=next]").unwrap()).await;
    assert_eq!(listed(&third), (1..=20).rev().collect::<Vec<_>>());
    assert_eq!(leads(&third, "a[rel=next]"), None);
    let (_, back) = stage.get(&leads(&third, "a[rel=prev]").unwrap()).await;
    assert_eq!(listed(&back), listed(&second));
    let (status, page) = stage.get("/incidents?after=0.0.0").await;
    assert!(status == 200 && page.contains("这一页没有事件了"), "{page}");
    stage.end().await;
}

#[tokio::test]
async fn a_search_is_saved_for_the_office_and_deleted() {
    let stage = Stage::busy().await;
    let form = [("name", "本周重大"), ("by", "王主任"), ("query", "tier=critical&evil=1&after=0.0.0")];
    assert_eq!(stage.post("/incidents/saved", &form).await.0, 303);
    let (_, page) = stage.get("/incidents?tier=critical&done=saved").await;
    assert!(page.contains("筛选已保存") && page.contains("aria-current=\"true\""), "{page}");
    assert_eq!(leads(&page, ".saved a").as_deref(), Some("/incidents?tier=critical"));
    assert!(page.contains("title=\"王主任 "), "who saved it: {page}");
    assert_eq!(stage.post("/incidents/saved", &[("name", " "), ("by", "王")]).await.0, 422);
    assert_eq!(stage.post("/incidents/saved/delete", &[("name", "本周重大")]).await.0, 303);
    assert_eq!(leads(&stage.get("/incidents").await.1, ".saved a"), None);
    stage.end().await;
}

#[tokio::test]
async fn several_are_done_at_once_and_each_is_answered() {
    let stage = Stage::busy().await;
    let form = [
        ("id", "1"),
        ("id", "99"),
        ("id", "2"),
        ("id", "2"),
        ("id", "x"),
        ("act", "acknowledge"),
        ("contact", "值班员"),
        ("by", "张三"),
        ("query", "state=open"),
    ];
    let (status, page) = stage.post("/incidents/bulk", &form).await;
    assert_eq!(status, 200);
    assert!(page.contains("办成 2 件") && page.contains("未办成 1 件"), "{page}");
    assert!(page.contains("没有这个事件") && page.contains("排队三小时"), "{page}");
    assert_eq!(leads(&page, "p a.button").as_deref(), Some("/incidents?state=open"));
    let confirmed: Vec<u64> = stage.acts().iter().filter_map(|act| act.incident()).map(|id| id.0).collect();
    assert_eq!(confirmed, [1, 2], "each is an act of its own");
    let close = [("id", "1"), ("id", "2"), ("act", "close"), ("reason", "已平息"), ("by", "李四")];
    assert_eq!(stage.post("/incidents/bulk", &close).await.0, 200);
    let assign = [("id", "2"), ("act", "assign"), ("contact", "医务科"), ("reason", "核实"), ("by", "李四")];
    assert_eq!(stage.post("/incidents/bulk", &assign).await.0, 200);
    let acts = stage.acted(5).await;
    let (by, reason) = ("李四".to_owned(), "已平息".to_owned());
    assert_eq!(acts[3], Act::Close { incident: IncidentId(2), by: by.clone(), reason });
    let lead = "医务科".to_owned();
    let want =
        Act::Assign { incident: IncidentId(2), lead, helping: vec![], instruction: "核实".into(), by };
    assert_eq!(acts[4], want);
    for (wrong, words) in [
        (vec![("act", "close"), ("reason", "x"), ("by", "李四")], "请先勾选事件"),
        (vec![("id", "1"), ("act", "close"), ("by", "李四")], "请写理由"),
        (vec![("id", "1"), ("act", "close"), ("reason", "x")], "请写姓名"),
        (vec![("id", "1"), ("act", "fly"), ("by", "李四")], "请选择要办的事"),
        (vec![("id", "1"), ("act", "acknowledge")], "请写签收人"),
    ] {
        let (status, page) = stage.post("/incidents/bulk", &wrong).await;
        assert_eq!((status, page.contains(words)), (422, true), "{words}: {page}");
    }
    assert_eq!(stage.acts().len(), 5);
    stage.end().await;
}

impl Stage {
    async fn bytes(&self, path: &str) -> (String, Vec<u8>) {
        let mut answer = self.client.get(format!("{}{path}", self.base)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        let kind = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.unwrap() {
            body.extend_from_slice(&chunk);
        }
        (kind, body)
    }
}

#[tokio::test]
async fn the_list_comes_as_csv_that_computes_nothing() {
    let evil = "=HYPERLINK(\"http://evil.example\",\"x\")\r\n\u{202e},\"";
    let stage = Stage::with(&Outside::all(evil)).await;
    let more = (10..1_300).map(|id| change(id, 900_000, |row| row.gist = "+1".to_owned())).collect();
    stage.store.commit(more).await.unwrap();
    let (name, body) = stage.bytes("/incidents/export.csv").await;
    assert!(name.starts_with("attachment; filename=\"incidents-20261121.csv\""), "{name}");
    assert_eq!(&body[..3], [0xEF, 0xBB, 0xBF], "a table program knows the encoding");
    let mut reader = csv::Reader::from_reader(&body[3..]);
    let head: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(head[..6], ["编号", "单位", "等级", "状态", "办理阶段", "概要"]);
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 1_292, "more than one batch");
    let first = rows.iter().find(|row| &row[0] == "1").unwrap();
    assert_eq!((&first[2], &first[8], &first[9]), ("特别重大", "52310", "612"));
    assert_eq!(&first[15], "2026-11-21 13:05:00", "Beijing time");
    for row in &rows {
        for cell in row {
            assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            assert!(!cell.contains(['\r', '\n', '\u{202e}']), "{cell}");
        }
    }
    assert!(first[5].starts_with("'=HYPERLINK"), "{:?}", &first[5]);
    let (_, narrowed) = stage.bytes("/incidents/export.csv?tier=critical").await;
    assert_eq!(csv::Reader::from_reader(&narrowed[3..]).records().count(), 1);
    stage.end().await;
}

#[tokio::test]
async fn the_list_comes_as_a_workbook_with_typed_cells() {
    let evil = "=1+1";
    let stage = Stage::with(&Outside::all(evil)).await;
    let (name, body) = stage.bytes("/incidents/export.xlsx?state=open").await;
    assert!(name.contains("incidents-20261121.xlsx"), "{name}");
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(body)).unwrap();
    let sheet = book.worksheet_range("事件").unwrap();
    let cell = |row, column| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
    assert_eq!((cell(0, 0), cell(0, 8)), (Data::String("编号".into()), Data::String("24小时浏览".into())));
    assert_eq!(sheet.height(), 3);
    let row = if cell(1, 0) == Data::Float(1.0) { 1 } else { 2 };
    assert_eq!((cell(row, 0), cell(row, 2)), (Data::Float(1.0), Data::String("特别重大".into())));
    assert_eq!(cell(row, 5), Data::String(evil.into()), "a text, not a formula");
    assert_eq!(cell(row, 8), Data::Float(52_310.0));
    let Data::DateTime(detected) = cell(row, 15) else { panic!("no time: {:?}", cell(row, 15)) };
    // 2026-11-21 13:05 in Beijing.
    assert!((detected.as_f64() - 46_347.545_138).abs() < 0.000_1, "{}", detected.as_f64());
    let formulas = book.worksheet_formula("事件").unwrap();
    assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()));
    stage.end().await;
}

#[tokio::test]
async fn the_page_shows_the_case_left_and_the_acts_right() {
    let stage = Stage::busy().await;
    let told = [rows::entry(1, 300, "tier", "重大: 转发 312 > 300"), rows::entry(1, 200, "overdue", "签收")];
    stage.store.commit(told.into()).await.unwrap();
    let other = Outside { gist: "人民医院收费窗口排队很久".into(), ..Outside::default() };
    let far = Outside { gist: "县城道路积水".into(), ..Outside::default() };
    let rows = [(7, &other), (8, &far)]
        .map(|(id, outside)| Change::Incident(Box::new(rows::incident(id, 1, outside))));
    stage.store.commit(rows.into()).await.unwrap();
    let (_, page) = stage.get("/incidents/1").await;
    for want in [
        "特别重大 50,000",
        "class=\"change major\"",
        "重大: 转发 312 &gt; 300",
        "带班领导",
        "550 mailbox",
        "zh…@qinghe.example",
    ] {
        assert!(page.contains(want), "{want}: {page}");
    }
    let document = Html::parse_document(&page);
    let picks = Selector::parse(".similar input[name=other]").unwrap();
    let picks: Vec<_> = document.select(&picks).filter_map(|one| one.value().attr("value")).collect();
    assert_eq!(picks, ["7"], "what is alike is offered, what is not is not");
    // The other curves, by their links.
    for (figure, title) in [("reposts", "转发"), ("sites", "站点数")] {
        let (_, page) = stage.get(&format!("/incidents/1?chart={figure}")).await;
        assert!(page.contains(&format!("<figcaption>{title} <b>")), "{figure}: {page}");
    }
    let (_, page) = stage.get("/incidents/1?chart=comments").await;
    assert!(page.contains("没有可画的数字"), "no site shows comments: {page}");
    // All acts of the desk are there.
    let acts = ["acknowledge", "respond", "override", "kind", "merge", "split", "close", "files"];
    for act in acts {
        assert!(page.contains(&format!("action=\"/incidents/1/{act}\"")), "{act}");
    }
    for act in ["state", "assign", "hand_over", "urge", "submit", "note", "take_plan"] {
        assert!(page.contains(&format!("name=\"act\" value=\"{act}\"")), "{act}");
    }
    // Picked or typed; what was typed counts.
    let by = [("by", "李四"), ("reason", "同一件事")];
    let picked = [[("other", "7")].as_slice(), &by].concat();
    assert_eq!(stage.post("/incidents/1/merge", &picked).await.0, 303);
    let typed = [[("other", "7"), ("number", "#8")].as_slice(), &by].concat();
    assert_eq!(stage.post("/incidents/1/merge", &typed).await.0, 303);
    assert_eq!(stage.post("/incidents/1/merge", &by).await.0, 422);
    let others: Vec<u64> = stage
        .acted(2)
        .await
        .iter()
        .map(|act| match act {
            Act::Merge { other, .. } => other.0,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(others, [7, 8]);
    stage.end().await;
}

#[tokio::test]
async fn a_case_of_many_posts_is_shown_in_pages_and_each_whole() {
    let stage = Stage::busy().await;
    let long = Outside {
        text: format!("开头。\n{}\n结尾在这里。", "很长的一段。".repeat(200)),
        ..Outside::default()
    };
    let mut changes = Vec::new();
    for number in 0..230 {
        let mut row = rows::post(1, &format!("p {number}/?&"), SiteKind::Forum, &long);
        row.views = Some(yuqing::model::Count::exact(number));
        changes.push(Change::Post(Box::new(row)));
    }
    stage.store.commit(changes).await.unwrap();
    let count =
        |page: &str| Html::parse_document(page).select(&Selector::parse("ul.posts > li").unwrap()).count();
    let (_, first) = stage.get("/incidents/1").await;
    assert_eq!(count(&first), 100);
    assert!(first.contains("1 / 3"), "{first}");
    let (_, last) = stage.get("/incidents/1?posts=3").await;
    assert_eq!(count(&last), 33);
    let link = leads(&first, "ul.posts a[href*='p+229']").unwrap();
    let (status, whole) = stage.get(&link).await;
    assert!(status == 200 && whole.contains("\n结尾在这里。"), "the whole text in its lines: {whole}");
    assert_eq!(stage.get("/incidents/1/post?key=weibo%2Fnone").await.0, 404);
    assert_eq!(stage.get("/incidents/99/post?key=weibo%2Fw1").await.0, 404);
    stage.end().await;
}

#[tokio::test]
async fn the_print_reads_as_a_paper() {
    let stage = Stage::busy().await;
    let (status, page) = stage.get("/incidents/1/print").await;
    assert_eq!(status, 200);
    for want in [
        "舆情专报",
        "2026-0001",
        "2026年11月21日（星期六）14时05分",
        "一、反映内容",
        "“今天上午带老人去看病",
        "二、传播情况",
        "24 小时浏览 52,310",
        "三、尚不清楚的情况",
        "内容性质尚未由人认定",
        "四、已做工作",
        "已报告：值班员",
        "五、处置建议",
        "签收（本单位第 1 级）：截止 11-21 周六",
        "签发：",
    ] {
        assert!(page.contains(want), "{want}: {page}");
    }
    for (kind, want) in [
        ("follow-up", "数字变化"),
        ("final", "四、尚不清楚的情况"),
        ("registration", "网络舆情处置登记表"),
        ("handling", "主要领导意见"),
        ("review", "五、如果阈值不同"),
        ("nonsense", "一、反映内容"),
    ] {
        let (status, page) = stage.get(&format!("/incidents/1/print?kind={kind}")).await;
        assert!(status == 200 && page.contains(want), "{kind}: {page}");
    }
    assert_eq!(stage.get("/incidents/99/print").await.0, 404);
    stage.change(|settings| settings.locale = yuqing::locale::Locale::En);
    assert!(stage.get("/incidents/1/print").await.1.contains("What is not known"));
    stage.end().await;
}

const BOUNDARY: &str = "----form";

/// A form with fields and a file, as a browser sends it.
fn parts(fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let (name, held) = file.unwrap_or(("", b""));
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(held);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

impl Stage {
    async fn enter(&self, fields: &[(&str, &str)], file: Option<(&str, &[u8])>) -> (u16, String) {
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = self.client.post(format!("{}/incidents", self.base)).header("content-type", kind);
        read(request.body(parts(fields, file))).await
    }
}

#[tokio::test]
async fn what_came_by_telephone_is_entered_with_its_screenshot() {
    let stage = Stage::busy().await;
    stage.change(|settings| {
        settings.units = vec![rows::UNIT.to_owned()];
        settings.plans.insert(rows::UNIT.to_owned(), rows::plan());
    });
    let (_, page) = stage.get("/incidents").await;
    assert!(
        page.contains("enctype=\"multipart/form-data\"") && page.contains("<option>特别重大</option>"),
        "{page}"
    );
    // The desk of this stage takes it and keeps no row, so the incident of its post is made here.
    let mut row = rows::post(1, "e1", SiteKind::Forum, &Outside::default());
    row.post.key.site = "hand".into();
    stage.store.commit(vec![Change::Post(Box::new(row))]).await.unwrap();
    let fields = [
        ("id", "e1"),
        ("unit", rows::UNIT),
        ("gist", "来电：大厅吵架"),
        ("url", "https://a.example/1"),
        ("source", "电话"),
        ("teller", "县委宣传部"),
        ("tier", "重大"),
        ("views", "12,000"),
        ("comments", "30"),
        ("at", "2026-11-21T13:30"),
        ("by", "张三"),
        ("drill", "1"),
    ];
    assert_eq!(stage.enter(&fields, Some(("截图.png", b"png"))).await.0, 303);
    let acts = stage.acted(2).await;
    let Act::Enter { entry } = &acts[0] else { panic!("{acts:?}") };
    assert_eq!(
        (entry.source.as_str(), entry.views, entry.comments, entry.drill),
        ("电话（县委宣传部）", Some(12_000), Some(30), true)
    );
    assert_eq!(entry.happened_at, "2026-11-21T13:30:00+08:00".parse().ok());
    let Act::Attach { incident, name, sha256, .. } = &acts[1] else { panic!("{acts:?}") };
    assert_eq!((incident.0, name.as_str()), (1, "截图.png"));
    assert_eq!(stage.store.file(sha256).await.unwrap().as_deref(), Some(b"png".as_slice()));
    assert!(stage.get("/incidents/1?done=entered_file").await.1.contains("已录入，截图已保存"));

    let with = |name: &'static str, value: &'static str| {
        let mut fields = fields.to_vec();
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
        fields
    };
    for (wrong, words) in [
        (with("at", "2026-11-21T15:00"), "发生时间晚于现在"),
        (with("at", "2006-11-21T15:00"), "十年前"),
        (with("at", "昨天"), "看不懂的时间"),
        (with("url", "javascript:alert(1)"), "链接要以"),
        (with("views", "很多"), "数字写成"),
        (with("by", " "), "请写录入人"),
        (with("gist", ""), "请写概要"),
    ] {
        let (status, page) = stage.enter(&wrong, None).await;
        assert_eq!((status, page.contains(words)), (422, true), "{words}: {page}");
    }
    let large = vec![0; 20 * 1_024 * 1_024 + 1];
    assert_eq!(stage.enter(&fields, Some(("a.png", &large))).await.0, 422);
    assert_eq!(stage.acts().len(), 2, "a file that is too large stops the whole form");
    // Without a file, and as plain fields.
    assert_eq!(stage.enter(&fields, None).await.0, 303);
    assert_eq!(stage.post("/incidents", &fields[..3]).await.0, 422);
    assert_eq!(stage.post("/incidents", &fields).await.0, 303);
    assert_eq!(stage.acts().len(), 4);
    stage.end().await;
}

#[tokio::test]
async fn the_case_folder_is_offered_as_one_zip() {
    let stage = Stage::busy().await;
    for page in ["/incidents/1", "/incidents/1/print"] {
        assert!(stage.get(page).await.1.contains("href=\"/incidents/1/folder.zip\" download"), "{page}");
    }
    let get = |path: &str| stage.client.get(format!("{}{path}", stage.base)).send();
    // Each gives its place back once it is sent.
    for _ in 0..5 {
        let answer = get("/incidents/1/folder.zip").await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/zip");
        let offered = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert!(offered.ends_with("UTF-8''%E6%A1%88%E5%8D%B7%202026-0001.zip"), "{offered}");
        let mut zip = Vec::new();
        let mut answer = answer;
        while let Some(piece) = answer.chunk().await.unwrap() {
            zip.extend_from_slice(&piece);
        }
        let checked = yuqing::report::folder::check::check(std::io::Cursor::new(zip)).unwrap();
        assert!(checked.is_whole(), "{:?}", checked.faults);
        assert_eq!(checked.manifest.unwrap().unit, super::rows::UNIT);
    }
    assert_eq!(get("/incidents/99/folder.zip").await.unwrap().status(), 404);
    // Each was noted before it was handed out.
    let acts = stage.acts();
    assert_eq!(acts.len(), 5);
    assert!(
        acts.iter().all(|act| matches!(act, yuqing::model::Act::ExportFolder { by, .. } if by == "未登录"))
    );
    stage.end().await;
}
