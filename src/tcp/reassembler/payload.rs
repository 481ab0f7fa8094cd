//! What a packet brings to its stream: payload, FIN, RST, acknowledgement.

use super::*;

impl Reassembler {
    /// A RST: whatever it carries is no part of the stream, and its numbers prove nothing.
    pub(super) fn reset(&mut self, index: u32, side: usize, segment: &Segment<'_>) {
        let flow = &mut self.flows[index];
        flow.marks[side] |= mark::RST;
        flow.reset = true;
        if !segment.payload.is_empty() {
            let stream = self.stream(index, side, Seq(segment.seq));
            let stream = &mut self.streams[stream];
            stream.count_other(segment.payload.len() as u64);
            stream.cold().counts.outside.rst_payload += segment.payload.len() as u64;
        }
    }

    /// The stream of a side, made if there is none: behind its SYN, else around `first`.
    pub(super) fn stream(&mut self, index: u32, side: usize, first: Seq) -> u32 {
        let flow = &mut self.flows[index];
        if flow.sides[side].stream == NONE {
            flow.choose_isn(side, first);
            let base = match flow.has(side, mark::SYN) {
                true => Seq(flow.starts[side].isn).plus(1),
                false => first,
            };
            let lane = Lane::of(flow.endpoint(0), flow.endpoint(1));
            let mut stream = Stream::new(base.first(), index, lane);
            stream.limit_segments(segment_limit(self.shared.evidence.get(&index), side));
            flow.sides[side].stream = self.streams.insert(stream);
        }
        flow.sides[side].stream
    }

    /// Takes payload and FIN of a packet to its stream.
    pub(super) fn payload(
        &mut self,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
        sink: &mut impl Sink,
    ) {
        let seq = Seq(segment.seq).plus(segment.flags.syn() as u32);
        let fin = segment.flags.fin();
        let flow = &mut self.flows[index];
        let fresh = flow.sides[side].stream == NONE;
        if fin {
            flow.marks[side] |= mark::FIN;
        }
        if segment.payload_len == 0 {
            // Without payload a stream is needed only for a FIN that shows missing bytes, and to count a keep-alive.
            let needed = flow.needs_stream(side, seq, fin);
            if fresh && !needed {
                flow.note_floor(side, seq);
                return;
            }
        }
        let stream = self.stream(index, side, seq);
        if fresh {
            self.start(index, side, segment, sink);
        }
        let urgent_oob = self.shared.config.urgent == Urgent::Oob;
        let (stream, mut cx) = self.context(stream, index, side, segment, sink);
        if segment.payload_len > 0 {
            let a = arrival(segment);
            if let (true, Some(urgent)) = (urgent_oob, a.urgent) {
                let pos = urgent.near(stream.high()).wrapping_sub(1);
                if pos >= stream.next {
                    stream.cold().take_out(pos);
                }
            }
            let before = stream.segments;
            stream.accept(&mut cx, &a);
            let brought = stream.segments > before;
            let far = stream.reached_ack();
            let flow = &mut self.flows[index];
            flow.reset &= !brought;
            if let Some(ack) = far {
                flow.sides[1 - side].ack = ack.0;
            }
        } else if !fin {
            stream.count_keepalive(seq.0);
        }
        if fin {
            let (stream, cx) = self.context(
                self.flows[index].sides[side].stream,
                index,
                side,
                segment,
                sink,
            );
            stream.note_fin(seq.plus(segment.payload_len), &cx);
        }
    }

    /// A stream just made: opens at once behind a SYN, else waits for lower bytes.
    pub(super) fn start(
        &mut self,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
        sink: &mut impl Sink,
    ) {
        if self.flows[index].has(side, mark::SYN) {
            self.open(index, side, segment, sink);
            return;
        }
        let (stream, cx) = self.context(
            self.flows[index].sides[side].stream,
            index,
            side,
            segment,
            sink,
        );
        stream.start_opening(&cx);
    }

    pub(super) fn open(
        &mut self,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
        sink: &mut impl Sink,
    ) {
        let flow = &mut self.flows[index];
        flow.client();
        let (begin, isn) = (flow.begin(side), Seq(flow.starts[side].isn));
        let syn = flow.has(side, mark::SYN).then_some(isn.plus(1));
        let floor = flow.has(side, mark::FLOOR).then_some(isn);
        let number = flow.sides[side].stream;
        let (stream, mut cx) = self.context(number, index, side, segment, sink);
        stream.open(&mut cx, &begin, syn, floor);
    }

    /// An acknowledgement too far ahead to be believed alone.
    #[cold]
    pub(super) fn far_ack(&mut self, index: u32, side: usize, segment: &Segment<'_>) {
        let flow = &mut self.flows[index];
        if let Some(stream) = self.streams.get_mut(flow.sides[1 - side].stream)
            && let Some(ack) = stream.far_ack(Seq(segment.ack))
        {
            flow.sides[side].ack = ack.0;
        }
    }

    /// An acknowledgement may confirm a segment of the other side that nobody believed.
    pub(super) fn acknowledged(
        &mut self,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
        sink: &mut impl Sink,
    ) {
        let flow = &self.flows[index];
        let peer = flow.sides[1 - side].stream;
        if flow.attention == 0 || !segment.flags.ack() || self.streams.get(peer).is_none() {
            return;
        }
        let (stream, mut cx) = self.context(peer, index, 1 - side, segment, sink);
        if stream.ack_seen(&mut cx, Seq(segment.ack)) {
            self.flows[index].sides[side].ack = segment.ack;
        }
    }
}
