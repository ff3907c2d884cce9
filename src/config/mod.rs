//! The office's files, read into checked values.
//!
//! [`load()`] reads every file of an office ([`Folder`]) and answers with an [`Office`], or with all
//! faults of all files at once; each [`Fault`] names file, line and column, shows the line and says what
//! to write instead. [`watch()`] keeps a running daemon on the latest good state of the files.

pub mod calendar;
pub mod channels;
pub mod console;
pub mod contacts;
mod dated;
pub mod duration;
pub mod edit;
pub mod fitness;
mod folder;
pub mod heartbeat;
pub mod holidays;
pub mod last_good;
mod load;
pub mod maintenance;
pub mod moment;
mod named;
pub mod papers;
pub mod place;
pub mod plan;
pub mod preset;
mod retention;
pub mod rota;
pub mod secret;
pub mod settings;
mod setup;
pub mod sheet;
pub mod shipped;
pub mod source;
mod stamp;
pub mod starter;
pub mod templates;
pub mod topics;
pub mod watch;
mod week;

pub use calendar::{Attention, Calendar, Day, SensitiveSpan};
pub use console::{ConsoleSettings, FrontProxy, Login};
pub use folder::{Folder, left_behind};
pub use load::{Office, Reloaded, load, load_after};
pub use named::plan_named;
pub use place::{Fault, Warning};
pub use settings::{DaemonSettings, FetchSettings, Settings};
pub use topics::TopicWatch;
pub use watch::{InForce, Watch, watch, watch_keeping};
