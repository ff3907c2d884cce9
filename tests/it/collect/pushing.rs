//! Posts that another program hands over.

use std::sync::Arc;

use tokio::sync::watch;
use yuqing::{
    collect::push::{Door, PushFault, accept},
    desk::{Input, LiveSet},
    locale::Locale,
    model::SiteKind,
    store::{Inbox, SharedStore, SqliteStore},
    time::Manual,
};

use super::stage::{matcher, now, sources};

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
