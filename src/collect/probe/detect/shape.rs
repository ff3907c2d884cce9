//! Whether an address has the shape of a preset's own addresses, and with which parameters.

use std::collections::BTreeMap;

use regex::Regex;
use url::Url;

/// Longest value that is taken for a parameter.
const LONGEST: usize = 120;

/// Base and parameters by which `template` makes an address for the same board as `url`. A template of another site, or
/// one that searches, has none; one without parameters only where the page carries the program's sign.
pub(super) fn of(
    template: &str,
    preset_base: Option<&str>,
    url: &Url,
    signed: bool,
) -> Option<(String, BTreeMap<String, String>)> {
    let rest = template.strip_prefix("{base}")?;
    if rest.contains("{keyword}") {
        return None;
    }
    let origin = url.origin().ascii_serialization();
    let base = match preset_base {
        Some(base) => {
            let of_preset = Url::parse(base).ok()?;
            (of_preset.host_str() == url.host_str()).then(|| base.to_owned())?
        }
        None => origin,
    };
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    if !path.contains('{') && !query_names(query).any(|_| true) {
        // Every site has such an address; only the sign says that it is this program's.
        return signed.then(|| (base, BTreeMap::new()));
    }
    let mut parameters = of_path(path, url.path())?;
    parameters.extend(of_query(query, url.query().unwrap_or_default())?);
    // `/{anything}` alone says nothing about the program.
    let says_something = signed || preset_base.is_some() || fixed_first(query).is_some();
    (says_something && !parameters.is_empty()).then_some((base, parameters))
}

/// The parameters in a query template, without the number of the page.
fn query_names(query: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter_map(|(key, value)| {
        let name = value.strip_prefix('{')?.strip_suffix('}')?;
        (name != "page").then_some((key, name))
    })
}

/// What a query template begins with, when it is no parameter: `mod=forumdisplay`.
fn fixed_first(query: &str) -> Option<(&str, &str)> {
    query.split('&').next()?.split_once('=').filter(|(_, value)| !value.contains('{'))
}

fn of_path(template: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let mut pattern = String::from("^");
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        pattern.push_str(&regex::escape(before));
        let known = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        pattern.push_str(&format!("(?P<{}>[^/]+?)", known.then_some(name)?));
        rest = after;
    }
    pattern.push_str(&regex::escape(rest));
    pattern.push_str("/?$");
    let pattern = Regex::new(&pattern).ok()?;
    let found = pattern.captures(path)?;
    let value = |name: &str| found.name(name).map(|value| (name.to_owned(), value.as_str().to_owned()));
    let named = pattern.capture_names().flatten().filter_map(value);
    Some(named.filter(|(name, value)| name != "page" && value.len() <= LONGEST).collect())
}

fn of_query(template: &str, query: &str) -> Option<BTreeMap<String, String>> {
    let given: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    // What says which page it is comes first and must be the same; how it is sorted may be left out.
    if let Some((key, value)) = fixed_first(template)
        && given.get(key) != Some(&value)
    {
        return None;
    }
    let wanted: Vec<(&str, &str)> = query_names(template).collect();
    let value = |(key, name): &(&str, &str)| {
        let value = given.get(key).filter(|value| !value.is_empty() && value.len() <= LONGEST)?;
        Some(((*name).to_owned(), (*value).to_owned()))
    };
    let found: BTreeMap<String, String> = wanted.iter().filter_map(value).collect();
    (found.len() == wanted.len()).then_some(found)
}
