//! Which looks at a post's counters can go without any figure becoming another.
//!
//! What is reported of a counter is a function of V(t) (SEMANTICS 1): straight lines between (look, greatest so far),
//! nothing before the first, level after the last. Of a stretch over which the greatest stays what it is, exactness
//! included, the first and the last look draw the line; those between them lie on it and say nothing more. A look
//! may go when it lies so within a stretch of *every* counter that it shows.
//!
//! Hence with fewer looks, for views, reposts, comments and likes alike:
//!
//! - V(t) is the same at every instant, value and exactness, also where a counter dipped, was not shown, or became a
//!   bound; so are all sums, differences, windows and curves over it, and where it exceeds a threshold, be it the
//!   plan's, half or twice as much;
//! - the first and the last look stay: when a post was first and last seen, and where curves begin and end;
//! - what is looked through once more stays as it is.
//!
//! A straight slope is left alone though the looks on it could go: curves are drawn by floating point, and a line over
//! fewer points would round otherwise. What is *not* preserved is the number of looks and the instants at which nothing
//! had changed. No figure may rest on these; the case folder's table of looks says so itself.

use super::series::higher;
use crate::model::Count;

/// Counters of a look: views, reposts, comments, likes. `None`: not shown.
pub type Counters = [Option<Count>; 4];

/// Of looks by time: whether each must stay.
#[must_use]
pub fn needed(looks: &[Counters]) -> Vec<bool> {
    let mut needed = vec![false; looks.len()];
    for end in [0, looks.len().wrapping_sub(1)] {
        keep(&mut needed, end);
    }
    for counter in 0..4 {
        // The look at which the present stretch began, the greatest over it, and its last look so far.
        let mut stretch: Option<(Count, usize)> = None;
        for (place, look) in looks.iter().enumerate() {
            let Some(seen) = look.get(counter).copied().flatten() else { continue };
            let top = higher(stretch.map(|(top, _)| top), seen);
            match stretch {
                Some((before, _)) if before == top => {}
                ended => {
                    if let Some((_, last)) = ended {
                        keep(&mut needed, last);
                    }
                    keep(&mut needed, place);
                }
            }
            stretch = Some((top, place));
        }
        if let Some((_, last)) = stretch {
            keep(&mut needed, last);
        }
    }
    needed
}

fn keep(needed: &mut [bool], place: usize) {
    if let Some(one) = needed.get_mut(place) {
        *one = true;
    }
}
