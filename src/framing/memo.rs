//! What the decisions on one stream remember of its bytes, so that no byte is read again and again: how far end markers
//! were searched, registers of checksums, blocks that were checked. It is a cache: without it every decision is the same.
//!
//! This is what bounds the work: hunting may ask for the checksum of a long range at every byte, each overlapping the
//! last. With registers every [`STRIDE`] bytes each takes at most two strides of reading, whatever its length.

use std::collections::VecDeque;

use super::{algorithm::Algorithm, table::FrameTable};

/// Bytes from one kept register to the next.
const STRIDE: usize = 16;

/// Ranges up to this many bytes are read, not skipped through.
const MAX_DIRECT_BYTES: usize = 32;

/// Caches of a table's frame types for one stream; empty ones, for bytes that are no stream.
#[derive(Debug, Default)]
pub(super) struct Memo {
    /// For each type, if any type is searched.
    searches: Vec<Search>,
    /// For each distinct checksum of the table.
    registers: Vec<Registers>,
    /// For each type, if any has a checksum behind every block.
    blocks: Vec<BlockRuns>,
    /// Bytes read by decisions, and one for each type that was tried at a place.
    pub work: u64,
}

/// How far the search for an end marker has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Search {
    /// Stream offset where the search began.
    pub from: u64,
    /// No end marker begins between `from` and this; if `found`, one begins here.
    pub to: u64,
    pub found: bool,
}

impl Memo {
    pub fn new(table: &FrameTable) -> Self {
        let kinds = table.kinds.len();
        let of = |needed: bool| if needed { kinds } else { 0 };
        Self {
            searches: vec![Search::default(); of(table.is_searched())],
            registers: vec![Registers::default(); table.algorithms.len()],
            blocks: vec![BlockRuns::default(); of(table.has_block_checksums())],
            work: 0,
        }
    }

    /// The search of a frame type.
    pub fn search(&mut self, kind: usize) -> Option<&mut Search> {
        self.searches.get_mut(kind)
    }

    pub fn blocks(&mut self, kind: usize) -> Option<&mut BlockRuns> {
        self.blocks.get_mut(kind)
    }

    /// Whether `found` is the checksum of the bytes `from..to` of a window that begins at stream offset `offset`.
    pub fn checks(
        &mut self,
        (index, algorithm): (usize, &Algorithm),
        (bytes, offset): (&[u8], u64),
        (from, to): (usize, usize),
        found: u32,
    ) -> Option<bool> {
        let range = bytes.get(from..to)?;
        let register = match self.registers.get_mut(index) {
            Some(registers) if range.len() > MAX_DIRECT_BYTES => {
                registers.register(algorithm, (bytes, offset), (from, to), &mut self.work)?
            }
            _ => {
                self.work += range.len() as u64;
                algorithm.feed(algorithm.start(), range)
            }
        };
        Some(algorithm.matches(register, range.len(), found))
    }

    /// Frees what is large.
    pub fn release(&mut self) {
        self.registers.fill_with(Registers::default);
    }
}

/// Registers of a checksum that was started somewhere in the stream, one every [`STRIDE`] bytes.
#[derive(Clone, Debug, Default)]
struct Registers {
    /// Stream offset of the first.
    base: u64,
    values: VecDeque<u32>,
}

impl Registers {
    /// The register of a checksum started at `from`, after the bytes up to `to`.
    fn register(
        &mut self,
        algorithm: &Algorithm,
        (bytes, offset): (&[u8], u64),
        (from, to): (usize, usize),
        work: &mut u64,
    ) -> Option<u32> {
        self.cover(algorithm, (bytes, offset), to, work)?;
        // From window index to the index of a register and its place: the first at or behind `from`, the last up to `to`.
        let (from_base, to_base) = (
            offset + from as u64 - self.base,
            offset + to as u64 - self.base,
        );
        let first = usize::try_from(from_base.div_ceil(STRIDE as u64)).ok()?;
        let last = usize::try_from(to_base / STRIDE as u64).ok()?;
        let place = |index: usize| {
            let at = self.base + (index * STRIDE) as u64;
            usize::try_from(at.checked_sub(offset)?).ok()
        };
        let (head, tail) = (
            bytes.get(from..place(first)?)?,
            bytes.get(place(last)?..to)?,
        );
        *work += (head.len() + tail.len()) as u64;
        let register = algorithm.feed(algorithm.start(), head);
        let (before, after) = (*self.values.get(first)?, *self.values.get(last)?);
        let length = ((last - first) * STRIDE) as u64;
        Some(algorithm.feed(algorithm.skip(register, before, after, length), tail))
    }

    /// Adds the registers up to `to`, drops those before the window.
    fn cover(
        &mut self,
        algorithm: &Algorithm,
        (bytes, offset): (&[u8], u64),
        to: usize,
        work: &mut u64,
    ) -> Option<()> {
        let end = |this: &Self| this.base + (this.values.len().saturating_sub(1) * STRIDE) as u64;
        // Bytes before the window are gone, so registers can be continued only from inside of it.
        if self.values.is_empty() || end(self) < offset {
            self.values.clear();
            self.values.push_back(0);
            self.base = offset;
        }
        while self.base + STRIDE as u64 <= offset {
            self.values.pop_front();
            self.base += STRIDE as u64;
        }
        let mut register = *self.values.back()?;
        let rest = bytes
            .get(usize::try_from(end(self) - offset).ok()?..)
            .unwrap_or_default();
        let wanted = to.saturating_sub(bytes.len() - rest.len());
        for stride in rest.get(..wanted).unwrap_or_default().chunks_exact(STRIDE) {
            register = algorithm.feed(register, stride);
            *work += STRIDE as u64;
            self.values.push_back(register);
        }
        Some(())
    }
}

/// Which blocks of a stream have the right checksum: for each place of their beginning modulo their length, the latest
/// run of blocks that were checked.
#[derive(Clone, Debug, Default)]
pub(super) struct BlockRuns(Vec<BlockRun>);

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BlockRun {
    /// Stream offset where it begins.
    from: u64,
    /// Stream offset where it ends; if `bad`, with a block whose checksum is wrong.
    pub to: u64,
    pub bad: bool,
}

impl BlockRuns {
    /// The run that holds the block of `length` bytes at `offset`, or an empty one that begins there.
    pub fn run(&mut self, offset: u64, length: u64) -> Option<&mut BlockRun> {
        if self.0.is_empty() {
            self.0
                .resize(usize::try_from(length).ok()?, BlockRun::default());
        }
        let run = self.0.get_mut(usize::try_from(offset % length).ok()?)?;
        if !(run.from..=run.to).contains(&offset) {
            *run = BlockRun {
                from: offset,
                to: offset,
                bad: false,
            };
        }
        Some(run)
    }
}
