//! Streams that wait for late data, each in line at most once, so that capture time alone can end the waiting.
//!
//! Knows tickets; nothing of streams.

use std::collections::VecDeque;

#[derive(Clone, Copy)]
pub(super) struct Ticket {
    pub number: u64,
    pub stream: u32,
    /// When it is due.
    pub due: i64,
}

/// See the module. All in one line wait equally long, so its front is due first.
#[derive(Default)]
pub(super) struct Line {
    tickets: VecDeque<Ticket>,
}

impl Line {
    pub fn len(&self) -> usize {
        self.tickets.len()
    }

    pub fn front(&self) -> Option<&Ticket> {
        self.tickets.front()
    }

    pub fn pop(&mut self) -> Option<Ticket> {
        self.tickets.pop_front()
    }

    /// Puts a ticket at the end. `streams` is how many there are: with far more tickets, those no longer good are
    /// thrown out first.
    pub fn push(&mut self, ticket: Ticket, streams: usize, good: impl FnMut(&Ticket) -> bool) {
        if self.tickets.len() > 64 + 2 * streams {
            self.tickets.retain(good);
        }
        self.tickets.push_back(ticket);
    }
}
