//! Links and codes that prove a confirmation.

use jiff::SignedDuration;
use proptest::prelude::*;
use yuqing::{
    dispatch::{CONFIRM_PATH, Claim, ConfirmError, ConfirmKey},
    model::{ChannelKind, IncidentId, NoticeKind},
};

use super::notices::{at, notice};

fn key() -> ConfirmKey {
    ConfirmKey::from_bytes([7; 32])
}

#[test]
fn a_link_names_incident_tier_contact_and_expiry() {
    let link = key()
        .link("https://yuqing.example/", &notice(NoticeKind::Alert, ChannelKind::Email), at(60))
        .unwrap();
    let token = link.strip_prefix("https://yuqing.example").unwrap().strip_prefix(CONFIRM_PATH).unwrap();
    assert!(token.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)), "{token}");
    let claim =
        Claim { incident: IncidentId(12), rank: 3, contact: "总值班室".to_owned(), expires_at: at(60) };
    assert_eq!(key().verify(token, at(60)), Ok(claim.clone()));
    let late = at(60) + SignedDuration::from_secs(1);
    assert_eq!(key().verify(token, late), Err(ConfirmError::Expired(claim)));
    assert_eq!(ConfirmKey::from_bytes([8; 32]).verify(token, at(0)), Err(ConfirmError::Forged));
}

#[test]
fn a_notice_of_no_incident_has_no_link() {
    let mut one = notice(NoticeKind::Operations, ChannelKind::Email);
    one.incident = None;
    assert_eq!(key().link("https://yuqing.example", &one, at(60)), None);
}

proptest! {
    #[test]
    fn a_token_changed_anywhere_is_forged(at_byte in any::<prop::sample::Index>(), to in "[A-Za-z0-9._-]") {
        let claim = Claim { incident: IncidentId(12), rank: 3, contact: "张三 李四".to_owned(), expires_at: at(60) };
        let token = key().token(&claim);
        prop_assert_eq!(key().verify(&token, at(0)), Ok(claim));
        let place = at_byte.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(place..=place, &to);
        if changed != token {
            // The last letter of a part carries unused bits; a change there is refused as well.
            prop_assert_eq!(key().verify(&changed, at(0)), Err(ConfirmError::Forged));
        }
    }

    #[test]
    fn any_text_can_be_a_token_without_a_panic(token in ".*") {
        prop_assert_eq!(key().verify(&token, at(0)), Err(ConfirmError::Forged));
    }
}

#[test]
fn a_code_is_six_digits_of_one_incident_tier_and_contact() {
    let code = key().code(IncidentId(12), 3, "总值班室");
    assert!(code.len() == 6 && code.chars().all(|c| c.is_ascii_digit()));
    assert_ne!(code, key().code(IncidentId(12), 4, "总值班室"));
    assert_ne!(code, key().code(IncidentId(13), 3, "总值班室"));
    assert_ne!(code, key().code(IncidentId(12), 3, "主任"));
    assert_ne!(code, ConfirmKey::from_bytes([8; 32]).code(IncidentId(12), 3, "总值班室"));

    let wide: String = code.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    for reply in [code.clone(), format!(" {code}。"), format!("签收{code}"), wide] {
        assert!(key().is_code(&reply, IncidentId(12), 3, "总值班室"), "{reply}");
    }
    for reply in [String::new(), "签收".to_owned(), format!("{code}1"), format!("0{code}")] {
        assert!(!key().is_code(&reply, IncidentId(12), 3, "总值班室"), "{reply}");
    }
}

#[test]
fn the_key_file_is_made_once_and_is_private() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("confirm.key");
    let made = ConfirmKey::load_or_create(&path).unwrap();
    let read = ConfirmKey::load_or_create(&path).unwrap();
    assert_eq!(made.code(IncidentId(1), 0, "x"), read.code(IncidentId(1), 0, "x"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let other = folder.path().join("other.key");
    let other_key = ConfirmKey::load_or_create(&other).unwrap();
    assert_ne!(made.code(IncidentId(1), 0, "x"), other_key.code(IncidentId(1), 0, "x"));
    std::fs::write(&path, "short").unwrap();
    let error = ConfirmKey::load_or_create(&path).unwrap_err();
    assert!(error.to_string().ends_with("is not a key of 32 bytes"), "{error}");
    assert!(format!("{other_key:?}").contains("REDACTED"), "{other_key:?}");
}
