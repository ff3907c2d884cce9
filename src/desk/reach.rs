//! Who stands behind a name of a unit's plan ([`Reach`]), those of the unit above whom this unit reports to included.

use jiff::Timestamp;

use super::case::Work;
use crate::model::{Contact, Reach};

impl<'a> Work<'a> {
    /// The contact who stands behind a name of this unit's plan at an instant (值班表). `None` when there is no such
    /// contact.
    pub(super) fn reach(&self, unit: &str, name: &str, at: Timestamp) -> Option<&'a Contact> {
        let people = self.people();
        let above = || {
            let upward =
                self.upward.get(unit).filter(|upward| upward.tell.iter().any(|told| told == name))?;
            people.on_duty(&upward.unit, name, at)
        };
        people.on_duty(unit, name, at).or_else(above)
    }

    /// Who is told when the one on duty cannot be reached.
    pub(super) fn deputy(&self, unit: &str, name: &str) -> Option<&'a Contact> {
        self.people().deputy(unit, name)
    }

    /// Whether the contact behind a name is the unit's own, so that another unit's of that name is somebody else.
    pub(super) fn is_own(&self, unit: &str, name: &str) -> bool {
        self.people().is_own(unit, name)
    }

    const fn people(&self) -> Reach<'a> {
        Reach { contacts: self.contacts, own: self.own_contacts, roster: self.roster }
    }
}
