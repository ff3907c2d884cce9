//! Tests of support.

pub mod certificates;
pub mod command;
pub mod mail;
pub mod mailbox;
