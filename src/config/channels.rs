//! How to reach the mail server and the SMS gateway: checked values, secrets resolved.

use std::{collections::BTreeMap, time::Duration};

use secrecy::SecretString;

/// How the connection to the mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailSecurity {
    /// TLS from the first byte (usually port 465).
    Tls,
    /// STARTTLS, required (usually port 587 or 25).
    StartTls,
    /// Plain text; for a relay on the same host or in the office's own network.
    Plain,
}

/// The `[email]` table.
#[derive(Debug, Clone)]
pub struct EmailSettings {
    /// Host name of the mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How it is secured.
    pub security: MailSecurity,
    /// Login, when it wants one.
    pub user: Option<String>,
    /// Password, resolved from its reference.
    pub password: Option<SecretString>,
    /// Sender, `名称 <address>` or an address.
    pub from: String,
    /// Bound on one whole conversation (connect to QUIT).
    pub timeout: Duration,
}

/// When an answer of the gateway counts as accepted.
#[derive(Debug, Clone)]
pub struct SuccessRule {
    /// HTTP statuses, e.g. 200..=299.
    pub status: std::ops::RangeInclusive<u16>,
    /// JSONPath that must give `equals` (as text); `None`: the status alone decides.
    pub json: Option<(String, String)>,
}

/// The `[sms]` table: a gateway by HTTP.
#[derive(Debug, Clone)]
pub struct SmsSettings {
    /// `GET` or `POST`.
    pub method: String,
    /// URL; a template (minijinja) over `phone text tier code unit key time`.
    pub url: String,
    /// Headers; values are templates, also over `signature`.
    pub headers: BTreeMap<String, String>,
    /// Body; a template.
    pub body: String,
    /// Template of the message text itself; variables are cut to 35 characters (SEMANTICS 24).
    pub text: String,
    /// Key for HMAC-SHA256 over `signed`.
    pub hmac_key: Option<SecretString>,
    /// What is signed: a template over the same names and `body`; hex signature goes to `signature`.
    pub signed: String,
    /// Header that carries the idempotency key.
    pub idempotency_header: Option<String>,
    /// When an answer counts as accepted.
    pub success: SuccessRule,
    /// JSONPath of a business code whose listed values must not be tried again (bad number…).
    pub refuse_json: Option<(String, Vec<String>)>,
    /// Bound on one request.
    pub timeout: Duration,
    /// Whether a private or loopback address is allowed (a gateway inside the office's network).
    pub allow_private: bool,
    /// Secret that the gateway's reply webhook must present; `None` switches the webhook off.
    pub reply_secret: Option<SecretString>,
}
