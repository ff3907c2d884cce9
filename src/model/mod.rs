//! The nouns that two rooms or more share.
//!
//! Plain values without behaviour of their own beyond what keeps them valid: a [`Post`] and what was
//! counted on it, the [`Hit`]s of keyword rules on it, the [`Mention`] that carries both to the desk,
//! the [`Plan`] and [`Contact`]s by which the desk decides, and the rows that come out of it
//! ([`Incident`], [`Deadline`], [`Notice`]). Times are UTC instants. Nothing here knows of files,
//! sockets, SQL or the console.

mod act;
mod contact;
mod content;
mod count;
mod course;
mod evidence;
mod file_version;
mod history;
mod incident;
mod kind;
mod maintenance;
mod mention;
mod notice;
mod plan;
mod post;
mod reach;
mod remembered;
mod retention;
mod rota;
mod silence;
mod usage;
mod workdays;

pub use act::*;
pub use contact::*;
pub use content::*;
pub use count::*;
pub use course::*;
pub use evidence::*;
pub use file_version::*;
pub use history::*;
pub use incident::*;
pub use kind::*;
pub use maintenance::*;
pub use mention::*;
pub use notice::*;
pub use plan::*;
pub use post::*;
pub use reach::Reach;
pub use remembered::*;
pub use retention::*;
pub use rota::*;
pub use silence::*;
pub use usage::*;
pub use workdays::*;
