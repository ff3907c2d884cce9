//! Text messages through clouds: signatures held against the clouds' own published examples, requests
//! against a service of our own, codes against their lists.

use std::{sync::Arc, time::Duration};

use yuqing::{
    config::channels::{Cloud, CloudSettings},
    dispatch::{
        Channel, Verdict,
        channel::{
            AcsRequest, CloudSms, Meaning, Tc3Request, acs3, meaning, percent, public_key, segments, tc3,
        },
    },
    model::{ChannelKind, NoticeKind},
};

use super::{
    battery::{self, Play, Rig},
    notices::{at, notice, texts},
    service::{Service, free_port},
};

pub const SECRET: &str = "gateway-signing-key";

/// The example with fixed values of Alibaba Cloud's "V3 request structure and signature"
/// (help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature, as of 2024-12-20).
#[test]
fn acs3_gives_the_published_signature() {
    let request = AcsRequest {
        host: "ecs.cn-shanghai.aliyuncs.com",
        action: "RunInstances",
        version: "2014-05-26",
        date: "2023-10-26T10:22:32Z",
        nonce: "3156853299f313e23d1673dc12e1703d",
        query: "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
    };
    assert_eq!(
        acs3(&request, "YourAccessKeyId", "YourAccessKeySecret"),
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;\
         x-acs-date;x-acs-signature-nonce;x-acs-version,\
         Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    );
}

/// The example of Tencent Cloud's "Signature v3" (cloud.tencent.com/document/product/1108/42544, as of
/// 2023-12-27): its keys are printed as asterisks, and are asterisks.
#[test]
fn tc3_gives_the_published_signature() {
    let request = Tc3Request {
        host: "cvm.tencentcloudapi.com",
        service: "cvm",
        action: "DescribeInstances",
        day: "2019-02-25",
        seconds: 1_551_113_065,
        body: r#"{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}"#,
    };
    let stars = "*".repeat(32);
    assert_eq!(
        tc3(&request, &format!("AKID{stars}"), &stars),
        format!(
            "TC3-HMAC-SHA256 Credential=AKID{stars}/2019-02-25/cvm/tc3_request, \
             SignedHeaders=content-type;host;x-tc-action, \
             Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
        )
    );
}

#[test]
fn percent_is_rfc_3986() {
    assert_eq!(percent("签名 a~b*c+d/e"), "%E7%AD%BE%E5%90%8D%20a~b%2Ac%2Bd%2Fe");
}

pub fn settings(cloud: Cloud, port: u16) -> CloudSettings {
    let param = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    CloudSettings {
        cloud,
        key_id: "LTAI5tExample".to_owned(),
        key_secret: SECRET.to_owned().into(),
        sign: "青川卫健".to_owned(),
        template: "SMS_123456789".to_owned(),
        app_id: "1400006666".to_owned(),
        region: "cn-hangzhou".to_owned(),
        endpoint: format!("http://127.0.0.1:{port}"),
        params: match cloud {
            Cloud::Aliyun => vec![param("tier", "{{ tier }}"), param("gist", "{{ gist }}")],
            Cloud::Tencent => vec![param("1", "{{ tier }}"), param("2", "{{ gist }}{{ gist }}{{ gist }}")],
        },
        text: "{{ tier }}舆情：{{ gist }}，签收码{{ code }}。".to_owned(),
        timeout: Duration::from_millis(1_500),
        allow_private: true,
    }
}

pub const ALIYUN_OK: &str = r#"{"Code":"OK","Message":"OK","BizId":"9006","RequestId":"F655"}"#;
pub const TENCENT_OK: &str = r#"{"Response":{"SendStatusSet":[{"SerialNo":"5000","PhoneNumber":"+8613812345678","Fee":1,"SessionContext":"","Code":"Ok","Message":"send success","IsoCode":"CN"}],"RequestId":"a0aa"}}"#;

struct CloudRig<const TENCENT: bool>(Service);

const fn cloud_of(tencent: bool) -> Cloud {
    if tencent { Cloud::Tencent } else { Cloud::Aliyun }
}

impl<const TENCENT: bool> Rig for CloudRig<TENCENT> {
    async fn set_up(play: Play) -> Self {
        let (ok, refusal, later) = if TENCENT {
            (
                TENCENT_OK,
                r#"{"Response":{"SendStatusSet":[{"Code":"FailedOperation.PhoneNumberInBlacklist","Message":"+8613812345678"}]}}"#,
                r#"{"Response":{"Error":{"Code":"RequestLimitExceeded","Message":"slow down"},"RequestId":"x"}}"#,
            )
        } else {
            (
                ALIYUN_OK,
                r#"{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"13812345678 invalid"}"#,
                r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发分钟级流控"}"#,
            )
        };
        Self(Service::play(play, ok, (200, refusal), (200, later)).await)
    }

    fn channel(&self) -> Arc<dyn Channel> {
        Arc::new(CloudSms::new(settings(cloud_of(TENCENT), self.0.port)).unwrap())
    }

    async fn nobody() -> Arc<dyn Channel> {
        Arc::new(CloudSms::new(settings(cloud_of(TENCENT), free_port().await)).unwrap())
    }

    fn accepted(&self) -> usize {
        self.0.accepted()
    }

    fn secrets() -> Vec<&'static str> {
        vec![SECRET, "13812345678"]
    }
}

#[tokio::test]
async fn aliyun_passes_the_battery() {
    battery::run::<CloudRig<false>>().await;
}

#[tokio::test]
async fn tencent_passes_the_battery() {
    battery::run::<CloudRig<true>>().await;
}

#[tokio::test]
async fn aliyun_is_asked_for_send_sms() {
    let service = Service::start_saying(ALIYUN_OK, []).await;
    let mut one = notice(NoticeKind::Alert, ChannelKind::Sms);
    std::sync::Arc::make_mut(&mut one.facts).gist = "很长的要点，".repeat(20);
    let channel = CloudSms::new(settings(Cloud::Aliyun, service.port)).unwrap();
    assert_eq!(channel.send(&one, &texts(), at(0)).await, Verdict::Accepted);
    let request = service.last();
    let url: url::Url = format!("http://x{}", request.uri).parse().unwrap();
    let query: std::collections::BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["PhoneNumbers"], "13812345678");
    assert_eq!(query["SignName"], "青川卫健");
    assert_eq!(query["OutId"], public_key(&one));
    let params: serde_json::Value = serde_json::from_str(&query["TemplateParam"]).unwrap();
    assert_eq!(params["tier"], "重大");
    assert_eq!(params["gist"].as_str().unwrap().chars().count(), 35);
    assert_eq!(request.headers["x-acs-action"], "SendSms");
    assert_eq!(request.headers["x-acs-date"], "2026-11-21T06:00:00Z");
    // What was sent is what was signed.
    let signed = AcsRequest {
        host: request.headers["host"].to_str().unwrap(),
        action: "SendSms",
        version: "2017-05-25",
        date: "2026-11-21T06:00:00Z",
        nonce: request.headers["x-acs-signature-nonce"].to_str().unwrap(),
        query: request.uri.split_once('?').unwrap().1,
    };
    assert_eq!(request.headers["authorization"], acs3(&signed, "LTAI5tExample", SECRET));
    // Two messages never share a nonce.
    assert_eq!(channel.send(&one, &texts(), at(0)).await, Verdict::Accepted);
    assert_ne!(service.last().headers["x-acs-signature-nonce"], request.headers["x-acs-signature-nonce"]);
}

#[tokio::test]
async fn tencent_is_asked_for_send_sms() {
    let service = Service::start_saying(TENCENT_OK, []).await;
    let one = notice(NoticeKind::Alert, ChannelKind::Sms);
    let channel = CloudSms::new(settings(Cloud::Tencent, service.port)).unwrap();
    assert_eq!(channel.send(&one, &texts(), at(0)).await, Verdict::Accepted);
    let request = service.last();
    let body = request.json();
    assert_eq!(body["PhoneNumberSet"][0], "+8613812345678");
    assert_eq!(body["TemplateParamSet"][0], "重大");
    let gist = "孩子高烧在急诊排队四小时无人接诊".repeat(3);
    assert_eq!(body["TemplateParamSet"][1], gist.chars().take(35).collect::<String>());
    assert_eq!(request.headers["x-tc-version"], "2021-01-11");
    let signed = Tc3Request {
        host: request.headers["host"].to_str().unwrap(),
        service: "sms",
        action: "SendSms",
        day: "2026-11-21",
        seconds: at(0).as_second(),
        body: &request.body,
    };
    assert_eq!(request.headers["authorization"], tc3(&signed, "LTAI5tExample", SECRET));
}

#[test]
fn codes_are_final_or_pass() {
    let of = |cloud, body: String| meaning(cloud, serde_json::from_str(&body).ok().as_ref());
    let aliyun = |code: &str| of(Cloud::Aliyun, format!(r#"{{"Code":"{code}","Message":"m"}}"#));
    let status = |code: &str| {
        of(
            Cloud::Tencent,
            format!(r#"{{"Response":{{"SendStatusSet":[{{"Code":"{code}","Message":"m"}}]}}}}"#),
        )
    };
    let refused = |code: &str| Meaning::Refused(format!("{code} m"));
    let later = |code: &str, seconds: Option<u64>| {
        Meaning::Later(format!("{code} m"), seconds.map(Duration::from_secs))
    };
    assert_eq!(aliyun("OK"), Meaning::Accepted);
    assert_eq!(status("Ok"), Meaning::Accepted);
    for code in ["isv.MOBILE_NUMBER_ILLEGAL", "isv.SMS_CONTENT_ILLEGAL", "isv.DAY_LIMIT_CONTROL"] {
        assert_eq!(aliyun(code), refused(code));
    }
    // Money, signature, template and key are the office's to mend.
    for code in
        ["isv.OUT_OF_SERVICE", "isv.SMS_SIGNATURE_ILLEGAL", "isv.SMS_TEMPLATE_ILLEGAL", "isp.SYSTEM_ERROR"]
    {
        assert_eq!(aliyun(code), later(code, None));
    }
    assert_eq!(aliyun("isv.BUSINESS_LIMIT_CONTROL"), later("isv.BUSINESS_LIMIT_CONTROL", Some(60)));
    for code in ["InvalidParameterValue.IncorrectPhoneNumber", "LimitExceeded.PhoneNumberDailyLimit"] {
        assert_eq!(status(code), refused(code));
    }
    let half_minute = "LimitExceeded.PhoneNumberThirtySecondLimit";
    assert_eq!(status(half_minute), later(half_minute, Some(30)));
    assert_eq!(
        status("FailedOperation.InsufficientBalanceInSmsPackage"),
        later("FailedOperation.InsufficientBalanceInSmsPackage", None)
    );
    assert!(matches!(of(Cloud::Aliyun, "[]".to_owned()), Meaning::Later(..)));
    assert!(matches!(of(Cloud::Tencent, "<html>".to_owned()), Meaning::Later(..)));
}

#[test]
fn segments_are_of_70_then_of_67() {
    for (characters, parts) in [(0, 0), (1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)] {
        assert_eq!(segments::count(&"汉".repeat(characters)), parts, "{characters}");
    }
    // An emoji takes two places.
    assert_eq!(segments::count(&"😀".repeat(35)), 1);
    assert_eq!(segments::count(&"😀".repeat(36)), 2);
    let mut one = notice(NoticeKind::Alert, ChannelKind::Sms);
    let channel = CloudSms::new(settings(Cloud::Aliyun, 1)).unwrap();
    assert_eq!(channel.parts(&one, &texts(), at(0)), 1);
    std::sync::Arc::make_mut(&mut one.facts).tier_name = "特别重大，".repeat(20);
    std::sync::Arc::make_mut(&mut one.facts).gist = "很长的要点，".repeat(20);
    assert_eq!(channel.parts(&one, &texts(), at(0)), 2);
}
