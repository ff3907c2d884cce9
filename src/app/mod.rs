//! Stub: being built.
pub mod demo;
