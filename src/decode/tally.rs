//! Counts of packets: how many, which was the first, and by which number.

use super::Reason;

/// How many packets, and which was the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Packets.
    pub packets: u64,
    /// Number of the first of them, 0 if there is none.
    pub first: u64,
}

impl Count {
    /// Adds the count of other packets.
    pub(super) fn add_all(&mut self, other: Count) {
        self.first = match (self.packets, other.packets) {
            (_, 0) => self.first,
            (0, _) => other.first,
            _ => self.first.min(other.first),
        };
        self.packets += other.packets;
    }

    /// Adds one packet. Numbers come in ascending order.
    #[inline]
    pub(super) fn add(&mut self, number: u64) {
        if self.packets == 0 {
            self.first = number;
        }
        self.packets += 1;
    }
}

/// Packets that were not decoded, by reason and by the number (link type, EtherType, IP protocol, port …) that no
/// layer decodes. At most 256 different numbers are kept; packets with further numbers are counted together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers {
    rows: Vec<(Reason, u16, u64)>,
    rest: u64,
}

impl Numbers {
    const MAX_ROWS: usize = 256;

    pub(super) fn add(&mut self, reason: Reason, number: u16) {
        let same = |row: &(Reason, u16, u64)| (row.0, row.1) == (reason, number);
        match self.rows.iter().position(same) {
            Some(at) => self.rows[at].2 += 1,
            None if self.rows.len() < Self::MAX_ROWS => self.rows.push((reason, number, 1)),
            None => self.rest += 1,
        }
    }

    /// Numbers and packets of one reason, the most frequent first.
    pub fn of(&self, reason: Reason) -> Vec<(u16, u64)> {
        let rows = self.rows.iter().filter(|row| row.0 == reason);
        let mut rows: Vec<_> = rows.map(|row| (row.1, row.2)).collect();
        rows.sort_by_key(|row| (std::cmp::Reverse(row.1), row.0));
        rows
    }

    /// Packets whose numbers are not among those kept.
    pub fn rest(&self) -> u64 {
        self.rest
    }
}
