//! Each preset of kind api (and the Weibo family) against its recorded or rewritten answer: exact posts,
//! counters and times; its answers that are not data; and never an author.

use std::fs;

use serde_json::{Value, json};
use yuqing::{
    collect::adapter::{self, Page, ReadFault, Reading, Verdict},
    config::preset::BlockReason,
    model::{Count, Counters, Post, PostKey},
};

use super::stage::{data, now, preset, read};

/// Preset, answer, where it came from.
const CASES: &[(&str, &str, &str)] = &[
    ("weibo-search", "weibo/synthetic_hwwn_search.json", "https://m.weibo.cn/api/container/getIndex"),
    ("weibo-timeline", "weibo/weibo_ak_list_0.json", "https://m.weibo.cn/api/container/getIndex"),
    ("weibo-hot", "presets/weibo_hot.json", "https://m.weibo.cn/api/container/getIndex"),
    ("weibo-ajax-timeline", "presets/weibo_ajax_timeline.json", "https://weibo.com/ajax/statuses/mymblog"),
    ("weibo-ajax-status", "presets/weibo_ajax_status.json", "https://weibo.com/ajax/statuses/show"),
    ("weibo-ajax-hot", "presets/weibo_ajax_hot.json", "https://weibo.com/ajax/side/hotSearch"),
    ("weibo-cn-timeline", "presets/weibo_cn.html", "https://weibo.cn/1000000001?page=1"),
    ("weibo-cn-search", "presets/weibo_cn.html", "https://weibo.cn/search/mblog?keyword=x"),
    ("weibo-open", "presets/weibo_open.json", "https://api.weibo.com/2/statuses/mentions.json"),
    ("weibo-open-status", "presets/weibo_open_status.json", "https://api.weibo.com/2/statuses/show.json"),
    ("douyin-search", "douyin/douyin.json", "https://www.douyin.com/aweme/v1/web/search/item/"),
    ("douyin-item", "presets/douyin_item.json", "https://www.douyin.com/aweme/v1/web/aweme/detail/"),
    ("kuaishou-search", "presets/kuaishou_search.json", "https://data.example.cn/search"),
    ("kuaishou-search", "presets/kuaishou_app.json", "https://data.example.cn/search"),
    ("kuaishou-item", "presets/kuaishou_item.json", "https://data.example.cn/item"),
    (
        "bilibili-search",
        "presets/bilibili_search.json",
        "https://api.bilibili.com/x/web-interface/search/type",
    ),
    ("bilibili-item", "presets/bilibili_item.json", "https://api.bilibili.com/x/web-interface/view"),
    ("bilibili-dynamic", "presets/bilibili_dynamic.json", "https://api.bilibili.com/x/polymer"),
    ("zhihu-search", "presets/zhihu_search.json", "https://www.zhihu.com/api/v4/search_v3"),
    ("zhihu-item", "presets/zhihu_item.json", "https://www.zhihu.com/api/v4/answers/3399887766"),
    ("xiaohongshu-search", "presets/xiaohongshu_search.json", "https://data.example.cn/search"),
    ("xiaohongshu-item", "presets/xiaohongshu_item.json", "https://data.example.cn/item"),
    ("toutiao-search", "presets/toutiao_search.json", "https://www.toutiao.com/api/search/content/"),
    ("toutiao-item", "presets/toutiao_item.json", "https://m.toutiao.com/i7512345678901234567/info/"),
    ("dailyhot", "presets/dailyhot.json", "http://127.0.0.1:6688/weibo"),
    ("newsnow", "presets/newsnow.json", "http://127.0.0.1:4444/api/s?id=toutiao"),
    ("posts-json", "presets/posts_json.json", "https://data.example.cn/posts"),
    ("rsshub", "feeds/feed-rs/rss2/rss_2.0_spiegel.xml", "http://127.0.0.1:1200/spiegel"),
];

fn reading(preset: &str, file: &str, url: &str) -> Reading {
    read(preset, url, None, &fs::read(data(file)).unwrap())
}

fn number(count: Option<Count>) -> Value {
    match count {
        None => Value::Null,
        Some(count) if count.is_bound() => json!(format!("{}+", count.value)),
        Some(count) => json!(count.value),
    }
}

/// What of a post is held against the table.
fn shown(post: &Post, counters: &Counters) -> Value {
    let of = post.repost_of.as_ref();
    json!({
        "key": post.key.to_string(),
        "url": post.url,
        "title": post.title,
        "text": post.text.chars().take(40).collect::<String>(),
        "quoted": post.quoted.chars().take(40).collect::<String>(),
        "published": post.published.map(|published| published.at.to_string()),
        "counts": [
            number(counters.views), number(counters.reposts), number(counters.comments), number(counters.likes)
        ],
        "repost_of": of.and_then(|of| of.key.as_ref()).map(ToString::to_string),
    })
}

#[test]
fn each_preset_gives_the_stated_posts() {
    let path = data("presets/expected.json");
    let stated: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for (preset, file, url) in CASES {
        let reading = reading(preset, file, url);
        assert_eq!(reading.verdict, Verdict::Data, "{preset} {file}: {:?}", reading.faults);
        let found: Vec<Value> = reading.posts.iter().map(|(post, counters)| shown(post, counters)).collect();
        let stated = &stated[format!("{preset} {file}")];
        assert_eq!(json!(found), *stated, "{preset} {file}");
        assert_eq!(reading.faults, vec![], "{preset} {file}");
    }
}

#[test]
fn every_api_preset_stands_in_the_table() {
    let presets = yuqing::config::preset::Presets::load(None).unwrap();
    let ours = ["weibo", "douyin", "kuaishou", "bilibili", "zhihu", "xiaohongshu", "toutiao"];
    let ours = |site: &Option<String>| site.as_ref().is_some_and(|site| ours.contains(&site.as_str()));
    for preset in presets.iter().filter(|preset| preset.reader.kind() == "api" && ours(&preset.site)) {
        let covered = CASES.iter().any(|(name, ..)| *name == preset.name) || preset.name == "weibo-status";
        assert!(covered, "{} is read by no answer", preset.name);
        assert!(!preset.not_data.is_empty(), "{} knows no sign", preset.name);
    }
}

#[test]
fn what_a_preset_does_not_yield_stays_unknown() {
    let presets = yuqing::config::preset::Presets::load(None).unwrap();
    for (name, file, url) in CASES {
        let yields = presets.get(name).unwrap().yields;
        for (post, counters) in reading(name, file, url).posts {
            let shown = [counters.views, counters.reposts, counters.comments, counters.likes];
            let told = [yields.views, yields.reposts, yields.comments, yields.likes];
            for (count, told) in shown.into_iter().zip(told) {
                assert!(count.is_none() || told, "{name}: {} shows what is not yielded", post.key);
            }
        }
    }
}

/// Names of authors in the answers; of our own answers all have the first.
const AUTHORS: &[&str] =
    &["不得收录的作者", "技术阿宅", "效率喵", "测评少女", "数码老王", "laowang", "zaku", "nickname"];

#[test]
fn no_author_is_in_any_post() {
    for (preset, file, url) in CASES {
        let body = String::from_utf8_lossy(&fs::read(data(file)).unwrap()).into_owned();
        let all = format!("{:?}", reading(preset, file, url).posts);
        for author in AUTHORS {
            assert!(!all.contains(author), "{preset} {file}: {author}");
        }
        if file.starts_with("presets/") && !body.contains("不得收录的作者") {
            let own = ["weibo_hot", "weibo_ajax_hot", "newsnow"];
            let real = ["weibo_open.json", "bilibili_dynamic", "_search.json"];
            let excused = own.iter().chain(&real).any(|name| file.contains(name));
            assert!(excused, "{file} has no author that could slip through");
        }
    }
    // A recorded post names its own account in its text; as an author it has no field to be in.
    let timeline = reading(CASES[1].0, CASES[1].1, CASES[1].2);
    for (post, _) in &timeline.posts {
        let fields = serde_json::to_value(post).unwrap();
        let names: Vec<_> = fields.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(
            names.iter().all(|name| !["author", "user", "nickname", "avatar"].contains(name)),
            "{names:?}"
        );
    }
}

/// Answers at status 200 that are not posts, and what each means.
const NOT_DATA: &[(&str, &str, Option<BlockReason>)] = &[
    (
        "weibo-search",
        r#"{"ok":-100,"url":"https://passport.weibo.com/sso/signin"}"#,
        Some(BlockReason::Login),
    ),
    ("weibo-search", r#"{"ok":0,"msg":"Cookies expired"}"#, Some(BlockReason::Credential)),
    ("weibo-search", r#"{"ok":0,"errno":"100005","msg":"请求过于频繁"}"#, Some(BlockReason::Limited)),
    ("weibo-search", r#"{"ok":0,"msg":"这里还没有内容","data":{"cards":[]}}"#, None),
    (
        "weibo-timeline",
        r#"{"ok":-100,"url":"https://passport.weibo.com/sso/signin"}"#,
        Some(BlockReason::Login),
    ),
    ("weibo-timeline", r#"{"ok":1,"data":{"cards":[]}}"#, None),
    ("weibo-status", r#"{"ok":0,"msg":"微博不存在或暂无查看权限"}"#, None),
    ("weibo-status", r#"{"ok":0,"msg":"Cookies expired"}"#, Some(BlockReason::Credential)),
    ("weibo-hot", r#"{"ok":-100,"url":"https://passport.weibo.com/"}"#, Some(BlockReason::Login)),
    ("weibo-ajax-timeline", r#"{"ok":-100,"url":"https://weibo.com/login.php"}"#, Some(BlockReason::Login)),
    ("weibo-ajax-timeline", r#"{"ok":1,"data":{"list":[]}}"#, None),
    ("weibo-ajax-status", r#"{"ok":-100,"url":"https://weibo.com/login.php"}"#, Some(BlockReason::Login)),
    ("weibo-ajax-status", r#"{"ok":0,"message":"该微博不存在","error_type":"toast"}"#, None),
    ("weibo-ajax-hot", r#"{"ok":-100,"url":"https://weibo.com/login.php"}"#, Some(BlockReason::Login)),
    (
        "weibo-cn-timeline",
        "<html><head><title>微博-登录</title></head><body>请先登录</body></html>",
        Some(BlockReason::Login),
    ),
    (
        "weibo-cn-search",
        "<html><head><title>搜索结果</title></head><body><div class=c>抱歉，未找到“停水”相关结果。</div></body></html>",
        None,
    ),
    (
        "weibo-open",
        r#"{"error":"expired_token","error_code":21327,"request":"/2/statuses/mentions.json"}"#,
        Some(BlockReason::Credential),
    ),
    (
        "weibo-open",
        r#"{"error":"User requests out of rate limit!","error_code":10023}"#,
        Some(BlockReason::Limited),
    ),
    (
        "weibo-open",
        r#"{"error":"Insufficient app permissions!","error_code":10014}"#,
        Some(BlockReason::Permission),
    ),
    ("weibo-open", r#"{"statuses":[],"total_number":0}"#, None),
    ("weibo-open-status", r#"{"error":"target weibo does not exist!","error_code":20101}"#, None),
    (
        "weibo-open-status",
        r#"{"error":"invalid_access_token","error_code":21332}"#,
        Some(BlockReason::Credential),
    ),
    (
        "douyin-search",
        r#"{"status_code":0,"data":[],"search_nil_info":{"search_nil_type":"verify_check"}}"#,
        Some(BlockReason::Captcha),
    ),
    ("douyin-search", r#"{"status_code":2483,"status_msg":"请先登录"}"#, Some(BlockReason::Login)),
    ("douyin-search", r#"{"status_code":0,"data":[]}"#, None),
    (
        "douyin-item",
        r#"{"status_code":0,"aweme_detail":null,"filter_detail":{"filter_reason":"status_self_see"}}"#,
        None,
    ),
    ("kuaishou-search", r#"{"data":{"captcha":{"url":"x"}},"result":400002}"#, Some(BlockReason::Captcha)),
    ("kuaishou-search", r#"{"data":{"visionSearchPhoto":{"result":1,"feeds":[]}}}"#, None),
    ("bilibili-search", r#"{"code":-412,"message":"请求被拦截"}"#, Some(BlockReason::Limited)),
    ("bilibili-search", r#"{"code":0,"data":{"v_voucher":"voucher_x"}}"#, Some(BlockReason::Captcha)),
    ("bilibili-search", r#"{"code":0,"data":{"numResults":0,"result":[]}}"#, None),
    ("bilibili-item", r#"{"code":62002,"message":"稿件不可见"}"#, None),
    ("bilibili-item", r#"{"code":-404,"message":"啥都木有"}"#, None),
    ("bilibili-dynamic", r#"{"code":-352,"message":"-352"}"#, Some(BlockReason::Captcha)),
    ("bilibili-dynamic", r#"{"code":-101,"message":"账号未登录"}"#, Some(BlockReason::Login)),
    ("bilibili-dynamic", r#"{"code":0,"data":{"has_more":false,"items":[]}}"#, None),
    (
        "zhihu-search",
        r#"{"error":{"need_login":true,"redirect":"https://www.zhihu.com/account/unhuman","code":40362,"message":"您当前请求存在异常"}}"#,
        Some(BlockReason::Captcha),
    ),
    ("zhihu-search", r#"{"data":[],"paging":{"is_end":true}}"#, None),
    ("zhihu-item", r#"{"error":{"message":"资源不存在","name":"NotFoundException","code":404}}"#, None),
    ("xiaohongshu-search", r#"{"code":-101,"success":false,"msg":"无登录信息"}"#, Some(BlockReason::Login)),
    (
        "xiaohongshu-search",
        r#"{"code":300012,"success":false,"msg":"网络连接异常"}"#,
        Some(BlockReason::Limited),
    ),
    ("xiaohongshu-item", r#"{"code":-510001,"success":false,"msg":"笔记不存在"}"#, None),
    ("toutiao-search", r#"{"verify_type":"slide","verify_ticket":"x"}"#, Some(BlockReason::Captcha)),
    ("toutiao-search", r#"{"count":0,"data":null,"message":"success"}"#, None),
    ("toutiao-item", r#"{"success":false,"data":null}"#, None),
    ("dailyhot", r#"{"code":500,"message":"获取失败"}"#, Some(BlockReason::Other)),
    ("newsnow", r#"{"error":true,"statusCode":500,"message":"Invalid source id"}"#, Some(BlockReason::Other)),
    ("posts-json", r#"{"posts":[]}"#, None),
];

#[test]
fn answers_that_are_not_data_say_what_they_are() {
    for (preset, body, wanted) in NOT_DATA {
        let reading = read(preset, "https://x.example.cn/", None, body.as_bytes());
        assert_eq!(reading.posts.len(), 0, "{preset} {body}");
        match (&reading.verdict, wanted) {
            (Verdict::Blocked { reason, .. }, Some(wanted)) => assert_eq!(reason, wanted, "{preset} {body}"),
            (Verdict::Empty, None) => {}
            other => panic!("{preset} {body}: {other:?}, {:?}", reading.faults),
        }
    }
}

#[test]
fn an_answer_of_nothing_is_told_as_such() {
    for preset in ["douyin-search", "weibo-search", "bilibili-item"] {
        let reading = read(preset, "https://x.example.cn/", None, b"  ");
        assert_eq!((reading.verdict, reading.faults), (Verdict::Broken, vec![ReadFault::NoBody]), "{preset}");
    }
}

#[test]
fn a_message_does_not_become_the_post_that_was_asked_for() {
    let asked = PostKey { site: "weibo".into(), id: "5234000000000001".into() };
    let gone = r#"{"ok":0,"message":"该微博不存在","error_type":"toast"}"#;
    let page =
        Page { url: "https://weibo.com/", content_type: None, body: gone.as_bytes(), asked: Some(&asked) };
    let reading = adapter::read(&preset("weibo-ajax-status"), &page, now());
    assert_eq!((reading.posts.len(), reading.verdict), (0, Verdict::Empty));
}

#[test]
fn a_short_id_and_the_number_are_one_post() {
    let stated: Value =
        serde_json::from_slice(&fs::read(data("weibo/weibo_ak_list_0.json")).unwrap()).unwrap();
    let mut seen = 0;
    for blog in stated["data"]["cards"].as_array().unwrap().iter().map(|card| &card["mblog"]) {
        let (Some(number), Some(short)) = (blog["id"].as_str(), blog["bid"].as_str()) else { continue };
        let page = format!(r#"<div class="c" id="M_{short}"><div><span class="ctt">x</span></div></div>"#);
        let reading = read("weibo-cn-timeline", "https://weibo.cn/1", None, page.as_bytes());
        assert_eq!(reading.posts[0].0.key.id, number, "{short}");
        seen += 1;
    }
    assert!(seen >= 8, "recorded pairs");
    let odd = r#"<div class="c" id="M_zzzzzzzzzzzzzzzzzzzz"><div><span class="ctt">x</span></div></div>"#;
    assert_eq!(read("weibo-cn-timeline", "https://weibo.cn/1", None, odd.as_bytes()).posts.len(), 0);
}

#[test]
fn buttons_are_not_links_of_a_post() {
    let reading = reading("weibo-cn-timeline", "presets/weibo_cn.html", "https://weibo.cn/1000000001");
    let links: Vec<&String> = reading.posts.iter().flat_map(|(post, _)| &post.links).collect();
    assert!(links.iter().any(|link| link.contains("gov.example.cn/notice/7")), "{links:?}");
    assert!(links.iter().all(|link| !link.contains("attitude") && !link.contains("uid=")), "{links:?}");
}
