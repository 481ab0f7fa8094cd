//! Reassembles IP fragments, in bounded memory.
//!
//! Knows byte ranges of datagrams; no headers, no TCP. If two fragments have different bytes for the same range, those
//! of the fragment that begins lower count, as in Wireshark and in BSD receivers; if both begin at the same offset,
//! those of the first captured. A datagram is complete when its fragments cover everything from 0 to the end that the
//! last one names. If the snap length cut one of them, the datagram is complete on the wire, and its bytes end before
//! the first one missing.

use std::collections::{HashMap, VecDeque};

use super::{Addr, DecodeConfig, FragmentStats, ip::Fragment, view::View};
use crate::capture::Time;

/// Longest payload of an IP datagram.
const MAX_PAYLOAD_BYTES: usize = 65_535;

/// The datagram that a fragment belongs to: RFC 791, 3.2 and RFC 8200, 4.5, and its tunnel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) src: Addr,
    pub(super) dst: Addr,
    pub(super) id: u32,
    /// Of IPv4; identifications of IPv6 do not depend on the protocol.
    pub(super) protocol: Option<u8>,
    pub(super) vni: u32,
    pub(super) depth: u8,
}

/// The result of adding a fragment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Added {
    /// More are needed.
    Held,
    /// It was the last one missing.
    Complete(Datagram),
    /// It contradicts the others, or passes the longest payload.
    Refused,
}

/// The payload of a reassembled datagram.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Datagram {
    pub(super) protocol: u8,
    pub(super) data: Vec<u8>,
    /// Its length on the wire.
    pub(super) wire: usize,
}

/// Datagrams that are not complete yet.
#[derive(Debug, Default)]
pub(super) struct Pool {
    open: HashMap<Key, Open, foldhash::fast::RandomState>,
    /// Oldest first; entries of completed datagrams are removed when they reach the front or are too many.
    order: VecDeque<(Key, u64)>,
    serial: u64,
    bytes: usize,
    now: Option<Time>,
}

impl Pool {
    /// Adds a fragment of `protocol` whose bytes are `view`.
    pub(super) fn add(
        &mut self,
        key: Key,
        fragment: Fragment,
        protocol: u8,
        view: View<'_>,
        (number, time): (u64, Option<Time>),
        (config, stats): (&DecodeConfig, &mut FragmentStats),
    ) -> Added {
        stats.packets += 1;
        self.now = self.now.max(time);
        self.expire(config, stats);
        let (start, end) = (fragment.offset, fragment.offset + view.wire);
        if end > MAX_PAYLOAD_BYTES || (fragment.more && start == end) {
            return Added::Refused;
        }
        if !self.open.contains_key(&key) {
            self.make_room(config.max_datagrams.max(1) - 1, usize::MAX, stats);
            self.begin(key);
        }
        let Some(open) = self.open.get_mut(&key) else {
            return Added::Refused;
        };
        if open.contradicts(end, fragment.more) {
            stats.contradicting.add(number);
            self.remove(&key);
            return Added::Refused;
        }
        if !fragment.more {
            open.total = Some(end);
        }
        if start == 0 {
            open.protocol.get_or_insert(protocol);
        }
        let before = open.cost();
        match open.fill(start, view.data) {
            Fill::New => {}
            Fill::Same => stats.overlapping.add(number),
            Fill::Different => stats.conflicting.add(number),
        }
        claim(&mut open.claimed, start, end);
        self.bytes = self.bytes - before + open.cost();
        if let [(0, reach)] = open.claimed[..]
            && open.total == Some(reach)
            && let Some(open) = self.remove(&key)
        {
            stats.completed += 1;
            return Added::Complete(open.close(protocol));
        }
        self.make_room(usize::MAX, config.max_fragment_bytes, stats);
        Added::Held
    }

    /// Discards everything that is incomplete.
    pub(super) fn clear(&mut self, stats: &mut FragmentStats) {
        self.make_room(0, 0, stats);
        self.order.clear();
    }

    /// Bytes of memory in use.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Incomplete datagrams, and entries of the list of their ages.
    #[cfg(test)]
    pub(super) fn lengths(&self) -> (usize, usize) {
        (self.open.len(), self.order.len())
    }

    fn begin(&mut self, key: Key) {
        self.serial += 1;
        let open = Open {
            serial: self.serial,
            born: self.now,
            ..Open::default()
        };
        self.bytes += open.cost();
        self.open.insert(key, open);
        if self.order.len() > 2 * self.open.len() + 64 {
            let open = &self.open;
            self.order
                .retain(|(key, serial)| open.get(key).is_some_and(|o| o.serial == *serial));
        }
        self.order.push_back((key, self.serial));
    }

    fn remove(&mut self, key: &Key) -> Option<Open> {
        let open = self.open.remove(key)?;
        self.bytes -= open.cost();
        Some(open)
    }

    /// Discards what is too old in capture time.
    fn expire(&mut self, config: &DecodeConfig, stats: &mut FragmentStats) {
        while let Some((key, serial)) = self.order.front() {
            if let Some(open) = self.open.get(key).filter(|open| open.serial == *serial) {
                match (open.born, self.now) {
                    (Some(born), Some(now)) if now.since(born) > config.fragment_timeout => {}
                    _ => return,
                }
            }
            self.discard_oldest(stats);
        }
    }

    /// Discards the oldest until at most this many datagrams and bytes are left.
    fn make_room(&mut self, datagrams: usize, bytes: usize, stats: &mut FragmentStats) {
        while (self.open.len() > datagrams || self.bytes > bytes) && !self.order.is_empty() {
            self.discard_oldest(stats);
        }
    }

    fn discard_oldest(&mut self, stats: &mut FragmentStats) {
        if let Some((key, serial)) = self.order.pop_front()
            && self
                .open
                .get(&key)
                .is_some_and(|open| open.serial == serial)
        {
            self.remove(&key);
            stats.incomplete += 1;
        }
    }
}

/// A datagram that is not complete.
#[derive(Debug, Default)]
struct Open {
    serial: u64,
    born: Option<Time>,
    /// Of the first fragment.
    protocol: Option<u8>,
    /// Length of the datagram, as soon as its last fragment is there.
    total: Option<usize>,
    /// What the fragments covered on the wire: ranges in order, not adjacent.
    claimed: Vec<(usize, usize)>,
    /// What was captured of it: ranges in order, without overlap.
    pieces: Vec<Piece>,
    store: Vec<u8>,
}

/// Bytes `start..end` of the datagram are in the store, beginning at `at`.
#[derive(Clone, Copy, Debug)]
struct Piece {
    start: usize,
    end: usize,
    at: usize,
    /// Offset at which their fragment began.
    from: usize,
}

/// What was known of the bytes of a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fill {
    New,
    Same,
    Different,
}

impl Open {
    fn cost(&self) -> usize {
        size_of::<(Key, Self)>()
            + size_of::<(Key, u64)>()
            + self.claimed.capacity() * size_of::<(usize, usize)>()
            + self.pieces.capacity() * size_of::<Piece>()
            + self.store.capacity()
    }

    /// Whether a fragment that ends there contradicts the end of the datagram.
    fn contradicts(&self, end: usize, more: bool) -> bool {
        let reach = self.claimed.last().map_or(0, |range| range.1);
        match self.total {
            Some(total) if more => end > total,
            Some(total) => end != total,
            None => !more && reach > end,
        }
    }

    /// Stores what is new of `data`, and compares the rest with what is stored.
    fn fill(&mut self, start: usize, data: &[u8]) -> Fill {
        if data.is_empty() {
            return Fill::New;
        }
        let (mut at, end, mut found) = (start, start + data.len(), Fill::New);
        let known = self.pieces.len();
        let first = self.pieces.partition_point(|piece| piece.end <= start);
        for index in first..=known {
            let piece = self.pieces.get(index).filter(|_| index < known).copied();
            let hole_end = piece.map_or(end, |piece| piece.start.min(end));
            if at < hole_end {
                let bytes = data.get(at - start..hole_end - start).unwrap_or_default();
                self.keep(at, bytes, start);
                at = hole_end;
            }
            let Some(piece) = piece.filter(|piece| piece.start < end) else {
                break;
            };
            let stop = piece.end.min(end);
            let bytes = data.get(at - start..stop - start).unwrap_or_default();
            if self.compare(index, (at, stop), bytes, start) == Fill::Different {
                found = Fill::Different;
            } else if found == Fill::New {
                found = Fill::Same;
            }
            at = stop;
        }
        self.settle();
        found
    }

    /// Compares bytes `start..end` of a fragment that began at `from` with those of a piece: those of the fragment
    /// that began lower are stored.
    fn compare(
        &mut self,
        index: usize,
        (start, end): (usize, usize),
        bytes: &[u8],
        from: usize,
    ) -> Fill {
        let piece = self.pieces[index];
        let range = piece.at + (start - piece.start)..piece.at + (end - piece.start);
        let Some(kept) = self.store.get_mut(range) else {
            return Fill::Same;
        };
        let found = if kept == bytes {
            Fill::Same
        } else {
            Fill::Different
        };
        if from < piece.from {
            kept.copy_from_slice(bytes);
            for (start, end) in [(piece.start, start), (end, piece.end)] {
                if start < end {
                    let at = piece.at + (start - piece.start);
                    self.pieces.push(Piece {
                        start,
                        end,
                        at,
                        ..piece
                    });
                }
            }
            self.pieces[index] = Piece {
                start,
                end,
                at: piece.at + (start - piece.start),
                from,
            };
        }
        found
    }

    /// Adds a piece; `settle` restores the order.
    fn keep(&mut self, start: usize, data: &[u8], from: usize) {
        self.pieces.push(Piece {
            start,
            end: start + data.len(),
            at: self.store.len(),
            from,
        });
        self.store.extend_from_slice(data);
    }

    /// Sorts the pieces, and joins those that are adjacent in the datagram and in the store.
    fn settle(&mut self) {
        self.pieces.sort_by_key(|piece| piece.start);
        self.pieces.dedup_by(|next, last| {
            let joined = last.from == next.from
                && last.end == next.start
                && last.at + (last.end - last.start) == next.at;
            if joined {
                last.end = next.end;
            }
            joined
        });
    }

    /// The payload from its start to the first byte that was not captured.
    fn close(self, protocol: u8) -> Datagram {
        let wire = self.total.unwrap_or_default();
        let protocol = self.protocol.unwrap_or(protocol);
        if let [
            Piece {
                start: 0, at: 0, ..
            },
        ] = self.pieces[..]
        {
            return Datagram {
                protocol,
                data: self.store,
                wire,
            };
        }
        let mut data = Vec::with_capacity(self.store.len());
        for piece in &self.pieces {
            if piece.start != data.len() {
                break;
            }
            let bytes = self
                .store
                .get(piece.at..piece.at + (piece.end - piece.start));
            data.extend_from_slice(bytes.unwrap_or_default());
        }
        Datagram {
            protocol,
            data,
            wire,
        }
    }
}

/// Adds a range to ordered ranges, joining those that overlap or touch.
fn claim(ranges: &mut Vec<(usize, usize)>, start: usize, end: usize) {
    if start == end {
        return;
    }
    let from = ranges.partition_point(|range| range.1 < start);
    let to = ranges.partition_point(|range| range.0 <= end);
    let touched = ranges.get(from..to).unwrap_or_default();
    let start = touched.first().map_or(start, |range| range.0.min(start));
    let end = touched.last().map_or(end, |range| range.1.max(end));
    ranges.splice(from..to.max(from), [(start, end)]);
}

#[cfg(test)]
mod tests;
