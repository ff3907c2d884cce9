//! Signatures of mails: the example of RFC 8463, and a whole mail as a receiver checks it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use yuqing::{
    config::channels::{DkimSettings, EmailSettings},
    dispatch::{
        Channel, Verdict,
        channel::{Dkim, DkimError, DkimKey, Email, body_hash, signed_data},
    },
    model::{ChannelKind, NoticeKind},
};

use super::notices::{at, email_settings, notice, texts};
use crate::support::mail::MailServer;

/// The message and the key of RFC 8463, appendix A.
const HEADERS: &str = "From: Joe SixPack <joe@football.example.com>\r\n\
    To: Suzie Q <suzie@shopping.example.net>\r\n\
    Subject: Is dinner ready?\r\n\
    Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n\
    Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n";
const BODY: &str = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

/// PKCS#8 around the RFC's 32 bytes.
fn key_of_the_rfc() -> String {
    let seed = STANDARD.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
    let head = hex::decode("302e020100300506032b657004220420").unwrap();
    format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        STANDARD.encode([head, seed].concat())
    )
}

#[test]
fn the_example_of_rfc_8463_comes_out() {
    assert_eq!(body_hash(BODY.as_bytes()), "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    let value = " v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n \
        q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n \
        bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=";
    let names = ["from", "to", "subject", "date", "message-id", "from", "subject", "date"];
    let key = DkimKey::from_pem(&key_of_the_rfc()).unwrap();
    assert_eq!(
        key.sign(&signed_data(HEADERS, &names, value)).unwrap(),
        "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="
    );
}

#[test]
fn bodies_are_relaxed_as_rfc_6376_shows() {
    // Section 3.4.5: the second line's blanks shrink, the empty lines at the end go.
    assert_eq!(body_hash(b" C \r\nD \t E\r\n\r\n\r\n"), STANDARD.encode(Sha256::digest(" C\r\nD E\r\n")));
    assert_eq!(body_hash(b""), STANDARD.encode(Sha256::digest("")));
    assert_eq!(body_hash(b"x"), STANDARD.encode(Sha256::digest("x\r\n")));
}

#[test]
fn what_is_no_key_is_not_repeated() {
    for wrong in
        ["secret words", "-----BEGIN PRIVATE KEY-----\n!!\n", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n"]
    {
        let error = DkimKey::from_pem(wrong).unwrap_err();
        assert!(matches!(error, DkimError::NotPem | DkimError::NotAKey));
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

fn settings(server: &MailServer, pem: &str) -> EmailSettings {
    let dkim = DkimSettings {
        selector: "yuqing".to_owned(),
        domain: "qingchuan.example".to_owned(),
        key: pem.to_owned().into(),
    };
    EmailSettings { user: None, password: None, dkim: Some(dkim), ..email_settings(server.address.port()) }
}

fn last(server: &MailServer) -> String {
    server.letters().last().unwrap().raw.replace('\n', "\r\n")
}

/// Checks as a receiver does: hash of the body, then the signature over the fields that `h=` names.
fn checked(mail: &str, verify: impl FnOnce(&[u8], &[u8]) -> bool) {
    let (headers, body) = mail.split_once("\r\n\r\n").unwrap();
    let rest = headers.strip_prefix("DKIM-Signature:").expect("the signature stands first");
    let mut lines = rest.split("\r\n");
    let mut value = lines.next().unwrap().to_owned();
    let mut others = String::new();
    for line in lines {
        if others.is_empty() && line.starts_with(' ') {
            value = format!("{value}\r\n{line}");
        } else {
            others = format!("{others}{line}\r\n");
        }
    }
    let tag = |name: &str| {
        let tags = value.split(';').map(|tag| tag.split_whitespace().collect::<String>());
        tags.filter_map(|tag| tag.strip_prefix(name).map(str::to_owned)).next().unwrap()
    };
    assert_eq!(tag("bh="), body_hash(body.as_bytes()));
    let (bare, _) = value.rsplit_once("b=").unwrap();
    let names = tag("h=");
    let names: Vec<&str> = names.split(':').collect();
    assert!(
        names.iter().filter(|name| **name == "from").count() == 2 && names.contains(&"subject"),
        "{names:?}"
    );
    let data = signed_data(&others, &names, &format!("{bare}b="));
    assert!(verify(data.as_bytes(), &STANDARD.decode(tag("b=")).unwrap()), "{value}");
    let forged = signed_data(&others.replace("Subject:", "Subject: x"), &names, &format!("{bare}b="));
    assert_ne!(data, forged);
}

#[tokio::test]
async fn mails_are_signed_for_receivers_to_check() {
    let server = MailServer::start().await;
    let one = notice(NoticeKind::Alert, ChannelKind::Email);
    let email = Email::new(settings(&server, &key_of_the_rfc())).unwrap();
    assert_eq!(email.send(&one, &texts(), at(0)).await, Verdict::Accepted);
    let seed = STANDARD.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
    let public = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    checked(&last(&server), |data, signature| {
        let key = UnparsedPublicKey::new(&ED25519, public.public_key().as_ref());
        key.verify(&Sha256::digest(data), signature).is_ok()
    });

    let pem = include_str!("../../data/dkim/rsa-2048-for-tests.pem");
    let email = Email::new(settings(&server, pem)).unwrap();
    assert_eq!(email.send(&one, &texts(), at(0)).await, Verdict::Accepted);
    let DkimKey::Rsa(pair) = DkimKey::from_pem(pem).unwrap() else { panic!("an RSA key") };
    checked(&last(&server), |data, signature| {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public().as_ref().to_vec());
        key.verify(data, signature).is_ok()
    });
    let _ = Dkim::new(settings(&server, pem).dkim.as_ref().unwrap()).unwrap();
}
