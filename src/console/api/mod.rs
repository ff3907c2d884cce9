//! For programs: acts, push posts, hand over an SMS reply or receipts, list incidents, set the kind of one,
//! try keyword rules on texts.

pub(super) mod acts;
pub(super) mod files;
pub(super) mod incidents;
pub(super) mod keywords;
pub(super) mod kind;
pub(super) mod push;
pub(super) mod receipts;
pub(super) mod reply;

use axum::{
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::{Settings, fault, login};

/// The refusal of whoever does not present the console's token as a bearer. A console without a token serves
/// its own machine only, and takes JSON only, which no page elsewhere can send unasked.
fn refused(settings: &Settings, headers: &HeaderMap) -> Option<Response> {
    match &settings.token {
        Some(token) if !login::bearer(headers).is_some_and(|given| login::same_secret(token, given)) => {
            let words = "present the console's token as a bearer";
            Some(fault::json(StatusCode::UNAUTHORIZED, "unauthorized", words))
        }
        _ => None,
    }
}
