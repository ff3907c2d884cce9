//! Decides what the administrators are told of ill sources: an outage of a site, or of our own network,
//! is one notice, and so is its mending.
//!
//! A source that turns ill waits a little for its neighbours: those of the same site, and for a failure
//! of the network those of other sites too. When they have had their turn it is clear whether it is the
//! source, the site or our own line. Whoever falls ill later under an outage that was told is covered by
//! it. The plan is a pure function over the patients; the ward remembers nothing that a restart would
//! lose, because under which subject a source was told stands in its state.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

use super::{
    neighbours::Neighbours,
    site_of,
    state::Health,
    told_words::{alone_words, mended_words, network_words, site_words},
    trouble::NETWORK,
};
use crate::{
    collect::collector::{Shared, Unsettled, hand_over},
    config::source::Source,
    desk::{Input, Operations},
    locale::Locale,
    store::{SourceState, SourceTimes, StoreError, source_subject},
    time::SmallShare,
};

/// How long a source waits for its neighbours at most.
const HOLD: SignedDuration = SignedDuration::from_mins(10);
/// A source that was mended within a day and falls ill again must be well for so long before its mending
/// is told: one that flaps is told once.
const FLAP: SignedDuration = SignedDuration::from_hours(24);
const WELL_FOR: SignedDuration = SignedDuration::from_hours(3);
/// Members of an outage that stay ill so long after others are well are told by themselves.
const LEFT_BEHIND: SignedDuration = SignedDuration::from_mins(30);
/// Sources from which on it is not looked at every turn whether there is something to tell.
const MANY: usize = 1_000;
/// The subject of an outage of our own network.
const OUR_NETWORK: &str = "network";

/// A source as the plan sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct Patient {
    pub name: String,
    pub site: Option<String>,
    /// Stored health.
    pub health: String,
    /// Kind of its trouble.
    pub kind: String,
    /// Why, in the office's words.
    pub why: String,
    /// Since when it is so.
    pub since: Timestamp,
    /// Its last round that ended well.
    pub good_at: Option<Timestamp>,
    /// Under which subject its illness was told.
    pub told: String,
    /// When its mending was last told.
    pub mended_at: Option<Timestamp>,
    /// It is not watched any more.
    pub gone: bool,
}

impl Patient {
    fn is_ill(&self) -> bool {
        !self.gone && Health::needs_person(&self.health)
    }

    fn waits(&self) -> bool {
        self.is_ill() && self.told.is_empty()
    }

    /// Told, and not ill any more.
    fn is_over(&self) -> bool {
        !self.told.is_empty() && (self.gone || Health::is_well(&self.health))
    }

    pub fn fails_as(&self, kind: &str) -> bool {
        let looked_at = !self.gone && !Health::is_off(&self.health);
        looked_at && !Health::is_well(&self.health) && self.kind == kind
    }

    fn well_since(&self, at: Timestamp) -> bool {
        Health::is_well(&self.health) && self.good_at.is_some_and(|good| good >= at)
    }

    fn is_mended(&self, now: Timestamp) -> bool {
        let flaps = self.mended_at.is_some_and(|at| now.duration_since(at) < FLAP);
        let well = Health::is_well(&self.health);
        self.gone || (well && (!flaps || now.duration_since(self.since) >= WELL_FOR))
    }
}

/// What is told, and whose state says so afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Telling {
    pub subject: String,
    pub broken: bool,
    pub text: String,
    /// Sources whose `told` becomes the subject (broken) or nothing (mended).
    pub members: Vec<String>,
    /// Whether anything is said; otherwise the members join what was told before.
    pub aloud: bool,
}

/// What is to be told now.
pub(super) fn plan(patients: &[&Patient], now: Timestamp, locale: Locale) -> Vec<Telling> {
    let mut tellings = mended(patients, now, locale);
    let cleared: HashSet<&String> = tellings.iter().map(|telling| &telling.subject).collect();
    let standing: HashSet<&str> = patients
        .iter()
        .map(|patient| patient.told.as_str())
        .filter(|told| !told.is_empty() && !cleared.contains(&(*told).to_owned()))
        .collect();
    let mut broken: BTreeMap<String, Telling> = BTreeMap::new();
    let mut waiting: Vec<&Patient> = patients.iter().copied().filter(|patient| patient.waits()).collect();
    if waiting.is_empty() {
        return tellings;
    }
    waiting.sort_by(|a, b| a.name.cmp(&b.name));
    let neighbours = Neighbours::of(patients);
    for patient in waiting {
        let Some((subject, text)) = place(patient, &neighbours, &standing, now, locale) else { continue };
        let aloud = !standing.contains(subject.as_str());
        let telling = broken.entry(subject.clone()).or_insert_with(|| Telling {
            subject,
            broken: true,
            text,
            members: Vec::new(),
            aloud,
        });
        telling.members.push(patient.name.clone());
    }
    tellings.extend(broken.into_values());
    tellings
}

/// Under which subject an ill source is told; `None` while it waits for its neighbours.
fn place(
    patient: &Patient,
    neighbours: &Neighbours<'_>,
    standing: &HashSet<&str>,
    now: Timestamp,
    locale: Locale,
) -> Option<(String, String)> {
    let alone = || (source_subject(&patient.name), alone_words(patient, locale));
    let Some(site) = &patient.site else { return Some(alone()) };
    let site_subject = format!("site/{site}");
    if patient.kind == NETWORK && standing.contains(OUR_NETWORK) {
        return Some((OUR_NETWORK.to_owned(), String::new()));
    }
    if standing.contains(site_subject.as_str()) {
        return Some((site_subject, String::new()));
    }
    let held = now.duration_since(patient.since) < HOLD;
    if patient.kind == NETWORK {
        let sites = neighbours.sites(patient.since);
        if sites.all_fail() {
            return Some((OUR_NETWORK.to_owned(), network_words(&sites, locale)));
        }
        if held && sites.undecided > 0 && sites.could_all_fail() {
            return None;
        }
    }
    let near: Vec<&Patient> =
        neighbours.on(site).iter().copied().filter(|other| other.name != patient.name).collect();
    let sick = near.iter().filter(|other| other.fails_as(&patient.kind)).count();
    let well = near.iter().filter(|other| other.well_since(patient.since)).count();
    let (with_me, total) = (sick + 1, near.len() + 1);
    if sick > 0 && with_me * 2 >= total {
        return Some((site_subject, site_words(site, with_me, total, patient, locale)));
    }
    let undecided = near.len().saturating_sub(sick + well);
    if held && undecided > 0 && (with_me + undecided) * 2 >= total {
        return None;
    }
    Some(alone())
}

/// What is over: of each subject whose members are all well again, or of which most are for a while.
fn mended(patients: &[&Patient], now: Timestamp, locale: Locale) -> Vec<Telling> {
    let mut subjects: BTreeMap<&str, Vec<&Patient>> = BTreeMap::new();
    for patient in patients.iter().filter(|patient| !patient.told.is_empty()) {
        subjects.entry(&patient.told).or_default().push(patient);
    }
    let mut tellings = Vec::new();
    for (subject, mut members) in subjects {
        members.sort_by(|a, b| a.name.cmp(&b.name));
        let well: Vec<&&Patient> = members.iter().filter(|patient| patient.is_mended(now)).collect();
        let long = well.iter().any(|patient| now.duration_since(patient.since) >= LEFT_BEHIND);
        let most = well.len() * 2 >= members.len() && !well.is_empty();
        if well.len() == members.len() || (most && long) {
            tellings.push(Telling {
                subject: subject.to_owned(),
                broken: false,
                text: mended_words(subject, &members, well.len(), locale),
                members: members.iter().map(|patient| patient.name.clone()).collect(),
                aloud: true,
            });
        }
    }
    tellings
}

/// The ward: how every source is, as far as the plan must know.
#[derive(Default)]
pub(in crate::collect) struct Ward {
    patients: HashMap<String, Patient>,
    /// Somebody is ill and not told, or told and well.
    busy: bool,
    /// Whether the states of the last run were looked through.
    began: bool,
    /// Of many sources, finding out what is to be told takes a while; rounds go on meanwhile.
    looking: SmallShare,
}

impl Ward {
    /// Whether the states of the last run were looked through.
    pub const fn began(&self) -> bool {
        self.began
    }

    /// Under which subject a source's illness was told, and when a mending was: a round that began before
    /// does not know.
    pub fn remind(&self, state: &mut SourceState) {
        if let Some(known) = self.patients.get(&state.source) {
            state.told.clone_from(&known.told);
            state.history.mended_at = known.mended_at;
        }
    }

    /// A source was settled.
    pub fn note(&mut self, source: &Source, state: &SourceState, now: Timestamp) {
        let site = site_of(source);
        let patient = match self.patients.get_mut(&source.name) {
            Some(known) => known,
            None => self.patients.entry(source.name.clone()).or_default(),
        };
        patient.become_like(state, site, !source.enabled, now);
        self.busy |= patient.waits() || patient.is_over();
    }

    /// Takes up a list of sources. `stored` is what the store keeps of all of them, when it was asked.
    pub async fn take_up(
        &mut self,
        shared: &Shared,
        list: &[Source],
        stored: impl Iterator<Item = &SourceTimes>,
    ) -> Result<(), StoreError> {
        let (store, now) = (&shared.parts.store, shared.now());
        let sources: HashMap<&str, &Source> =
            list.iter().map(|source| (source.name.as_str(), source)).collect();
        let stored: Vec<&SourceTimes> = stored.filter(|_| !self.began).collect();
        let off: HashSet<&str> = stored
            .iter()
            .filter(|times| times.health == Health::Disabled.id())
            .map(|times| times.source.as_str())
            .collect();
        for times in &stored {
            let source = sources.get(times.source.as_str());
            if !times.told.is_empty() || (Health::needs_person(&times.health) && source.is_some()) {
                let state =
                    SourceState { source: times.source.clone(), ..store.source_state(&times.source).await? };
                let site = source.and_then(|source| site_of(source));
                self.patients.insert(times.source.clone(), Patient::of(&state, site, source.is_none(), now));
            }
        }
        for source in list {
            let may_be_off = self.began || off.contains(source.name.as_str());
            self.switch(shared, source, may_be_off, now).await?;
        }
        for patient in self.patients.values_mut() {
            patient.gone = sources.get(patient.name.as_str()).is_none_or(|source| !source.enabled);
        }
        self.patients.retain(|_, patient| !patient.gone || !patient.told.is_empty());
        self.began = true;
        self.busy = true;
        Ok(())
    }

    /// Takes a source's switch into its state.
    async fn switch(
        &mut self,
        shared: &Shared,
        source: &Source,
        may_be_off: bool,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let known = self.patients.get(&source.name);
        if source.enabled && known.is_some_and(|known| !known.gone) {
            return Ok(());
        }
        if source.enabled && known.is_none() {
            // Not looked at yet.
            let fresh = SourceState { source: source.name.clone(), ..SourceState::default() };
            self.patients.insert(source.name.clone(), Patient::of(&fresh, site_of(source), false, now));
        }
        if source.enabled && !may_be_off {
            return Ok(());
        }
        let enabled = source.enabled;
        let switched = move |state: &SourceState| enabled == (state.health == Health::Disabled.id());
        if switched(&shared.parts.store.source_state(&source.name).await?) {
            let change = move |state: &mut SourceState| {
                if switched(state) {
                    state.health = if enabled { String::new() } else { Health::Disabled.id().to_owned() };
                    state.why.clear();
                    state.since = Some(now);
                }
            };
            shared.parts.store.change_source_state(&source.name, Arc::new(change)).await?;
        }
        Ok(())
    }

    /// Tells what is due and keeps in the states that it was told.
    pub async fn tell(&mut self, shared: &Shared) -> Result<(), Unsettled> {
        if !self.busy {
            return Ok(());
        }
        let now = shared.now();
        if self.patients.len() > MANY && !self.looking.is_due() {
            return Ok(());
        }
        let Self { patients, looking, .. } = self;
        let tellings = looking.turn(|| {
            let all: Vec<&Patient> = patients.values().collect();
            plan(&all, now, shared.parts.locale)
        });
        for telling in tellings {
            self.carry_out(shared, &telling, now).await?;
        }
        self.patients.retain(|_, patient| !patient.gone || !patient.told.is_empty());
        self.busy = self.patients.values().any(|patient| patient.waits() || patient.is_over());
        Ok(())
    }

    /// The notice first, the state then: a crash between them says it again, and the desk knows it.
    async fn carry_out(
        &mut self,
        shared: &Shared,
        telling: &Telling,
        now: Timestamp,
    ) -> Result<(), Unsettled> {
        if telling.aloud {
            let Telling { subject, broken, text, .. } = telling.clone();
            let told = Input::Operations(Operations { subject, broken, text });
            hand_over(&shared.parts.inbox, vec![told]).await.map_err(|_| Unsettled::Stopping)?;
        }
        for name in &telling.members {
            let told = if telling.broken { telling.subject.clone() } else { String::new() };
            let mended_at = (!telling.broken).then_some(now);
            let change = move |state: &mut SourceState| {
                state.told.clone_from(&told);
                state.history.mended_at = mended_at.or(state.history.mended_at);
            };
            let state = shared.parts.store.change_source_state(name, Arc::new(change)).await?;
            if let Some(known) = self.patients.get_mut(name) {
                known.told.clone_from(&state.told);
                known.mended_at = state.history.mended_at;
            }
        }
        Ok(())
    }
}

impl Patient {
    fn of(state: &SourceState, site: Option<String>, gone: bool, now: Timestamp) -> Self {
        let mut patient = Self::default();
        patient.become_like(state, site, gone, now);
        patient
    }

    /// In place: what lasts, made anew in the middle of each round, would keep the heap in pieces.
    fn become_like(&mut self, state: &SourceState, site: Option<String>, gone: bool, now: Timestamp) {
        self.name.clone_from(&state.source);
        if self.site != site {
            self.site = site;
        }
        self.health.clone_from(&state.health);
        self.kind.clone_from(&state.history.trouble);
        self.why.clone_from(&state.why);
        self.since = state.since.unwrap_or(now);
        self.good_at = state.history.looked_at;
        self.told.clone_from(&state.told);
        self.mended_at = state.history.mended_at;
        self.gone = gone;
    }
}
