//! Faults of the machinery: silence never means that a source broke.

use jiff::Timestamp;

use super::{Broken, Checked, Watch};
use crate::{
    desk::{Change, Operations},
    model::NoticeKind,
};

impl Watch {
    /// A fault or its mending: every administrator of every plan in force hears of each end, once.
    pub(super) fn machinery(
        &mut self,
        operations: &Operations,
        now: Timestamp,
        changes: &[Change],
    ) -> Checked {
        let turned = if operations.broken {
            self.broken.insert(operations.subject.clone())
        } else {
            self.broken.remove(&operations.subject)
        };
        let told = |addresses: &[&str]| {
            changes.iter().any(|change| {
                matches!(change, Change::Notice(notice) if notice.kind == NoticeKind::Operations
                    && notice.created_at == now
                    && notice.facts.gist == operations.subject
                    && addresses.contains(&notice.address.as_str()))
            })
        };
        for (unit, plan) in &self.setup.units {
            for name in &plan.administrators {
                let Some(contact) = self.reach(name, now) else { continue };
                let ways: Vec<&str> =
                    contact.email.iter().chain(&contact.phone).map(String::as_str).collect();
                if told(&ways) != turned {
                    let what = format!(
                        "{} {}: {name} of {} told: {}",
                        operations.subject, operations.broken, unit.name, !turned
                    );
                    return Err(Broken { invariant: "a fault of a source is told once", at: now, what });
                }
            }
        }
        Ok(())
    }
}
