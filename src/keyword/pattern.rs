//! Regular expressions of keyword files.
//!
//! Linear in time and bounded in size. Files written for Python often guard a short Latin word with
//! `(?<![a-z])ai(?![a-z])`; such guards at the two ends of an alternative are understood, any other
//! look-around is refused with the mend.

mod fault;

pub(super) use fault::PatternFault;

use fault::Part;
use regex::{Regex, RegexBuilder};
use regex_syntax::{ParserBuilder, hir::literal};

use crate::text::{fold, simplify};

/// Size of a compiled expression, in bytes.
const SIZE_BYTES: usize = 1 << 20;
/// Brackets inside brackets.
const NESTING: u32 = 50;
/// How far a guard looks, in characters.
const GUARD_REACH: usize = 32;
/// Places refused by a guard after which a text is given up.
const GUARD_TRIES: usize = 10_000;

/// A checked regular expression.
#[derive(Debug, Clone)]
pub struct Pattern {
    alternatives: Vec<Alternative>,
}

#[derive(Debug, Clone)]
struct Alternative {
    body: Regex,
    before: Vec<Guard>,
    after: Vec<Guard>,
    /// One of these stands in every match; `None` when nothing is known that must.
    needed: Option<Vec<String>>,
}

/// What must or must not stand beside a match.
#[derive(Debug, Clone)]
struct Guard {
    wanted: bool,
    pattern: Regex,
}

impl Pattern {
    /// Compiles the part between the slashes. Case never counts; of the flags `m`, `s` and `x` change
    /// the meaning, `i`, `g` and `u` are taken for granted.
    pub(super) fn new(body: &str, flags: &str) -> Result<Self, PatternFault> {
        if body.is_empty() {
            return Err(PatternFault::empty());
        }
        if let Some(unknown) = flags.chars().find(|flag| !"igumsx".contains(*flag)) {
            return Err(PatternFault::unknown_flag(unknown));
        }
        let whole = Part { text: body, at: 0 };
        let parts = if look_around(body).is_some() { split_alternatives(&whole) } else { vec![whole] };
        let alternatives =
            parts.into_iter().map(|part| Alternative::new(part, flags)).collect::<Result<Vec<_>, _>>()?;
        if alternatives.iter().any(|alternative| alternative.body.is_match("")) {
            return Err(PatternFault::matches_all());
        }
        Ok(Self { alternatives })
    }

    /// Strings of which every text that it matches holds one, both as written and as they are folded; `None` when
    /// there are none or too many of them.
    pub(super) fn needed(&self) -> Option<Vec<&str>> {
        let each = self.alternatives.iter().map(|alternative| alternative.needed.as_deref());
        let all = each.collect::<Option<Vec<_>>>()?;
        Some(all.into_iter().flatten().map(String::as_str).collect())
    }

    /// Byte ranges of the matches in a text, in no certain order.
    pub(super) fn find(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        self.alternatives.iter().flat_map(|alternative| alternative.find(text)).collect()
    }
}

impl Alternative {
    fn new(part: Part<'_>, flags: &str) -> Result<Self, PatternFault> {
        let mut rest = part;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        while let Some((wanted, inner, tail)) = leading_guard(rest.text) {
            let inner = rest.piece(inner, "(?<!".len());
            before
                .push(Guard { wanted, pattern: compile(&inner, |inner| format!("(?:{inner})\\z"), flags)? });
            rest = rest.piece(tail, rest.text.len() - tail.len());
        }
        while let Some((wanted, inner, head)) = trailing_guard(rest.text) {
            let inner = rest.piece(inner, head.len() + "(?!".len());
            after.push(Guard { wanted, pattern: compile(&inner, |inner| format!("\\A(?:{inner})"), flags)? });
            rest.text = head;
        }
        if let Some((at, mark)) = look_around(rest.text) {
            let inner = rest.text.get(at + mark.len()..).unwrap_or_default();
            let closed = outside(inner).any(|(_, c)| c == ')');
            return Err(PatternFault::look_around(&rest, at, closed));
        }
        let body = compile(&rest, str::to_owned, flags)?;
        Ok(Self { body, before, after, needed: needed(rest.text, flags) })
    }

    fn find(&self, text: &str) -> Vec<std::ops::Range<usize>> {
        if self.before.is_empty() && self.after.is_empty() {
            return self.body.find_iter(text).map(|found| found.range()).collect();
        }
        let (mut out, mut at, mut tries) = (Vec::new(), 0, 0);
        while let Some(found) = self.body.find_at(text, at) {
            if self.admits(text, found.range()) {
                out.push(found.range());
                at = found.end();
            } else {
                tries += 1;
                if tries > GUARD_TRIES {
                    break;
                }
                at = found.start()
                    + text.get(found.start()..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8);
            }
        }
        out
    }

    fn admits(&self, text: &str, range: std::ops::Range<usize>) -> bool {
        let head = text.get(..range.start).unwrap_or_default();
        let near = head
            .char_indices()
            .rev()
            .take(GUARD_REACH)
            .last()
            .and_then(|(at, _)| head.get(at..))
            .unwrap_or_default();
        let tail = text.get(range.end..).unwrap_or_default();
        self.before.iter().all(|guard| guard.pattern.is_match(near) == guard.wanted)
            && self.after.iter().all(|guard| guard.pattern.is_match(tail) == guard.wanted)
    }
}

/// Compiles a part with what `around` puts about it.
fn compile(part: &Part<'_>, around: impl Fn(&str) -> String, flags: &str) -> Result<Regex, PatternFault> {
    RegexBuilder::new(&around(&simplified(part.text)))
        .case_insensitive(true)
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .size_limit(SIZE_BYTES)
        .nest_limit(NESTING)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => PatternFault::too_large(),
            _ => PatternFault::of_syntax(part, flags),
        })
}

/// What every match begins with, or else what it ends with: the choice whose shortest string is longer.
fn needed(pattern: &str, flags: &str) -> Option<Vec<String>> {
    let parsed = ParserBuilder::new()
        .case_insensitive(true)
        .multi_line(flags.contains('m'))
        .dot_matches_new_line(flags.contains('s'))
        .ignore_whitespace(flags.contains('x'))
        .nest_limit(50)
        .build()
        .parse(&simplified(pattern))
        .ok()?;
    let kinds = [literal::ExtractKind::Prefix, literal::ExtractKind::Suffix];
    let found = kinds.into_iter().filter_map(|kind| {
        let strings = literal::Extractor::new().kind(kind).extract(&parsed);
        let strings = strings.literals()?.iter().map(|one| std::str::from_utf8(one.as_bytes()).ok());
        let strings = strings.collect::<Option<Vec<&str>>>()?;
        // What folds to nothing is needed nowhere.
        let shortest = strings.iter().map(|one| fold(one).text.chars().count()).min()?;
        (shortest > 0)
            .then(|| (shortest, strings.iter().flat_map(|one| [(*one).to_owned(), fold(one).text]).collect()))
    });
    found.max_by_key(|(shortest, _)| *shortest).map(|(_, strings): (usize, Vec<String>)| strings)
}

/// Literals are simplified as texts are; ranges in brackets keep the order of their ends.
fn simplified(pattern: &str) -> String {
    let mut depth = 0usize;
    pattern
        .chars()
        .map(|c| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 { simplify(c) } else { c }
        })
        .collect()
}

/// The first look-around: its place in bytes, and its mark.
fn look_around(pattern: &str) -> Option<(usize, &'static str)> {
    let marks = ["(?=", "(?!", "(?<=", "(?<!"].into_iter();
    marks.filter_map(|mark| Some((pattern.find(mark)?, mark))).min()
}

/// Splits at the `|` outside of all brackets.
fn split_alternatives<'a>(whole: &Part<'a>) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut start = 0;
    let bars = outside(whole.text).filter_map(|(at, c)| (c == '|').then_some(at));
    for end in bars.chain([whole.text.len()]) {
        parts.extend(whole.text.get(start..end).map(|text| whole.piece(text, start)));
        start = end + 1;
    }
    parts
}

/// `(?<!X)rest` and `(?<=X)rest`.
fn leading_guard(pattern: &str) -> Option<(bool, &str, &str)> {
    let (wanted, rest) = match pattern.strip_prefix("(?<!") {
        Some(rest) => (false, rest),
        None => (true, pattern.strip_prefix("(?<=")?),
    };
    let (end, _) = outside(rest).find(|(_, c)| *c == ')')?;
    Some((wanted, rest.get(..end)?, rest.get(end + 1..)?))
}

/// `rest(?!X)` and `rest(?=X)`.
fn trailing_guard(pattern: &str) -> Option<(bool, &str, &str)> {
    let (at, wanted) = [("(?!", false), ("(?=", true)]
        .into_iter()
        .filter_map(|(mark, wanted)| Some((pattern.rfind(mark)?, wanted)))
        .max_by_key(|(at, _)| *at)?;
    let inner = pattern.get(at + 3..)?.strip_suffix(')')?;
    // The bracket that was cut must be the guard's own.
    outside(inner).all(|(_, c)| c != ')').then_some((wanted, inner, pattern.get(..at)?))
}

/// The characters of an expression that stand in no group and no class, escapes left out. A closing
/// bracket without its opening one counts as outside.
fn outside(pattern: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let (mut groups, mut class, mut escaped) = (0usize, false, false);
    pattern.char_indices().filter(move |(_, c)| {
        if std::mem::take(&mut escaped) {
            return false;
        }
        match c {
            '\\' => escaped = true,
            '[' if !class => class = true,
            ']' if class => class = false,
            _ if class => {}
            '(' => groups += 1,
            ')' if groups > 0 => groups -= 1,
            _ => return groups == 0,
        }
        false
    })
}
