//! Tests of report: figures out of rows, papers out of figures.

mod command;
mod docx;
mod filled;
mod folder;
mod folder_hostile;
mod late;
mod numbers;
mod papers;
#[cfg(feature = "pdf")]
mod pdf;
mod register;
mod rendered;
mod retention;
mod samples;
mod stories;
mod thinned;
mod timeliness;
