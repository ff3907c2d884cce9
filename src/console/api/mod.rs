//! For programs: push posts, hand over an SMS reply, list incidents.

pub(super) mod incidents;
pub(super) mod push;
pub(super) mod reply;
