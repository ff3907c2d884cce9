//! `POST /api/v1/receipts`: a gateway that cannot be asked tells by itself what became of messages (SEMANTICS 22).
//!
//! A receipt names a message by the key that the gateway got with it (`key` in the templates of `[sms]` and `[voice]`).
//! The secret is the `receipt_secret` of the gateway's own table, so that one gateway tells nothing about the other's
//! messages; it comes as a bearer token or as `secret` in the address. Keys that nobody waits for are counted and
//! answered by 200: a gateway that got an error would send them again for ever.

use std::collections::{HashMap, HashSet};

use axum::{
    Json,
    body::Bytes,
    extract::{Query, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::reply::Presented;
use crate::{
    console::{Room, Settings, fault, login},
    desk::Input,
    dispatch::channel::{Called, called, public_key, scrubbed},
    locale::Locale,
    model::{ChannelKind, Fate, Notice, NoticeState, Receipt},
    store::{InboxError, StoreError},
};

/// After so long nobody waits for a receipt any more, as in the rounds of questions.
const AWAITED: SignedDuration = SignedDuration::from_hours(5 * 24);
/// Notices of a channel that are looked through, the newest.
const NOTICES: usize = 5_000;

pub(in super::super) async fn receipts(
    State(room): State<Room>,
    Query(asked): Query<Presented>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let settings = room.settings();
    if settings.receipt_secrets.is_empty() {
        return fault::json(StatusCode::NOT_FOUND, "switched_off", "no receipt_secret is configured");
    }
    let kinds = opened(&settings, login::bearer(&headers).unwrap_or(&asked.secret));
    if kinds.is_empty() {
        return fault::json(StatusCode::UNAUTHORIZED, "unauthorized", "present the receipt secret");
    }
    let body = match body {
        Ok(body) => body,
        Err(rejected) if rejected.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return fault::json(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "send at most 256 KiB at once");
        }
        Err(_) => return fault::json(StatusCode::BAD_REQUEST, "broken_off", "the body ended too early"),
    };
    let callback = match called(&body) {
        Ok(callback) => callback,
        Err(error) => return fault::json(StatusCode::UNPROCESSABLE_ENTITY, "unreadable", &error.to_string()),
    };
    match take(&room, &kinds, &callback.receipts).await {
        Ok((taken, unknown)) => Json(json!({
            "taken": taken,
            "unknown": unknown,
            "unreadable": callback.unreadable,
            "why": callback.fault,
        }))
        .into_response(),
        Err(response) => response,
    }
}

/// The channels whose secret this is. Every secret is compared, so that time tells nothing.
fn opened(settings: &Settings, given: &str) -> Vec<ChannelKind> {
    let mut kinds = Vec::new();
    for (kind, secret) in &settings.receipt_secrets {
        if login::same_secret(secret, given) {
            kinds.push(*kind);
        }
    }
    kinds
}

/// Hands the receipts to the desk; answers with how many concerned a message and how many did not.
async fn take(room: &Room, kinds: &[ChannelKind], receipts: &[Called]) -> Result<(usize, usize), Response> {
    let (now, locale) = (room.now(), room.settings().locale);
    let accepted = accepted(room, kinds, now).await.map_err(|error| unavailable(&error))?;
    let (mut taken, mut unknown) = (0, Vec::new());
    for called in receipts {
        let Some(notice) = accepted.get(&called.key) else {
            unknown.push(called.key.as_str());
            continue;
        };
        let fate = fate(called, notice, locale);
        tracing::info!(notice = %notice.id, ?fate, "a gateway sent a receipt");
        let receipt = Receipt { notice: notice.clone(), at: now, fate };
        match room.console.inbox.put(Input::Receipt(Box::new(receipt))).await {
            Ok(()) => taken += 1,
            Err(InboxError::Refused(why)) => {
                tracing::error!(%why, "the desk does not take a receipt");
                unknown.push(called.key.as_str());
            }
            Err(error @ InboxError::Closed) => return Err(unavailable(&error)),
        }
    }
    if !unknown.is_empty()
        && any_is_early(room, kinds, &unknown).await.map_err(|error| unavailable(&error))?
    {
        let words = "a message is not recorded as accepted yet; hand its receipt over again";
        return Err(fault::json(StatusCode::SERVICE_UNAVAILABLE, "too_early", words));
    }
    Ok((taken, unknown.len()))
}

/// What the channels accepted in the last days, by the key that the gateway knows.
async fn accepted(
    room: &Room,
    kinds: &[ChannelKind],
    now: Timestamp,
) -> Result<HashMap<String, Notice>, StoreError> {
    let since = now.saturating_sub(AWAITED).unwrap_or(Timestamp::MIN);
    let mut found = HashMap::new();
    for kind in kinds {
        let notices = room.store().accepted_on(*kind, since, NOTICES).await?;
        found.extend(notices.into_iter().map(|notice| (public_key(&notice), notice)));
    }
    Ok(found)
}

/// Whether a receipt came before the acceptance was written down, so that nothing of it may be lost.
async fn any_is_early(room: &Room, kinds: &[ChannelKind], keys: &[&str]) -> Result<bool, StoreError> {
    let keys: HashSet<&str> = keys.iter().copied().collect();
    let rows = room.store().notices(NOTICES).await?;
    let waits = |one: &Notice| one.state == NoticeState::Pending && kinds.contains(&one.channel);
    Ok(rows.iter().any(|row| waits(&row.notice) && keys.contains(public_key(&row.notice).as_str())))
}

fn fate(called: &Called, notice: &Notice, locale: Locale) -> Fate {
    if called.delivered {
        return Fate::Arrived;
    }
    let why = scrubbed(&called.why, &notice.address, &[]);
    let unsaid = locale.pick("网关没有说明原因", "the gateway did not give a reason");
    Fate::Returned { why: if why.is_empty() { unsaid.to_owned() } else { why } }
}

fn unavailable(error: &dyn std::fmt::Display) -> Response {
    tracing::error!(%error, "receipts could not be recorded");
    fault::json(StatusCode::SERVICE_UNAVAILABLE, "not_recorded", "hand them over again later")
}
