//! How long what is kept is kept, what goes next, and what a disk budget would take before its ordinary time: values made
//! of the store's figures, so that it can be shown before anything is deleted.
//!
//! Over the budget, what is oldest goes sooner, in this order, each as far as needed and never below its floor:
//!
//! 1. looks on which no figure rests (30 days);
//! 2. evidence (30 days);
//! 3. what nobody was told of (7 days);
//! 4. told incidents from the lowest tier up (183 days each).
//!
//! Nothing that the desk works on goes, the audit and its notices keep their time. Room is made down to nine tenths of
//! the budget, so that it is not made anew every day. A plan is carried out [`WAIT`] after the administrators were shown
//! it, and only as far as it was shown ([`Shown`]).

mod words;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    model::Retention,
    store::{HeldKind, Holding, Kept, Store, StoreError},
};

pub use words::{BudgetFacts, LineFacts, RetentionFacts, shown_text};

/// From when a plan was shown to when it is carried out.
pub const WAIT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// What nobody was told of is kept so many days at least, whatever the budget.
pub const LEAST_MATCHED: u32 = 7;
/// Days ahead over which is shown what goes.
pub const AHEAD: u32 = 30;

/// Under this key the last figures stand among the small named values, as JSON.
const FIGURES: &str = "retention/figures";
/// Under this key stands what was shown, as JSON.
const SHOWN: &str = "retention/shown";

/// The span of a kind in days; `None`: it never goes.
#[must_use]
pub fn span(kind: &HeldKind, retention: &Retention) -> Option<u32> {
    match kind {
        HeldKind::Live => None,
        HeldKind::Looks => Some(retention.observation_days),
        HeldKind::Evidence => Some(retention.evidence_days),
        HeldKind::Matched => Some(retention.days_of(None)),
        HeldKind::Told { tier } => Some(retention.days_of(Some(tier))),
        HeldKind::Audit | HeldKind::Notices => Some(retention.audit_days),
    }
}

/// The shortest span that a budget may give a kind; `None`: it keeps its own.
fn floor(kind: &HeldKind) -> Option<u32> {
    match kind {
        HeldKind::Live | HeldKind::Audit | HeldKind::Notices => None,
        HeldKind::Looks => Some(Retention::LEAST_OBSERVATION),
        HeldKind::Evidence => Some(Retention::LEAST_EVIDENCE),
        HeldKind::Matched => Some(LEAST_MATCHED),
        HeldKind::Told { .. } => Some(Retention::LEAST_TOLD),
    }
}

/// A kind that goes before its ordinary time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cut {
    /// What.
    pub kind: HeldKind,
    /// Days for which it is kept by the settings.
    pub from: u32,
    /// Days for which it would be kept.
    pub to: u32,
    /// How many rows would go.
    pub rows: u64,
    /// About how many bytes they are.
    pub bytes: u64,
}

/// What a budget asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetPlan {
    /// The budget in bytes.
    pub budget: u64,
    /// Bytes in use when it was planned.
    pub used: u64,
    /// What goes sooner, in the order in which it does.
    pub cuts: Vec<Cut>,
    /// About how many bytes the floors keep beyond the budget all the same.
    pub short: u64,
}

/// What must go sooner; `None` without a budget, and within it.
#[must_use]
pub fn plan(kept: &Kept, retention: &Retention) -> Option<BudgetPlan> {
    let budget = retention.disk_budget?;
    let used = kept.used_bytes();
    if used <= budget {
        return None;
    }
    let aim = budget / 10 * 9;
    let mut left = used - aim;
    let mut cuts = Vec::new();
    let of = |wanted: fn(&HeldKind) -> bool| kept.holdings.iter().filter(move |one| wanted(&one.kind));
    let order = of(|kind| *kind == HeldKind::Looks)
        .chain(of(|kind| *kind == HeldKind::Evidence))
        .chain(of(|kind| *kind == HeldKind::Matched))
        .chain(of(|kind| matches!(kind, HeldKind::Told { .. })));
    for holding in order {
        if left == 0 {
            break;
        }
        if let Some(cut) = cut(holding, retention, left) {
            left = left.saturating_sub(cut.bytes);
            cuts.push(cut);
        }
    }
    Some(BudgetPlan { budget, used, cuts, short: left.saturating_sub(budget - aim) })
}

/// The longest span of a kind that frees `wanted` bytes, else the shortest that it may have; `None` when nothing goes.
fn cut(holding: &Holding, retention: &Retention, wanted: u64) -> Option<Cut> {
    let from = span(&holding.kind, retention)?;
    let least = floor(&holding.kind)?;
    // What is over its time goes as ever, and may still be there.
    let (mut rows, mut to) = (0, None);
    for (age, here) in holding.ages.range(least..).rev() {
        rows += here;
        to = Some((*age).min(from));
        if holding.bytes_of(rows) >= wanted {
            break;
        }
    }
    let to = to.filter(|to| *to < from)?;
    let (rows, bytes) = holding.older(to);
    Some(Cut { kind: holding.kind.clone(), from, to, rows, bytes })
}

/// A plan that the administrators were shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// When. UTC.
    pub at: Timestamp,
    /// The settings under which it holds, as one text: under others it is shown anew.
    pub under: String,
    /// Whether it has begun to be carried out.
    pub begun: bool,
    /// What they were shown.
    pub plan: BudgetPlan,
}

/// What follows from a plan and what was shown before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The spans to sweep by now.
    pub retention: Retention,
    /// What stands as shown from now on.
    pub shown: Option<Shown>,
}

/// Decides by what spans to sweep, and whether a plan is to be shown: where `shown` of the answer is of another instant
/// than the one that was given, the administrators must hear of it.
#[must_use]
pub fn decide(
    plan: Option<BudgetPlan>,
    shown: Option<Shown>,
    retention: &Retention,
    now: Timestamp,
) -> Decision {
    let Some(plan) = plan else { return Decision { retention: retention.clone(), shown: None } };
    let under = format!("{retention:?}");
    let new = || Shown { at: now, under: under.clone(), begun: false, plan: plan.clone() };
    let Some(shown) = shown.filter(|shown| shown.under == under) else {
        return Decision { retention: retention.clone(), shown: Some(new()) };
    };
    if now.duration_since(shown.at) < WAIT {
        return Decision { retention: retention.clone(), shown: Some(shown) };
    }
    let was_shown = |kind: &HeldKind| shown.plan.cuts.iter().find(|cut| cut.kind == *kind).map(|cut| cut.to);
    let reaches = plan.cuts.iter().all(|cut| was_shown(&cut.kind).is_some_and(|to| to <= cut.to));
    let mut spans = retention.clone();
    for cut in &shown.plan.cuts {
        shorten(&mut spans, &cut.kind, cut.to);
    }
    // What was shown goes first; what is needed beyond that when it is gone is shown anew, and waits for its own time.
    let next =
        if !shown.begun || reaches || plan.cuts.is_empty() { Shown { begun: true, ..shown } } else { new() };
    Decision { retention: spans, shown: Some(next) }
}

fn shorten(retention: &mut Retention, kind: &HeldKind, days: u32) {
    match kind {
        HeldKind::Looks => retention.observation_days = days,
        HeldKind::Evidence => retention.evidence_days = days,
        HeldKind::Matched => retention.matched_days = days,
        HeldKind::Told { tier } => drop(retention.tiers.insert(tier.clone(), days)),
        HeldKind::Live | HeldKind::Audit | HeldKind::Notices => {}
    }
}

/// The figures that were kept last; an unreadable value counts as none.
///
/// # Errors
/// The store's.
pub async fn last_figures(store: &dyn Store) -> Result<Option<Kept>, StoreError> {
    Ok(store.value(FIGURES).await?.and_then(|kept| serde_json::from_str(&kept).ok()))
}

/// Counts anew, and keeps the figures for whoever looks.
///
/// # Errors
/// The store's.
pub async fn count(store: &dyn Store, now: Timestamp) -> Result<Kept, StoreError> {
    let kept = store.kept(now).await?;
    store.set_value(FIGURES, serde_json::to_string(&kept).unwrap_or_default()).await?;
    Ok(kept)
}

/// What was shown last and still stands.
///
/// # Errors
/// The store's.
pub async fn shown(store: &dyn Store) -> Result<Option<Shown>, StoreError> {
    Ok(store.value(SHOWN).await?.and_then(|shown| serde_json::from_str(&shown).ok()))
}

/// Keeps what was shown.
///
/// # Errors
/// The store's.
pub async fn set_shown(store: &dyn Store, shown: Option<&Shown>) -> Result<(), StoreError> {
    let text = shown.and_then(|shown| serde_json::to_string(shown).ok()).unwrap_or_default();
    store.set_value(SHOWN, text).await
}
