//! Names of the described fields in Lua and in display filters: unique, whatever the description calls them.

use std::collections::BTreeSet;

use super::lua;
use crate::protocol::Protocol;

/// Both names of a field.
pub(super) struct Name {
    /// Its key in the Lua table of fields.
    pub(super) key: String,
    /// Its name in display filters.
    pub(super) filter: String,
}

/// The names of all fields, by frame type and field.
pub(super) struct Names(Vec<Vec<Name>>);

impl Names {
    pub(super) fn of(protocol: &Protocol, id: &str) -> Self {
        let (mut frames, mut keys) = (BTreeSet::new(), BTreeSet::new());
        let several = protocol.frames.len() > 1;
        let names = protocol.frames.iter().map(|kind| {
            let frame = lua::unique(&mut frames, &lua::word(&kind.name));
            let mut fields = BTreeSet::new();
            let mut name = |field: &str| {
                let field = lua::unique(&mut fields, &lua::word(field));
                let group = if several { &frame } else { "field" };
                Name {
                    key: lua::unique(&mut keys, &format!("{frame}_{field}")),
                    filter: format!("{id}.{group}.{field}"),
                }
            };
            kind.fields.iter().map(|field| name(&field.name)).collect()
        });
        Self(names.collect())
    }

    /// The names of the fields of a frame type.
    pub(super) fn of_frame(&self, index: usize) -> &[Name] {
        self.0.get(index).map_or(&[], Vec::as_slice)
    }
}
