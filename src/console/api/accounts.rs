//! `GET /api/v1/accounts`: who may come in. `POST /api/v1/accounts/links` with `{"name": …}` opens a link by which that
//! account's password is chosen anew; without a name the one by which the first administrator is made.

use axum::{
    Json,
    extract::rejection::JsonRejection,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;

use crate::console::{
    access::{FIRST, Units},
    fault::{self, Fault},
    login,
    visit::Visit,
};

pub(in super::super) async fn list(room: Visit) -> Response {
    match room.keeper().book().await {
        Ok(book) => {
            let accounts: Vec<_> = book
                .accounts
                .iter()
                .map(|account| {
                    json!({
                        "name": account.name,
                        "role": account.role,
                        "units": match &account.units {
                            Units::All => None,
                            Units::Of(names) => Some(names),
                        },
                        "contact": account.contact,
                        "shut": account.shut,
                        "has_password": account.password().is_some(),
                        "second_factor": account.totp.is_some(),
                        "login_at": account.login_at,
                        "seen_at": account.seen_at,
                    })
                })
                .collect();
            let tokens: Vec<_> = book
                .tokens
                .iter()
                .map(|token| {
                    json!({
                        "name": token.name,
                        "scopes": token.scopes,
                        "units": match &token.units {
                            Units::All => None,
                            Units::Of(names) => Some(names),
                        },
                        "by": token.by,
                        "made_at": token.made_at,
                        "seen_at": token.seen_at,
                        "until": token.until,
                    })
                })
                .collect();
            Json(json!({ "accounts": accounts, "tokens": tokens })).into_response()
        }
        Err(error) => Fault::Store(error).answer(&room, "/api/"),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in super::super) struct Wanted {
    #[serde(default)]
    name: Option<String>,
}

pub(in super::super) async fn link(room: Visit, wanted: Result<Json<Wanted>, JsonRejection>) -> Response {
    let Ok(Json(Wanted { name })) = wanted else {
        return fault::json(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unreadable",
            "send {} or {\"name\": …} as JSON",
        );
    };
    let made = async {
        let (secret, now) = (login::new_secret()?, room.now());
        let invited = room.keeper().change(|book| book.invite(name.as_deref(), &secret, now)).await?;
        Ok::<_, Fault>(invited.map(|()| secret))
    };
    match made.await {
        Ok(Ok(secret)) => {
            let (by, about) = (room.signs("-"), name.unwrap_or_default());
            login::record(&room, "invited", &about, &by, &room.person.from).await;
            let base = room.settings().public_url.clone();
            Json(json!({ "path": format!("{FIRST}{}", secret.shown()), "public_url": base })).into_response()
        }
        Ok(Err(error)) => fault::json(StatusCode::CONFLICT, "refused", &error.to_string()),
        Err(fault) => fault.answer(&room, "/api/"),
    }
}
