//! Hands bytes to the sink in stream order.

use super::*;

impl Stream {
    /// Hands out bytes that begin at `next`.
    pub(super) fn hand_out<S: Sink>(
        &mut self,
        cx: &mut Context<'_, S>,
        mut data: &[u8],
        origin: &PacketRef,
        mut segment_start: bool,
        urgent: Option<Pos>,
        conflict: bool,
    ) {
        while !data.is_empty() {
            let out = self
                .cold
                .as_mut()
                .and_then(|c| c.out_of_line(self.next, data.len()));
            let len = out.unwrap_or(data.len());
            let (now, rest) = data.split_at(len);
            if !now.is_empty() {
                let end = self.next + len as u64;
                let held = self.cold.as_ref().and_then(|cold| cold.held.first());
                let behind = held.is_some_and(|piece| piece.pos == end);
                let chunk = Chunk {
                    offset: self.next - self.origin,
                    data: now,
                    packet: origin.packet,
                    capture: origin.capture,
                    time: origin.time,
                    segment_start,
                    urgent: urgent.is_some_and(|u| self.next <= u && u <= end),
                    after_fin: self.fin_reached,
                    conflict,
                    waited: cx.shared.read == Read::Waited,
                    followed: cx.shared.read != Read::Own && behind,
                };
                let history = &mut cx.shared.history[self.lane as usize];
                history.push(&mut self.newest, self.next, origin.packet, now);
                cx.sink.chunk(cx.id, &chunk);
                self.others -= len as u64;
                self.next = end;
                segment_start = false;
                if self.fin_reached {
                    (self.after_fin, self.ended) = (true, false);
                }
            }
            data = rest;
            if out.is_some() {
                data = &rest[1..];
                self.next += 1;
                self.origin += 1;
                self.cold().counts.outside.urgent += 1;
            }
        }
        self.meet_fin();
    }

    /// Hands out what is held at `next`.
    pub(super) fn advance<S: Sink>(&mut self, cx: &mut Context<'_, S>) {
        while let Some(cold) = &mut self.cold
            && cold.held.first().is_some_and(|p| p.pos == self.next)
        {
            let before = cold.held.cost();
            let Some(piece) = cold.held.pop() else { return };
            cx.shared.hold(before, cold.held.cost());
            let conflict = !piece.refused.is_empty();
            let origin = self.origin;
            for r in &piece.refused {
                let kept = &piece.data[(r.pos - piece.pos) as usize..][..r.data.len()];
                let conflict = Conflict {
                    offset: r.pos.saturating_sub(origin),
                    length: r.differ,
                    packet: r.packet,
                    kept_packet: piece.origin.packet,
                    kept,
                    refused: &r.data,
                };
                cx.sink.conflict(cx.id, &conflict);
            }
            self.hand_out(
                cx,
                &piece.data,
                &piece.origin,
                piece.segment_start,
                piece.urgent,
                conflict,
            );
        }
    }
}
