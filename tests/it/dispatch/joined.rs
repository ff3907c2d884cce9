//! What waits for a robot goes out together when its minute is half used up: nothing is dropped, and each
//! notice counts as accepted only when the message that carried it was.

use std::sync::Arc;

use yuqing::{
    config::channels::RobotKind,
    dispatch::channel::Robots,
    model::{ChannelKind, Notice, NoticeId, NoticeState, Outcome},
};

use super::{
    notices::{at, notice},
    outbox::{Stage, next},
    robots::robot,
    service::{Answer, Service},
};

const OK: &str = r#"{"errcode":0}"#;

fn numbered(number: i64) -> Notice {
    let mut one = notice(yuqing::model::NoticeKind::Alert, ChannelKind::Robot);
    one.id = NoticeId(format!("robot/{number:03}"));
    std::sync::Arc::make_mut(&mut one.facts).gist = format!("事件{number:03}");
    one.due_at = at(60 + number);
    one
}

fn robots(stage: &mut Stage, service: &Service) {
    let robots = Robots::new([robot(RobotKind::WeCom, service.port)]).unwrap();
    stage.channels = std::mem::take(&mut stage.channels).with(Arc::new(robots));
}

fn text(request: &super::service::Request) -> String {
    request.json()["markdown"]["content"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_few_go_out_one_by_one_and_many_together() {
    let service = Service::start_saying(OK, []).await;
    let mut stage = Stage::new();
    robots(&mut stage, &service);
    stage.put((0..5).map(numbered)).await;
    let _running = stage.run();
    for _ in 0..5 {
        assert_eq!(next(&mut stage.deliveries).await.outcome, Outcome::Accepted);
    }
    assert_eq!(service.accepted(), 5);
    // Sixty more in the same minute: two messages (40 lines at most each), all accepted, in their order.
    stage.put((5..65).map(numbered)).await;
    for _ in 0..60 {
        assert_eq!(next(&mut stage.deliveries).await.outcome, Outcome::Accepted);
    }
    let requests = service.requests();
    assert!(requests.len() <= 8, "{}", requests.len());
    let all: String = requests.iter().map(text).collect();
    for number in 0..65 {
        assert_eq!(all.matches(&format!("事件{number:03}")).count(), 1, "{number}");
        assert!(matches!(stage.state(&format!("robot/{number:03}")).await, NoticeState::Accepted { .. }));
    }
    assert!(text(&requests[5]).contains("条通知"), "{}", text(&requests[5]));
}

/// 20 messages a minute and no more, by the business clock.
#[tokio::test]
async fn a_robots_minute_is_never_overdrawn() {
    let service = Service::start_saying(OK, []).await;
    let mut stage = Stage::new();
    robots(&mut stage, &service);
    let _running = stage.run();
    for number in 0..20 {
        stage.put([numbered(number)]).await;
        next(&mut stage.deliveries).await;
    }
    assert_eq!(service.requests().len(), 20);
    stage.put((20..50).map(numbered)).await;
    stage.settle().await;
    assert_eq!(service.requests().len(), 20, "the minute is used up");
    stage.clock.advance(jiff::SignedDuration::from_secs(61));
    for _ in 20..50 {
        next(&mut stage.deliveries).await;
    }
    assert_eq!(service.requests().len(), 21, "all thirty went out in one message");
}

#[tokio::test]
async fn a_joined_message_that_fails_accepts_none_of_them() {
    let later = Answer::Http(200, &[("retry-after", "40")], r#"{"errcode":45009}"#.to_owned());
    let service = Service::start_saying(OK, [later]).await;
    let mut stage = Stage::new();
    robots(&mut stage, &service);
    stage.put((0..30).map(numbered)).await;
    let _running = stage.run();
    service.asked(1).await;
    stage.settle().await;
    for number in 0..30 {
        assert_eq!(stage.state(&format!("robot/{number:03}")).await, NoticeState::Pending);
    }
    assert_eq!(service.requests().len(), 1, "the robot asked to be left alone, and others of it wait too");
    stage.put([numbered(99)]).await;
    stage.settle().await;
    assert_eq!(service.requests().len(), 1);
    stage.clock.advance(jiff::SignedDuration::from_secs(60));
    for _ in 0..31 {
        assert_eq!(next(&mut stage.deliveries).await.outcome, Outcome::Accepted);
    }
}

/// One notice whose words the service forbids must not take the others with it.
#[tokio::test]
async fn a_refused_joined_message_is_sent_one_by_one() {
    let refused = || Answer::Http(200, &[], r#"{"errcode":93000}"#.to_owned());
    let service = Service::start_saying(OK, [refused(), refused()]).await;
    let mut stage = Stage::new();
    robots(&mut stage, &service);
    stage.put((0..12).map(numbered)).await;
    let _running = stage.run();
    let mut outcomes = Vec::new();
    for _ in 0..12 {
        outcomes.push(next(&mut stage.deliveries).await);
    }
    let refused: Vec<_> =
        outcomes.iter().filter(|one| matches!(one.outcome, Outcome::Refused { .. })).collect();
    assert_eq!(refused.len(), 1, "{outcomes:?}");
    assert_eq!(service.accepted(), 11);
}
