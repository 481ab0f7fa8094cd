//! A row per rule.
