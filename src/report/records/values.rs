//! The values in JSON records that are more than a number or a text: how each is written. Most are so to people, too.

use std::fmt;

use deframe::{
    pipeline::PacketSpan,
    protocol::{Field, Value},
};
use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};

/// The fields of a frame: an object, or in CSV a text.
pub struct Fields<'a>(pub &'a [Field], pub &'a [u8]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(self.0.len()))?;
        for field in self.0 {
            map.serialize_entry(&field.name, &field.read(self.1).map(FieldValue))?;
        }
        map.end()
    }
}

/// A number where it is exact in every reader of JSON, else text.
struct FieldValue<'a>(Value<'a>);

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        const EXACT: u64 = 1 << 53;
        match &self.0 {
            Value::Unsigned(n) if *n <= EXACT => to.serialize_u64(*n),
            Value::Signed(n) if n.unsigned_abs() <= EXACT => to.serialize_i64(*n),
            Value::Float(n) if n.is_finite() => to.serialize_f64(*n),
            Value::Named(_, name) => to.serialize_str(name),
            other => to.collect_str(other),
        }
    }
}

/// Places inside a frame where a new segment begins.
pub struct Cuts<'a>(pub &'a [PacketSpan]);

impl Serialize for Cuts<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let cuts = self.0.get(1..).unwrap_or_default();
        let mut seq = to.serialize_seq(Some(cuts.len()))?;
        for cut in cuts {
            seq.serialize_element(&cut.at)?;
        }
        seq.end()
    }
}

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Hex,
    Base64,
    Omit,
}

impl Encoding {
    pub fn of(self, bytes: &[u8]) -> Option<Bytes<'_>> {
        (self != Encoding::Omit).then_some(Bytes(bytes, self))
    }
}

/// Bytes as text.
pub struct Bytes<'a>(pub &'a [u8], pub Encoding);

impl fmt::Display for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1 == Encoding::Base64 {
            return base64::display::Base64Display::new(
                self.0,
                &base64::engine::general_purpose::STANDARD,
            )
            .fmt(f);
        }
        let mut text = [0; 512];
        for bytes in self.0.chunks(text.len() / 2) {
            let text = &mut text[..bytes.len() * 2];
            f.write_str(faster_hex::hex_encode(bytes, text).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// Anything that is text in JSON.
pub struct Shown<T>(pub T);

impl<T: fmt::Display> Serialize for Shown<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<T: fmt::Display> fmt::Display for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
