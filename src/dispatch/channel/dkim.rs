//! DKIM: a signature over a mail's header and body, for a mail server of the office's own that does not sign
//! (RFC 6376, with Ed25519 as RFC 8463 adds it). Both parts are taken `relaxed`, so that a relay that folds
//! a line or trims a blank does not break it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use ring::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::config::channels::DkimSettings;

/// What is signed, when the mail has it. `from` stands twice, so that nobody can add a second one.
const SIGNED: [&str; 11] = [
    "from",
    "from",
    "to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "mime-version",
    "content-type",
    "auto-submitted",
];

/// A private key.
#[derive(Debug)]
pub enum DkimKey {
    /// RSA, PKCS#1 v1.5 over SHA-256.
    Rsa(Box<RsaKeyPair>),
    /// Ed25519 over the SHA-256 of the data.
    Ed25519(Ed25519KeyPair),
}

/// Why there is no key. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DkimError {
    /// Not PEM.
    #[error("key is not a private key in PEM")]
    NotPem,
    /// PEM of something else.
    #[error("key is neither RSA of 2048 bits and more nor Ed25519")]
    NotAKey,
}

impl DkimKey {
    /// Reads a PEM of PKCS#8 (either kind) or PKCS#1 (RSA).
    ///
    /// # Errors
    /// See [`DkimError`].
    pub fn from_pem(pem: &str) -> Result<Self, DkimError> {
        let body: String = pem.lines().map(str::trim).filter(|line| !line.starts_with("-----")).collect();
        if !pem.contains("-----BEGIN") {
            return Err(DkimError::NotPem);
        }
        let der = STANDARD.decode(body).map_err(|_| DkimError::NotPem)?;
        let rsa = RsaKeyPair::from_pkcs8(&der).or_else(|_| RsaKeyPair::from_der(&der));
        if let Ok(key) = rsa {
            return Ok(Self::Rsa(Box::new(key)));
        }
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map(Self::Ed25519).map_err(|_| DkimError::NotAKey)
    }

    const fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// Base64 of the signature over what [`signed_data`] gives.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn sign(&self, data: &str) -> Result<String, ring::error::Unspecified> {
        let signature = match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data.as_bytes(), &mut signature)?;
                signature
            }
            Self::Ed25519(key) => key.sign(&Sha256::digest(data.as_bytes())).as_ref().to_vec(),
        };
        Ok(STANDARD.encode(signature))
    }
}

/// Signs mails.
#[derive(Debug)]
pub struct Dkim {
    selector: String,
    domain: String,
    key: DkimKey,
}

impl Dkim {
    /// Reads the key.
    ///
    /// # Errors
    /// See [`DkimError`].
    pub fn new(settings: &DkimSettings) -> Result<Self, DkimError> {
        let key = DkimKey::from_pem(settings.key.expose_secret())?;
        Ok(Self { selector: settings.selector.clone(), domain: settings.domain.clone(), key })
    }

    /// The mail with its signature before it. A mail that cannot be signed goes out as it is: late and
    /// unsigned is better than not at all.
    #[must_use]
    pub fn signed(&self, content: &[u8], now: Timestamp) -> Vec<u8> {
        let Some((headers, body)) = parts(content) else { return content.to_vec() };
        let present = |name: &&&str| fields(&headers).any(|(known, _)| known == **name);
        let names: Vec<&str> = SIGNED.iter().filter(present).copied().collect();
        let value = format!(
            "v=1; a={}; c=relaxed/relaxed; d={}; s={};\r\n t={}; h={};\r\n bh={};\r\n b=",
            self.key.algorithm(),
            self.domain,
            self.selector,
            now.as_second(),
            names.join(":"),
            body_hash(body)
        );
        match self.key.sign(&signed_data(&headers, &names, &value)) {
            Ok(signature) => {
                let folded: Vec<String> = signature
                    .as_bytes()
                    .chunks(70)
                    .map(|part| String::from_utf8_lossy(part).into_owned())
                    .collect();
                let header = format!("DKIM-Signature: {value}{}\r\n", folded.join("\r\n  "));
                [header.as_bytes(), content].concat()
            }
            Err(error) => {
                tracing::error!(%error, "a mail could not be signed");
                content.to_vec()
            }
        }
    }
}

fn parts(content: &[u8]) -> Option<(String, &[u8])> {
    let end = content.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (headers, rest) = content.split_at_checked(end + 2)?;
    Some((std::str::from_utf8(headers).ok()?.to_owned(), rest.get(2..)?))
}

/// Fields in their order: name in lower case, value relaxed.
fn fields(headers: &str) -> impl DoubleEndedIterator<Item = (String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in headers.split("\r\n").filter(|line| !line.is_empty()) {
        match (line.starts_with([' ', '\t']), found.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line);
            }
            _ => {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                found.push((name.trim().to_ascii_lowercase(), value.to_owned()));
            }
        }
    }
    found.into_iter().map(|(name, value)| (name, relaxed(&value)))
}

/// Runs of blanks become one, those at the ends none (RFC 6376, 3.4.2).
fn relaxed(value: &str) -> String {
    value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What is signed: the named fields, the last of a name first, then the signature's own field with an empty
/// `b=` and no line end (RFC 6376, 3.7). A name that is not there stands for its absence.
#[must_use]
pub fn signed_data(headers: &str, names: &[&str], value: &str) -> String {
    let mut left: Vec<(String, String)> = fields(headers).collect();
    let mut data = String::new();
    for name in names {
        let name = name.to_ascii_lowercase();
        if let Some(at) = left.iter().rposition(|(known, _)| *known == name) {
            let (name, value) = left.remove(at);
            data.push_str(&format!("{name}:{value}\r\n"));
        }
    }
    data.push_str("dkim-signature:");
    data.push_str(&relaxed(value));
    data
}

/// Base64 of the SHA-256 of the relaxed body: blanks at line ends go, runs of them become one, empty lines at
/// the end go, and the last line ends (RFC 6376, 3.4.4).
#[must_use]
pub fn body_hash(body: &[u8]) -> String {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for line in body.split(|byte| *byte == b'\n') {
        let mut kept: Vec<u8> = Vec::with_capacity(line.len());
        for byte in line.strip_suffix(b"\r").unwrap_or(line) {
            let blank = matches!(byte, b' ' | b'\t');
            if !blank {
                kept.push(*byte);
            } else if kept.last() != Some(&b' ') {
                kept.push(b' ');
            }
        }
        if kept.last() == Some(&b' ') {
            kept.pop();
        }
        lines.push(kept);
    }
    while lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(&line);
        hash.update(b"\r\n");
    }
    STANDARD.encode(hash.finalize())
}
