//! Protocols as data: TOML descriptions, compiled to the framer's [`Layout`] and to names and fields for people.
//!
//! Knows the text of descriptions; nothing of streams, captures or files (whoever reads a description from a file
//! passes its text). It is the only place that names `toml`. The device protocol `fd` is such a description, built in
//! like the others of [`library`].

mod catalogue;
mod checksum;
mod compile;
mod error;
mod field;
mod field_text;
mod frame;
mod length;
mod library;
mod marker;
mod nearest;
mod overlap;
mod source;
mod table;
mod value;

pub use catalogue::CHECKSUMS;
pub use error::{Error, Location};
pub use field::{Extent, Field, FieldFormat};
pub use frame::{FrameType, MAX_BY_LENGTH, MAX_BY_SEARCH, MAX_FRAME};
pub use library::{Entry, STARTER, library};
pub use value::{Moment, Value};

use crate::framing::Layout;

/// A protocol: what the framer needs, and what people call it.
#[derive(Clone, Debug, PartialEq)]
pub struct Protocol {
    /// Its name.
    pub name: String,
    /// What it is, in a line.
    pub description: Option<String>,
    /// The standard or manual that it was written from.
    pub source: Option<String>,
    /// TCP ports that it is usually found on.
    pub ports: Vec<u16>,
    /// What the framer needs.
    pub layout: Layout,
    /// Its frame types, at the same index as in `layout.frames`.
    pub frames: Vec<FrameType>,
    /// Its messages, at the same index as in `layout.messages`.
    pub messages: Vec<MessageType>,
}

/// A message as people see it. Its frame types stand at the same index in [`Layout::messages`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageType {
    /// Its name, unique among the messages.
    pub name: String,
}

impl Protocol {
    /// Reads a description. `origin` says where the text is from, for errors: a file name.
    pub fn parse(text: &str, origin: &str) -> Result<Protocol, Error> {
        compile::compile(text, origin)
    }

    /// The device protocol.
    pub fn fd() -> Protocol {
        Self::named("fd").expect("the device protocol is built in, and a test parses it")
    }

    /// A protocol of the library.
    pub fn named(name: &str) -> Option<Protocol> {
        let entry = library().find(|entry| entry.name == name)?;
        Self::parse(entry.text, entry.name).ok()
    }

    /// The same protocol where `payload` of a frame means the whole frame, header and end marker counted, as the
    /// manuals of some devices have it. An error where no frame states a `payload`, or one is then too short.
    pub fn with_lengths_as_frame(self) -> Result<Protocol, Error> {
        compile::lengths_as_frame(self)
    }
}

#[cfg(test)]
mod tests;
