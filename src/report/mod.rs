//! What the office counts and hands up, worked out of rows of the store: the same figures for pages, tables and papers.
//! Nothing here reads a clock or a file; the rows and the present instant are given.

pub mod chart;
pub mod folder;
pub mod marked;
pub mod monthly;
pub mod paper;
pub mod person;
pub mod register;
pub mod retention;
pub(crate) mod sheet;
pub mod sites;
pub mod timeliness;
pub mod words;
pub(crate) mod xml;
