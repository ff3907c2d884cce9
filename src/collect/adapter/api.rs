//! JSON answers: items and fields by JSONPath, the original embedded in a repost by the same fields.

use serde_json::Value;
use serde_json_path::JsonPath;
use url::Url;

use super::{
    Found, ReadFault, Verdict,
    field::{Context, Raw, excerpt, from_base62},
    html, page, sign,
};
use crate::{
    config::preset::{ApiReader, JsonPick},
    model::{Counters, Embedded, Post, RepostOf},
};

/// Longest chain of reposts that is followed to its top.
const LONGEST_CHAIN: usize = 4;

pub(super) fn read(context: &Context<'_>, reader: &ApiReader, text: &str, found: &mut Found) {
    let trimmed = text.trim_start_matches('\u{feff}').trim();
    let value: Value = match serde_json::from_str(trimmed) {
        Ok(value) => value,
        Err(error) => return not_json(context, trimmed, &error, found),
    };
    let base = Url::parse(context.page.url).ok();
    let mut nth = 0;
    for item in reader.items.iter().flat_map(|path| path.query(&value)).filter(|item| !item.is_null()) {
        nth += 1;
        if !item.is_object() {
            found.fault(ReadFault::NotObject { nth });
        } else if let Some((post, counters)) = read_item(context, reader, item, nth, base.as_ref(), found, 0)
        {
            found.post(post, counters);
        }
    }
    found.next =
        pick(&value, &reader.next).and_then(|next| base.as_ref()?.join(&next).ok().map(String::from));
    let evidence = sign::Evidence { text: trimmed, url: context.page.url, html: None, json: Some(&value) };
    judge(context, evidence, found);
}

fn judge(context: &Context<'_>, evidence: sign::Evidence<'_>, found: &mut Found) {
    let read_any = !found.posts.is_empty();
    found.verdict = sign::blocked(context.preset, evidence, read_any);
    if read_any {
        context.missing_counters(found);
    } else if found.verdict.is_none() {
        found.verdict = if sign::says_empty(context.preset, evidence) {
            Some(Verdict::Empty)
        } else {
            sign::generic(evidence.text)
        };
    }
    if matches!(found.verdict, Some(Verdict::Blocked { .. } | Verdict::Empty)) {
        found.faults.clear();
        found.posts.clear();
    }
}

fn not_json(context: &Context<'_>, text: &str, error: &serde_json::Error, found: &mut Found) {
    let evidence = sign::Evidence { text, url: context.page.url, html: None, json: None };
    found.verdict = sign::blocked(context.preset, evidence, false);
    if found.verdict.is_none()
        && text.starts_with('<')
        && !super::repair::deeper_than(text, 500, super::repair::Markup::Html)
    {
        // Where JSON was due, a page of HTML is nearly always a login or captcha page.
        let words = html::plain_text(text);
        found.verdict = sign::generic(text).or_else(|| sign::generic(&words)).map(|verdict| match verdict {
            Verdict::Blocked { reason, .. } => Verdict::Blocked { reason, words: excerpt(&words) },
            other => other,
        });
    }
    if found.verdict.is_none() && text.is_empty() {
        return found.fault(ReadFault::NoBody);
    }
    if found.verdict.is_none() {
        found.fault(ReadFault::NotJson {
            why: error.to_string(),
            truncated: error.is_eof() && !text.is_empty(),
        });
    }
}

fn read_item(
    context: &Context<'_>,
    reader: &ApiReader,
    item: &Value,
    nth: usize,
    base: Option<&Url>,
    found: &mut Found,
    depth: usize,
) -> Option<(Post, Counters)> {
    let mut raw = Raw::by(&reader.fields, |picks| pick(item, picks));
    // The id that was asked for is not lent to an object that shows nothing: it is a message, not a post.
    if raw.shows_nothing() {
        found.fault(ReadFault::NoIdentity { nth });
        return None;
    }
    raw.links = links(item, &reader.fields.text);
    let (mut post, counters) = context.post(nth, raw, reader.fields.url_template.as_deref(), base, found)?;
    let original = reader.repost.as_ref().and_then(|path| first(path, item)).filter(|node| node.is_object());
    // Only an original that says who it is: an answer about one post must not lend it that post's id.
    if let Some(original) = original
        && pick(original, &reader.fields.id).is_some()
        && depth < LONGEST_CHAIN
        && let Some((original, shown)) = read_item(context, reader, original, nth, base, found, depth + 1)
    {
        if post.quoted.is_empty() {
            post.quoted = original.own_text();
        }
        post.repost_of = Some(top_of(original, shown));
    }
    Some((post, counters))
}

/// A chain of reposts goes to its top root (SEMANTICS 8).
fn top_of(original: Post, counters: Counters) -> RepostOf {
    if let Some(above) = original.repost_of {
        return above;
    }
    RepostOf {
        key: Some(original.key.clone()),
        url: (!original.url.is_empty()).then(|| original.url.clone()),
        embedded: Some(Box::new(Embedded { post: original, counters })),
    }
}

fn first<'v>(path: &JsonPath, value: &'v Value) -> Option<&'v Value> {
    path.query(value).first()
}

pub(super) fn pick(item: &Value, picks: &[JsonPick]) -> Option<String> {
    picks.iter().find_map(|pick| {
        let value = pick.path.query(item).iter().find_map(|node| scalar(node))?;
        let value = if pick.html { html::plain_text(&value) } else { value };
        let value = page::narrowed(value, pick.regex.as_ref())?;
        let value = if pick.base62 { from_base62(&value)? } else { value };
        Some(format!("{}{value}", pick.prefix))
    })
}

/// The links in the HTML that gave the text; relative ones lead to the site's own search and people.
fn links(item: &Value, picks: &[JsonPick]) -> Vec<String> {
    let texts = picks.iter().filter(|pick| pick.html);
    let mut nodes = texts.flat_map(|pick| pick.path.query(item).all());
    nodes.find_map(Value::as_str).map(|html| html::fragment_links(html, None)).unwrap_or_default()
}

/// A value as text: numbers keep their digits; `1234.0` is a whole number.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => {
            let written = number.to_string();
            Some(written.strip_suffix(".0").map_or_else(|| written.clone(), str::to_owned))
        }
        _ => None,
    }
}
