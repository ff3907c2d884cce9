//! `explain` of posts in the office's store: the recorded reason, and what a person decided.

use std::sync::Arc;

use jiff::Timestamp;
use yuqing::{
    config::{Folder, plan_named},
    desk::{Desk, Input, Restored, Setup},
    model::{
        Act, Certainty, Counters, Hit, HitPart, IncidentId, Mention, Post, PostKey, RepostOf, SiteKind, Unit,
    },
    store::{SqliteStore, Store as _},
};

use super::*;

const UNIT: &str = "青川县人民医院";

fn mention(id: &str, text: &str, repost_of: Option<&str>, seen_at: Timestamp) -> Mention {
    let key = |id: &str| PostKey { site: "weibo".into(), id: id.into() };
    let hit = Hit {
        unit: UNIT.into(),
        group: UNIT.into(),
        rule: UNIT.into(),
        line: 1,
        start: 0,
        end: 0,
        surface: UNIT.into(),
        certainty: Certainty::Exact,
        part: HitPart::Own,
        at_least: None,
        notify: Vec::new(),
        kind: None,
        file: String::new(),
    };
    let post = Post {
        key: key(id),
        site_kind: SiteKind::Microblog,
        url: format!("https://weibo.example/{id}"),
        title: String::new(),
        text: text.into(),
        quoted: String::new(),
        published: None,
        repost_of: repost_of.map(|id| RepostOf { key: Some(key(id)), url: None, embedded: None }),
        links: Vec::new(),
    };
    Mention {
        source: "weibo".into(),
        post,
        seen_at,
        counters: Counters::default(),
        own_fetch: false,
        first_round: false,
        hits: vec![hit],
    }
}

/// A database as the daemon leaves it: a post, its repost, and a stranger that a person merged with them.
async fn database(path: &std::path::Path) {
    let plan = Arc::new(plan_named(&Folder::Shipped, "work-safety").unwrap());
    let unit = Unit { name: UNIT.into(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
    let setup = Setup { units: vec![(unit, plan)], ..Setup::default() };
    let now: Timestamp = "2026-11-21T01:00:00Z".parse().unwrap();
    let mut desk = Desk::new(setup, Restored::default(), now);
    let store = SqliteStore::open(path).unwrap();
    let stranger = "县人民医院体检中心今天停止放号，说是设备检修，什么时候恢复没有人知道。";
    let inputs = [
        Input::Mention(Box::new(mention("1", TEXT, None, now))),
        Input::Mention(Box::new(mention("2", "转发微博", Some("1"), now))),
        Input::Mention(Box::new(mention("3", stranger, None, now))),
        Input::Act(Act::Merge {
            incident: IncidentId(1),
            other: IncidentId(2),
            by: "李四".into(),
            reason: "同一天同一件事".into(),
        }),
    ];
    for input in inputs {
        store.commit(desk.take(&input, now).unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn the_recorded_reason_and_whose_decision_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("yuqing.db");
    database(&path).await;
    let path = path.to_str().unwrap();
    let explain = |one: &str, other: &str| {
        let output = statements(&["explain", one, other, "--database", path], b"");
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    };
    let repost = explain("weibo/2", "https://weibo.example/1");
    assert!(repost.contains("库中记录 甲: 青川县人民医院 #1  转发  转发了其中一篇"), "{repost}");
    assert!(repost.contains("是同一言论（转发）"), "{repost}");
    assert!(repost.contains('▢'), "the unit's name is masked: {repost}");
    // The machine would part them; a person decided otherwise, and that is what is kept.
    let merged = explain("#1", "weibo/3");
    assert!(merged.contains("库中记录 乙: 青川县人民医院 #1"), "{merged}");
    assert!(merged.contains("李四") && merged.contains("同一天同一件事"), "{merged}");
    assert!(merged.contains("机器判断: 不是同一言论"), "{merged}");
    assert!(merged.contains("库中同属 #1"), "{merged}");

    let json = objects(&statements(&["explain", "weibo/1", "weibo/3", "--database", path, "--json"], b""));
    assert_eq!(json[0]["stored"][1]["incident"], 1);
    assert_eq!(json[0]["stored"][0]["decisions"][0]["by"], "李四");
    let missing = statements(&["explain", "weibo/1", "weibo/9", "--database", path], b"");
    assert_eq!(missing.status.code(), Some(2));
    assert!(err(&missing).contains("weibo/9: 库中没有这篇帖文"));
}
