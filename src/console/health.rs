//! For machines: is it alive, and a few gauges in Prometheus' text format.

use std::{collections::BTreeMap, fmt::Write as _};

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde_json::json;

use super::{Room, asked, fault::Fault, visit::Visit};
use crate::{
    model::{DeadlineState, IncidentState, NoticeState},
    store::IncidentFilter,
};

/// Alive when the store answers.
pub(super) async fn healthz(State(room): State<Room>) -> Response {
    match room.store().ping().await {
        Ok(()) => Json(json!({ "status": "ok" })).into_response(),
        Err(error) => {
            tracing::error!(%error, "the store does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "store" }))).into_response()
        }
    }
}

pub(super) async fn metrics(room: Visit) -> Response {
    match gauges(&room).await {
        Ok(text) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
        }
        Err(fault) => fault.page(&room),
    }
}

async fn gauges(room: &Room) -> Result<String, Fault> {
    let store = room.store();
    let mut tiers: BTreeMap<String, u64> = BTreeMap::new();
    let filter = IncidentFilter { open_only: true, limit: 10_000, ..IncidentFilter::default() };
    for incident in asked(store.incidents(filter)).await? {
        if incident.state == IncidentState::Open {
            let tier = incident.plan.tier(incident.rank);
            *tiers.entry(format!("tier=\"{}\"", label(&tier.id))).or_default() += 1;
        }
    }
    let mut notices: BTreeMap<String, u64> = BTreeMap::new();
    for row in asked(store.notices(10_000)).await? {
        if matches!(row.notice.state, NoticeState::Pending | NoticeState::Refused { .. }) {
            let (state, channel) = (row.notice.state.id(), row.notice.channel.id());
            *notices.entry(format!("state=\"{state}\",channel=\"{channel}\"")).or_default() += 1;
        }
    }
    let mut health: BTreeMap<String, u64> = BTreeMap::new();
    for state in asked(store.source_states()).await? {
        let word = if state.health.is_empty() { "unknown" } else { &state.health };
        *health.entry(format!("health=\"{}\"", label(word))).or_default() += 1;
    }
    let deadlines = asked(store.open_deadlines()).await?;
    let overdue = deadlines.iter().filter(|deadline| deadline.state == DeadlineState::Overdue).count();

    let mut out = String::new();
    family(&mut out, "yuqing_incidents_open", "Open incidents by tier.", &tiers);
    family(&mut out, "yuqing_notices", "Notices that wait or were refused.", &notices);
    family(&mut out, "yuqing_sources", "Sources by health.", &health);
    single(&mut out, "yuqing_deadlines_overdue", "Deadlines passed without being met.", overdue as u64);
    single(&mut out, "yuqing_store_bytes", "Bytes of the database.", asked(store.size_bytes()).await?);
    Ok(out)
}

/// A label's value as the format wants it.
fn label(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

// Writing to a string cannot fail, hence the `let _`.

fn family(out: &mut String, name: &str, help: &str, by_labels: &BTreeMap<String, u64>) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (labels, count) in by_labels {
        let _ = writeln!(out, "{name}{{{labels}}} {count}");
    }
}

fn single(out: &mut String, name: &str, help: &str, value: u64) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
}
