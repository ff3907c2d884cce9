//! Open incidents that may be the same one, for whoever wants to merge: offered, never decided.

use serde::Serialize;

use crate::{
    console::{
        asked,
        fault::Fault,
        view::{When, beginning, clean, tier_class},
        visit::Visit,
    },
    model::{Incident, IncidentState},
    store::IncidentSearch,
    text::alike,
};

/// Open incidents of the unit that are looked through, the newest.
const LOOKED_AT: usize = 300;
/// Offered.
const OFFERED: usize = 8;
/// Share of common pairs of characters, in percent, below which two gists have nothing to do with each other.
const LEAST: usize = 20;

/// One that may be the same.
#[derive(Debug, Serialize)]
pub(super) struct Similar {
    id: u64,
    gist: String,
    tier: String,
    class: &'static str,
    detected: String,
    alike: usize,
}

/// Those most alike by their gist and keyword groups.
pub(super) async fn similar(room: &Visit, incident: &Incident, when: &When) -> Result<Vec<Similar>, Fault> {
    let search = IncidentSearch {
        unit: incident.unit.clone(),
        state: Some(IncidentState::Open),
        limit: LOOKED_AT,
        ..IncidentSearch::default()
    };
    let open = asked(room.store().search(search)).await?.incidents;
    let mut found: Vec<_> = open
        .iter()
        .filter(|other| other.id != incident.id && other.is_exercise() == incident.is_exercise())
        .map(|other| (alike(&incident.gist, &other.gist), other))
        .filter(|(alike, _)| *alike >= LEAST)
        .collect();
    found.sort_by_key(|(alike, other)| (std::cmp::Reverse(*alike), std::cmp::Reverse(other.id)));
    let line = |(alike, other): (usize, &Incident)| Similar {
        id: other.id.0,
        gist: beginning(&other.gist, 40),
        tier: clean(&other.plan.tier(other.rank).name),
        class: tier_class(&other.plan, other.rank),
        detected: when.day_time(other.detected_at),
        alike,
    };
    Ok(found.into_iter().take(OFFERED).map(line).collect())
}
