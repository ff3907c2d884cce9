//! One-time passwords by time (动态口令, RFC 6238): HMAC-SHA-1, 30 seconds, six digits, as every authenticator app
//! reads them. A code is taken for its own half minute and the one before and after, and never twice.

use jiff::Timestamp;
use ring::hmac;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

/// Seconds of a step (RFC 6238, 4.1).
const STEP: i64 = 30;
/// Steps by which the clock of a telephone may be off.
const OFF: i64 = 1;
/// Bytes of a secret (RFC 4226, 4: 160 bits).
const BYTES: usize = 20;
/// The alphabet of base32 (RFC 4648).
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Somebody's second factor.
#[derive(Clone, Serialize, Deserialize)]
pub struct Totp {
    /// The secret, in hex: it has to be known to be checked.
    secret: String,
    /// The last step whose code was taken.
    #[serde(default)]
    used: i64,
}

impl std::fmt::Debug for Totp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Totp").finish_non_exhaustive()
    }
}

impl Totp {
    /// A new secret.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn new() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self { secret: hex::encode(bytes), used: 0 })
    }

    /// The one whose secret is written in base32; `None` when it is no base32 of that length.
    #[must_use]
    pub fn of_base32(text: &str) -> Option<Self> {
        let (mut bits, mut held, mut bytes) = (0_u32, 0_u32, Vec::new());
        for letter in text.bytes() {
            let value = BASE32.iter().position(|one| *one == letter.to_ascii_uppercase())?;
            bits = (bits << 5) | u32::try_from(value).ok()?;
            held += 5;
            if held >= 8 {
                held -= 8;
                bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
                bits &= (1 << held) - 1;
            }
        }
        (bytes.len() == BYTES).then(|| Self { secret: hex::encode(bytes), used: 0 })
    }

    /// The secret as a person types it into an app.
    #[must_use]
    pub fn base32(&self) -> String {
        let bytes = hex::decode(&self.secret).unwrap_or_default();
        let (mut bits, mut held, mut text) = (0_u32, 0_u32, String::new());
        for byte in bytes {
            bits = (bits << 8) | u32::from(byte);
            held += 8;
            while held >= 5 {
                held -= 5;
                let letter = usize::try_from((bits >> held) & 31).ok().and_then(|at| BASE32.get(at));
                text.extend(letter.map(|letter| char::from(*letter)));
            }
            bits &= (1 << held) - 1;
        }
        text
    }

    /// The address that an app reads from a QR code.
    #[must_use]
    pub fn uri(&self, account: &str) -> String {
        let mut url = url::form_urlencoded::Serializer::new(String::new());
        url.append_pair("secret", &self.base32()).append_pair("issuer", "yuqing");
        let label: String = url::form_urlencoded::byte_serialize(account.as_bytes()).collect();
        format!("otpauth://totp/yuqing:{}?{}", label.replace('+', "%20"), url.finish())
    }

    /// Whether `code` is right at `now` and was not taken before; it is taken then.
    pub fn take(&mut self, code: &str, now: Timestamp) -> bool {
        let code: String = code.chars().filter(char::is_ascii_digit).collect();
        let step = now.as_second().div_euclid(STEP);
        let bytes = hex::decode(&self.secret).unwrap_or_default();
        let right = (step - OFF..=step + OFF).find(|step| {
            *step > self.used && bool::from(digits(&bytes, *step).as_bytes().ct_eq(code.as_bytes()))
        });
        if let Some(step) = right {
            self.used = step;
        }
        right.is_some()
    }
}

/// The code of a secret in base32 at an instant, as an app would show it.
#[must_use]
pub fn code_at(base32: &str, now: Timestamp) -> Option<String> {
    let bytes = hex::decode(Totp::of_base32(base32)?.secret).ok()?;
    Some(digits(&bytes, now.as_second().div_euclid(STEP)))
}

/// HOTP of a step (RFC 4226, 5.3).
fn digits(secret: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let from = usize::from(tag.last().copied().unwrap_or_default() & 0x0f);
    let four = tag.iter().skip(from).take(4).fold(0_u32, |sum, byte| (sum << 8) | u32::from(*byte));
    format!("{:06}", (four & 0x7fff_ffff) % 1_000_000)
}
