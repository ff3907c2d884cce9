//! Compares a look with the baseline, and judges the first look by itself. What is surely not the
//! office's doing is a sign; what may well be is a concern, told to the administrators only.

use std::collections::BTreeSet;

use super::{
    look::{Look, Pointer},
    sign::{Kind, Sign},
    snapshot::Snapshot,
    words::Met,
};

/// Below this share of common lines a page has changed altogether.
const LARGE_CHANGE: f64 = 0.5;
/// Shipped words in plain text: from so many on they are no chance.
const WORDS_IN_TEXT: usize = 3;
/// Domains of craftily hidden links on a first look: from so many on they are no chance.
const HIDDEN_AT_FIRST: usize = 3;
/// Fewer characters than this are no page.
const HARDLY_ANY: usize = 30;
/// The shipped list whose words nobody writes on a page of his own.
const DEFACED: &str = "涂改";

/// What a comparison found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Signs of tampering, each identity once.
    pub signs: Vec<Sign>,
    /// Things that a person should look at.
    pub concerns: Vec<Sign>,
    /// Whether what is compared differs from the baseline.
    pub changed: bool,
}

impl Findings {
    fn sign(&mut self, sign: Sign) {
        if !self.signs.iter().any(|known| known.id() == sign.id()) {
            self.signs.push(sign);
        }
    }

    fn concern(&mut self, sign: Sign) {
        if !self.concerns.iter().any(|known| known.id() == sign.id()) {
            self.concerns.push(sign);
        }
    }

    fn put(&mut self, is_sign: bool, sign: Sign) {
        if is_sign {
            self.sign(sign);
        } else {
            self.concern(sign);
        }
    }
}

/// Judges a look; `baseline` is `None` at first sight. `moved` says that the host has lately answered from
/// another network or with another issuer's certificate: alone no sign, with a large change one.
pub(super) fn compare(look: &Look, baseline: Option<&Snapshot>, moved: bool) -> Findings {
    let mut findings = Findings::default();
    words(look, baseline, &mut findings);
    pointers(look, baseline, &mut findings);
    let Some(before) = baseline else {
        for word in missing(look, None) {
            findings.concern(Sign::new(Kind::ExpectedGone, word, ""));
        }
        return findings;
    };
    let now = &look.snapshot;
    findings.changed = now.fingerprint != before.fingerprint;
    if findings.changed {
        shape(look, before, &mut findings);
        if moved && now.likeness(before) < LARGE_CHANGE {
            findings.sign(Sign::new(Kind::Moved, "", &now.title));
        }
    }
    findings
}

fn words(look: &Look, baseline: Option<&Snapshot>, findings: &mut Findings) {
    let places = [
        (Kind::WordInTitle, &look.in_title),
        (Kind::WordInMeta, &look.in_meta),
        (Kind::WordHidden, &look.in_hidden),
        (Kind::WordInLink, &look.in_links),
    ];
    for (kind, met) in places {
        for met in met {
            findings.sign(Sign::new(kind, &met.word, &met.shown));
        }
    }
    let known = |word: &String| baseline.is_some_and(|before| before.words.contains(word));
    let (sure, unsure): (Vec<&Met>, Vec<&Met>) =
        look.in_text.iter().partition(|met| met.list.as_deref().is_none_or(|list| list == DEFACED));
    for met in sure {
        findings.sign(Sign::new(Kind::WordInText, &met.word, &met.shown));
    }
    let new: Vec<&Met> = unsure.into_iter().filter(|met| !known(&met.word)).collect();
    for met in &new {
        findings.put(new.len() >= WORDS_IN_TEXT, Sign::new(Kind::WordInText, &met.word, &met.shown));
    }
}

fn pointers(look: &Look, baseline: Option<&Snapshot>, findings: &mut Findings) {
    let linked = |domain: &str| baseline.is_some_and(|before| before.links.contains(domain));
    let loaded = |domain: &str| baseline.is_some_and(|before| before.loads.contains(domain));
    let first = baseline.is_none();
    let crafty: BTreeSet<&String> = look
        .links
        .iter()
        .filter(|link| !link.trusted && link.hidden.is_some_and(super::hiding::Hiding::is_crafty))
        .map(|link| &link.domain)
        .collect();
    for link in look.links.iter().filter(|link| !linked(&link.domain) && !loaded(&link.domain)) {
        let Some(hidden) = link.hidden else { continue };
        let sure = if first {
            hidden.is_crafty() && crafty.len() >= HIDDEN_AT_FIRST
        } else {
            // Menus and tabs hide links too, but by the page's rules and not on the element itself.
            !matches!(hidden, super::hiding::Hiding::Menu)
        };
        if first && !hidden.is_crafty() {
            continue;
        }
        findings.put(sure && !link.trusted, Sign::new(Kind::HiddenLink, &link.domain, shown(link)));
    }
    for (kind, all) in [(Kind::Frame, &look.frames), (Kind::Script, &look.scripts)] {
        for load in all.iter().filter(|load| !loaded(&load.domain) && !load.trusted) {
            if first && (kind == Kind::Script || load.hidden.is_none()) {
                continue;
            }
            findings.put(!first, Sign::new(kind, &load.domain, shown(load)));
        }
    }
    let led = |domain: &str| baseline.is_some_and(|before| before.leads.contains(domain));
    for lead in look.leads.iter().filter(|lead| !led(&lead.domain)) {
        findings.put(!first && !lead.trusted, Sign::new(Kind::Leads, &lead.domain, shown(lead)));
    }
    if look.sorts_visitors && !baseline.is_some_and(|before| before.sorts_visitors) {
        findings.put(!first, Sign::new(Kind::SortsVisitors, "", ""));
    }
}

/// What a change of the text says: the page emptied, its title replaced, its name gone.
fn shape(look: &Look, before: &Snapshot, findings: &mut Findings) {
    let now = &look.snapshot;
    let large = now.likeness(before) < LARGE_CHANGE;
    let gone = missing(look, Some(before));
    let empty = now.text_chars < HARDLY_ANY && before.text_chars >= HARDLY_ANY * 2;
    if empty {
        findings.concern(Sign::new(Kind::Emptied, "", &now.title));
    }
    for word in &gone {
        // A page without text is more often a fault or a gatekeeper than a new text.
        findings.put(large && !empty, Sign::new(Kind::ExpectedGone, word, ""));
    }
    let replaced = !before.title.is_empty()
        && now.title != before.title
        && !share_words(&now.title, &before.title)
        && !now.title.is_empty();
    if replaced {
        let sure = large || !gone.is_empty();
        findings.put(sure && !empty, Sign::new(Kind::TitleReplaced, &now.title, &now.title));
    }
}

/// Expected words that are not there: at first sight all, later those that were.
fn missing(look: &Look, before: Option<&Snapshot>) -> Vec<String> {
    let now = &look.snapshot.expected;
    match before {
        Some(before) => before.expected.difference(now).cloned().collect(),
        None => look.wanted.iter().filter(|word| !now.contains(*word)).cloned().collect(),
    }
}

/// Whether two titles have two characters in a row in common.
fn share_words(one: &str, other: &str) -> bool {
    let pairs = |text: &str| -> BTreeSet<(char, char)> {
        let chars: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        chars.iter().copied().zip(chars.iter().copied().skip(1)).collect()
    };
    !pairs(one).is_disjoint(&pairs(other))
}

fn shown(pointer: &Pointer) -> String {
    let text: String =
        pointer.text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(40).collect();
    if text.is_empty() { pointer.url.clone() } else { format!("{text} {}", pointer.url) }
}
