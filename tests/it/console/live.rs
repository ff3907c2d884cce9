//! The live pages: what `/events` tells, to how many, for how long; and what home says before one believes its calm.

use std::{net::IpAddr, time::Instant};

use jiff::SignedDuration;
use serde_json::Value;
use tokio::time::Duration;
use yuqing::{
    config::Login,
    console::{Bounds, access::Role},
    desk::Change,
    model::{Delivery, Incident, IncidentId, NoticeId, NoticeKind, Outcome},
    store::SourceState,
};

use super::{
    FORM, Stage, encoded,
    rows::{Outside, incident},
};

/// One event as it came.
#[derive(Debug)]
struct Event {
    name: String,
    id: String,
    data: Value,
}

/// A stream that is read.
struct Events {
    answer: reqwest::Response,
    bytes: Vec<u8>,
}

impl Events {
    /// The next event; `None` when the stream ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.bytes.windows(2).position(|two| two == b"\n\n") {
                let block: Vec<u8> = self.bytes.drain(..end + 2).collect();
                let block = String::from_utf8(block).expect("UTF-8");
                let field = |name: &str| {
                    let value = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                    value.unwrap_or_default().to_owned()
                };
                let data = serde_json::from_str(&field("data")).expect("JSON");
                let event = Event { name: field("event"), id: field("id"), data };
                return Some(event);
            }
            let chunk = self.answer.chunk().await.ok()??;
            self.bytes.extend_from_slice(&chunk);
        }
    }

    /// Reads until an event of this kind is as wanted.
    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if wanted(&event) {
                return event;
            }
        }
    }

    /// The next word, and the numbers and classes of what it raised.
    async fn raised(&mut self) -> Vec<(u64, String, bool)> {
        let event = self.until(|event| event.name == "changed" && event.data["desk"] == true).await;
        raised(&event)
    }
}

fn raised(event: &Event) -> Vec<(u64, String, bool)> {
    let list = event.data["raised"].as_array().expect("a list");
    let one = |one: &Value| {
        let class = one["class"].as_str().expect("a class").to_owned();
        (one["id"].as_u64().expect("a number"), class, one["rose"].as_bool().expect("a truth"))
    };
    list.iter().map(one).collect()
}

impl Stage {
    async fn events_with(&self, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = self.client.get(format!("{}/events", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.expect("an answer")
    }

    /// A stream that has said hello.
    async fn events(&self) -> Events {
        let mut events = Events { answer: self.events_with(&[]).await, bytes: Vec::new() };
        assert_eq!(events.next().await.expect("an event").name, "hello");
        events
    }

    async fn keep(&self, incident: Incident) {
        self.store.commit(vec![Change::Incident(Box::new(incident))]).await.expect("committed");
    }

    async fn keep_source(&self, change: impl FnOnce(&mut SourceState)) {
        let mut state = SourceState {
            source: "青禾论坛".into(),
            health: "ok".into(),
            last_good_at: Some(super::ago(12)),
            ..SourceState::default()
        };
        change(&mut state);
        self.store.save_source_state(state).await.expect("saved");
    }
}

/// A client that speaks from one of this machine's addresses.
fn client_at(last: u8) -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .local_address(IpAddr::from([127, 0, 0, last]))
        .build()
        .expect("a client")
}

#[tokio::test]
async fn a_commit_is_told_with_what_is_new_and_what_rose() {
    let stage = Stage::empty().await;
    let answer = stage.events_with(&[]).await;
    let header = |name: &str| answer.headers()[name].to_str().expect("text").to_owned();
    assert_eq!((answer.status().as_u16(), header("content-type").as_str()), (200, "text/event-stream"));
    assert_eq!(header("x-accel-buffering"), "no");
    let mut events = Events { answer, bytes: Vec::new() };
    let hello = events.next().await.expect("an event");
    assert_eq!((hello.name.as_str(), hello.data["raised"].as_array().map(Vec::len)), ("hello", Some(0)));
    let (_, page) = stage.get("/").await;
    let build = hello.data["build"].as_str().expect("a build");
    assert!(page.contains(&format!("data-build=\"{build}\"")), "the page knows its build");

    let outside = Outside { gist: "窗口<b>排队".into(), ..Outside::default() };
    stage.keep(incident(1, 1, &outside)).await;
    let event = events.until(|event| event.name == "changed").await;
    assert_eq!(raised(&event), [(1, "elevated".to_owned(), false)]);
    let told = &event.data["raised"][0];
    assert_eq!((told["gist"].as_str(), told["tier"].as_str()), (Some("窗口<b>排队"), Some("较大")));
    // It rises; then a person lowers it; then something else of it changes.
    stage.keep(incident(1, 3, &outside)).await;
    assert_eq!(events.raised().await, [(1, "critical".to_owned(), true)]);
    stage.keep(incident(1, 2, &outside)).await;
    assert_eq!(events.raised().await, []);
    // What is silenced is raised when the silence ends.
    let silenced = Incident { held: Some(NoticeKind::Alert), ..incident(2, 2, &outside) };
    stage.keep(silenced.clone()).await;
    assert_eq!(events.raised().await, []);
    stage.keep(Incident { held: None, ..silenced }).await;
    assert_eq!(events.raised().await, [(2, "major".to_owned(), false)]);
    stage.end().await;
}

#[tokio::test]
async fn what_dispatch_and_collect_write_is_told_too() {
    let stage = Stage::busy().await;
    let mut events = stage.events().await;
    // What was written before may be told now; this is told after it.
    stage.keep(incident(9, 3, &Outside::default())).await;
    events.until(|event| event.name == "changed" && raised(event).iter().any(|(id, ..)| *id == 9)).await;
    stage.keep_source(|_| {}).await;
    let event = events.until(|event| event.name == "changed").await;
    assert_eq!((&event.data["sources"], &event.data["desk"]), (&true.into(), &false.into()));
    let tried = Delivery {
        notice: NoticeId("1/rise/3/ld/sms".into()),
        at: super::ago(0),
        attempt: 1,
        outcome: Outcome::Retry { why: "busy".into() },
        parts: 0,
    };
    stage.store.attempted(tried, super::ago(-60)).await.expect("kept");
    let event = events.until(|event| event.data["desk"] == true).await;
    assert_eq!(event.data["sources"], false);
    stage.end().await;
}

#[tokio::test]
async fn a_storm_of_commits_is_two_words_a_second() {
    let stage = Stage::empty().await;
    let mut events = stage.events().await;
    let begun = Instant::now();
    for id in 1..=60 {
        stage.keep(incident(id, 1, &Outside::default())).await;
    }
    let (mut words, mut told) = (0, 0);
    while told < 60 {
        told += events.raised().await.len();
        words += 1;
    }
    assert_eq!(told, 60, "each is told once");
    let most = begun.elapsed().as_millis() / 500 + 2;
    assert!(words <= most, "{words} words where {most} are allowed");
    stage.end().await;
}

#[tokio::test]
async fn a_stream_that_comes_back_hears_what_it_missed() {
    let stage = Stage::empty().await;
    let mut events = stage.events().await;
    stage.keep(incident(1, 3, &Outside::default())).await;
    let first = events.until(|event| event.name == "changed").await;
    stage.keep(incident(2, 3, &Outside::default())).await;
    let second = events.until(|event| event.name == "changed").await;
    let back = async |id: &str| -> usize {
        let answer = stage.events_with(&[("last-event-id", id)]).await;
        let mut events = Events { answer, bytes: Vec::new() };
        let hello = events.next().await.expect("an event");
        let missed = raised(&hello);
        assert!(missed.iter().all(|(id, ..)| *id == 2), "{missed:?}");
        missed.len()
    };
    assert_eq!(back(&first.id).await, 1);
    assert_eq!(back(&second.id).await, 0);
    for strange in ["", "x", "-", "another-0", "0000-99999999999999999999"] {
        assert_eq!(back(strange).await, 0, "{strange}: of no run of this console");
    }
    stage.end().await;
}

#[tokio::test]
async fn a_silent_stream_beats_so_that_a_dead_one_is_noticed() {
    let usual = Bounds::default();
    assert!(usual.beat < usual.silence, "the listener ends no stream that beats");
    assert!(usual.beat * 2 < Duration::from_secs(35), "nor does a page take one that beats for dead");
    let stage = Stage::within(Bounds { beat: Duration::from_millis(10), ..usual }).await;
    let mut events = stage.events().await;
    for _ in 0..2 {
        let event = events.next().await.expect("an event");
        assert_eq!(
            (event.name.as_str(), event.data["now"].as_i64()),
            ("beat", Some(super::now().as_millisecond()))
        );
    }
    stage.end().await;
}

#[tokio::test]
async fn one_address_has_so_many_streams_and_gets_them_back() {
    let stage = Stage::empty().await;
    let mut open: Vec<Events> = Vec::new();
    for _ in 0..20 {
        open.push(stage.events().await);
    }
    let refused = stage.events_with(&[]).await;
    assert_eq!(refused.status().as_u16(), 503);
    assert_eq!(
        (&refused.headers()["retry-after"], &refused.headers()["connection"]),
        (&"60".parse().expect("a value"), &"close".parse().expect("a value"))
    );
    assert_eq!(stage.get("/").await.0, 200, "the other pages are not concerned");
    let elsewhere = client_at(2).get(format!("{}/events", stage.base)).send().await.expect("an answer");
    assert_eq!(elsewhere.status().as_u16(), 200, "nor are other addresses");
    open.pop();
    // The server hears of it soon, not at once.
    let mut tries = 0;
    while stage.events_with(&[]).await.status().as_u16() != 200 {
        tries += 1;
        assert!(tries < 10_000, "the seat is given back");
    }
    stage.end().await;
}

#[tokio::test]
async fn open_streams_do_not_hold_up_the_stop() {
    let stage = Stage::empty().await;
    let mut streams = vec![stage.events().await, stage.events().await];
    tokio::time::timeout(Duration::from_secs(4), stage.end()).await.expect("it stops at once");
    for events in &mut streams {
        assert!(events.next().await.is_none(), "and says so");
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_session() {
    let stage = Stage::empty().await;
    stage.change(|settings| settings.login = Login::Accounts);
    let cookie = stage.person("李管理", Role::Administrator, &[]).await;
    let cookie = cookie.as_str();
    assert_eq!(stage.events_with(&[]).await.status().as_u16(), 303, "it is behind the login");
    let open = async || {
        let mut events = Events { answer: stage.events_with(&[("cookie", cookie)]).await, bytes: Vec::new() };
        assert_eq!(events.next().await.expect("an event").name, "hello");
        events
    };
    let mut events = open().await;
    // A minute later it still holds.
    stage.clock.advance(SignedDuration::from_secs(61));
    stage.keep(incident(1, 3, &Outside::default())).await;
    assert_eq!(events.next().await.expect("an event").name, "changed");
    stage.clock.advance(SignedDuration::from_hours(12));
    assert_eq!(events.next().await.expect("an event").name, "leave");
    assert!(events.next().await.is_none());
    stage.end().await;
}

#[tokio::test]
async fn calm_is_not_claimed_while_something_behind_it_is_wrong() {
    use yuqing::console::{Ill, Vitals};
    let calm = async |stage: &Stage, why: &str, words: &str| {
        for path in ["/live", "/wall/live"] {
            let (_, page) = stage.get(path).await;
            assert_eq!(page.contains("目前平静"), words.is_empty(), "{why} {path}: {page}");
            assert!(page.contains(words), "{why}: {words} is not in {path}: {page}");
        }
    };
    let stage = Stage::empty().await;
    stage.keep_source(|_| {}).await;
    calm(&stage, "all is well", "").await;
    let ills = [
        (Ill::DeskStands, "研判没有在运行"),
        (Ill::Dead("collect"), "程序的一部分已停止（collect）"),
        (Ill::NoWrites("disk full".into()), "数据库写不进去"),
        (Ill::StoreStuck, "数据库写入没有应答"),
    ];
    for (ill, words) in ills {
        stage.vitals.send_replace(Vitals { looked_at: super::ago(0), ill: Some(ill) });
        calm(&stage, "the machinery is ill", words).await;
    }
    stage.vitals.send_replace(Vitals { looked_at: super::ago(150), ill: None });
    calm(&stage, "nobody looks whether it is", "程序的自检已停止").await;
    stage.vitals.send_replace(Vitals { looked_at: super::ago(0), ill: None });
    calm(&stage, "all is well again", "").await;
    // A source whose turn has passed long ago, whatever it was like then.
    stage.keep_source(|state| state.next_at = Some(super::ago(899))).await;
    calm(&stage, "its round takes a while", "").await;
    stage.keep_source(|state| state.next_at = Some(super::ago(901))).await;
    calm(&stage, "nobody looks", "1 个信源没有按时查看，最久的应在 13:49:59").await;
    stage.keep_source(|_| {}).await;
    // One of the office's sources that was never looked at; one that the office has not any more.
    let watched = |stage: &Stage, names: &[&str]| {
        let names = std::sync::Arc::new(names.iter().map(|name| (*name).to_owned()).collect());
        stage.change(|settings| settings.watched = Some(names));
    };
    watched(&stage, &["青禾论坛", "县新闻网"]);
    calm(&stage, "one was never looked at", "1 信源还没有查看过").await;
    stage.keep_source(|state| (state.source, state.health) = ("旧论坛".into(), "broken".into())).await;
    watched(&stage, &["青禾论坛"]);
    calm(&stage, "a source that is gone concerns nobody", "").await;
    // A fault that stands, said in the words in which it was told.
    let state = yuqing::desk::DeskState {
        broken: [("quiet-test".to_owned(), super::ago(60))].into(),
        standing: [(
            "quiet-test".to_owned(),
            yuqing::desk::Standing {
                text: "邮件服务器打不开".into(), told_at: super::ago(60), times: 1
            },
        )]
        .into(),
        ..yuqing::desk::DeskState::default()
    };
    stage.store.commit(vec![Change::State(state)]).await.expect("committed");
    calm(&stage, "a channel is down", "邮件服务器打不开").await;
    stage.end().await;
}

#[tokio::test]
async fn a_late_notice_is_said_and_so_is_the_exercise() {
    let stage = Stage::busy().await;
    assert!(!stage.get("/live").await.1.contains("过了时限仍未送出"));
    stage.clock.advance(SignedDuration::from_secs(71));
    for path in ["/live", "/wall/live"] {
        assert!(stage.get(path).await.1.contains("1 条通知过了时限仍未送出"), "{path}");
    }
    stage.change(|settings| settings.exercise = true);
    for path in ["/", "/wall"] {
        assert!(stage.get(path).await.1.contains("练习模式：尚未向任何人发送"), "{path}");
    }
    stage.end().await;
}

#[tokio::test]
async fn one_press_confirms_for_whoever_sits_here() {
    let stage = Stage::busy().await;
    let (_, page) = stage.get("/").await;
    assert!(page.contains("✓ 签收（值班员）") && page.contains("他人签收、电话代签"), "{page}");
    // Another contact sits down at this browser.
    let form = encoded(&[("contact", "带班领导")]);
    let request = stage.client.post(format!("{}/seat", stage.base)).header(FORM.0, FORM.1).body(form);
    let answer = request.send().await.expect("an answer");
    let cookie = answer.headers()["set-cookie"].to_str().expect("text").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let seat = cookie.split(';').next().expect("a pair");
    let home = || stage.client.get(format!("{}/", stage.base)).header("cookie", seat);
    assert!(super::read(home()).await.1.contains("✓ 签收（带班领导）"));
    // Somebody whom the card does not name confirms nothing by one press.
    let stranger =
        stage.client.get(format!("{}/", stage.base)).header("cookie", "yuqing_seat=%3Cb%3E%E7%94%B2");
    let (_, page) = super::read(stranger).await;
    assert!(page.contains("✓ 签收（值班员）") && !page.contains("<b>甲"), "{page}");

    let form = encoded(&[("contact", "带班领导"), ("back", "home")]);
    let request = stage.client.post(format!("{}/incidents/1/acknowledge", stage.base));
    let answer = request.header(FORM.0, FORM.1).body(form).send().await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["location"]),
        (303, &"/#card-1".parse().expect("a value"))
    );
    let (_, page) = stage.get("/").await;
    assert!(page.contains("已签收：<span>带班领导 14:05:00（值班台）</span>"), "{page}");
    assert!(!page.contains("✓ 签收（"), "nothing is left to press");
    assert_eq!(stage.acts().len(), 1);
    assert!(matches!(
        &stage.acts()[0],
        yuqing::model::Act::Acknowledge { incident: IncidentId(1), recorded_by: None, .. }
    ));
    stage.end().await;
}

#[tokio::test]
async fn the_wall_shows_every_open_incident_and_no_controls() {
    let stage = Stage::empty().await;
    for id in 1..=20 {
        stage.keep(incident(id, 3, &Outside { gist: format!("第{id}件"), ..Outside::default() })).await;
    }
    let (status, page) = stage.get("/wall").await;
    assert_eq!(status, 200);
    for id in 1..=20 {
        assert!(page.contains(&format!("第{id}件")), "{id} is critical and shown");
    }
    assert!(page.contains("5.2万") && !page.contains("<form") && !page.contains("<button"), "{page}");
    assert_eq!(page.matches("<a ").count(), 1, "the way out");
    stage.end().await;
}
