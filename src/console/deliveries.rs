//! Deliveries (投递): every notice with what its channel answered, newest first, by state, channel and contact.

use axum::{
    extract::Query,
    response::{IntoResponse as _, Response},
};
use minijinja::context;
use serde::{Deserialize, Serialize};

use super::{
    asked,
    fault::Fault,
    pages::shown,
    view::{Choice, When, choices, clean, query, words},
    visit::Visit,
};
use crate::{model::ChannelKind, store::DeliveryLook};

/// Rows of a page.
const PAGE: usize = 100;
/// States, as the store has them.
const STATES: [&str; 5] = ["pending", "accepted", "refused", "cancelled", "shown"];

/// The fields of the form.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    channel: String,
    contact: String,
    #[serde(skip_serializing)]
    before: String,
}

impl Asked {
    fn address(&self, before: Option<i64>) -> String {
        query([
            ("state", self.state.as_str()),
            ("channel", &self.channel),
            ("contact", &self.contact),
            ("before", &before.map(|before| before.to_string()).unwrap_or_default()),
        ])
    }

    fn look(&self) -> DeliveryLook {
        DeliveryLook {
            before: self.before.parse().ok(),
            state: STATES.iter().find(|id| **id == self.state).map(|id| (*id).to_owned()),
            channel: channel(&self.channel),
            contact: Some(clean(&self.contact)).filter(|contact| !contact.is_empty()),
            limit: PAGE,
        }
    }
}

fn channel(id: &str) -> Option<ChannelKind> {
    ChannelKind::ALL.into_iter().find(|kind| kind.id() == id)
}

pub(super) async fn page(room: Visit, Query(asked_for): Query<Asked>) -> Response {
    show(&room, &asked_for).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, asked_for: &Asked) -> Result<Response, Fault> {
    let when = When::new(room.now(), &room.settings());
    let found = asked(room.store().deliveries(asked_for.look())).await?;
    let own = found.rows.iter().map(|row| &row.outgoing).filter(|row| room.sees_notice(&row.notice));
    let notices: Vec<_> = own.map(|row| when.notice(&row.notice, row.attempts)).collect();
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    let states: Vec<Choice> =
        choices(&ids(&STATES), &asked_for.state, |id| words::standing(id, when.locale).to_owned());
    let channels: Vec<Choice> =
        choices(&ids(&ChannelKind::ALL.map(ChannelKind::id)), &asked_for.channel, |id| {
            channel(id).map_or_else(|| clean(id), |kind| words::channel(kind, when.locale).to_owned())
        });
    let given = context! {
        notices => shown(&notices),
        filters => shown(asked_for),
        states => shown(&states),
        channels => shown(&channels),
        narrowed => !asked_for.address(None).is_empty(),
        first => asked_for.address(None),
        is_first => asked_for.before.is_empty(),
        earlier => found.earlier.map(|before| asked_for.address(Some(before))),
    };
    Ok(room.pages.render(room, "notices.html", given)?.into_response())
}
