//! A fault, lent while it is reported or owned by who keeps it.

use crate::{
    framing::FaultKind,
    pipeline::{PacketSpan, Provenance},
};

/// Bytes that the sender garbled.
#[derive(Clone, Copy, Debug)]
pub struct FaultRecord<'a> {
    /// What is wrong.
    pub kind: FaultKind,
    /// Index of the frame type it comes closest to, if any.
    pub nearest: Option<usize>,
    /// Stream offset of the first byte.
    pub offset: u64,
    /// Length in bytes.
    pub length: u64,
    /// The first bytes, at most 256.
    pub head: &'a [u8],
    /// The last bytes, at most as many as the longest end marker has.
    pub tail: &'a [u8],
    /// The value of the length field, where that is what is wrong.
    pub stated: Option<u64>,
    /// It is a frame with a wrong checksum, reported as a frame just before: its bytes are counted there.
    pub framed: bool,
    /// The packets that brought it; of its spans only those of `head`.
    pub place: Provenance<'a>,
}

/// A [`FaultRecord`] with bytes and spans of its own.
#[derive(Clone, Debug)]
pub struct OwnedFault {
    /// The record, its slices empty.
    fault: FaultRecord<'static>,
    head: Box<[u8]>,
    tail: Box<[u8]>,
    spans: Box<[PacketSpan]>,
}

impl OwnedFault {
    /// The record.
    pub fn record(&self) -> FaultRecord<'_> {
        FaultRecord {
            head: &self.head,
            tail: &self.tail,
            place: Provenance {
                spans: &self.spans,
                ..self.fault.place
            },
            ..self.fault
        }
    }
}

impl From<&FaultRecord<'_>> for OwnedFault {
    fn from(fault: &FaultRecord<'_>) -> Self {
        Self {
            head: fault.head.into(),
            tail: fault.tail.into(),
            spans: fault.place.spans.into(),
            fault: FaultRecord {
                head: &[],
                tail: &[],
                place: Provenance {
                    spans: &[],
                    ..fault.place
                },
                ..*fault
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Time;

    #[test]
    fn an_owned_fault_is_the_record_it_was_made_of() {
        let spans = [
            PacketSpan { at: 0, packet: 7 },
            PacketSpan { at: 9, packet: 5 },
        ];
        let record = FaultRecord {
            kind: FaultKind::BadLength,
            nearest: Some(1),
            offset: 40,
            length: 300,
            head: &[1; 256],
            tail: &[0xcc, 0xdd],
            stated: Some(298),
            framed: true,
            place: Provenance {
                first_packet: 5,
                last_packet: 7,
                capture: 2,
                time: Some(Time::from_nanos(11)),
                last_time: None,
                segments: 2,
                spans: &spans,
                starts_segment: true,
                ends_segment: false,
                starts_read: true,
                ends_read: false,
                reads: 2,
                conflict: true,
                urgent: false,
                after_fin: true,
            },
        };
        let owned = OwnedFault::from(&record);
        assert_eq!(format!("{:?}", owned.record()), format!("{record:?}"));
    }
}
