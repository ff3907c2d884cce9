//! The office's files, read into checked values. Every fault names file, line and column, shows the
//! line and says what to write instead; all faults of a file are reported at once.

pub mod channels;
pub mod place;
pub mod preset;
pub mod source;

pub use place::Fault;
