//! For programs: acts, push posts, hand over an SMS reply or receipts, list incidents, set the kind of one,
//! try keyword rules on texts.

pub(super) mod accounts;
pub(super) mod acts;
pub(super) mod files;
pub(super) mod incidents;
pub(super) mod keywords;
pub(super) mod kind;
pub(super) mod openapi;
pub(super) mod push;
pub(super) mod receipts;
pub(super) mod reply;
