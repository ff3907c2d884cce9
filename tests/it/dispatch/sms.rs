//! Text messages against a gateway of our own over real HTTP.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use yuqing::{
    config::channels::{GatewaySettings, SuccessRule},
    dispatch::{
        Channel, Verdict,
        channel::{Gateway, public_key},
    },
    model::{ChannelKind, NoticeKind},
};

use super::{
    battery::{self, Play, Rig},
    notices::{at, notice, texts},
    service::{Answer, OK, Service, free_port},
};

const KEY: &str = "gateway-signing-key";
const TOKEN: &str = "token-in-plain-words";

pub fn settings(port: u16) -> GatewaySettings {
    GatewaySettings {
        method: "POST".to_owned(),
        url: format!("http://127.0.0.1:{port}/send?to={{{{ phone|urlencode }}}}"),
        headers: BTreeMap::from([
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("X-Signature".to_owned(), "{{ signature }}".to_owned()),
            ("X-Token".to_owned(), TOKEN.to_owned()),
        ]),
        body: r#"{"mobile": {{ phone|tojson }}, "params": [{{ tier|tojson }}, {{ gist|tojson }}, {{ code|tojson }}], "content": {{ text|tojson }}}"#.to_owned(),
        text: String::new(),
        token: None,
        hmac_key: Some(KEY.to_owned().into()),
        signed: "{{ time }}\n{{ body }}".to_owned(),
        idempotency_header: Some("Idempotency-Key".to_owned()),
        success: SuccessRule { status: 200..=299, json: Some(("$.code".to_owned(), "0".to_owned())) },
        refuse_json: Some(("$.code".to_owned(), vec!["1101".to_owned(), "BAD_NUMBER".to_owned()])),
        timeout: Duration::from_millis(1_500),
        allow_private: true,
        receipt_secret: None,
    }
}

async fn send(gateway: &Service, change: impl FnOnce(&mut GatewaySettings)) -> Verdict {
    let mut settings = settings(gateway.port);
    change(&mut settings);
    let channel = Gateway::sms(settings).unwrap();
    channel.send(&notice(NoticeKind::Alert, ChannelKind::Sms), &texts(), at(0)).await
}

struct SmsRig(Service);

impl Rig for SmsRig {
    async fn set_up(play: Play) -> Self {
        let refusal = r#"{"code": 1101, "message": "13812345678 is no number"}"#;
        Self(Service::play(play, OK, (200, refusal), (503, "busy\n\nlater")).await)
    }

    fn channel(&self) -> Arc<dyn Channel> {
        Arc::new(Gateway::sms(settings(self.0.port)).unwrap())
    }

    async fn nobody() -> Arc<dyn Channel> {
        Arc::new(Gateway::sms(settings(free_port().await)).unwrap())
    }

    fn accepted(&self) -> usize {
        self.0.accepted()
    }

    fn secrets() -> Vec<&'static str> {
        vec![KEY, TOKEN, "13812345678"]
    }
}

#[tokio::test]
async fn sms_passes_the_battery() {
    battery::run::<SmsRig>().await;
}

#[tokio::test]
async fn the_gateway_gets_what_the_templates_say() {
    let gateway = Service::start([]).await;
    assert_eq!(send(&gateway, |_| {}).await, Verdict::Accepted);
    let request = gateway.last();
    let one = notice(NoticeKind::Alert, ChannelKind::Sms);
    assert_eq!(request.uri, "/send?to=13812345678");
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["mobile"], "13812345678");
    assert_eq!(body["content"], texts().sms(&one));
    assert_eq!(body["params"][0], "重大");
    assert_eq!(body["params"][2], texts().code(&one).unwrap());
    assert_eq!(request.headers["idempotency-key"], public_key(&one));

    // RFC 2104 with Python's hmac as the second opinion: the signature is over the time and the body.
    let script =
        "import hmac,sys;print(hmac.new(sys.argv[1].encode(),sys.argv[2].encode(),'sha256').hexdigest())";
    let signed = format!("{}\n{}", at(0).as_second(), request.body);
    let oracle = std::process::Command::new("python3").args(["-c", script, KEY, &signed]).output().unwrap();
    assert_eq!(request.headers["x-signature"], String::from_utf8(oracle.stdout).unwrap().trim());
}

#[tokio::test]
async fn words_cannot_break_out_of_the_body() {
    let gateway = Service::start([]).await;
    let mut one = notice(NoticeKind::Alert, ChannelKind::Sms);
    std::sync::Arc::make_mut(&mut one.facts).gist =
        "\"}, \"mobile\": \"110\", {{ code }} \\ \u{7}".to_owned();
    let verdict = Gateway::sms(settings(gateway.port)).unwrap().send(&one, &texts(), at(0)).await;
    assert_eq!(verdict, Verdict::Accepted);
    let body: serde_json::Value = serde_json::from_str(&gateway.last().body).unwrap();
    assert_eq!(body["mobile"], "13812345678");
    assert!(body["params"][1].as_str().unwrap().contains("{{ code }}"), "{body}");
}

#[tokio::test]
async fn what_an_answer_means() {
    let plain = |status, body: &str| Answer::Http(status, &[], body.to_owned());
    let retry = |verdict: &Verdict| matches!(verdict, Verdict::Retry { .. });
    for (answer, expected) in [
        (plain(200, OK), "accepted"),
        (plain(202, r#"{"code": "0"}"#), "accepted"),
        (plain(200, r#"{"code": 7}"#), "retry"),
        (plain(200, "not json"), "retry"),
        (plain(200, ""), "retry"),
        (plain(200, r#"{"code": "BAD_NUMBER"}"#), "refused"),
        (plain(400, r#"{"code": 1101}"#), "refused"),
        (plain(400, OK), "retry"),
        (plain(401, OK), "retry"),
        (plain(429, OK), "retry"),
        (plain(500, OK), "retry"),
        (Answer::Http(302, &[("location", "/elsewhere")], String::new()), "retry"),
    ] {
        let gateway = Service::start([answer.clone()]).await;
        let verdict = send(&gateway, |_| {}).await;
        let found = match &verdict {
            Verdict::Accepted => "accepted",
            Verdict::Refused { .. } => "refused",
            Verdict::Retry { .. } => "retry",
        };
        assert_eq!(found, expected, "{answer:?}: {verdict:?}");
        assert_eq!(gateway.requests().len(), 1, "a redirect is not followed");
    }
    let gateway = Service::start([Answer::Http(429, &[("retry-after", "90")], String::new())]).await;
    let verdict = send(&gateway, |_| {}).await;
    assert!(retry(&verdict));
    assert!(matches!(verdict, Verdict::Retry { after: Some(after), .. } if after == Duration::from_secs(90)));
    // Megabytes of answer are not read: what fits in the bound is judged.
    let gateway = Service::start([plain(200, &format!("{OK}{}", " ".repeat(5_000_000)))]).await;
    assert_eq!(send(&gateway, |_| {}).await, Verdict::Accepted);
}

#[tokio::test]
async fn an_office_with_a_registered_template_fills_its_own() {
    let gateway = Service::start([]).await;
    let verdict = send(&gateway, |settings| {
        settings.method = "get".to_owned();
        settings.text = "{{ tier }}舆情：{{ unit }}，签收码{{ code }}".to_owned();
        settings.url = format!("http://127.0.0.1:{}/s?m={{{{ text|urlencode }}}}", gateway.port);
        settings.success.json = None;
    })
    .await;
    assert_eq!(verdict, Verdict::Accepted);
    let url: url::Url = format!("http://x{}", gateway.last().uri).parse().unwrap();
    let text = url.query_pairs().next().unwrap().1.into_owned();
    assert!(text.starts_with("重大舆情：青川县人民医院，签收码"), "{text}");
}

#[tokio::test]
async fn a_wrong_template_waits_for_its_mend() {
    let gateway = Service::start([]).await;
    for body in [
        "{{ phone.nonsense }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
    ] {
        let verdict = send(&gateway, |settings| settings.body = body.to_owned()).await;
        let Verdict::Retry { why, .. } = &verdict else { panic!("{verdict:?}") };
        assert!(why.starts_with("短信网关的模板有误: body: "), "{why}");
    }
    let verdict =
        send(&gateway, |settings| drop(settings.headers.insert("X-Bad".to_owned(), "a\r\nb: c".to_owned())))
            .await;
    assert!(matches!(&verdict, Verdict::Retry { why, .. } if why.contains("headers.X-Bad")), "{verdict:?}");
    assert!(gateway.requests().is_empty());
}

#[tokio::test]
async fn a_private_address_needs_the_offices_word() {
    for host in ["127.0.0.1", "[::1]", "localhost", "[::ffff:127.0.0.1]"] {
        let gateway = Service::start([]).await;
        let verdict = send(&gateway, |settings| {
            settings.allow_private = false;
            settings.url = format!("http://{host}:{}/", gateway.port);
        })
        .await;
        assert!(matches!(&verdict, Verdict::Retry { .. }), "{host}: {verdict:?}");
        assert!(gateway.requests().is_empty(), "{host}");
    }
}

#[test]
fn wrong_settings_are_named() {
    let wrong = |change: fn(&mut GatewaySettings)| {
        let mut settings = settings(1);
        change(&mut settings);
        Gateway::sms(settings).unwrap_err().to_string()
    };
    assert!(wrong(|one| one.body = "{{ phone".to_owned()).starts_with("[sms] body: "));
    assert!(
        wrong(|one| one.success.json = Some(("code".to_owned(), "0".to_owned())))
            .starts_with("[sms] success.json: ")
    );
    assert!(
        wrong(|one| one.refuse_json = Some(("$[".to_owned(), vec![]))).starts_with("[sms] refuse_json: ")
    );
    let unknown = wrong(|one| one.body = "{{ nummer|tojson }}".to_owned());
    assert!(unknown.starts_with("[sms] body: no such name `nummer`; there are phone tier "), "{unknown}");
    assert_eq!(wrong(|one| one.method = "PUT".to_owned()), "[sms] method: GET or POST");
    assert!(wrong(|one| one.idempotency_header = Some("a b".to_owned())).starts_with("[sms] headers.a b: "));
}
