//! How often rules hit is counted where posts are sifted: a post once a rule, in batches.

use std::sync::{Arc, Mutex};

use axum::{Router, http::header, routing::get};
use jiff::{SignedDuration, tz::TimeZone};
use yuqing::{keyword::usage::rules_of, model::Usage};

use super::stage::{PATIENCE, Stage, matcher, now, serve, sources};

const RULES: &str = "[欠薪]\n拖欠工资\n\n[停水]\n停水\n";

fn posts(texts: &[(u32, &str)], views: u32) -> String {
    let post = |(id, text): &(u32, &str)| {
        format!(r#"{{"id":"{id}","text":"{text}","url":"https://bbs.example.cn/{id}","views":{views}}}"#)
    };
    format!(r#"{{"posts":[{}]}}"#, texts.iter().map(post).collect::<Vec<_>>().join(","))
}

async fn usage(stage: &Stage) -> Usage {
    let today = now().to_zoned(TimeZone::get("Asia/Shanghai").unwrap()).date();
    stage.store.usage(now() + SignedDuration::from_hours(1), today).await.unwrap()
}

/// Waits until the batch with so many hits of the first rule was kept.
async fn counted(stage: &Stage, hits: u64) -> Usage {
    let waiting = async {
        loop {
            let usage = usage(stage).await;
            if usage.rules[0].last_24h >= hits {
                return usage;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect("the batch is kept")
}

#[tokio::test]
async fn a_post_counts_once_a_rule_however_often_its_page_is_read() {
    let page = Arc::new(Mutex::new(posts(&[(1, "医院拖欠工资"), (2, "天气很好"), (3, "又拖欠工资")], 10)));
    let shown = Arc::clone(&page);
    let answer = move || {
        let body = shown.lock().unwrap().clone();
        async move { ([(header::CONTENT_TYPE, "application/json")], body) }
    };
    let base = serve(Router::new().route("/posts", get(answer))).await;
    let source = format!(
        "[[api]]\nname = \"接口\"\npreset = \"posts-json\"\nurl = \"{base}/posts\"\ninterval = \"5min\"\n"
    );
    let stage = Stage::new(sources(&source), RULES);
    stage.store.keep_rules(rules_of(matcher(RULES).lists()), now()).await.unwrap();
    let mut stage = stage.start();
    stage.settled("接口", 1).await;
    stage.advance(SignedDuration::from_mins(2));
    let first = counted(&stage, 2).await;
    assert_eq!(first.rules[0].rule.rule, "拖欠工资");
    assert_eq!((first.rules[1].last_24h, first.rules[1].last_hit_at), (0, None));
    assert_eq!(first.looked.iter().map(|looked| looked.posts).sum::<u64>(), 3);

    // The same posts with other counters, and a new one that meets both rules, one of them twice.
    let more = [(1, "医院拖欠工资"), (3, "又拖欠工资"), (4, "停水，拖欠工资，还停水")];
    *page.lock().unwrap() = posts(&more, 99);
    stage.advance(SignedDuration::from_mins(5));
    stage.settled("接口", 2).await;
    stage.stop().await;
    let second = usage(&stage).await;
    let hits: Vec<u64> = second.rules.iter().map(|rule| rule.last_24h).collect();
    assert_eq!(hits, [3, 1], "what was counted is handed over at the stop");
    assert_eq!(second.looked.iter().map(|looked| looked.posts).sum::<u64>(), 4);
    assert_eq!(second.rules[0].days.iter().map(|(_, hits)| hits).sum::<u64>(), 3);
    assert!(second.rules[0].last_hit_at > first.rules[0].last_hit_at);
}
