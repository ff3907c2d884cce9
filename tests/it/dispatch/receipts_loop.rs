//! The whole way of a receipt: a text message is sent over real HTTP, the cloud is asked or the gateway tells, the real
//! desk decides, the next channel goes out and the console shows it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;
use tokio::{
    net::TcpListener,
    sync::{Notify, watch},
};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use yuqing::{
    config::channels::Cloud,
    console::{Console, Settings},
    dispatch::{
        Channel, Channels, Dispatcher,
        channel::{CloudSms, Email, Gateway, public_key},
    },
    model::{ChannelKind, Notice, NoticeState, SiteKind},
    store::{Envelope, Inbox, SharedStore, SqliteStore},
    time::{Clock as _, Manual},
};

use super::{
    clouds::settings,
    notices::{email_settings, texts},
    receipts_sms::aliyun,
    service::{Answer, OK, Service},
    sms,
};
use crate::{
    console::read,
    desk::scene::{Scene, TEXT, at, look, plan},
    support::mail::MailServer,
};

const SECRET: &str = "secret of the receipts";

/// An office with a desk, a store, a dispatcher and a console; the duty officer is told by text message first.
struct Office {
    store: SharedStore,
    lines: Arc<Mutex<Vec<String>>>,
    mails: MailServer,
    dispatcher: Dispatcher,
    wake: Arc<Notify>,
    console: String,
    stop: CancellationToken,
    tasks: Vec<AbortOnDropHandle<()>>,
    _folder: TempDir,
}

impl Office {
    /// One in which an incident has just been found.
    async fn with(sms: Arc<dyn Channel>) -> Self {
        let folder = TempDir::new().unwrap();
        let store: SharedStore = Arc::new(SqliteStore::open(&folder.path().join("yuqing.db")).unwrap());
        let mut plan = plan("work-safety");
        for tier in &mut plan.tiers {
            tier.channels = vec![ChannelKind::Sms];
        }
        let mut setup = Scene::with(plan).setup;
        for contact in setup.contacts.values_mut() {
            contact.channels = vec![ChannelKind::Email];
            contact.email = Some("admin@office.example".to_owned());
        }
        let duty = setup.contacts.get_mut("值班员").unwrap();
        duty.channels = vec![ChannelKind::Sms, ChannelKind::Email];
        (duty.email, duty.phone) = (Some("duty@office.example".into()), Some("13812345678".into()));
        let mut scene = Scene::on_stage(setup, false);
        let post = look("14:00", "bbs.example", SiteKind::Forum, "1", TEXT);
        scene.see(post.published(at("13:30")).views(1_500));
        store.commit(scene.changes.clone()).await.unwrap();

        let clock = Manual::at(at("14:00"));
        let (inbox, door) = Inbox::new(64);
        let (lines, wake) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let desk =
            desk(door, scene, Arc::clone(&store), clock.clone(), Arc::clone(&lines), Arc::clone(&wake));
        let mails = MailServer::start().await;
        let email = Email::new(email_settings(mails.address.port())).unwrap();
        let dispatcher = Dispatcher {
            store: Arc::clone(&store),
            inbox: inbox.clone(),
            clock: Arc::new(clock.clone()),
            channels: Channels::default().with(sms).with(Arc::new(email)),
            texts: texts(),
        };
        let mut settings = Settings::new(texts().confirm);
        settings.receipt_secrets = vec![(ChannelKind::Sms, SECRET.to_owned().into())];
        let console = Console {
            machine: None,
            access: yuqing::console::access::Keeper::new(Arc::clone(&store)),
            store: Arc::clone(&store),
            inbox,
            clock: Arc::new(clock.clone()),
            settings: watch::channel(Arc::new(settings)).1,
            vitals: None,
            post_room: None,
            push: None,
            scout: None,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let stop = CancellationToken::new();
        let (serving, sending) = (stop.clone(), dispatcher.clone().run(Arc::clone(&wake), stop.clone()));
        let tasks = vec![
            AbortOnDropHandle::new(tokio::spawn(desk)),
            AbortOnDropHandle::new(tokio::spawn(sending)),
            AbortOnDropHandle::new(tokio::spawn(
                async move { console.serve(listener, serving).await.unwrap() },
            )),
        ];
        Self { store, lines, mails, dispatcher, wake, console: address, stop, tasks, _folder: folder }
    }

    /// Begins to ask what became of messages.
    fn listen(&mut self) {
        let listening = self.dispatcher.clone().listen(self.stop.clone());
        self.tasks.push(AbortOnDropHandle::new(tokio::spawn(listening)));
    }

    /// The text message once it stands as wanted.
    async fn message(&self, wanted: impl Fn(&NoticeState) -> bool) -> Notice {
        let look = async {
            loop {
                let rows = self.store.notices(100).await.unwrap();
                let sms = rows.into_iter().map(|row| row.notice).find(|one| one.channel == ChannelKind::Sms);
                if let Some(sms) = sms.filter(|one| wanted(&one.state)) {
                    return sms;
                }
                self.wake.notify_one();
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), look).await.expect("the message does not stand so")
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    async fn page(&self, path: &str) -> String {
        read(reqwest::Client::new().get(format!("{}{path}", self.console))).await.1
    }
}

/// The real desk behind the door; writes down what it decides.
async fn desk(
    mut door: tokio::sync::mpsc::Receiver<Envelope>,
    mut scene: Scene,
    store: SharedStore,
    clock: Manual,
    lines: Arc<Mutex<Vec<String>>>,
    wake: Arc<Notify>,
) {
    while let Some(Envelope { input, done, .. }) = door.recv().await {
        let known = scene.changes.len();
        let decided = scene.take(&input, clock.now());
        // Written down first: whoever sees the commit finds the lines.
        lines.lock().unwrap().extend(decided);
        store.commit(scene.changes.split_off(known)).await.unwrap();
        let _ = done.send(Ok(()));
        wake.notify_one();
    }
}

fn is_accepted(state: &NoticeState) -> bool {
    matches!(state, NoticeState::Accepted { .. })
}

fn is_returned(state: &NoticeState) -> bool {
    matches!(state, NoticeState::Refused { .. })
}

/// The cloud took it and could not deliver it: the report is owed again, the mail goes out, the administrators hear why.
#[tokio::test]
async fn a_failed_receipt_reopens_the_report_and_fails_over() {
    let cloud = Service::start_saying(super::clouds::ALIYUN_OK, []).await;
    let channel = CloudSms::new(settings(Cloud::Aliyun, cloud.port)).unwrap();
    let mut office = Office::with(Arc::new(channel)).await;
    let message = office.message(is_accepted).await;
    assert!(office.lines().contains(&"report met".to_owned()), "{:?}", office.lines());
    assert!(office.mails.letters().is_empty());

    let told = |status, code: &str| Answer::Http(200, &[], aliyun(&[(&public_key(&message), status, code)]));
    cloud.will_answer([told(2, "MOBILE_NOT_ON_SERVICE")]);
    office.listen();
    let NoticeState::Refused { why, .. } = office.message(is_returned).await.state else { panic!() };
    assert_eq!(why, "停机、空号、关机或不在服务区 (MOBILE_NOT_ON_SERVICE)");

    let letters = office.mails.wait_for(2).await;
    let lines = office.lines();
    let place = |line: &str| lines.iter().position(|one| one.starts_with(line));
    assert!(place("report met") < place("report in"), "{lines:?}");
    assert!(place("report in").is_some() && place("failover → 值班员 email").is_some(), "{lines:?}");
    assert!(place("operations → 系统管理员 email").is_some(), "{lines:?}");
    let mut to: Vec<String> = letters.iter().flat_map(|letter| letter.to.clone()).collect();
    to.sort();
    assert_eq!(to, ["admin@office.example", "duty@office.example"]);
    assert!(office.page("/incidents/1").await.contains("MOBILE_NOT_ON_SERVICE"));
}

/// A gateway that tells by itself: what arrived is shown so, and told again it changes nothing.
#[tokio::test]
async fn a_gateways_receipt_is_shown_beside_the_acceptance() {
    let gateway = Service::start_saying(OK, []).await;
    let office = Office::with(Arc::new(Gateway::sms(sms::settings(gateway.port)).unwrap())).await;
    let message = office.message(is_accepted).await;
    let page = office.page("/incidents/1").await;
    assert!(page.contains("已受理") && !page.contains("已送达"), "{page}");
    // The gateway got the key with the message, and gives it back.
    let key = gateway.last().headers["idempotency-key"].to_str().unwrap().to_owned();
    assert_eq!(key, public_key(&message));
    let client = reqwest::Client::new();
    for _ in 0..2 {
        let report = json!({ "key": key, "delivered": true }).to_string();
        let request = client.post(format!("{}/api/v1/receipts", office.console)).bearer_auth(SECRET);
        let (_, answer) = read(request.body(report)).await;
        assert!(answer.contains("\"taken\":1"), "{answer}");
    }
    let page = office.page("/incidents/1").await;
    assert!(page.contains("已受理、已送达"), "{page}");
    assert!(office.mails.letters().is_empty(), "nothing more goes out");
}
