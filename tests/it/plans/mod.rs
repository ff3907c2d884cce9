//! The shipped plans: a file a plan, named after it. Each opens with the clause that it proves, in our words, and
//! plays the plan's story (`tests/data/stories/NAME.jsonl`) by virtual time. The whole time line of a story stands in
//! `snapshots/`; a changed line there is a changed decision.

mod archives_bureau;
mod audit_bureau;
mod college;
pub mod command;
mod common;
mod county_office;
mod development_zone;
mod general_office;
mod government_affairs;
mod hospital;
mod labor_school;
mod mutants;
mod national;
mod primary_school;
mod refused;
mod restart;
mod school;
pub mod stage;
mod work_safety;

/// Every shipped plan of an office; the demo's is none.
pub const PLANS: [&str; 13] = [
    "government-affairs",
    "archives-bureau",
    "work-safety",
    "county-office",
    "development-zone",
    "hospital",
    "school",
    "audit-bureau",
    "college",
    "primary-school",
    "labor-school",
    "general-office",
    "national",
];
