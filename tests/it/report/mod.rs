//! Tests of report: figures out of rows.

mod timeliness;
