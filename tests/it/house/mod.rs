//! The house rules, held by reading the source: layers, headers, purity, no sleeping tests, documents
//! that cannot rot.

mod documents;
mod layers;
mod source;
mod tidy;
