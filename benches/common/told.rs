//! A message of an incident that was sent and accepted.

use std::sync::Arc;

use jiff::SignedDuration;
use yuqing::model::{ChannelKind, Incident, Notice, NoticeId, NoticeKind, NoticeState};

/// One of several, to a contact of its own, a minute after the first sight.
pub fn notice(incident: &Incident, number: u64) -> Notice {
    let at = incident.detected_at + SignedDuration::from_secs(60);
    Notice {
        id: NoticeId(format!("{}/alert/{number}", incident.id)),
        incident: Some(incident.id),
        kind: NoticeKind::Alert,
        rank: incident.rank,
        contact: format!("值班员{number}"),
        channel: ChannelKind::Email,
        address: "zhiban@qingchuan.example".to_owned(),
        created_at: at,
        due_at: at,
        facts: Arc::default(),
        state: NoticeState::Accepted { at, arrived_at: None },
    }
}
