//! Bytes of one stream that came before their turn: pieces by position, first captured wins.
//!
//! Pieces never overlap and lie in order. Knows positions and bytes, nothing of when a hole is given up.

use std::collections::VecDeque;

use super::seq::Pos;
use crate::{capture::Time, decode::Segment};

/// What a piece costs beside its bytes.
const OVERHEAD: u64 = 96;

/// Which packet brought bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PacketRef {
    pub packet: u64,
    pub capture: u32,
    pub time: Option<Time>,
}

/// A packet with copies of its header and payload.
pub(super) struct OwnedSegment {
    segment: Segment<'static>,
    header: Box<[u8]>,
    payload: Box<[u8]>,
}

impl OwnedSegment {
    pub fn new(segment: &Segment<'_>) -> Self {
        Self {
            segment: Segment {
                header: &[],
                payload: &[],
                ..*segment
            },
            header: segment.header.into(),
            payload: segment.payload.into(),
        }
    }

    pub fn segment(&self) -> Segment<'_> {
        Segment {
            header: &self.header,
            payload: &self.payload,
            ..self.segment
        }
    }

    /// Bytes of memory it stands for.
    pub fn cost(&self) -> u64 {
        (self.header.len() + self.payload.len()) as u64 + 2 * OVERHEAD
    }
}

/// Bytes one packet brought, waiting.
pub(super) struct Piece {
    pub pos: Pos,
    pub data: Box<[u8]>,
    pub origin: PacketRef,
    /// Its first byte is the first payload byte of its packet.
    pub segment_start: bool,
    /// Position behind the urgent byte of its packet, if it has one.
    pub urgent: Option<Pos>,
    /// Other bytes that came for some of these; reported when these are handed out.
    pub refused: Vec<Refused>,
    /// All payload of its packet is this one byte, without PSH: perhaps a keep-alive.
    pub lone: bool,
}

impl Piece {
    pub fn end(&self) -> Pos {
        self.pos + self.data.len() as u64
    }
}

/// Bytes refused because others were held already.
pub(super) struct Refused {
    pub pos: Pos,
    pub packet: u64,
    /// How many of them differ.
    pub differ: u64,
    pub data: Box<[u8]>,
}

/// See the module.
#[derive(Default)]
pub(super) struct Held {
    pieces: VecDeque<Piece>,
    cost: u64,
}

/// The range from the first to the last byte that differs, and how many do; both slices have one length.
pub(super) fn difference(a: &[u8], b: &[u8]) -> Option<(usize, usize, u64)> {
    if a == b {
        return None;
    }
    let differs = |(x, y): (&u8, &u8)| x != y;
    let first = a.iter().zip(b).position(differs)?;
    let last = a.iter().zip(b).rposition(differs)?;
    let count = a.iter().zip(b).filter(|(x, y)| x != y).count() as u64;
    Some((first, last + 1, count))
}

impl Held {
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Bytes of memory it stands for.
    pub fn cost(&self) -> u64 {
        self.cost
    }

    pub fn first(&self) -> Option<&Piece> {
        self.pieces.front()
    }

    pub fn get(&self, index: usize) -> Option<&Piece> {
        self.pieces.get(index)
    }

    /// The end of the piece that covers `pos`.
    pub fn covering(&self, pos: Pos) -> Option<Pos> {
        let after = self.pieces.partition_point(|p| p.pos <= pos);
        let piece = self.pieces.get(after.checked_sub(1)?)?;
        (piece.end() > pos).then(|| piece.end())
    }

    /// Where the first piece behind `pos` begins.
    pub fn next_start(&self, pos: Pos) -> Option<Pos> {
        self.pieces
            .get(self.pieces.partition_point(|p| p.pos <= pos))
            .map(|p| p.pos)
    }

    /// Compares `data` at `pos` with what is held of it: (bytes held already, bytes that differ). Those that differ
    /// are noted.
    pub fn compare(&mut self, pos: Pos, data: &[u8], packet: u64) -> (u64, u64) {
        let (mut again, mut differ) = (0, 0);
        let end = pos + data.len() as u64;
        let start = self.pieces.partition_point(|p| p.end() <= pos);
        for piece in self.pieces.range_mut(start..).take_while(|p| p.pos < end) {
            let (a, b) = (pos.max(piece.pos), end.min(piece.end()));
            again += b - a;
            let kept = &piece.data[(a - piece.pos) as usize..(b - piece.pos) as usize];
            let new = &data[(a - pos) as usize..(b - pos) as usize];
            if let Some((from, to, count)) = difference(kept, new) {
                differ += count;
                let data: Box<[u8]> = new[from..to].into();
                self.cost += data.len() as u64 + OVERHEAD;
                piece.refused.push(Refused {
                    pos: a + from as u64,
                    packet,
                    differ: count,
                    data,
                });
            }
        }
        (again, differ)
    }

    /// Calls `each` with whether the bytes are the same, for every piece that overlaps `data` at `pos`.
    pub fn overlaps(&self, pos: Pos, data: &[u8], mut each: impl FnMut(bool)) {
        let end = pos + data.len() as u64;
        let start = self.pieces.partition_point(|p| p.end() <= pos);
        for piece in self.pieces.range(start..).take_while(|p| p.pos < end) {
            let (a, b) = (pos.max(piece.pos), end.min(piece.end()));
            let kept = &piece.data[(a - piece.pos) as usize..(b - piece.pos) as usize];
            each(kept == &data[(a - pos) as usize..(b - pos) as usize]);
        }
    }

    /// Keeps a piece that overlaps none.
    pub fn insert(&mut self, piece: Piece) {
        self.cost += piece.data.len() as u64 + OVERHEAD;
        let at = self.pieces.partition_point(|p| p.pos < piece.pos);
        self.pieces.insert(at, piece);
    }

    /// Takes the first piece out.
    pub fn pop(&mut self) -> Option<Piece> {
        let piece = self.pieces.pop_front()?;
        let refused: u64 = piece
            .refused
            .iter()
            .map(|r| r.data.len() as u64 + OVERHEAD)
            .sum();
        self.cost -= piece.data.len() as u64 + OVERHEAD + refused;
        if self.pieces.is_empty() {
            // A hole is rare: what it needed is not kept for the next one.
            self.pieces = VecDeque::new();
        }
        Some(piece)
    }
}
