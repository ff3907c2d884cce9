//! Tests of report: figures out of rows, papers out of figures.

mod command;
mod docx;
mod papers;
mod rendered;
mod samples;
mod timeliness;
