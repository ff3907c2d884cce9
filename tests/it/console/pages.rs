//! Each page renders, says what it should, and its forms reach the desk.

use scraper::{Html, Selector};
use yuqing::{
    locale::Locale,
    model::{AckHow, Act, IncidentId, NoticeId},
};

use super::{
    Stage,
    rows::{Outside, ago},
};

const PAGES: [&str; 27] = [
    "/",
    "/live",
    "/wall",
    "/wall/live",
    "/incidents",
    "/incidents/1",
    "/incidents/2?done=close",
    "/incidents/1?chart=sites&posts=9&entries=0",
    "/incidents/1/print",
    "/papers",
    "/papers?kind=brief&days=7",
    "/papers?kind=circular&month=2026-11&unit=x",
    "/incidents/1/post?key=weibo%2Fw1",
    "/incidents?q=%E6%80%A5%E8%AF%8A&state=open&from=2026-11-01&to=x&sort=gravest&after=1.2.3",
    "/notices",
    "/sources",
    "/rounds",
    "/rounds?day=2026-11-20",
    "/mailbox",
    "/mailbox/email/1",
    "/mailbox/sms/1",
    "/accounts",
    "/plan",
    "/plan/contacts",
    "/plan/rota",
    "/plan/holidays",
    "/plan/trial",
];

#[tokio::test]
async fn every_page_renders_in_both_languages_full_and_empty() {
    for stage in [Stage::empty().await, Stage::busy().await] {
        let has_incidents = stage.get("/incidents/1").await.0 == 200;
        for locale in [Locale::ZhCn, Locale::En] {
            stage.change(|settings| settings.locale = locale);
            for path in PAGES {
                let (status, page) = stage.get(path).await;
                let want = if path.starts_with("/incidents/") && !has_incidents { 404 } else { 200 };
                assert_eq!(status, want, "{path} {locale:?}: {page}");
                assert!(
                    page.contains(if locale == Locale::En { "lang=\"en\"" } else { "lang=\"zh-CN\"" })
                        || path.ends_with("/live")
                );
            }
        }
        stage.end().await;
    }
}

#[tokio::test]
async fn home_shows_what_needs_somebody_and_why() {
    let stage = Stage::busy().await;
    stage.change(|settings| settings.mark = Some("演示".into()));
    let (_, page) = stage.get("/").await;
    for want in [
        "特别重大: 24 小时浏览 52,310 &gt; 50,000，3 个站点，5 篇，截至 14:04",
        "需要处理：2 件进行中",
        "1 个电话待打",
        "已超时 1:02",
        "还剩 1:00",
        "尚无人签收",
        "被拒 1",
        "<title>【演示】",
    ] {
        assert!(page.contains(want), "{want} is not in {page}");
    }
    // The gravest comes first though the other is as new.
    assert!(page.find("排队三小时") < page.find("体检中心"));
    // The limits of the plan stand in the curve.
    assert!(page.contains(">特别重大 50,000<") && page.contains("polyline"), "{page}");
    stage.end().await;
}

#[tokio::test]
async fn calm_says_when_everything_was_looked_at() {
    let stage = Stage::empty().await;
    let state = yuqing::store::SourceState {
        source: "青禾论坛".into(),
        health: "ok".into(),
        last_good_at: Some(ago(12)),
        ..Default::default()
    };
    yuqing::store::Store::save_source_state(&*stage.store, state).await.expect("saved");
    let (_, page) = stage.get("/").await;
    assert!(page.contains("目前平静") && page.contains("14:04:48") && page.contains("12 秒前"), "{page}");
    assert!(!page.contains("练习模式"));
    stage.change(|settings| settings.exercise = true);
    let (_, page) = stage.get("/").await;
    assert!(page.contains("练习模式：尚未向任何人发送"));
    stage.end().await;
}

#[tokio::test]
async fn forms_become_acts_with_names_and_reasons() {
    let stage = Stage::busy().await;
    let incident = IncidentId(1);
    let (status, _) = stage.post("/incidents/1/acknowledge", &[("contact", "值班员"), ("by", "张三")]).await;
    assert_eq!(status, 303);
    let forms: [(&str, &[(&str, &str)]); 4] = [
        ("respond", &[("by", "张三"), ("text", "https://qinghe.example/answer")]),
        ("override", &[("by", "李四"), ("tier", "major"), ("reason", "已核实")]),
        ("merge", &[("by", "李四"), ("other", "#2"), ("reason", "同一件事")]),
        ("close", &[("by", "李四"), ("reason", "已平息")]),
    ];
    for (act, form) in forms {
        assert_eq!(stage.post(&format!("/incidents/1/{act}"), form).await.0, 303, "{act}");
    }
    assert_eq!(
        stage
            .post(
                "/phone-tasks/done",
                &[("notice", "1/rise/3/zb/phone"), ("by", "张三"), ("at", "2026-11-21T08:30")]
            )
            .await
            .0,
        303
    );
    let answered = "2026-11-21T08:30:00+08:00".parse().ok();
    let (by, tier) = ("李四".to_owned(), "major".to_owned());
    assert_eq!(
        stage.acts(),
        [
            Act::Acknowledge {
                incident,
                contact: "值班员".into(),
                rank: None,
                how: AckHow::Phone,
                recorded_by: Some("张三".into()),
                at: None,
            },
            Act::Respond { incident, by: "张三".into(), text: "https://qinghe.example/answer".into() },
            Act::Override { incident, tier, by: by.clone(), reason: "已核实".into() },
            Act::Merge { incident, other: IncidentId(2), by: by.clone(), reason: "同一件事".into() },
            Act::Close { incident, by, reason: "已平息".into() },
            Act::PhoneDone {
                notice: NoticeId("1/rise/3/zb/phone".into()), by: "张三".into(), at: answered
            },
        ]
    );
    let (_, page) = stage.get("/incidents/1?done=acknowledge").await;
    assert!(page.contains("签收已记录") && page.contains("电话签收，张三"), "{page}");
    let (_, page) = stage.get("/").await;
    assert!(!page.contains("个电话待打"), "the tick ends the task");
    stage.end().await;
}

#[tokio::test]
async fn a_form_without_its_reason_or_incident_is_not_done() {
    let stage = Stage::busy().await;
    let (status, page) = stage.post("/incidents/1/close", &[("by", "李四"), ("reason", "  ")]).await;
    assert_eq!(status, 422);
    assert!(page.contains("请写理由"), "{page}");
    let (status, page) = stage.post("/incidents/99/acknowledge", &[("contact", "值班员")]).await;
    assert_eq!(status, 409);
    assert!(page.contains("没有这个事件"), "{page}");
    let long = "长".repeat(200_000);
    assert_eq!(stage.post("/incidents/1/close", &[("by", "李四"), ("reason", &long)]).await.0, 413);
    assert!(stage.acts().is_empty());
    stage.end().await;
}

#[tokio::test]
async fn pages_need_no_script_and_allow_none_inline() {
    let stage = Stage::with(&Outside::default()).await;
    for path in PAGES {
        let answer = stage.client.get(format!("{}{path}", stage.base)).send().await.expect("an answer");
        let policy = answer.headers()["content-security-policy"].to_str().expect("text").to_owned();
        assert!(
            policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let (_, page) = stage.get(path).await;
        let page = Html::parse_document(&page);
        let inline =
            Selector::parse("script:not([src]), style, [style], [onclick], [onload]").expect("a selector");
        assert_eq!(page.select(&inline).count(), 0, "{path}");
        let posts =
            Selector::parse("form:not([method=post]):not([method=get][role=search])").expect("a selector");
        assert_eq!(page.select(&posts).count(), 0, "{path}");
    }
    for file in [
        "console.css",
        "wall.css",
        "console.js",
        "live.js",
        "alerts.js",
        "incidents.js",
        "editor.css",
        "editor.js",
        "mark.svg",
    ] {
        assert_eq!(stage.get(&format!("/assets/{file}")).await.0, 200);
    }
    assert_eq!(stage.get("/assets/../mod.rs").await.0, 404);
    stage.end().await;
}

#[tokio::test]
async fn machines_are_told_health_and_figures() {
    let stage = Stage::busy().await;
    assert_eq!(stage.get("/healthz").await, (200, "{\"status\":\"ok\"}".to_owned()));
    let (_, figures) = stage.get("/metrics").await;
    for want in [
        "yuqing_incidents_open{tier=\"critical\"} 1",
        "yuqing_incidents_open{tier=\"general\"} 1",
        "yuqing_notices{state=\"pending\",channel=\"sms\"} 1",
        "yuqing_sources{health=\"backing_off\"} 1",
        "yuqing_deadlines_overdue 1",
    ] {
        assert!(figures.lines().any(|line| line == want), "{want}: {figures}");
    }
    stage.end().await;
}

#[tokio::test]
async fn a_kept_open_connection_does_not_hold_up_the_stop() {
    let stage = Stage::busy().await;
    let idle = tokio::net::TcpStream::connect(stage.address()).await.expect("connected");
    let _ = stage.get("/").await;
    stage.end().await;
    drop(idle);
}

#[tokio::test]
async fn a_source_shows_its_rhythm_and_is_muted_with_a_name_and_a_reason() {
    let stage = Stage::empty().await;
    let mut state = yuqing::store::SourceState {
        source: "某论坛".into(),
        health: "stale".into(),
        why: "已 9 小时没有新内容".into(),
        told: "source/某论坛".into(),
        ..yuqing::store::SourceState::default()
    };
    (state.history.posts, state.history.usual_period) = (20 * 16, Some(6 * 3_600));
    stage.store.save_source_state(state).await.expect("kept");
    let (_, page) = stage.get("/sources").await;
    for words in ["停更", "已 9 小时没有新内容", "6 小时", "20.0", "/sources/mute"] {
        assert!(page.contains(words), "{words} is missing: {page}");
    }
    let form = [("subject", "source/某论坛"), ("by", "李管理"), ("reason", "对方整修"), ("hours", "48")];
    assert_eq!(stage.sent_on("/sources/mute", &form).await, "/sources?done=muted", "back to the list");
    let acts = stage.acted(1).await;
    let yuqing::model::Act::Mute { subject, by, reason, until } = &acts[0] else { panic!("{acts:?}") };
    assert_eq!((subject.as_str(), by.as_str(), reason.as_str()), ("source/某论坛", "李管理", "对方整修"));
    assert_eq!(*until, Some(super::rows::now() + jiff::SignedDuration::from_hours(48)));
    let (status, _) =
        stage.post("/sources/mute", &[("subject", "source/某论坛"), ("by", "李"), ("reason", " ")]).await;
    assert_eq!(status, 422, "a reason is required");
    let form = [("subject", "source/某论坛"), ("by", "李管理"), ("name", "某论坛")];
    let page = "/sources/%E6%9F%90%E8%AE%BA%E5%9D%9B?done=unmuted";
    assert_eq!(stage.sent_on("/sources/unmute", &form).await, page, "back to the source's page");
    stage.end().await;
}

#[tokio::test]
async fn a_post_is_split_off_with_a_reason_and_a_name() {
    let stage = Stage::busy().await;
    let form =
        |post: &'static str, reason: &'static str| [("post", post), ("reason", reason), ("by", "王主任")];
    assert_eq!(stage.post("/incidents/1/split", &form("weibo/5098", " ")).await.0, 422);
    assert_eq!(stage.post("/incidents/1/split", &form("weibo", "两回事")).await.0, 422);
    assert!(stage.acts().is_empty());
    assert_eq!(stage.post("/incidents/1/split", &form("weibo/a/5098", "两回事")).await.0, 303);
    let wanted = yuqing::model::Act::Split {
        post: yuqing::model::PostKey { site: "weibo".into(), id: "a/5098".into() },
        incident: Some(yuqing::model::IncidentId(1)),
        by: "王主任".into(),
        reason: "两回事".into(),
    };
    assert_eq!(stage.acted(1).await, [wanted]);
    stage.end().await;
}
