//! Where the checksums of a frame stand, whether they are right, and how they are written.

use super::{
    algorithm::Algorithm,
    layout::{Blocks, Checksum, Endian},
    memo::{BlockRun, Memo},
};

/// A checksum of a frame type, ready to compute.
#[derive(Debug)]
pub(super) struct FrameChecksum {
    spec: Checksum,
    /// Index of the algorithm in the table.
    pub algorithm: usize,
}

/// What it is computed with.
pub(super) struct Context<'a> {
    pub algorithm: &'a Algorithm,
    pub memo: &'a mut Memo,
    /// Stream offset of the frame.
    pub offset: u64,
    /// Index of the frame type.
    pub kind: usize,
}

impl FrameChecksum {
    pub fn new(spec: &Checksum, algorithm: usize) -> Self {
        Self {
            spec: spec.clone(),
            algorithm,
        }
    }

    /// Whether it stands behind every block.
    pub fn in_blocks(&self) -> bool {
        self.spec.blocks
    }

    fn width(&self) -> usize {
        self.spec.kind.width()
    }

    /// Whether a whole frame carries the checksums that its bytes have. False where there is no room for them.
    pub fn is_right(&self, frame: &[u8], blocks: Option<Blocks>, mut context: Context<'_>) -> bool {
        let right = match blocks {
            Some(blocks) if self.spec.blocks => self.all_blocks(frame, blocks, &mut context),
            _ => self
                .place(frame.len())
                .and_then(|at| self.stands(frame, self.spec.from, at, &mut context)),
        };
        right.unwrap_or(false)
    }

    /// Computes the checksums of a whole frame and writes them in their place; `None` where there is no room.
    pub fn write(
        &self,
        algorithm: &Algorithm,
        frame: &mut [u8],
        blocks: Option<Blocks>,
    ) -> Option<()> {
        if let Some(blocks) = blocks.filter(|_| self.spec.blocks) {
            let (mut at, mut last) = (self.spec.from, usize::try_from(blocks.after).ok()?);
            while at < frame.len() {
                let place = last.min(frame.len()).checked_sub(self.width())?;
                self.put(algorithm, frame, at, place)?;
                at = last;
                last = last.saturating_add(usize::try_from(blocks.step()?).ok()?);
            }
            return Some(());
        }
        let at = self.place(frame.len())?;
        self.put(algorithm, frame, self.spec.from, at)
    }

    fn put(&self, algorithm: &Algorithm, frame: &mut [u8], from: usize, at: usize) -> Option<()> {
        let sum = algorithm.checksum(frame.get(from..at)?).to_le_bytes();
        let place = frame.get_mut(at..at + self.width())?;
        place.copy_from_slice(sum.get(..self.width())?);
        if self.spec.endian == Endian::Big {
            place.reverse();
        }
        Some(())
    }

    fn place(&self, len: usize) -> Option<usize> {
        match usize::try_from(self.spec.at) {
            Ok(at) => Some(at),
            Err(_) => len.checked_sub(usize::try_from(self.spec.at.unsigned_abs()).ok()?),
        }
    }

    /// One behind the bytes before the first block, and one behind every block.
    fn all_blocks(&self, frame: &[u8], blocks: Blocks, context: &mut Context<'_>) -> Option<bool> {
        let step = usize::try_from(blocks.step()?).ok()?;
        let first = usize::try_from(blocks.after).ok()?;
        let place = first.min(frame.len()).checked_sub(self.width())?;
        if !self.stands(frame, self.spec.from, place, context)? {
            return Some(false);
        }
        let Some(length) = frame.len().checked_sub(first) else {
            return Some(true);
        };
        let whole = first + length / step * step;
        if !self.whole_blocks(frame, first, whole, step, context)? {
            return Some(false);
        }
        match frame.len() - whole {
            0 => Some(true),
            _ => self.stands(
                frame,
                whole,
                frame.len().checked_sub(self.width())?,
                context,
            ),
        }
    }

    /// Whether the whole blocks from `from` to `to` are right. Of a stream, a block is read once, however many frames
    /// could contain it.
    fn whole_blocks(
        &self,
        frame: &[u8],
        from: usize,
        to: usize,
        step: usize,
        context: &mut Context<'_>,
    ) -> Option<bool> {
        let offset = context.offset;
        let known = |context: &mut Context<'_>| -> Option<BlockRun> {
            let run = context.memo.blocks(context.kind)?;
            run.run(offset + from as u64, step as u64).copied()
        };
        let run = known(context);
        let mut at = match run {
            Some(run) => usize::try_from(run.to - offset).ok()?.min(to),
            None => from,
        };
        if at < to && run.is_some_and(|run| run.bad) {
            return Some(false);
        }
        let mut right = true;
        while at < to && right {
            right = self.stands(frame, at, at + step - self.width(), context)?;
            at += if right { step } else { 0 };
            if let Some(runs) = context.memo.blocks(context.kind)
                && let Some(run) = runs.run(offset + from as u64, step as u64)
            {
                (run.to, run.bad) = (offset + at as u64, !right);
            }
        }
        Some(right)
    }

    /// Whether the checksum of `from..at` stands at `at`.
    fn stands(
        &self,
        frame: &[u8],
        from: usize,
        at: usize,
        context: &mut Context<'_>,
    ) -> Option<bool> {
        let field = frame.get(at..at.checked_add(self.width())?)?;
        let join = |sum: u32, &byte: &u8| sum << 8 | u32::from(byte);
        let found = match self.spec.endian {
            Endian::Big => field.iter().fold(0, join),
            Endian::Little => field.iter().rev().fold(0, join),
        };
        let algorithm = (self.algorithm, context.algorithm);
        context
            .memo
            .checks(algorithm, (frame, context.offset), (from, at), found)
    }
}
