//! The office as the desk needs to know it.

use std::{collections::BTreeMap, sync::Arc};

use super::Office;
use crate::desk::Setup;

impl Office {
    /// What the desk goes by. A unit without a plan is left out.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let units = self
            .units
            .iter()
            .filter_map(|unit| Some((unit.clone(), self.plans.get(&unit.plan)?.clone())))
            .collect();
        let contacts: BTreeMap<_, _> =
            self.contacts.shared.iter().map(|contact| (contact.name.clone(), contact.clone())).collect();
        Setup {
            units,
            contacts,
            own_contacts: self.contacts.own.clone(),
            workdays: Arc::clone(&self.workdays),
            roster: Arc::clone(&self.roster),
            upward: self.upward.clone(),
            maintenance: Arc::clone(&self.settings.maintenance.windows),
            locale: self.settings.locale,
        }
    }
}
