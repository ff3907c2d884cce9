//! The pages of one address: fetched, judged, read off the async threads, and handed on one by one.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    adapter::{self, Page, ReadFault, Reading, Verdict},
    address, detail,
    facts::evidence,
    fetch::{FetchError, Fetched},
    health::Trouble,
    memo,
    proof::Proof,
    requests,
    round::{End, Start, Walk},
    sift::Kept,
};
use crate::{
    config::preset::{BlockReason, Preset},
    model::{Counters, Hit, Post, PostKey, Shown},
};

/// One address and the pages that follow it.
pub(super) async fn series(walk: &mut Walk<'_>, (template, term): Start<'_>) -> Result<(), End> {
    let preset = Arc::clone(walk.preset);
    let mut url = address::of_page(template, term, &preset.keyword_encoding, 1);
    for page in 1..=preset.pages {
        let Some(next) = one_page(walk, &url, page).await? else { return Ok(()) };
        if page == preset.pages {
            break;
        }
        url = match next.0.filter(|next| *next != url) {
            Some(next) => next,
            None if template.contains("{page}") => {
                address::of_page(template, term, &preset.keyword_encoding, page + 1)
            }
            None => break,
        };
    }
    Ok(())
}

/// The next page's address, when the page names one.
struct Next(Option<String>);

/// Reads one page; `None` when there is nothing to read behind it.
async fn one_page(walk: &mut Walk<'_>, url: &str, page: u32) -> Result<Option<Next>, End> {
    let answer = match get(walk, url).await {
        Ok(answer) => answer,
        Err(FetchError::HostRests { until }) => {
            walk.waits_until = Some(until);
            return Err(End::Host);
        }
        Err(error) => {
            walk.facts.bad += 1;
            let ends_round = ends_round(&error);
            walk.facts.evidence = error.raw().cloned().or_else(|| walk.facts.evidence.take());
            walk.trouble = Some(diagnosed(walk, error).await);
            return if ends_round { Err(End::Host) } else { Ok(None) };
        }
    };
    let now = walk.shared.now();
    walk.facts.slowest = walk.facts.slowest.max(answer.elapsed);
    if answer.not_modified {
        walk.facts.good += 1;
        walk.facts.unchanged += 1;
        walk.state.last_good_at = Some(now);
        return Ok(None);
    }
    let body = adapter::fingerprint(walk.preset, &answer.body);
    if walk.state.bodies.get(url) == Some(&body) {
        // The host does not say that nothing has changed, but nothing has.
        walk.facts.good += 1;
        walk.facts.unchanged += 1;
        walk.state.last_good_at = Some(now);
        return Ok(None);
    }
    let answer = Arc::new(answer);
    let (reading, kept) = match sieved(walk, &answer, now).await {
        Ok(read) => read,
        Err(trouble) => {
            not_data(walk, &answer, trouble, now);
            return Ok(None);
        }
    };
    if let Some(trouble) = judge(walk, &reading, page) {
        let blocked = matches!(trouble, Trouble::Blocked { .. });
        walk.facts.faults(&reading.faults);
        not_data(walk, &answer, trouble, now);
        return if blocked { Err(End::Host) } else { Ok(None) };
    }
    walk.facts.good += 1;
    walk.state.last_good_at = Some(now);
    walk.facts.last = Some(Arc::clone(&answer));
    walk.facts.came_from(url, &answer.url);
    let next = Next(reading.next.clone());
    take(walk, &answer, reading, kept, now).await?;
    walk.state.bodies.insert(url.to_owned(), body);
    walk.state.validators.insert(url.to_owned(), answer.validators.clone());
    Ok(Some(next))
}

/// What a refusal says of itself: a captcha or an expired login may come with any status, and is a person's task,
/// where a page that is not there or a host that wants rest is not.
async fn diagnosed(walk: &Walk<'_>, error: FetchError) -> Trouble {
    let FetchError::Status { code, retry_at: None, raw: Some(raw) } = &error else {
        return Trouble::Fetch(error);
    };
    if !matches!(code, 400..=499 | 503) || matches!(code, 404 | 410) {
        return Trouble::Fetch(error);
    }
    let (url, content_type, body) = (raw.url.clone(), raw.content_type.clone(), raw.body.clone());
    let answer = Arc::new(Fetched { url, content_type, body, ..Fetched::default() });
    match read(walk.preset, &answer, None, raw.at).await.map(|reading| reading.verdict) {
        // Every refusal says that one has no permission.
        Ok(Verdict::Blocked { reason, words }) if reason != BlockReason::Permission => {
            let (reason, words) = adapter::blamed(reason, &words, walk.source.credential.as_deref());
            Trouble::Blocked { reason, words }
        }
        _ => Trouble::Fetch(error),
    }
}

fn not_data(walk: &mut Walk<'_>, answer: &Fetched, trouble: Trouble, now: Timestamp) {
    walk.facts.bad += 1;
    walk.facts.evidence = Some(evidence(answer, now));
    walk.trouble = Some(trouble);
}

/// Failures that the host's other addresses would meet too.
pub(super) const fn ends_round(error: &FetchError) -> bool {
    matches!(
        error,
        FetchError::Dns { .. }
            | FetchError::Connect { .. }
            | FetchError::Disconnected { .. }
            | FetchError::Tls { .. }
            | FetchError::RobotsUnavailable { .. }
            | FetchError::Credential(_)
            | FetchError::Status { code: 401 | 403 | 418 | 429 | 503, .. }
    )
}

/// Fetches an address of the source with what its host told us to say.
pub(super) async fn get(walk: &Walk<'_>, url: &str) -> Result<Fetched, FetchError> {
    let fetcher = &walk.shared.parts.fetcher;
    let mut request = requests::of(walk.source, fetcher.settings(), url)?;
    request.validators = walk.state.validators.get(url).cloned().unwrap_or_default();
    fetcher.fetch(&request).await
}

/// Reads an answer off the async threads; a panic in a parser is this answer's fault alone.
pub(super) async fn read(
    preset: &Arc<Preset>,
    answer: &Arc<Fetched>,
    asked: Option<PostKey>,
    now: Timestamp,
) -> Result<Reading, Trouble> {
    let preset = Arc::clone(preset);
    let answer = Arc::clone(answer);
    off_the_async_threads(move || {
        let content_type = answer.content_type.as_deref();
        let page = Page { url: &answer.url, content_type, body: &answer.body, asked: asked.as_ref() };
        adapter::read(&preset, &page, now)
    })
    .await
}

/// Reads a page and tries the rules on its posts, off the async threads.
async fn sieved(
    walk: &Walk<'_>,
    answer: &Arc<Fetched>,
    now: Timestamp,
) -> Result<(Reading, Vec<Option<Vec<Hit>>>), Trouble> {
    let (preset, answer, sieve) = (Arc::clone(walk.preset), Arc::clone(answer), walk.sieve.clone());
    off_the_async_threads(move || {
        let content_type = answer.content_type.as_deref();
        let page = Page { url: &answer.url, content_type, body: &answer.body, asked: None };
        let reading = adapter::read(&preset, &page, now);
        let kept = reading.posts.iter().map(|(post, _)| sieve.keep(post)).collect();
        (reading, kept)
    })
    .await
}

async fn off_the_async_threads<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Trouble> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "reading an answer panicked");
        Trouble::Panicked
    })
}

/// The trouble of an answer that is not data. An empty page after the first is the list's end.
fn judge(walk: &mut Walk<'_>, reading: &Reading, page: u32) -> Option<Trouble> {
    for fault in &reading.faults {
        tracing::debug!(source = %walk.source.name, %fault, "a fault in an answer");
    }
    match &reading.verdict {
        Verdict::Blocked { reason, words } => {
            let (reason, words) = adapter::blamed(*reason, words, walk.source.credential.as_deref());
            Some(Trouble::Blocked { reason, words })
        }
        Verdict::Broken if page == 1 => {
            Some(reading.faults.first().map_or(Trouble::Panicked, |fault| Trouble::Read(fault.clone())))
        }
        Verdict::Empty => {
            walk.facts.empty += 1;
            None
        }
        Verdict::Data | Verdict::Broken => None,
    }
}

/// Sifts the posts of a reading and hands them on; a new entry whose text stands on a page of its own is
/// handed on when that page was had, so that nine others do not make it wait.
async fn take(
    walk: &mut Walk<'_>,
    answer: &Fetched,
    reading: Reading,
    kept: Vec<Option<Vec<Hit>>>,
    now: Timestamp,
) -> Result<(), End> {
    if let Some(gone) = reading.faults.iter().find(|fault| matches!(fault, ReadFault::CounterGone { .. })) {
        // The posts are good, but what they are graded by is gone: a person must mend the preset.
        walk.trouble = Some(Trouble::Read(gone.clone()));
        walk.facts.evidence = Some(evidence(answer, now));
    }
    walk.state.posts += u64::try_from(reading.posts.len()).unwrap_or(0);
    let ids: Vec<String> = reading.posts.iter().map(|(post, _)| post.key.id.clone()).collect();
    let new = memo::note_ids(&mut walk.state, "known", &ids);
    walk.facts.read(&reading, new);
    if new > 0 {
        walk.state.last_new_at = Some(now);
    }
    let shown = reading.posts.into_iter().zip(kept);
    let (behind, plain) = detail::split(walk, shown);
    let mut proof = Proof::of(answer, now);
    let kept = plain.into_iter().filter_map(|((post, counters), hits)| {
        let hits = hits?;
        Some(Kept { post, counters, hits, seen_at: now, own_fetch: false, shown: Some(proof.shown()) })
    });
    let kept = kept.collect();
    walk.hand_on(kept).await?;
    detail::behind(walk, behind, &mut proof, now).await
}

/// A post that is to go on.
pub(super) fn sifted(
    walk: &Walk<'_>,
    post: Post,
    counters: Counters,
    seen_at: Timestamp,
    own_fetch: bool,
    shown: impl FnOnce() -> Option<Arc<Shown>>,
) -> Option<Kept> {
    let hits = walk.sieve.keep(&post)?;
    Some(Kept { post, counters, hits, seen_at, own_fetch, shown: shown() })
}
