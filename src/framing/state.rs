//! The state of one stream's framer, and how a window of bytes changes it.
//!
//! Knows which bytes are decided; what they are is decided by [`FrameTable::decide`].

use std::collections::VecDeque;

use super::{
    decide::{Found, Tail, Verdict, Window},
    event::{Event, Run, RunFrame},
    fast_headers::FastMatch,
    fault::OpenFault,
    framer::StreamStart,
    layout::Resync,
    memo::Memo,
    table::{FrameTable, Lead},
};

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

/// All of a framer but its table, so that the two can be borrowed apart.
pub(super) struct State {
    /// Stream offset of the first undecided byte, where the window begins.
    pub at: u64,
    /// While hunting: where the fault or skip began. At most `at`.
    pub from: u64,
    /// Frames emitted.
    pub frames: u64,
    /// The bytes that were undecided when the last feed ended, from `start` on.
    pub buf: Vec<u8>,
    /// Index in `buf` of the first undecided byte.
    pub start: usize,
    /// Bytes that the window must have before anything more of it can be decided.
    pub need: usize,
    /// The fault that is being collected, without the bytes of the window.
    pub fault: Option<Box<OpenFault>>,
    extra: Option<Box<Extra>>,
    pub mode: Mode,
    /// Whether the buffer stays allocated while it is empty.
    pub keep_buffer: bool,
    /// Largest frame that is taken, in bytes; see [`Framer::with_limit`](super::Framer::with_limit).
    pub limit: u64,
}

/// What only some layouts need.
struct Extra {
    /// Stream offsets where a segment starts, ascending, none below the window.
    marks: VecDeque<u64>,
    memo: Memo,
}

/// How far a window was decided.
pub(super) struct Decided {
    /// Number of decided bytes.
    pub bytes: usize,
    /// Number of those in emitted events; the others belong to the fault or skip that is open.
    pub emitted: usize,
    /// Where no more bytes come: the first place behind `emitted` from which a frame would still be open.
    pub open: Option<usize>,
}

impl State {
    pub fn new(table: &FrameTable, start: StreamStart) -> Self {
        let needed =
            table.is_searched() || !table.algorithms.is_empty() || table.resync == Resync::Segment;
        let extra = needed.then(|| {
            Box::new(Extra {
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
            extra,
            mode,
            keep_buffer: true,
            limit: u64::MAX,
        }
    }

    /// Number of buffered bytes.
    pub fn buffered(&self) -> usize {
        self.buf.len() - self.start
    }

    /// Notes that a segment starts at the next byte.
    pub fn mark(&mut self) {
        let next = self.at + self.buffered() as u64;
        if let Some(extra) = &mut self.extra
            && extra.marks.back() != Some(&next)
        {
            extra.marks.push_back(next);
        }
    }

    /// Decides as much of a window as can be decided while more may come; returns how many bytes that is.
    pub fn advance(
        &mut self,
        table: &FrameTable,
        w: &[u8],
        emit: &mut impl FnMut(Event<'_>),
    ) -> usize {
        let decided = self.run(table, w, Tail::More, emit);
        if self.mode == Mode::Fault
            && let Some(bytes @ [_, ..]) = w.get(decided.emitted..decided.bytes)
        {
            self.collect(table, bytes);
        }
        decided.bytes
    }

    /// Decides a window as far as it can be: to its end where no more bytes come.
    pub fn run(
        &mut self,
        table: &FrameTable,
        w: &[u8],
        tail: Tail,
        emit: &mut impl FnMut(Event<'_>),
    ) -> Decided {
        let base = self.at;
        let (mut p, mut emitted, mut open) = (0, 0, None);
        self.need = 1;
        loop {
            if self.mode == Mode::Synced {
                let short;
                (p, short) = self.synced_frames(table, w, p, emit);
                emitted = p;
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
                limit: self.limit,
            };
            match self.with_memo(|memo| table.decide(window, memo)) {
                Verdict::Frame(found) => {
                    self.close(
                        table,
                        w.get(emitted..p).unwrap_or_default(),
                        window.offset,
                        emit,
                    );
                    p += self.take(found, window, emit);
                    (emitted, open) = (p, None);
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
        Decided {
            bytes: p,
            emitted,
            open,
        }
    }

    /// Emits the frames that the fast path finds one behind the other from `p` on. Gives the place behind them, and the
    /// number of bytes that the next frame needs if the fast path knows it.
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

    /// Emits a frame; gives its size. The next one should start behind it.
    pub fn take(&mut self, found: Found, w: Window<'_>, emit: &mut impl FnMut(Event<'_>)) -> usize {
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

    /// Type and size of the frame that [`State::flush`] would take.
    pub fn whole(&self, table: &FrameTable) -> Option<(usize, usize)> {
        let bytes = self.buf.get(self.start..)?;
        let w = Window {
            bytes,
            offset: self.at,
            tail: Tail::End,
            limit: self.limit,
        };
        match table.decide(w, &mut Memo::default()) {
            Verdict::Frame(found) => Some((found.kind, found.size)),
            Verdict::No(_) | Verdict::More(_) => None,
        }
    }

    /// Calls with the memo of the stream, or an empty one where its layout needs none.
    #[inline]
    pub fn with_memo<T>(&mut self, act: impl FnOnce(&mut Memo) -> T) -> T {
        match &mut self.extra {
            Some(extra) => act(&mut extra.memo),
            None => act(&mut Memo::default()),
        }
    }

    /// See [`Framer::work`](super::Framer::work).
    pub fn work(&self) -> u64 {
        self.extra.as_ref().map_or(0, |extra| extra.memo.work)
    }

    /// The next place, from `p` on, at which a frame may start; the length of the window if there is none in it.
    fn candidate(&self, table: &FrameTable, w: &[u8], p: usize) -> usize {
        let offset = self.at + p as u64;
        // While synchronised, at the beginning of a stream and behind a gap a frame may start whatever the layout says.
        if self.mode == Mode::Synced || self.mode != Mode::Fault && offset == self.from {
            return p;
        }
        match (table.resync, &self.extra) {
            (Resync::Scan, _) => seek(table, w, p),
            (Resync::Segment, Some(extra)) => {
                let next = extra.marks.partition_point(|&mark| mark < offset);
                let next = extra.marks.get(next).map(|mark| mark - self.at);
                next.and_then(|at| usize::try_from(at).ok())
                    .unwrap_or(w.len())
                    .min(w.len())
            }
            (Resync::Segment, None) => w.len(),
        }
    }

    /// Whether there are marks to be dropped.
    #[inline]
    pub fn has_marks(&self) -> bool {
        self.extra.is_some()
    }

    /// Drops the marks below the window.
    pub fn drop_marks(&mut self) {
        if let Some(extra) = &mut self.extra {
            while extra.marks.front().is_some_and(|&mark| mark < self.at) {
                extra.marks.pop_front();
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
