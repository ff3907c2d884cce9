//! The units' keyword files: read and tried by the real reader and matcher, edited while the daemon runs. A file that
//! cannot be read leaves the last good one in force. What a rule must meet is worked out here by plain search.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

use jiff::{SignedDuration, Timestamp};

use super::{dice::Dice, office::DESK};
use crate::{
    desk::Setup,
    keyword::{Matcher, parse},
    model::{Hit, Post},
};

/// Words that no text contains by chance.
pub const TAGS: [&str; 6] = ["玛瑙", "琥珀", "珊瑚", "翡翠", "葫芦", "鸳鸯"];
/// A rule that is younger is met by what stood there before.
const ROUND: SignedDuration = SignedDuration::from_mins(30);

#[derive(Debug, Clone)]
struct Word {
    text: &'static str,
    since: Timestamp,
    at_least: Option<String>,
    tells_desk: bool,
}

/// What is in force.
#[derive(Debug)]
pub struct Keywords {
    lists: BTreeMap<String, Vec<Word>>,
    /// Lowest tiers that the units' plans know.
    tiers: BTreeMap<String, Vec<String>>,
    matcher: Matcher,
}

impl Keywords {
    /// Draws the lists of an office.
    ///
    /// # Errors
    /// The reader takes none of it.
    pub fn draw(dice: &mut Dice, setup: &Setup, now: Timestamp) -> Result<Self, String> {
        let tiers = setup.units.iter().map(|(unit, plan)| {
            let named = plan.tiers.iter().filter(|tier| tier.telling.alerts());
            (unit.name.clone(), named.map(|tier| tier.name.clone()).collect())
        });
        let mut drawn = Self { lists: BTreeMap::new(), tiers: tiers.collect(), matcher: Matcher::default() };
        for (unit, _) in &setup.units {
            let tags: Vec<_> = TAGS.into_iter().filter(|_| dice.percent(50)).collect();
            let words = tags.into_iter().map(|text| drawn.word(dice, &unit.name, text, now)).collect();
            drawn.lists.insert(unit.name.clone(), words);
        }
        drawn.build()?;
        Ok(drawn)
    }

    fn word(&self, dice: &mut Dice, unit: &str, text: &'static str, since: Timestamp) -> Word {
        let tiers = self.tiers.get(unit).map_or(&[][..], Vec::as_slice);
        let at_least = dice.pick(tiers).filter(|_| dice.percent(15)).cloned();
        Word { text, since, at_least, tells_desk: dice.percent(15) }
    }

    /// Somebody edits a unit's file: a word comes or goes. Answers whether the file can be read.
    ///
    /// # Errors
    /// The reader does not take what it should, or takes what it should not.
    pub fn edit(&mut self, dice: &mut Dice, now: Timestamp) -> Result<bool, String> {
        let units: Vec<String> = self.lists.keys().cloned().collect();
        let unit = dice.pick(&units).ok_or("no unit")?.clone();
        let text = dice.pick(&TAGS).copied().unwrap_or(TAGS[0]);
        if dice.percent(15) {
            return match parse(&unit, "词.txt", "[词]\n/(/\n".as_bytes()) {
                Ok(_) => Err("a broken file was read".to_owned()),
                Err(_) => Ok(false),
            };
        }
        let word = self.word(dice, &unit, text, now);
        let list = self.lists.entry(unit).or_default();
        match list.iter().position(|known| known.text == text) {
            Some(place) => drop(list.remove(place)),
            None => list.push(word),
        }
        self.build()?;
        Ok(true)
    }

    fn build(&mut self) -> Result<(), String> {
        let mut lists = Vec::new();
        for (unit, words) in self.lists.iter().filter(|(_, words)| !words.is_empty()) {
            let mut file = String::new();
            for word in words {
                let _ = writeln!(file, "[{0}]\n{0}", word.text);
                if let Some(tier) = &word.at_least {
                    let _ = writeln!(file, "至少: {tier}");
                }
                if word.tells_desk {
                    let _ = writeln!(file, "通知: {DESK}");
                }
                file.push('\n');
            }
            let list = parse(unit, "词.txt", file.as_bytes()).map_err(|faults| format!("{faults:?}"))?;
            lists.push(Arc::new(list));
        }
        self.matcher = Matcher::new(lists);
        Ok(())
    }

    /// What a post meets.
    pub fn hits(&self, post: &Post) -> Vec<Hit> {
        self.matcher.hits(&post.own_text(), &post.quoted)
    }

    /// Units of which a word stands in a post, by plain search.
    pub fn concerned(&self, post: &Post) -> BTreeSet<&str> {
        let meets = |word: &Word| post.text.contains(word.text) || post.quoted.contains(word.text);
        let lists = self.lists.iter().filter(|(_, words)| words.iter().any(meets));
        lists.map(|(unit, _)| unit.as_str()).collect()
    }

    /// Whether every rule that was met is younger than the source's last round.
    pub fn all_young(&self, hits: &[Hit], now: Timestamp) -> bool {
        let young = |hit: &Hit| {
            let words = self.lists.get(&hit.unit).into_iter().flatten();
            words.filter(|word| word.text == hit.rule).any(|word| now < word.since + ROUND)
        };
        !hits.is_empty() && hits.iter().all(young)
    }
}
