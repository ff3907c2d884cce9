//! Silences, maintenance windows, monthly reports and duties in the console.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use secrecy::SecretString;
use yuqing::{
    desk::{Change, DeskState, MonthlyState},
    locale::Locale,
    model::*,
    store::SourceState,
};

use super::WithLogin as _;
use super::{
    Stage,
    rows::{UNIT, ago, now, plan},
};

fn with_plan(stage: &Stage) {
    let monthly = Monthly { name: "舆情<i>月报".into(), day: 3, to: vec!["值班员".into()] };
    let office_hours =
        yuqing::model::OfficeHours(vec![(Time::constant(8, 30, 0, 0), Time::constant(17, 30, 0, 0))]);
    let plan = Plan { monthly: Some(monthly), office_hours, ..(*plan()).clone() };
    stage.change(|settings| {
        settings.units = vec![UNIT.into()];
        settings.plans = [(UNIT.to_owned(), Arc::new(plan))].into();
    });
}

fn silence(id: u64, from: Timestamp, until: Timestamp) -> Silence {
    Silence {
        id,
        unit: UNIT.into(),
        group: Some("<b>收费".into()),
        up_to_rank: 1,
        up_to: "较大".into(),
        from,
        until,
        by: "王主任".into(),
        comment: "公告<script>已发".into(),
    }
}

async fn keep(stage: &Stage, state: DeskState) {
    stage.store.commit(vec![Change::State(state)]).await.unwrap();
}

#[tokio::test]
async fn a_silence_needs_hours_reason_and_name_and_reaches_the_desk() {
    let stage = Stage::empty().await;
    with_plan(&stage);
    let (_, home) = stage.get("/").await;
    assert!(home.contains("action=\"/silences\"") && home.contains("<option>重大</option>"), "{home}");
    assert!(!home.contains("<option>特别重大</option>"), "the highest tier is not offered");
    let form = |hours, reason, by| {
        [("unit", UNIT), ("group", " "), ("tier", "较大"), ("hours", hours), ("reason", reason), ("by", by)]
    };
    for (hours, reason, by) in
        [("", "公告", "甲"), ("745", "公告", "甲"), ("4", " ", "甲"), ("4", "公告", "")]
    {
        assert_eq!(stage.post("/silences", &form(hours, reason, by)).await.0, 422, "{hours} {reason} {by}");
    }
    assert_eq!(stage.post("/silences", &form("4", "公告", "甲")).await.0, 303);
    let wanted = Act::Silence {
        unit: UNIT.into(),
        group: None,
        up_to: "较大".into(),
        from: None,
        until: now() + SignedDuration::from_hours(4),
        by: "甲".into(),
        reason: "公告".into(),
    };
    assert_eq!(stage.acted(1).await, [wanted]);
    // From one local time to another; the office's zone, not the browser's.
    let span = |from, until, hours| {
        let rest = [("unit", UNIT), ("tier", "较大"), ("reason", "公告"), ("by", "甲")];
        [&rest[..], &[("from", from), ("until", until), ("hours", hours)][..]].concat()
    };
    let wrong = [
        ("", "", "", "请写静默的小时数，或者截止时间"),
        ("", "2026-11-22T08:00", "4", "小时数和截止时间只写一个"),
        ("", "2026-11-21T14:05", "", "要晚于开始时间和现在"),
        ("2026-11-22T08:00", "2026-11-22T08:00", "", "要晚于开始时间和现在"),
        ("", "2026-12-22T14:06", "", "静默最长 31 天"),
        ("明天", "2026-11-22T08:00", "", "看不懂的时间"),
        ("", "2026-11-31T08:00", "", "看不懂的时间"),
    ];
    for (from, until, hours, why) in wrong {
        let (status, page) = stage.post("/silences", &span(from, until, hours)).await;
        assert!(status == 422 && page.contains(why), "{from} {until} {hours}: {status} {page}");
    }
    let spans = [
        ("2026-11-22T08:00", "2026-11-22T18:30", "", "2026-11-22T00:00:00Z", "2026-11-22T10:30:00Z"),
        ("2026-11-22T08:00", "", "2", "2026-11-22T00:00:00Z", "2026-11-22T02:00:00Z"),
    ];
    for (nth, (from, until, hours, begins, ends)) in spans.into_iter().enumerate() {
        assert_eq!(stage.post("/silences", &span(from, until, hours)).await.0, 303);
        let acts = stage.acted(nth + 2).await;
        let Act::Silence { from, until, .. } = &acts[nth + 1] else { panic!("{acts:?}") };
        assert_eq!((*from, *until), (begins.parse().ok(), ends.parse().unwrap()));
    }
    assert_eq!(stage.post("/silences/end", &[("number", "x"), ("by", "甲")]).await.0, 422);
    assert_eq!(stage.post("/silences/end", &[("number", "7"), ("by", "甲")]).await.0, 303);
    assert_eq!(stage.acted(4).await[3], Act::EndSilence { id: 7, by: "甲".into() });
    stage.change(|settings| settings.with_login(SecretString::from("口令")));
    for path in ["/silences", "/silences/end", "/monthly"] {
        let form = [("number", "7"), ("unit", UNIT), ("by", "甲"), ("text", "已报")];
        assert_eq!(stage.post(path, &form).await.0, 401, "{path} is behind the login");
    }
    stage.end().await;
}

#[tokio::test]
async fn home_says_what_is_silenced_and_by_whom() {
    let stage = Stage::empty().await;
    with_plan(&stage);
    let silences = vec![
        silence(3, ago(600), ago(-3_600)),
        silence(4, ago(-600), ago(-7_200)),
        silence(2, ago(900), ago(10)),
    ];
    keep(&stage, DeskState { silences, ..DeskState::default() }).await;
    let (_, page) = stage.get("/live").await;
    assert!(page.contains("<b>静默中</b> #3") && page.contains("<b>静默（未开始）</b> #4"), "{page}");
    assert!(!page.contains("#2"), "what is over is not shown");
    assert!(page.contains("公告&lt;script&gt;已发") && page.contains("&lt;b&gt;收费"), "{page}");
    let (_, home) = stage.get("/").await;
    assert!(home.contains("action=\"/silences/end\"") && home.contains("<option value=\"4\">#4"), "{home}");
    stage.change(|settings| settings.locale = Locale::En);
    assert!(stage.get("/live").await.1.contains("<b>Silence to come</b> #4"));
    stage.end().await;
}

#[tokio::test]
async fn home_says_which_monthly_report_is_owed_or_late() {
    let stage = Stage::empty().await;
    with_plan(&stage);
    assert!(!stage.get("/").await.1.contains("action=\"/monthly\""), "the present month is not over");
    let month = |month: i8, opened: &[(Date, u64)]| {
        let opened: BTreeMap<Date, u64> = opened.iter().copied().collect();
        let month = MonthlyState { month: Date::new(2026, month, 1).ok(), opened, ..MonthlyState::default() };
        DeskState { monthly: [(UNIT.to_owned(), month)].into(), ..DeskState::default() }
    };
    keep(&stage, month(10, &[(Date::constant(2026, 10, 1), 4)])).await;
    let (_, home) = stage.get("/").await;
    assert!(home.contains("<b>月报逾期</b>") && home.contains("截止 11-03 17:30 · 4 件"), "{home}");
    assert!(home.contains("2026-10 舆情&lt;i&gt;月报") && home.contains("action=\"/monthly\""), "{home}");
    assert_eq!(stage.post("/monthly", &[("unit", UNIT), ("by", "甲"), ("text", " ")]).await.0, 422);
    assert_eq!(
        stage.post("/monthly", &[("unit", UNIT), ("by", "甲"), ("text", "青舆〔2026〕10号")]).await.0,
        303
    );
    let filed =
        Act::FileMonthly { unit: UNIT.into(), by: "甲".into(), text: "青舆〔2026〕10号".into() };
    assert_eq!(stage.acted(1).await, [filed]);
    // The 21st: with the limit at the end of the month the report of October would be owed, not late.
    stage.change(|settings| {
        let mut plan = (*settings.plans[UNIT]).clone();
        plan.monthly.as_mut().unwrap().day = 28;
        settings.plans.insert(UNIT.to_owned(), Arc::new(plan));
    });
    keep(&stage, month(10, &[])).await;
    let (_, page) = stage.get("/live").await;
    assert!(page.contains("<b>月报待报</b>") && page.contains("零报告"), "{page}");
    stage.end().await;
}

#[tokio::test]
async fn what_is_under_maintenance_is_shown_so() {
    let stage = Stage::empty().await;
    let state =
        SourceState { source: "某论坛".into(), health: "backing_off".into(), ..SourceState::default() };
    stage.store.save_source_state(state).await.unwrap();
    let broken = [("source/某论坛".to_owned(), ago(60)), ("store/disk".to_owned(), ago(60))].into();
    keep(&stage, DeskState { broken, ..DeskState::default() }).await;
    for page in ["/live", "/sources"] {
        assert!(!stage.get(page).await.1.contains("维护中"), "{page}");
    }
    // 14:05 by Beijing.
    let window = Window {
        title: "论坛<升级>".into(),
        days: Vec::new(),
        date: None,
        from: Time::constant(14, 0, 0, 0),
        until: Time::constant(16, 0, 0, 0),
        subjects: Vec::new(),
        sources: vec!["某论坛".into()],
    };
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let maintenance = Arc::new(Maintenance { windows: vec![window], zone });
    stage.change(|settings| settings.maintenance = maintenance);
    let (_, live) = stage.get("/live").await;
    assert!(live.contains("<b>维护中</b> <bdi>论坛&lt;升级&gt;</bdi> · 至 16:00:00"), "{live}");
    assert!(live.contains("暂不通知: <bdi>source&#x2f;某论坛</bdi></p>"), "{live}");
    let (_, sources) = stage.get("/sources").await;
    assert!(sources.contains("维护中</span> <small><bdi>论坛&lt;升级&gt; 至 16:00:00"), "{sources}");
    stage.end().await;
}

#[tokio::test]
async fn what_is_owed_of_an_incident_can_be_registered() {
    let stage = Stage::busy().await;
    let (_, before) = stage.get("/incidents/1").await;
    assert!(!before.contains("value=\"complete\""), "nothing has a name of its own");
    let deadline = Deadline {
        key: "1/own/form".into(),
        incident: IncidentId(1),
        kind: DeadlineKind::Own,
        rank: 3,
        line: None,
        step: 0,
        base: Base::Graded,
        base_at: ago(60),
        due_at: ago(-3_600),
        state: DeadlineState::Running,
        warned: false,
        duty: Some("form".into()),
        name: Some("处置<意见>表".into()),
        warnings: 0,
        reminders: 0,
        passed: false,
        moved: false,
    };
    stage.store.commit(vec![Change::Deadline(deadline)]).await.unwrap();
    let (_, page) = stage.get("/incidents/1").await;
    assert!(page.contains("<option value=\"form\">处置&lt;意见&gt;表</option>"), "{page}");
    let form = |duty| [("act", "complete"), ("duty", duty), ("by", "李四"), ("text", "已报市局")];
    assert_eq!(stage.post("/incidents/1/course", &form("")).await.0, 422);
    assert_eq!(stage.post("/incidents/1/course", &form("form")).await.0, 303);
    let done = Act::Complete {
        incident: IncidentId(1),
        duty: "form".into(),
        by: "李四".into(),
        text: "已报市局".into(),
    };
    assert_eq!(stage.acted(1).await, [done]);
    stage.end().await;
}
