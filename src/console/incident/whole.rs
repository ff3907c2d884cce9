//! One post of an incident with all that is stored of it: the whole text with the words in their place, its figures, its
//! evidence.

use axum::{
    extract::{Path, RawQuery},
    response::{IntoResponse as _, Response},
};
use minijinja::context;

use super::{Asked, proofs};
use crate::{
    console::{
        fault::Fault,
        pages::shown,
        view::{Excerpt, When, beginning},
        visit::Visit,
    },
    model::{HitPart, IncidentId},
};

/// Characters that are shown; more is stored of nothing that people wrote.
const LONGEST: usize = 50_000;

pub(in super::super) async fn page(room: Visit, Path(id): Path<u64>, RawQuery(query): RawQuery) -> Response {
    let asked = Asked::read(query.as_deref().unwrap_or_default());
    show(&room, IncidentId(id), &asked.key).await.unwrap_or_else(|fault| fault.page(&room))
}

async fn show(room: &Visit, id: IncidentId, key: &str) -> Result<Response, Fault> {
    let view = room.incident(id).await?;
    let row = view.posts.iter().find(|row| row.post.key.to_string() == key).ok_or(Fault::Nowhere)?;
    let when = When::new(room.now(), &room.settings());
    let post = &row.post;
    let part = |text, part, at| Excerpt { text, part, at, most: LONGEST }.in_lines(row);
    let given = context! {
        id => view.incident.id.0,
        gist => beginning(&view.incident.gist, 60),
        post => shown(&when.post(row)),
        title => shown(&part(&post.title, HitPart::Own, 0)),
        text => shown(&part(&post.text, HitPart::Own, post.text_at())),
        quoted => shown(&part(&post.quoted, HitPart::Quoted, 0)),
        groups => row.groups.iter().map(|group| crate::console::view::clean(group)).collect::<Vec<_>>(),
        proofs => shown(&proofs(room, std::slice::from_ref(row), &when).await?),
        first_seen => when.day_time(row.first_seen_at),
        last_seen => when.day_time(row.last_seen_at),
    };
    Ok(room.pages.render(room, "post.html", given)?.into_response())
}
