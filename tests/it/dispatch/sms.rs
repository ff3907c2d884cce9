//! Text messages against a gateway of our own over real HTTP.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;
use yuqing::{
    config::channels::{SmsSettings, SuccessRule},
    dispatch::{
        Channel, Verdict,
        channel::{Sms, public_key},
    },
    model::{ChannelKind, NoticeKind},
};

use super::{
    battery::{self, Play, Rig},
    notices::{at, notice, texts},
};

/// What the gateway answers.
#[derive(Debug, Clone)]
enum Answer {
    Http(u16, &'static [(&'static str, &'static str)], String),
    Hang,
    /// Starts an answer and breaks off.
    Break,
    /// Repeats everything that it was given.
    Echo(u16),
}

#[derive(Debug, Clone)]
struct Request {
    uri: String,
    headers: HeaderMap,
    body: String,
}

#[derive(Default)]
struct Shared {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<Request>>,
    accepted: Mutex<usize>,
}

struct Gateway {
    port: u16,
    shared: Arc<Shared>,
    _task: AbortOnDropHandle<()>,
}

const OK: &str = r#"{"code": 0, "message": "ok"}"#;

impl Gateway {
    async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let shared =
            Arc::new(Shared { answers: Mutex::new(answers.into_iter().collect()), ..Shared::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { port, shared, _task: AbortOnDropHandle::new(task) }
    }

    fn last(&self) -> Request {
        self.shared.requests.lock().unwrap().last().unwrap().clone()
    }

    async fn send(&self, change: impl FnOnce(&mut SmsSettings)) -> Verdict {
        let mut settings = settings(self.port);
        change(&mut settings);
        let channel = Sms::new(settings).unwrap();
        channel.send(&notice(NoticeKind::Alert, ChannelKind::Sms), &texts(), at(0)).await
    }
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    let request = Request { uri: uri.to_string(), headers, body };
    shared.requests.lock().unwrap().push(request.clone());
    let next = shared.answers.lock().unwrap().pop_front();
    match next {
        None => {
            *shared.accepted.lock().unwrap() += 1;
            OK.into_response()
        }
        Some(Answer::Http(status, headers, body)) => {
            let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        }
        Some(Answer::Hang) => std::future::pending().await,
        Some(Answer::Break) => {
            let broken = futures_util::stream::iter([
                Ok(Bytes::from_static(b"{")),
                Err(std::io::Error::other("gone")),
            ]);
            Body::from_stream(broken).into_response()
        }
        Some(Answer::Echo(status)) => {
            let said = format!("{request:?} {KEY}");
            (StatusCode::from_u16(status).unwrap(), said).into_response()
        }
    }
}

const KEY: &str = "gateway-signing-key";
const TOKEN: &str = "token-in-plain-words";

fn settings(port: u16) -> SmsSettings {
    SmsSettings {
        method: "POST".to_owned(),
        url: format!("http://127.0.0.1:{port}/send?to={{{{ phone|urlencode }}}}"),
        headers: BTreeMap::from([
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("X-Signature".to_owned(), "{{ signature }}".to_owned()),
            ("X-Token".to_owned(), TOKEN.to_owned()),
        ]),
        body: r#"{"mobile": {{ phone|tojson }}, "params": [{{ tier|tojson }}, {{ gist|tojson }}, {{ code|tojson }}], "content": {{ text|tojson }}}"#.to_owned(),
        text: String::new(),
        hmac_key: Some(KEY.to_owned().into()),
        signed: "{{ time }}\n{{ body }}".to_owned(),
        idempotency_header: Some("Idempotency-Key".to_owned()),
        success: SuccessRule { status: 200..=299, json: Some(("$.code".to_owned(), "0".to_owned())) },
        refuse_json: Some(("$.code".to_owned(), vec!["1101".to_owned(), "BAD_NUMBER".to_owned()])),
        timeout: Duration::from_millis(500),
        allow_private: true,
        reply_secret: None,
    }
}

struct SmsRig(Gateway);

impl Rig for SmsRig {
    async fn set_up(play: Play) -> Self {
        let answer = match play {
            Play::Accept => None,
            Play::Later => Some(Answer::Http(503, &[], "busy\n\nlater".to_owned())),
            Play::Refuse => Some(Answer::Http(
                200,
                &[],
                r#"{"code": 1101, "message": "13812345678 is no number"}"#.to_owned(),
            )),
            Play::Hang => Some(Answer::Hang),
            Play::Close => Some(Answer::Break),
            Play::Echo => Some(Answer::Echo(500)),
        };
        Self(Gateway::start(answer).await)
    }

    fn channel(&self) -> Arc<dyn Channel> {
        Arc::new(Sms::new(settings(self.0.port)).unwrap())
    }

    async fn nobody() -> Arc<dyn Channel> {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        Arc::new(Sms::new(settings(free)).unwrap())
    }

    fn accepted(&self) -> usize {
        *self.0.shared.accepted.lock().unwrap()
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
    let gateway = Gateway::start([]).await;
    assert_eq!(gateway.send(|_| {}).await, Verdict::Accepted);
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
    let gateway = Gateway::start([]).await;
    let mut one = notice(NoticeKind::Alert, ChannelKind::Sms);
    one.facts.gist = "\"}, \"mobile\": \"110\", {{ code }} \\ \u{7}".to_owned();
    let verdict = Sms::new(settings(gateway.port)).unwrap().send(&one, &texts(), at(0)).await;
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
        let gateway = Gateway::start([answer.clone()]).await;
        let verdict = gateway.send(|_| {}).await;
        let found = match &verdict {
            Verdict::Accepted => "accepted",
            Verdict::Refused { .. } => "refused",
            Verdict::Retry { .. } => "retry",
        };
        assert_eq!(found, expected, "{answer:?}: {verdict:?}");
        assert_eq!(gateway.shared.requests.lock().unwrap().len(), 1, "a redirect is not followed");
    }
    let gateway = Gateway::start([Answer::Http(429, &[("retry-after", "90")], String::new())]).await;
    let verdict = gateway.send(|_| {}).await;
    assert!(retry(&verdict));
    assert!(matches!(verdict, Verdict::Retry { after: Some(after), .. } if after == Duration::from_secs(90)));
    // Megabytes of answer are not read: what fits in the bound is judged.
    let gateway = Gateway::start([plain(200, &format!("{OK}{}", " ".repeat(5_000_000)))]).await;
    assert_eq!(gateway.send(|_| {}).await, Verdict::Accepted);
}

#[tokio::test]
async fn an_office_with_a_registered_template_fills_its_own() {
    let gateway = Gateway::start([]).await;
    let verdict = gateway
        .send(|settings| {
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
    let gateway = Gateway::start([]).await;
    for body in [
        "{{ phone.nonsense }}",
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
    ] {
        let verdict = gateway.send(|settings| settings.body = body.to_owned()).await;
        let Verdict::Retry { why, .. } = &verdict else { panic!("{verdict:?}") };
        assert!(why.starts_with("短信网关的模板有误: body: "), "{why}");
    }
    let verdict = gateway
        .send(|settings| drop(settings.headers.insert("X-Bad".to_owned(), "a\r\nb: c".to_owned())))
        .await;
    assert!(matches!(&verdict, Verdict::Retry { why, .. } if why.contains("headers.X-Bad")), "{verdict:?}");
    assert!(gateway.shared.requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_private_address_needs_the_offices_word() {
    for host in ["127.0.0.1", "[::1]", "localhost", "[::ffff:127.0.0.1]"] {
        let gateway = Gateway::start([]).await;
        let verdict = gateway
            .send(|settings| {
                settings.allow_private = false;
                settings.url = format!("http://{host}:{}/", gateway.port);
            })
            .await;
        assert!(matches!(&verdict, Verdict::Retry { .. }), "{host}: {verdict:?}");
        assert!(gateway.shared.requests.lock().unwrap().is_empty(), "{host}");
    }
}

#[test]
fn wrong_settings_are_named() {
    let wrong = |change: fn(&mut SmsSettings)| {
        let mut settings = settings(1);
        change(&mut settings);
        Sms::new(settings).unwrap_err().to_string()
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
    assert!(unknown.starts_with("[sms] body: no such name `nummer`; there are phone text "), "{unknown}");
    assert_eq!(wrong(|one| one.method = "PUT".to_owned()), "[sms] method: GET or POST");
    assert!(wrong(|one| one.idempotency_header = Some("a b".to_owned())).starts_with("[sms] headers.a b: "));
}
