//! Tests of collect.
