//! Clouds are asked what became of text messages: the questions as they are signed and sent over real HTTP, the answers
//! in the shapes of the clouds' own documentation, and how often which question is asked.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice::from_ref,
};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use yuqing::{
    config::channels::Cloud,
    dispatch::{
        Channel, Verdict,
        channel::{
            AcsRequest, CloudSms, Heard, QUESTIONS, Tc3Request, acs3, every, public_key, receipts, tc3,
        },
    },
    locale::Locale,
    model::{ChannelKind, Fate, Notice, NoticeId, NoticeKind, NoticeState},
};

use super::{
    clouds::{SECRET, TENCENT_OK, settings},
    notices::{at, notice, texts},
    service::{Answer, Service, free_port},
};

const NONE_YET: &str =
    r#"{"Code":"OK","Message":"OK","TotalCount":0,"SmsSendDetailDTOs":{"SmsSendDetailDTO":[]}}"#;

/// A notice that was accepted so many minutes after 14:00.
pub fn accepted(number: &str, minutes: i64) -> Notice {
    let one = notice(NoticeKind::Alert, ChannelKind::Sms);
    Notice {
        id: NoticeId(format!("{number}/{minutes}")),
        address: number.to_owned(),
        state: NoticeState::Accepted { at: at(minutes), arrived_at: None },
        ..one
    }
}

/// An answer of Alibaba Cloud with one message for each of these.
pub fn aliyun(rows: &[(&str, u8, &str)]) -> String {
    let rows: Vec<Value> = rows
        .iter()
        .map(|(key, status, code)| {
            json!({
                "OutId": key, "SendStatus": status, "ErrCode": code, "PhoneNum": "13812345678",
                "TemplateCode": "SMS_123456789", "Content": "【青川卫健】重大舆情",
                "SendDate": "2026-11-21 14:00:00", "ReceiveDate": "2026-11-21 14:00:07",
            })
        })
        .collect();
    json!({
        "Code": "OK", "Message": "OK", "RequestId": "819BE656", "TotalCount": rows.len().to_string(),
        "SmsSendDetailDTOs": { "SmsSendDetailDTO": rows },
    })
    .to_string()
}

/// The same of Tencent Cloud: our key or none, its own number, status and words.
fn tencent(rows: &[(Option<&str>, &str, &str, &str)]) -> String {
    let rows: Vec<Value> = rows
        .iter()
        .map(|(key, serial, status, words)| {
            json!({
                "SessionContext": key, "SerialNo": serial, "ReportStatus": status, "Description": words,
                "PhoneNumber": "+8613812345678", "SubscriberNumber": "13812345678", "CountryCode": "86",
                "UserReceiveTime": 1_620_734_188,
            })
        })
        .collect();
    json!({ "Response": { "PullSmsSendStatusSet": rows, "RequestId": "8979fc1e" } }).to_string()
}

fn ok(body: impl Into<String>) -> Answer {
    Answer::Http(200, &[], body.into())
}

fn of(cloud: Cloud, service: &Service) -> CloudSms {
    CloudSms::new(settings(cloud, service.port)).unwrap()
}

async fn ask(channel: &CloudSms, notices: &[Notice], now: Timestamp) -> Result<Vec<Heard>, String> {
    channel.ask(notices, Locale::ZhCn, now).await
}

fn query(uri: &str) -> BTreeMap<String, String> {
    let url: url::Url = format!("http://x{uri}").parse().unwrap();
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn aliyun_is_asked_by_number_and_day() {
    let one = accepted("+8613812345678", 0);
    let service = Service::start([ok(aliyun(&[(&public_key(&one), 3, "DELIVERED")]))]).await;
    let channel = of(Cloud::Aliyun, &service);
    assert!(channel.tells_afterwards());
    let heard = ask(&channel, from_ref(&one), at(1)).await.unwrap();
    assert_eq!(heard, [Heard { notice: one.id, fate: Fate::Arrived }]);
    let request = service.last();
    let asked = query(&request.uri);
    let asked: Vec<(&str, &str)> =
        asked.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        asked,
        [("CurrentPage", "1"), ("PageSize", "20"), ("PhoneNumber", "13812345678"), ("SendDate", "20261121")]
    );
    assert_eq!(request.headers["x-acs-action"], "QuerySendDetails");
    let signed = AcsRequest {
        host: request.headers["host"].to_str().unwrap(),
        action: "QuerySendDetails",
        version: "2017-05-25",
        date: "2026-11-21T06:01:00Z",
        nonce: request.headers["x-acs-signature-nonce"].to_str().unwrap(),
        query: request.uri.split_once('?').unwrap().1,
    };
    assert_eq!(request.headers["authorization"], acs3(&signed, "LTAI5tExample", SECRET));
    assert_eq!(service.requests().len(), 1);
}

#[tokio::test]
async fn tencent_is_asked_by_number_since_the_message() {
    let one = accepted("13812345678", 0);
    let told = tencent(&[(Some(&public_key(&one)), "14:1", "FAIL", "UNDELIV")]);
    let service = Service::start([ok(told)]).await;
    let heard = ask(&of(Cloud::Tencent, &service), from_ref(&one), at(1)).await.unwrap();
    let why = "停机、空号、关机或不在服务区 (UNDELIV)".to_owned();
    assert_eq!(heard, [Heard { notice: one.id, fate: Fate::Returned { why } }]);
    let request = service.last();
    assert_eq!(
        request.json(),
        json!({
            "BeginTime": at(-10).as_second(), "Offset": 0, "Limit": 100, "PhoneNumber": "+8613812345678",
            "SmsSdkAppId": "1400006666",
        })
    );
    assert_eq!(request.headers["x-tc-version"], "2021-01-11");
    let signed = Tc3Request {
        host: request.headers["host"].to_str().unwrap(),
        service: "sms",
        action: "PullSmsSendStatusByPhoneNumber",
        day: "2026-11-21",
        seconds: at(1).as_second(),
        body: &request.body,
    };
    assert_eq!(request.headers["authorization"], tc3(&signed, "LTAI5tExample", SECRET));
}

#[tokio::test]
async fn what_waits_or_is_unknown_says_nothing_and_what_failed_says_why() {
    let one = accepted("13812345678", 0);
    let key = public_key(&one);
    let returned = |why: &str| Some(Fate::Returned { why: why.to_owned() });
    let other = public_key(&accepted("13812345678", 5));
    for (rows, fate) in [
        (vec![(key.as_str(), 1, "")], None),
        (vec![(key.as_str(), 9, "")], None),
        (vec![(other.as_str(), 3, "DELIVERED")], None),
        (vec![("", 2, "MOBILE_NOT_ON_SERVICE")], None),
        (vec![(key.as_str(), 3, "DELIVERED")], Some(Fate::Arrived)),
        (
            vec![(key.as_str(), 2, "MOBILE_NOT_ON_SERVICE")],
            returned("停机、空号、关机或不在服务区 (MOBILE_NOT_ON_SERVICE)"),
        ),
        (vec![(key.as_str(), 2, "MK:0012")], returned("运营商未送达: MK:0012")),
        (vec![(key.as_str(), 2, "")], returned("运营商没有说明原因")),
        // What went out twice arrived when one of them did, and is not lost while one is under way.
        (vec![(key.as_str(), 2, "EXPIRED"), (key.as_str(), 3, "DELIVERED")], Some(Fate::Arrived)),
        (vec![(key.as_str(), 2, "EXPIRED"), (key.as_str(), 1, "")], None),
        // An echo of the number is masked.
        (vec![(key.as_str(), 2, "no 13812345678")], returned("运营商未送达: no 138****5678")),
    ] {
        let service = Service::start([ok(aliyun(&rows))]).await;
        let heard = ask(&of(Cloud::Aliyun, &service), from_ref(&one), at(1)).await.unwrap();
        assert_eq!(heard.into_iter().next().map(|heard| heard.fate), fate, "{rows:?}");
    }
}

/// The cloud gives our key back only to those who asked its support for it; its own number serves as well.
#[tokio::test]
async fn tencents_own_number_stands_for_our_key() {
    let one = accepted("13812345678", 0);
    let told =
        tencent(&[(None, "4000", "FAIL", "of another program"), (Some(""), "5000", "SUCCESS", "DELIVRD")]);
    let service = Service::start([ok(TENCENT_OK), ok(told.clone()), ok(told)]).await;
    let channel = of(Cloud::Tencent, &service);
    assert_eq!(channel.send(&one, &texts(), at(0)).await, Verdict::Accepted);
    let heard = ask(&channel, from_ref(&one), at(1)).await.unwrap();
    assert_eq!(heard, [Heard { notice: one.id.clone(), fate: Fate::Arrived }]);
    // Who has not sent it knows nothing of that number, and guesses nothing.
    assert_eq!(ask(&of(Cloud::Tencent, &service), &[one], at(1)).await, Ok(Vec::new()));
}

#[tokio::test]
async fn round_midnight_both_days_are_asked() {
    // 10 h after 14:00 is midnight in China.
    for (minutes, days) in [(592, &["20261121", "20261122"][..]), (589, &["20261121"]), (611, &["20261122"])]
    {
        let service = Service::start_saying(NONE_YET, []).await;
        ask(&of(Cloud::Aliyun, &service), &[accepted("13812345678", minutes)], at(620)).await.unwrap();
        let mut asked: Vec<String> =
            service.requests().iter().map(|one| query(&one.uri)["SendDate"].clone()).collect();
        asked.sort();
        assert_eq!(asked, days, "{minutes}");
    }
}

#[tokio::test]
async fn later_pages_are_turned_to_until_all_is_found() {
    let one = accepted("13812345678", 0);
    let page = |rows: &[(&str, u8, &str)], total: usize| {
        let mut page: Value = serde_json::from_str(&aliyun(rows)).unwrap();
        page["TotalCount"] = total.into();
        ok(page.to_string())
    };
    let others = vec![("other", 3, "DELIVERED"); 20];
    let mine = [(&*public_key(&one), 3, "DELIVERED")];
    let pages = [page(&others, 41), page(&others, 41), page(&mine, 41)];
    let service = Service::start_saying(NONE_YET, pages).await;
    let heard = ask(&of(Cloud::Aliyun, &service), from_ref(&one), at(1)).await.unwrap();
    assert_eq!((heard.len(), service.requests().len()), (1, 3));
    let pages: Vec<String> =
        service.requests().iter().map(|one| query(&one.uri)["CurrentPage"].clone()).collect();
    assert_eq!(pages, ["1", "2", "3"]);
    // Two full pages are all that there is; a number with more than a round reads is not turned through for ever.
    let service = Service::start_saying(NONE_YET, [page(&others, 40), page(&others, 40)]).await;
    assert_eq!(ask(&of(Cloud::Aliyun, &service), from_ref(&one), at(1)).await, Ok(Vec::new()));
    assert_eq!(service.requests().len(), 2);
    let service = Service::start_saying(NONE_YET, vec![page(&others, 9_999); 30]).await;
    assert_eq!(ask(&of(Cloud::Aliyun, &service), &[one], at(1)).await, Ok(Vec::new()));
    assert_eq!(service.requests().len(), 5);
}

#[tokio::test]
async fn an_error_says_what_mends_it() {
    let aliyun_says = |code: &str| json!({ "Code": code, "Message": "no 13812345678" }).to_string();
    let tencent_says =
        |code: &str| json!({ "Response": { "Error": { "Code": code, "Message": "no" } } }).to_string();
    let keys = "请核对 [sms] 的 key_id 和 key_secret";
    for (cloud, status, body, wants) in [
        (Cloud::Aliyun, 200, aliyun_says("isp.RAM_PERMISSION_DENY"), "缺少权限 dysms:QuerySendDetails"),
        (Cloud::Aliyun, 403, aliyun_says("Forbidden.RAM"), "缺少权限 dysms:QuerySendDetails"),
        (Cloud::Aliyun, 404, aliyun_says("InvalidAccessKeyId.NotFound"), keys),
        (Cloud::Aliyun, 400, aliyun_says("SignatureDoesNotMatch"), keys),
        (Cloud::Aliyun, 400, aliyun_says("InvalidTimeStamp.Expired"), "请校准本机的时钟"),
        (Cloud::Aliyun, 503, aliyun_says("Throttling.User"), "查询太频繁"),
        (Cloud::Aliyun, 502, "<html>".to_owned(), "no JSON, HTTP 502"),
        (Cloud::Aliyun, 200, "{}".to_owned(), "HTTP 200"),
        (Cloud::Aliyun, 500, NONE_YET.to_owned(), "HTTP: 500"),
        (
            Cloud::Tencent,
            200,
            tencent_says("AuthFailure.UnauthorizedOperation"),
            "缺少权限 sms:PullSmsSendStatusByPhoneNumber",
        ),
        (Cloud::Tencent, 200, tencent_says("AuthFailure.SecretIdNotFound"), keys),
        (Cloud::Tencent, 200, tencent_says("AuthFailure.SignatureExpire"), "请校准本机的时钟"),
        (Cloud::Tencent, 200, tencent_says("UnauthorizedOperation.SmsSdkAppIdVerifyFail"), "app_id"),
        (Cloud::Tencent, 200, tencent_says("RequestLimitExceeded"), "查询太频繁"),
        (Cloud::Tencent, 200, r#"{"Response":{}}"#.to_owned(), "no PullSmsSendStatusSet"),
    ] {
        let service = Service::start([Answer::Http(status, &[], body.clone())]).await;
        let numbers = ["13812345678", "13900000000"].map(|number| accepted(number, 0));
        let why = ask(&of(cloud, &service), &numbers, at(1)).await.unwrap_err();
        assert!(why.contains(wants), "{body}: {why}");
        assert!(!why.contains("13812345678"), "{why}");
        // What holds for all numbers is not tried on the next.
        assert_eq!(service.requests().len(), 1, "{body}");
    }
}

#[tokio::test]
async fn services_that_are_away_hang_or_echo_are_an_error_without_secrets() {
    let one = accepted("13812345678", 0);
    let nobody = CloudSms::new(settings(Cloud::Aliyun, free_port().await)).unwrap();
    let why = ask(&nobody, from_ref(&one), at(1)).await.unwrap_err();
    assert!(why.contains("连接短信服务失败"), "{why}");
    for (answer, wants) in
        [(Answer::Hang, "连接短信服务失败"), (Answer::Break, "短信服务"), (Answer::Echo(500), "no JSON")]
    {
        for cloud in [Cloud::Aliyun, Cloud::Tencent] {
            let service = Service::start([answer.clone()]).await;
            let why = ask(&of(cloud, &service), from_ref(&one), at(1)).await.unwrap_err();
            assert!(why.contains(wants), "{answer:?}: {why}");
            assert!(!why.contains(SECRET) && !why.contains("13812345678"), "{why}");
        }
    }
}

/// A number that the cloud does not take hides nothing of the others.
#[tokio::test]
async fn one_bad_number_does_not_stop_the_others() {
    let [bad, good] = [accepted("123", 2), accepted("13812345678", 0)];
    let refused = r#"{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"123"}"#;
    let told = aliyun(&[(&public_key(&good), 3, "DELIVERED")]);
    let service = Service::start([ok(refused), ok(told)]).await;
    let heard = ask(&of(Cloud::Aliyun, &service), &[bad, good.clone()], at(3)).await.unwrap();
    assert_eq!(heard, [Heard { notice: good.id, fate: Fate::Arrived }]);
}

/// A round in which nothing is to be asked must not look like a recovery.
#[tokio::test]
async fn trouble_lasts_until_a_question_is_answered() {
    let old = [accepted("13812345678", 0)];
    let denied = ok(r#"{"Code":"isp.RAM_PERMISSION_DENY","Message":"RAM"}"#);
    let service = Service::start_saying(NONE_YET, [denied]).await;
    let channel = of(Cloud::Aliyun, &service);
    let day = 24 * 60;
    assert!(ask(&channel, &old, at(day)).await.is_err());
    for minute in 1..10 {
        assert!(ask(&channel, &old, at(day + minute)).await.is_err(), "{minute}");
    }
    assert_eq!(service.requests().len(), 1);
    // Sooner than the hour that a message of this age would wait.
    assert_eq!(ask(&channel, &old, at(day + 10)).await, Ok(Vec::new()));
    assert_eq!(ask(&channel, &old, at(day + 11)).await, Ok(Vec::new()));
    assert_eq!(service.requests().len(), 2);
}

/// What was heard before a service broke off is not lost with it.
#[tokio::test]
async fn what_was_heard_before_an_error_is_kept() {
    let [first, second] = [accepted("13812345678", 5), accepted("13900000000", 0)];
    let told = aliyun(&[(&public_key(&first), 3, "DELIVERED")]);
    let service = Service::start([ok(told), Answer::Break]).await;
    let heard = ask(&of(Cloud::Aliyun, &service), &[first.clone(), second], at(6)).await.unwrap();
    assert_eq!(heard, [Heard { notice: first.id, fate: Fate::Arrived }]);
}

/// 50 numbers, of which nothing is known yet: no round asks more than its share, the newest come first, and each has
/// been asked after three rounds.
#[tokio::test]
async fn a_storm_is_asked_in_turns() {
    let notices: Vec<Notice> =
        (0..50).map(|number| accepted(&format!("138000000{number:02}"), number % 25)).collect();
    let service = Service::start_saying(NONE_YET, []).await;
    let channel = of(Cloud::Aliyun, &service);
    let mut asked = Vec::new();
    for round in 1..=3 {
        ask(&channel, &notices, at(25 + round)).await.unwrap();
        asked.push(service.requests().split_off(asked.iter().map(Vec::len).sum()));
    }
    let numbers = |round: usize| -> BTreeSet<String> {
        asked[round].iter().map(|one| query(&one.uri)["PhoneNumber"].clone()).collect()
    };
    assert_eq!(asked.iter().map(Vec::len).collect::<Vec<_>>(), [QUESTIONS; 3]);
    let newest: BTreeSet<String> =
        (15..25).flat_map(|n| [n, n + 25]).map(|n| format!("138000000{n:02}")).collect();
    assert_eq!(numbers(0), newest);
    let all: BTreeSet<String> = (0..3).flat_map(numbers).collect();
    assert_eq!(all.len(), 50);
    assert!(numbers(0).is_disjoint(&numbers(1)));
}

/// A quiet message over its five days, asked by a loop that calls every minute: often at first, then seldom.
#[tokio::test]
async fn a_message_is_asked_about_ever_less_often() {
    let service = Service::start_saying(NONE_YET, []).await;
    let channel = of(Cloud::Aliyun, &service);
    let one = [accepted("13812345678", 0)];
    let mut counts = Vec::new();
    let mut before = 0;
    for (from, until) in [(0, 30), (30, 360), (360, 1_440)] {
        for minute in from..until {
            ask(&channel, &one, at(minute)).await.unwrap();
        }
        let all = service.requests().len();
        counts.push(all - before);
        before = all;
    }
    assert_eq!(counts, [30, 33, 18]);
    // A clock that was set back by a day makes nobody wait for a day.
    ask(&channel, &one, at(5)).await.unwrap();
    assert_eq!(service.requests().len(), before + 1);
}

proptest! {
    /// The wait grows with the age, is a minute while receipts are expected, and never more than an hour.
    #[test]
    fn the_wait_follows_the_age(one in -100_000_i64..500_000, other in -100_000_i64..500_000) {
        let wait = |seconds| every(SignedDuration::from_secs(seconds));
        let (younger, older) = (one.min(other), one.max(other));
        prop_assert!(wait(younger) <= wait(older));
        let minutes = |seconds| wait(seconds).as_mins();
        prop_assert!(matches!(minutes(one), 1 | 10 | 60));
        prop_assert_eq!(minutes(one) == 1, one < 30 * 60);
        prop_assert_eq!(minutes(one) == 60, one >= 6 * 3_600);
    }

    /// Whatever a cloud sends, it is read or refused.
    #[test]
    fn any_answer_is_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        for cloud in [Cloud::Aliyun, Cloud::Tencent] {
            let _ = receipts(cloud, &body, Locale::En);
        }
    }
}
