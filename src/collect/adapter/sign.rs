//! Recognises pages that are not data (login, captcha, refusal) and lists that say themselves that they
//! are empty.

use regex::Regex;
use scraper::Html;
use serde_json::Value;
use std::sync::LazyLock;

use super::{Verdict, field::excerpt, html};
use crate::config::preset::{BlockReason, Preset, Sign};

/// What a sign is held against.
#[derive(Clone, Copy)]
pub(super) struct Evidence<'a> {
    pub text: &'a str,
    /// The address, after redirects.
    pub url: &'a str,
    pub html: Option<&'a Html>,
    pub json: Option<&'a Value>,
}

/// The verdict by the preset's signs of a page that is not data. `any_posts` says that posts were read:
/// then only exact signs (an element, a node, an address) count, because a post may well talk of captchas.
pub(super) fn blocked(preset: &Preset, evidence: Evidence<'_>, any_posts: bool) -> Option<Verdict> {
    preset.not_data.iter().find_map(|sign| {
        if any_posts && sign.css.is_none() && sign.path.is_none() && sign.url.is_none() {
            return None;
        }
        let words = meets(sign, evidence)?;
        Some(Verdict::Blocked { reason: sign.reason, words: excerpt(&words) })
    })
}

/// Whether one of the signs of the preset's site or program is there.
pub(super) fn is_known(preset: &Preset, evidence: Evidence<'_>) -> bool {
    preset.known_by.iter().any(|sign| meets(sign, evidence).is_some())
}

/// Whether the list says itself that it is empty.
pub(super) fn says_empty(preset: &Preset, evidence: Evidence<'_>) -> bool {
    preset.empty_ok.iter().any(|sign| meets(sign, evidence).is_some())
}

/// Words by which login and captcha pages of any site give themselves away; only asked when a page gave
/// no posts at all.
static GENERIC: LazyLock<Vec<(Regex, BlockReason)>> = LazyLock::new(|| {
    [
        (r"(?i)验证码|人机验证|安全验证|滑动验证|完成验证|captcha|are you (a )?human|not a robot", BlockReason::Captcha),
        (r"(?i)访问过于频繁|操作过于频繁|请求过于频繁|访问频率|too many requests|rate limit", BlockReason::Limited),
        (r"(?i)请先登录|请登录后|登录后(查看|访问|可见)|需要登录|尚未登录|please (log|sign) ?in|login required", BlockReason::Login),
        (r"(?i)没有权限|无权(访问|查看)|权限不足|access denied|forbidden", BlockReason::Permission),
    ]
    .into_iter()
    .filter_map(|(pattern, reason)| Some((Regex::new(pattern).ok()?, reason)))
    .collect()
});

/// The verdict by words that no site's empty list has.
pub(super) fn generic(visible: &str) -> Option<Verdict> {
    GENERIC.iter().find_map(|(pattern, reason)| {
        let hit = pattern.find(visible)?;
        let from = visible
            .get(..hit.start())
            .and_then(|lead| lead.char_indices().rev().nth(14))
            .map_or(0, |(at, _)| at);
        let words = excerpt(visible.get(from..).unwrap_or_default());
        Some(Verdict::Blocked { reason: *reason, words })
    })
}

/// The words that met the sign; `None` when it is not met.
fn meets(sign: &Sign, evidence: Evidence<'_>) -> Option<String> {
    let mut words = String::new();
    if let Some(wanted) = &sign.text {
        if !evidence.text.contains(wanted) {
            return None;
        }
        words.clone_from(wanted);
    }
    if let Some(wanted) = &sign.url {
        if !evidence.url.contains(wanted) {
            return None;
        }
        words.clone_from(wanted);
    }
    if let Some(css) = &sign.css {
        let shown = evidence.html?.select(css).map(|element| html::element_text(element, &[]));
        words = shown
            .into_iter()
            .find(|shown| sign.contains.as_ref().is_none_or(|wanted| shown.contains(wanted)))?;
    }
    if let Some(path) = &sign.path {
        let nodes = path.query(evidence.json?);
        let node = nodes.iter().find(|node| match &sign.equals {
            Some(wanted) => &rendered(node) == wanted,
            None => {
                let contained = sign.contains.as_ref().is_none_or(|wanted| rendered(node).contains(wanted));
                !node.is_null() && contained
            }
        })?;
        words = rendered(node);
    }
    Some(words)
}

fn rendered(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
