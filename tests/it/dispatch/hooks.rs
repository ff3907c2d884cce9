//! Webhooks, ntfy and calls.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::Deserialize;
use yuqing::{
    config::channels::{GatewaySettings, HookFormat, NtfySettings, WebhookSettings},
    dispatch::{
        Channel, Verdict,
        channel::{Gateway, Ntfy, Webhooks, public_key},
    },
    model::{ChannelKind, Detail, NoticeKind},
};

use super::{
    battery::{self, Play, Rig},
    notices::{at, notice, texts},
    service::{OK, Service, free_port},
    sms,
};

const TOKEN: &str = "token-in-plain-words";

fn hook(port: u16, format: HookFormat) -> WebhookSettings {
    let gateway = GatewaySettings {
        url: format!("http://127.0.0.1:{port}/hook?token={{{{ token }}}}"),
        headers: BTreeMap::from([("Authorization".to_owned(), "Bearer {{ token }}".to_owned())]),
        body: String::new(),
        token: Some(TOKEN.to_owned().into()),
        hmac_key: None,
        signed: String::new(),
        timeout: Duration::from_millis(1_500),
        ..sms::settings(port)
    };
    WebhookSettings { name: "指挥平台".to_owned(), format, gateway }
}

const REFUSAL: (u16, &str) = (400, r#"{"code": "BAD_NUMBER"}"#);
const BUSY: (u16, &str) = (503, "busy");

struct HookRig<const ALERTMANAGER: bool>(Service);

impl<const ALERTMANAGER: bool> HookRig<ALERTMANAGER> {
    fn webhooks(port: u16) -> Arc<dyn Channel> {
        let format = if ALERTMANAGER { HookFormat::Alertmanager } else { HookFormat::Json };
        Arc::new(Webhooks::new([hook(port, format)]).unwrap())
    }
}

impl<const ALERTMANAGER: bool> Rig for HookRig<ALERTMANAGER> {
    async fn set_up(play: Play) -> Self {
        Self(Service::play(play, OK, REFUSAL, BUSY).await)
    }

    fn channel(&self) -> Arc<dyn Channel> {
        Self::webhooks(self.0.port)
    }

    async fn nobody() -> Arc<dyn Channel> {
        Self::webhooks(free_port().await)
    }

    fn accepted(&self) -> usize {
        self.0.accepted()
    }

    fn secrets() -> Vec<&'static str> {
        vec![TOKEN]
    }
}

#[tokio::test]
async fn a_webhook_passes_the_battery() {
    battery::run::<HookRig<false>>().await;
}

#[tokio::test]
async fn an_alertmanager_receiver_passes_the_battery() {
    battery::run::<HookRig<true>>().await;
}

struct VoiceRig(Service);

fn voice(port: u16) -> GatewaySettings {
    GatewaySettings {
        body: r#"{"to": {{ phone|tojson }}, "say": {{ text|tojson }}}"#.to_owned(),
        timeout: Duration::from_millis(1_500),
        ..sms::settings(port)
    }
}

impl Rig for VoiceRig {
    async fn set_up(play: Play) -> Self {
        Self(Service::play(play, OK, REFUSAL, BUSY).await)
    }

    fn channel(&self) -> Arc<dyn Channel> {
        Arc::new(Gateway::voice(voice(self.0.port)).unwrap())
    }

    async fn nobody() -> Arc<dyn Channel> {
        Arc::new(Gateway::voice(voice(free_port().await)).unwrap())
    }

    fn accepted(&self) -> usize {
        self.0.accepted()
    }

    fn secrets() -> Vec<&'static str> {
        vec!["gateway-signing-key", "13812345678"]
    }
}

#[tokio::test]
async fn a_call_passes_the_battery() {
    battery::run::<VoiceRig>().await;
}

fn ntfy(port: u16) -> NtfySettings {
    NtfySettings {
        url: format!("http://127.0.0.1:{port}"),
        token: Some(TOKEN.to_owned().into()),
        detail: Detail::Full,
        timeout: Duration::from_millis(1_500),
        allow_private: true,
    }
}

const PUBLISHED: &str = r#"{"id":"sPs71M8A2T","time":1643935928,"event":"message","topic":"t"}"#;

struct NtfyRig(Service);

impl Rig for NtfyRig {
    async fn set_up(play: Play) -> Self {
        let refusal = (400, r#"{"code":40009,"http":400,"error":"invalid request: topic invalid"}"#);
        let later = (429, r#"{"code":42901,"http":429,"error":"limit reached: too many requests"}"#);
        Self(Service::play(play, PUBLISHED, refusal, later).await)
    }

    fn channel(&self) -> Arc<dyn Channel> {
        Arc::new(Ntfy::new(ntfy(self.0.port)).unwrap())
    }

    async fn nobody() -> Arc<dyn Channel> {
        Arc::new(Ntfy::new(ntfy(free_port().await)).unwrap())
    }

    fn accepted(&self) -> usize {
        self.0.accepted()
    }

    fn secrets() -> Vec<&'static str> {
        vec![TOKEN]
    }
}

#[tokio::test]
async fn ntfy_passes_the_battery() {
    battery::run::<NtfyRig>().await;
}

#[tokio::test]
async fn a_call_says_who_calls_and_spells_the_code() {
    let service = Service::start([]).await;
    let one = notice(NoticeKind::Alert, ChannelKind::Voice);
    let gateway = Gateway::voice(voice(service.port)).unwrap();
    assert_eq!(gateway.send(&one, &texts(), at(0)).await, Verdict::Accepted);
    let body = service.last().json();
    assert_eq!(body["to"], "13812345678");
    let code = texts().code(&one).unwrap();
    let spelt: String = code.chars().map(|digit| format!(" {digit}")).collect();
    assert_eq!(
        body["say"].as_str().unwrap(),
        format!(
            "这里是青川县人民医院舆情值班。重大舆情：孩子高烧在急诊排队四小时无人接诊。签收码{spelt}。请尽快查看并签收。"
        )
    );
}

#[tokio::test]
async fn ntfy_gets_one_json_object() {
    let service = Service::start_saying(PUBLISHED, []).await;
    let mut one = notice(NoticeKind::Alert, ChannelKind::Ntfy);
    std::sync::Arc::make_mut(&mut one.facts).note = "停水".repeat(5_000);
    let channel = Ntfy::new(ntfy(service.port)).unwrap();
    assert_eq!(channel.send(&one, &texts(), at(0)).await, Verdict::Accepted);
    let request = service.last();
    assert_eq!(request.uri, "/");
    assert_eq!(request.headers["authorization"], format!("Bearer {TOKEN}"));
    let body = request.json();
    assert_eq!(body["topic"], "yuqing-8f3a61c0");
    assert_eq!(body["priority"], 5);
    assert!(body["click"].as_str().unwrap().starts_with("https://yuqing.qingchuan.example/confirm/"));
    assert!(body["title"].as_str().unwrap().starts_with("【重大】青川县人民医院"));
    assert!(body["message"].as_str().unwrap().len() <= 4_096);
}

#[tokio::test]
async fn a_webhook_without_a_template_gets_all_that_there_is() {
    let service = Service::start([]).await;
    let one = notice(NoticeKind::Alert, ChannelKind::Webhook);
    let hooks = Webhooks::new([hook(service.port, HookFormat::Json)]).unwrap();
    assert_eq!(hooks.send(&one, &texts(), at(0)).await, Verdict::Accepted);
    let request = service.last();
    assert_eq!(request.uri, format!("/hook?token={TOKEN}"));
    assert_eq!(request.headers["content-type"], "application/json");
    let body = request.json();
    assert_eq!(body["key"], public_key(&one));
    assert_eq!((body["incident"].as_u64(), body["tier"].as_str()), (Some(12), Some("重大")));
    assert_eq!(body["console"], "https://yuqing.qingchuan.example/incidents/12");
    assert!(body["full"].as_str().unwrap().contains("转发 312 > 300"));
}

/// The receiver's side, as Prometheus documents version 4; unknown fields would be told.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Alerts {
    version: String,
    group_key: String,
    truncated_alerts: u64,
    status: String,
    receiver: String,
    group_labels: BTreeMap<String, String>,
    common_labels: BTreeMap<String, String>,
    common_annotations: BTreeMap<String, String>,
    #[serde(rename = "externalURL")]
    external_url: String,
    alerts: Vec<Alert>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Alert {
    status: String,
    labels: BTreeMap<String, String>,
    annotations: BTreeMap<String, String>,
    starts_at: jiff::Timestamp,
    ends_at: String,
    #[serde(rename = "generatorURL")]
    generator_url: String,
    fingerprint: String,
}

#[tokio::test]
async fn the_alertmanager_body_is_version_4() {
    let service = Service::start([]).await;
    let hooks = Webhooks::new([hook(service.port, HookFormat::Alertmanager)]).unwrap();
    let mut fingerprints = Vec::new();
    for kind in [NoticeKind::Alert, NoticeKind::Rise] {
        let one = notice(kind, ChannelKind::Webhook);
        assert_eq!(hooks.send(&one, &texts(), at(0)).await, Verdict::Accepted);
        let body: Alerts = serde_json::from_str(&service.last().body).unwrap();
        assert_eq!((body.version.as_str(), body.status.as_str()), ("4", "firing"));
        assert_eq!(body.group_labels["alertname"], "yuqing");
        assert_eq!(body.common_labels, body.alerts[0].labels);
        assert_eq!(body.common_annotations, body.alerts[0].annotations);
        assert_eq!((body.truncated_alerts, body.receiver.as_str()), (0, "总值班室"));
        assert_eq!(body.external_url, "https://yuqing.qingchuan.example");
        assert_eq!(body.group_key, "yuqing/incident/12");
        let alert = &body.alerts[0];
        assert_eq!((alert.status.as_str(), alert.starts_at), ("firing", at(0)));
        assert_eq!(alert.ends_at, "0001-01-01T00:00:00Z");
        assert_eq!(alert.labels["severity"], "critical");
        assert!(alert.generator_url.ends_with("/incidents/12"));
        fingerprints.push(alert.fingerprint.clone());
    }
    assert_eq!(fingerprints[0], fingerprints[1], "one incident is one alert");
}

#[tokio::test]
async fn a_name_that_is_gone_waits_for_its_mend() {
    let service = Service::start([]).await;
    let hooks = Webhooks::new([hook(service.port, HookFormat::Json)]).unwrap();
    let mut one = notice(NoticeKind::Alert, ChannelKind::Webhook);
    one.address = "旧平台".to_owned();
    let verdict = hooks.send(&one, &texts(), at(0)).await;
    assert!(matches!(&verdict, Verdict::Retry { why, .. } if why.contains("旧平台")), "{verdict:?}");
}
