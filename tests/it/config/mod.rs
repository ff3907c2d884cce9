//! Tests of config: the office's files as people write them, and the exact sentence for each way in
//! which they can be wrong.

mod bad_contacts;
mod bad_plan;
mod bad_settings;
mod calendar;
mod channels;
mod commands;
mod duration;
mod edit;
mod fields;
mod folder;
mod good;
mod holidays;
mod last_good;
mod maintenance;
pub(crate) mod office;
mod own_contacts;
mod secret;
mod topics;
mod watch;
