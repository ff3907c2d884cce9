//! What a gateway reports of its own accord: receipts in JSON, named by the key that it got with the message.
//! Pure: from bytes to receipts. Whom they concern, the caller looks up.

use serde::Deserialize;
use serde_json::Value;

/// Receipts in one report at most.
pub const MOST_RECEIPTS: usize = 1_000;

/// One receipt.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Called {
    /// The key that stood in the message's request as `key`.
    pub key: String,
    /// Whether the message arrived.
    pub delivered: bool,
    /// What the gateway says of one that did not arrive; empty when it says nothing.
    #[serde(default, deserialize_with = "or_nothing")]
    pub why: String,
}

/// A report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Callback {
    /// Its receipts, in their order.
    pub receipts: Vec<Called>,
    /// Entries that are none, with the first one's number from 1 and what is wrong with it.
    pub unreadable: usize,
    /// That first fault.
    pub fault: Option<String>,
}

/// Why a report cannot be taken at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Uncalled {
    /// It is no JSON.
    #[error("send JSON, one receipt or an array of them: {0}")]
    NoJson(String),
    /// It has no receipt that can be read.
    #[error("send `key`, `delivered` (true or false) and `why`: {0}")]
    NoReceipt(String),
    /// It has too many.
    #[error("send at most {MOST_RECEIPTS} receipts at once, these are {0}")]
    TooMany(usize),
}

/// Reads a report: one object or an array of them. Entries that cannot be read are counted and take nothing away from
/// the others, so that a gateway need not send those again.
///
/// # Errors
/// When nothing of it can be taken.
pub fn called(body: &[u8]) -> Result<Callback, Uncalled> {
    let json = serde_json::from_slice(body).map_err(|error| Uncalled::NoJson(error.to_string()))?;
    let entries = match json {
        Value::Array(entries) => entries,
        entry => vec![entry],
    };
    if entries.len() > MOST_RECEIPTS {
        return Err(Uncalled::TooMany(entries.len()));
    }
    let mut callback = Callback::default();
    for (number, entry) in entries.into_iter().enumerate() {
        match serde_json::from_value::<Called>(entry) {
            Ok(called) => callback.receipts.push(called),
            Err(error) => {
                callback.unreadable += 1;
                callback.fault.get_or_insert_with(|| format!("receipt {}: {error}", number + 1));
            }
        }
    }
    match callback.fault {
        Some(fault) if callback.receipts.is_empty() => Err(Uncalled::NoReceipt(fault)),
        _ => Ok(callback),
    }
}

/// Gateways write `null` where there is nothing to say.
fn or_nothing<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(from)?.unwrap_or_default())
}
