//! Which packets brought which bytes: the extents of one stream that no finished frame or fault has claimed yet.
//!
//! Knows offsets and packet numbers, no bytes. Memory is bounded by the framer's window: extents inside a fault that is
//! still being collected are folded into one.

use crate::{
    pipeline::{
        PacketSpan, Provenance, SegmentRecord,
        disputed::DisputedRanges,
        extent::{CONFLICT, Extent, FOLDED_SPANS_BYTES, Folded, Packets},
        queue::Queue,
    },
    tcp::Chunk,
};

/// Extents kept of one frame; earlier ones of a larger frame are folded.
const MAX_EXTENTS: usize = 1 << 16;

/// Latest spans among which a packet that brought two of them is recognised, and counted as one segment.
const DISTINCT_SPANS: usize = 256;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Track {
    extents: Queue<Extent>,
    folded: Option<Box<Folded>>,
    /// Bytes for which other bytes came too, if any; some perhaps before their extent.
    disputed: Option<Box<DisputedRanges>>,
}

impl Track {
    /// Whether nothing is held, and nothing disputed.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.extents.is_empty() && self.folded.is_none() && self.disputed.is_none()
    }

    /// Whether other bytes came for some that no frame or fault has claimed.
    #[inline]
    pub fn is_disputed(&self) -> bool {
        self.disputed.is_some()
    }

    /// Whether more extents are held than any frame of ordinary size needs.
    pub fn is_crowded(&self) -> bool {
        self.extents.len() > MAX_EXTENTS
    }

    /// Adds a chunk, in which `frames` frames are finished already.
    pub fn push(&mut self, chunk: &Chunk<'_>, frames: u32) {
        self.extents.push_back(Extent::new(chunk, frames));
    }

    /// Removes the last chunk; returns the number of its finished frames.
    #[inline]
    pub fn pop(&mut self) -> Option<u32> {
        Some(self.extents.pop_back()?.frames)
    }

    /// Notes that another byte came for the one at `offset`.
    pub fn dispute(&mut self, offset: u64) {
        self.disputed.get_or_insert_default().add(offset);
    }

    /// Removes the only extent if the region from `start` to `end` is the last in it. Returns the region's provenance
    /// without its spans, and the segment of the extent with one frame more.
    #[inline]
    pub fn take_last(
        &mut self,
        start: u64,
        end: u64,
    ) -> Option<(Provenance<'static>, SegmentRecord)> {
        let extent = *self.extents.front()?;
        if self.extents.len() > 1
            || self.folded.is_some()
            || extent.start > start
            || extent.end != end
        {
            return None;
        }
        self.extents.pop_front();
        let mut segment = extent.segment();
        segment.frames += 1;
        Some((extent.provenance(start, end, &[]), segment))
    }

    /// Releases everything below `offset`: those segments are complete.
    #[inline]
    pub fn release(&mut self, offset: u64, done: &mut impl FnMut(SegmentRecord)) {
        while let Some(extent) = self.extents.front() {
            if extent.end > offset {
                break;
            }
            done(extent.segment());
            self.extents.pop_front();
        }
        self.folded.take_if(|folded| folded.end <= offset);
        self.release_disputed(offset);
    }

    #[inline]
    fn release_disputed(&mut self, offset: u64) {
        self.disputed.take_if(|disputed| disputed.release(offset));
    }

    /// Folds the extents below `settled`, inside a fault that begins at `from`.
    pub fn fold(&mut self, from: u64, settled: u64, done: &mut impl FnMut(SegmentRecord)) {
        while let Some(extent) = self.extents.front().copied() {
            if extent.end > settled {
                break;
            }
            self.extents.pop_front();
            done(extent.segment());
            self.folded
                .get_or_insert_with(|| Box::new(Folded::new(&extent, from)))
                .add(&extent);
        }
        let Some(folded) = &mut self.folded else {
            return;
        };
        let (start, end) = (folded.start, folded.end);
        if let Some(disputed) = &self.disputed
            && disputed.overlaps(start, end)
        {
            folded.packets.flags |= CONFLICT;
            self.release_disputed(end);
        }
    }

    /// The provenance of the region from `start` to `end`, its spans written to `spans`. `frame` says whether it is a
    /// frame, which is counted in its segments. `None` if nothing is known of it.
    #[inline]
    pub fn provenance<'p>(
        &mut self,
        start: u64,
        end: u64,
        frame: bool,
        spans: &'p mut Vec<PacketSpan>,
    ) -> Option<Provenance<'p>> {
        spans.clear();
        let disputed = self.disputed.as_ref();
        let conflict = disputed.is_some_and(|disputed| disputed.overlaps(start, end));
        // Nearly always one packet brought all of it, and what came before is released.
        if self.folded.is_none()
            && let Some(extent) = self.extents.front_mut()
            && extent.start <= start
            && end <= extent.end
        {
            extent.frames += frame as u32;
            let packet = extent.packet;
            spans.push(PacketSpan { at: 0, packet });
            return Some(Provenance {
                conflict,
                ..extent.provenance(start, end, spans)
            });
        }
        let provenance = self.provenance_of_many(start, end, frame, spans)?;
        Some(Provenance {
            conflict: provenance.conflict || conflict,
            ..provenance
        })
    }

    /// The same where several packets brought the region.
    fn provenance_of_many<'p>(
        &mut self,
        start: u64,
        end: u64,
        frame: bool,
        spans: &'p mut Vec<PacketSpan>,
    ) -> Option<Provenance<'p>> {
        let folded = self.folded.as_deref();
        let mut packets = folded
            .filter(|folded| folded.start < end && start < folded.end)
            .map(|folded| {
                spans.extend_from_slice(&folded.spans);
                folded.packets
            });
        let (mut starts_segment, mut ends_segment) = (false, false);
        let (mut starts_read, mut ends_read, mut reads) = (false, false, 0);
        let held = self.extents.iter_mut();
        for extent in held
            .skip_while(|extent| extent.end <= start)
            .take_while(|extent| extent.start < end)
        {
            extent.frames += frame as u32;
            starts_segment |= extent.start == start;
            ends_segment |= extent.end == end;
            starts_read |= extent.starts_read(start);
            ends_read |= extent.ends_read(end);
            reads += u32::from(reads == 0 || !extent.is_read_on());
            // A packet may bring two pieces of a frame, around one that came earlier.
            let latest = &spans[spans.len().saturating_sub(DISTINCT_SPANS)..];
            let counted = latest.iter().all(|span| span.packet != extent.packet);
            packets
                .get_or_insert(Packets::of(extent))
                .add(extent, counted);
            if frame || spans.len() < FOLDED_SPANS_BYTES as usize {
                spans.push(PacketSpan {
                    at: extent.start.saturating_sub(start) as u32,
                    packet: extent.packet,
                });
            }
        }
        Some(Provenance {
            starts_segment,
            ends_segment,
            starts_read,
            ends_read,
            reads,
            ..packets?.provenance(spans)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(length: usize, disputed: &[u64]) -> Track {
        let mut track = Track::default();
        disputed.iter().for_each(|at| track.dispute(*at));
        let chunk = Chunk {
            offset: 0,
            data: &vec![0; length],
            packet: 1,
            capture: 0,
            time: None,
            segment_start: true,
            urgent: false,
            after_fin: false,
            conflict: !disputed.is_empty(),
            waited: false,
            followed: false,
        };
        track.push(&chunk, 0);
        track
    }

    #[test]
    fn only_a_frame_that_holds_a_disputed_byte_is_flagged() {
        let rows: [(&[u64], [bool; 3]); 6] = [
            (&[], [false, false, false]),
            (&[10], [false, true, false]),
            (&[9, 20], [true, false, true]),
            (&[19, 15, 15, 16], [false, true, false]),
            (&[29, 0], [true, false, true]),
            (&[30], [false, false, false]),
        ];
        for (disputed, flagged) in rows {
            let (mut track, mut segments) = (track(30, disputed), Vec::new());
            for (frame, flagged) in flagged.into_iter().enumerate() {
                let (start, end) = (frame as u64 * 10, frame as u64 * 10 + 10);
                let mut spans = Vec::new();
                let provenance = track
                    .provenance(start, end, true, &mut spans)
                    .expect("held");
                assert_eq!(provenance.conflict, flagged, "{disputed:?} {frame}");
                track.release(end, &mut |segment| {
                    segments.push((segment.length, segment.frames));
                });
            }
            assert_eq!(segments, [(30, 3)], "one segment as before");
            assert_eq!(track.is_disputed(), disputed.contains(&30));
        }
    }

    #[test]
    fn disputed_bytes_in_a_fault_are_folded_with_it() {
        let every_other: Vec<u64> = (0..5000).map(|n| n * 2).collect();
        let mut track = track(10_000, &every_other);
        track.fold(0, 10_000, &mut |_| ());
        assert!(!track.is_disputed());
        let mut spans = Vec::new();
        let provenance = track
            .provenance(0, 10_000, false, &mut spans)
            .expect("folded");
        assert!(provenance.conflict);
    }
}
