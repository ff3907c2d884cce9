//! Several words in one cell: people divide them by 、 ； ， or line breaks.

use super::super::line::half_width;

/// The words of a cell, in order. A regular expression is not divided, nor is a note after `=>` but by
/// ； and line breaks.
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for line in text.split('\n') {
        let mut rest = line;
        loop {
            let end = end_of_word(rest);
            let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            if !super::super::line::trimmed(word).is_empty() {
                words.push(word);
            }
            let mut after = after.chars();
            if after.next().is_none() {
                break;
            }
            rest = after.as_str();
        }
    }
    words
}

/// Where the first word of a line ends, in bytes: at its separator or at the end.
fn end_of_word(line: &str) -> usize {
    let from = end_of_pattern(line).unwrap_or(0);
    let tail = line.get(from..).unwrap_or_default();
    let arrow = tail.find("=>").or_else(|| tail.find("＝＞"));
    let in_word = |c: char| matches!(c, '、' | '，' | ',' | '；' | ';' | '\t');
    let in_note = |c: char| matches!(c, '；' | ';');
    let end = match (tail.find(in_word), arrow) {
        (Some(end), Some(arrow)) if arrow < end => {
            let note = tail.get(arrow..).unwrap_or_default();
            note.find(in_note).map_or(tail.len(), |at| arrow + at)
        }
        (Some(end), _) => end,
        (None, _) => tail.len(),
    };
    from + end
}

/// The end of `/…/flags` at the head of a line, in bytes. The slash that closes it is the first one after
/// which, flags apart, the word ends.
fn end_of_pattern(line: &str) -> Option<usize> {
    let head = line.trim_start().trim_start_matches(['+', '!', '＋', '！']).trim_start();
    let body = head.strip_prefix(['/', '／'])?;
    let start = line.len() - body.len();
    let closing = body.char_indices().filter(|(_, c)| half_width(*c) == '/').find_map(|(at, slash)| {
        let flags = body.get(at + slash.len_utf8()..)?;
        let after = flags.trim_start_matches(|c: char| half_width(c).is_ascii_alphabetic());
        let next = after.trim_start();
        let ends = next.is_empty()
            || next.starts_with(['、', '，', ',', '；', ';', '\t'])
            || next.starts_with("=>")
            || next.starts_with("＝＞");
        ends.then(|| body.len() - after.len())
    });
    // Without one the whole line is shown as the expression that is not closed.
    Some(start + closing.unwrap_or(body.len()))
}
