//! Sources that fail and come back: what they would have shown meanwhile is lost or comes late, and the
//! administrators hear of both ends.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::{dice::Dice, stories::Look};
use crate::{desk::Operations, model::PostKey};

/// One failure of one source.
#[derive(Debug, Clone)]
pub struct Trouble {
    site: String,
    from: Timestamp,
    until: Timestamp,
    /// Whether it fails for so long that somebody is told.
    told_after: SignedDuration,
}

impl Trouble {
    /// When and what the administrators are told of it.
    pub fn operations(&self) -> Vec<(Timestamp, Operations)> {
        let subject = format!("source/{}", self.site);
        let tell = self.from + self.told_after;
        if tell >= self.until {
            return Vec::new();
        }
        let broken = Operations { subject, broken: true, text: "连续多次读不到".to_owned() };
        let mended = Operations { broken: false, text: "已恢复".to_owned(), ..broken.clone() };
        vec![(tell, broken), (self.until, mended)]
    }
}

/// Draws the failures of a span.
pub fn draw(dice: &mut Dice, sites: &[&str], from: Timestamp, span: SignedDuration) -> Vec<Trouble> {
    let weeks = (span.as_hours() + 167) / 168;
    let mut troubles = Vec::new();
    for site in sites {
        for _ in 0..dice.between(0, weeks * 2) {
            let begins = from + SignedDuration::from_secs(dice.between(0, span.as_secs()));
            let most = if dice.percent(20) { 72 * 60 } else { 240 };
            troubles.push(Trouble {
                site: (*site).to_owned(),
                from: begins,
                until: (begins + SignedDuration::from_mins(dice.between(5, most))).min(from + span),
                told_after: SignedDuration::from_mins(dice.between(10, 60)),
            });
        }
    }
    troubles
}

/// What the sources show in spite of their failures: a look at one that fails is lost, or is made when it is back.
/// Answers with how many were lost and how many came late.
pub fn afflict(dice: &mut Dice, troubles: &[Trouble], looks: &mut Vec<Look>) -> (u64, u64) {
    let (mut lost, mut late) = (0, 0);
    let mut kept: Vec<Look> = Vec::with_capacity(looks.len());
    // Of one post the round after the failure shows the last state only.
    let mut caught_up: BTreeMap<(PostKey, Timestamp), usize> = BTreeMap::new();
    for mut look in std::mem::take(looks) {
        let site = &look.mention.post.key.site;
        let seen = look.mention.seen_at;
        let fails = |one: &&Trouble| one.site == *site && one.from <= seen && seen < one.until;
        let Some(until) = troubles.iter().filter(fails).map(|one| one.until).max() else {
            kept.push(look);
            continue;
        };
        if dice.percent(30) {
            lost += 1;
            continue;
        }
        late += 1;
        let back = until + SignedDuration::from_secs(dice.between(1, 900));
        (look.at, look.mention.seen_at) = (back, back);
        match caught_up.get(&(look.mention.post.key.clone(), until)).and_then(|place| kept.get_mut(*place)) {
            Some(earlier) => *earlier = look,
            None => {
                caught_up.insert((look.mention.post.key.clone(), until), kept.len());
                kept.push(look);
            }
        }
    }
    kept.sort_by_key(|look| look.at);
    *looks = kept;
    (lost, late)
}
