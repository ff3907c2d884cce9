//! yuqing (舆情): watches public sources for mentions of a unit and tells the right people in time.
//!
//! The data goes down one street, and a module imports only modules lower in this list (a test holds
//! it; modules on one line do not see each other):
//!
//! ```text
//! cli > app > console > collect | dispatch > report > store > config > desk > keyword > text | locale > model > time | fault
//! ```
//!
//! [`collect`] turns the web into mentions; [`desk`] is pure and decides tiers, deadlines and
//! recipients; [`dispatch`] sends what the desk put into the outbox; [`store`] keeps it all.

pub mod cli;

pub mod app;

pub mod console;

pub mod collect;
pub mod dispatch;

pub mod report;

pub mod store;

pub mod config;

pub mod desk;

pub mod keyword;

pub mod locale;
pub mod text;

pub mod model;

pub mod fault;
pub mod time;
