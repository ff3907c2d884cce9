//! The store: keeps every row, and commits a batch of inputs with all they caused in one transaction.

mod contract;
mod inbox;

pub use contract::*;
pub use inbox::*;
