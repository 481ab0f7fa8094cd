//! The machine: bytes of one stream in, in any cut; frames, faults and skips out, in order, every byte in one of them.
//!
//! ```text
//!            frame                      no frame here
//!           ┌─────┐   ┌───────────────────────────────────────────────┐
//!           ▼     │   │                                               ▼
//!   Known ▶ Step ─┴───┘◀── next frame: tell fault or skip, frame ── Hunt(Fault | Leading | Cut) ◀ Unknown
//!           ▲                                                         ▲
//!           └── finish: tell what is open ──────────── gap ───────────┘
//! ```
//!
//! What it decides it decides by [`Table::decide`] alone, over a window that begins at the first byte not yet
//! decided; so the events do not depend on how the bytes were cut. Bytes stay where the caller has them; only what
//! is undecided when a feed ends is copied, into the carry, and completed there.
//!
//! Cost: a byte in step is looked at a fixed number of times. A byte out of step is the beginning of at most one
//! window, which costs a few compares for each type; with a checksum, at most one pass over `max` bytes more.

use std::{fmt, sync::Arc};

use super::{
    event::{Event, Frame, SkipKind, Step, StreamEnd},
    judge::Tail,
    layout::Resync,
    state::{Mode, State},
    table::FrameTable,
};

/// What is known of the beginning of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamStart {
    /// The first byte fed is the first that was sent: a frame should start there.
    Known,
    /// The stream had begun before.
    Unknown,
}

/// What a framer holds because it cannot be told yet. See [`Framer::pending`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Stream offset of the first byte held.
    pub offset: u64,
    /// How many are held.
    pub length: u64,
    /// Type and size of the frame that [`Framer::flush`] would take.
    pub frame: Option<(usize, usize)>,
}

/// What [`Framer::steps`] took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// How many frames.
    pub frames: usize,
    /// How many bytes these have.
    pub bytes: usize,
    /// What is behind them.
    pub then: Then,
}

/// What is behind the frames that [`Framer::steps`] took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    End,
    /// One frame more at least; there was no room for it.
    Again,
    /// The beginning of what could be a frame. It is taken, and held.
    Held,
    /// Something that only [`Framer::feed`] can tell.
    Feed,
}

/// Finds the frames of one stream.
///
/// ```
/// use std::sync::Arc;
/// use deframe::framing::{Event, Framer, FrameLayout, Layout, Pattern, Resync, Size, StreamStart, Table};
///
/// let ping = FrameLayout {
///     headers: vec![Pattern { value: vec![0xFD], mask: vec![0xFF] }],
///     size: Size::Fixed(4),
///     end: vec![0xDD],
///     min: 4,
///     max: 4,
///     checksum: None,
/// };
/// let table = Arc::new(Table::new(&Layout { frames: vec![ping], resync: Resync::Scan })?);
/// let mut framer = Framer::new(table, StreamStart::Known);
/// let mut found = Vec::new();
/// for piece in [&[0xFD, 1][..], &[2, 0xDD, 0xFD]] {
///     framer.feed(piece, &mut |event| {
///         if let Event::Frame(frame) = event {
///             found.push((frame.offset, frame.bytes.to_vec()));
///         }
///     });
/// }
/// assert_eq!(found, [(0, vec![0xFD, 1, 2, 0xDD])]);
/// assert_eq!(framer.pending().map(|p| p.length), Some(1));
/// # Ok::<(), deframe::framing::LayoutError>(())
/// ```
pub struct Framer {
    table: Arc<FrameTable>,
    state: State,
}

impl fmt::Debug for Framer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let State {
            at,
            from,
            frames,
            mode,
            ..
        } = self.state;
        f.debug_struct("Framer")
            .field("at", &at)
            .field("from", &from)
            .field("frames", &frames)
            .field("held", &self.state.held())
            .field("mode", &mode)
            .finish_non_exhaustive()
    }
}

impl Framer {
    /// A framer for a stream of which nothing has been fed.
    pub fn new(table: Arc<FrameTable>, start: StreamStart) -> Self {
        let state = State::new(&table, start);
        Self { table, state }
    }

    /// Takes the next bytes of the stream.
    pub fn feed(&mut self, bytes: &[u8], emit: &mut impl FnMut(Event<'_>)) {
        self.state.feed(&self.table, bytes, emit);
    }

    /// The quick way for whole frames: if nothing is held, takes the run of whole and certain frames that `bytes` begin
    /// with, as many as `out` has room for, and writes them there. What is not taken is for [`Framer::feed`], and
    /// [`Steps::then`] says whether it is worth the call. The two may alternate at will, and tell the same frames.
    #[inline(always)]
    pub fn steps(&mut self, bytes: &[u8], out: &mut [Step]) -> Steps {
        self.state.steps(&self.table, bytes, out)
    }

    /// The quick way for very few bytes: if with what is held they are too few to tell anything, takes them. False leaves
    /// everything as it was.
    #[inline]
    pub fn keep(&mut self, bytes: &[u8]) -> bool {
        self.state.keep(bytes)
    }

    /// The quick way for a frame that begins with what is held: if the first of `bytes` make it whole and certain, gives
    /// it and the bytes behind it, and nothing is held any more. None leaves everything as it was; [`Framer::feed`] is
    /// then the way.
    #[inline(always)]
    pub fn complete<'b>(&mut self, bytes: &'b [u8]) -> Option<(Frame<'_>, &'b [u8])> {
        self.state.complete(&self.table, bytes)
    }

    /// Gives back the memory of what was held, if nothing is held any more. For who has very many framers.
    #[inline]
    pub fn shrink(&mut self) {
        self.state.shrink();
    }

    /// A segment starts at the next byte. Matters where the layout says [`Resync::Segment`], and else not at all.
    pub fn mark(&mut self) {
        if self.table.resync == Resync::Segment {
            self.state.mark();
        }
    }

    /// The next `length` bytes of the stream are missing. A frame is looked for right behind them.
    pub fn gap(&mut self, length: u64, emit: &mut impl FnMut(Event<'_>)) {
        if length == 0 {
            return;
        }
        self.state
            .end_run(&self.table, Tail::Gap, Some(SkipKind::Cut), emit);
        self.state.at += length;
        (self.state.from, self.state.mode) = (self.state.at, Mode::Cut);
    }

    /// The stream ends here. Should more bytes come all the same, a frame should start with them.
    pub fn finish(&mut self, end: StreamEnd, emit: &mut impl FnMut(Event<'_>)) {
        let open = match end {
            StreamEnd::Open => Some(SkipKind::Unfinished),
            StreamEnd::Closed => None,
        };
        self.state.end_run(&self.table, Tail::End, open, emit);
    }

    /// For a reader of a live stream that has paused: takes the frame at the beginning of what is pending if it is
    /// complete, though a longer one could still come of it.
    pub fn flush(&mut self, emit: &mut impl FnMut(Event<'_>)) {
        self.state.flush(&self.table, emit);
    }

    /// What is held because it cannot be told yet.
    pub fn pending(&self) -> Option<Pending> {
        let length = self.state.held() as u64;
        let pending = || Pending {
            offset: self.state.at,
            length,
            frame: self.state.whole(&self.table),
        };
        (length > 0).then(pending)
    }

    /// Stream offset of the next byte to be fed.
    pub fn offset(&self) -> u64 {
        self.state.at + self.state.held() as u64
    }

    /// Stream offset of the first byte that is not decided. What is below it has been told in an event, or belongs to
    /// the fault or skip that begins at [`Framer::fault_from`].
    pub fn settled(&self) -> u64 {
        self.state.at
    }

    /// Out of step: stream offset of the first byte that has not been told in an event.
    pub fn fault_from(&self) -> Option<u64> {
        (self.state.mode != Mode::Step).then_some(self.state.from)
    }

    /// How many frames have been told.
    pub fn frames_found(&self) -> u64 {
        self.state.frames
    }
}
