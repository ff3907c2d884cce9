//! Who stands behind a name of a unit's plan. Units own their contacts: a name means the unit's own contact first,
//! then the one of all units; a unit's own rota likewise. Whom a unit reports to above it is one of the unit above.

use jiff::Timestamp;

use super::case::Work;
use crate::model::{Contact, Rota};

impl<'a> Work<'a> {
    /// The contact who stands behind a name of this unit's plan at an instant (值班表). `None` when there is no such
    /// contact.
    pub(super) fn reach(&self, unit: &str, name: &str, at: Timestamp) -> Option<&'a Contact> {
        let above = || {
            let upward =
                self.upward.get(unit).filter(|upward| upward.tell.iter().any(|told| told == name))?;
            self.reach_within(&upward.unit, name, at)
        };
        self.reach_within(unit, name, at).or_else(above)
    }

    fn reach_within(&self, unit: &str, name: &str, at: Timestamp) -> Option<&'a Contact> {
        let stands = |rota: &'a Rota| rota.on_duty(at, &self.roster.zone).unwrap_or(name);
        match (self.own_rota(unit, name), self.own_contact(unit, name)) {
            (Some(rota), own) => self.known(unit, stands(rota)).or(own).or_else(|| self.contacts.get(name)),
            (None, Some(own)) => Some(own),
            (None, None) => {
                let contacts = self.contacts;
                contacts.get(self.roster.on_duty(name, at)).or_else(|| contacts.get(name))
            }
        }
    }

    /// Who is told when the one on duty cannot be reached.
    pub(super) fn deputy(&self, unit: &str, name: &str) -> Option<&'a Contact> {
        match self.own_rota(unit, name) {
            Some(rota) => self.known(unit, rota.deputy.as_deref()?),
            None if self.own_contact(unit, name).is_some() => None,
            None => self.contacts.get(self.roster.deputy(name)?),
        }
    }

    /// Whether the contact behind a name is the unit's own, so that another unit's of that name is somebody else.
    pub(super) fn is_own(&self, unit: &str, name: &str) -> bool {
        self.own_rota(unit, name).is_some() || self.own_contact(unit, name).is_some()
    }

    fn own_rota(&self, unit: &str, name: &str) -> Option<&'a Rota> {
        let roster = self.roster;
        roster.own.get(unit)?.get(name)
    }

    fn own_contact(&self, unit: &str, name: &str) -> Option<&'a Contact> {
        let own = self.own_contacts;
        own.get(unit)?.get(name)
    }

    fn known(&self, unit: &str, name: &str) -> Option<&'a Contact> {
        let contacts = self.contacts;
        self.own_contact(unit, name).or_else(|| contacts.get(name))
    }
}
