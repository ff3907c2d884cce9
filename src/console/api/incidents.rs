//! `GET /api/v1/incidents`: open incidents with tier, reason and limits.

use axum::{
    Json,
    extract::Query,
    http::StatusCode,
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    console::{fault, visit::Visit},
    locale::reason_line,
    store::{IncidentFilter, StoreError},
};

#[derive(Deserialize)]
pub(in super::super) struct Asked {
    unit: Option<String>,
    #[serde(default)]
    all: bool,
    #[serde(default)]
    limit: usize,
}

pub(in super::super) async fn list(room: Visit, Query(asked): Query<Asked>) -> Response {
    match gather(&room, asked).await {
        Ok(incidents) => Json(json!({ "incidents": incidents })).into_response(),
        Err(error) => {
            tracing::error!(%error, "the store did not answer the API");
            fault::json(StatusCode::SERVICE_UNAVAILABLE, "store", "the database does not answer")
        }
    }
}

async fn gather(room: &Visit, asked: Asked) -> Result<Vec<Value>, StoreError> {
    let settings = room.settings();
    let filter = IncidentFilter { unit: asked.unit, open_only: !asked.all, limit: asked.limit.min(1_000) };
    let deadlines = room.store().open_deadlines().await?;
    let mut out = Vec::new();
    for incident in room.store().incidents(filter).await? {
        if !room.person.sees(&incident.unit) {
            continue;
        }
        let tier = incident.plan.tier(incident.rank);
        let limits: Vec<_> = deadlines
            .iter()
            .filter(|deadline| deadline.incident == incident.id)
            .map(|d| json!({ "kind": d.kind.id(), "line": d.line, "due_at": d.due_at, "state": d.state }))
            .collect();
        out.push(json!({
            "id": incident.id,
            "unit": incident.unit,
            "state": incident.state,
            "tier": tier.id,
            "tier_name": tier.name,
            "gist": incident.gist,
            "reason": reason_line(&incident.reason, settings.locale, &settings.zone),
            "kind": incident.kinds.kind(),
            "kind_proposed": incident.kinds.proposed,
            "kind_decided": incident.kinds.decided,
            "groups": incident.groups,
            "daily_views": incident.heat.daily_views,
            "reposts": incident.heat.reposts,
            "comments": incident.heat.comments,
            "sites": incident.heat.sites,
            "posts": incident.heat.posts,
            "detected_at": incident.detected_at,
            "graded_at": incident.graded_at,
            "responded_at": incident.responded_at,
            "acknowledged_by": incident.acks.iter().map(|ack| &ack.contact).collect::<Vec<_>>(),
            "forecasts": incident.outlook.forecasts.iter().map(|one| json!({
                "tier_name": one.tier_name, "clause": one.clause, "threshold": one.threshold, "at": one.at,
            })).collect::<Vec<_>>(),
            "deadlines": limits,
        }));
    }
    Ok(out)
}
