//! Tests of report: figures out of rows, papers out of figures.

mod docx;
mod filled;
mod papers;
mod register;
mod rendered;
mod samples;
mod timeliness;
