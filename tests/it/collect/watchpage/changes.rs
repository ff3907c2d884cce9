//! Ordinary changes, pages that cannot be had, and what a person accepts.

use axum::http::StatusCode;
use jiff::SignedDuration;
use proptest::prelude::*;
use yuqing::{
    collect::watchpage::{Acceptance, PageState, leave},
    time::Clock,
};

use super::site::{Room, Site, home, page, watch};

#[tokio::test]
async fn volatile_parts_say_nothing_and_other_changes_are_logged() {
    let site = Site::new().await;
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    site.set("/", &home("").replace("1024", "1025"));
    room.again().await;
    assert!(room.is_silent());
    assert_eq!(room.records().await[0].changes.len(), 1, "the first sight alone");
    site.set("/", &home("").replace("我院开展义诊活动", "我院举办健康讲座"));
    room.again().await;
    assert!(room.is_silent(), "{:?} {:?}", room.mentions, room.told);
    let record = room.records().await.remove(0);
    let change = record.changes.last().unwrap();
    assert_eq!(
        (change.removed.as_slice(), change.added.as_slice()),
        (&["我院开展义诊活动".to_owned()][..], &["我院举办健康讲座".to_owned()][..])
    );
    assert_ne!(change.from, change.to);
    assert_eq!(record.baseline.unwrap().fingerprint, change.to, "the page as it is now");
    assert!(room.incidents().await.is_empty());
}

#[tokio::test]
async fn what_public_sites_do_is_no_alarm() {
    let cases = [
        // Warnings of the very things.
        "<p>警惕网络博彩陷阱，严厉打击赌场、百家乐、六合彩、老虎机等违法犯罪活动</p>",
        // A partner in a menu, a ministry in a tab, statistics.
        r#"<ul class="menu-sub"><li><a href="https://www.nhc.gov.cn/x">卫健委</a></li></ul>"#,
        r#"<div style="display:none"><a href="http://www.gov.cn/">国务院</a><a href="https://www.pku.edu.cn">北大</a></div>"#,
        r#"<script src="https://s4.cnzz.com/z_stat.php?id=1"></script>"#,
        r#"<script>if(/mobile/i.test(navigator.userAgent)){location.href="/m/"}</script>"#,
        r#"<p><a href="https://news.example.com/1">媒体报道我院</a></p>"#,
        r#"<a href="https://oa.partner.example.cn" style="display:none">协同</a>"#,
    ];
    for extra in cases {
        let site = Site::new().await;
        site.set("/", &home(""));
        let more = "foreign_links_ok = [\"partner.example.cn\"]";
        let mut room = Room::over(&watch(&site.base, &["/"], more)).await;
        site.set("/", &home(extra));
        room.again().await;
        assert!(room.mentions.is_empty(), "{extra}: {:?}", room.mentions);
    }
}

#[tokio::test]
async fn one_word_in_the_text_is_a_question_to_the_administrators() {
    let site = Site::new().await;
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    site.set("/", &home("<p>捕鱼达人比赛开始报名</p>"));
    room.again().await;
    assert!(room.mentions.is_empty());
    assert!(room.told.len() == 1 && room.told[0].broken, "{:?}", room.told);
    assert!(room.told[0].text.contains("正文里出现“捕鱼达人”"), "{}", room.told[0].text);
    room.again().await;
    assert!(room.is_silent());
    room.after(SignedDuration::from_hours(25)).await;
    assert!(room.told.len() == 1 && !room.told[0].broken, "it stands no longer: {:?}", room.told);
}

#[tokio::test]
async fn a_change_can_be_told_or_wait_for_a_person() {
    let site = Site::new().await;
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "after_change = \"tell\"")).await;
    site.set("/", &home("<p>停水通知</p>"));
    room.again().await;
    assert!(room.told.len() == 1 && room.told[0].text.contains("+ 停水通知"), "{:?}", room.told);
    assert_eq!(room.records().await[0].state, PageState::Same);

    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "after_change = \"approve\"")).await;
    site.set("/", &home("<p>停水通知</p>"));
    room.again().await;
    assert!(room.told[0].text.contains("等待确认"), "{:?}", room.told);
    room.again().await;
    assert!(room.is_silent(), "told once");
    let record = room.records().await.remove(0);
    assert_eq!(record.state, PageState::Waiting);
    accept(&room, &record.url, &record.latest.unwrap().fingerprint);
    room.again().await;
    assert!(room.told.len() == 1 && !room.told[0].broken, "{:?}", room.told);
    let record = room.records().await.remove(0);
    assert_eq!((record.state, record.latest), (PageState::Same, None));
    assert!(record.changes.last().unwrap().note.contains("张三"), "{:?}", record.changes);
    // Taken up once, and the file is gone.
    assert_eq!(std::fs::read_dir(room.stage.folder.path().join("watch-accept")).unwrap().count(), 0);
}

#[tokio::test]
async fn only_what_the_person_saw_is_accepted() {
    let site = Site::new().await;
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    site.set("/", &home(r#"<iframe src="https://map.example.com/x"></iframe>"#));
    room.again().await;
    room.assert_alarm("嵌入了外站").await;
    let record = room.records().await.remove(0);
    accept(&room, &record.url, "0000");
    room.again().await;
    assert_eq!(room.records().await[0].state, PageState::Tampered);
    accept(&room, &record.url, &record.latest.unwrap().fingerprint);
    room.again().await;
    assert_eq!(room.records().await[0].state, PageState::Same);
    assert!(room.mentions[0].post.title.contains("张三"), "the incident hears of it");
    // The map stays; something else is told.
    site.set("/", &home(r#"<iframe src="https://map.example.com/x"></iframe><p hidden>六合彩</p>"#));
    room.again().await;
    assert_eq!(room.mentions.len(), 1);
    assert!(!room.mentions[0].post.text.contains("map"), "{}", room.mentions[0].post.text);
}

fn accept(room: &Room, url: &str, fingerprint: &str) {
    let acceptance = Acceptance {
        source: "本院网站".into(),
        url: url.into(),
        fingerprint: fingerprint.into(),
        by: "张三".into(),
        reason: "本院发布".into(),
        at: room.stage.clock.now(),
    };
    leave(room.stage.folder.path(), &[acceptance]).unwrap();
}

#[tokio::test]
async fn a_page_that_cannot_be_had_is_told_without_slowing_the_others() {
    let site = Site::new().await;
    site.set("/", &home(""));
    site.set("/a", &home("a"));
    let mut room = Room::over(&watch(&site.base, &["/", "/a"], "")).await;
    site.put("/a", StatusCode::INTERNAL_SERVER_ERROR, "text/html", b"");
    for _ in 0..2 {
        room.again().await;
        assert!(room.is_silent());
    }
    room.again().await;
    assert_eq!(room.told.len(), 1);
    assert!(room.told[0].broken && room.told[0].text.contains("HTTP 500"), "{:?}", room.told);
    assert_eq!(room.records().await[1].state, PageState::Unreachable);
    assert_eq!(room.stage.store.source_state("本院网站").await.unwrap().health, "ok");
    site.set("/a", &home("a"));
    room.again().await;
    assert!(room.told.len() == 1 && !room.told[0].broken);
}

#[tokio::test]
async fn a_site_that_is_gone_altogether_is_broken() {
    for status in [StatusCode::NOT_FOUND, StatusCode::BAD_GATEWAY] {
        let site = Site::new().await;
        site.set("/", &home(""));
        let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
        site.put("/", status, "text/html", b"<html>gone</html>");
        let mut told = Vec::new();
        for _ in 0..3 {
            room.after(SignedDuration::from_hours(2)).await;
            assert!(room.mentions.is_empty(), "no tampering");
            told.append(&mut room.told);
        }
        if told.is_empty() {
            // What is told of a round comes after its state was kept.
            told.push(room.stage.operations().await);
        }
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!((told[0].subject.as_str(), told[0].broken), ("source/本院网站", true));
        assert_eq!(room.stage.store.source_state("本院网站").await.unwrap().health, "broken");
    }
}

#[tokio::test]
async fn a_gatekeeper_in_front_of_the_page_is_no_tampering() {
    let site = Site::new().await;
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    site.set("/", "<html><title>安全验证</title><body>请完成安全验证后继续访问，拖动滑块完成拼图，谢谢您的配合与理解</body></html>");
    room.again().await;
    // What asks for a proof of being human is looked at a second time before it is believed.
    room.after(SignedDuration::from_hours(2)).await;
    assert!(room.mentions.is_empty(), "{:?}", room.mentions);
    assert_eq!(room.stage.store.source_state("本院网站").await.unwrap().health, "blocked");
    // An empty shell is a fault, and not what later looks are compared with.
    site.set("/", "<html><head><title>青禾县人民医院-首页</title></head><body></body></html>");
    room.after(SignedDuration::from_hours(2)).await;
    assert!(room.mentions.is_empty(), "{:?}", room.mentions);
    assert!(room.told.iter().any(|told| told.text.contains("几乎没有文字")), "{:?}", room.told);
    site.set("/", &home(""));
    room.again().await;
    assert!(
        room.mentions.is_empty() && room.records().await[0].changes.len() == 1,
        "{:?}",
        room.records().await[0].changes
    );
}

#[tokio::test]
async fn a_restart_compares_with_what_was_seen_before() {
    let site = Site::new().await;
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    room.stage.stop().await;
    site.set("/", &page("青禾县人民医院-首页", r#"<script src="//x.example.com/a.js"></script>"#));
    room.stage = room.stage.start();
    room.again().await;
    room.assert_alarm("加载了外站 example.com 的脚本").await;
}

#[tokio::test]
async fn a_mention_that_the_desk_did_not_take_comes_again() {
    let site = Site::new().await;
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    site.set("/", &home("<p hidden>六合彩</p>"));
    // The desk drops one input without a word, as when it stops.
    room.stage.refuse.store(1, std::sync::atomic::Ordering::SeqCst);
    room.stage.advance(SignedDuration::from_mins(12));
    while room.stage.refuse.load(std::sync::atomic::Ordering::SeqCst) > 0 {
        tokio::task::yield_now().await;
    }
    let mention = loop {
        room.stage.advance(SignedDuration::from_secs(6));
        tokio::select! {
            mention = room.stage.mention() => break mention,
            () = tokio::task::yield_now() => {}
        }
    };
    assert!(mention.post.text.contains("六合彩"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Whatever ordinary text stands in a volatile part, in whatever order: nothing is told or logged.
    #[test]
    fn ordinary_text_in_volatile_parts_never_alarms(
        parts in proptest::collection::vec("[一-龥0-9a-z ]{0,20}", 1..6), turn in 0_usize..6,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let site = Site::new().await;
            let of = |parts: &[String]| -> String {
                let lines: String = parts.iter().map(|part| format!("<li>{part}</li>")).collect();
                home("").replace("您是第 1024 位访客", &format!("<ul>{lines}</ul>"))
            };
            site.set("/", &of(&parts));
            let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
            let mut turned = parts.clone();
            turned.rotate_left(turn % parts.len());
            turned.push("温度 12℃".into());
            site.set("/", &of(&turned));
            room.again().await;
            assert!(room.is_silent(), "{:?} {:?}", room.mentions, room.told);
            assert_eq!(room.records().await[0].changes.len(), 1);
        });
    }
}
