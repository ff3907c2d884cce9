//! Text from outside as it is shown: on one line, and without what would change how its neighbours are read.

/// Text from outside on one line: without control characters, and without marks that turn the direction
/// of what stands beside it.
#[must_use]
pub fn clean(text: &str) -> String {
    let words = text.chars().filter_map(clean_char);
    words.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One character of it: white space and control characters as a space, marks of direction not at all.
pub(crate) fn clean_char(c: char) -> Option<char> {
    (!turns(c)).then_some(if c.is_control() || c.is_whitespace() { ' ' } else { c })
}

/// Whether a character turns the direction of what stands beside it (marks, embeddings and isolates of Unicode's UAX #9).
pub(crate) const fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

/// The beginning of a text, at most so many characters, then an ellipsis.
#[must_use]
pub fn beginning(text: &str, most: usize) -> String {
    let text = clean(text);
    if text.chars().count() <= most {
        return text;
    }
    let mut short: String = text.chars().take(most).collect();
    short.push('…');
    short
}

/// Enough of a mailbox or number to know which it is: `zh…@example.org`, `138…5678`. What is neither is not shown at all: it
/// may be a robot's address, which is a secret.
#[must_use]
pub fn masked(address: &str) -> String {
    let address = clean(address);
    if let Some((name, host)) = address.split_once('@') {
        let head: String = name.chars().take(2).collect();
        return format!("{head}…@{host}");
    }
    let count = address.chars().count();
    if count < 8 || !address.chars().all(|c| c.is_ascii_digit() || c == '+') {
        return String::new();
    }
    let (head, tail): (String, String) =
        (address.chars().take(3).collect(), address.chars().skip(count - 4).collect());
    format!("{head}…{tail}")
}
