//! A robots.txt file, read for one product (RFC 9309 2.1 and 2.2).
//!
//! It is read as its authors write it rather than as the grammar would have it: any line ending, a byte
//! order mark, a colon that is missing, `Disalow`. A line of which nothing can be made neither counts nor
//! ends a group. Of the groups that name the product all rules are taken together; only when none names
//! it, those of `*`.

use jiff::SignedDuration;

use super::pattern::{ComparedPath, Pattern};

/// Longer lines are cut here: longer than any address that is served.
const LONGEST_LINE: usize = 16 * 1024;
/// A delay above this is taken as this: the file may slow us, not stop us by accident.
const LONGEST_DELAY_SECS: f64 = 300.0;

/// The rules of one file for one product.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RobotsFile {
    /// Longest first, `Allow` before `Disallow` of the same length: the first that matches decides.
    rules: Vec<Rule>,
    delay: Option<SignedDuration>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allow: bool,
    pattern: Pattern,
}

impl RobotsFile {
    /// Reads a file for a product token, compared without regard to case. Never fails: a body of which
    /// nothing can be made forbids nothing.
    #[must_use]
    pub fn parse(body: &[u8], product: &str) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        let mut reading = Reading { product, ..Reading::default() };
        for line in body.split(|byte| matches!(byte, b'\n' | b'\r')) {
            if let Some((name, value)) = record(line.get(..LONGEST_LINE).unwrap_or(line)) {
                reading.take(name, value);
            }
        }
        reading.end()
    }

    /// Whether the path may be fetched: the longest rule that matches decides, `Allow` wins a tie.
    #[must_use]
    pub fn allows(&self, path: &ComparedPath) -> bool {
        let decides = |rule: &&Rule| {
            if rule.allow { rule.pattern.matches(path) } else { rule.pattern.may_match(path) }
        };
        self.rules.iter().find(decides).is_none_or(|rule| rule.allow)
    }

    /// The span between two requests that the file asks for, at most five minutes.
    #[must_use]
    pub const fn delay(&self) -> Option<SignedDuration> {
        self.delay
    }

    /// Whether it says nothing to the product.
    #[must_use]
    pub fn is_silent(&self) -> bool {
        self.rules.is_empty() && self.delay.is_none()
    }

    /// Bytes that it holds, about.
    pub(super) fn held_bytes(&self) -> usize {
        self.rules.iter().map(|rule| size_of::<Rule>() + rule.pattern.heap_bytes()).sum()
    }
}

/// What is collected for us and for everybody, until it is known whether any group names us.
#[derive(Default)]
struct Reading<'a> {
    product: &'a str,
    names_us: bool,
    names_all: bool,
    /// A rule has been read since the last `User-agent`: the next one begins a group.
    rules_begun: bool,
    anyone_named_us: bool,
    ours: RobotsFile,
    everybodys: RobotsFile,
}

impl Reading<'_> {
    fn take(&mut self, name: &[u8], value: &[u8]) {
        match Name::of(name) {
            Name::Agent => {
                if std::mem::take(&mut self.rules_begun) {
                    (self.names_us, self.names_all) = (false, false);
                }
                self.names_all |=
                    value.first() == Some(&b'*') && value.get(1).is_none_or(u8::is_ascii_whitespace);
                let token = product_token(value);
                let ours = !token.is_empty() && token.eq_ignore_ascii_case(self.product.as_bytes());
                self.names_us |= ours;
                self.anyone_named_us |= ours;
            }
            Name::Allow => self.rule(true, value),
            Name::Disallow => self.rule(false, value),
            // Not a rule of the standard, so it ends no list of agents (RFC 9309 2.2.4).
            Name::Delay => self.delay(value),
            Name::Other => {}
        }
    }

    fn rule(&mut self, allow: bool, value: &[u8]) {
        self.rules_begun = true;
        let Some(pattern) = Pattern::new(value) else { return };
        let folder = if allow { pattern.folder_of_index() } else { None };
        for pattern in std::iter::once(pattern).chain(folder) {
            let rule = Rule { allow, pattern };
            if self.names_us {
                self.ours.rules.push(rule.clone());
            }
            if self.names_all {
                self.everybodys.rules.push(rule);
            }
        }
    }

    fn delay(&mut self, value: &[u8]) {
        let written = std::str::from_utf8(value).ok().and_then(|text| text.parse::<f64>().ok());
        let Some(secs) = written.filter(|secs| secs.is_finite() && *secs > 0.0) else { return };
        let delay = SignedDuration::try_from_secs_f64(secs.min(LONGEST_DELAY_SECS)).ok();
        if self.names_us {
            self.ours.delay = self.ours.delay.max(delay);
        }
        if self.names_all {
            self.everybodys.delay = self.everybodys.delay.max(delay);
        }
    }

    fn end(self) -> RobotsFile {
        let mut file = if self.anyone_named_us { self.ours } else { self.everybodys };
        file.rules.sort_by_key(|rule| (std::cmp::Reverse(rule.pattern.octets()), !rule.allow));
        file.rules.dedup();
        file
    }
}

#[derive(Clone, Copy)]
enum Name {
    Agent,
    Allow,
    Disallow,
    Delay,
    Other,
}

impl Name {
    /// By the name of a line, with the misspellings that large search engines put up with.
    fn of(name: &[u8]) -> Self {
        let begins = |word: &str| {
            name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
        };
        if ["user-agent", "useragent", "user agent"].into_iter().any(begins) {
            Self::Agent
        } else if begins("allow") {
            Self::Allow
        } else if ["disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"]
            .into_iter()
            .any(begins)
        {
            Self::Disallow
        } else if ["crawl-delay", "crawldelay", "crawl delay"].into_iter().any(begins) {
            Self::Delay
        } else {
            Self::Other
        }
    }
}

/// Name and value of a line, or nothing. Without a colon a space may stand for it, when there is only one
/// word on either side.
fn record(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let line = line.split(|byte| *byte == b'#').next()?.trim_ascii();
    let at = |wanted: fn(&u8) -> bool| line.iter().position(wanted);
    let (name, value) = match at(|byte| *byte == b':') {
        Some(colon) => (line.get(..colon)?, line.get(colon + 1..)?),
        None => {
            let space = at(|byte| matches!(byte, b' ' | b'\t'))?;
            let value = line.get(space..)?.trim_ascii();
            (line.get(..space)?, value)
        }
    };
    let one_word = line.contains(&b':') || !value.contains(&b' ') && !value.contains(&b'\t');
    let (name, value) = (name.trim_ascii(), value.trim_ascii());
    (one_word && !name.is_empty()).then_some((name, value))
}

/// The product token at the beginning of an agent's name: letters, `_` and `-` (RFC 9309 2.2.1).
fn product_token(value: &[u8]) -> &[u8] {
    let end = value.iter().position(|byte| !byte.is_ascii_alphabetic() && !b"_-".contains(byte));
    end.and_then(|end| value.get(..end)).unwrap_or(value)
}
