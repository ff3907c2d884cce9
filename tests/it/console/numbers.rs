//! A person gives a paper its running number; looking at one never does.

use yuqing::{config::Login, console::access::Role, model::Act};

use super::Stage;

#[tokio::test]
async fn looking_burns_no_number_and_a_person_gives_one() {
    let stage = Stage::busy().await;
    let month = "/papers?kind=monthly&month=2026-10";
    for _ in 0..2 {
        for page in [month, "/incidents/1/print?kind=special", "/papers?kind=brief"] {
            let (status, body) = stage.get(page).await;
            assert!(status == 200 && body.contains("〔2026〕第 ____ 期"), "{page}: {body}");
            assert!(body.contains("编期号"), "{page}");
        }
        let file = format!("{}/papers.docx?kind=monthly&month=2026-10", stage.base);
        assert_eq!(stage.client.get(file).send().await.unwrap().status(), 200);
    }
    let form = [("kind", "monthly"), ("month", "2026-10"), ("by", "王敏")];
    let to = stage.sent_on("/papers/number", &form).await;
    assert!(to.starts_with("/papers?kind=monthly&month=2026-10"), "{to}");
    let (_, body) = stage.get(month).await;
    assert!(body.contains("〔2026〕第 1 期") && !body.contains("编期号"), "{body}");
    let to = stage.sent_on("/incidents/1/number", &[("by", "王敏")]).await;
    assert_eq!(to, "/incidents/1/print?kind=special");
    for _ in 0..2 {
        let (_, body) = stage.get("/incidents/1/print?kind=special").await;
        assert!(body.contains("〔2026〕第 1 期") && !body.contains("编期号"), "{body}");
        // Asked again it stays what it is.
        stage.sent_on("/incidents/1/number", &[("by", "王敏")]).await;
    }
    let said: Vec<(String, String)> = stage
        .acted(3)
        .await
        .into_iter()
        .filter_map(|act| match act {
            Act::Paper { paper, by, .. } => Some((paper, by)),
            _ => None,
        })
        .collect();
    assert!(said[0].0.contains("舆情月报 2026年10月 〔2026〕第 1 期") && said[0].1 == "王敏", "{said:?}");
    assert!(said[1].0.contains("舆情专报 #1 〔2026〕第 1 期"), "{said:?}");
    stage.end().await;
}

/// An office that begins in November has handed up some already.
#[tokio::test]
async fn a_person_may_choose_where_the_numbers_go_on() {
    let stage = Stage::busy().await;
    let form = |month: &'static str, number: &'static str| {
        [("kind", "monthly"), ("month", month), ("by", "王敏"), ("number", number)]
    };
    stage.sent_on("/papers/number", &form("2026-09", "9")).await;
    let (_, body) = stage.get("/papers?kind=monthly&month=2026-09").await;
    assert!(body.contains("〔2026〕第 9 期"), "{body}");
    // What was given is not given twice, nor anything before it.
    for (number, words) in
        [("9", "本年已编到"), ("3", "本年已编到"), ("0", "1 到 9999"), ("第十", "1 到 9999")]
    {
        let (status, body) = stage.post("/papers/number", &form("2026-10", number)).await;
        assert!(status == 422 && body.contains(words), "{number}: {status} {body}");
    }
    let (_, body) = stage.get("/papers?kind=monthly&month=2026-10").await;
    assert!(body.contains("第 ____ 期"), "a refusal burns no number");
    stage.sent_on("/papers/number", &form("2026-10", "")).await;
    let (_, body) = stage.get("/papers?kind=monthly&month=2026-10").await;
    assert!(body.contains("〔2026〕第 10 期"), "{body}");
    stage.sent_on("/incidents/1/number", &[("by", "王敏"), ("number", "31")]).await;
    let (_, body) = stage.get("/incidents/1/print?kind=special").await;
    assert!(body.contains("〔2026〕第 31 期"), "each kind counts by itself: {body}");
    stage.end().await;
}

#[tokio::test]
async fn what_is_not_to_be_numbered_is_said() {
    let stage = Stage::busy().await;
    let refused = async |form: &[(&str, &str)], words: &str| {
        let (status, body) = stage.post("/papers/number", form).await;
        assert!((400..500).contains(&status) && body.contains(words), "{status} {body}");
    };
    refused(&[("kind", "monthly"), ("month", "2026-11"), ("by", "王敏")], "这个月还没有结束").await;
    refused(&[("kind", "circular"), ("month", "2026-10"), ("by", "王敏")], "不在这里编号").await;
    refused(&[("kind", "monthly"), ("month", "2026-10")], "请写姓名").await;
    let (_, body) = stage.get("/papers?kind=circular").await;
    assert!(!body.contains("编期号"));
    stage.end().await;
}

/// A circular is a draft until a leader approves what the page showed; then it stays as it was approved.
#[tokio::test]
async fn a_circular_waits_for_a_leader() {
    let stage = Stage::busy().await;
    let page = "/papers?kind=circular&month=2026-10";
    let (_, body) = stage.get(page).await;
    assert!(body.contains("征求意见稿") && body.contains("未经审定，不得印发"), "{body}");
    let figures =
        body.split("name=\"figures\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let approve = |figures: &str| {
        let form = [("month", "2026-10"), ("figures", figures), ("leader", "李局长")];
        form.map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let put = async |form: &[(String, String)]| {
        let form: Vec<(&str, &str)> =
            form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        stage.post("/papers/approve", &form).await
    };
    let (status, words) = put(&approve("00000000")).await;
    assert!((400..500).contains(&status) && words.contains("有变化，没有审定"), "{status} {words}");
    let (_, body) = stage.get(page).await;
    assert!(body.contains("征求意见稿") && body.contains("第 ____ 期"), "a refusal burns no number");
    // A unit that is not there is not taken for all of them.
    let elsewhere =
        [("month", "2026-10"), ("unit", "别处"), ("figures", figures.as_str()), ("leader", "李局长")];
    assert_eq!(stage.post("/papers/approve", &elsewhere).await.0, 404);
    let nobody = [("month", "2026-10"), ("figures", figures.as_str())];
    let (status, words) = stage.post("/papers/approve", &nobody).await;
    assert!(status == 422 && words.contains("请写明由哪位领导审定"), "{status} {words}");
    let (status, words) = put(&approve(&figures)).await;
    assert!(status < 400, "{status} {words}");
    let (_, body) = stage.get(page).await;
    assert!(!body.contains("征求意见稿") && !body.contains("未经审定"), "{body}");
    assert!(body.contains("李局长") && body.contains("〔2026〕第 1 期") && body.contains("审定。"), "{body}");
    let (status, words) = put(&approve(&figures)).await;
    assert!((400..500).contains(&status) && words.contains("已经审定"), "{status} {words}");
    let (status, words) = stage
        .post("/papers/approve", &[("month", "2026-11"), ("figures", &figures), ("leader", "李局长")])
        .await;
    assert!((400..500).contains(&status) && words.contains("还没有结束"), "{status} {words}");
    let acts = stage.acted(1).await;
    assert!(
        matches!(&acts[0], Act::Paper { what, by, .. } if what == "approved" && by == "李局长"),
        "{acts:?}"
    );
    stage.end().await;
}

/// Timeliness over a month, its quarter and its year, by person, on the page and in the workbook.
#[tokio::test]
async fn timeliness_is_told_over_months_quarters_and_years() {
    let stage = Stage::busy().await;
    for (query, words) in [
        ("month=2026-11", "时效报表 2026-11"),
        ("month=2026-11&over=quarter", "时效报表 2026 年第 4 季度"),
        ("month=2026-02&over=year", "时效报表 2026 年"),
    ] {
        let (status, body) = stage.get(&format!("/reports?{query}")).await;
        assert!(status == 200 && body.contains(words), "{query}: {body}");
        assert!(
            body.contains("各责任人") && body.contains("值班员") && body.contains("定级"),
            "{query}: {body}"
        );
    }
    let (_, body) = stage.get("/reports?month=2026-03&over=quarter").await;
    assert!(body.contains("这段时间没有事件") && body.contains("over=quarter"), "{body}");
    let file = format!("{}/reports/export.xlsx?month=2026-11&over=year", stage.base);
    let mut answer = stage.client.get(file).send().await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let names = calamine::Reader::sheet_names(&book);
    assert_eq!(names, ["时限", "事件", "责任人"]);
    let people = calamine::Reader::worksheet_range(&mut book, "责任人").unwrap();
    assert!(people.rows().any(|row| row[0] == "值班员"), "{people:?}");
    stage.end().await;
}

/// A leader approves by an account of their own and names nobody; the office says for whom; on duty nobody approves.
#[tokio::test]
async fn who_approves_stands_on_the_circular() {
    let stage = Stage::busy().await;
    stage.change(|settings| settings.login = Login::Accounts);
    stage.person("李管理", Role::Administrator, &[]).await;
    let leader = stage.person("赵局长", Role::Leader, &[]).await;
    let office = stage.person("王秘书", Role::Office, &[]).await;
    let duty = stage.person("值班员", Role::Duty, &[]).await;
    for (month, session, field, status, signed) in [
        ("2026-10", &duty, "李局长", 403, ""),
        ("2026-10", &leader, "李局长", 303, "赵局长"),
        ("2026-09", &office, "李局长", 303, "李局长"),
    ] {
        let page = format!("/papers?kind=circular&month={month}");
        let (_, body) = stage.get_as(&page, session).await;
        let figures =
            body.split("name=\"figures\" value=\"").nth(1).map(|rest| rest.split('"').next().unwrap());
        assert_eq!(figures.is_some(), status != 403, "the form is shown to whoever may use it: {body}");
        assert_eq!(body.contains("name=\"leader\""), session == &office, "{body}");
        let form = [("month", month), ("figures", figures.unwrap_or("x")), ("leader", field)];
        let answer = stage.submit("/papers/approve", &form, &[("cookie", session)]).await;
        assert_eq!(answer.status, status, "{month}: {}", answer.page);
        let (_, body) = stage.get_as(&page, session).await;
        assert!(signed.is_empty() || body.contains(signed) && !body.contains("未经审定"), "{body}");
    }
    let acts = stage.acts();
    let by: Vec<_> = acts
        .iter()
        .filter_map(|act| match act {
            Act::Paper { by, paper, .. } => Some((by.as_str(), paper.rsplit(' ').next().unwrap())),
            _ => None,
        })
        .collect();
    assert_eq!(by, [("赵局长", "赵局长"), ("王秘书", "李局长")]);
    stage.end().await;
}
