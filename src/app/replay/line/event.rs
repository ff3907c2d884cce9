//! What persons did, as a replay file says it: who confirms, answers, grades, merges, splits or closes what.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    super::wrong::Wrong,
    fields::{instant, plain, whole},
};

/// What a person did.
#[derive(Debug, Clone)]
pub struct EventLine {
    pub(in crate::app::replay) at: Timestamp,
    pub(in crate::app::replay) event: EventKind,
    pub(in crate::app::replay) incidents: Vec<IncidentRef>,
    /// Posts of each field that names some, by every way to read it: the likeliest first.
    pub(in crate::app::replay) posts: Vec<Vec<Vec<PostRef>>>,
    pub(in crate::app::replay) by: Option<String>,
    pub(in crate::app::replay) tier: Option<String>,
    pub(in crate::app::replay) reason: Option<String>,
    /// What was done (`complete`), of what kind it is (`kind`), who leads (`assign`), or the state (`state`).
    pub(in crate::app::replay) what: Option<String>,
    /// Who helps (`assign`).
    pub(in crate::app::replay) helping: Vec<String>,
}

/// The acts that a line can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Confirms.
    Ack,
    /// Registers the public answer.
    Respond,
    /// Sets the tier.
    Override,
    /// Merges two incidents: `incident` and `post`, or two of either in a list.
    Merge,
    /// A post starts an incident of its own.
    Split,
    /// Closes.
    Close,
    /// Registers that a limit of the plan's own was kept: `limit` is its id or name.
    Complete,
    /// Says what kind of content it is: `kind`.
    Kind,
    /// Registers that the monthly report that is owed was handed up; names no incident.
    Filed,
    /// 批办: `lead` leads, `helping` helps; `reason` is what is to be done.
    Assign,
    /// Hands a draft of the public answer in: `reason` is the draft.
    Submit,
    /// 审定: approves the last draft.
    Approve,
    /// Puts it into the `state` of the plan.
    State,
}

/// An incident by number or by one of its posts. What may be either is tried as a number first.
#[derive(Debug, Clone)]
pub(in crate::app::replay) struct IncidentRef {
    pub(in crate::app::replay) number: Option<u64>,
    pub(in crate::app::replay) post: Option<PostRef>,
}

impl IncidentRef {
    fn read(value: &Value) -> Self {
        let number = match value {
            Value::Number(number) => whole(number),
            Value::String(text) => text.trim().trim_start_matches('#').parse().ok(),
            _ => None,
        };
        Self { number, post: PostRef::read(value) }
    }
}

/// A post by `site/id`, `[site, id]`, `{site, id}`, its id alone, or its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::app::replay) struct PostRef {
    pub(in crate::app::replay) site: Option<String>,
    pub(in crate::app::replay) id: String,
}

impl PostRef {
    fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Array(parts) => match parts.as_slice() {
                [site, id] => Some(Self { site: plain(site), id: plain(id)? }),
                _ => None,
            },
            Value::Object(fields) => {
                let id = ["id", "url"].iter().find_map(|name| fields.get(*name).and_then(plain))?;
                Some(Self {
                    site: fields.get("site").and_then(plain).filter(|_| fields.contains_key("id")),
                    id,
                })
            }
            value => Some(Self { site: None, id: plain(value)? }),
        }
    }
}

pub(super) fn read(value: &Map<String, Value>) -> Result<EventLine, Wrong> {
    let at = value.get("at").or_else(|| value.get("seen_at"));
    let event = value.get("event").cloned().unwrap_or_default();
    let named_event = || plain(&event).unwrap_or_else(|| event.to_string());
    let event = serde_json::from_value(event.clone()).map_err(|_| Wrong::Event(named_event()))?;
    let named = |keys: &[&str]| -> Vec<Value> {
        let values = keys.iter().filter_map(|key| value.get(*key)).filter(|value| !value.is_null());
        values.cloned().collect()
    };
    let incidents = named(&["incident", "incidents", "other", "into"])
        .iter()
        .flat_map(|named| named.as_array().cloned().unwrap_or_else(|| vec![named.clone()]))
        .map(|one| IncidentRef::read(&one))
        .collect();
    let posts = named(&["post", "posts"]).iter().map(posts_in).collect();
    let text = |key: &str| value.get(key).and_then(plain);
    Ok(EventLine {
        at: at.and_then(instant).ok_or_else(|| Wrong::of_time("at", at))?,
        event,
        incidents,
        posts,
        by: text("by"),
        tier: text("tier"),
        reason: text("reason"),
        what: ["limit", "kind", "lead", "state"].iter().find_map(|key| text(key)),
        helping: match value.get("helping") {
            Some(Value::Array(names)) => names.iter().filter_map(plain).collect(),
            other => other.and_then(plain).into_iter().collect(),
        },
    })
}

/// One post, or a list of posts. `["a", "b"]` can be the post `b` of the site `a`, or two posts.
fn posts_in(value: &Value) -> Vec<Vec<PostRef>> {
    let one: Vec<PostRef> = PostRef::read(value).into_iter().collect();
    let several: Vec<PostRef> = value.as_array().into_iter().flatten().filter_map(PostRef::read).collect();
    [one, several].into_iter().filter(|posts| !posts.is_empty()).collect()
}
