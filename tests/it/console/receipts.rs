//! The door by which gateways tell what became of messages.

use jiff::SignedDuration;
use serde_json::{Value, json};
use yuqing::{
    desk::Change,
    dispatch::channel::public_key,
    model::{ChannelKind, Fate, Notice, NoticeId, NoticeState},
};

use super::{RECEIPT_SECRET, REPLY_SECRET, Stage, encoded, read, rows::now};

const PATH: &str = "/api/v1/receipts";

impl Stage {
    /// A message that was accepted so many hours ago; its key.
    async fn sent(&self, name: &str, channel: ChannelKind, hours: i64) -> String {
        let row = self.store.notices(1).await.unwrap().remove(0);
        let at = now() - SignedDuration::from_hours(hours);
        let state = NoticeState::Accepted { at, arrived_at: None };
        let notice = Notice {
            id: NoticeId(name.to_owned()),
            channel,
            address: "13812345678".to_owned(),
            created_at: at,
            state,
            ..row.notice
        };
        self.store.commit(vec![Change::Notice(Box::new(notice.clone()))]).await.unwrap();
        public_key(&notice)
    }

    async fn report(&self, report: &Value) -> (u16, Value) {
        self.send(PATH, RECEIPT_SECRET, report.to_string()).await
    }

    fn told(&self) -> Vec<(String, Fate)> {
        let receipts = self.receipts.borrow();
        receipts.iter().map(|one| (one.notice.id.0.clone(), one.fate.clone())).collect()
    }
}

#[tokio::test]
async fn receipts_become_inputs_of_the_desk() {
    let stage = Stage::busy().await;
    let key = stage.sent("a", ChannelKind::Sms, 1).await;
    let other = stage.sent("b", ChannelKind::Sms, 4 * 24).await;
    let third = stage.sent("c", ChannelKind::Sms, 2).await;
    let (status, answer) = stage.report(&json!({ "key": key, "delivered": true })).await;
    assert_eq!((status, &answer["taken"], &answer["unknown"]), (200, &json!(1), &json!(0)), "{answer}");
    let report = json!([
        { "key": other, "delivered": false, "why": "空号\n13812345678" },
        { "key": third, "delivered": false, "why": null },
        { "key": "of nobody", "delivered": true },
    ]);
    let (status, answer) = stage.report(&report).await;
    assert_eq!((status, &answer["taken"], &answer["unknown"]), (200, &json!(2), &json!(1)), "{answer}");
    let returned = |why: &str| Fate::Returned { why: why.to_owned() };
    assert_eq!(
        stage.told(),
        [
            ("a".to_owned(), Fate::Arrived),
            ("b".to_owned(), returned("空号 138****5678")),
            ("c".to_owned(), returned("网关没有说明原因")),
        ]
    );
    // The secret may stand in the address.
    let url = format!("{}{PATH}?{}", stage.base, encoded(&[("secret", RECEIPT_SECRET)]));
    let body = json!({ "key": key, "delivered": true }).to_string();
    assert_eq!(read(stage.client.post(url).body(body)).await.0, 200);
    stage.end().await;
}

/// What is too old, of another channel or of nobody is counted and answered, so that it is not sent for ever.
#[tokio::test]
async fn what_nobody_waits_for_is_counted() {
    let stage = Stage::busy().await;
    let old = stage.sent("old", ChannelKind::Sms, 6 * 24).await;
    let call = stage.sent("call", ChannelKind::Voice, 1).await;
    let mail = stage.sent("mail", ChannelKind::Email, 1).await;
    let report: Vec<Value> =
        [old, call, mail].map(|key| json!({ "key": key, "delivered": false })).into_iter().collect();
    let (status, answer) = stage.report(&json!(report)).await;
    assert_eq!((status, &answer["taken"], &answer["unknown"]), (200, &json!(0), &json!(3)), "{answer}");
    let voice = "secret of the calls".to_owned();
    stage.change(|settings| settings.receipt_secrets.push((ChannelKind::Voice, voice.clone().into())));
    let (_, answer) = stage.send(PATH, &voice, json!(report).to_string()).await;
    assert_eq!((&answer["taken"], &answer["unknown"]), (&json!(1), &json!(2)));
    assert_eq!(stage.told().len(), 1);
    assert_eq!(stage.told()[0].0, "call");
    stage.end().await;
}

/// A receipt may be faster than the record of the acceptance: then it is wanted again.
#[tokio::test]
async fn a_receipt_that_comes_too_early_is_wanted_again() {
    let stage = Stage::busy().await;
    let row = stage.store.notices(1).await.unwrap().remove(0);
    let early = Notice {
        id: NoticeId("early".to_owned()),
        channel: ChannelKind::Sms,
        state: NoticeState::Pending,
        created_at: now(),
        ..row.notice
    };
    stage.store.commit(vec![Change::Notice(Box::new(early.clone()))]).await.unwrap();
    let key = stage.sent("a", ChannelKind::Sms, 1).await;
    let report = json!([
        { "key": public_key(&early), "delivered": true },
        { "key": key, "delivered": true },
    ]);
    let (status, answer) = stage.report(&report).await;
    assert_eq!((status, &answer["error"]["code"]), (503, &json!("too_early")), "{answer}");
    assert_eq!(stage.told(), [("a".to_owned(), Fate::Arrived)]);
    stage.end().await;
}

#[tokio::test]
async fn bad_reports_are_refused_with_a_reason_and_lose_nothing() {
    let stage = Stage::busy().await;
    let key = stage.sent("a", ChannelKind::Sms, 1).await;
    let good = json!({ "key": key, "delivered": true });
    for secret in ["", "wrong", REPLY_SECRET, super::CONSOLE_TOKEN] {
        let (status, answer) = stage.send(PATH, secret, good.to_string()).await;
        assert_eq!((status, &answer["error"]["code"]), (401, &json!("unauthorized")), "{secret}");
    }
    let many = json!(vec![json!({ "key": "x", "delivered": true }); 1_001]).to_string();
    for (body, code, wants) in [
        ("", 422, "send JSON"),
        ("key=1&delivered=true", 422, "send JSON"),
        ("7", 422, "receipt 1"),
        (r#"{"key":"1"}"#, 422, "missing field `delivered`"),
        (r#"{"delivered":true}"#, 422, "missing field `key`"),
        (r#"[{"key":"1","delivered":"yes"}]"#, 422, "receipt 1: invalid type"),
        (many.as_str(), 422, "at most 1000"),
        (" ".repeat(300 * 1_024).as_str(), 413, "256 KiB"),
    ] {
        let (status, answer) = stage.send(PATH, RECEIPT_SECRET, body.to_owned()).await;
        let said = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(status == code && said.contains(wants), "{status} {answer}");
    }
    assert!(stage.told().is_empty());
    // One that cannot be read takes nothing away from the others.
    let (status, answer) = stage.report(&json!([{ "key": 7 }, good])).await;
    assert_eq!((status, &answer["taken"], &answer["unreadable"]), (200, &json!(1), &json!(1)), "{answer}");
    assert!(answer["why"].as_str().unwrap().contains("receipt 1"), "{answer}");
    let (status, answer) = stage.report(&json!([])).await;
    assert_eq!((status, &answer["taken"]), (200, &json!(0)));
    stage.change(|settings| settings.receipt_secrets.clear());
    assert_eq!(stage.report(&good).await.0, 404);
    stage.end().await;
}
