//! The fast path of one stream.
//!
//! Takes the payload of a packet that continues its stream exactly: the next sequence number, captured whole, its checksum
//! not in doubt, no FIN known, nothing held. Equals `place` followed by `hand_out` for such a packet; the rows of
//! `tcp::tests`, whose in-order packets take it and whose others do not, and the byte map of `tcp::tests::model` prove it.

use super::*;

impl Stream {
    /// Whether a packet with payload brings the next bytes, all of them captured, and can take the fast path.
    #[inline(always)]
    pub(in crate::tcp) fn expects(&self, segment: &Segment<'_>) -> bool {
        self.next as u32 == segment.seq
            && self.fin == NO_FIN
            && (segment.checksum != TcpChecksum::Wrong || self.offloads)
            && segment.payload_len as usize == segment.payload.len()
    }

    /// Takes the payload of a packet that [`Stream::expects`] while no stream of the connection needs attention.
    #[inline(always)]
    pub(in crate::tcp) fn pass<S: Sink>(
        &mut self,
        shared: &mut Shared,
        sink: &mut S,
        id: StreamId,
        segment: &Segment<'_>,
    ) {
        let len = segment.payload.len() as u64;
        if len as u32 > self.watermark {
            self.note_large(len as u32, segment.packet, segment.time);
        }
        self.note(segment.seq, segment.ip_id.unwrap_or(0), len as u32);
        let (at, offset) = (self.next, self.next - self.origin);
        self.segments += 1;
        self.next += len;
        let history = &mut shared.history[self.lane as usize];
        history.push(&mut self.newest, at, segment.packet, segment.payload);
        let chunk = Chunk {
            offset,
            data: segment.payload,
            packet: segment.packet,
            capture: segment.capture,
            time: segment.time,
            segment_start: true,
            urgent: false,
            after_fin: false,
            conflict: false,
            waited: false,
            followed: false,
        };
        sink.chunk(id, &chunk);
    }
}
