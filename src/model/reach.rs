//! Whom a name of a unit's plan means. Units own their contacts: a name means the unit's own contact first, then the one
//! of all units; a unit's own rota likewise.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Contact, Roster, Rota};

/// The contacts and the duty rota of an office, to be asked who stands behind a name.
#[derive(Debug, Clone, Copy)]
pub struct Reach<'a> {
    /// Contacts of all units, by name.
    pub contacts: &'a BTreeMap<String, Contact>,
    /// Contacts that are one unit's, by unit and name.
    pub own: &'a BTreeMap<String, BTreeMap<String, Contact>>,
    /// The duty rota.
    pub roster: &'a Roster,
}

impl<'a> Reach<'a> {
    /// The contact who stands behind a name of this unit's plan at an instant (值班表). `None` when there is no such
    /// contact.
    #[must_use]
    pub fn on_duty(&self, unit: &str, name: &str, at: Timestamp) -> Option<&'a Contact> {
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
    #[must_use]
    pub fn deputy(&self, unit: &str, name: &str) -> Option<&'a Contact> {
        match self.own_rota(unit, name) {
            Some(rota) => self.known(unit, rota.deputy.as_deref()?),
            None if self.own_contact(unit, name).is_some() => None,
            None => self.contacts.get(self.roster.deputy(name)?),
        }
    }

    /// Whether the contact behind a name is the unit's own, so that another unit's of that name is somebody else.
    #[must_use]
    pub fn is_own(&self, unit: &str, name: &str) -> bool {
        self.own_rota(unit, name).is_some() || self.own_contact(unit, name).is_some()
    }

    /// The rota that decides who a name of this unit's plan is; `None` when the name stands for itself.
    #[must_use]
    pub fn rota(&self, unit: &str, name: &str) -> Option<&'a Rota> {
        match self.own_rota(unit, name) {
            Some(rota) => Some(rota),
            None if self.own_contact(unit, name).is_some() => None,
            None => self.roster.rotas.get(name),
        }
    }

    fn own_rota(&self, unit: &str, name: &str) -> Option<&'a Rota> {
        self.roster.own.get(unit)?.get(name)
    }

    fn own_contact(&self, unit: &str, name: &str) -> Option<&'a Contact> {
        self.own.get(unit)?.get(name)
    }

    fn known(&self, unit: &str, name: &str) -> Option<&'a Contact> {
        self.own_contact(unit, name).or_else(|| self.contacts.get(name))
    }
}
