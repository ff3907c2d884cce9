//! When a statement began with a part of its text: a search page's "…全文", a headline whose article comes later. The
//! first member that shows the whole takes the part's place as what later texts are compared with: a copy of the
//! second half is found then, and another story with the same first line is told apart, whichever came first.

use super::{Fingerprint, align::Alignment, fingerprint::share, strip::is_cut};
use crate::text::fold;

/// How much longer the whole is at least, in tenths.
const LONGER: usize = 13;
/// Share of the part that stands in the whole in the same order.
const HELD: f64 = 0.9;
/// Characters of a topic, at most.
const TOPIC: usize = 30;
/// The part begins the whole, but for a word or two that a site puts before it.
const BEFORE: usize = 2;

/// Whether `text` is the whole of what `core` shows a part of: the core was visibly cut off (`shown` is its text as
/// it was shown) or is the title of the text, and the text begins with it and goes on.
#[must_use]
pub fn is_fuller(text: &Fingerprint, title: &Fingerprint, core: &Fingerprint, shown: &str) -> bool {
    if !is_longer(text, core) {
        return false;
    }
    let is_title = title.is_comparable() && title.whole == core.whole;
    is_title || (is_cut(without_topics(&fold(shown).text)) && begins(text, core))
}

/// Whether a text is so much longer than a core that it can be the whole of it: what [`is_fuller`] asks first.
#[must_use]
pub const fn is_longer(text: &Fingerprint, core: &Fingerprint) -> bool {
    text.informative * 10 >= core.informative * LONGER
}

/// A folded text without the topics (`#…#`) at its end: they are put behind what was cut off.
fn without_topics(folded: &str) -> &str {
    let mut text = folded.trim_end();
    while let Some((rest, topic)) = text.strip_suffix('#').and_then(|rest| rest.rsplit_once('#'))
        && topic.chars().nth(TOPIC).is_none()
        && !topic.contains(char::is_whitespace)
    {
        text = rest.trim_end();
    }
    text
}

fn begins(text: &Fingerprint, core: &Fingerprint) -> bool {
    let aligned = Alignment::of(&core.tokens, &text.tokens);
    let is_first = aligned.chain.first().is_some_and(|first| first.a <= BEFORE && first.b <= BEFORE);
    is_first && share(aligned.in_order, core.tokens.len()) >= HELD
}
