//! Looks behind the entries of a list: the text of a new post often stands on a page of its own.

use std::sync::Arc;

use jiff::Timestamp;

use super::{
    address,
    fetch::{FetchError, Fetched},
    memo, pages,
    proof::Proof,
    round::{End, Walk},
};
use crate::{
    config::source::SourceKind,
    model::{Counters, Hit, Post, Precision},
};

/// A post as a list shows it.
type Shown = (Post, Counters);
/// The same with what the rules say of it.
type Sieved = (Shown, Option<Vec<Hit>>);

/// The new entries to look behind, at most as many as the preset allows in a round, and all others.
pub(super) fn split(walk: &Walk<'_>, posts: impl Iterator<Item = Sieved>) -> (Vec<Sieved>, Vec<Sieved>) {
    let at_most = match &walk.source.kind {
        SourceKind::Fetched { preset, detail_preset: Some(_), .. } => {
            preset.detail.as_ref().map_or(0, |detail| detail.at_most)
        }
        _ => 0,
    };
    if at_most == 0 {
        return (Vec::new(), posts.collect());
    }
    let done = memo::ids(&walk.state, "detailed");
    let mut room = at_most;
    posts.partition(|((post, _), _)| {
        let new = room > 0 && post.text.is_empty() && !done.contains(&memo::short(&post.key.id));
        room -= usize::from(new);
        new
    })
}

/// Fetches the own page of each and hands the post on. One whose page is not had goes on as the list
/// shows it.
pub(super) async fn behind(
    walk: &mut Walk<'_>,
    posts: Vec<Sieved>,
    list: &mut Proof<'_>,
    now: Timestamp,
) -> Result<(), End> {
    let mut rests = false;
    for ((mut post, mut counters), _) in posts {
        let (mut own_fetch, mut seen_at) = (false, now);
        let mut page: Option<Arc<Fetched>> = None;
        if !rests {
            match page_of(walk, &post).await {
                Ok(Some((found, shown, counted, answer))) => {
                    page = Some(answer);
                    merge(&mut post, &mut counters, found, &shown);
                    (own_fetch, seen_at) = (counted, walk.shared.now());
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::debug!(source = %walk.source.name, post = %post.key, %error, "a post's own page was not had");
                    rests = matches!(error, FetchError::HostRests { .. }) || pages::ends_round(&error);
                }
            }
        }
        let id = post.key.id.clone();
        let kept = pages::sifted(walk, post, counters, seen_at, own_fetch, || {
            // What the post's own page showed is the better proof.
            Some(page.map_or_else(|| list.shown(), |page| Proof::of(&page, seen_at).shown()))
        });
        walk.hand_on(kept.into_iter().collect()).await?;
        if !rests {
            memo::note_ids(&mut walk.state, "detailed", &[id]);
            keep_progress(walk).await;
        }
    }
    Ok(())
}

/// A first round may take longer than the process lives: what was looked behind is kept as it goes.
async fn keep_progress(walk: &Walk<'_>) {
    if let Err(error) = walk.shared.parts.store.save_source_state(walk.state.clone()).await {
        // The round's end keeps it, or it is done again.
        tracing::debug!(source = %walk.source.name, %error, "progress of a round was not kept");
    }
}

async fn page_of(
    walk: &Walk<'_>,
    post: &Post,
) -> Result<Option<(Post, Counters, bool, Arc<Fetched>)>, FetchError> {
    let SourceKind::Fetched { preset, detail_preset: Some(reader), base, .. } = &walk.source.kind else {
        return Ok(None);
    };
    let template = preset.detail.as_ref().and_then(|detail| detail.url.as_deref());
    let Some(url) = address::of_post(template, base, &post.key.id, &post.url) else { return Ok(None) };
    let answer = Arc::new(pages::get(walk, &url).await?);
    let Ok(reading) = pages::read(reader, &answer, Some(post.key.clone()), walk.shared.now()).await else {
        return Ok(None);
    };
    let found = reading.posts.into_iter().find(|(own, _)| own.key == post.key);
    Ok(found.map(|(own, counters)| (own, counters, reader.counts_own_fetch, answer)))
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
