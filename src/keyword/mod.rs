//! The rule language of the office's keyword files and the matcher that tries all units' rules on a
//! text in one pass.
//!
//! A [`List`] is one checked file. A [`Matcher`] is built from all lists that are in force and answers
//! which rules a text met ([`Matcher::hits`]) and which groups nearly did ([`Matcher::why_not`]).

mod answer;
mod list;
mod matcher;
mod parse;
mod pattern;
mod topic;
pub mod usage;
pub mod write;

pub use answer::{Answer, HitLine, WhyNotLine};
pub use list::{Cell, Group, LineFault, List, NamedAt, Rule, Warning, Words};
pub use matcher::{Matcher, RuleRef, SearchTerm, WhyNot};
pub use parse::{FileKind, kind_of, parse};
pub use pattern::Pattern;
pub use topic::{Topic, TopicState};
