//! Collect: reading recorded answers, fetching over real HTTP, and the running room.

mod bad_answers;
mod feeds;
mod fetching;
mod presets;
mod pushing;
mod recorded;
mod room;
mod sources;
mod stage;
