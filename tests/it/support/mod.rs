//! Tests of support.

pub mod mail;
