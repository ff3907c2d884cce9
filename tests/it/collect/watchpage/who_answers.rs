//! Certificates as they are read: who issued one and until when it holds.

use yuqing::collect::watchpage::Certificate;

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
