//! The store: keeps every row, and commits a batch of inputs with all they caused in one transaction.
//!
//! [`Store`] is the contract, free of any engine's words; [`SqliteStore`] is the embedded engine,
//! [`MemoryStore`] one for simulations and tests, [`Faulty`] lets calls to either fail. The
//! [`Inbox`] is the door through which the other rooms hand inputs to the desk.

mod contract;
mod faulty;
mod inbox;
mod kept;
mod listing;
mod memory;
mod record;
mod sqlite;
mod watched;
mod written;

pub use contract::*;
pub use faulty::{Call, Faulty, Strike, Striker};
pub use inbox::*;
pub use kept::{HeldKind, Holding, Kept};
pub use listing::{COUNTED, IncidentChoices, IncidentPage, IncidentSearch, Place, SavedSearch, Sort, Turn};
pub use memory::{MemoryDisk, MemoryStore};
pub use record::{
    AuditLook, AuditReport, AuditRow, Case, CaseLook, DeliveryLook, DeliveryRow, Growth, LOOKED_AT, Rows,
    Told,
};
pub use sqlite::{
    Compacted, Copies, CopyFile, FORGOTTEN, Options, Put, SqliteStore, Unsound, Verified, compact, copy,
    holder_of, put_back, schema, verify,
};
pub use watched::{Looked, NOT_TOLD, Watched};
pub use written::Written;
