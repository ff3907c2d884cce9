//! An incident with its post, as the desk makes them, to be copied into a store.

#[path = "hit.rs"]
mod hit;

use std::sync::Arc;

use jiff::Timestamp;
use yuqing::{
    config::{Folder, plan_named},
    desk::{Change, Desk, Input, Restored, Setup},
    locale::Locale,
    model::{Count, Counters, Incident, Mention, Post, PostKey, PostRow, SiteKind, Unit},
};

/// Of a unit under the shipped plan, first seen at an instant with these words.
pub fn of(name: &str, at: Timestamp, text: String) -> (Incident, PostRow) {
    let plan = Arc::new(plan_named(&Folder::Shipped, "work-safety").expect("a shipped plan"));
    let unit = Unit { name: name.to_owned(), aliases: Vec::new(), plan: plan.id.clone(), emergency: false };
    let setup = Setup { units: vec![(unit, plan)], locale: Locale::ZhCn, ..Setup::default() };
    let mut desk = Desk::new(setup, Restored::default(), at);
    let mention = Input::Mention(Box::new(Mention {
        source: "source".to_owned(),
        post: Post {
            key: PostKey { site: "site".to_owned(), id: "1".to_owned() },
            site_kind: SiteKind::Forum,
            url: "https://site.example/1".to_owned(),
            title: format!("{name}排队"),
            text,
            quoted: String::new(),
            published: None,
            repost_of: None,
            links: Vec::new(),
        },
        seen_at: at,
        counters: Counters { views: Some(Count::exact(10)), ..Counters::default() },
        own_fetch: false,
        first_round: false,
        hits: vec![hit::of_unit(name)],
    }));
    let mut found = (None, None);
    for change in desk.take(&mention, at).expect("a mention") {
        match change {
            Change::Incident(row) => found.0 = Some(*row),
            Change::Post(row) => found.1 = Some(*row),
            _ => {}
        }
    }
    (found.0.expect("an incident"), found.1.expect("a post"))
}
