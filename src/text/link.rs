//! Links: one identity for all the ways in which a page is linked, and the site that it belongs to.

use std::sync::LazyLock;

use regex::Regex;
use url::{Host, Url};

/// Parameters that say where a reader came from, not what is read.
const TRACKING: &[&str] = &[
    "spm",
    "scm",
    "spm_id_from",
    "from",
    "from_source",
    "from_spmid",
    "fromuid",
    "fromuser",
    "vd_source",
    "timestamp",
    "unique_k",
    "isappinstalled",
    "nsukey",
    "wfr",
    "chksm",
    "scene",
    "subscene",
    "ascene",
    "clicktime",
    "enterid",
    "sessionid",
    "srcid",
    "fbclid",
    "gclid",
    "msclkid",
    "yclid",
    "_ga",
    "mc_cid",
    "mc_eid",
    "ref",
    "ref_src",
    "refer",
    "refer_flag",
    "referer",
    "referrer",
    "sudaref",
    "tt_from",
    "log_from",
    "enter_from",
    "extra",
    "mobile",
    "highlight",
    "sharefrom",
    "sharer",
    "seid",
    "buvid",
    "is_story_h5",
    "mid_from",
    "wxfid",
    "wx_header",
];
/// Prefixes of such parameters.
const TRACKING_PREFIXES: &[&str] = &["utm_", "share_", "sharer_", "hmsr", "hmpl", "bd_", "_hs"];
/// Hosts that show the same pages for another screen.
const TWINS: &[&str] = &["www", "m", "wap", "mobile", "3g", "4g", "touch"];

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by every test of links")]
static LINK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)https?://[^\s<>"'`\p{Han}\p{Cc}\u{3000}-\u{303F}\u{FF00}-\u{FFEF}\u{2018}-\u{201D}…]+"#)
        .expect("a valid pattern")
});

/// The identity of a link: equal for http and https, for the `www.`, `m.` and `wap.` twins of a host,
/// for any order of the query and any tracking parameter. Meant for comparing, not for opening: show
/// [`tidy_link`]. `None` when it is not an http(s) link.
#[must_use]
pub fn canonical_link(link: &str) -> Option<String> {
    let url = tidied(link)?;
    let host = site_host(&url)?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = match url.path().trim_end_matches('/') {
        "" => "/".to_owned(),
        path => plain_escapes(path),
    };
    let mut pairs: Vec<String> =
        url.query().unwrap_or_default().split('&').filter(|p| !p.is_empty()).map(plain_escapes).collect();
    pairs.sort_unstable();
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    let fragment = url.fragment().map(|f| format!("#{f}")).unwrap_or_default();
    Some(format!("https://{host}{port}{path}{query}{fragment}"))
}

/// The link as it can be opened and shown: tracking parameters, credentials and the fragment cut (a
/// `#!` address kept). `None` when it is not an http(s) link.
#[must_use]
pub fn tidy_link(link: &str) -> Option<String> {
    tidied(link).map(String::from)
}

/// The registrable domain of a link: `https://mp.weixin.qq.com/s` gives `qq.com`. A host that is a
/// number or a single name stays, with its port.
#[must_use]
pub fn registrable_domain(link: &str) -> Option<String> {
    let url = parsed(link)?;
    let host = url.host_str()?.trim_end_matches('.');
    match url.host()? {
        Host::Domain(_) if host.contains('.') => Some(psl::domain_str(host).unwrap_or(host).to_owned()),
        _ => Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))),
    }
}

/// Canonical links that stand in a plain text, each once, in order.
#[must_use]
pub fn links_in(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    for found in LINK.find_iter(text) {
        if let Some(link) = canonical_link(without_closing_marks(found.as_str()))
            && !links.contains(&link)
        {
            links.push(link);
        }
    }
    links
}

fn parsed(link: &str) -> Option<Url> {
    let link = link.trim();
    let url = match link.strip_prefix("//") {
        Some(rest) => Url::parse(&format!("https://{rest}")),
        None => Url::parse(link),
    };
    url.ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

fn tidied(link: &str) -> Option<Url> {
    let mut url = parsed(link)?;
    // Neither fails on a URL with a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if !url.fragment().is_some_and(|fragment| fragment.starts_with('!')) {
        url.set_fragment(None);
    }
    let kept: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_tracking(pair))
        .collect();
    let kept = kept.join("&");
    url.set_query(if kept.is_empty() { None } else { Some(&kept) });
    Some(url)
}

fn is_tracking(pair: &str) -> bool {
    let name = plain_escapes(pair.split_once('=').map_or(pair, |(name, _)| name)).to_ascii_lowercase();
    TRACKING.contains(&name.as_str()) || TRACKING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// The host without the label of its twin, as long as a registrable domain remains.
fn site_host(url: &Url) -> Option<String> {
    let host = url.host_str()?.trim_end_matches('.');
    if matches!(url.host()?, Host::Domain(_))
        && let Some((label, rest)) = host.split_once('.')
        && TWINS.contains(&label)
        && psl::domain_str(rest).is_some()
    {
        return Some(rest.to_owned());
    }
    Some(host.to_owned())
}

/// Percent escapes in one form: upper-case, and none where the character needs none.
fn plain_escapes(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        match after
            .split_at_checked(2)
            .and_then(|(hex, tail)| Some((u8::from_str_radix(hex, 16).ok()?, hex, tail)))
        {
            Some((byte, _, tail)) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
                rest = tail;
            }
            Some((_, hex, tail)) => {
                out.push('%');
                out.push_str(&hex.to_ascii_uppercase());
                rest = tail;
            }
            // A percent sign that escapes nothing stands for itself.
            None => {
                out.push_str("%25");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Cuts the marks of the sentence round a link; a bracket only when it was opened outside.
fn without_closing_marks(link: &str) -> &str {
    let mut link = link;
    while let Some(last) = link.chars().next_back() {
        let opening = match last {
            ')' => '(',
            ']' => '[',
            '}' => '{',
            '.' | ',' | ';' | ':' | '!' | '?' | '*' | '_' | '~' | '|' => '\0',
            _ => break,
        };
        if opening != '\0' && link.matches(opening).count() >= link.matches(last).count() {
            break;
        }
        link = link.strip_suffix(last).unwrap_or_default();
    }
    link
}
