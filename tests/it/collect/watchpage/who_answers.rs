//! Who answers: certificates as they are read, and a host that answers from another network.

use jiff::SignedDuration;
use yuqing::collect::watchpage::Certificate;

use super::site::{Room, Site, home, watch};

#[test]
fn issuer_and_end_of_a_certificate_are_read() {
    let der = std::fs::read(super::super::stage::data("certificate/own.der")).unwrap();
    let read = Certificate::of(&der);
    assert_eq!(read.issuer, "Qinghe Test CA");
    assert_eq!(read.not_after.unwrap().to_string(), "2036-11-18T11:35:13Z");
    assert_eq!(read.fingerprint.len(), 64);
}

#[test]
fn a_broken_certificate_is_unknown_and_harms_nothing() {
    let der = std::fs::read(super::super::stage::data("certificate/own.der")).unwrap();
    for end in 0..der.len() {
        let _ = Certificate::of(&der[..end]);
    }
    assert_eq!(Certificate::of(b"no certificate").not_after, None);
    assert_eq!(Certificate::of(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).issuer, "");
}

/// The host was known for days, in another network than the one that answers now.
async fn moved() -> (Site, Room) {
    let site = Site::new().await;
    site.set("/", &home(""));
    let mut room = Room::over(&watch(&site.base, &["/"], "")).await;
    assert!(room.is_silent());
    let known = r#"{"networks":["10.9.0.0/16"],"since":"2026-11-01T00:00:00Z"}"#;
    room.stage.store.set_value("watch/host/本院网站/127.0.0.1", known.to_owned()).await.unwrap();
    room.again().await;
    (site, room)
}

#[tokio::test]
async fn another_network_is_told_to_the_administrators_and_learned() {
    let (site, mut room) = moved().await;
    assert!(room.mentions.is_empty(), "no incident by itself");
    assert!(room.told.len() == 1 && room.told[0].text.contains("127.0.0.0/16"), "{:?}", room.told);
    // A small change beside it is an ordinary one.
    site.set("/", &home("<p>停水通知</p>"));
    room.again().await;
    assert!(room.is_silent(), "{:?} {:?}", room.mentions, room.told);
    room.after(SignedDuration::from_hours(25)).await;
    assert!(room.told.len() == 1 && !room.told[0].broken, "{:?}", room.told);
    room.again().await;
    assert!(room.is_silent());
}

#[tokio::test]
async fn another_network_with_another_page_is_tampering() {
    let (site, mut room) = moved().await;
    site.set(
        "/",
        "<html><head><title>青禾县人民医院</title></head><body><p>青禾县人民医院新版网站今天上线，请扫码下载客户端。</p>\
         <p>输入身份证号和银行卡号即可领取补贴。</p></body></html>",
    );
    room.again().await;
    room.assert_alarm("换了网段或证书签发者").await;
    room.after(SignedDuration::from_hours(25)).await;
    assert!(room.mentions.is_empty(), "not restored by waiting: {:?}", room.mentions);
    site.set("/", &home(""));
    room.again().await;
    assert!(room.mentions[0].post.title.contains("已恢复"));
}
