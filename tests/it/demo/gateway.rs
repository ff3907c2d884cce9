//! The SMS gateway: signature, idempotency, refusal.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{body_of, client, county};

async fn hand_in(url: &str, key: &str, body: &Value, idempotency: &str) -> (u16, Value) {
    let body = body.to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("a key");
    mac.update(body.as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    let request = client().post(url).header("x-signature", signature).header("idempotency-key", idempotency);
    let answer = request.body(body).send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&body_of(answer).await).expect("JSON"))
}

#[tokio::test]
async fn a_signed_message_is_kept_once_however_often_it_comes() {
    let (county, _clock) = county(1).await;
    let (url, key) = (county.gateway.url(), county.gateway_key.clone());
    let message = json!({ "phone": "13800000000", "text": "重大 482913" });
    let (status, first) = hand_in(&url, &key, &message, "k1").await;
    assert_eq!((status, &first["code"]), (200, &json!(0)));
    let (_, again) = hand_in(&url, &key, &message, "k1").await;
    assert_eq!(again["id"], first["id"]);
    let (_, other) = hand_in(&url, &key, &message, "k2").await;
    assert_ne!(other["id"], first["id"]);
    let kept = county.gateway.messages();
    assert_eq!(
        kept.iter().map(|sms| (sms.key.as_str(), sms.repeats)).collect::<Vec<_>>(),
        [("k1", 1), ("k2", 0)]
    );
    county.stop().await;
}

#[tokio::test]
async fn a_wrong_signature_or_number_is_refused() {
    let (county, _clock) = county(1).await;
    let url = county.gateway.url();
    let message = json!({ "phone": "13800000000", "text": "重大" });
    let (status, answer) = hand_in(&url, "another key", &message, "k1").await;
    assert_eq!((status, &answer["code"]), (401, &json!(401)));
    let bad = json!({ "phone": "总值班室", "text": "重大" });
    let (status, answer) = hand_in(&url, &county.gateway_key, &bad, "k2").await;
    assert_eq!((status, &answer["code"]), (200, &json!(1001)));
    assert!(county.gateway.messages().is_empty());
    county.stop().await;
}
