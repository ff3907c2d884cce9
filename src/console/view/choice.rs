//! What a list of a form offers.

use serde::Serialize;

use super::clean;

/// One of its lines.
#[derive(Debug, Clone, Serialize)]
pub(in super::super) struct Choice {
    value: String,
    word: String,
    chosen: bool,
}

/// The lines for these values.
pub(in super::super) fn choices(
    values: &[String],
    chosen: &str,
    word: impl Fn(&str) -> String,
) -> Vec<Choice> {
    let mut all: Vec<_> = values
        .iter()
        .filter(|value| !value.is_empty())
        .map(|value| Choice { value: clean(value), word: word(value), chosen: clean(value) == chosen })
        .collect();
    if !chosen.is_empty() && all.iter().all(|one| !one.chosen) {
        // What an address asks for is shown, though nothing has it now.
        all.push(Choice { value: chosen.to_owned(), word: word(chosen), chosen: true });
    }
    all
}
