//! Group robots: signatures, sizes, what an answer means, what a stranger's words may do.

use std::{process::Command, sync::Arc, time::Duration};

use yuqing::{
    config::channels::{RobotKind, RobotSettings},
    dispatch::{
        Channel, Verdict,
        channel::{RobotMeaning, Robots, dingtalk_sign, feishu_sign, robot_meaning},
    },
    model::{ChannelKind, Detail, Notice, NoticeKind},
};

use super::{
    battery::{self, Play, Rig},
    notices::{at, notice, texts},
    service::{Answer, Service, free_port},
};

const KEY: &str = "robot-key-693a91f6";
const SECRET: &str = "SECrobot-signing-secret";

pub fn robot(kind: RobotKind, port: u16) -> RobotSettings {
    let path = match kind {
        RobotKind::WeCom => "cgi-bin/webhook/send?key=",
        RobotKind::DingTalk => "robot/send?access_token=",
        RobotKind::Feishu => "open-apis/bot/v2/hook/",
    };
    RobotSettings {
        name: "值班群".to_owned(),
        kind,
        key: format!("http://127.0.0.1:{port}/{path}{KEY}").into(),
        secret: (kind != RobotKind::WeCom).then(|| SECRET.to_owned().into()),
        detail: Detail::Full,
        confirm_link: false,
        keyword: String::new(),
        timeout: Duration::from_millis(1_500),
        allow_private: true,
    }
}

const fn ok(kind: RobotKind) -> &'static str {
    match kind {
        RobotKind::WeCom | RobotKind::DingTalk => r#"{"errcode":0,"errmsg":"ok"}"#,
        RobotKind::Feishu => r#"{"code":0,"msg":"success","data":{}}"#,
    }
}

struct RobotRig<const KIND: u8>(Service);

const fn kind_of(kind: u8) -> RobotKind {
    match kind {
        0 => RobotKind::WeCom,
        1 => RobotKind::DingTalk,
        _ => RobotKind::Feishu,
    }
}

impl<const KIND: u8> Rig for RobotRig<KIND> {
    async fn set_up(play: Play) -> Self {
        let kind = kind_of(KIND);
        let (refusal, later) = match kind {
            RobotKind::WeCom => {
                (r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#, r#"{"errcode":45009}"#)
            }
            RobotKind::DingTalk => {
                (r#"{"errcode":400101,"errmsg":"access_token不存在"}"#, r#"{"errcode":130101}"#)
            }
            RobotKind::Feishu => {
                (r#"{"code":19001,"msg":"incoming webhook access token invalid"}"#, r#"{"code":11232}"#)
            }
        };
        Self(Service::play(play, ok(kind), (200, refusal), (200, later)).await)
    }

    fn channel(&self) -> Arc<dyn Channel> {
        Arc::new(Robots::new([robot(kind_of(KIND), self.0.port)]).unwrap())
    }

    async fn nobody() -> Arc<dyn Channel> {
        Arc::new(Robots::new([robot(kind_of(KIND), free_port().await)]).unwrap())
    }

    fn accepted(&self) -> usize {
        self.0.accepted()
    }

    fn secrets() -> Vec<&'static str> {
        vec![KEY, SECRET]
    }
}

#[tokio::test]
async fn wecom_passes_the_battery() {
    battery::run::<RobotRig<0>>().await;
}

#[tokio::test]
async fn dingtalk_passes_the_battery() {
    battery::run::<RobotRig<1>>().await;
}

#[tokio::test]
async fn feishu_passes_the_battery() {
    battery::run::<RobotRig<2>>().await;
}

fn python(script: &str, args: &[&str]) -> String {
    let out = Command::new("python3").arg("-c").arg(script).args(args).output().unwrap();
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

/// The scripts follow the steps of the official Python samples, which publish no result: the clock is in it.
#[test]
fn signatures_are_those_of_the_documents_own_steps() {
    let dingtalk = "import base64,hmac,sys;t,s=sys.argv[1:];\
        print(base64.b64encode(hmac.new(s.encode(),f'{t}\\n{s}'.encode(),'sha256').digest()).decode())";
    assert_eq!(
        dingtalk_sign(1_795_220_100_000, "this is secret"),
        python(dingtalk, &["1795220100000", "this is secret"])
    );
    let feishu = "import base64,hmac,sys;t,s=sys.argv[1:];\
        print(base64.b64encode(hmac.new(f'{t}\\n{s}'.encode(),b'','sha256').digest()).decode())";
    assert_eq!(feishu_sign(1_599_360_473, "demo"), python(feishu, &["1599360473", "demo"]));
    // And once for all, should there be no Python.
    assert_eq!(feishu_sign(1_599_360_473, "demo"), "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=");
}

async fn sent(kind: RobotKind, change: impl FnOnce(&mut RobotSettings, &mut Notice)) -> (Verdict, Service) {
    let service = Service::start_saying(ok(kind), []).await;
    let mut settings = robot(kind, service.port);
    let mut one = notice(NoticeKind::Alert, ChannelKind::Robot);
    change(&mut settings, &mut one);
    let robots = Robots::new([settings]).unwrap();
    (robots.send(&one, &texts(), at(0)).await, service)
}

#[tokio::test]
async fn each_robot_gets_its_own_json_and_signature() {
    let (verdict, service) = sent(RobotKind::WeCom, |_, _| {}).await;
    assert_eq!(verdict, Verdict::Accepted);
    let request = service.last();
    assert_eq!(request.uri, format!("/cgi-bin/webhook/send?key={KEY}"));
    let body = request.json();
    assert_eq!(body["msgtype"], "markdown");
    insta::assert_snapshot!("robot_markdown", body["markdown"]["content"].as_str().unwrap());

    let (_, service) = sent(RobotKind::DingTalk, |_, _| {}).await;
    let request = service.last();
    let url: url::Url = format!("http://x{}", request.uri).parse().unwrap();
    let pairs: Vec<_> = url.query_pairs().map(|(a, b)| (a.into_owned(), b.into_owned())).collect();
    let millis = at(0).as_millisecond();
    assert_eq!(pairs[1], ("timestamp".to_owned(), millis.to_string()));
    assert_eq!(pairs[2], ("sign".to_owned(), dingtalk_sign(millis, SECRET)));
    assert!(request.json()["markdown"]["title"].as_str().unwrap().starts_with("【重大】"));
    assert!(request.json()["markdown"]["text"].as_str().unwrap().contains("  \n"));

    let (_, service) = sent(RobotKind::Feishu, |_, _| {}).await;
    let body = service.last().json();
    assert_eq!(body["timestamp"], at(0).as_second().to_string());
    assert_eq!(body["sign"], feishu_sign(at(0).as_second(), SECRET));
    assert_eq!(body["card"]["elements"][0]["tag"], "markdown");
}

#[tokio::test]
async fn a_group_gets_no_confirm_link_unless_the_office_says_so() {
    let text = |service: &Service| service.last().json()["markdown"]["content"].as_str().unwrap().to_owned();
    let (_, service) = sent(RobotKind::WeCom, |_, _| {}).await;
    assert!(!text(&service).contains("/confirm/"), "{}", text(&service));
    assert!(text(&service).contains("](https://yuqing.qingchuan.example/incidents/12)"));
    let (_, service) = sent(RobotKind::WeCom, |settings, _| settings.confirm_link = true).await;
    assert!(text(&service).contains("/confirm/"), "{}", text(&service));
}

#[tokio::test]
async fn a_demanded_keyword_is_in_every_message() {
    let (_, service) = sent(RobotKind::DingTalk, |settings, _| settings.keyword = "暗号".to_owned()).await;
    assert!(service.last().json()["markdown"]["text"].as_str().unwrap().contains("暗号"));
}

/// What a stranger wrote must neither mark up, mention everybody, nor link.
#[tokio::test]
async fn a_strangers_words_are_no_markup() {
    let evil = "**急** <@all> <at id=all></at> [点我](http://evil.example) `code` # 头 ![x](y) ~~删~~ <font color=\"red\">";
    for kind in [RobotKind::WeCom, RobotKind::DingTalk, RobotKind::Feishu] {
        let (verdict, service) = sent(kind, |_, one| {
            std::sync::Arc::make_mut(&mut one.facts).gist = evil.to_owned();
            std::sync::Arc::make_mut(&mut one.facts).posts[0].title = evil.to_owned();
            std::sync::Arc::make_mut(&mut one.facts).posts[0].url =
                "https://a.example/x)[y](javascript:alert(1)) <b>".to_owned();
            std::sync::Arc::make_mut(&mut one.facts).unit = "县医院](http://evil.example)".to_owned();
        })
        .await;
        assert_eq!(verdict, Verdict::Accepted);
        let body = service.last().body;
        for active in ["<@", "<at", "<font", "](http://evil", "](javascript", "![", "`", "**急", "~~", "<b>"]
        {
            assert!(!body.contains(active), "{kind:?} {active}: {body}");
        }
        assert!(body.contains("＜＠all＞"), "{body}");
        assert!(
            body.contains("https://a.example/x%29%5By%5D%28javascript:alert%281%29%29%20%3Cb%3E"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn sizes_are_kept_in_bytes() {
    for (kind, most) in
        [(RobotKind::WeCom, 4_096), (RobotKind::DingTalk, 20_000), (RobotKind::Feishu, 20_000)]
    {
        let (verdict, service) = sent(kind, |_, one| {
            std::sync::Arc::make_mut(&mut one.facts).note = "供水问题很多，".repeat(400);
            let post = one.facts.posts[0].clone();
            std::sync::Arc::make_mut(&mut one.facts).posts = (0..200)
                .map(|n| {
                    let mut post = post.clone();
                    post.title = format!(
                        "停水第 {n} 天，\"引号\"与反斜杠 \\ 也要算进去，一直没有人来处理也没有人答复"
                    );
                    post.url = format!("https://a.example/{n}");
                    post
                })
                .collect();
        })
        .await;
        assert_eq!(verdict, Verdict::Accepted);
        let body = service.last().body;
        let size = match kind {
            RobotKind::WeCom => service.last().json()["markdown"]["content"].as_str().unwrap().len(),
            _ => body.len(),
        };
        assert!(size <= most, "{kind:?}: {size}");
        assert!(body.contains("内容过长"), "{kind:?}");
    }
}

#[test]
fn what_a_code_means() {
    let of = |kind, body: &str| robot_meaning(kind, serde_json::from_str(body).ok().as_ref());
    let later = |seconds| RobotMeaning::Later(Some(Duration::from_secs(seconds)));
    for (kind, body, meaning) in [
        (RobotKind::WeCom, r#"{"errcode":0}"#, RobotMeaning::Accepted),
        (RobotKind::WeCom, r#"{"errcode":45009}"#, later(60)),
        (RobotKind::WeCom, r#"{"errcode":-1}"#, RobotMeaning::Later(None)),
        (RobotKind::WeCom, r#"{"errcode":93000}"#, RobotMeaning::Refused),
        (RobotKind::WeCom, r#"{"code":0}"#, RobotMeaning::Later(None)),
        (RobotKind::DingTalk, r#"{"errcode":310000}"#, RobotMeaning::Later(None)),
        (RobotKind::DingTalk, r#"{"errcode":410100}"#, later(600)),
        (RobotKind::DingTalk, r#"{"errcode":460101}"#, RobotMeaning::Refused),
        (RobotKind::DingTalk, r#"{"status":1111,"wait":5,"punish":"deny"}"#, RobotMeaning::Later(None)),
        (RobotKind::Feishu, r#"{"StatusCode":0}"#, RobotMeaning::Accepted),
        (RobotKind::Feishu, r#"{"code":19021}"#, RobotMeaning::Later(None)),
        (RobotKind::Feishu, r#"{"code":11232}"#, later(60)),
        (RobotKind::Feishu, "nonsense", RobotMeaning::Later(None)),
    ] {
        assert_eq!(of(kind, body), meaning, "{kind:?} {body}");
    }
}

#[tokio::test]
async fn how_long_to_wait_comes_from_the_answer() {
    let later = |headers| Answer::Http(429, headers, r#"{"code":99991400}"#.to_owned());
    let date = &[("retry-after", "Sat, 21 Nov 2026 06:00:52 GMT")][..];
    for headers in [&[("retry-after", "52")][..], &[("x-ogw-ratelimit-reset", "52")], date] {
        let service = Service::start([later(headers)]).await;
        let robots = Robots::new([robot(RobotKind::Feishu, service.port)]).unwrap();
        let verdict = robots.send(&notice(NoticeKind::Alert, ChannelKind::Robot), &texts(), at(0)).await;
        let Verdict::Retry { after, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(after, Some(Duration::from_secs(52)));
    }
}

#[tokio::test]
async fn a_knock_tells_a_robot_that_is_gone_from_one_that_is_there() {
    for (door, opens) in [(200, true), (404, true), (501, true), (500, true), (502, false), (503, false)] {
        let service = Service::start_with_door(door, "", []).await;
        let robots = Robots::new([robot(RobotKind::WeCom, service.port)]).unwrap();
        let shut = robots.knock(&[], yuqing::locale::Locale::ZhCn).await;
        assert_eq!(shut.is_empty(), opens, "{door}: {shut:?}");
        assert_eq!((service.knocks(), service.requests().len()), (1, 0), "nothing is said in the group");
        assert!(
            shut.iter().all(|one| one.at.as_deref() == Some("值班群") && one.why == format!("HTTP {door}"))
        );
    }
}

#[test]
fn a_key_is_an_address_or_its_end() {
    let with = |key: &str| {
        let settings = RobotSettings { key: key.to_owned().into(), ..robot(RobotKind::Feishu, 1) };
        Robots::new([settings]).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(with("0f2c-11aa"), Ok(()));
    assert_eq!(with("https://open.feishu.cn/open-apis/bot/v2/hook/0f2c"), Ok(()));
    for wrong in ["", "a b", "../x", "ftp://x"] {
        assert_eq!(
            with(wrong),
            Err("[robot] key: neither a webhook address nor a key".to_owned()),
            "{wrong}"
        );
    }
}
