//! Hard evidence that two posts are one statement (SEMANTICS 11): the names by which posts can be found, and
//! who holds them.
//!
//! A name is an identity, an address, or an article that large sites show under several addresses. A post
//! holds its own names, those of what it reposts or quotes, and that of the one page it links to. Two posts that
//! hold the same name belong together, whichever came first, so the order of arrival does not matter. What is
//! named by everybody is no evidence: front pages, searches, hot lists, profiles, and a page that several long
//! and different texts cite in passing.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::{case::Member, trie::Trie};
use crate::{
    model::{IncidentId, Post, PostKey},
    text::{article, canonical_link},
};

/// Hash of a name.
pub(super) type Name = u64;

/// How a post holds a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// It is the post's own.
    Own,
    /// It is that of what the post reposts or quotes.
    Origin,
    /// The post links to it, and to nothing else.
    Cited,
}

/// A name of a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    pub name: Name,
    pub how: How,
    /// Whether it looks like one article, so that two posts that cite it speak of one thing.
    pub article: bool,
}

/// How the members of one incident hold a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Holding {
    pub incident: IncidentId,
    pub own: u32,
    /// Those whose own it is and that are reactions.
    pub reacting: u32,
    pub origin: u32,
    pub cited: u32,
    /// Hashes of the long texts that cite it; the smallest, so that the order of arrival does not matter.
    texts: Vec<u64>,
}

/// Who holds a name: nearly always one incident.
#[derive(Debug, Clone)]
enum Holders {
    One(Holding),
    Many(Vec<Holding>),
}

/// Long texts, each different, that may cite a page before it is taken for a common one.
const CITED_BY: usize = 3;
/// Characters of a text that says more than what it links to.
const LONG: usize = 60;

/// The names of all members, and who holds them. Copies share what they have in common.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(Trie<Holders>);

impl Names {
    /// The incidents that hold a name.
    pub(super) fn holders(&self, name: Name) -> &[Holding] {
        match self.0.get(name) {
            None => &[],
            Some(Holders::One(one)) => std::slice::from_ref(one),
            Some(Holders::Many(many)) => many,
        }
    }

    /// A member of `incident` holds its names.
    pub(super) fn hold(&mut self, incident: IncidentId, member: &Member) {
        for named in names_of_member(member) {
            let text = Some(named.how).filter(|how| *how == How::Cited).and_then(|_| long_text(member));
            let holders = self.0.entry(named.name, || Holders::One(Holding::none(incident)));
            let holding = holders.of(incident);
            *holding.count(named.how) += 1;
            holding.reacting += u32::from(named.how == How::Own && !member.adds_heat());
            if let Some(text) = text {
                keep_smallest(&mut holding.texts, text);
            }
        }
    }

    /// A member of `incident` no longer holds its names.
    pub(super) fn let_go(&mut self, incident: IncidentId, member: &Member) {
        for named in names_of_member(member) {
            let Some(holders) = self.0.get_mut(named.name) else { continue };
            let holding = holders.of(incident);
            let count = holding.count(named.how);
            *count = count.saturating_sub(1);
            let reacting = u32::from(named.how == How::Own && !member.adds_heat());
            holding.reacting = holding.reacting.saturating_sub(reacting);
            holders.without_empty();
            if holders.is_empty() {
                self.0.remove(named.name);
            }
        }
    }

    /// Whether a page is cited by so many that it tells nothing of what they say.
    pub(super) fn is_common(&self, name: Name, text: Option<u64>) -> bool {
        let mut texts: Vec<u64> = text.into_iter().collect();
        let mut statements = 0;
        for holding in self.holders(name).iter().filter(|holding| holding.cited > 0) {
            statements += 1;
            texts.extend_from_slice(&holding.texts);
        }
        texts.sort_unstable();
        texts.dedup();
        statements >= CITED_BY || texts.len() > CITED_BY
    }
}

impl Holding {
    const fn none(incident: IncidentId) -> Self {
        Self { incident, own: 0, reacting: 0, origin: 0, cited: 0, texts: Vec::new() }
    }

    const fn count(&mut self, how: How) -> &mut u32 {
        match how {
            How::Own => &mut self.own,
            How::Origin => &mut self.origin,
            How::Cited => &mut self.cited,
        }
    }

    const fn is_empty(&self) -> bool {
        self.own == 0 && self.origin == 0 && self.cited == 0
    }
}

impl Holders {
    #[expect(clippy::indexing_slicing, reason = "a place that was just filled")]
    fn of(&mut self, incident: IncidentId) -> &mut Holding {
        if let Self::One(one) = self
            && one.incident != incident
        {
            *self = Self::Many(vec![one.clone()]);
        }
        match self {
            Self::One(one) => one,
            Self::Many(many) => {
                let at = many.binary_search_by_key(&incident, |one| one.incident).unwrap_or_else(|at| {
                    many.insert(at, Holding::none(incident));
                    at
                });
                &mut many[at]
            }
        }
    }

    fn without_empty(&mut self) {
        if let Self::Many(many) = self {
            many.retain(|one| !one.is_empty());
            if many.len() == 1
                && let Some(one) = many.pop()
            {
                *self = Self::One(one);
            }
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::One(one) => one.is_empty(),
            Self::Many(many) => many.is_empty(),
        }
    }
}

fn keep_smallest(texts: &mut Vec<u64>, text: u64) {
    if let Err(at) = texts.binary_search(&text) {
        texts.insert(at, text);
        texts.truncate(CITED_BY + 1);
    }
}

fn hashed(kind: u8, text: &impl Hash) -> u64 {
    // Fixed keys: the same name has the same hash in every run.
    let mut hasher = DefaultHasher::new();
    (kind, text).hash(&mut hasher);
    hasher.finish()
}

/// The name of a post's identity.
pub(super) fn identity(key: &PostKey) -> Name {
    hashed(0, key)
}

fn address(canonical: &str) -> Name {
    hashed(1, &canonical)
}

/// The hash of a text that says more than what it links to.
fn long_text(member: &Member) -> Option<u64> {
    long_text_of(&member.row.post)
}

/// The same of a post that is no member yet.
pub(super) fn long_text_of(post: &Post) -> Option<u64> {
    let long = post.text.chars().nth(LONG).is_some();
    long.then(|| hashed(2, &post.text))
}

/// All names that bind a post, each once.
pub(super) fn names_of(post: &Post) -> Vec<Named> {
    let original = post.repost_of.as_ref().and_then(|of| of.url.as_deref()).and_then(canonical_link);
    names(post, canonical_link(&post.url).as_deref(), original.as_deref())
}

/// The same of a member, whose links are known.
fn names_of_member(member: &Member) -> Vec<Named> {
    names(&member.row.post, member.link(), member.original_link.as_deref())
}

fn names(post: &Post, link: Option<&str>, original: Option<&str>) -> Vec<Named> {
    let mut names = vec![Named { name: identity(&post.key), how: How::Own, article: true }];
    let mut add = |name: Name, how: How, article: bool| {
        if !names.iter().any(|one| one.name == name) {
            names.push(Named { name, how, article });
        }
    };
    for link in link.into_iter().filter(|link| is_page(link)) {
        add(address(link), How::Own, true);
        if let Some(article) = article(link) {
            add(hashed(3, &article), How::Own, true);
        }
    }
    if let Some(of) = &post.repost_of {
        if let Some(key) = &of.key {
            add(identity(key), How::Origin, true);
        }
        for link in original.into_iter().filter(|link| is_page(link)) {
            add(address(link), How::Origin, true);
            if let Some(article) = article(link) {
                add(hashed(3, &article), How::Origin, true);
            }
        }
        return names;
    }
    if let [cited] = pages(post, link).as_slice() {
        let (name, is_article) = (address(cited), is_article(cited));
        add(name, How::Cited, is_article);
        if let Some(article) = article(cited) {
            add(hashed(3, &article), How::Cited, true);
        }
    }
    names
}

/// The pages that a post links to, its own address left out.
fn pages(post: &Post, own: Option<&str>) -> Vec<String> {
    let mut pages: Vec<String> = Vec::new();
    let own_article = own.and_then(article);
    for link in post.links.iter().filter_map(|link| canonical_link(link)) {
        let is_own = own == Some(link.as_str()) || own_article.is_some() && article(&link) == own_article;
        if !is_own && is_page(&link) && !pages.contains(&link) {
            pages.push(link);
        }
    }
    pages
}

/// Names that place a post where nothing binds it, and bind nothing: the pages of a post that links to several,
/// or that a repost links beside its original. A round-up of links is about all of them and merges none.
pub(super) fn leanings(post: &Post) -> Vec<Name> {
    let own = canonical_link(&post.url);
    let mut names = Vec::new();
    for page in pages(post, own.as_deref()) {
        names.push(address(&page));
        names.extend(article(&page).map(|article| hashed(3, &article)));
    }
    names
}

/// Parameters that hold what somebody searched for.
const SEARCHES: [&str; 10] =
    ["q", "wd", "word", "kw", "keyword", "keywords", "query", "search", "searchword", "searchtext"];
/// Last parts of paths that stand for a site's front page.
const FRONTS: [&str; 6] = ["index", "default", "home", "main", "portal", "wap"];
/// Parts of paths under which lists and people stand, not articles.
const HUBS: [&str; 24] = [
    "search",
    "so",
    "hot",
    "hots",
    "hotsearch",
    "top",
    "rank",
    "ranking",
    "billboard",
    "topic",
    "topics",
    "tag",
    "tags",
    "u",
    "user",
    "users",
    "people",
    "space",
    "profile",
    "channel",
    "author",
    "member",
    "list",
    "category",
];

/// Whether a canonical link leads to a page of its own: not to a front page, not to a search.
fn is_page(link: &str) -> bool {
    let Some((host, path, query)) = parts(link) else { return false };
    let searches = query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
        SEARCHES.contains(&name.as_str())
    });
    if searches || ["s.", "so.", "search."].iter().any(|label| host.starts_with(label)) {
        return false;
    }
    let last = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    let stem = last.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let is_front = stem.is_empty() || FRONTS.contains(&stem.as_str());
    !is_front || query.bytes().any(|b| b.is_ascii_digit())
}

/// Whether it looks like one article: its last part or a parameter holds a number or a mixed id.
fn is_article(link: &str) -> bool {
    let Some((_, path, query)) = parts(link).filter(|_| is_page(link)) else { return false };
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if segments.iter().any(|part| HUBS.contains(&part.to_ascii_lowercase().as_str())) {
        return false;
    }
    // One long number and nothing else is how sites name people.
    let is_person = matches!(segments.as_slice(), [one] if one.bytes().all(|b| b.is_ascii_digit()));
    let values = query.split('&').filter_map(|pair| pair.split_once('=').map(|(_, value)| value));
    !is_person && segments.last().copied().into_iter().chain(values).any(is_id)
}

fn is_id(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    let signs = part.bytes().filter(u8::is_ascii_alphanumeric).count();
    digits >= 4 || (digits >= 1 && signs >= 8)
}

/// Host, path and query of a canonical link.
fn parts(link: &str) -> Option<(&str, &str, &str)> {
    let rest = link.strip_prefix("https://")?;
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    Some((host, path, query))
}
