//! The signatures that clouds ask for, after their published rules; the tests hold them against the
//! clouds' own examples.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// Of an empty body.
const METHOD: &str = "POST";

/// A request to Alibaba Cloud, as far as it is signed.
#[derive(Debug, Clone, Copy)]
pub struct AcsRequest<'a> {
    /// Host, without a port unless it is an unusual one.
    pub host: &'a str,
    /// `SendSms`.
    pub action: &'a str,
    /// Version of the interface.
    pub version: &'a str,
    /// UTC, `2023-10-26T10:22:32Z`.
    pub date: &'a str,
    /// Never the same twice.
    pub nonce: &'a str,
    /// The query as it is sent: sorted and encoded.
    pub query: &'a str,
}

/// The `Authorization` of ACS3-HMAC-SHA256 for a POST of `/` without a body
/// (<https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature>, as of 2024-12-20).
#[must_use]
pub fn acs3(request: &AcsRequest<'_>, key_id: &str, key_secret: &str) -> String {
    let AcsRequest { host, action, version, date, nonce, query } = request;
    let content = digest("");
    let signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
    let canonical = format!(
        "{METHOD}\n/\n{query}\nhost:{host}\nx-acs-action:{action}\nx-acs-content-sha256:{content}\n\
         x-acs-date:{date}\nx-acs-signature-nonce:{nonce}\nx-acs-version:{version}\n\n{signed}\n{content}"
    );
    let to_sign = format!("ACS3-HMAC-SHA256\n{}", digest(&canonical));
    let signature = hex::encode(mac(key_secret.as_bytes(), &to_sign));
    format!("ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={signed},Signature={signature}")
}

/// A request to Tencent Cloud, as far as it is signed.
#[derive(Debug, Clone, Copy)]
pub struct Tc3Request<'a> {
    /// Host.
    pub host: &'a str,
    /// `sms`.
    pub service: &'a str,
    /// `SendSms`; signed in lower case.
    pub action: &'a str,
    /// UTC day, `2019-02-25`.
    pub day: &'a str,
    /// Seconds since 1970.
    pub seconds: i64,
    /// JSON.
    pub body: &'a str,
}

/// The content type that is signed.
pub const TC3_CONTENT: &str = "application/json; charset=utf-8";

/// The `Authorization` of TC3-HMAC-SHA256 for a POST of `/`
/// (<https://cloud.tencent.com/document/api/382/52071>, as of 2023-12-27).
#[must_use]
pub fn tc3(request: &Tc3Request<'_>, key_id: &str, key_secret: &str) -> String {
    let Tc3Request { host, service, action, day, seconds, body } = request;
    let signed = "content-type;host;x-tc-action";
    let canonical = format!(
        "{METHOD}\n/\n\ncontent-type:{TC3_CONTENT}\nhost:{host}\nx-tc-action:{}\n\n{signed}\n{}",
        action.to_lowercase(),
        digest(body)
    );
    let scope = format!("{day}/{service}/tc3_request");
    let to_sign = format!("TC3-HMAC-SHA256\n{seconds}\n{scope}\n{}", digest(&canonical));
    let of_day = mac(format!("TC3{key_secret}").as_bytes(), day);
    let of_service = mac(&of_day, service);
    let signature = hex::encode(mac(&mac(&of_service, "tc3_request"), &to_sign));
    format!("TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={signed}, Signature={signature}")
}

/// RFC 3986 as Alibaba Cloud asks for it: all but letters, digits and `-_.~`.
#[must_use]
pub fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// HMAC-SHA256; a key of any length serves.
pub(in crate::dispatch::channel) fn mac(key: &[u8], text: &str) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        },
    )
}
