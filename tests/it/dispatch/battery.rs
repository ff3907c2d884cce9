//! One set of assertions that each channel must pass, whatever its server does.

use std::{sync::Arc, time::Duration};

use yuqing::{
    dispatch::{Channel, Verdict},
    locale::Locale,
    model::NoticeKind,
};

use super::notices::{at, notice, texts};

/// What the channel's server is told to do with the next conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Play {
    Accept,
    /// Not now.
    Later,
    /// Not this recipient.
    Refuse,
    /// Never answers.
    Hang,
    /// Takes everything, then goes away without an answer.
    Close,
    /// Answers something that is not its language.
    Garbage,
    /// Fails, and repeats the recipient and the secrets that it was given.
    Echo,
}

/// A channel, its server, and a secret of theirs.
pub trait Rig {
    /// With a server that follows `play` once, then accepts. The channel waits half a second at most.
    async fn set_up(play: Play) -> Self;
    fn channel(&self) -> Arc<dyn Channel>;
    /// The same channel with nobody at the other end.
    async fn nobody() -> Arc<dyn Channel>;
    /// Messages that the server accepted.
    fn accepted(&self) -> usize;
    /// What must never be seen.
    fn secrets() -> Vec<&'static str>;
}

pub async fn run<R: Rig>() {
    accepts::<R>().await;
    for play in [Play::Later, Play::Hang, Play::Close, Play::Garbage, Play::Echo] {
        retries::<R>(play).await;
    }
    refuses::<R>().await;
    survives_that_nobody_is_there::<R>().await;
    can_be_cut_off::<R>().await;
    takes_any_text::<R>().await;
    knocks_without_a_word::<R>().await;
}

async fn send(channel: &dyn Channel) -> Verdict {
    let one = notice(NoticeKind::Alert, channel.kind());
    let sending = async { channel.send(&one, &texts(), at(0)).await };
    let verdict = tokio::time::timeout(Duration::from_secs(15), sending).await;
    verdict.expect("a channel must be bounded by its own time")
}

fn checked<R: Rig>(why: &str, about: &str) {
    assert!(!why.is_empty(), "{about}");
    assert_eq!(why.lines().count(), 1, "{about}: {why}");
    assert!(why.chars().count() <= 400, "{about}: {why}");
    for secret in R::secrets() {
        assert!(!why.contains(secret), "{about}: {why}");
    }
}

async fn accepts<R: Rig>() {
    let rig = R::set_up(Play::Accept).await;
    assert_eq!(send(&*rig.channel()).await, Verdict::Accepted);
    assert_eq!(rig.accepted(), 1);
    // What a log may print of a channel holds no secret either.
    let printed = format!("{:?}", rig.channel());
    for secret in R::secrets() {
        assert!(!printed.contains(secret), "{printed}");
    }
}

async fn retries<R: Rig>(play: Play) {
    let rig = R::set_up(play).await;
    let verdict = send(&*rig.channel()).await;
    let Verdict::Retry { why, .. } = &verdict else { panic!("{play:?}: {verdict:?}") };
    checked::<R>(why, &format!("{play:?}"));
    assert_eq!(send(&*rig.channel()).await, Verdict::Accepted, "after {play:?}");
    assert_eq!(rig.accepted(), 1, "{play:?}");
}

async fn refuses<R: Rig>() {
    let rig = R::set_up(Play::Refuse).await;
    let verdict = send(&*rig.channel()).await;
    let Verdict::Refused { why } = &verdict else { panic!("{verdict:?}") };
    checked::<R>(why, "Refuse");
    assert_eq!(rig.accepted(), 0);
}

async fn survives_that_nobody_is_there<R: Rig>() {
    let verdict = send(&*R::nobody().await).await;
    let Verdict::Retry { why, .. } = &verdict else { panic!("{verdict:?}") };
    checked::<R>(why, "nobody there");
}

/// A knock finds out whether anybody is there, and nothing reaches anybody by it.
async fn knocks_without_a_word<R: Rig>() {
    let mailbox = ["duty.officer@office.example".to_owned()];
    let rig = R::set_up(Play::Accept).await;
    assert_eq!(rig.channel().knock(&mailbox, Locale::ZhCn).await, []);
    assert_eq!(rig.accepted(), 0, "a knock is no message");
    for locale in [Locale::ZhCn, Locale::En] {
        let shut = R::nobody().await.knock(&[], locale).await;
        assert_eq!(shut.len(), 1, "{shut:?}");
        checked::<R>(&shut[0].why, "a knock where nobody is");
    }
}

/// Megabytes of somebody's words, and all that could be markup, a header or a template, do no harm.
async fn takes_any_text<R: Rig>() {
    let rig = R::set_up(Play::Accept).await;
    let mut one = notice(NoticeKind::Alert, rig.channel().kind());
    let words = "\r\nBcc: all@x.example\r\n\r\n{{ code }} \"}, **[赢](javascript:x)** <@all> 汉".repeat(500);
    let facts = std::sync::Arc::make_mut(&mut one.facts);
    facts.gist.clone_from(&words);
    facts.note.clone_from(&words);
    facts.unit.clone_from(&words);
    facts.excerpt.clone_from(&words);
    facts.tier_name.clone_from(&words);
    for post in &mut facts.posts {
        post.title.clone_from(&words);
        post.url = format!("https://x.example/{words}");
    }
    let sending = async { rig.channel().send(&one, &texts(), at(0)).await };
    let verdict = tokio::time::timeout(Duration::from_secs(60), sending).await.unwrap();
    assert_eq!(verdict, Verdict::Accepted);
}

/// Dropped in the middle, a sending does no harm to the next.
async fn can_be_cut_off<R: Rig>() {
    let rig = R::set_up(Play::Hang).await;
    let channel = rig.channel();
    let one = notice(NoticeKind::Alert, channel.kind());
    let words = texts();
    tokio::select! {
        verdict = channel.send(&one, &words, at(0)) => panic!("{verdict:?}"),
        () = tokio::task::yield_now() => {}
    }
    // Whether or not the server has seen the first one, this conversation or the next is accepted.
    let first = send(&*channel).await;
    if first != Verdict::Accepted {
        assert_eq!(send(&*channel).await, Verdict::Accepted);
    }
}
