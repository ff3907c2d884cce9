//! A list written anew: as lines of text, as a .csv, as an .xlsx. What is written reads back as the same rules.
//!
//! Imports go this way when a table is taken into a file of lines or the other way round, and exports do. Comments and
//! empty lines are not part of a list and are lost; a file that is only handed out or replaced is taken as it is.

mod csv;
mod lines;
mod rows;
mod xlsx;

pub use csv::csv;
pub use lines::lines;
pub use xlsx::{Unwritable, xlsx};
