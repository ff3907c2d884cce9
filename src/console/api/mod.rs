//! For programs: emergency mode, push posts, hand over an SMS reply, list incidents.

pub(super) mod emergency;
pub(super) mod incidents;
pub(super) mod push;
pub(super) mod reply;
