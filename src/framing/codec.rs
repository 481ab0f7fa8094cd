//! Encoding: payloads to frames, frames to payloads, messages in both directions.
//!
//! Knows layouts and bytes; nothing of streams. What is encoded here the framer takes.

use std::{error, fmt, ops::Range, sync::Arc};

use bytes::{BufMut, Bytes};

use super::{
    decide::{Match, Tail, Window},
    headers::Header,
    layout::Size,
    memo::Memo,
    table::{FrameTable, Kind, LayoutError},
};

/// A payload that does not fit its frame type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EncodeError {
    /// Index of the frame type in the layout.
    pub kind: usize,
    /// Bytes of the payload.
    pub length: usize,
    /// Bytes that it must have, where there is but one size.
    pub expected: Option<usize>,
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            length,
            expected,
        } = self;
        match expected {
            Some(n) => write!(
                f,
                "frame type {kind} has a payload of {n} bytes, not {length}"
            ),
            None => write!(
                f,
                "no frame of type {kind} can have this payload of {length} bytes"
            ),
        }
    }
}

impl error::Error for EncodeError {}

/// Bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// They are not as many as a message has.
    Length {
        /// Bytes given.
        found: usize,
        /// Bytes of a message.
        expected: usize,
    },
    /// At this place there is no valid frame of the type that the message has there.
    Frame {
        /// Where, from the first byte of the message.
        offset: usize,
        /// Index of the frame type in the layout.
        kind: usize,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { found, expected } => {
                write!(f, "{found} bytes, not the {expected} of a message")
            }
            Self::Frame { offset, kind } => {
                write!(f, "no valid frame of type {kind} at byte {offset}")
            }
        }
    }
}

impl error::Error for DecodeError {}

impl FrameTable {
    /// Writes a frame: the first of its type's headers, the payload, the end marker. Where the frame has a length
    /// field of fixed width or a checksum, the payload has room for them and what it holds there is replaced; a length
    /// of variable width is put in.
    ///
    /// # Errors
    ///
    /// When the payload does not make a valid frame of that type; nothing is written then.
    pub fn encode(
        &self,
        kind: usize,
        payload: &[u8],
        out: &mut impl BufMut,
    ) -> Result<(), EncodeError> {
        let failed = |expected| EncodeError {
            kind,
            length: payload.len(),
            expected,
        };
        let spec = self.kinds.get(kind).ok_or(failed(None))?;
        let header = spec
            .headers
            .patterns()
            .first()
            .map_or(&[][..], |h| &h.value);
        if let Size::Fixed(size) = spec.size {
            let expected = size - header.len() - spec.end.len();
            if payload.len() != expected {
                return Err(failed(Some(expected)));
            }
            if spec.checksum.is_none() {
                out.put_slice(header);
                out.put_slice(payload);
                out.put_slice(&spec.end);
                return Ok(());
            }
        }
        let frame = self
            .fill(spec, [header, payload, &spec.end].concat())
            .ok_or(failed(None))?;
        let w = Window {
            bytes: &frame,
            offset: 0,
            tail: Tail::End,
            limit: u64::MAX,
        };
        match self.valid(spec, w) {
            Some(size) if size == frame.len() => {
                out.put_slice(&frame);
                Ok(())
            }
            _ => Err(failed(None)),
        }
    }

    /// The size of the valid frame of this type that the window begins with.
    fn valid(&self, spec: &Kind, w: Window<'_>) -> Option<usize> {
        let mut memo = Memo::default();
        let Match::Frame(size) = spec.match_shape(w, &mut memo) else {
            return None;
        };
        let frame = w.bytes.get(..size)?;
        self.is_checksum_right(spec, frame, 0, &mut memo)
            .then_some(size)
    }

    /// Writes length and checksums into a frame that is else complete.
    fn fill(&self, spec: &Kind, mut frame: Vec<u8>) -> Option<Vec<u8>> {
        if let Size::Length(field) = &spec.size {
            field.write(&mut frame)?;
        }
        if let Some(checksum) = &spec.checksum {
            let algorithm = self.algorithms.get(checksum.algorithm)?;
            checksum.write(algorithm, &mut frame, spec.blocks())?;
        }
        Some(frame)
    }

    /// What stands between header and end marker in a valid frame of this type.
    pub fn payload<'a>(&self, kind: usize, frame: &'a [u8]) -> &'a [u8] {
        self.kinds
            .get(kind)
            .and_then(|spec| frame.get(spec.payload(frame)?))
            .unwrap_or_default()
    }
}

impl Kind {
    fn payload(&self, frame: &[u8]) -> Option<Range<usize>> {
        let Header::Is(header) = self.headers.at(frame) else {
            return None;
        };
        Some(header..frame.len().checked_sub(self.end.len())?)
    }
}

/// A message: frames of given types and fixed sizes, back to back.
#[derive(Clone, Debug)]
pub struct MessageLayout {
    table: Arc<FrameTable>,
    kinds: Arc<[usize]>,
    size: usize,
}

impl MessageLayout {
    /// A message of these frame types, indices into the layout, in this order.
    ///
    /// # Errors
    ///
    /// When there is none, or one of them is not in the layout or not of fixed size.
    pub fn new(table: Arc<FrameTable>, kinds: &[usize]) -> Result<Self, LayoutError> {
        if kinds.is_empty() {
            return Err(LayoutError {
                frame: None,
                reason: "a message of no frames",
            });
        }
        let mut size = 0;
        for &kind in kinds {
            match table.kinds.get(kind).map(|k| &k.size) {
                Some(Size::Fixed(n)) => size += n,
                Some(_) => {
                    return Err(LayoutError {
                        frame: Some(kind),
                        reason: "in a message, but not of fixed size",
                    });
                }
                None => {
                    return Err(LayoutError {
                        frame: Some(kind),
                        reason: "in a message, but not in the layout",
                    });
                }
            }
        }
        Ok(Self {
            table,
            kinds: kinds.into(),
            size,
        })
    }

    /// Bytes of a message on the wire.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The frame types of a message, in order.
    pub fn kinds(&self) -> &[usize] {
        &self.kinds
    }

    /// The table of its frame types.
    pub fn table(&self) -> &Arc<FrameTable> {
        &self.table
    }

    /// Writes a message, one payload for each of its frames.
    ///
    /// # Errors
    ///
    /// When a payload is missing, is one too many or does not fit. What was written before it stays.
    pub fn encode<P: AsRef<[u8]>>(
        &self,
        payloads: &[P],
        out: &mut impl BufMut,
    ) -> Result<(), EncodeError> {
        let (want, have) = (self.kinds.len(), payloads.len());
        if have != want {
            let kind = self
                .kinds
                .get(have)
                .or(self.kinds.last())
                .copied()
                .unwrap_or(0);
            let length = payloads.get(want).map_or(0, |p| p.as_ref().len());
            return Err(EncodeError {
                kind,
                length,
                expected: None,
            });
        }
        self.kinds
            .iter()
            .zip(payloads)
            .try_for_each(|(&kind, payload)| self.table.encode(kind, payload.as_ref(), out))
    }

    /// The payloads of a message, sharing its bytes.
    ///
    /// # Errors
    ///
    /// When the bytes are not exactly one message.
    pub fn decode(&self, bytes: &Bytes) -> Result<Vec<Bytes>, DecodeError> {
        if bytes.len() != self.size {
            return Err(DecodeError::Length {
                found: bytes.len(),
                expected: self.size,
            });
        }
        let mut offset = 0;
        let payload = |&kind: &usize| {
            let no = DecodeError::Frame { offset, kind };
            let spec = self.table.kinds.get(kind).ok_or(no)?;
            let rest = bytes.get(offset..).ok_or(no)?;
            let w = Window {
                bytes: rest,
                offset: 0,
                tail: Tail::End,
                limit: u64::MAX,
            };
            let size = self.table.valid(spec, w).ok_or(no)?;
            let frame = rest.get(..size).ok_or(no)?;
            let range = spec.payload(frame).ok_or(no)?;
            let payload = bytes.slice(offset + range.start..offset + range.end);
            offset += size;
            Ok(payload)
        };
        self.kinds.iter().map(payload).collect()
    }
}
