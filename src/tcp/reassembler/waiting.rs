//! Streams that wait: settled with each packet of their connection, when their time is over, when too much is held.

use super::{Reassembler, holds};
use crate::{
    decode::Segment,
    tcp::{event::Sink, line::Ticket, shared::NEVER},
};

impl Reassembler {
    /// Opens, hands out and gives up what is due on one side, and notes whether more is to come.
    pub(super) fn settle(
        &mut self,
        index: u32,
        side: usize,
        segment: &Segment<'_>,
        sink: &mut impl Sink,
    ) {
        let number = self.flows[index].sides[side].stream;
        let bit = 1u8 << side;
        if self.streams.get(number).is_none() {
            return;
        }
        let (stream, cx) = self.context(number, index, side, segment, sink);
        let is_due = !stream.open && (cx.begun_by_syn || stream.may_open(&cx));
        if is_due {
            self.open(index, side, segment, sink);
        }
        let (stream, mut cx) = self.context(number, index, side, segment, sink);
        if stream.open {
            stream.progress(&mut cx);
        }
        let waits = stream.needs_attention();
        let (opening, queued) = (
            !stream.open,
            stream.cold.as_ref().is_some_and(|c| c.ticket != 0),
        );
        let flow = &mut self.flows[index];
        flow.attention = if waits {
            flow.attention | bit
        } else {
            flow.attention & !bit
        };
        if waits && !queued {
            self.queue(number, opening);
        }
    }

    /// Puts a stream in line.
    pub(super) fn queue(&mut self, number: u32, opening: bool) {
        self.tickets += 1;
        let config = &self.shared.config;
        let wait = if opening {
            config.opening
        } else {
            config.patience
        };
        let due = if self.shared.now == NEVER {
            NEVER
        } else {
            self.shared.now.saturating_add(wait)
        };
        let ticket = Ticket {
            number: self.tickets,
            stream: number,
            due,
        };
        self.streams[number].cold().ticket = ticket.number;
        let streams = &self.streams;
        self.lines[!opening as usize].push(ticket, streams.len(), |t| holds(streams, t));
        self.due = self.due.min(due);
    }

    /// Settles the streams whose waiting time is over, and at those that have waited longest if too much is held.
    #[cold]
    pub(super) fn serve(&mut self, which: std::ops::Range<usize>, sink: &mut impl Sink) {
        for line in which {
            // Those that go on waiting get in line again behind these.
            for _ in 0..self.lines[line].len() {
                let full = self.shared.stats.held > self.shared.config.max_held_total;
                let Some(front) = self.lines[line].front().copied() else {
                    break;
                };
                let good = holds(&self.streams, &front);
                if good && front.due > self.shared.now && !full {
                    break;
                }
                self.lines[line].pop();
                if good {
                    self.settle_waiting(front.stream, full, sink);
                }
            }
        }
        let fronts = self.lines.iter().filter_map(|l| l.front());
        self.due = fronts.map(|t| t.due).min().unwrap_or(i64::MAX);
    }

    /// Settles one stream of a line; if `full`, gives up its hole in front.
    pub(super) fn settle_waiting(&mut self, number: u32, full: bool, sink: &mut impl Sink) {
        let stream = &mut self.streams[number];
        stream.cold().ticket = 0;
        let index = stream.flow;
        let side = (self.flows[index].sides[1].stream == number) as usize;
        let last = self.flows[index].last_segment(side);
        if full {
            if !self.streams[number].open {
                self.open(index, side, &last, sink);
            }
            let (stream, mut cx) = self.context(number, index, side, &last, sink);
            stream.force(&mut cx);
        }
        self.settle(index, side, &last, sink);
        self.note_closed(index, sink);
    }
}
