//! Recorded lists and answers give the counts, times and texts that were stated for them.

use std::fs;

use serde_json::Value;
use yuqing::{
    collect::adapter::{ReadFault, Verdict},
    config::preset::BlockReason,
    model::{Count, Precision},
};

use super::stage::{data, now, read};

#[test]
fn discuz_lists_in_utf8_and_gbk() {
    let expected: Value =
        serde_json::from_slice(&fs::read(data("forum/discuz_lists.json")).unwrap()).unwrap();
    for (file, list) in expected.as_object().unwrap() {
        let body = fs::read(data(&format!("forum/{file}"))).unwrap();
        let reading = read("discuz-list", "https://www.mcbbs.net/forum-news-1.html", None, &body);
        assert_eq!(reading.verdict, Verdict::Data, "{file}");
        assert_eq!(reading.faults, vec![], "{file}");
        let threads = list["threads"].as_array().unwrap();
        assert_eq!(reading.posts.len(), threads.len(), "{file}");
        for ((post, counters), thread) in reading.posts.iter().zip(threads) {
            assert_eq!(post.key.id, thread["tid"].to_string());
            assert_eq!(post.key.site, "mcbbs.net");
            assert_eq!(post.title, thread["title"].as_str().unwrap());
            assert_eq!(counters.views, thread["views"].as_u64().map(Count::exact));
            assert_eq!(counters.comments, thread["replies"].as_u64().map(Count::exact));
            assert_eq!((counters.reposts, counters.likes), (None, None), "a forum shows neither");
            let published = post.published.unwrap();
            assert_eq!(published.precision, Precision::Day);
            let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
            let day = published.at.to_zoned(zone).strftime("%Y-%-m-%-d").to_string();
            assert_eq!(day, thread["date_raw"].as_str().unwrap());
        }
    }
}

#[test]
fn a_discuz_thread_gives_the_first_post() {
    let body = fs::read(data("forum/mcbbsnews_java_express.html")).unwrap();
    let reading = read("discuz-thread", "https://www.mcbbs.net/thread-1340080-1-1.html", None, &body);
    let (post, counters) = &reading.posts[0];
    assert_eq!(reading.posts.len(), 1);
    assert_eq!(post.key.id, "1340080");
    assert_eq!(post.title, "（已恢复）Mojang Status：服务器出现一些小问题");
    assert_eq!((counters.views, counters.comments), (Some(Count::exact(1612)), Some(Count::exact(3))));
    assert_eq!(post.published.unwrap().at, "2022-05-16T19:34:56+08:00".parse().unwrap());
    let stated = fs::read_to_string(data("forum/mcbbsnews_java_express_post.txt")).unwrap();
    for line in stated.lines().map(str::trim).filter(|line| line.chars().count() > 12).skip(1) {
        assert!(post.text.contains(line), "`{line}` is in the text");
    }
    assert!(!post.text.contains("本帖最后由"), "the edit note names a person and is left out");
    assert!(!post.text.contains("一直显示失败"), "replies are not the post");
}

#[test]
fn weibo_answers() {
    let expected: Value = serde_json::from_slice(&fs::read(data("weibo/m_weibo.json")).unwrap()).unwrap();
    for sample in expected.as_array().unwrap() {
        let file = sample["file"].as_str().unwrap();
        let body = fs::read(data(&format!("weibo/{file}"))).unwrap();
        let reading = read("weibo-search", "https://m.weibo.cn/api/container/getIndex", None, &body);
        let posts = sample["posts"].as_array().unwrap();
        assert_eq!(reading.posts.len(), posts.len(), "{file}");
        for ((post, counters), stated) in reading.posts.iter().zip(posts) {
            assert_eq!(post.key.id, stated["id"].as_str().unwrap());
            assert_eq!(post.key.site, "weibo");
            assert_eq!(counters.views, None, "views are not told, which is not zero");
            assert_eq!(counters.reposts.map(|count| count.value), stated["reposts_count"].as_u64());
            assert_eq!(counters.comments.map(|count| count.value), stated["comments_count"].as_u64());
            let likes = if stated["attitudes_count"] == "1.2万" {
                Some(Count::about(12_000))
            } else {
                stated["attitudes_count"].as_u64().map(Count::exact)
            };
            assert_eq!(counters.likes, likes);
            assert!(!post.text.contains('<'), "plain text: {}", post.text);
            let original = post.repost_of.as_ref().and_then(|of| of.key.as_ref()).map(|key| key.id.as_str());
            assert_eq!(original, stated["retweet_id"].as_str());
        }
    }
}

#[test]
fn a_weibo_repost_carries_its_original() {
    let body = fs::read(data("weibo/weibo_ak_list_0.json")).unwrap();
    let reading = read("weibo-search", "https://m.weibo.cn/api/container/getIndex", None, &body);
    let (repost, _) = reading.posts.iter().find(|(post, _)| post.key.id == "4648806186747944").unwrap();
    let embedded = repost.repost_of.as_ref().unwrap().embedded.as_ref().unwrap();
    assert_eq!(embedded.post.key.id, "4645748019299849");
    assert_eq!(embedded.counters.reposts, Some(Count::exact(9079)));
    assert_eq!(embedded.post.published.unwrap().at, "2021-06-08T09:35:04+08:00".parse().unwrap());
    assert!(repost.quoted.contains("音律联觉"), "rules are tried on what it quotes, too");
    assert!(!repost.text.contains("专场演出"), "the original's words are not its own");
}

#[test]
fn weibo_cards_in_groups() {
    let body = br#"{"ok":1,"data":{"cards":[{"card_type":11,"card_group":[
        {"card_type":9,"mblog":{"id":"1","text":"a","created_at":"Sat Nov 21 08:00:00 +0800 2026",
         "reposts_count":"100\u4e07+","comments_count":1,"attitudes_count":2}}]},
        {"card_type":9,"card_group":[{"mblog":{"id":"1","text":"a"}}]}]}}"#;
    let reading = read("weibo-search", "https://m.weibo.cn/api", None, body);
    assert_eq!(reading.posts.len(), 1, "a card shown twice is one post");
    assert_eq!(reading.posts[0].1.reposts, Some(Count::at_least(1_000_000)));
}

#[test]
fn a_short_video_without_play_count_is_unknown() {
    let body = fs::read(data("douyin/douyin.json")).unwrap();
    let reading = read("douyin-search", "https://www.douyin.com/x", None, &body);
    let views: Vec<_> = reading.posts.iter().map(|(_, counters)| counters.views.unwrap().value).collect();
    assert_eq!(views, [2_300_000, 880_000]);
    let (post, counters) = &reading.posts[0];
    assert_eq!(post.published.unwrap().at, "2026-06-08T12:00:00+08:00".parse().unwrap());
    assert_eq!(counters.reposts, Some(Count::exact(14_000)));
    let body = r#"{"data":[{"type":1,"aweme_info":{"aweme_id":"7","desc":"拖欠工资","create_time":1795219200,
        "statistics":{"play_count":0,"digg_count":9,"comment_count":1,"share_count":"3"}}},
        {"type":1,"aweme_info":{"aweme_id":"8","desc":"b","statistics":{"digg_count":9,"comment_count":1,"share_count":2}}}]}"#;
    let reading = read("douyin-search", "https://www.douyin.com/x", None, body.as_bytes());
    for (_, counters) in &reading.posts {
        assert_eq!(counters.views, None, "zero or absent plays with likes are not told");
        assert!(counters.reposts.is_some());
    }
}

#[test]
fn a_refusal_at_200_is_not_success() {
    let body = fs::read(data("forum/discuz_no_permission_200.html")).unwrap();
    let reading = read("discuz-list", "https://bbs.example.cn/forum-2-1.html", None, &body);
    let Verdict::Blocked { reason, words } = &reading.verdict else { panic!("{:?}", reading.verdict) };
    assert_eq!(*reason, BlockReason::Permission);
    assert!(words.contains("您的权限不足"), "{words}");
}

#[test]
fn an_empty_board_says_so_and_a_changed_page_does_not() {
    let body = fs::read(data("forum/empty_forum_list.html")).unwrap();
    let reading = read("discuz-list", "https://bbs.example.cn/forum-2-1.html", None, &body);
    assert_eq!((reading.verdict, reading.faults), (Verdict::Empty, vec![]));
    let body = "<html><body><div class=new>全新改版</div></body></html>";
    let reading = read("discuz-list", "https://bbs.example.cn/forum-2-1.html", None, body.as_bytes());
    assert_eq!((reading.verdict, reading.faults), (Verdict::Broken, vec![ReadFault::NoItems]));
}

#[test]
fn weibo_login_answer_is_blocked() {
    let body = r#"{"ok":-100,"url":"https://passport.weibo.com/sso/signin"}"#;
    let reading = read("weibo-search", "https://m.weibo.cn/api", None, body.as_bytes());
    assert!(
        matches!(reading.verdict, Verdict::Blocked { reason: BlockReason::Login, .. }),
        "{:?}",
        reading.verdict
    );
    let empty = r#"{"ok":0,"msg":"这里还没有内容"}"#;
    assert_eq!(
        read("weibo-search", "https://m.weibo.cn/api", None, empty.as_bytes()).verdict,
        Verdict::Empty
    );
}

#[test]
fn reading_needs_no_author() {
    for file in ["forum/mcbbsnews_post_list_html-0.html", "forum/mcbbsnews_java_express.html"] {
        let body = fs::read(data(file)).unwrap();
        let name = if file.contains("list") { "discuz-list" } else { "discuz-thread" };
        let reading = read(name, "https://www.mcbbs.net/x", None, &body);
        let all = format!("{:?}", reading.posts);
        assert!(!all.contains("home.php?mod=space"), "no link to a person is kept");
    }
    assert!(now() > jiff::Timestamp::UNIX_EPOCH);
}
