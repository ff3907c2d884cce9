//! Wires the rooms, owns start, stop and reload, and runs the one loop that feeds the desk.
//!
//! [`daemon`] is the app as a value; [`inbox`] the loop in which inputs become durable decisions;
//! [`service`] its life under systemd. [`replay`] runs the very same desk over recordings in virtual
//! time, [`statements`] asks it what belongs together, [`simulate`] tries it against random months of faults.

mod collecting;
pub mod daemon;
pub mod daily;
pub mod demo;
pub mod heartbeat;
pub mod inbox;
pub mod keeping;
mod paper_texts;
pub mod quiet_test;
mod reload;
pub mod replay;
mod reserve;
mod sender;
pub mod service;
pub mod simulate;
pub mod statements;
mod teardown;
mod yearly;
