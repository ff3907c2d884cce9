//! How the neighbours of an ill source are: those of its site, and all sites for a failure of the network.
//! Looked through once for all who wait, because in an outage of our own network ten thousand wait, and
//! each asks how the ten thousand others are.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{state::Health, trouble::NETWORK, ward::Patient};

/// Sites that must fail together before our own network is suspected.
const MANY_SITES: usize = 3;

/// All sources that are watched, by site.
pub(super) struct Neighbours<'p> {
    by_site: HashMap<&'p str, Vec<&'p Patient>>,
    /// Of each site that shows something, when it last did, sorted.
    shown: Vec<Timestamp>,
    /// The same of each site where the network fails; `None` shows nothing. Sorted.
    failing: Vec<Option<Timestamp>>,
    failing_sources: usize,
}

impl<'p> Neighbours<'p> {
    pub fn of(all: &[&'p Patient]) -> Self {
        let mut by_site: HashMap<&str, Vec<&Patient>> = HashMap::new();
        for patient in all.iter().filter(|patient| !patient.gone) {
            if let Some(site) = patient.site.as_deref() {
                by_site.entry(site).or_default().push(patient);
            }
        }
        let (mut shown, mut failing, mut failing_sources) = (Vec::new(), Vec::new(), 0);
        for patients in by_site.values() {
            let well = patients.iter().filter(|patient| Health::is_well(&patient.health));
            let last = well.filter_map(|patient| patient.good_at).max();
            let fail = patients.iter().filter(|patient| patient.fails_as(NETWORK)).count();
            shown.extend(last);
            if fail > 0 {
                failing.push(last);
            }
            failing_sources += fail;
        }
        shown.sort_unstable();
        failing.sort_unstable();
        Self { by_site, shown, failing, failing_sources }
    }

    /// The sources of a site.
    pub fn on(&self, site: &str) -> &[&'p Patient] {
        self.by_site.get(site).map_or(&[], Vec::as_slice)
    }

    /// How the sites stand since a failure of the network that began at `since`.
    pub fn sites(&self, since: Timestamp) -> Sites {
        let well = self.shown.len() - self.shown.partition_point(|shown| *shown < since);
        let failing = self.failing.partition_point(|shown| shown.is_none_or(|shown| shown < since));
        let undecided = self.by_site.len().saturating_sub(well + failing);
        Sites { failing, well, undecided, sources: self.failing_sources }
    }
}

/// How the sites stand since a network failure began.
pub(super) struct Sites {
    pub failing: usize,
    well: usize,
    pub undecided: usize,
    /// Sources that fail.
    pub sources: usize,
}

impl Sites {
    pub const fn all_fail(&self) -> bool {
        self.failing >= MANY_SITES && self.failing >= 4 * (self.well + self.undecided)
    }

    pub const fn could_all_fail(&self) -> bool {
        let failing = self.failing + self.undecided;
        failing >= MANY_SITES && failing >= 4 * self.well
    }
}
