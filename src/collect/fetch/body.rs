//! Reads a body within a cap that counts bytes after decompression, so that neither two gigabytes nor a
//! gzip bomb fill the memory.

use futures_util::StreamExt;
use reqwest::Response;

use super::FetchError;

/// What to do at the cap.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AtCap {
    /// The body is refused.
    Refuse,
    /// What was read so far is enough (robots.txt).
    Keep,
}

/// The body, at most `limit` bytes.
pub(super) async fn read(response: Response, limit: usize, at_cap: AtCap) -> Result<Vec<u8>, FetchError> {
    let announced = response.content_length().and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    if at_cap == AtCap::Refuse && announced > limit {
        return Err(FetchError::TooLarge { limit });
    }
    let mut body = Vec::with_capacity(announced.min(limit).min(1024 * 1024));
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| FetchError::BrokenBody(root_cause(&error)))?;
        let room = limit - body.len();
        if chunk.len() > room {
            if at_cap == AtCap::Refuse {
                return Err(FetchError::TooLarge { limit });
            }
            body.extend(chunk.iter().take(room));
            return Ok(body);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The innermost cause: the outer ones repeat the address, which may hold a key.
pub(super) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
