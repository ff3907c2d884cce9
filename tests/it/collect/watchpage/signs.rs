//! Signs of tampering, each over a page that was seen clean before, and pages that were broken into before
//! anybody looked.

use axum::http::StatusCode;
use sha2::{Digest, Sha256};
use yuqing::model::{Act, IncidentState};

use super::site::{Room, Site, evidence, home, page, watch};

/// The page as it is changed, and words of the sign that must be told.
async fn changed_to(html: &str, words: &str) -> Room {
    let site = Site::new().await;
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    assert!(room.is_silent(), "the first sight is calm: {:?} {:?}", room.mentions, room.told);
    site.set("/", html);
    room.again().await;
    room.assert_alarm(words).await;
    room
}

#[tokio::test]
async fn a_gambling_title_is_a_major_incident_at_once_and_once() {
    let bad = home("").replace("青禾县人民医院-首页", "&#28595;&#38376;葡*京-官网注册送彩金");
    let mut room = changed_to(&bad, "标题里出现“澳门葡京”").await;
    assert!(room.mentions[0].post.title.contains("疑似被篡改"));
    assert!(!room.mentions[0].first_round, "never backlog");
    // What was received is kept as it was.
    let sha256 = hex::encode(Sha256::digest(bad.as_bytes()));
    assert!(room.mentions[0].post.text.contains(&sha256));
    let files = evidence(&room);
    assert_eq!(files.len(), 1);
    assert_eq!(std::fs::read(&files[0]).unwrap(), bad.as_bytes());
    room.again().await;
    assert!(room.is_silent() && room.notices.is_empty(), "told once");
    assert_eq!(room.the_incident().await.posts.len(), 1);
}

#[tokio::test]
async fn hidden_links_frames_scripts_and_redirects() {
    let cases = [
        (
            r#"<div style="position:absolute;left:-9999px"><a href="http://bet-888.example.com/">x</a></div>"#,
            "暗链，指向 example.com",
        ),
        (
            r#"<div style="display:none"><a href="https://cheap.example.org/a">特价</a></div>"#,
            "暗链，指向 example.org",
        ),
        (
            r#"<marquee width=1 height=1><a href="//links.example.com">y</a></marquee>"#,
            "暗链，指向 example.com",
        ),
        (
            r#"<style>.z { font-size:0px }</style><p class="z"><a href="//links.example.com">y</a></p>"#,
            "暗链，指向 example.com",
        ),
        (
            r#"<script>document.write("<div style='display:none'><a href=\"http:\/\/z.example.com/\">q</a></div>");document.write('<a href="//zz.example.com">');</script>"#,
            "暗链，指向 example.com",
        ),
        (r#"<noscript><a href="http://n.example.com/">n</a></noscript>"#, "暗链，指向 example.com"),
        (
            r#"<iframe src="https://evil.example.com/x" width="0" height="0"></iframe>"#,
            "嵌入了外站 example.com",
        ),
        (r#"<script src="//cdn.evil.example.com/a.js"></script>"#, "加载了外站 example.com 的脚本"),
        (
            r#"<script>var s=document.createElement('script');s.src="\x2f\x2fjs.evil.example.com/a.js"</script>"#,
            "加载了外站 example.com 的脚本",
        ),
        (
            r#"<meta http-equiv="Refresh" content="0; URL='https://casino.example.com/'">"#,
            "把访客带到外站 example.com",
        ),
        (
            r#"<script>if(1){window.location.href = "https://casino.example.com/";}</script>"#,
            "把访客带到外站 example.com",
        ),
        (
            r#"<script>eval(String.fromCharCode(108,111,99,97,116,105,111,110,61,34,47,47,99,46,101,120,97,109,112,108,101,46,99,111,109,34))</script>"#,
            "把访客带到外站 example.com",
        ),
        (r#"<base href="https://mirror.example.com/">"#, "把访客带到外站 example.com"),
        (r#"<script>if(/baidu|sogou/i.test(document.referrer)){document.write('hi')}</script>"#, "搜索引擎"),
        (r#"<div style="opacity:0">真人荷官</div>"#, "看不见的地方出现“真人荷官”"),
        (r#"<p><a href="https://g.example.com">百 家 乐 在线</a></p>"#, "通往外站的链接上出现“百家乐”"),
        ("<p>百家乐 老虎机 六合彩 时时彩</p>", "正文里出现“百家乐”"),
        ("<p>H4cked By someone</p>", "正文里出现“h4cked by”"),
    ];
    for (extra, words) in cases {
        changed_to(&home(extra), words).await;
    }
}

#[tokio::test]
async fn a_redirect_to_another_site_is_told_and_not_followed() {
    let (site, other) = (Site::new().await, Site::new().await);
    site.set("/", &home(""));
    other.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    site.put("/", StatusCode::FOUND, "", format!("{}/casino", other.base).as_bytes());
    room.again().await;
    room.assert_alarm("把访客带到外站").await;
    // Back again.
    site.set("/", &home(""));
    room.again().await;
    assert!(room.mentions[0].post.title.contains("已恢复"));
}

#[tokio::test]
async fn the_name_gone_with_everything_else_and_a_new_title() {
    let html = "<html><head><title>Welcome to my world</title></head><body><p>This page now belongs to \
                somebody else altogether, enjoy the show.</p><p>And more of the same here.</p></body></html>";
    let room = changed_to(html, "应有的“青禾县人民医院”不见了").await;
    assert!(room.mentions[0].post.text.contains("标题被换成：Welcome to my world"));
}

#[tokio::test]
async fn own_words_are_met_anywhere_and_in_gbk() {
    let site = Site::new().await;
    let gbk = |html: &str| {
        let html = html.replace("<head>", "<head><meta charset=\"gb2312\">");
        encoding_rs::GBK.encode(&html).0.into_owned()
    };
    site.put("/", StatusCode::OK, "text/html", &gbk(&home("")));
    let mut room = Room::over(&watch(&site.base, &["/"], "banned = [\"内部资料\"]")).await;
    assert!(room.is_silent(), "{:?}", room.told);
    assert_eq!(room.records().await[0].baseline.as_ref().unwrap().title, "青禾县人民医院-首页");
    site.put("/", StatusCode::OK, "text/html", &gbk(&home("<p>此页为內部·资料，请勿外传</p>")));
    room.again().await;
    room.assert_alarm("正文里出现“内部资料”：此页为內部·资料").await;
}

#[tokio::test]
async fn a_page_that_was_broken_into_before_the_first_look_is_told() {
    let site = Site::new().await;
    site.set("/", &page("青禾县人民医院-澳门葡京", ""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    room.assert_alarm("标题里出现“澳门葡京”").await;
    site.set("/", &home(""));
    room.again().await;
    assert!(room.mentions[0].post.title.contains("已恢复"));
    assert!(room.records().await[0].baseline.is_some());
    // Many craftily hidden links at first sight are no chance; one is a question to the administrators.
    let links = |n: usize| -> String {
        (0..n).map(|n| format!(r#"<a style="font-size:0" href="http://h{n}.example{n}.com">k</a>"#)).collect()
    };
    site.set("/", &home(&links(3)));
    let room = Room::over(&watch(&site.base, &["/"], "")).await;
    room.assert_alarm("暗链，指向 example0.com").await;
    site.set("/", &home(&links(1)));
    let room = Room::over(&watch(&site.base, &["/"], "")).await;
    assert!(room.mentions.is_empty());
    assert!(room.told[0].text.contains("暗链，指向 example0.com"), "{:?}", room.told);
}

#[tokio::test]
async fn closing_the_incident_lets_stand_what_is_still_there() {
    let bad = home("").replace("青禾县人民医院-首页", "澳门葡京");
    let mut room = changed_to(&bad, "标题里出现").await;
    let first = room.mentions[0].post.key.clone();
    let id = room.the_incident().await.incident.id;
    room.act(Act::Close { incident: id, by: "值班员".into(), reason: "已清除".into() }).await;
    // Still the same words: somebody closed it, so they stand.
    room.again().await;
    assert!(room.mentions.iter().all(|mention| mention.hits.is_empty()), "{:?}", room.mentions);
    assert_eq!(room.the_incident().await.incident.state, IncidentState::Closed);
    assert!(room.records().await[0].signs.is_empty());
    assert_eq!(room.mentions[0].post.repost_of.as_ref().unwrap().key.as_ref(), Some(&first));
}

#[tokio::test]
async fn broken_into_again_after_it_was_mended() {
    let site = Site::new().await;
    let bad = home(r#"<div style="display:none"><a href="https://cheap.example.org/a">特价</a></div>"#);
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    site.set("/", &bad);
    room.again().await;
    let first = room.mentions[0].post.key.clone();
    site.set("/", &home(""));
    room.again().await;
    assert_eq!(room.mentions.len(), 1, "the end is told to the incident");
    let view = room.the_incident().await;
    assert!(view.entries.iter().any(|entry| entry.text.contains("已恢复")), "and stands in its timeline");
    let id = view.incident.id;
    room.act(Act::Close { incident: id, by: "值班员".into(), reason: "已清除".into() }).await;
    site.set("/", &bad);
    room.again().await;
    assert_eq!(room.mentions.len(), 1);
    assert_ne!(room.mentions[0].post.key, first, "another break-in");
    assert!(!room.notices.is_empty(), "and told anew");
}

#[tokio::test]
async fn pages_that_are_found_together_are_one_incident() {
    let site = Site::new().await;
    for path in ["/", "/a", "/b"] {
        site.set(path, &home(path));
    }
    let mut room = Room::over(&watch(&site.base, &["/", "/a", "/b"], "")).await;
    for path in ["/", "/a", "/b"] {
        site.set(path, &home(&format!("{path}<p hidden>百家乐</p>")));
    }
    room.again().await;
    assert_eq!(room.mentions.len(), 3);
    assert_eq!(room.the_incident().await.posts.len(), 3);
    // A further sign on one of them joins it, without a second incident.
    site.set("/a", &home("/a<p hidden>百家乐 六合彩</p>"));
    room.again().await;
    assert_eq!(room.mentions.len(), 1);
    assert_eq!(room.the_incident().await.posts.len(), 4);
}
