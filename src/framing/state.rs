//! The state of one stream's framer and the steps between its states. Knows its window and what is held; what bytes
//! are is for [`Table::decide`] to say.

use super::{
    decide::{Found, Tail, Verdict, Window},
    event::{Event, Run, RunFrame},
    fault::OpenFault,
    framer::StreamStart,
    layout::Resync,
    memo::Memo,
    table::{FastMatch, FrameTable, Lead},
};
use std::collections::VecDeque;

/// What the next byte is the beginning of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    /// A frame should start at it.
    Synced,
    /// Hunting; the bytes since `from` are a fault.
    Fault,
    /// Hunting: no frame has been found since the stream began.
    Leading,
    /// Hunting: no frame has been found since a gap.
    Cut,
}

/// Bytes taken at once, at least, to complete what is buffered, for layouts that can only ask for one more.
pub(super) const MIN_TAKEN_BYTES: usize = 32;

/// Largest buffer that is kept when it is empty, in bytes.
pub(super) const MAX_KEPT_BYTES: usize = 16 << 10;

/// All of a framer but its table, so that the two can be borrowed apart.
pub(super) struct State {
    /// Stream offset of the first byte not decided: that of the window.
    pub at: u64,
    /// While hunting: where the fault or skip began. At most `at`.
    pub from: u64,
    /// Frames emitted.
    pub frames: u64,
    /// Bytes not decided when the last feed ended, from `start` on.
    pub buf: Vec<u8>,
    pub start: usize,
    /// Bytes that the window needs before it is worth another look.
    pub need: usize,
    /// The fault being collected, without the bytes of the window.
    pub fault: Option<Box<OpenFault>>,
    aid: Option<Box<Aid>>,
    pub mode: Mode,
    /// Whether the buffer stays allocated while it is empty.
    pub keep_buffer: bool,
}

/// What only some layouts need.
struct Aid {
    /// Stream offsets where a segment starts, ascending, none below the window.
    marks: VecDeque<u64>,
    memo: Memo,
}

/// How far a run came.
pub(super) struct Ran {
    /// Bytes decided.
    pub used: usize,
    /// Bytes of them that have been told; the rest belongs to the fault or skip that is open.
    pub told: usize,
    /// Where no more bytes come: the first place behind `told` from which a frame would still be open.
    pub open: Option<usize>,
}

impl State {
    pub fn new(table: &FrameTable, start: StreamStart) -> Self {
        let needed =
            table.is_searched() || !table.algorithms.is_empty() || table.resync == Resync::Segment;
        let aid = needed.then(|| {
            Box::new(Aid {
                marks: VecDeque::new(),
                memo: Memo::new(table),
            })
        });
        let mode = match start {
            StreamStart::Known => Mode::Synced,
            StreamStart::Unknown => Mode::Leading,
        };
        Self {
            at: 0,
            from: 0,
            frames: 0,
            buf: Vec::new(),
            start: 0,
            need: 1,
            fault: None,
            aid,
            mode,
            keep_buffer: true,
        }
    }

    /// Number of buffered bytes.
    pub fn buffered(&self) -> usize {
        self.buf.len() - self.start
    }

    /// Remembers that a segment starts at the next byte.
    pub fn mark(&mut self) {
        let next = self.at + self.buffered() as u64;
        if let Some(aid) = &mut self.aid
            && aid.marks.back() != Some(&next)
        {
            aid.marks.push_back(next);
        }
    }

    /// The general path of [`Framer::feed`](super::Framer::feed).
    #[inline(never)]
    pub fn feed(&mut self, table: &FrameTable, bytes: &[u8], emit: &mut impl FnMut(Event<'_>)) {
        let Some(rest) = self.resume(table, bytes, emit) else {
            return;
        };
        let used = self.advance(table, rest, emit);
        if let Some(left) = rest.get(used..).filter(|left| !left.is_empty()) {
            self.buffer(table, left);
        }
        self.release_buffer();
    }

    /// Frees the buffer if it is empty and not to be kept.
    #[inline]
    pub fn release_buffer(&mut self) {
        if !self.keep_buffer && self.buffered() == 0 && self.buf.capacity() > 0 {
            (self.buf, self.start) = (Vec::new(), 0);
        }
    }

    /// Keeps what is not decided; nothing is held yet.
    #[inline]
    pub fn buffer(&mut self, table: &FrameTable, bytes: &[u8]) {
        self.buf.clear();
        self.start = 0;
        if self.buf.capacity() == 0 {
            self.buf
                .reserve(table.window.unwrap_or(0).min(4096) + MIN_TAKEN_BYTES);
        }
        self.buf.extend_from_slice(bytes);
    }

    /// Takes as many of the next bytes as what is held needs; gives the rest, if nothing is held any more.
    fn resume<'b>(
        &mut self,
        table: &FrameTable,
        bytes: &'b [u8],
        emit: &mut impl FnMut(Event<'_>),
    ) -> Option<&'b [u8]> {
        match self.buffered() {
            0 => Some(bytes),
            _ => self.feed_carry(table, bytes, emit),
        }
    }

    /// Completes what is in the buf. Returns what of `bytes` is left when nothing is in it any more but bytes that
    /// are in `bytes`, too.
    fn feed_carry<'b>(
        &mut self,
        table: &FrameTable,
        bytes: &'b [u8],
        emit: &mut impl FnMut(Event<'_>),
    ) -> Option<&'b [u8]> {
        let mut taken = 0;
        loop {
            let held = self.buffered();
            if held <= taken {
                self.buf.clear();
                self.start = 0;
                if self.buf.capacity() > MAX_KEPT_BYTES {
                    self.buf = Vec::new();
                    self.with_memo(Memo::release);
                }
                return bytes.get(taken - held..);
            }
            let want = self
                .need
                .saturating_sub(held)
                .max(MIN_TAKEN_BYTES)
                .min(bytes.len() - taken);
            self.buf.extend_from_slice(bytes.get(taken..taken + want)?);
            taken += want;
            if want == 0 || self.buffered() < self.need {
                self.compact();
                return None;
            }
            let buf = std::mem::take(&mut self.buf);
            self.start += self.advance(table, buf.get(self.start..).unwrap_or_default(), emit);
            self.buf = buf;
        }
    }

    /// Drops the decided bytes of the buf, once they are half of it.
    pub fn compact(&mut self) {
        if self.start > self.buf.len() / 2 {
            self.buf.drain(..self.start);
            self.start = 0;
        }
    }

    /// Decides as much of a window as can be decided while more may come; returns how many bytes that is.
    fn advance(&mut self, table: &FrameTable, w: &[u8], emit: &mut impl FnMut(Event<'_>)) -> usize {
        let ran = self.run(table, w, Tail::More, emit);
        if self.mode == Mode::Fault && ran.told < ran.used {
            let bytes = w.get(ran.told..ran.used).unwrap_or_default();
            self.collect(table, bytes);
        }
        ran.used
    }

    /// Decides a window as far as it can be: to its end where no more bytes come.
    pub fn run(
        &mut self,
        table: &FrameTable,
        w: &[u8],
        tail: Tail,
        emit: &mut impl FnMut(Event<'_>),
    ) -> Ran {
        let base = self.at;
        let (mut p, mut told, mut open) = (0, 0, None);
        self.need = 1;
        loop {
            if self.mode == Mode::Synced {
                let short;
                (p, short) = self.synced_frames(table, w, p, emit);
                told = p;
                if let (Some(need), Tail::More) = (short, tail) {
                    self.need = need;
                    break;
                }
            }
            p = self.candidate(table, w, p);
            let Some(rest) = w.get(p..).filter(|rest| !rest.is_empty()) else {
                p = w.len();
                break;
            };
            let window = Window {
                bytes: rest,
                offset: base + p as u64,
                tail,
            };
            match self.with_memo(|memo| table.decide(window, memo)) {
                Verdict::Frame(found) => {
                    self.close(
                        table,
                        w.get(told..p).unwrap_or_default(),
                        window.offset,
                        emit,
                    );
                    p += self.take(found, window, emit);
                    (told, open) = (p, None);
                }
                Verdict::More(n) => {
                    self.need = n;
                    break;
                }
                Verdict::No(bad_checksum) => {
                    if self.mode == Mode::Synced {
                        self.lose_sync(window, bad_checksum);
                    }
                    if tail != Tail::More
                        && open.is_none()
                        && self.with_memo(|memo| table.open(window, memo)).is_some()
                    {
                        open = Some(p);
                    }
                    p += 1;
                }
            }
        }
        self.at = base + p as u64;
        self.drop_marks();
        Ran {
            used: p,
            told,
            open,
        }
    }

    /// Takes the whole frames of fixed size that stand one behind the other from `p` on; says how many bytes it takes
    /// to tell what follows, where it is so few.
    #[inline]
    fn synced_frames(
        &mut self,
        table: &FrameTable,
        w: &[u8],
        mut p: usize,
        emit: &mut impl FnMut(Event<'_>),
    ) -> (usize, Option<usize>) {
        while let Some(rest) = w.get(p..) {
            let frame = match table.fast_match(rest) {
                FastMatch::Frame(frame) => frame,
                FastMatch::Short(need) => return (p, Some(need)),
                FastMatch::No | FastMatch::Unknown => break,
            };
            let size = frame.size as usize;
            let Some(bytes) = rest.get(..size) else { break };
            emit(Event::Frames(Run {
                offset: self.at + p as u64,
                bytes,
                frames: std::slice::from_ref(frame),
                checksum_ok: true,
            }));
            self.frames += 1;
            p += size;
        }
        (p, None)
    }

    /// Tells a frame; returns its size. The next one should start behind it.
    fn take(&mut self, found: Found, w: Window<'_>, emit: &mut impl FnMut(Event<'_>)) -> usize {
        let Found {
            kind,
            size,
            checksum_ok,
        } = found;
        let bytes = w.bytes.get(..size).unwrap_or(w.bytes);
        let frame = RunFrame {
            kind: kind as u16,
            size: size as u32,
        };
        emit(Event::Frames(Run {
            offset: w.offset,
            bytes,
            frames: &[frame],
            checksum_ok,
        }));
        self.frames += 1;
        self.mode = Mode::Synced;
        size
    }

    /// Takes the frame that the window begins with if it is whole, though a longer one could come of it; and so on.
    pub fn flush(&mut self, table: &FrameTable, emit: &mut impl FnMut(Event<'_>)) {
        let buf = std::mem::take(&mut self.buf);
        while let Some(w) = buf.get(self.start..).filter(|w| !w.is_empty()) {
            let window = Window {
                bytes: w,
                offset: self.at,
                tail: Tail::End,
            };
            let Verdict::Frame(found) = self.with_memo(|memo| table.decide(window, memo)) else {
                break;
            };
            self.close(table, &[], self.at, emit);
            let size = self.take(found, window, emit);
            (self.at, self.start) = (self.at + size as u64, self.start + size);
            self.start += self.advance(table, buf.get(self.start..).unwrap_or_default(), emit);
        }
        self.buf = buf;
        self.compact();
    }

    /// Type and size of the frame that [`State::flush`] would take.
    pub fn whole(&self, table: &FrameTable) -> Option<(usize, usize)> {
        let bytes = self.buf.get(self.start..)?;
        let w = Window {
            bytes,
            offset: self.at,
            tail: Tail::End,
        };
        match table.decide(w, &mut Memo::default()) {
            Verdict::Frame(found) => Some((found.kind, found.size)),
            Verdict::No(_) | Verdict::More(_) => None,
        }
    }

    /// Calls with the memo of the stream, or an empty one where its layout needs none.
    #[inline]
    pub fn with_memo<T>(&mut self, act: impl FnOnce(&mut Memo) -> T) -> T {
        match &mut self.aid {
            Some(aid) => act(&mut aid.memo),
            None => act(&mut Memo::default()),
        }
    }

    /// See [`Framer::work`](super::Framer::work).
    pub fn work(&self) -> u64 {
        self.aid.as_ref().map_or(0, |aid| aid.memo.work)
    }

    /// The next place, from `p` on, at which a frame may start; the length of the window if there is none in it.
    fn candidate(&self, table: &FrameTable, w: &[u8], p: usize) -> usize {
        let offset = self.at + p as u64;
        // In step, at the beginning of a stream and behind a gap, the first place counts whatever the layout says.
        if self.mode == Mode::Synced || self.mode != Mode::Fault && offset == self.from {
            return p;
        }
        match (table.resync, &self.aid) {
            (Resync::Scan, _) => seek(table, w, p),
            (Resync::Segment, Some(aid)) => {
                let next = aid.marks.partition_point(|&mark| mark < offset);
                let next = aid.marks.get(next).map(|mark| mark - self.at);
                next.and_then(|at| usize::try_from(at).ok())
                    .unwrap_or(w.len())
                    .min(w.len())
            }
            (Resync::Segment, None) => w.len(),
        }
    }

    /// Whether there are marks to be dropped.
    #[inline]
    pub fn has_aid(&self) -> bool {
        self.aid.is_some()
    }

    /// Drops the marks below the window.
    pub fn drop_marks(&mut self) {
        if let Some(aid) = &mut self.aid {
            while aid.marks.front().is_some_and(|&mark| mark < self.at) {
                aid.marks.pop_front();
            }
        }
    }
}

/// The next byte, from `p` on, that a frame may begin with.
fn seek(table: &FrameTable, w: &[u8], p: usize) -> usize {
    let rest = w.get(p..).unwrap_or_default();
    let found = match table.lead {
        Lead::Match(a) => memchr::memchr(a, rest),
        Lead::Two(a, b) => memchr::memchr2(a, b, rest),
        Lead::Three(a, b, c) => memchr::memchr3(a, b, c, rest),
        Lead::Class => rest.iter().position(|&b| !table.never(b)),
    };
    found.map_or(w.len(), |at| p + at)
}
