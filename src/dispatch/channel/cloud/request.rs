//! Signed requests to the clouds: what every call of their interfaces has in common.

use jiff::{Timestamp, tz::TimeZone};
use reqwest::Request;
use secrecy::ExposeSecret;

use super::{
    super::http::told,
    CloudSms,
    sign::{AcsRequest, TC3_CONTENT, Tc3Request, acs3, percent, tc3},
};

/// Version of Alibaba Cloud's interface.
const ACS_VERSION: &str = "2017-05-25";
/// Version of Tencent Cloud's interface.
const TC_VERSION: &str = "2021-01-11";

impl CloudSms {
    /// A call of Alibaba Cloud. `query` stands in the order of its names, as it is signed.
    ///
    /// # Errors
    /// When the system has no randomness, or an address that makes no request.
    pub(super) fn acs_request(
        &self,
        action: &str,
        query: &[(&str, &str)],
        now: Timestamp,
    ) -> Result<Request, String> {
        let parts: Vec<String> =
            query.iter().map(|(name, value)| format!("{}={}", percent(name), percent(value))).collect();
        let query = parts.join("&");
        let date = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let nonce = nonce()?;
        let signed = AcsRequest {
            host: &self.host,
            action,
            version: ACS_VERSION,
            date: &date,
            nonce: &nonce,
            query: &query,
        };
        let authorization = acs3(&signed, &self.settings.key_id, self.settings.key_secret.expose_secret());
        let mut url = self.endpoint.clone();
        url.set_path("/");
        url.set_query(Some(&query));
        let content = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let request = self
            .http
            .client
            .post(url)
            .header("x-acs-action", action)
            .header("x-acs-version", ACS_VERSION)
            .header("x-acs-date", date)
            .header("x-acs-signature-nonce", nonce)
            .header("x-acs-content-sha256", content)
            .header("authorization", authorization);
        request.build().map_err(told)
    }

    /// A call of Tencent Cloud with a body of JSON.
    ///
    /// # Errors
    /// An address that makes no request.
    pub(super) fn tc_request(&self, action: &str, body: String, now: Timestamp) -> Result<Request, String> {
        let day = now.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string();
        let seconds = now.as_second();
        let signed = Tc3Request { host: &self.host, service: "sms", action, day: &day, seconds, body: &body };
        let authorization = tc3(&signed, &self.settings.key_id, self.settings.key_secret.expose_secret());
        let mut url = self.endpoint.clone();
        url.set_path("/");
        let request = self
            .http
            .client
            .post(url)
            .header("content-type", TC3_CONTENT)
            .header("x-tc-action", action)
            .header("x-tc-version", TC_VERSION)
            .header("x-tc-region", &self.settings.region)
            .header("x-tc-timestamp", seconds.to_string())
            .header("authorization", authorization)
            .body(body);
        request.build().map_err(told)
    }
}

fn nonce() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("no randomness: {error}"))?;
    Ok(hex::encode(bytes))
}
