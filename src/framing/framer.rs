//! The framer of one stream: bytes in, in any cut; frames, faults and skips out, in order, every byte in exactly one.
//!
//! ```text
//!             frame                     no frame here
//!            ┌─────┐   ┌────────────────────────────────────────────────┐
//!            ▼     │   │                                                ▼
//!  Known ▶ Synced ─┴───┘◀── next frame: emit fault or skip, frame ── Hunting (Fault | Leading | Cut) ◀ Unknown
//!            ▲                                                          ▲
//!            └── finish: emit what is open ───────────── gap ───────────┘
//! ```
//!
//! Every decision is made by [`FrameTable::decide`] alone, over a window that begins at the first undecided byte. So the
//! frames, faults and skips do not depend on how the bytes were cut. Bytes stay where the caller has them; only those
//! that are undecided when a feed ends are copied, into the buffer of the framer.
//!
//! Cost: while synchronised, a byte is read a fixed number of times. While hunting, every byte may begin a frame of every
//! type; each costs a few compares and, where its size is there, two strides of a checksum (see `memo.rs`), not a pass
//! over the frame.

use std::{fmt, sync::Arc};

use super::{
    decide::Tail,
    event::{Event, SkipKind, StreamEnd},
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

/// Bytes that a framer buffers because they are undecided. See [`Framer::pending`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Stream offset of the first of them.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
    /// Type and size of the frame that [`Framer::flush`] would emit.
    pub frame: Option<(usize, usize)>,
}

/// Finds the frames of one stream.
///
/// ```
/// use std::sync::Arc;
/// use deframe::framing::{Event, FrameLayout, FrameTable, Framer, Layout, Pattern, Size, StreamStart};
///
/// let ping = FrameLayout {
///     headers: vec![Pattern { value: vec![0xFD], mask: vec![0xFF] }],
///     size: Size::Fixed(4),
///     end: vec![0xDD],
///     min: 4,
///     max: 4,
///     checksum: None,
/// };
/// let table = Arc::new(FrameTable::new(&Layout { frames: vec![ping], ..Layout::default() })?);
/// let mut framer = Framer::new(table, StreamStart::Known);
/// let mut found = Vec::new();
/// for piece in [&[0xFD, 1][..], &[2, 0xDD, 0xFD]] {
///     framer.feed(piece, &mut |event| {
///         if let Event::Frames(run) = event {
///             found.extend(run.iter().map(|frame| (frame.offset, frame.bytes.to_vec())));
///         }
///     });
/// }
/// assert_eq!(found, [(0, vec![0xFD, 1, 2, 0xDD])]);
/// assert_eq!(framer.pending().map(|p| p.length), Some(1));
/// # Ok::<(), deframe::framing::LayoutError>(())
/// ```
pub struct Framer {
    pub(super) table: Arc<FrameTable>,
    pub(super) state: State,
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
            .field("buffered", &self.state.buffered())
            .field("mode", &mode)
            .finish_non_exhaustive()
    }
}

impl Framer {
    /// A framer for a stream of which nothing has been fed.
    #[must_use]
    pub fn new(table: Arc<FrameTable>, start: StreamStart) -> Self {
        let state = State::new(&table, start);
        Self { table, state }
    }

    /// Whether the buffer stays allocated while it is empty, which it does unless this says no: for programs with very
    /// many framers, most of them idle.
    #[must_use]
    pub fn keep_buffer(mut self, keep: bool) -> Self {
        self.state.keep_buffer = keep;
        self
    }

    /// Limits the frames whose size the sender chooses, below what the layout allows: a frame that states more than this
    /// many bytes is a fault, [`FaultKind::BadLength`](super::FaultKind::BadLength) with the stated size, and the search
    /// for an end marker ends there. It bounds what a live connection can make a server buffer.
    ///
    /// A framer buffers less than one frame, the longest of fixed size or this limit, and allocates at most four times
    /// that: a vector that grows by doubling, a quarter of its length for checksums. Beside it stand at most 256 bytes of
    /// a fault and under 1 KiB of state.
    #[must_use]
    pub fn with_limit(mut self, bytes: u64) -> Self {
        self.state.limit = bytes;
        self
    }

    /// Takes the next bytes of the stream, and emits what they decide.
    #[inline(always)]
    pub fn feed(&mut self, bytes: &[u8], emit: &mut impl FnMut(Event<'_>)) {
        if let Some(rest) = self.state.feed_fast(&self.table, bytes, emit) {
            self.state.feed(&self.table, rest, emit);
        }
    }

    /// A segment starts at the next byte. Has an effect only where the layout says [`Resync::Segment`].
    #[inline]
    pub fn mark(&mut self) {
        if self.table.resync == Resync::Segment {
            self.state.mark();
        }
    }

    /// The next `length` bytes of the stream are missing. A frame may start right behind them.
    pub fn gap(&mut self, length: u64, emit: &mut impl FnMut(Event<'_>)) {
        if length == 0 {
            return;
        }
        self.state
            .end_run(&self.table, Tail::Gap, Some(SkipKind::Cut), emit);
        self.state.at += length;
        (self.state.from, self.state.mode) = (self.state.at, Mode::Cut);
    }

    /// The stream ends here. If more bytes come all the same, a frame should start with them.
    pub fn finish(&mut self, end: StreamEnd, emit: &mut impl FnMut(Event<'_>)) {
        let open = match end {
            StreamEnd::Open => Some(SkipKind::Unfinished),
            StreamEnd::Closed => None,
        };
        self.state.end_run(&self.table, Tail::End, open, emit);
    }

    /// For the reader of a live stream that has paused: emits the frame at the beginning of what is pending if it is
    /// complete, though it could still become a longer one.
    pub fn flush(&mut self, emit: &mut impl FnMut(Event<'_>)) {
        self.state.flush(&self.table, emit);
    }

    /// The undecided bytes, if there are any.
    #[must_use]
    pub fn pending(&self) -> Option<Pending> {
        let length = self.state.buffered() as u64;
        let pending = || Pending {
            offset: self.state.at,
            length,
            frame: self.state.whole(&self.table),
        };
        (length > 0).then(pending)
    }

    /// Stream offset of the next byte to be fed.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.state.at + self.state.buffered() as u64
    }

    /// Stream offset of the first undecided byte. Those below it have been emitted, or belong to the fault or skip that
    /// begins at [`Framer::fault_from`].
    #[must_use]
    #[inline]
    pub fn settled(&self) -> u64 {
        self.state.at
    }

    /// While hunting for the next frame: stream offset of the first byte that has not been emitted.
    #[must_use]
    #[inline]
    pub fn fault_from(&self) -> Option<u64> {
        (self.state.mode != Mode::Synced).then_some(self.state.from)
    }

    /// A measure of the processor time spent: bytes read by checksums and searches so far, and one for each frame type
    /// tried at a place. It is 0 for a protocol without checksums and searched ends. Whatever the bytes are, it grows by a
    /// bounded number for each byte of the stream.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.state.work()
    }

    /// Number of frames emitted.
    #[must_use]
    pub fn frames_found(&self) -> u64 {
        self.state.frames
    }
}
