//! Bodies for other programs: our own JSON, and the one that Prometheus Alertmanager sends to its webhook
//! receivers, so that whatever takes those takes ours.

use std::collections::BTreeMap;

use serde_json::json;

use super::short_hash;
use crate::{dispatch::Texts, model::Notice};

type Names = BTreeMap<&'static str, String>;

fn named<'a>(names: &'a Names, name: &str) -> &'a str {
    names.get(name).map_or("", String::as_str)
}

/// Our own JSON: everything that a template could name.
pub(super) fn own_json(notice: &Notice, names: &Names) -> String {
    json!({
        "version": 1,
        "key": named(names, "key"),
        "kind": notice.kind.id(),
        "incident": notice.incident.map(|id| id.0),
        "tier": named(names, "tier"),
        "rank": notice.rank,
        "unit": named(names, "unit"),
        "contact": named(names, "contact"),
        "mark": named(names, "mark"),
        "title": named(names, "title"),
        "text": named(names, "text"),
        "full": named(names, "full"),
        "link": named(names, "link"),
        "console": named(names, "console"),
        "created_at": notice.created_at.to_string(),
        "due_at": notice.due_at.to_string(),
    })
    .to_string()
}

/// The webhook body of version 4 (<https://prometheus.io/docs/alerting/latest/configuration/#webhook_config>,
/// read 2026-11): one alert, always firing, for what we tell does not resolve by itself. `fingerprint` is the
/// same for all notices of an incident, so that a receiver shows them as one.
pub(super) fn body(notice: &Notice, texts: &Texts, names: &Names) -> String {
    let labels = json!({
        "alertname": "yuqing",
        "kind": notice.kind.id(),
        "tier": named(names, "tier"),
        "unit": named(names, "unit"),
        "incident": named(names, "number"),
        "contact": named(names, "contact"),
        "severity": severity(notice),
    });
    let annotations = json!({ "summary": named(names, "title"), "description": named(names, "full") });
    let about = notice.incident.map_or_else(|| notice.id.0.clone(), |id| format!("incident/{id}"));
    let fingerprint: String =
        short_hash(&format!("{}/{about}", notice.facts.unit)).chars().take(16).collect();
    let alert = json!({
        "status": "firing",
        "labels": &labels,
        "annotations": &annotations,
        "startsAt": notice.created_at.to_string(),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": named(names, "console"),
        "fingerprint": fingerprint,
    });
    json!({
        "version": "4",
        "groupKey": format!("yuqing/{about}"),
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": named(names, "contact"),
        "groupLabels": { "alertname": "yuqing", "incident": named(names, "number") },
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": texts.public_url.as_deref().unwrap_or_default(),
        "alerts": [alert],
    })
    .to_string()
}

/// The usual words of that world: who is asked to confirm is paged.
fn severity(notice: &Notice) -> &'static str {
    if notice.facts.confirm {
        "critical"
    } else if notice.incident.is_some() {
        "warning"
    } else {
        "info"
    }
}
