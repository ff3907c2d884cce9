//! Tests of report: figures out of rows, papers out of figures.

mod command;
mod docx;
mod filled;
mod folder;
mod folder_hostile;
mod late;
mod numbers;
mod papers;
mod register;
mod rendered;
mod samples;
mod stories;
mod timeliness;
