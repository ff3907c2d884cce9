//! The signed link: opening confirms nothing, the button does, twice shows who, expired leads to login.

use jiff::SignedDuration;
use yuqing::{
    dispatch::Claim,
    model::{AckHow, Act, IncidentId},
};

use super::WithLogin as _;
use super::{Stage, rows::ago};

fn claim() -> Claim {
    Claim { incident: IncidentId(1), rank: 3, contact: "值班员".into(), expires_at: ago(-600) }
}

#[tokio::test]
async fn the_button_confirms_and_opening_does_not() {
    let stage = Stage::busy().await;
    let path = format!("/confirm/{}", stage.key.token(&claim()));
    for _ in 0..2 {
        let (status, page) = stage.get(&path).await;
        assert_eq!(status, 200);
        assert!(
            page.contains("我已知悉，签收") && page.contains("值班员") && page.contains("特别重大"),
            "{page}"
        );
        assert!(page.contains("须在 14:06:00 前（还剩 1:00）"), "by when, at a glance: {page}");
    }
    assert!(stage.acts().is_empty(), "opening confirms nothing");

    let (status, page) = stage.post(&path, &[]).await;
    assert_eq!(status, 200);
    assert!(page.contains("已签收") && page.contains("14:05:00"), "{page}");
    let confirmed = Act::Acknowledge {
        incident: IncidentId(1),
        contact: "值班员".into(),
        rank: Some(3),
        how: AckHow::Link,
        recorded_by: None,
        at: None,
    };
    assert_eq!(stage.acts(), [confirmed]);

    stage.clock.advance(SignedDuration::from_secs(90));
    for (status, page) in [stage.get(&path).await, stage.post(&path, &[]).await] {
        assert_eq!(status, 200);
        assert!(page.contains("已签收") && page.contains("14:05:00"), "who confirmed when: {page}");
        assert!(!page.contains("<form method=\"post\"><button class=\"big\""));
    }
    assert_eq!(stage.acts().len(), 1, "the second press does nothing");
    stage.end().await;
}

#[tokio::test]
async fn an_expired_or_forged_link_confirms_nothing() {
    let stage = Stage::busy().await;
    let token = stage.key.token(&claim());
    stage.clock.advance(SignedDuration::from_secs(601));
    let path = format!("/confirm/{token}");
    for (status, page) in [stage.get(&path).await, stage.post(&path, &[]).await] {
        assert_eq!(status, 410);
        assert!(page.contains("链接已过期") && page.contains("/login?next="), "{page}");
    }
    let (said, signature) = token.split_once('.').expect("a dot");
    let other = yuqing::dispatch::ConfirmKey::from_bytes([8; 32]).token(&claim());
    for forged in [format!("{said}."), format!("{said}.AAAA{signature}"), other, "x".repeat(4_000)] {
        let (status, page) = stage.post(&format!("/confirm/{forged}"), &[]).await;
        assert_eq!(status, 404);
        assert!(page.contains("链接无效"), "{page}");
    }
    assert!(stage.acts().is_empty());
    stage.end().await;
}

#[tokio::test]
async fn the_link_works_without_the_login() {
    let stage = Stage::busy().await;
    stage.change(|settings| settings.with_login(super::CONSOLE_TOKEN.to_owned().into()));
    let path = format!("/confirm/{}", stage.key.token(&claim()));
    assert_eq!(stage.get(&path).await.0, 200);
    assert_eq!(stage.post(&path, &[]).await.0, 200);
    assert_eq!(stage.acts().len(), 1);
    assert_eq!(stage.get("/incidents/1").await.0, 303, "and only the link does");
    stage.end().await;
}
