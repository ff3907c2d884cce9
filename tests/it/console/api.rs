//! For programs: push, SMS replies, the list of incidents.

use jiff::SignedDuration;
use serde_json::{Value, json};
use yuqing::{
    desk::Change,
    model::{AckHow, Act, ChannelKind, IncidentId, NoticeState},
};

use super::{
    FORM, PUSH_TOKEN, REPLY_SECRET, Stage, encoded, read,
    rows::{Outside, ago, incident, notice},
};

impl Stage {
    pub async fn send(&self, path: &str, bearer: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let request = self.client.post(format!("{}{path}", self.base)).bearer_auth(bearer).body(body);
        let (status, body) = read(request).await;
        (status, serde_json::from_str(&body).unwrap_or_else(|_| panic!("no JSON: {body}")))
    }
}

#[tokio::test]
async fn a_push_wants_its_token_and_readable_posts() {
    let stage = Stage::busy().await;
    let (status, answer) = stage.send("/api/v1/posts", PUSH_TOKEN, r#"[{"id":"1"},{"id":"2"}]"#).await;
    assert_eq!((status, &answer["accepted"]), (200, &json!({ "posts": 2, "mentions": 0 })));
    for wrong in ["", "x", super::CONSOLE_TOKEN] {
        let (status, answer) = stage.send("/api/v1/posts", wrong, "[]").await;
        assert_eq!((status, &answer["error"]["code"]), (401, &json!("unauthorized")), "{wrong}");
    }
    let (status, answer) = stage.send("/api/v1/posts", PUSH_TOKEN, "{").await;
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("unreadable")));
    let (status, answer) = stage.send("/api/v1/posts", PUSH_TOKEN, vec![b' '; 17 * 1_024 * 1_024]).await;
    assert_eq!((status, &answer["error"]["code"]), (413, &json!("too_large")));
    stage.end().await;
}

#[tokio::test]
async fn the_code_from_its_own_number_confirms() {
    let stage = Stage::busy().await;
    let code = stage.key.code(IncidentId(1), 3, "值班员");
    let reply = |phone: &str, text: &str| json!({ "phone": phone, "text": text }).to_string();

    let (status, _) = stage.send("/api/v1/sms/reply", "wrong", reply("13800000001", &code)).await;
    assert_eq!(status, 401);
    let (status, answer) = stage.send("/api/v1/sms/reply", REPLY_SECRET, reply("13900000002", &code)).await;
    assert_eq!((status, &answer["confirmed"]), (200, &json!(false)), "another's number");
    let (_, answer) = stage.send("/api/v1/sms/reply", REPLY_SECRET, reply("13800000001", "000000")).await;
    assert_eq!(answer["confirmed"], json!(false));
    assert!(stage.acts().is_empty());

    let (status, answer) = stage
        .send("/api/v1/sms/reply", REPLY_SECRET, reply("+86 138-0000-0001", &format!(" {code} 收到")))
        .await;
    assert_eq!((status, &answer["confirmed"]), (200, &json!(true)), "{answer}");
    let confirmed = Act::Acknowledge {
        incident: IncidentId(1),
        contact: "值班员".into(),
        rank: Some(3),
        how: AckHow::Reply,
        recorded_by: None,
        at: None,
    };
    assert_eq!(stage.acts(), [confirmed]);
    stage.end().await;
}

/// In a storm the notice that asked the leader lies far behind those to others; the code is right all the same.
#[tokio::test]
async fn a_code_confirms_behind_three_thousand_newer_notices() {
    let stage = Stage::busy().await;
    let storm = (0..3_000).map(|number| {
        let about = incident(2, 0, &Outside::default());
        let waiting = NoticeState::Pending;
        let mut one = notice(&format!("storm {number}"), &about, "带班领导", ChannelKind::Sms, waiting);
        one.address = "13700000007".into();
        one.created_at = ago(100) + SignedDuration::from_millis(number);
        Change::Notice(Box::new(one))
    });
    stage.store.commit(storm.collect()).await.expect("committed");
    let code = stage.key.code(IncidentId(1), 3, "值班员");
    let reply = |phone: &str| json!({ "phone": phone, "text": code }).to_string();
    for not_the_whole in ["00000001", "1", "无"] {
        let (_, answer) = stage.send("/api/v1/sms/reply", REPLY_SECRET, reply(not_the_whole)).await;
        assert_eq!(answer["confirmed"], json!(false), "{not_the_whole}");
    }
    let (_, answer) = stage.send("/api/v1/sms/reply", REPLY_SECRET, reply("13800000001")).await;
    assert_eq!((&answer["confirmed"], &answer["incident"]), (&json!(true), &json!(1)), "{answer}");
    assert_eq!(stage.acted(1).await.len(), 1);
    stage.end().await;
}

#[tokio::test]
async fn a_form_with_the_secret_in_the_address_does_as_well() {
    let stage = Stage::busy().await;
    let code = stage.key.code(IncidentId(1), 3, "值班员");
    let url = format!("{}/api/v1/sms/reply?{}", stage.base, encoded(&[("secret", REPLY_SECRET)]));
    let form = encoded(&[("mobile", "13800000001"), ("content", &code)]);
    let (status, answer) = read(stage.client.post(url).header(FORM.0, FORM.1).body(form)).await;
    assert_eq!(status, 200);
    assert!(answer.contains("\"confirmed\":true"), "{answer}");
    stage.change(|settings| settings.reply_secret = None);
    let (status, _) = stage.send("/api/v1/sms/reply", REPLY_SECRET, "{}").await;
    assert_eq!(status, 404);
    stage.end().await;
}

#[tokio::test]
async fn a_number_that_guesses_codes_is_shut_out() {
    let stage = Stage::busy().await;
    let code = stage.key.code(IncidentId(1), 3, "值班员");
    for guess in 0..5 {
        let body = json!({ "phone": "13800000001", "text": format!("{guess:06}") }).to_string();
        assert_eq!(stage.send("/api/v1/sms/reply", REPLY_SECRET, body).await.0, 200);
    }
    let body = json!({ "phone": "13800000001", "text": code }).to_string();
    assert_eq!(stage.send("/api/v1/sms/reply", REPLY_SECRET, body).await.0, 429);
    assert!(stage.acts().is_empty());
    stage.end().await;
}

#[tokio::test]
async fn incidents_are_listed_with_reason_and_limits() {
    let stage = Stage::busy().await;
    let (status, body) = stage.get("/api/v1/incidents").await;
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    let first = &answer["incidents"][0];
    assert_eq!(first["tier"], "critical");
    assert_eq!(first["daily_views"], 52_310);
    assert!(first["reason"].as_str().is_some_and(|line| line.starts_with("特别重大: ")));
    assert_eq!(first["deadlines"].as_array().map(Vec::len), Some(3));
    stage.end().await;
}
