//! When a statement began with a part of its text: a search page's "…全文", a headline whose article comes later. The
//! first member that shows the whole takes the part's place as what later texts are compared with: a copy of the
//! second half is found then, and another story with the same first line is told apart, whichever came first.

use super::{Fingerprint, align::Alignment, fingerprint::share, strip::is_cut};
use crate::text::fold;

/// How much longer the whole is at least, in tenths.
const LONGER: usize = 13;
/// Share of the part that stands in the whole in the same order.
const HELD: f64 = 0.9;
/// The part begins the whole, but for a word or two that a site puts before it.
const BEFORE: usize = 2;

/// Whether `text` is the whole of what `core` shows a part of: the core was visibly cut off (`shown` is its text as
/// it was shown) or is the title of the text, and the text begins with it and goes on.
#[must_use]
pub fn is_fuller(text: &Fingerprint, title: &Fingerprint, core: &Fingerprint, shown: &str) -> bool {
    if text.informative * 10 < core.informative * LONGER {
        return false;
    }
    let is_title = title.is_comparable() && title.whole == core.whole;
    is_title || (is_cut(&fold(shown).text) && begins(text, core))
}

fn begins(text: &Fingerprint, core: &Fingerprint) -> bool {
    let aligned = Alignment::of(&core.tokens, &text.tokens);
    let is_first = aligned.chain.first().is_some_and(|first| first.a <= BEFORE && first.b <= BEFORE);
    is_first && share(aligned.in_order, core.tokens.len()) >= HELD
}
