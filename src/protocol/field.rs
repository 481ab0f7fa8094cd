//! Fields of a frame.

use super::{
    frame::FrameType,
    table::{Result, Table},
};
use crate::framing::FrameLayout;

/// A field of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: String,
}

impl Field {
    /// Whether it lies within a frame.
    pub(super) fn fits(&self, _header: usize, _size: usize) -> bool {
        true
    }
}

pub(super) fn parse_all(
    _table: Table<'_>,
    _kind: &FrameType,
    _layout: &FrameLayout,
) -> Result<Vec<Field>> {
    Ok(Vec::new())
}
