//! The desk: pure. It takes inputs with their instant and answers with changes.

mod change;

pub use change::*;
