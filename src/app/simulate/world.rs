//! The servers outside: mail and text messages, which accept, refuse, hang, answer late and lie by turns.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::dice::Dice;
use crate::model::{ChannelKind, Notice, NoticeId};

/// What a server does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Takes it and says so.
    Accepts,
    /// Takes it, and the answer is lost on the way.
    Lies,
    /// Takes it, and says so after some seconds.
    Slow(i64),
    /// Does not answer, or is not there.
    Fails,
    /// Refuses it for good.
    Refuses,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    Down,
    Lying,
    Slow,
}

/// The servers and what they have taken.
#[derive(Debug)]
pub struct World {
    dice: Dice,
    moods: BTreeMap<ChannelKind, (Mood, Timestamp)>,
    /// How often each notice was taken, and by when first.
    pub taken: BTreeMap<NoticeId, (u32, Timestamp)>,
    /// From here on everything works.
    well_from: Timestamp,
    /// Failures shown so far.
    pub faults: u64,
}

impl World {
    /// Servers that all work from `well_from` on.
    pub fn new(dice: Dice, well_from: Timestamp) -> Self {
        Self { dice, moods: BTreeMap::new(), taken: BTreeMap::new(), well_from, faults: 0 }
    }

    /// Hands a message over at an instant (of true time).
    pub fn send(&mut self, notice: &Notice, at: Timestamp) -> Answer {
        let answer = self.answer(notice, at);
        if answer != Answer::Accepts {
            self.faults += 1;
        }
        if matches!(answer, Answer::Accepts | Answer::Lies | Answer::Slow(_)) {
            self.taken.entry(notice.id.clone()).or_insert((0, at)).0 += 1;
        }
        answer
    }

    fn answer(&mut self, notice: &Notice, at: Timestamp) -> Answer {
        if at >= self.well_from {
            return Answer::Accepts;
        }
        let (mood, until) = self.moods.get(&notice.channel).copied().unwrap_or((Mood::Well, Timestamp::MIN));
        let mood = if at < until { mood } else { self.turn(notice.channel, at) };
        if self.dice.percent(2) {
            return Answer::Refuses;
        }
        match mood {
            Mood::Well => Answer::Accepts,
            Mood::Slow => Answer::Slow(self.dice.between(5, 240)),
            Mood::Down => Answer::Fails,
            Mood::Lying => {
                if self.dice.percent(50) {
                    Answer::Accepts
                } else {
                    Answer::Lies
                }
            }
        }
    }

    fn turn(&mut self, channel: ChannelKind, at: Timestamp) -> Mood {
        let (mood, longest) = match self.dice.below(10) {
            0 | 1 => (Mood::Down, 600),
            2 => (Mood::Lying, 60),
            3 => (Mood::Slow, 300),
            _ => (Mood::Well, 2_000),
        };
        let until = at + SignedDuration::from_mins(self.dice.between(5, longest));
        self.moods.insert(channel, (mood, until));
        mood
    }
}
