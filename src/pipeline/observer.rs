//! What the pipeline emits: frames, faults, gaps, each with its provenance.

use crate::{
    capture::Time,
    framing::{RunFrame, SkipKind},
    pipeline::{FaultRecord, Provenance},
    tcp::{Begin, Conflict, Gap, StreamId, StreamSummary},
};

/// Which stream something belongs to.
#[derive(Clone, Copy, Debug)]
pub struct StreamRef<'a> {
    /// Connection, direction and slot.
    pub id: StreamId,
    /// Its ends and its start.
    pub begin: &'a Begin,
}

/// A valid frame.
#[derive(Clone, Copy, Debug)]
pub struct FrameRecord<'a> {
    /// Number of frames of its stream before it.
    pub index: u64,
    /// Index of its type in the layout.
    pub kind: usize,
    /// Stream offset of its first byte.
    pub offset: u64,
    /// All of it.
    pub bytes: &'a [u8],
    /// False where a checksum is wrong; a [`FaultRecord`] of the same bytes follows, which is `framed`.
    pub checksum_ok: bool,
    /// The packets that brought it.
    pub place: Provenance<'a>,
}

/// Valid frames that stand back to back and that one packet brought, each whole.
#[derive(Clone, Copy, Debug)]
pub struct FrameRun<'a> {
    /// Number of frames of its stream before the first.
    pub index: u64,
    /// Stream offset of the first byte.
    pub offset: u64,
    /// All of them.
    pub bytes: &'a [u8],
    /// Type and size of each; at least one.
    pub frames: &'a [RunFrame],
    /// The packet that brought them, as if they were one frame.
    pub place: Provenance<'a>,
}

impl<'a> FrameRun<'a> {
    /// The frames one by one.
    pub fn iter(&self) -> impl Iterator<Item = FrameRecord<'a>> {
        let run = *self;
        let mut at = 0;
        (run.index..).zip(run.frames).map(move |(index, frame)| {
            let from = at;
            at += frame.size as usize;
            FrameRecord {
                index,
                kind: frame.kind.into(),
                offset: run.offset + from as u64,
                bytes: run.bytes.get(from..at).unwrap_or_default(),
                checksum_ok: true,
                place: Provenance {
                    starts_segment: run.place.starts_segment && from == 0,
                    ends_segment: run.place.ends_segment && at == run.bytes.len(),
                    starts_read: run.place.starts_read && from == 0,
                    ends_read: run.place.ends_read && at == run.bytes.len(),
                    ..run.place
                },
            }
        })
    }
}

/// A packet's new bytes of a stream, emitted when all frames that touch them are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentRecord {
    /// Length in bytes.
    pub length: u64,
    /// Number of frames that have bytes in it.
    pub frames: u32,
    /// When its packet was captured.
    pub time: Option<Time>,
}

/// Receives what the pipeline emits. All methods are optional; for one stream the calls come in stream order, with
/// `begin` first and `summary` last.
///
/// Faults before the first frame of a stream are emitted when that frame is found; a stream without any frame is emitted
/// once, as `unrecognised`.
pub trait Observer {
    /// A stream begins.
    fn begin(&mut self, _origin: StreamRef<'_>) {}
    /// A frame is complete.
    fn frame(&mut self, _origin: StreamRef<'_>, _frame: &FrameRecord<'_>) {}
    /// Several frames are complete at once. By default calls [`Observer::frame`] for each; an observer that counts them
    /// together overrides it.
    #[inline]
    fn frames(&mut self, origin: StreamRef<'_>, run: &FrameRun<'_>) {
        run.iter().for_each(|frame| self.frame(origin, &frame));
    }
    /// Garbled bytes.
    fn fault(&mut self, _origin: StreamRef<'_>, _fault: &FaultRecord<'_>) {}
    /// `length` bytes at `offset` are neither frame nor fault.
    fn skip(&mut self, _origin: StreamRef<'_>, _kind: SkipKind, _offset: u64, _length: u64) {}
    /// `length` bytes of a stream in which no frame was found.
    fn unrecognised(&mut self, _origin: StreamRef<'_>, _length: u64) {}
    /// `length` bytes of a selected connection lie outside the selected time.
    fn unselected(&mut self, _origin: StreamRef<'_>, _length: u64) {}
    /// Bytes missing.
    fn gap(&mut self, _origin: StreamRef<'_>, _gap: &Gap) {}
    /// Bytes that came again and differed.
    fn conflict(&mut self, _origin: StreamRef<'_>, _conflict: &Conflict<'_>) {}
    /// The bytes of a stream as they are passed to the framer, and whether they were captured in the selected time.
    fn bytes(&mut self, _origin: StreamRef<'_>, _offset: u64, _bytes: &[u8], _selected: bool) {}
    /// All frames that touch this segment are known.
    fn segment(&mut self, _origin: StreamRef<'_>, _segment: SegmentRecord) {}
    /// The stream is over; its slot is free.
    fn summary(&mut self, _origin: StreamRef<'_>, _summary: &StreamSummary) {}
    /// All packets are read, or [`Observer::stop`] ended the reading; nothing follows.
    fn end_of_input(&mut self) {}
    /// All that was captured so far is read, and the next packet may have to be waited for.
    fn idle(&mut self) {}
    /// Whether to read no further; asked after every packet.
    fn stop(&self) -> bool {
        false
    }
}
