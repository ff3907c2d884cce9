//! From raw strings to a post: identity, link, counters and time, by the same rules for every kind.

use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{Found, Page, ReadFault, html};
use crate::{
    config::{
        preset::{Fields, Preset, Yields},
        source::fill,
    },
    model::{Count, Counters, Post, PostKey, Precision, Published, RepostOf},
    text,
};

/// No counter of a public post is above this.
const LARGEST_COUNT: u64 = 1_000_000_000_000;
/// Longest text that is kept of one post, in characters.
const LONGEST_TEXT: usize = 50_000;

/// What all readers are given.
pub(super) struct Context<'a> {
    pub preset: &'a Preset,
    pub page: &'a Page<'a>,
    pub now: Timestamp,
}

/// The raw values of one item.
#[derive(Default)]
pub(super) struct Raw {
    pub id: Option<String>,
    pub title: Option<String>,
    pub text: Option<String>,
    pub quoted: Option<String>,
    pub url: Option<String>,
    pub published: Option<String>,
    pub views: Option<String>,
    pub reposts: Option<String>,
    pub comments: Option<String>,
    pub likes: Option<String>,
    pub repost_id: Option<String>,
    pub repost_url: Option<String>,
    /// Canonical links of the anchors in its text.
    pub links: Vec<String>,
}

impl Raw {
    /// Takes every field by `pick`.
    pub fn by<P>(fields: &Fields<P>, pick: impl Fn(&[P]) -> Option<String>) -> Self {
        Self {
            id: pick(&fields.id),
            title: pick(&fields.title),
            text: pick(&fields.text),
            quoted: pick(&fields.quoted),
            url: pick(&fields.url),
            published: pick(&fields.published),
            views: pick(&fields.views),
            reposts: pick(&fields.reposts),
            comments: pick(&fields.comments),
            likes: pick(&fields.likes),
            repost_id: pick(&fields.repost_id),
            repost_url: pick(&fields.repost_url),
            links: Vec::new(),
        }
    }

    /// Whether there is neither an id nor a link nor anything to read or to count.
    pub fn shows_nothing(&self) -> bool {
        let shown = [
            &self.id,
            &self.title,
            &self.text,
            &self.url,
            &self.views,
            &self.reposts,
            &self.comments,
            &self.likes,
        ];
        shown.iter().all(|value| value.as_ref().is_none_or(|value| value.trim().is_empty()))
    }

    /// Whether a field, by its name in files, has a value.
    pub fn has(&self, field: &str) -> bool {
        let value = match field {
            "id" => &self.id,
            "title" => &self.title,
            "text" => &self.text,
            "quoted" => &self.quoted,
            "url" => &self.url,
            "published" => &self.published,
            "views" => &self.views,
            "reposts" => &self.reposts,
            "comments" => &self.comments,
            "likes" => &self.likes,
            "repost_id" => &self.repost_id,
            "repost_url" => &self.repost_url,
            _ => return false,
        };
        value.is_some()
    }
}

/// The number behind a short id: groups of four digits of base 62 (0-9, a-z, A-Z), from the end, stand for
/// seven decimal digits each. Two ways in to one post then have one identity. `None` when it is none.
pub(super) fn from_base62(short: &str) -> Option<String> {
    let short = short.trim();
    if short.is_empty() || short.len() > 16 || !short.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let mut number = String::new();
    let groups: Vec<&[u8]> = short.as_bytes().rchunks(4).rev().collect();
    for (nth, group) in groups.into_iter().enumerate() {
        let value = group.iter().fold(0_u32, |value, byte| value * 62 + digit_of_62(*byte));
        if value > 9_999_999 {
            return None;
        }
        number.push_str(&if nth == 0 { value.to_string() } else { format!("{value:07}") });
    }
    Some(number)
}

fn digit_of_62(byte: u8) -> u32 {
    u32::from(match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'z' => byte - b'a' + 10,
        _ => byte - b'A' + 36,
    })
}

impl Context<'_> {
    /// A post out of raw values; `None`, with a fault, when it has no identity.
    pub fn post(
        &self,
        nth: usize,
        raw: Raw,
        url_template: Option<&str>,
        base: Option<&Url>,
        found: &mut Found,
    ) -> Option<(Post, Counters)> {
        let id = raw.id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
        let url = self.link(id.as_deref(), raw.url.as_deref(), url_template, base);
        let Some(key) = self.key(id, &url) else {
            found.fault(ReadFault::NoIdentity { nth });
            return None;
        };
        let published = raw.published.and_then(|shown| self.published(&key.id, &shown, found));
        let counters = Counters {
            views: self.count("views", &key.id, raw.views.as_deref(), found),
            reposts: self.count("reposts", &key.id, raw.reposts.as_deref(), found),
            comments: self.count("comments", &key.id, raw.comments.as_deref(), found),
            likes: self.count("likes", &key.id, raw.likes.as_deref(), found),
        };
        let text = shorten(raw.text.unwrap_or_default());
        let quoted = shorten(raw.quoted.unwrap_or_default());
        let repost_of = self.repost(&key, raw.repost_id, raw.repost_url, base);
        let title = html::one_line(&raw.title.unwrap_or_default());
        let twins = &self.preset.twins;
        let own = text::canonical_link(&url);
        let mut links: Vec<String> = Vec::new();
        let shown = raw.links.into_iter().chain(text::links_in(&text)).chain(text::links_in(&quoted));
        for link in shown.map(|link| twins.canonical(link)) {
            if Some(&link) != own.as_ref() && !links.contains(&link) {
                links.push(link);
            }
        }
        let post = Post {
            key,
            site_kind: self.preset.site_kind,
            url,
            title,
            text,
            quoted,
            published,
            repost_of,
            links,
        };
        Some((post, counters))
    }

    /// Whether a date is required and what stands in its place is none (the numbers of a pager, a price).
    pub fn lacks_date(&self, raw: &Raw, required: &[String]) -> bool {
        let readable = |shown: &String| {
            text::parse_date(shown.trim(), far_future(self.now), &self.preset.zone).is_some()
        };
        required.iter().any(|field| field == "published") && !raw.published.as_ref().is_some_and(readable)
    }

    /// The link of an item, as it can be opened: the preset's template, else the shown link, else what was asked for.
    fn link(
        &self,
        id: Option<&str>,
        shown: Option<&str>,
        template: Option<&str>,
        base: Option<&Url>,
    ) -> String {
        let built = template.zip(id).map(|(template, id)| {
            let folder = self.preset.base.clone().or_else(|| base.map(folder)).unwrap_or_default();
            fill(template, [("id", id), ("base", folder.as_str())])
        });
        let shown = || {
            let shown = shown.map(str::trim).filter(|shown| !shown.is_empty())?;
            match base {
                Some(base) => base.join(shown).ok().map(String::from),
                None => Url::parse(shown).ok().map(String::from),
            }
        };
        let link = built.or_else(shown).filter(|link| link.starts_with("http"));
        let link = link.map(|link| text::tidy_link(&link).unwrap_or(link)).unwrap_or_default();
        self.preset.twins.link(link)
    }

    /// Identity: the preset's site, else the domain of the link; the site's id, else the link
    /// (SEMANTICS 10). An answer about one post need not repeat its id.
    fn key(&self, id: Option<String>, url: &str) -> Option<PostKey> {
        if let Some(asked) = self.page.asked
            && (id.is_none() || id.as_ref() == Some(&asked.id))
        {
            return Some(asked.clone());
        }
        let id = id.or_else(|| {
            (!url.is_empty()).then(|| text::canonical_link(url).unwrap_or_else(|| url.to_owned()))
        })?;
        let site = self.preset.site.clone().or_else(|| {
            let domain = site_of(url).or_else(|| site_of(self.page.url))?;
            Some(self.preset.sites.get(&domain).cloned().unwrap_or(domain))
        })?;
        Some(PostKey { site, id })
    }

    fn repost(
        &self,
        own: &PostKey,
        id: Option<String>,
        url: Option<String>,
        base: Option<&Url>,
    ) -> Option<RepostOf> {
        let id = id.filter(|id| !id.trim().is_empty());
        let url = url.map(|url| self.link(None, Some(&url), None, base)).filter(|url| !url.is_empty());
        if id.is_none() && url.is_none() {
            return None;
        }
        let key = id.map(|id| PostKey { site: own.site.clone(), id: id.trim().to_owned() });
        Some(RepostOf { key, url, embedded: None })
    }

    /// Publication, never after the look: coarse times are capped at it, later ones are unknown.
    fn published(&self, id: &str, shown: &str, found: &mut Found) -> Option<Published> {
        let shown = shown.trim();
        if shown.is_empty() {
            return None;
        }
        let Some(published) = text::parse_date(shown, self.now, &self.preset.zone) else {
            let (id, shown_short) = (id.to_owned(), excerpt(shown));
            let future = text::parse_date(shown, far_future(self.now), &self.preset.zone).is_some();
            found.fault(if future {
                ReadFault::FutureDate { id, shown: shown_short }
            } else {
                ReadFault::UnreadableDate { id, shown: shown_short }
            });
            return None;
        };
        let capped = cap_at_look(published, self.now);
        if capped.is_none() {
            found.fault(ReadFault::FutureDate { id: id.to_owned(), shown: excerpt(shown) });
        }
        capped
    }

    fn count(
        &self,
        counter: &'static str,
        id: &str,
        shown: Option<&str>,
        found: &mut Found,
    ) -> Option<Count> {
        if !has(self.preset.yields, counter) {
            return None;
        }
        let shown = shown?.trim();
        let absurd = || ReadFault::AbsurdCounter { id: id.to_owned(), counter, shown: excerpt(shown) };
        let negative = shown
            .strip_prefix(['-', '−', '－'])
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if negative {
            found.fault(absurd());
            return None;
        }
        match text::parse_count(shown) {
            Some(count) if count.value > LARGEST_COUNT => {
                found.fault(absurd());
                None
            }
            Some(count) if self.preset.saturates_at.is_some_and(|top| count.value >= top) => {
                Some(Count::at_least(count.value))
            }
            Some(count) if count.value == 0 && has(self.preset.zero_is_unknown, counter) => None,
            Some(count) if counter == "comments" && self.preset.comments_count_post => {
                Some(Count { value: count.value.saturating_sub(1), ..count })
            }
            Some(count) => Some(count),
            None => {
                // A dash or a word in place of a number is a site's way to say "not told".
                if shown.bytes().filter(u8::is_ascii_digit).count() > 12 {
                    found.fault(absurd());
                } else if shown.contains(|c: char| c.is_ascii_digit()) {
                    found.fault(ReadFault::UnreadableCounter {
                        id: id.to_owned(),
                        counter,
                        shown: excerpt(shown),
                    });
                }
                None
            }
        }
    }

    /// Faults for counters that the preset promises and no item of a list shows.
    pub fn missing_counters(&self, found: &mut Found) {
        if found.posts.is_empty() {
            return;
        }
        for counter in ["views", "reposts", "comments", "likes"] {
            let shown = found.posts.iter().any(|(_, counters)| of(counters, counter).is_some());
            let absurd = found.faults.iter().any(|fault| {
                matches!(fault, ReadFault::AbsurdCounter { counter: named, .. }
                    | ReadFault::UnreadableCounter { counter: named, .. } if *named == counter)
            });
            let promised = has(self.preset.yields, counter) && !has(self.preset.zero_is_unknown, counter);
            if promised && !shown && !absurd {
                found.fault(ReadFault::CounterGone { counter });
            }
        }
    }
}

/// A publication time as known at the look: `None` when it lies in the future by more than its own
/// precision (and a clock's error) explains.
pub(super) fn cap_at_look(published: Published, now: Timestamp) -> Option<Published> {
    let slack = match published.precision {
        Precision::Second | Precision::Minute => SignedDuration::from_mins(10),
        Precision::Hour => SignedDuration::from_hours(1),
        Precision::Day => SignedDuration::from_hours(24),
        Precision::Month => SignedDuration::from_hours(31 * 24),
    };
    let ahead = published.at.duration_since(now);
    if ahead > slack {
        return None;
    }
    Some(Published { at: published.at.min(now), precision: published.precision })
}

/// Late enough that every date a site can show lies before it: tells a future date from an unreadable one.
fn far_future(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(24 * 366 * 1_000)).unwrap_or(Timestamp::MAX)
}

/// The site that a link stands on: its registrable domain, else its host.
pub(super) fn site_of(url: &str) -> Option<String> {
    text::registrable_domain(url)
        .or_else(|| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)))
}

/// A page's address without its last segment: what relative forum links stand on.
fn folder(url: &Url) -> String {
    let joined = url.join(".").map_or_else(|_| url.to_string(), String::from);
    joined.trim_end_matches('/').to_owned()
}

const fn has_bit(yields: Yields, index: usize) -> bool {
    match index {
        0 => yields.views,
        1 => yields.reposts,
        2 => yields.comments,
        _ => yields.likes,
    }
}

fn has(yields: Yields, counter: &str) -> bool {
    has_bit(yields, ["views", "reposts", "comments"].iter().position(|name| *name == counter).unwrap_or(3))
}

fn of(counters: &Counters, counter: &str) -> Option<Count> {
    match counter {
        "views" => counters.views,
        "reposts" => counters.reposts,
        "comments" => counters.comments,
        _ => counters.likes,
    }
}

fn shorten(text: String) -> String {
    if text.chars().nth(LONGEST_TEXT).is_none() { text } else { text.chars().take(LONGEST_TEXT).collect() }
}

/// The first characters of a site's words, for a message.
pub(super) fn excerpt(text: &str) -> String {
    let folded = html::one_line(text);
    if folded.chars().nth(60).is_none() { folded } else { folded.chars().take(60).chain(['…']).collect() }
}
