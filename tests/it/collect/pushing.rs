//! Posts that another program hands over.

use std::sync::Arc;

use jiff::SignedDuration;
use tokio::sync::watch;
use yuqing::{
    collect::push::{Door, PushFault, accept},
    desk::{Input, LiveSet},
    locale::Locale,
    model::SiteKind,
    store::{Inbox, SharedStore, SqliteStore},
    time::{Clock as _, Manual},
};

use super::stage::{Stage, matcher, now, sources};

const SOURCE: &str = "[[push]]\nname = \"采购的数据\"\nsite_kind = \"forum\"\n";

#[test]
fn bodies_of_every_shape() {
    let source = &sources(SOURCE)[0];
    let one = r#"{"site":"a","id":"1","text":"x"}"#;
    for body in
        [format!("[{one}]"), format!("{{\"posts\":[{one}]}}"), one.to_owned(), format!("{one}\n\n{one}\n")]
    {
        let accepted = accept(body.as_bytes(), source, now());
        assert!(!accepted.posts.is_empty() && accepted.faults.is_empty(), "{body}: {:?}", accepted.faults);
        assert_eq!(accepted.posts[0].post.site_kind, SiteKind::Forum);
    }
    for body in ["", "[]", "{\"posts\":[]}"] {
        let accepted = accept(body.as_bytes(), source, now());
        assert!(accepted.posts.is_empty(), "{body}");
    }
}

#[test]
fn a_bad_line_names_its_number_and_the_others_go_on() {
    let source = &sources(SOURCE)[0];
    let body = "{\"site\":\"a\",\"id\":\"1\",\"text\":\"x\",\"views\":-5}\n\
        {\"site\":\"a\"}\n\
        {\"site\":\"a\",\"id\":3,\"text\":\"y\",\"published_at\":\"2099-01-01\",\"reposts\":\"300\"}\n\
        {\"site\":\"a\",\"id\":\"4\",\"text\":\"z\",\"site_kind\":\"pigeon\"}\n";
    let accepted = accept(body.as_bytes(), source, now());
    let ids: Vec<_> = accepted.posts.iter().map(|handed| handed.post.key.id.as_str()).collect();
    assert_eq!(ids, ["1", "3"]);
    assert_eq!(accepted.posts[0].counters.views, None);
    assert_eq!(accepted.posts[1].post.published, None);
    assert_eq!(accepted.posts[1].counters.reposts.unwrap().value, 300);
    let words: Vec<_> = accepted.faults.iter().map(|fault| fault.human(Locale::ZhCn)).collect();
    assert!(words.iter().any(|line| line.starts_with("第 2 行：没有 id")), "{words:?}");
    assert!(words.iter().any(|line| line.starts_with("第 4 行：没有 site_kind pigeon")), "{words:?}");
}

#[tokio::test]
async fn the_door_answers_after_the_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store: SharedStore = Arc::new(SqliteStore::open(&folder.path().join("a.db")).unwrap());
    let (inbox, mut desk) = Inbox::new(8);
    let (_keep_sources, sources) = watch::channel(Arc::new(sources(SOURCE)));
    let (_keep_matcher, matcher) = watch::channel(matcher("[欠薪]\n拖欠工资\n"));
    let (_keep_live, live) = watch::channel(Arc::new(LiveSet::default()));
    let clock = Arc::new(Manual::at(now()));
    let door = Door {
        sources,
        matcher,
        live,
        inbox,
        store: Arc::clone(&store),
        clock,
        tally: Arc::default(),
        locale: Locale::ZhCn,
    };
    let body =
        br#"[{"site":"a","id":"1","text":"\u62d6\u6b20\u5de5\u8d44"},{"site":"a","id":"2","text":"x"}]"#;
    let taken = tokio::join!(door.take("采购的数据", body), async {
        let envelope = desk.recv().await.unwrap();
        assert!(
            matches!(&envelope.input, Input::Mention(mention) if mention.first_round && mention.post.key.id == "1")
        );
        envelope.done.send(Ok(())).unwrap();
    });
    let taken = taken.0.unwrap();
    assert_eq!((taken.posts, taken.mentions), (2, 1));
    let state = store.source_state("采购的数据").await.unwrap();
    assert_eq!((state.posts, state.mentions, state.last_good_at), (2, 1, Some(now())));
    assert_eq!(door.take("别的程序", body).await, Err(PushFault::UnknownSource("别的程序".into())));
    let error = door.take("采购的数据", b"nothing").await.unwrap_err();
    assert!(matches!(&error, PushFault::Unreadable(words) if words.starts_with("第 1 行")), "{error:?}");
    drop(desk);
    assert_eq!(door.take("采购的数据", body).await, Err(PushFault::Stopping));
}

const BODY: &[u8] = r#"[{"site":"a","id":"1","text":"拖欠工资"}]"#.as_bytes();

#[tokio::test]
async fn a_body_loses_nothing_that_the_watch_writes_meanwhile() {
    let text = SOURCE.to_owned() + "expected_every = \"1h\"\n";
    let mut stage = Stage::new(super::stage::sources(&text), "[欠薪]\n拖欠工资\n").start();
    let first = stage.settled("采购的数据", 1).await;
    let (inbox, mut desk) = Inbox::new(8);
    let door = stage.door(inbox);
    let pushed_at = stage.clock.now();
    let (taken, ()) = tokio::join!(door.take("采购的数据", BODY), async {
        let envelope = desk.recv().await.unwrap();
        // The door waits for the desk; the watch finds the source silent and says so.
        let told = loop {
            stage.advance(SignedDuration::from_mins(10));
            tokio::select! {
                told = stage.operations() => break told,
                () = tokio::task::yield_now() => {}
            }
        };
        while stage.store.source_state("采购的数据").await.unwrap().told != told.subject {
            tokio::task::yield_now().await;
        }
        envelope.done.send(Ok(())).unwrap();
    });
    assert_eq!(taken.unwrap().mentions, 1);
    let state = stage.store.source_state("采购的数据").await.unwrap();
    assert_eq!((state.posts, state.last_round_at), (1, Some(pushed_at)));
    assert!(!state.told.is_empty() && state.rounds > first.rounds, "{state:?}");
    assert!(state.memo.contains_key("known_since"));
}

#[tokio::test]
async fn bodies_that_come_together_are_all_counted() {
    let stage = Stage::new(super::stage::sources(SOURCE), "[欠薪]\n拖欠工资\n");
    let (inbox, mut desk) = Inbox::new(8);
    let door = stage.door(inbox);
    let (one, other, ()) =
        tokio::join!(door.take("采购的数据", BODY), door.take("采购的数据", BODY), async {
            let both = [desk.recv().await.unwrap(), desk.recv().await.unwrap()];
            for envelope in both {
                envelope.done.send(Ok(())).unwrap();
            }
        });
    assert!(one.is_ok() && other.is_ok());
    let state = stage.store.source_state("采购的数据").await.unwrap();
    assert_eq!((state.posts, state.mentions), (2, 2));
}
