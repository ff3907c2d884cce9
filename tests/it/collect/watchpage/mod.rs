//! The unit's own pages, through the running room, a real desk and a real database: what is tampering,
//! what is an ordinary change, who is told.

mod changes;
mod command;
mod config;
mod signs;
mod site;
mod who_answers;
