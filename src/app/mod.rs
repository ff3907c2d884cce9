//! Wires the rooms, owns start, stop and reload, and runs the one loop that feeds the desk.

pub mod demo;
pub mod inbox;
pub mod replay;
