//! Tests of support.

pub mod certificates;
pub mod mail;
