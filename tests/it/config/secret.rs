//! Secrets by reference.

use secrecy::ExposeSecret as _;
use yuqing::config::secret::{SecretError, SecretRef};

#[test]
fn only_references_are_taken() {
    assert_eq!(SecretRef::parse("env:SMTP"), Ok(SecretRef::Env("SMTP".to_owned())));
    assert_eq!(SecretRef::parse("file:/run/x"), Ok(SecretRef::File("/run/x".to_owned())));
    assert_eq!(
        SecretRef::parse("credential:smtp-password"),
        Ok(SecretRef::Credential("smtp-password".to_owned()))
    );
    for text in
        ["hunter2", "env:", "file:relative", "credential:../shadow", "credential:a/b", "https://x", ""]
    {
        assert_eq!(SecretRef::parse(text), Err(SecretError::Written), "{text}");
    }
}

#[test]
fn a_file_gives_its_first_line_end_cut() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    std::fs::write(&path, "天地 secret\r\n").unwrap();
    let secret = SecretRef::parse(&format!("file:{}", path.display())).unwrap().resolve().unwrap();
    assert_eq!(secret.expose_secret(), "天地 secret");
    assert!(!format!("{secret:?}").contains("天地"));
}

#[test]
fn an_empty_or_missing_file_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    let reference = SecretRef::parse(&format!("file:{}", path.display())).unwrap();
    assert!(matches!(reference.resolve(), Err(SecretError::NoFile { .. })));
    std::fs::write(&path, "\n").unwrap();
    assert!(matches!(reference.resolve(), Err(SecretError::Empty(_))));
}
