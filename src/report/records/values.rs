//! The values in JSON records that are more than a number or a text: how each is written. Most are so to people, too.

use std::fmt;

use deframe::pipeline::StreamRef;
use serde::{Serialize, Serializer};

/// How bytes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Hex,
    Base64,
    Omit,
}

/// Bytes as lower-case hex.
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 512];
        for bytes in self.0.chunks(text.len() / 2) {
            let text = &mut text[..bytes.len() * 2];
            const_hex::encode_to_slice(bytes, &mut *text).map_err(|_| fmt::Error)?;
            f.write_str(std::str::from_utf8(text).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}

impl Serialize for Hex<'_> {
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

/// Which stream a record belongs to: the first keys of every record.
#[derive(Serialize)]
pub struct Head<'a> {
    pub schema: &'static str,
    pub capture: &'a str,
    pub connection: u64,
    pub dir: &'static str,
    pub src: Shown<deframe::decode::Addr>,
    pub sport: u16,
    pub dst: Shown<deframe::decode::Addr>,
    pub dport: u16,
}

impl<'a> Head<'a> {
    pub fn new(schema: &'static str, capture: &'a str, origin: StreamRef<'_>) -> Self {
        let begin = origin.begin;
        Self {
            schema,
            capture,
            connection: origin.id.connection,
            dir: origin.id.dir.name(),
            src: Shown(begin.src.addr),
            sport: begin.src.port,
            dst: Shown(begin.dst.addr),
            dport: begin.dst.port,
        }
    }
}
