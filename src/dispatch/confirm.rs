//! How a recipient proves that a confirmation is theirs: a signed link for one incident at one tier and
//! one contact, and a short code for those who can only answer a text message (SEMANTICS 23, 24).
//!
//! Both are computed from one key and keep no state: the same notice always carries the same link and
//! code. Who used them, and when, is the desk's to keep.

use std::{
    io::{Read, Write},
    path::Path,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::model::{IncidentId, Notice};

/// Where the console serves confirm pages; the token follows.
pub const CONFIRM_PATH: &str = "/confirm/";
/// Digits of a short code.
const DIGITS: u32 = 6;
/// Bytes of the signature that a token carries; half of the whole, as RFC 2104 allows.
const SIGNED: usize = 16;

/// The office's own key.
#[derive(Debug)]
pub struct ConfirmKey(SecretBox<[u8; 32]>);

impl Clone for ConfirmKey {
    fn clone(&self) -> Self {
        Self::from_bytes(*self.0.expose_secret())
    }
}

/// What a link says, once its signature was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which incident.
    pub incident: IncidentId,
    /// Rank of the tier that was told.
    pub rank: usize,
    /// Who was told.
    pub contact: String,
    /// Until when the link holds. UTC, whole seconds.
    pub expires_at: Timestamp,
}

/// Why a link does not confirm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmError {
    /// It was ours once; log in instead. Carries what it said.
    #[error("the link has expired")]
    Expired(Claim),
    /// Not made by this office, or damaged on its way.
    #[error("the link is not one of ours")]
    Forged,
}

impl ConfirmKey {
    /// A key of these bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// Reads the key file.
    ///
    /// # Errors
    /// When there is none, it cannot be read, or holds anything but 32 bytes.
    pub fn load(path: &Path) -> std::io::Result<Self> {
        Self::read(std::fs::File::open(path)?, path)
    }

    /// Reads the key file, or makes it with a new random key, readable by the daemon's user only.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds anything but 32 bytes.
    pub fn load_or_create(path: &Path) -> std::io::Result<Self> {
        match std::fs::File::open(path) {
            Ok(file) => Self::read(file, path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::create(path),
            Err(error) => Err(error),
        }
    }

    fn read(file: std::fs::File, path: &Path) -> std::io::Result<Self> {
        let mut found = Vec::with_capacity(33);
        file.take(33).read_to_end(&mut found)?;
        let bytes = <[u8; 32]>::try_from(found.as_slice()).map_err(|_| {
            let words = format!("{} is not a key of 32 bytes", path.display());
            std::io::Error::new(std::io::ErrorKind::InvalidData, words)
        })?;
        Ok(Self::from_bytes(bytes))
    }

    /// Written beside and linked into place, so that a kill leaves a whole key or none, and of two that
    /// start at once the first wins.
    fn create(path: &Path) -> std::io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let fresh = std::path::PathBuf::from(name);
        let mut options = std::fs::OpenOptions::new();
        options.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&fresh)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        let placed = std::fs::hard_link(&fresh, path);
        std::fs::remove_file(&fresh)?;
        match placed {
            Ok(()) => Ok(Self::from_bytes(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Self::read(std::fs::File::open(path)?, path)
            }
            Err(error) => Err(error),
        }
    }

    /// The link to the confirm page; `None` for a notice that concerns no incident.
    #[must_use]
    pub fn link(&self, public_url: &str, notice: &Notice, expires_at: Timestamp) -> Option<String> {
        let claim = Claim {
            incident: notice.incident?,
            rank: notice.rank,
            contact: notice.contact.clone(),
            expires_at,
        };
        Some(format!("{}{CONFIRM_PATH}{}", public_url.trim_end_matches('/'), self.token(&claim)))
    }

    /// The token of a link: URL-safe letters, digits and one dot.
    #[must_use]
    pub fn token(&self, claim: &Claim) -> String {
        let said =
            format!("{} {} {} {}", claim.incident, claim.rank, claim.expires_at.as_second(), claim.contact);
        let signature = self.sign("link", &said);
        let signature: Vec<u8> = signature.into_iter().take(SIGNED).collect();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(said), URL_SAFE_NO_PAD.encode(signature))
    }

    /// Reads a token back.
    ///
    /// # Errors
    /// [`ConfirmError::Forged`] when it was not made with this key, [`ConfirmError::Expired`] when `now`
    /// is past its time.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Claim, ConfirmError> {
        let claim = self.read_token(token).ok_or(ConfirmError::Forged)?;
        if now > claim.expires_at { Err(ConfirmError::Expired(claim)) } else { Ok(claim) }
    }

    fn read_token(&self, token: &str) -> Option<Claim> {
        let (said, signature) = token.split_once('.')?;
        let said = String::from_utf8(URL_SAFE_NO_PAD.decode(said).ok()?).ok()?;
        let given = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let own: Vec<u8> = self.sign("link", &said).into_iter().take(SIGNED).collect();
        if !bool::from(given.ct_eq(&own)) {
            return None;
        }
        let mut parts = said.splitn(4, ' ');
        Some(Claim {
            incident: IncidentId(parts.next()?.parse().ok()?),
            rank: parts.next()?.parse().ok()?,
            expires_at: Timestamp::from_second(parts.next()?.parse().ok()?).ok()?,
            contact: parts.next()?.to_owned(),
        })
    }

    /// Six digits for one incident at one tier and one contact.
    #[must_use]
    pub fn code(&self, incident: IncidentId, rank: usize, contact: &str) -> String {
        let signature = self.sign("code", &format!("{incident} {rank} {contact}"));
        let number = signature.iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        format!("{:06}", number % 10_u64.pow(DIGITS))
    }

    /// Whether `reply` is the code, whatever a phone puts around it (blanks, full-width digits). The
    /// caller limits how often one number may try.
    #[must_use]
    pub fn is_code(&self, reply: &str, incident: IncidentId, rank: usize, contact: &str) -> bool {
        let digits: String = reply.chars().filter_map(digit).collect();
        bool::from(digits.as_bytes().ct_eq(self.code(incident, rank, contact).as_bytes()))
    }

    /// What the host's own command presents to the daemon that runs: whoever can read the key file is its user or root.
    #[must_use]
    pub fn command_token(&self) -> secrecy::SecretString {
        secrecy::SecretString::from(URL_SAFE_NO_PAD.encode(self.sign("command", "")))
    }

    fn sign(&self, purpose: &str, said: &str) -> [u8; 32] {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret());
        // A key of any length is taken, so this branch is never reached; an unkeyed answer would be worse
        // than none that matches.
        let Ok(mut mac) = mac else { return [0; 32] };
        mac.update(b"yuqing confirm 1\0");
        mac.update(purpose.as_bytes());
        mac.update(b"\0");
        mac.update(said.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c).checked_sub(u32::from('０'))?, 10),
        _ => None,
    }
}
