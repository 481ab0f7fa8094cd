//! Faults and skips: where a framer loses synchronisation, and what it emits when a run of bytes ends at a gap or at the
//! end of the stream.

use super::{
    decide::{Tail, Window},
    event::{Event, Skip, SkipKind},
    fault::{self, OpenFault},
    state::{Mode, State},
    table::FrameTable,
};

impl State {
    /// A fault begins with this window; of a whole frame with a wrong checksum, if this is its type.
    pub fn lose_sync(&mut self, w: Window<'_>, bad_checksum: Option<usize>) {
        (self.mode, self.from) = (Mode::Fault, w.offset);
        if bad_checksum.is_some() {
            self.fault
                .get_or_insert_with(|| Box::new(OpenFault::new()))
                .bad_checksum = bad_checksum;
        }
    }

    /// Ends the run: decides and emits all that is buffered. A frame still open is a skip of this kind, or a fault.
    pub fn end_run(
        &mut self,
        table: &FrameTable,
        tail: Tail,
        skip: Option<SkipKind>,
        emit: &mut impl FnMut(Event<'_>),
    ) {
        let mut buf = std::mem::take(&mut self.buf);
        let w = buf.get(self.start..).unwrap_or_default();
        let decided = self.run(table, w, tail, emit);
        let rest = w.get(decided.emitted..).unwrap_or_default();
        match decided
            .open
            .and_then(|open| rest.split_at_checked(open - decided.emitted))
        {
            Some((before, open)) if self.mode == Mode::Fault => {
                self.close_open(table, before, open, skip, emit);
            }
            _ => self.close(table, rest, self.at, emit),
        }
        self.mode = Mode::Synced;
        buf.clear();
        (self.buf, self.start, self.need) = (buf, 0, 1);
    }

    /// Emits the fault that ends the run, of which the last bytes are a frame still open.
    fn close_open(
        &mut self,
        table: &FrameTable,
        before: &[u8],
        open: &[u8],
        skip: Option<SkipKind>,
        emit: &mut impl FnMut(Event<'_>),
    ) {
        let offset = self.at - open.len() as u64;
        if let Some(kind) = skip {
            self.close(table, before, offset, emit);
            emit(Event::Skip(Skip {
                kind,
                offset,
                length: open.len() as u64,
            }));
            return;
        }
        // The sender ended the stream here. If all bytes of the fault together have a name, it explains more than the
        // beginning of a frame somewhere in them.
        let w = Window {
            bytes: open,
            offset,
            tail: Tail::More,
            limit: self.limit,
        };
        let nearest = self.with_memo(|memo| table.open(w, memo));
        let mut whole = self
            .fault
            .as_deref()
            .cloned()
            .unwrap_or_else(OpenFault::new);
        whole.add(before, table);
        whole.add(open, table);
        if whole.fault(table, self.from, self.limit).is_explained() {
            self.collect(table, before);
            self.close(table, open, self.at, emit);
        } else {
            self.close(table, before, offset, emit);
            emit(fault::truncated(table, open, offset, nearest));
        }
    }

    /// Emits the fault or skip that began at `from`, if there is one, with its last bytes, which end at `to`.
    pub fn close(
        &mut self,
        table: &FrameTable,
        bytes: &[u8],
        to: u64,
        emit: &mut impl FnMut(Event<'_>),
    ) {
        let kind = match self.mode {
            Mode::Synced => return,
            Mode::Leading => SkipKind::Leading,
            Mode::Cut => SkipKind::Cut,
            Mode::Fault => {
                self.collect(table, bytes);
                if let Some(fault) = self.fault.take().filter(|t| !t.is_empty()) {
                    emit(Event::Fault(fault.fault(table, self.from, self.limit)));
                }
                return;
            }
        };
        if to > self.from {
            emit(Event::Skip(Skip {
                kind,
                offset: self.from,
                length: to - self.from,
            }));
        }
    }

    /// Adds bytes to the fault that is being collected.
    pub fn collect(&mut self, table: &FrameTable, bytes: &[u8]) {
        self.fault
            .get_or_insert_with(|| Box::new(OpenFault::new()))
            .add(bytes, table);
    }
}
