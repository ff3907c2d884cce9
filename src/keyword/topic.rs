//! A topic watch (专题): lists of a unit that are in force only for a while, such as 招生 in summer.
//!
//! A topic begins and ends by itself: nothing here reads a clock, whoever builds a matcher passes the
//! instant, and [`Topic::next_change`] says when to build the next one.

use jiff::Timestamp;

use super::List;

/// A topic watch of a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topic {
    /// Its name, such as 招生. Once a unit.
    pub name: String,
    /// First instant at which its lists are in force; `None` from ever. UTC.
    pub from: Option<Timestamp>,
    /// First instant at which they are no more; `None` for ever. UTC.
    pub until: Option<Timestamp>,
    /// What the office wrote of it; may be empty.
    pub note: String,
}

/// Where a topic stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicState {
    /// It has not begun.
    Waiting,
    /// Its lists are in force.
    InForce,
    /// It is over.
    Ended,
}

impl TopicState {
    /// The id used in `--json`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InForce => "in_force",
            Self::Ended => "ended",
        }
    }
}

impl Topic {
    /// Where it stands at an instant. The start belongs to it, the end does not.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> TopicState {
        if self.until.is_some_and(|until| now >= until) {
            TopicState::Ended
        } else if self.from.is_some_and(|from| now < from) {
            TopicState::Waiting
        } else {
            TopicState::InForce
        }
    }

    /// The next instant strictly after `now` at which it begins or ends.
    #[must_use]
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        [self.from, self.until].into_iter().flatten().filter(|at| *at > now).min()
    }

    /// How it is named wherever the office reads of it: `专题 招生`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("专题 {}", self.name)
    }

    /// How a group of one of its lists is named in hits, notices and the console: `专题 招生·分数线`.
    #[must_use]
    pub fn group_name(&self, group: &str) -> String {
        format!("专题 {}·{group}", self.name)
    }
}

impl List {
    /// Whether its rules count at an instant: a unit's own lists always, a topic's while it lasts.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.topic.as_ref().is_none_or(|topic| topic.state(now) == TopicState::InForce)
    }

    /// Puts the list under a topic; its groups are then named after it.
    #[must_use]
    pub fn under(mut self, topic: &std::sync::Arc<Topic>) -> Self {
        for group in &mut self.groups {
            group.name = topic.group_name(&group.name);
        }
        self.topic = Some(std::sync::Arc::clone(topic));
        self
    }
}
