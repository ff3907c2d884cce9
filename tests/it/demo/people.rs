//! The people: who confirms by which way, and who does not.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use sha2::Sha256;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use yuqing::{
    app::demo::{County, People, office},
    dispatch::Claim,
    model::{AckHow, Act, IncidentId},
};

use super::{client, county};
use crate::console::{REPLY_SECRET, Stage, rows};

struct Scene {
    county: County,
    stage: Stage,
    people: JoinHandle<()>,
    stop: CancellationToken,
    ticking: JoinHandle<()>,
}

impl Scene {
    /// People beside a console with a critical incident (1). Their clock runs on by itself.
    async fn open() -> Self {
        let (mut county, clock) = county(1).await;
        REPLY_SECRET.clone_into(&mut county.reply_secret);
        let stage = Stage::busy().await;
        let people = People::new(&county, std::sync::Arc::new(clock.clone()), &stage.base).expect("people");
        let stop = CancellationToken::new();
        let people = tokio::spawn(people.run(stop.clone()));
        let ticking = tokio::spawn(async move {
            loop {
                clock.advance(SignedDuration::from_secs(1));
                tokio::task::yield_now().await;
            }
        });
        Self { county, stage, people, stop, ticking }
    }

    async fn mail(&self, contact: &str, tier: &str, rank: usize) {
        let claim = Claim {
            incident: IncidentId(1),
            rank,
            contact: contact.to_owned(),
            expires_at: rows::ago(-3_600),
        };
        let link = format!("{}/confirm/{}", self.stage.base, self.stage.key.token(&claim));
        let address = self.county.mailbox.address();
        let mailer = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
            .port(address.port())
            .build();
        let to = office::mailbox_of(contact).expect("a mailbox");
        let mail = Message::builder()
            .from("yuqing@yanshi.invalid".parse().expect("an address"))
            .to(to.parse().expect("an address"))
            .subject(format!("【演示】【{tier}】青禾县人民医院 收费窗口排队三小时"))
            .body(format!("签收:\n{link}\n"))
            .expect("a mail");
        mailer.send(mail).await.expect("accepted");
    }

    async fn message(&self, contact: &str, tier: &str, rank: usize) {
        let code = self.stage.key.code(IncidentId(1), rank, contact);
        // The stage's notices went to this number.
        let body = serde_json::json!({ "phone": "19900000001", "text": format!("{tier}舆情 签收码{code}") })
            .to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(self.county.gateway_key.as_bytes()).expect("a key");
        mac.update(body.as_bytes());
        let signature = hex::encode(mac.finalize().into_bytes());
        let request = client().post(self.county.gateway.url()).header("x-signature", signature).body(body);
        assert!(request.send().await.expect("an answer").status().is_success());
    }

    async fn end(self) {
        self.stop.cancel();
        self.people.await.expect("joined");
        self.ticking.abort();
        self.stage.end().await;
        self.county.stop().await;
    }
}

#[tokio::test]
async fn the_link_is_pressed_by_whoever_is_told_below_major_and_by_others_above() {
    let scene = Scene::open().await;
    scene.mail("值班员", "较大", 1).await;
    let pressed = |contact: &str, rank| Act::Acknowledge {
        incident: IncidentId(1),
        contact: contact.to_owned(),
        rank: Some(rank),
        how: AckHow::Link,
        recorded_by: None,
        at: None,
    };
    assert_eq!(scene.stage.acted(1).await, [pressed("值班员", 1)]);

    // The gravest: the duty officer is away, the next in the chain is not; the answer follows, once.
    scene.mail("值班员", "特别重大", 3).await;
    scene.mail("带班领导", "特别重大", 3).await;
    let acts = scene.stage.acted(3).await;
    let answers =
        acts.iter().filter(|act| matches!(act, Act::Respond { incident: IncidentId(1), .. })).count();
    assert_eq!(answers, 1, "{acts:?}");
    assert!(acts.contains(&pressed("带班领导", 3)), "{acts:?}");
    assert!(!acts.contains(&pressed("值班员", 3)), "{acts:?}");
    scene.end().await;
}

#[tokio::test]
async fn the_code_comes_back_by_text_message_at_major() {
    let scene = Scene::open().await;
    let mut major = rows::incident(1, 2, &rows::Outside::default());
    major.reason.rank = 2;
    let mut notice = rows::notice(
        "1/rise/2/zb/sms",
        &major,
        "值班员",
        yuqing::model::ChannelKind::Sms,
        yuqing::model::NoticeState::Accepted { at: rows::now(), arrived_at: None },
    );
    notice.address = "19900000001".into();
    let change = yuqing::desk::Change::Notice(Box::new(notice));
    yuqing::store::Store::commit(&*scene.stage.store, vec![change]).await.expect("committed");
    // A message at the gravest tier is left without an answer; the one at major is answered.
    scene.message("值班员", "特别重大", 3).await;
    scene.message("值班员", "重大", 2).await;
    let acts = scene.stage.acted(1).await;
    let confirmed = Act::Acknowledge {
        incident: IncidentId(1),
        contact: "值班员".into(),
        rank: Some(2),
        how: AckHow::Reply,
        recorded_by: None,
        at: None,
    };
    assert_eq!(acts, [confirmed]);
    scene.end().await;
}
