//! Hosts that show the same pages under names which no rule could tell: `m.` and `www.` are twins by
//! themselves (see [`super::canonical_link`]), `bbs.example.cn` and `bbs.example.com` are
//! only because somebody who knows says so.

use std::collections::BTreeMap;

use url::{Host, Url};

use super::canonical_link;

/// Hosts by the host whose name their links take. Rewriting a link twice changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Twins {
    /// As written.
    opened: BTreeMap<String, String>,
    /// As they stand in canonical links, where `www.` and `m.` are gone.
    compared: BTreeMap<String, String>,
}

impl Twins {
    /// Reads `m.example.cn = www.example.com`: links to the first are taken for links to the second.
    /// `None` when it is not two names of hosts.
    #[must_use]
    pub fn pair(written: &str) -> Option<(String, String)> {
        let (from, to) = written.split_once('=')?;
        let (from, to) = (host(from)?, host(to)?);
        (from != to).then_some((from, to))
    }

    /// Takes up a pair. One that would lead in a circle, or whose first is taken, is passed over.
    pub fn add(&mut self, from: &str, to: &str) {
        lead(&mut self.opened, from, to);
        if let (Some(from), Some(to)) = (compared(from), compared(to)) {
            lead(&mut self.compared, &from, &to);
        }
    }

    /// The pairs, by the first.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.opened.iter().map(|(from, to)| (from.as_str(), to.as_str()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.opened.is_empty()
    }

    /// A link as it can be opened, on the host of its pair; any other link as it is.
    #[must_use]
    pub fn link(&self, link: String) -> String {
        moved(&self.opened, link)
    }

    /// The same for a canonical link, whose host has lost its `www.` or `m.`.
    #[must_use]
    pub fn canonical(&self, link: String) -> String {
        moved(&self.compared, link)
    }
}

/// Every host leads to one that leads nowhere.
fn lead(pairs: &mut BTreeMap<String, String>, from: &str, to: &str) {
    let to = pairs.get(to).map_or_else(|| to.to_owned(), Clone::clone);
    if to == from || pairs.contains_key(from) {
        return;
    }
    for earlier in pairs.values_mut().filter(|earlier| earlier.as_str() == from) {
        earlier.clone_from(&to);
    }
    pairs.insert(from.to_owned(), to);
}

fn moved(pairs: &BTreeMap<String, String>, link: String) -> String {
    if pairs.is_empty() {
        return link;
    }
    let Ok(mut url) = Url::parse(&link) else { return link };
    let Some(to) = url.host_str().and_then(|host| pairs.get(host)) else { return link };
    if url.set_host(Some(to)).is_ok() { url.into() } else { link }
}

/// The host as it stands in canonical links.
fn compared(host: &str) -> Option<String> {
    let link = canonical_link(&format!("https://{host}/"))?;
    Url::parse(&link).ok()?.host_str().map(str::to_owned)
}

fn host(written: &str) -> Option<String> {
    match Host::parse(written.trim()).ok()? {
        Host::Domain(name) if name.contains('.') => Some(name),
        Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}
