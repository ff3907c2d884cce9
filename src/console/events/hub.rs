//! The one watcher of the store for all streams: says that something was written, and which incidents are new or
//! rose. It reads at most twice a second and no more than a twentieth of the time, however many pages look on.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use serde::Serialize;
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    console::view::{beginning, tier_class},
    model::{Incident, IncidentId, IncidentState},
    store::{IncidentFilter, SharedStore, StoreError, Written},
};

/// The least time between two words.
const PACE: Duration = Duration::from_millis(500);
/// The longest that a slow store may make them wait; also how soon a failed reading is tried again.
const LONGEST: Duration = Duration::from_secs(5);
/// Open incidents looked at, the gravest.
const LOOKED_AT: usize = 500;
/// New and risen incidents remembered for streams that come back.
const REMEMBERED: usize = 64;

/// An incident that is new or rose.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Raised {
    /// The number of the word that told it first.
    #[serde(skip)]
    told_as: u64,
    /// Its number.
    id: u64,
    pub unit: String,
    gist: String,
    /// The tier's name.
    tier: String,
    /// Its class, by which a page decides whether to sound.
    class: &'static str,
    /// Whether it was there before, at a lower tier.
    rose: bool,
}

/// The hub's latest word.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// Its number, ascending.
    pub number: u64,
    /// How much had been written.
    pub written: Written,
    raised: Arc<VecDeque<Raised>>,
}

impl Told {
    /// What was raised after the word of that number.
    pub fn raised_since(&self, number: u64) -> impl Iterator<Item = &Raised> {
        self.raised.iter().filter(move |one| one.told_as > number)
    }
}

/// How far an incident had come when it was last looked at: opening, rank.
type Height = (u32, usize);

pub(super) struct Hub {
    store: SharedStore,
    written: watch::Receiver<Written>,
    told: watch::Sender<Told>,
    /// Incidents known, `None` until they were read once.
    known: Option<BTreeMap<IncidentId, Height>>,
    /// Whether the last reading failed, or none was done yet.
    behind: bool,
}

impl Hub {
    pub fn new(store: SharedStore) -> (Self, watch::Receiver<Told>) {
        let written = store.written();
        let begun = Told { written: *written.borrow(), ..Told::default() };
        let (told, receiver) = watch::channel(begun);
        (Self { store, written, told, known: None, behind: true }, receiver)
    }

    /// Learns what is there, so that it is not taken for new; a store that does not answer is not waited for.
    pub async fn begin(&mut self) {
        let written = *self.written.borrow_and_update();
        let _: Result<Duration, _> = tokio::time::timeout(LONGEST, self.look(written)).await;
    }

    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let written = *self.written.borrow_and_update();
            let wait = self.look(written).await;
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = self.written.changed(), if !self.behind => if changed.is_err() { return },
                () = std::future::ready(()), if self.behind => {}
            }
        }
    }

    /// Looks what is new and says it; answers how long to wait before the next look.
    async fn look(&mut self, written: Written) -> Duration {
        let begun = Instant::now();
        let before = self.told.borrow().written;
        match self.raised(self.behind || written.desk != before.desk).await {
            Ok(raised) => {
                self.behind = false;
                if written != before || !raised.is_empty() {
                    self.tell(written, &raised);
                }
                (begun.elapsed() * 20).clamp(PACE, LONGEST)
            }
            Err(error) => {
                // Pages are told all the same; what was raised is found by the next reading.
                tracing::warn!(%error, "the live pages cannot be told what is new");
                self.behind = true;
                self.tell(written, &[]);
                LONGEST
            }
        }
    }

    async fn raised(&mut self, wanted: bool) -> Result<Vec<(Incident, bool)>, StoreError> {
        if !wanted {
            return Ok(Vec::new());
        }
        let filter = IncidentFilter { open_only: true, limit: LOOKED_AT, ..IncidentFilter::default() };
        let incidents = self.store.incidents(filter).await?;
        Ok(sort_out(&mut self.known, incidents))
    }

    fn tell(&self, written: Written, raised: &[(Incident, bool)]) {
        self.told.send_modify(|told| {
            told.number += 1;
            told.written = written;
            if raised.is_empty() {
                return;
            }
            let remembered = Arc::make_mut(&mut told.raised);
            remembered.extend(raised.iter().map(|(incident, rose)| Raised {
                told_as: told.number,
                id: incident.id.0,
                unit: incident.unit.clone(),
                gist: beginning(&incident.gist, 60),
                tier: incident.plan.tier(incident.rank).name.clone(),
                class: tier_class(&incident.plan, incident.rank),
                rose: *rose,
            }));
            let surplus = remembered.len().saturating_sub(REMEMBERED);
            remembered.drain(..surplus);
        });
    }
}

/// Which incidents are new or rose since they were known; the first look only learns them. One that is silenced is
/// raised when its silence ends.
fn sort_out(
    known: &mut Option<BTreeMap<IncidentId, Height>>,
    incidents: Vec<Incident>,
) -> Vec<(Incident, bool)> {
    let before = known.take();
    let mut after = BTreeMap::new();
    if incidents.len() >= LOOKED_AT {
        // Those that did not find room in the list are not new when they come back.
        after.extend(before.iter().flatten().map(|(id, height)| (*id, *height)));
    }
    let mut raised = Vec::new();
    for incident in incidents {
        let height = (incident.reopened, incident.rank);
        let earlier = before.as_ref().and_then(|known| known.get(&incident.id)).copied();
        if incident.held.is_some() {
            after.extend(earlier.map(|earlier| (incident.id, earlier)));
            continue;
        }
        after.insert(incident.id, height);
        let is_higher =
            earlier.is_none_or(|(reopened, rank)| incident.rank > rank || incident.reopened > reopened);
        if before.is_some() && is_higher && incident.state == IncidentState::Open {
            let rose = earlier.is_some();
            raised.push((incident, rose));
        }
    }
    *known = Some(after);
    raised
}
