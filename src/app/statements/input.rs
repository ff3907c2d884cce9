//! What `statements group` reads: the posts of a replay file, as liberally as their meaning allows.
//!
//! A line is read on its own and the file is never held as a whole. What is not understood is told with its
//! line; the other lines are taken all the same.

use std::{
    collections::BTreeSet,
    io::{self, BufRead, Read as _},
};

use super::{
    super::replay::{
        LineError,
        line::{Census, LINE_BYTES, PostLine, read_post, utf8},
    },
    Subject,
};
use crate::{
    keyword::Matcher,
    model::{Post, PostKey, SiteKind},
    text::{canonical_link, links_in},
};

/// The most lines with posts that one run takes. The desk holds every post in memory: some 7 KB each at 160
/// characters.
pub const MOST_POSTS: usize = 1_000_000;

/// The posts of a file, in its order.
#[derive(Debug, Default)]
pub struct Input {
    pub(super) posts: Vec<NumberedPost>,
    pub(super) census: Census,
    /// Lines that tell what a person did: they are no posts, and a machine's grouping is asked for.
    pub events: usize,
    /// Lines of which no post can be made.
    pub wrong: Vec<LineError>,
    /// Lines that were taken without something that is not understood.
    pub left_out: Vec<LineError>,
}

/// A post with the number of its line, from 1.
#[derive(Debug)]
pub(super) struct NumberedPost {
    pub line: usize,
    pub post: PostLine,
}

/// Why a file cannot be taken as a whole.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It cannot be read.
    #[error("cannot read the file: {0}")]
    Read(#[from] io::Error),
    /// It holds too much for one run.
    #[error("more than {MOST_POSTS} lines; split the file, for the desk holds every post in memory")]
    TooMany,
}

impl Input {
    /// Reads JSON Lines to their end: a BOM, CRLF, empty and unknown parts do not matter.
    ///
    /// # Errors
    /// It cannot be read, or holds more than [`MOST_POSTS`].
    pub fn read(mut from: impl BufRead) -> Result<Self, InputError> {
        let mut input = Self::default();
        let mut raw = Vec::new();
        let mut line = 0;
        while next_line(&mut from, &mut raw)? {
            line += 1;
            let bytes = if line == 1 { raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&raw) } else { &raw[..] };
            input.take(line, bytes);
            if input.posts.len() > MOST_POSTS {
                return Err(InputError::TooMany);
            }
        }
        Ok(input)
    }

    fn take(&mut self, line: usize, bytes: &[u8]) {
        let read = utf8(bytes).and_then(|raw| match raw.trim() {
            "" => Ok(None),
            raw => read_post(raw).inspect(|read| self.events += usize::from(read.is_none())),
        });
        match read {
            Ok(None) => {}
            Ok(Some(mut post)) => {
                let left_out = std::mem::take(&mut post.left_out);
                self.left_out.extend(left_out.into_iter().map(|why| LineError { line, why }));
                self.census.enter(&post.look);
                self.posts.push(NumberedPost { line, post });
            }
            Err(why) => self.wrong.push(LineError { line, why }),
        }
    }

    /// Posts in the order in which they are taken: by time, and at one instant originals before reposts, then as
    /// they stand in the file. A line without a time has that of the line before it.
    pub(super) fn in_order(&self) -> Vec<usize> {
        let mut known = self.posts.iter().find_map(|post| post.post.at);
        let at = self.posts.iter().map(|post| {
            known = post.post.at.or(known);
            known
        });
        let mut order: Vec<_> = at
            .zip(&self.posts)
            .enumerate()
            .map(|(nth, (at, post))| (at, post.post.look.is_repost(), nth))
            .collect();
        order.sort_unstable();
        order.into_iter().map(|(_, _, nth)| nth).collect()
    }
}

impl Input {
    /// The post that a person names: by `site/id`, address, line (`12` or `#12`), or an id that only one site has.
    #[must_use]
    pub fn subject(&self, named: &str, matcher: &Matcher) -> Option<Subject> {
        let link = named.contains("://").then(|| canonical_link(named)).flatten();
        let line = named.strip_prefix('#').unwrap_or(named).parse::<usize>().ok();
        let by_key = || self.posts.iter().find(|one| one.post.look.key().to_string() == named);
        let by_link = || {
            let link = link.as_ref()?;
            self.posts.iter().find(|one| canonical_link(&self.post(one).url).as_ref() == Some(link))
        };
        let by_line = || self.posts.iter().find(|one| Some(one.line) == line);
        let by_id = || {
            let mut found = self.posts.iter().filter(|one| one.post.look.key().id == named);
            let first = found.next()?;
            found.all(|other| other.post.look.site == first.post.look.site).then_some(first)
        };
        let found = by_key().or_else(by_link).or_else(by_line).or_else(by_id)?;
        let post = self.post(found);
        let words = words_met(matcher, &post);
        Some(Subject { post, words, at: found.post.at })
    }

    fn post(&self, numbered: &NumberedPost) -> Post {
        numbered.post.look.post(&self.census)
    }
}

/// The keywords that a post meets, as they stand in it.
fn words_met(matcher: &Matcher, post: &Post) -> Vec<String> {
    let hits = matcher.hits(&post.own_text(), &post.quoted);
    hits.into_iter().map(|hit| hit.surface).collect::<BTreeSet<_>>().into_iter().collect()
}

impl Subject {
    /// A text by itself, under a name that stands for it.
    #[must_use]
    pub fn of_text(name: &str, text: &str, matcher: &Matcher) -> Self {
        let post = Post {
            key: PostKey { site: "text".to_owned(), id: name.to_owned() },
            site_kind: SiteKind::Forum,
            url: String::new(),
            title: String::new(),
            text: text.trim().to_owned(),
            quoted: String::new(),
            published: None,
            repost_of: None,
            links: links_in(text),
        };
        let words = words_met(matcher, &post);
        Self { post, words, at: None }
    }
}

/// Reads one line without its end; of a line that is too long only so much that it is seen to be. `false` at the
/// end of the file.
fn next_line(from: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let most = u64::try_from(LINE_BYTES).unwrap_or(u64::MAX).saturating_add(2);
    if from.by_ref().take(most).read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > LINE_BYTES {
        from.skip_until(b'\n')?;
    }
    Ok(true)
}
