//! Searches that are kept under a name, for the whole office.

use axum::{
    Form,
    response::{IntoResponse as _, Redirect, Response},
};
use serde::Deserialize;

use super::query::Asked;
use crate::{
    console::{asked, fault::Fault, view::short, visit::Visit},
    store::{SavedSearch, Turn},
};

/// Characters of a name.
const NAME: usize = 40;
/// Searches that an office keeps; more would be no list to choose from.
const MOST: usize = 60;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in super::super) struct Fields {
    name: String,
    query: String,
    by: String,
}

pub(in super::super) async fn save(room: Visit, Form(fields): Form<Fields>) -> Response {
    let locale = room.settings().locale;
    // Read and written anew, so that only what the list understands is kept.
    let query = Asked::read(&fields.query).address(Turn::First);
    let kept = async {
        let (name, by) = (short(&fields.name, NAME), short(&room.signs(&fields.by), NAME));
        if name.is_empty() || by.is_empty() {
            return Err(Fault::Form(locale.pick("请写筛选的名称和您的姓名", "give a name to it, and yours")));
        }
        let known = asked(room.store().saved_searches()).await?;
        if known.len() >= MOST && known.iter().all(|one| one.name != name) {
            return Err(Fault::Form(
                locale.pick("保存的筛选太多，请先删除不用的", "too many; delete some first"),
            ));
        }
        let saved = SavedSearch { name, query: query.clone(), by, at: room.now() };
        asked(room.store().save_search(saved)).await
    };
    match kept.await {
        Ok(()) => back(&query, "saved"),
        Err(fault) => fault.page(&room),
    }
}

pub(in super::super) async fn forget(room: Visit, Form(fields): Form<Fields>) -> Response {
    match asked(room.store().forget_search(&fields.name)).await {
        Ok(()) => back(&Asked::read(&fields.query).address(Turn::First), "forgotten"),
        Err(fault) => fault.page(&room),
    }
}

fn back(query: &str, done: &str) -> Response {
    let between = if query.is_empty() { "" } else { "&" };
    Redirect::to(&format!("/incidents?{query}{between}done={done}")).into_response()
}
