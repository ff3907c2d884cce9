//! The store is kept: one daemon a database, backups, evidence, retention, and a disk that fails.

mod backup;
mod budget;
mod compact;
pub mod daemon;
mod disk;
mod edited;
mod evidence;
mod lock;
mod older;
mod retention;
