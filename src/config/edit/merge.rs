//! Two people's changes of one text put together by lines.

/// Lines that are compared at most, without those that all three begin and end with: beyond it the person decides.
const MOST_LINES: usize = 20_000;

/// The text with both changes, when no two touch the same lines; `None` when they do, or when it would take too long to
/// say. Lines end in `\n`; a last line without one gets it.
#[must_use]
pub fn merge(base: &str, theirs: &str, ours: &str) -> Option<String> {
    if ours == theirs || theirs == base {
        return Some(ours.to_owned());
    }
    if ours == base {
        return Some(theirs.to_owned());
    }
    let [base, theirs, ours] = [base, theirs, ours].map(ended);
    if changed(&base, &theirs) > MOST_LINES || changed(&base, &ours) > MOST_LINES {
        return None;
    }
    diffy::merge(&base, &ours, &theirs).ok()
}

fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// How many lines lie between what two texts begin with and what they end with.
fn changed(one: &str, other: &str) -> usize {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    let head = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let tail = one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count();
    let of = |lines: usize| lines.saturating_sub(head).saturating_sub(tail);
    of(one.len()) + of(other.len())
}
