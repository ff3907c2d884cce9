//! Explains how a JSON answer is read.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::{Explanation, MOST_ITEMS, Nearest, Step, Trouble, Way, step};
use crate::{
    collect::adapter::{api, field::excerpt},
    config::preset::{ApiReader, JsonPick},
};

/// Most names that are listed.
const MOST_KEYS: usize = 20;

pub(super) fn explain(reader: &ApiReader, text: &str) -> Explanation {
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    let Ok(value) = serde_json::from_str::<Value>(trimmed) else {
        return Explanation { steps: Vec::new(), passed_over: 0 };
    };
    let paths = reader.items.iter();
    let items: Vec<&Value> =
        paths.flat_map(|path| path.query(&value)).filter(|item| !item.is_null()).collect();
    let mut steps = vec![item_step(reader, &value, items.len())];
    let items: Vec<&Value> = items.into_iter().take(MOST_ITEMS).collect();
    if !items.is_empty() {
        let fields = reader.fields.named().into_iter().filter(|(_, ways)| !ways.is_empty());
        steps.extend(fields.map(|(name, ways)| over(name, ways, &items)));
    }
    if !reader.next.is_empty() {
        steps.push(over("next", &reader.next, &[&value]));
    }
    Explanation { steps, passed_over: 0 }
}

fn item_step(reader: &ApiReader, value: &Value, total: usize) -> Step {
    let ways = reader.items.iter().map(|path| {
        let found = path.query(value).iter().filter(|item| !item.is_null()).count();
        let trouble = (found == 0).then(|| Trouble::Absent { nearest: prefix(&path.to_string(), &[value]) });
        Way { way: path.to_string(), found, gave: found, won: found, trouble }
    });
    Step { step: "item", of: 1, gave: total, example: None, ways: ways.collect() }
}

/// One field over all items.
fn over(name: &'static str, picks: &[JsonPick], items: &[&Value]) -> Step {
    let tries: Vec<Vec<Option<String>>> = picks
        .iter()
        .map(|pick| items.iter().map(|item| api::pick(item, std::slice::from_ref(pick))).collect())
        .collect();
    let ways = picks.iter().map(|pick| way(pick, items)).collect();
    step(name, items.len(), ways, &tries)
}

fn way(pick: &JsonPick, items: &[&Value]) -> Way {
    let found = items.iter().filter(|item| !pick.path.query(item).is_empty()).count();
    let mut written = pick.path.to_string();
    if let Some(regex) = &pick.regex {
        written.push_str(&format!(" /{regex}/"));
    }
    Way { way: written, found, gave: 0, won: 0, trouble: Some(trouble(pick, items)) }
}

fn trouble(pick: &JsonPick, items: &[&Value]) -> Trouble {
    let nodes = items.iter().flat_map(|item| pick.path.query(item).all());
    let mut scalars = nodes.clone().filter_map(api::scalar).filter(|text| !text.trim().is_empty());
    match (scalars.next(), &pick.regex) {
        (Some(shown), Some(regex)) => {
            Trouble::NoMatch { regex: regex.as_str().to_owned(), shown: excerpt(&shown) }
        }
        _ if nodes.clone().next().is_some() => Trouble::Empty,
        _ => Trouble::Absent { nearest: prefix(&pick.path.to_string(), items) },
    }
}

/// The longest beginning of a path that is there, and what is found there.
fn prefix(path: &str, roots: &[&Value]) -> Option<Nearest> {
    let mut ends = segment_ends(path);
    ends.pop();
    while let Some(end) = ends.pop() {
        let written = path.get(..end)?;
        let Ok(shorter) = JsonPath::parse(written) else { continue };
        let found = roots.iter().filter(|root| !shorter.query(root).is_empty()).count();
        if let Some(node) = roots.iter().find_map(|root| shorter.query(root).first()) {
            return Some(Nearest { way: written.to_owned(), found, keys: keys(node) });
        }
    }
    None
}

/// The names of an object; the length of a list and the names of its first element; a value's kind.
fn keys(node: &Value) -> Vec<String> {
    match node {
        Value::Object(map) => map.keys().take(MOST_KEYS).cloned().collect(),
        Value::Array(list) => {
            let first = list.first().and_then(Value::as_object);
            let names = first.into_iter().flat_map(|map| map.keys().map(|key| format!("[*].{key}")));
            std::iter::once(format!("[{}]", list.len())).chain(names).take(MOST_KEYS).collect()
        }
        Value::Null => vec!["null".to_owned()],
        other => vec![excerpt(&other.to_string())],
    }
}

/// Where each segment of a path ends, the root `$` included.
fn segment_ends(path: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let (mut depth, mut quote, mut before) = (0usize, None, '$');
    for (at, c) in path.char_indices() {
        let begins = depth == 0 && quote.is_none() && at > 0;
        if begins && (c == '[' || (c == '.' && before != '.')) {
            ends.push(at);
        }
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            (_, Some(_)) => {}
            ('"' | '\'', None) => quote = Some(c),
            ('[' | '(', None) => depth += 1,
            (']' | ')', None) => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = c;
    }
    ends.push(path.len());
    ends
}
