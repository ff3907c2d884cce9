//! How a page hides what a reader must not see: inline style, attributes, and the plain rules of its own
//! `<style>` elements. Rules within `@media` and in other files are not read.

use scraper::{ElementRef, Selector};
use serde::{Deserialize, Serialize};

/// Rules of one page that are tried.
const MOST_RULES: usize = 200;
/// Pixels outside the screen from which nobody scrolls back.
const OFF_SCREEN: f64 = -500.0;

/// By what a part of the page is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Hiding {
    /// As menus and tabs are, by a rule of the page.
    Menu,
    /// `display: none`, `visibility: hidden` or `hidden` on the very element.
    NotShown,
    /// Within `<noscript>`.
    Noscript,
    /// No opacity.
    Transparent,
    /// Letters without size.
    ZeroFont,
    /// Put outside the screen.
    OffScreen,
    /// A box of no more than a pixel.
    ZeroSize,
}

impl Hiding {
    /// A way that no menu, tab or slide show uses.
    pub const fn is_crafty(self) -> bool {
        matches!(self, Self::ZeroFont | Self::OffScreen | Self::ZeroSize)
    }
}

/// Rules of the page's own `<style>` elements that hide.
pub(super) struct Rules(Vec<(Selector, Hiding)>);

impl Rules {
    /// Reads the text of `<style>` elements.
    pub fn of(styles: &str) -> Self {
        let mut rules = Vec::new();
        let mut rest = without_comments(styles);
        while rules.len() < MOST_RULES {
            let Some((prelude, body)) = rest.split_once('{') else { break };
            let prelude = prelude.trim().trim_start_matches('}').trim().to_owned();
            if prelude.starts_with('@') {
                rest = after_block(body).to_owned();
                continue;
            }
            let Some((declarations, after)) = body.split_once('}') else { break };
            if let Some(hiding) = by_style(declarations)
                && let Ok(selector) = Selector::parse(&prelude)
            {
                let hiding = if matches!(hiding, Hiding::NotShown) { Hiding::Menu } else { hiding };
                rules.push((selector, hiding));
            }
            rest = after.to_owned();
        }
        Self(rules)
    }

    /// By what this very element is hidden; its ancestors are the caller's.
    pub fn hiding(&self, element: ElementRef<'_>) -> Option<Hiding> {
        by_attributes(element)
            .or_else(|| self.0.iter().find(|(selector, _)| selector.matches(&element)).map(|(_, by)| *by))
    }
}

fn by_attributes(element: ElementRef<'_>) -> Option<Hiding> {
    let element = element.value();
    if element.attr("hidden").is_some() {
        return Some(Hiding::NotShown);
    }
    if let Some(hiding) = element.attr("style").and_then(by_style) {
        return Some(hiding);
    }
    let tiny = |name: &str| element.attr(name).and_then(pixels).is_some_and(|size| size <= 1.0);
    let boxed = ["iframe", "frame", "marquee", "div", "table", "td", "object", "embed"];
    (boxed.contains(&element.name()) && (tiny("width") || tiny("height"))).then_some(Hiding::ZeroSize)
}

/// By what declarations hide.
pub(super) fn by_style(declarations: &str) -> Option<Hiding> {
    let lower = declarations.to_ascii_lowercase();
    let pairs: Vec<(&str, &str)> = lower
        .split(';')
        .filter_map(|one| one.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim().trim_end_matches("!important").trim()))
        .collect();
    let value = |name: &str| pairs.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let size = |name: &str| value(name).and_then(pixels);
    if value("display") == Some("none") || matches!(value("visibility"), Some("hidden" | "collapse")) {
        return Some(Hiding::NotShown);
    }
    if size("font-size").is_some_and(|size| size <= 1.0) {
        return Some(Hiding::ZeroFont);
    }
    let moved = ["left", "top", "right", "bottom", "text-indent", "margin-left", "margin-top", "margin"];
    if moved.iter().any(|name| size(name).is_some_and(|by| by <= OFF_SCREEN)) {
        return Some(Hiding::OffScreen);
    }
    let tiny = |name: &str| size(name).is_some_and(|size| size <= 1.0);
    let cut = value("overflow") == Some("hidden") && (tiny("width") || tiny("height"));
    if cut || (tiny("width") && tiny("height")) {
        return Some(Hiding::ZeroSize);
    }
    let faded = value("opacity").and_then(pixels).is_some_and(|opacity| opacity <= 0.01);
    let filtered = value("filter").is_some_and(|filter| filter.replace(' ', "").contains("opacity=0)"));
    (faded || filtered).then_some(Hiding::Transparent)
}

/// The number that a length begins with; `em` and `rem` count as sixteen.
fn pixels(value: &str) -> Option<f64> {
    let value = value.trim();
    let end =
        value.find(|c: char| !c.is_ascii_digit() && !['-', '.', '+'].contains(&c)).unwrap_or(value.len());
    let (number, unit) = value.split_at_checked(end)?;
    let number: f64 = number.parse().ok()?;
    match unit.split_whitespace().next().unwrap_or_default() {
        "" | "px" | "pt" => Some(number),
        "em" | "rem" => Some(number * 16.0),
        // Percents of something unknown hide only when they are nothing, or far away.
        "%" | "vw" | "vh" if number <= 0.0 => Some(number * 10.0),
        _ => None,
    }
}

fn without_comments(styles: &str) -> String {
    let mut plain = String::with_capacity(styles.len());
    let mut rest = styles;
    while let Some((before, comment)) = rest.split_once("/*") {
        plain.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

/// What follows a block whose opening brace was passed.
fn after_block(body: &str) -> &str {
    let mut depth = 1_usize;
    for (at, c) in body.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return body.get(at + 1..).unwrap_or_default();
        }
    }
    ""
}
