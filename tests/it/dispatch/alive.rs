//! The heartbeat page and the daily line: silence must be heard.

use std::{path::Path, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp, civil::time};
use secrecy::SecretString;
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use yuqing::{
    app::{daily::Daily, heartbeat, heartbeat::Pulse},
    config::{
        Folder, InForce, Office,
        channels::{EmailSettings, RobotKind},
        load, source,
    },
    console::{Ill, Vitals},
    desk::{Change, Input, Operations},
    dispatch::ConfirmKey,
    model::{ChannelKind, Detail, Incident, Way},
    store::{Envelope, Inbox, SharedStore, SourceState, SqliteStore},
    time::{Clock, Manual},
};

use super::{
    notices::email_settings,
    robots::robot,
    service::{Answer, Service},
};
use crate::{store::rows::incident, support::mail::MailServer};

/// 2026-11-21 08:00 in Shanghai.
fn morning() -> Timestamp {
    "2026-11-21T00:00:00Z".parse().unwrap()
}

struct Stage {
    store: SharedStore,
    clock: Manual,
    office: watch::Sender<InForce>,
    inbox: Inbox,
    told: mpsc::UnboundedReceiver<Operations>,
    cancel: CancellationToken,
    _desk: AbortOnDropHandle<()>,
    _folder: TempDir,
}

impl Stage {
    fn new(change: impl FnOnce(&mut Office)) -> Self {
        let (mut office, _) = load(&Folder::Shipped).unwrap();
        change(&mut office);
        let in_force = InForce {
            office: Arc::new(office),
            faults: Arc::default(),
            warnings: Arc::default(),
            read_at: morning(),
        };
        let folder = TempDir::new().unwrap();
        let store: SharedStore = Arc::new(SqliteStore::open(&folder.path().join("yuqing.db")).unwrap());
        let (inbox, mut door) = Inbox::new(8);
        let (tell, told) = mpsc::unbounded_channel();
        let desk = tokio::spawn(async move {
            while let Some(Envelope { input, done, .. }) = door.recv().await {
                let Input::Operations(operations) = input else { panic!("{input:?}") };
                let _ = tell.send(operations);
                let _ = done.send(Ok(()));
            }
        });
        Self {
            store,
            clock: Manual::at(morning()),
            office: watch::Sender::new(in_force),
            inbox,
            told,
            cancel: CancellationToken::new(),
            _desk: AbortOnDropHandle::new(desk),
            _folder: folder,
        }
    }

    fn daily(&self) -> AbortOnDropHandle<()> {
        let daily = Daily {
            store: Arc::clone(&self.store),
            inbox: self.inbox.clone(),
            clock: Arc::new(self.clock.clone()),
            confirm: ConfirmKey::from_bytes([7; 32]),
            public_url: None,
        };
        AbortOnDropHandle::new(tokio::spawn(daily.run(self.office.subscribe(), self.cancel.clone())))
    }

    async fn source(&self, name: &str, rounds: u64, health: &str) {
        let state = SourceState {
            source: name.to_owned(),
            rounds,
            health: health.to_owned(),
            ..SourceState::default()
        };
        self.store.save_source_state(state).await.unwrap();
    }

    async fn next(&mut self) -> Operations {
        tokio::time::timeout(Duration::from_secs(20), self.told.recv()).await.expect("nothing told").unwrap()
    }

    /// Until the value of a key is this.
    async fn until(&self, key: &str, holds: impl Fn(&str) -> bool) {
        let wait = async {
            while !self.store.value(key).await.unwrap().as_deref().is_some_and(&holds) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the value never came");
    }
}

fn with_daily(office: &mut Office, port: u16) {
    let mut robot = robot(RobotKind::WeCom, port);
    robot.detail = Detail::Brief;
    office.settings.robots = vec![robot];
    office.settings.heartbeat.daily_at = Some(time(8, 30, 0, 0));
    office.settings.heartbeat.daily_to = vec![toml::Spanned::new(0..0, "系统管理员".to_owned())];
    let admin = office.contacts.shared.iter_mut().find(|one| one.name == "系统管理员").unwrap();
    admin.channels = vec![ChannelKind::Robot];
    let way = Way { instance: Some("值班群".to_owned()), detail: Some(Detail::Brief) };
    admin.ways.insert(ChannelKind::Robot, way);
    let feeds = "[[feed]]\nname = \"甲论坛\"\nurl = \"https://a.example/rss\"\n\
                 [[feed]]\nname = \"乙论坛\"\nurl = \"https://b.example/rss\"\n\
                 [[feed]]\nname = \"停用\"\nurl = \"https://c.example/rss\"\nenabled = false\n";
    let sources = source::parse(Path::new("sources.toml"), feeds, &office.presets, &[]).unwrap();
    office.sources = Arc::new(sources);
}

fn text(service: &Service) -> String {
    service.last().json()["markdown"]["content"].as_str().unwrap().to_owned()
}

const OK: &str = r#"{"errcode":0}"#;

fn seen_at(id: u64, at: &str) -> Incident {
    Incident { detected_at: at.parse().unwrap(), ..incident(id, 0) }
}

#[tokio::test]
async fn the_daily_line_has_the_figures_of_the_day_before() {
    let service = Service::start_saying(OK, []).await;
    let mut stage = Stage::new(|office| with_daily(office, service.port));
    stage.clock.set("2026-11-19T16:30:00Z".parse().unwrap());
    stage.source("甲论坛", 100, "ok").await;
    stage.source("乙论坛", 50, "ok").await;
    // 00:30 of the 20th: the day's first figures are kept.
    let _running = stage.daily();
    stage.until("daily/rounds", |rounds| rounds.contains("2026-11-20")).await;
    // Yesterday's line goes out at 08:30, late as the daemon is new; then the day passes.
    stage.clock.set("2026-11-20T00:31:00Z".parse().unwrap());
    assert!(!stage.next().await.broken);
    assert!(text(&service).contains("昨日 轮次未知，0 条，信源 2/2 正常"), "{}", text(&service));
    stage.source("甲论坛", 124, "ok").await;
    stage.source("乙论坛", 74, "quiet").await;
    stage.clock.set("2026-11-20T16:00:01Z".parse().unwrap());
    stage.until("daily/rounds", |rounds| rounds.contains("2026-11-21")).await;
    // What came since midnight belongs to the next line.
    stage.source("甲论坛", 130, "broken").await;
    let row = |id, at: &str| Change::Incident(Box::new(seen_at(id, at)));
    let rows = vec![
        row(1, "2026-11-19T15:59:59Z"),
        row(2, "2026-11-19T16:00:00Z"),
        row(3, "2026-11-20T15:59:59Z"),
        row(4, "2026-11-20T16:00:00Z"),
    ];
    stage.store.commit(rows).await.unwrap();
    stage.clock.set("2026-11-21T00:29:00Z".parse().unwrap());
    assert_eq!(service.accepted(), 1, "it is not half past eight yet");
    stage.clock.advance(SignedDuration::from_mins(2));
    assert!(!stage.next().await.broken);
    assert_eq!(text(&service).lines().last().unwrap(), "昨日 48 轮，2 条，信源 1/2 正常，不正常的有 甲论坛");
    assert!(text(&service).starts_with("**平安报 示范单位**"), "{}", text(&service));
    assert_eq!(service.accepted(), 2);
}

/// By mail it brings the brief of the day before, in its own place beside the words.
#[tokio::test]
async fn the_daily_mail_brings_the_brief() {
    let server = MailServer::start().await;
    let mut stage = Stage::new(|office| {
        with_daily(office, 1);
        office.settings.email = Some(EmailSettings { papers: true, ..email_settings(server.address.port()) });
        let admin = office.contacts.shared.iter_mut().find(|one| one.name == "系统管理员").unwrap();
        admin.channels = vec![ChannelKind::Email];
        admin.email = Some("guanliyuan@qingchuan.example".to_owned());
        admin.detail = Detail::Full;
    });
    stage.clock.advance(SignedDuration::from_hours(1));
    let _running = stage.daily();
    assert!(!stage.next().await.broken);
    let raw = server.letters()[0].raw.replace('\n', "\r\n");
    let mail = mail_parser::MessageParser::default().parse(raw.as_bytes()).expect("a mail");
    assert!(mail.subject().is_some_and(|words| words.contains("平安报")), "{:?}", mail.subject());
    let file = mail.attachment(0).expect("the brief");
    assert_eq!(
        mail_parser::MimeHeaders::attachment_name(file),
        Some("示范单位 舆情简报 2026年11月20日.docx")
    );
}

#[tokio::test]
async fn a_restart_tells_it_once_and_a_late_start_still_tells_it() {
    let service = Service::start_saying(OK, []).await;
    let mut stage = Stage::new(|office| with_daily(office, service.port));
    stage.clock.advance(SignedDuration::from_hours(5));
    let running = stage.daily();
    stage.next().await;
    stage.until("daily/told", |day| day == "2026-11-21").await;
    drop(running);
    let _again = stage.daily();
    stage.clock.advance(SignedDuration::from_hours(1));
    stage.store.ping().await.unwrap();
    stage.clock.advance(SignedDuration::from_hours(24));
    stage.next().await;
    assert_eq!(service.accepted(), 2, "one a day");
}

#[tokio::test]
async fn a_line_that_reaches_nobody_is_told_to_the_administrators() {
    let refused = Answer::Http(200, &[], r#"{"errcode":93000,"errmsg":"robot removed"}"#.to_owned());
    let service = Service::start_saying(OK, [refused]).await;
    let mut stage = Stage::new(|office| with_daily(office, service.port));
    stage.clock.advance(SignedDuration::from_hours(1));
    let _running = stage.daily();
    let told = stage.next().await;
    assert!(told.broken && told.subject == "daily/系统管理员", "{told:?}");
    assert!(told.text.contains("平安报没有送到 系统管理员") && told.text.contains("93000"), "{told:?}");
    stage.until("daily/told", |day| day == "2026-11-21").await;
    stage.clock.advance(SignedDuration::from_hours(24));
    assert!(!stage.next().await.broken, "the next day it is mended");
}

fn pulse(stage: &Stage, beat: &watch::Sender<Timestamp>, room: tokio::task::AbortHandle) -> Pulse {
    Pulse {
        store: Arc::clone(&stage.store),
        desk: beat.subscribe(),
        rooms: vec![("collect", room)],
        clock: Arc::new(stage.clock.clone()),
        patience: heartbeat::PATIENCE,
    }
}

#[tokio::test]
async fn the_page_is_called_every_minute_while_all_is_well() {
    let service = Service::start([]).await;
    let url = format!("http://127.0.0.1:{}/ping/0f2c", service.port);
    let stage = Stage::new(|office| {
        office.settings.heartbeat.url = Some(SecretString::from(url));
        office.settings.heartbeat.allow_private = true;
    });
    let beat = watch::Sender::new(stage.clock.now());
    let room = AbortOnDropHandle::new(tokio::spawn(std::future::pending::<()>()));
    let pulse = pulse(&stage, &beat, room.abort_handle());
    let (office, cancel) = (stage.office.subscribe(), stage.cancel.clone());
    let _running = AbortOnDropHandle::new(tokio::spawn(heartbeat::run(pulse, office, cancel)));
    for minute in 1..=3 {
        // The loop must have gone to sleep before the clock moves, or it would sleep from the new time.
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        stage.clock.advance(SignedDuration::from_secs(60));
        beat.send_replace(stage.clock.now());
        service.asked(minute).await;
        stage.until("heartbeat", |at| at == stage.clock.now().to_string()).await;
    }
    assert_eq!(service.last().uri, "/ping/0f2c");
}

#[tokio::test]
async fn the_heartbeat_is_withheld_when_something_is_stuck_or_dead() {
    let stage = Stage::new(|_| {});
    let beat = watch::Sender::new(stage.clock.now());
    let room = AbortOnDropHandle::new(tokio::spawn(std::future::pending::<()>()));
    let well = pulse(&stage, &beat, room.abort_handle());
    assert_eq!(well.look().await, Ok(()));
    // The desk's loop has not turned for longer than it ever waits.
    stage.clock.advance(SignedDuration::from_secs(149));
    assert_eq!(well.look().await, Ok(()));
    stage.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(well.look().await, Err(Ill::DeskStands));
    beat.send_replace(stage.clock.now());
    assert_eq!(well.look().await, Ok(()));
    // A room that has ended.
    let ended = tokio::spawn(async {});
    let dead = pulse(&stage, &beat, ended.abort_handle());
    ended.await.unwrap();
    assert_eq!(dead.look().await, Err(Ill::Dead("collect")));
    // A database that another process holds for writing: reads still answer.
    let path = stage._folder.path().join("yuqing.db");
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let impatient = Pulse { patience: Duration::from_millis(300), ..well };
    let stuck = impatient.look().await.unwrap_err().to_string();
    assert!(stuck.starts_with("the store "), "{stuck}");
}

#[tokio::test]
async fn the_console_is_handed_each_look() {
    let stage = Stage::new(|_| {});
    let beat = watch::Sender::new(stage.clock.now());
    let room = AbortOnDropHandle::new(tokio::spawn(std::future::pending::<()>()));
    let pulse = pulse(&stage, &beat, room.abort_handle());
    let never = jiff::Timestamp::UNIX_EPOCH;
    let (vitals, mut seen) = watch::channel(Vitals { looked_at: never, ill: None });
    let cancel = stage.cancel.clone();
    let _running = AbortOnDropHandle::new(tokio::spawn(heartbeat::look_after(pulse, vitals, cancel)));
    let first = seen.wait_for(|seen| seen.looked_at == stage.clock.now()).await.unwrap().ill.clone();
    assert_eq!(first, None);
    stage.clock.advance(SignedDuration::from_secs(150));
    let looked = seen.wait_for(|seen| seen.looked_at == stage.clock.now()).await.unwrap().ill.clone();
    assert_eq!(looked, Some(Ill::DeskStands));
    beat.send_replace(stage.clock.now());
    stage.clock.advance(SignedDuration::from_secs(30));
    seen.wait_for(|seen| seen.looked_at == stage.clock.now() && seen.ill.is_none()).await.unwrap();
}
