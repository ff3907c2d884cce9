//! Passwords (口令): argon2id, computed apart so that a flood of logins costs neither the pages' threads nor the memory.

use std::sync::{Arc, LazyLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::locale::Locale;

/// Computed at one time; each takes 19 MiB.
const AT_ONCE: usize = 2;
/// Waiting at most; more are told to come again.
const WAITING: usize = 32;
/// Least and most characters.
const LEAST: usize = 10;
const MOST: usize = 200;

/// Verified in place of a password that nobody has, so that an unknown name takes as long as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hashed("nobody's password").unwrap_or_default());

/// Where passwords are computed.
#[derive(Debug, Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { running: Arc::new(Semaphore::new(AT_ONCE)), waiting: Arc::new(Semaphore::new(WAITING)) }
    }
}

impl Passwords {
    /// The hash to keep (PHC string); `None` when too many wait, or the system has no randomness.
    pub async fn hash(&self, password: SecretString) -> Option<String> {
        self.apart(move || hashed(password.expose_secret())).await?
    }

    /// Whether a password is the one of a kept hash; `None` when too many wait. Without a hash it is computed all the
    /// same, and wrong.
    pub async fn is(&self, password: SecretString, kept: Option<String>) -> Option<bool> {
        self.apart(move || {
            let known = kept.as_ref().filter(|kept| !kept.is_empty());
            let right = verified(password.expose_secret(), known.unwrap_or(&NOBODY));
            right && known.is_some()
        })
        .await
    }

    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let _place = self.waiting.try_acquire().ok()?;
        let turn = Arc::clone(&self.running).acquire_owned().await.ok()?;
        let work = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        work.await.ok()
    }
}

fn hashed(password: &str) -> Option<String> {
    Argon2::default().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

fn verified(password: &str, kept: &str) -> bool {
    PasswordHash::new(kept)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Why a password is too weak; `None` when it is not. Length counts for more than signs (NIST SP 800-63B, 5.1.1.2).
#[must_use]
pub fn weakness(password: &str, name: &str, locale: Locale) -> Option<&'static str> {
    let letters = password.chars().count();
    if !(LEAST..=MOST).contains(&letters) {
        return Some(locale.pick("口令要有 10 到 200 个字符", "a password has 10 to 200 characters"));
    }
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    let low = password.to_lowercase();
    let known = ["1234567890", "0123456789", "qwertyuiop", "password", "woaini", "yuqing", "admin"];
    let is_named = !name.is_empty() && low.contains(&name.to_lowercase());
    if different.len() < 5
        || is_named
        || known.iter().any(|word| low.starts_with(word) && letters < word.len() + 5)
    {
        let why = "口令太好猜：不要用姓名、连号或常见的词，可以用几个不相干的词连起来";
        return Some(locale.pick(why, "too easy to guess: use several unrelated words"));
    }
    None
}
