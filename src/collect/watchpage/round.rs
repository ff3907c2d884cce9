//! One round over the pages of a source.

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use sha2::{Digest, Sha256};
use url::Url;

use super::{
    accept,
    judge::{Judge, Judged, Seen},
    look::{self, Home, Look},
    peer::{self, Certificate},
    record::{self, HostRecord, PageRecord, PageState},
    report::{self, Tampering},
    words::Words,
};
use crate::{
    collect::{
        adapter::{self, ReadFault},
        collector::{Shared, hand_over},
        facts::Facts,
        fetch::{FetchError, Fetched, Visit},
        health::Trouble,
        pages::ends_round,
        requests,
        round::Round,
    },
    config::source::{OwnPages, Source},
    desk::Input,
    model::{IncidentState, PostKey},
    store::{SourceState, StoreError},
};

/// Failures of one page in a row before it is told.
const PATIENCE: u32 = 3;
/// Posts by which one tampering is told; more signs are only recorded.
const MOST_POSTS: u32 = 20;
/// Deepest nesting of tags that is read.
const DEEPEST: usize = 600;
/// A page of fewer characters may be a gatekeeper's.
const SHORT: usize = 600;

/// Looks at every page.
pub(in crate::collect) async fn round(
    shared: &Shared,
    source: &Source,
    pages: &Arc<OwnPages>,
    mut state: SourceState,
) -> Round {
    state.rounds += 1;
    let mut run = Run {
        shared,
        source,
        pages,
        words: Arc::new(Words::new(&pages.banned)),
        records: Vec::new(),
        hosts: Vec::new(),
        inputs: Vec::new(),
        first_post: None,
        taken_up: Vec::new(),
        failed: Vec::new(),
        n_good: 0,
        changed: false,
    };
    let waits_until = match run.pages().await {
        Ok(waits_until) => waits_until,
        Err(error) => {
            tracing::error!(source = %source.name, %error, "the records of own pages cannot be read; they are looked at again");
            return Round::failed(state, Trouble::Panicked);
        }
    };
    run.end(state, waits_until).await
}

struct Run<'a> {
    shared: &'a Shared,
    source: &'a Source,
    pages: &'a Arc<OwnPages>,
    words: Arc<Words>,
    records: Vec<PageRecord>,
    hosts: Vec<(String, HostRecord)>,
    inputs: Vec<Input>,
    /// The first post of this round: tamperings found together are one incident.
    first_post: Option<PostKey>,
    taken_up: Vec<PathBuf>,
    failed: Vec<(usize, Trouble)>,
    n_good: usize,
    changed: bool,
}

impl Run<'_> {
    fn judge(&self) -> Judge<'_> {
        Judge {
            source: &self.source.name,
            pages: self.pages,
            now: self.shared.now(),
            locale: self.shared.parts.locale,
            moved: false,
        }
    }

    fn state_folder(&self) -> Option<PathBuf> {
        self.shared.parts.fetcher.settings().state_folder.clone()
    }

    /// Looks at all pages; the instant at which the host wants to be asked again, if it does.
    async fn pages(&mut self) -> Result<Option<jiff::Timestamp>, StoreError> {
        let store = &self.shared.parts.store;
        for url in &self.pages.urls {
            let record: PageRecord = record::read(store, "page", &self.source.name, url).await?;
            self.records.push(PageRecord { url: url.clone(), ..record });
        }
        self.take_up_acceptances().await;
        self.let_closed_stand().await?;
        let mut dead: HashSet<String> = HashSet::new();
        for nth in 0..self.records.len() {
            let Some(url) = self.records.get(nth).map(|record| record.url.clone()) else { continue };
            let host = host_of(&url);
            if dead.contains(&host) {
                self.failed
                    .push((nth, Trouble::Fetch(FetchError::Connect { host, why: "as before".into() })));
                continue;
            }
            match self.visit(&url).await {
                Ok(Visit::Answered(answer)) => self.answered(nth, answer).await?,
                Ok(Visit::LedAway(to)) => {
                    let away = Home::of(&url, self.pages).away(&to);
                    if let Some(pointer) = away {
                        self.seen(nth, &Seen::Away(pointer), to.as_str().as_bytes().to_vec(), false).await;
                    }
                }
                Err(FetchError::HostRests { until }) => return Ok(Some(until)),
                Err(error) => {
                    if ends_round(&error) {
                        dead.insert(host);
                    }
                    self.failed.push((nth, Trouble::Fetch(error)));
                }
            }
        }
        Ok(None)
    }

    async fn visit(&self, url: &str) -> Result<Visit, FetchError> {
        let fetcher = &self.shared.parts.fetcher;
        let request = requests::of(self.source, fetcher.settings(), url)?;
        let home = Home::of(url, self.pages);
        fetcher.visit(&request, |next| home.is_own(next)).await
    }

    async fn answered(&mut self, nth: usize, answer: Fetched) -> Result<(), StoreError> {
        let moved = self.peer(&answer).await?;
        let (pages, words) = (Arc::clone(self.pages), Arc::clone(&self.words));
        let body = answer.body.clone();
        let reading = tokio::task::spawn_blocking(move || read(&answer, &pages, &words)).await;
        let look = match reading {
            Ok(Ok(look)) => look,
            Ok(Err(trouble)) => {
                self.failed.push((nth, trouble));
                return Ok(());
            }
            Err(error) => {
                tracing::error!(source = %self.source.name, %error, "reading an own page panicked");
                self.failed.push((nth, Trouble::Panicked));
                return Ok(());
            }
        };
        let baseline = self.records.get(nth).and_then(|record| record.baseline.as_ref());
        let unlike = baseline.is_some_and(|before| before.likeness(&look.snapshot) < 0.5);
        if unlike && let Some(trouble) = gatekeeper(&look) {
            self.failed.push((nth, trouble));
            return Ok(());
        }
        self.seen(nth, &Seen::Page(Box::new(look)), body, moved).await;
        Ok(())
    }

    /// Judges a look and gathers what must be told.
    async fn seen(&mut self, nth: usize, seen: &Seen, body: Vec<u8>, moved: bool) {
        self.n_good += 1;
        let Some(mut record) = self.records.get(nth).cloned() else { return };
        let changes = record.changes.len();
        let judged = Judge { moved, ..self.judge() }.take(&mut record, seen);
        self.changed |= record.changes.len() > changes;
        self.gather(&record.url, &judged);
        if !judged.new.is_empty() && record.posts < MOST_POSTS {
            let sha256 = hex::encode(Sha256::digest(&body));
            let now = self.shared.now();
            let evidence = super::evidence::keep(self.state_folder(), &sha256, body, now).await;
            let belongs_to = record.post.clone().or_else(|| self.first_post.clone());
            let tampering = Tampering {
                source: self.source,
                pages: self.pages,
                url: &record.url,
                episode: record.episode,
                signs: &judged.signs,
                new: &judged.new,
                title: record.baseline.as_ref().map_or("", |before| &before.title),
                sha256: &sha256,
                evidence: evidence.as_deref(),
                belongs_to: belongs_to.as_ref(),
                now,
                locale: self.shared.parts.locale,
            };
            self.inputs.push(tampering.input());
            let key = tampering.key();
            tracing::warn!(source = %self.source.name, page = %record.url, signs = judged.signs.len(), "signs of tampering");
            record.posts += 1;
            record.post.get_or_insert_with(|| key.clone());
            self.first_post.get_or_insert(key);
        }
        if let Some(slot) = self.records.get_mut(nth) {
            *slot = record;
        }
    }

    fn gather(&mut self, url: &str, judged: &Judged) {
        self.inputs.extend(judged.operations.iter().cloned().map(Input::Operations));
        if let Some((first, words)) = &judged.ended {
            self.inputs.push(report::ended(self.source, url, first, words, self.shared.now()));
        }
    }

    /// Certificate and network of the host that answered; whether one of them has lately changed.
    async fn peer(&mut self, answer: &Fetched) -> Result<bool, StoreError> {
        let host = host_of(&answer.url);
        let moved = |record: &HostRecord| {
            record.open.contains_key("address") || record.open.contains_key("certificate")
        };
        if let Some((_, record)) = self.hosts.iter().find(|(known, _)| *known == host) {
            return Ok(moved(record));
        }
        let store = &self.shared.parts.store;
        let mut record: HostRecord = record::read(store, "host", &self.source.name, &host).await?;
        let (now, locale) = (self.shared.now(), self.shared.parts.locale);
        let certificate = answer.peer_certificate.as_deref().map(Certificate::of);
        let (told, mended) = peer::learn(&host, &mut record, certificate, answer.peer, now, locale);
        let mut operations = Vec::new();
        for one in told {
            let until = (!one.stays).then(|| now.saturating_add(STANDS).unwrap_or(now));
            if record.open.insert(one.about.to_owned(), until).is_none() {
                operations.push(self.judge().operations(&host, one.about, true, &one.text));
            }
        }
        let over = |until: &Option<jiff::Timestamp>| until.is_some_and(|until| until <= now);
        let done: Vec<String> = record
            .open
            .iter()
            .filter(|(about, until)| mended.contains(&about.as_str()) || over(until))
            .map(|(about, _)| about.clone())
            .collect();
        for about in done {
            record.open.remove(&about);
            let text = locale.pick("此前所报的情况已了结", "what was told is settled");
            operations.push(self.judge().operations(&host, &about, false, text));
        }
        self.inputs.extend(operations.into_iter().map(Input::Operations));
        let moved = moved(&record);
        self.hosts.push((host, record));
        Ok(moved)
    }

    /// What a person accepted by the command since the last round.
    async fn take_up_acceptances(&mut self) {
        let Some(folder) = self.state_folder() else { return };
        let name = self.source.name.clone();
        let waiting = tokio::task::spawn_blocking(move || accept::waiting(&folder, &name)).await;
        for (file, acceptance) in waiting.unwrap_or_default() {
            self.taken_up.push(file);
            let Some(nth) = self.records.iter().position(|record| record.url == acceptance.url) else {
                continue;
            };
            self.settle(nth, |judge, record| judge.accept(record, &acceptance));
        }
    }

    /// Somebody closed the incident while the page still shows the signs: they are let stand.
    async fn let_closed_stand(&mut self) -> Result<(), StoreError> {
        for nth in 0..self.records.len() {
            let Some(record) = self.records.get(nth).filter(|record| record.state == PageState::Tampered)
            else {
                continue;
            };
            let Some(post) = record.post.clone() else { continue };
            if closed(self.shared, &post).await? {
                let words = self
                    .shared
                    .parts
                    .locale
                    .pick("事件已办结，网页现在的样子照此为准", "the incident was closed");
                self.settle(nth, |judge, record| judge.let_stand(record, words.to_owned()));
            }
        }
        Ok(())
    }

    fn settle(&mut self, nth: usize, how: impl FnOnce(&Judge<'_>, &mut PageRecord) -> Judged) {
        let Some(mut record) = self.records.get(nth).cloned() else { return };
        let judged = how(&self.judge(), &mut record);
        self.gather(&record.url, &judged);
        if let Some(slot) = self.records.get_mut(nth) {
            *slot = record;
        }
    }

    /// Hands over what was found, and only then keeps the records.
    async fn end(mut self, mut state: SourceState, waits_until: Option<jiff::Timestamp>) -> Round {
        let now = self.shared.now();
        let facts = Facts {
            good: u32::try_from(self.n_good).unwrap_or(u32::MAX),
            bad: u32::try_from(self.failed.len()).unwrap_or(u32::MAX),
            ..Facts::default()
        };
        let all_failed = self.n_good == 0 && !self.failed.is_empty();
        let failed = std::mem::take(&mut self.failed);
        let mut trouble = None;
        for (nth, why) in failed {
            if !all_failed {
                let words = why.human(self.shared.parts.locale);
                self.settle(nth, |judge, record| judge.failed(record, &words, PATIENCE));
            }
            trouble.get_or_insert(why);
        }
        // One dead page must not slow down the looks at the others: the source is ill when all are.
        let trouble = trouble.filter(|_| all_failed);
        if self.n_good > 0 {
            state.last_good_at = Some(now);
            state.posts += u64::try_from(self.n_good).unwrap_or(0);
            if waits_until.is_none() {
                state.last_round_at = Some(now);
            }
        }
        if self.changed {
            state.last_new_at = Some(now);
        }
        let n_mentions = self.inputs.iter().filter(|input| matches!(input, Input::Mention(_))).count();
        let inputs = std::mem::take(&mut self.inputs);
        let stopped = hand_over(&self.shared.parts.inbox, inputs).await.is_err();
        if stopped {
            // The desk is stopping: nothing is kept, and the round is done again.
            return Round { stopped, ..Round::quiet(state) };
        }
        if let Err(error) = self.keep().await {
            tracing::error!(source = %self.source.name, %error, "the records of own pages were not kept; they are looked at again");
        }
        state.mentions += u64::try_from(n_mentions).unwrap_or(0);
        Round { trouble, waits_until, facts, ..Round::quiet(state) }
    }

    async fn keep(&mut self) -> Result<(), StoreError> {
        let store = &self.shared.parts.store;
        for record in &self.records {
            record::write(store, "page", &self.source.name, &record.url, record).await?;
        }
        for (host, record) in &self.hosts {
            record::write(store, "host", &self.source.name, host, record).await?;
        }
        let taken_up = std::mem::take(&mut self.taken_up);
        if !taken_up.is_empty() {
            let _ = tokio::task::spawn_blocking(move || accept::done(&taken_up)).await;
        }
        Ok(())
    }
}

/// How long something about a host stands.
const STANDS: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// Whether every incident of a post is closed.
async fn closed(shared: &Shared, post: &PostKey) -> Result<bool, StoreError> {
    let store = &shared.parts.store;
    let ids = store.incidents_of_post(post).await?;
    for id in &ids {
        let Some(view) = store.incident(*id).await? else { return Ok(false) };
        if view.incident.state != IncidentState::Closed {
            return Ok(false);
        }
    }
    Ok(!ids.is_empty())
}

/// Decodes and reads one answer.
fn read(answer: &Fetched, pages: &OwnPages, words: &Words) -> Result<Look, Trouble> {
    let text = adapter::decoded(answer.content_type.as_deref(), &answer.body);
    if adapter::is_too_deep(&text, DEEPEST) {
        return Err(Trouble::Read(ReadFault::TooDeep { limit: DEEPEST }));
    }
    let sha256 = hex::encode(Sha256::digest(&answer.body));
    Ok(look::look(&answer.url, &text, sha256, pages, words))
}

/// A page that asks for a captcha or a login where there was another: not the page, and no tampering.
fn gatekeeper(look: &Look) -> Option<Trouble> {
    let clean = look.in_title.is_empty() && look.in_hidden.is_empty() && look.in_text.is_empty();
    if look.snapshot.text_chars > SHORT || !clean {
        return None;
    }
    let (reason, words) = adapter::gatekeeper(&format!("{}\n{}", look.snapshot.title, look.visible))?;
    Some(Trouble::Blocked { reason, words })
}

fn host_of(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
