//! One round of one source: fetch its addresses, read them, look behind new entries, sift.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use jiff::Timestamp;

use super::{
    adapter::{self, Page, Reading, Verdict},
    address,
    collector::Shared,
    command,
    fetch::{FetchError, Fetched},
    health::Trouble,
    memo, observe, requests,
    rounds::Tally,
    sift::{self, Kept, Sieve},
};
use crate::{
    config::{
        preset::Preset,
        source::{Source, SourceKind},
    },
    desk::Input,
    model::{Counters, Post, PostKey, Precision},
    store::SourceState,
};

/// Every so many rounds a page is read although it is unchanged: a post that met nothing then may relate
/// to a statement now.
const FULL_READ_EVERY: u64 = 6;
/// Most addresses of one round.
const MOST_ADDRESSES: usize = 500;

/// What a round answers. Nothing of it is kept before its inputs are durable.
pub(super) struct Round {
    pub state: SourceState,
    pub inputs: Vec<Input>,
    pub trouble: Option<Trouble>,
    /// The host asked for rest: nothing was tried, nothing is wrong.
    pub waits_until: Option<Timestamp>,
    /// Whether it was a round (and not only a look at members).
    pub full: bool,
    /// What it counted.
    pub tally: Tally,
}

impl Round {
    /// A round that gave nothing.
    pub fn failed(state: SourceState, trouble: Trouble) -> Self {
        Self {
            state,
            inputs: Vec::new(),
            trouble: Some(trouble),
            waits_until: None,
            full: true,
            tally: Tally::default(),
        }
    }
}

/// Runs one round.
pub(super) async fn run(shared: Arc<Shared>, source: Source, state: SourceState) -> Round {
    match &source.kind {
        SourceKind::Fetched { .. } => fetched(&shared, &source, state).await,
        SourceKind::Push => silence(&shared, &source, state).await,
        SourceKind::Command { .. } => command::round(&shared, &source, state).await,
    }
}

/// A push source is not fetched: its round only asks whether it has been silent for too long. Its state is
/// written by the door, so the newest is read.
async fn silence(shared: &Shared, source: &Source, state: SourceState) -> Round {
    let name = source.name.clone();
    let mut state = shared.parts.store.source_state(&source.name).await.unwrap_or(state);
    state.source = name;
    let now = shared.now();
    if state.rounds == 0 {
        // The promise counts from the first time that the daemon knew of the source.
        memo::put_time(&mut state, "known_since", now);
    }
    state.rounds += 1;
    let trouble = silent_too_long(source, &state, now);
    Round { state, inputs: Vec::new(), trouble, waits_until: None, full: true, tally: Tally::default() }
}

pub(super) fn silent_too_long(source: &Source, state: &SourceState, now: Timestamp) -> Option<Trouble> {
    let expected = source.expected_every?;
    let since = state.last_good_at.or_else(|| memo::time(state, "known_since"))?;
    (now.duration_since(since) > expected).then_some(Trouble::Silent { since: state.last_good_at, expected })
}

/// What a fetched round has gathered.
struct Gathered {
    kept: Vec<Kept>,
    trouble: Option<Trouble>,
    waits_until: Option<Timestamp>,
    n_good: usize,
    n_bad: usize,
    tally: Tally,
}

async fn fetched(shared: &Shared, source: &Source, mut state: SourceState) -> Round {
    let SourceKind::Fetched { preset, urls, .. } = &source.kind else {
        return Round::failed(state, Trouble::Panicked);
    };
    let started = shared.now();
    let sieve = Sieve::of(shared, source);
    forget_validators_when_due(&mut state, &sieve);
    let terms = sieve.terms();
    let tally = Tally { started_at: Some(started), ..Tally::default() };
    let mut gathered =
        Gathered { kept: Vec::new(), trouble: None, waits_until: None, n_good: 0, n_bad: 0, tally };
    let starts = starts(urls, &terms);
    for start in &starts {
        if let Err(stop) = series(shared, source, preset, &sieve, *start, &mut state, &mut gathered).await {
            gathered.waits_until = stop;
            break;
        }
    }
    crate::fault::FaultPoint::Fetched.pass();
    state.rounds += 1;
    keep_validators_of(&mut state, &starts, &preset.keyword_encoding);
    let full = gathered.n_bad == 0 && gathered.waits_until.is_none();
    // One address that fails for good must not keep the whole source in its first round for ever.
    let ended_round = gathered.n_good > 0 && (full || state.failures >= 2);
    let observed = observe::looks(shared, source, &mut state, &gathered.kept).await;
    gathered.kept.extend(observed);
    let inputs = sift::mentions(shared, source, &state, gathered.kept);
    if ended_round {
        // Rules younger than its start have not been tried by it.
        state.last_round_at = Some(started);
    }
    Round {
        state,
        inputs,
        trouble: gathered.trouble,
        waits_until: gathered.waits_until,
        full: true,
        tally: Tally { answers: u64::try_from(gathered.n_good).unwrap_or(u64::MAX), ..gathered.tally },
    }
}

/// Each template with each term.
fn starts<'a>(urls: &'a [String], terms: &'a [String]) -> Vec<Start<'a>> {
    let of = |url: &'a String| -> Vec<Start<'a>> {
        if url.contains("{keyword}") {
            terms.iter().map(|term| (url.as_str(), Some(term.as_str()))).collect()
        } else {
            vec![(url.as_str(), None)]
        }
    };
    urls.iter().flat_map(of).take(MOST_ADDRESSES).collect()
}

/// A template and the term that it is asked with.
type Start<'a> = (&'a str, Option<&'a str>);

/// One address and the pages that follow it. `Err` ends the round: the host wants rest.
async fn series(
    shared: &Shared,
    source: &Source,
    preset: &Arc<Preset>,
    sieve: &Sieve,
    (template, term): Start<'_>,
    state: &mut SourceState,
    gathered: &mut Gathered,
) -> Result<(), Option<Timestamp>> {
    let mut url = address::of_page(template, term, &preset.keyword_encoding, 1);
    for page in 1..=preset.pages {
        let answer = match get(shared, source, &url, state).await {
            Ok(answer) => answer,
            Err(FetchError::HostRests { until }) => return Err(Some(until)),
            Err(error) => {
                gathered.n_bad += 1;
                let ends_round = ends_round(&error);
                gathered.trouble = Some(Trouble::Fetch(error));
                return if ends_round { Err(None) } else { Ok(()) };
            }
        };
        let now = shared.now();
        if answer.not_modified {
            gathered.n_good += 1;
            state.last_good_at = Some(now);
            return Ok(());
        }
        let reading = match read(preset, &answer, None, now).await {
            Ok(reading) => reading,
            Err(trouble) => {
                gathered.n_bad += 1;
                gathered.trouble = Some(trouble);
                return Ok(());
            }
        };
        let next = reading.next.clone();
        let validators = answer.validators.clone();
        if let Some(trouble) = judge(source, &reading, page) {
            gathered.n_bad += 1;
            let blocked = matches!(trouble, Trouble::Blocked { .. });
            gathered.trouble = Some(trouble);
            return if blocked { Err(None) } else { Ok(()) };
        }
        gathered.n_good += 1;
        state.last_good_at = Some(now);
        state.posts += u64::try_from(reading.posts.len()).unwrap_or(0);
        state.validators.insert(url.clone(), validators);
        take(shared, source, sieve, reading, now, state, gathered).await;
        if page == preset.pages {
            break;
        }
        url = match next.filter(|next| *next != url) {
            Some(next) => next,
            None if template.contains("{page}") => {
                address::of_page(template, term, &preset.keyword_encoding, page + 1)
            }
            None => break,
        };
    }
    Ok(())
}

/// Failures that the host's other addresses would meet too.
const fn ends_round(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::Dns { .. }
            | FetchError::Connect { .. }
            | FetchError::Tls { .. }
            | FetchError::RobotsUnavailable { .. }
            | FetchError::Credential(_)
            | FetchError::Status { code: 401 | 403 | 418 | 429 | 503, .. }
    )
}

async fn get(
    shared: &Shared,
    source: &Source,
    url: &str,
    state: &SourceState,
) -> Result<Fetched, FetchError> {
    let fetcher = &shared.parts.fetcher;
    let mut request = requests::of(source, fetcher.settings(), url)?;
    request.validators = state.validators.get(url).cloned().unwrap_or_default();
    fetcher.fetch(&request).await
}

/// Reads an answer off the async threads; a panic in a parser is this answer's fault alone.
pub(super) async fn read(
    preset: &Arc<Preset>,
    answer: &Fetched,
    asked: Option<PostKey>,
    now: Timestamp,
) -> Result<Reading, Trouble> {
    let preset = Arc::clone(preset);
    let answer = answer.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let content_type = answer.content_type.as_deref();
        let page = Page { url: &answer.url, content_type, body: &answer.body, asked: asked.as_ref() };
        adapter::read(&preset, &page, now)
    });
    reading.await.map_err(|error| {
        tracing::error!(%error, "reading an answer panicked");
        Trouble::Panicked
    })
}

/// The trouble of an answer that is not data. An empty page after the first is the list's end.
fn judge(source: &Source, reading: &Reading, page: u32) -> Option<Trouble> {
    for fault in &reading.faults {
        tracing::debug!(source = %source.name, %fault, "a fault in an answer");
    }
    match &reading.verdict {
        Verdict::Blocked { reason, words } => {
            Some(Trouble::Blocked { reason: *reason, words: words.clone() })
        }
        Verdict::Broken if page == 1 => {
            Some(reading.faults.first().map_or(Trouble::Panicked, |fault| Trouble::Read(fault.clone())))
        }
        Verdict::Data | Verdict::Empty | Verdict::Broken => None,
    }
}

/// Sifts the posts of a reading and looks behind new entries.
async fn take(
    shared: &Shared,
    source: &Source,
    sieve: &Sieve,
    reading: Reading,
    now: Timestamp,
    state: &mut SourceState,
    gathered: &mut Gathered,
) {
    if let Some(gone) =
        reading.faults.iter().find(|fault| matches!(fault, adapter::ReadFault::CounterGone { .. }))
    {
        // The posts are good, but what they are graded by is gone: a person must mend the preset.
        gathered.trouble = Some(Trouble::Read(gone.clone()));
    }
    let ids: Vec<String> = reading.posts.iter().map(|(post, _)| post.key.id.clone()).collect();
    gathered.tally.posts += u64::try_from(reading.posts.len()).unwrap_or(0);
    let n_new = memo::note_ids(state, "known", &ids);
    if n_new > 0 {
        gathered.tally.new += n_new;
        state.last_new_at = Some(now);
    }
    let mut details = behind(shared, source, state, &reading.posts).await;
    for (mut post, mut counters) in reading.posts {
        let mut own_fetch = false;
        if let Some((detail, shown, counted)) = details.remove(&post.key) {
            merge(&mut post, &mut counters, detail, &shown);
            own_fetch = counted;
        }
        if let Some(hits) = sieve.keep(&post) {
            gathered.kept.push(Kept { post, counters, hits, seen_at: now, own_fetch });
        }
    }
}

/// Fetches the own pages of entries that were not looked behind yet.
async fn behind(
    shared: &Shared,
    source: &Source,
    state: &mut SourceState,
    posts: &[(Post, Counters)],
) -> HashMap<PostKey, (Post, Counters, bool)> {
    let mut found = HashMap::new();
    let SourceKind::Fetched { preset, detail_preset: Some(reader), base, .. } = &source.kind else {
        return found;
    };
    let Some(detail) = &preset.detail else { return found };
    let done = memo::ids(state, "detailed");
    let new = posts.iter().filter(|(post, _)| post.text.is_empty() && !done.contains(&post.key.id));
    let mut tried = Vec::new();
    for (post, _) in new.take(detail.at_most) {
        let Some(url) = address::of_post(detail.url.as_deref(), base, &post.key.id, &post.url) else {
            continue;
        };
        let answer = match get(shared, source, &url, state).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(source = %source.name, post = %post.key, %error, "a post's own page was not had");
                if matches!(error, FetchError::HostRests { .. }) || ends_round(&error) {
                    break;
                }
                tried.push(post.key.id.clone());
                continue;
            }
        };
        tried.push(post.key.id.clone());
        if let Ok(reading) = read(reader, &answer, Some(post.key.clone()), shared.now()).await
            && let Some((own, counters)) = reading.posts.into_iter().find(|(own, _)| own.key == post.key)
        {
            found.insert(post.key.clone(), (own, counters, reader.counts_own_fetch));
        }
    }
    memo::note_ids(state, "detailed", &tried);
    found
}

/// The entry of a list, made whole by the post's own page.
fn merge(post: &mut Post, counters: &mut Counters, detail: Post, shown: &Counters) {
    post.text = detail.text;
    post.quoted = detail.quoted;
    for link in detail.links {
        if !post.links.contains(&link) {
            post.links.push(link);
        }
    }
    if post.title.is_empty() {
        post.title = detail.title;
    }
    let coarse = post.published.is_none_or(|p| matches!(p.precision, Precision::Day | Precision::Month));
    if coarse && detail.published.is_some() {
        post.published = detail.published;
    }
    counters.views = shown.views.or(counters.views);
    counters.reposts = shown.reposts.or(counters.reposts);
    counters.comments = shown.comments.or(counters.comments);
    counters.likes = shown.likes.or(counters.likes);
}

/// New rules, or many unchanged rounds, make an unchanged page worth reading.
fn forget_validators_when_due(state: &mut SourceState, sieve: &Sieve) {
    let generation = sieve.generation();
    let known = state.memo.insert("rules".into(), generation.clone());
    if known != Some(generation) || state.rounds.is_multiple_of(FULL_READ_EVERY) {
        state.validators.clear();
    }
}

/// Addresses that are not fetched any more need no validators.
fn keep_validators_of(state: &mut SourceState, starts: &[Start<'_>], encoding: &str) {
    let addresses: HashSet<String> =
        starts.iter().map(|(template, term)| address::of_page(template, *term, encoding, 1)).collect();
    state
        .validators
        .retain(|url, (etag, modified)| (etag.is_some() || modified.is_some()) && addresses.contains(url));
}
