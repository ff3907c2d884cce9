//! Decides what the administrators are told of ill sources: an outage of a site, or of our own network,
//! is one notice, and so is its mending.
//!
//! A source that turns ill waits a little for its neighbours: those of the same site, and for a failure
//! of the network those of other sites too. When they have had their turn it is clear whether it is the
//! source, the site or our own line. Whoever falls ill later under an outage that was told is covered by
//! it. The plan is a pure function over the patients; the ward remembers nothing that a restart would
//! lose, because under which subject a source was told stands in its state.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::{SignedDuration, Timestamp};

use super::{site_of, state::Health, trouble::NETWORK};
use crate::{
    collect::collector::{Shared, Unsettled, hand_over},
    config::source::Source,
    desk::{Input, Operations},
    locale::Locale,
    store::SourceState,
};

/// How long a source waits for its neighbours at most.
const HOLD: SignedDuration = SignedDuration::from_mins(10);
/// A source that was mended within a day and falls ill again must be well for so long before its mending
/// is told: one that flaps is told once.
const FLAP: SignedDuration = SignedDuration::from_hours(24);
const WELL_FOR: SignedDuration = SignedDuration::from_hours(3);
/// Members of an outage that stay ill so long after others are well are told by themselves.
const LEFT_BEHIND: SignedDuration = SignedDuration::from_mins(30);
/// Sites that must fail together before our own network is suspected.
const MANY_SITES: usize = 3;
/// The subject of an outage of our own network.
const OUR_NETWORK: &str = "network";

/// A source as the plan sees it.
#[derive(Debug, Clone)]
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

    fn fails_as(&self, kind: &str) -> bool {
        !self.gone && !Health::is_well(&self.health) && self.kind == kind
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
pub(super) fn plan(patients: &[Patient], now: Timestamp, locale: Locale) -> Vec<Telling> {
    let mut tellings = mended(patients, now, locale);
    let cleared: HashSet<&String> = tellings.iter().map(|telling| &telling.subject).collect();
    let standing: HashSet<&str> = patients
        .iter()
        .map(|patient| patient.told.as_str())
        .filter(|told| !told.is_empty() && !cleared.contains(&(*told).to_owned()))
        .collect();
    let mut broken: BTreeMap<String, Telling> = BTreeMap::new();
    for patient in patients.iter().filter(|patient| patient.waits()) {
        let Some((subject, text)) = place(patient, patients, &standing, now, locale) else { continue };
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
    all: &[Patient],
    standing: &HashSet<&str>,
    now: Timestamp,
    locale: Locale,
) -> Option<(String, String)> {
    let alone = || (format!("source/{}", patient.name), alone_words(patient, locale));
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
        let sites = Sites::of(patient, all);
        if sites.all_fail() {
            return Some((OUR_NETWORK.to_owned(), network_words(&sites, locale)));
        }
        if held && sites.undecided > 0 && sites.could_all_fail() {
            return None;
        }
    }
    let near: Vec<&Patient> = all
        .iter()
        .filter(|other| !other.gone && other.site.as_ref() == Some(site) && other.name != patient.name)
        .collect();
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

/// How the sites stand since a network failure began.
struct Sites {
    failing: usize,
    well: usize,
    undecided: usize,
    sources: usize,
}

impl Sites {
    fn of(patient: &Patient, all: &[Patient]) -> Self {
        let mut sites: HashMap<&str, (bool, bool)> = HashMap::new();
        let mut sources = 0;
        for other in all.iter().filter(|other| !other.gone) {
            let Some(site) = other.site.as_deref() else { continue };
            let (fails, well) = sites.entry(site).or_default();
            *fails |= other.fails_as(NETWORK);
            *well |= other.well_since(patient.since);
            sources += usize::from(other.fails_as(NETWORK));
        }
        let well = sites.values().filter(|(_, well)| *well).count();
        let failing = sites.values().filter(|(fails, well)| *fails && !*well).count();
        Self { failing, well, undecided: sites.len() - well - failing, sources }
    }

    const fn all_fail(&self) -> bool {
        self.failing >= MANY_SITES && self.failing >= 4 * (self.well + self.undecided)
    }

    const fn could_all_fail(&self) -> bool {
        let failing = self.failing + self.undecided;
        failing >= MANY_SITES && failing >= 4 * self.well
    }
}

/// What is over: of each subject whose members are all well again, or of which most are for a while.
fn mended(patients: &[Patient], now: Timestamp, locale: Locale) -> Vec<Telling> {
    let mut subjects: BTreeMap<&str, Vec<&Patient>> = BTreeMap::new();
    for patient in patients.iter().filter(|patient| !patient.told.is_empty()) {
        subjects.entry(&patient.told).or_default().push(patient);
    }
    let mut tellings = Vec::new();
    for (subject, members) in subjects {
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

fn alone_words(patient: &Patient, locale: Locale) -> String {
    let (name, why) = (&patient.name, &patient.why);
    match (locale, patient.health.as_str()) {
        (Locale::ZhCn, "stale") => format!("来源“{name}”可能已停更：{why}"),
        (Locale::ZhCn, _) => format!("来源“{name}”目前看不到内容：{why}"),
        (Locale::En, "stale") => format!("source “{name}” has fallen silent: {why}"),
        (Locale::En, _) => format!("source “{name}” gives nothing: {why}"),
    }
}

fn site_words(site: &str, sick: usize, total: usize, patient: &Patient, locale: Locale) -> String {
    let why = &patient.why;
    match locale {
        Locale::ZhCn => format!("网站 {site} 的 {total} 个来源中有 {sick} 个同时看不到内容：{why}"),
        Locale::En => format!("{sick} of the {total} sources on {site} give nothing: {why}"),
    }
}

fn network_words(sites: &Sites, locale: Locale) -> String {
    let (n_sites, sources) = (sites.failing, sites.sources);
    match locale {
        Locale::ZhCn => format!(
            "{n_sites} 个网站的 {sources} 个来源同时连不上：多半是本机的网络、域名解析或代理不通，请先检查本机"
        ),
        Locale::En => format!(
            "{sources} sources on {n_sites} sites cannot be reached at once: check this machine's network, DNS and proxy"
        ),
    }
}

fn mended_words(subject: &str, members: &[&Patient], well: usize, locale: Locale) -> String {
    let left = members.len().saturating_sub(well);
    let gone = members.iter().all(|patient| patient.gone);
    if let (Some(name), [_]) = (subject.strip_prefix("source/"), members) {
        return match (locale, gone) {
            (Locale::ZhCn, true) => format!("来源“{name}”已停用或移除，不再提醒"),
            (Locale::ZhCn, false) => format!("来源“{name}”已恢复"),
            (Locale::En, true) => format!("source “{name}” is not watched any more"),
            (Locale::En, false) => format!("source “{name}” works again"),
        };
    }
    let what = match (subject.strip_prefix("site/"), locale) {
        (Some(site), Locale::ZhCn) => format!("网站 {site}"),
        (Some(site), Locale::En) => format!("site {site}"),
        (None, locale) => locale.pick("网络", "the network").to_owned(),
    };
    match (locale, left) {
        (Locale::ZhCn, 0) => format!("{what}已恢复，{well} 个来源恢复正常"),
        (Locale::ZhCn, _) => format!("{what}已恢复，{well} 个来源恢复正常，{left} 个仍未恢复"),
        (Locale::En, 0) => format!("{what} works again: {well} sources are well"),
        (Locale::En, _) => format!("{what} works again: {well} sources are well, {left} are not yet"),
    }
}

/// The ward: knows whether there is anybody to look after.
#[derive(Default)]
pub(in crate::collect) struct Ward {
    /// Something changed, or somebody waits.
    busy: bool,
    /// Sources that left the list while their illness was told.
    gone: Vec<SourceState>,
}

impl Ward {
    /// A source was settled.
    pub fn note(&mut self, state: &SourceState) {
        self.busy |= Health::needs_person(&state.health) == state.told.is_empty();
    }

    /// A source is not watched any more.
    pub fn left(&mut self, state: SourceState) {
        if !state.told.is_empty() && !self.gone.iter().any(|gone| gone.source == state.source) {
            self.busy = true;
            self.gone.push(state);
        }
    }

    /// Tells what is due and keeps in the states that it was told.
    pub async fn tell(
        &mut self,
        shared: &Shared,
        sources: &[Source],
        states: &mut HashMap<String, SourceState>,
    ) -> Result<(), Unsettled> {
        if !self.busy {
            return Ok(());
        }
        let now = shared.now();
        let patients = self.patients(sources, states, now);
        for telling in plan(&patients, now, shared.parts.locale) {
            self.carry_out(shared, &telling, states, now).await?;
        }
        self.busy = !self.gone.is_empty()
            || states.values().any(|state| Health::needs_person(&state.health) == state.told.is_empty());
        Ok(())
    }

    fn patients(
        &self,
        sources: &[Source],
        states: &HashMap<String, SourceState>,
        now: Timestamp,
    ) -> Vec<Patient> {
        let watched = sources.iter().filter_map(|source| {
            let state = states.get(&source.name)?;
            Some(patient(state, site_of(source), !source.enabled, now))
        });
        watched.chain(self.gone.iter().map(|state| patient(state, None, true, now))).collect()
    }

    /// The notice first, the state then: a crash between them says it again, and the desk knows it.
    async fn carry_out(
        &mut self,
        shared: &Shared,
        telling: &Telling,
        states: &mut HashMap<String, SourceState>,
        now: Timestamp,
    ) -> Result<(), Unsettled> {
        if telling.aloud {
            let Telling { subject, broken, text, .. } = telling.clone();
            let told = Input::Operations(Operations { subject, broken, text });
            hand_over(&shared.parts.inbox, vec![told]).await.map_err(|_| Unsettled::Stopping)?;
        }
        for name in &telling.members {
            let gone = self.gone.iter().position(|state| state.source == *name);
            let mut state = match gone {
                Some(at) => self.gone.remove(at),
                // The door of pushed posts writes states too: the newest is changed.
                None => shared.parts.store.source_state(name).await?,
            };
            let subject = if telling.broken { telling.subject.as_str() } else { "" };
            let mended_at = if telling.broken { state.history.mended_at } else { Some(now) };
            subject.clone_into(&mut state.told);
            state.history.mended_at = mended_at;
            state.source.clone_from(name);
            if let Some(known) = states.get_mut(name) {
                known.told.clone_from(&state.told);
                known.history.mended_at = mended_at;
            }
            shared.parts.store.save_source_state(state).await?;
        }
        Ok(())
    }
}

fn patient(state: &SourceState, site: Option<String>, gone: bool, now: Timestamp) -> Patient {
    Patient {
        name: state.source.clone(),
        site,
        health: state.health.clone(),
        kind: state.history.trouble.clone(),
        why: state.why.clone(),
        since: state.since.unwrap_or(now),
        good_at: state.history.looked_at,
        told: state.told.clone(),
        mended_at: state.history.mended_at,
        gone,
    }
}
