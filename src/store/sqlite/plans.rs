//! Snapshots of plans. Every incident keeps the plan that it began under, and nearly all share a few:
//! each content is written once, under its hash.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::row::to_body;
use crate::{model::Plan, store::StoreError};

/// A plan as a row.
#[derive(Debug)]
pub(super) struct PlanRow {
    pub hash: String,
    pub body: String,
}

/// The plans that were written lately, so that the same snapshot is not serialised for every change.
#[derive(Debug, Default)]
pub(super) struct Plans(Mutex<Vec<(Arc<Plan>, Arc<PlanRow>)>>);

/// A plan as its row is read: one without tiers is refused, for everything that grades or shows needs one.
#[derive(Deserialize)]
#[serde(try_from = "Plan")]
pub(super) struct Kept(pub Plan);

impl TryFrom<Plan> for Kept {
    type Error = &'static str;

    fn try_from(plan: Plan) -> Result<Self, Self::Error> {
        if plan.tiers.is_empty() { Err("a plan without tiers") } else { Ok(Self(plan)) }
    }
}

/// Plans remembered; an office has a handful, and each reload adds one.
const REMEMBERED: usize = 32;

impl Plans {
    pub(super) fn row(&self, plan: &Arc<Plan>) -> Result<Arc<PlanRow>, StoreError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, row)) = known.iter().find(|(one, _)| Arc::ptr_eq(one, plan)) {
            return Ok(Arc::clone(row));
        }
        let body = to_body("plan", plan)?;
        let hash = hex::encode(Sha256::digest(body.as_bytes()));
        let row = Arc::new(PlanRow { hash, body });
        if known.len() >= REMEMBERED {
            known.remove(0);
        }
        known.push((Arc::clone(plan), Arc::clone(&row)));
        Ok(row)
    }
}
