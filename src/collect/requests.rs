//! What is sent for a source: its headers with the secret filled in, its limits.

use secrecy::ExposeSecret;

use super::fetch::{FetchError, Request};

use crate::config::{FetchSettings, secret::SecretRef, source::Source};

/// The request for one address of a source, without validators.
///
/// # Errors
/// [`FetchError::Credential`] when the secret is not there.
pub fn of(source: &Source, settings: &FetchSettings, url: &str) -> Result<Request, FetchError> {
    let mut headers = source.headers.clone();
    let mut used = None;
    if let Some(reference) = &source.credential {
        let secret = SecretRef::parse(reference)
            .and_then(|reference| reference.resolve())
            .map_err(|error| FetchError::Credential(error.to_string()))?;
        for value in headers.values_mut() {
            *value = value.replace("{credential}", secret.expose_secret());
        }
        used = Some(secret);
    }
    Ok(Request {
        url: url.to_owned(),
        source: source.name.clone(),
        headers,
        secret: used,
        contract: source.contract.clone(),
        proxy: source.proxy_in(settings).map(str::to_owned),
        allow_private: source.allow_private,
        max_bytes: source.max_bytes_in(settings),
        timeout: source.timeout_in(settings),
        pace: source.pace_in(settings),
        validators: (None, None),
    })
}
