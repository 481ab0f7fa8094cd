//! The key of a connection: both ends and, if configured, the network they are in.
//!
//! Knows addresses, ports and how to compare and hash them; nothing of TCP.

use crate::decode::{Addr, Endpoint, Segment};
use std::hash::BuildHasher;

/// In `Key::net`: the upper bits of an address are not zero. IPv6; IPv4 in its IPv4-mapped form has 48 bits.
const WIDE: u64 = 1 << 63;
/// Bits of an address that stand in one word with its port.
const LOW: u32 = 48;

/// Both ends of a connection, the lower one first, so that both directions have one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    short: Short,
    /// Upper 80 bits of both addresses, in two parts: 0 without [`WIDE`].
    upper: [u64; 2],
    middle: [u16; 2],
}

/// The part of a key that is enough for IPv4 connections: small enough to stay in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Short {
    /// Of each end the lower 48 bits of the address, and the port.
    ends: [u64; 2],
    /// VLAN tag and tunnel network number, and [`WIDE`].
    net: u64,
}

/// Which parts of a segment beside its two ends belong to the key.
#[derive(Clone, Copy)]
pub(super) struct Nets {
    mask: u64,
}

impl Nets {
    pub fn new(vlan: bool, vni: bool) -> Self {
        let vlan = if vlan { 0xffff << 32 } else { 0 };
        let vni = if vni { 0xffff_ffff } else { 0 };
        Self { mask: vlan | vni }
    }

    /// The key of a packet's connection if its short part is all of it, and which side sent the packet. An address that
    /// talks to itself on one port has one side.
    #[inline(always)]
    pub fn short_key_of(self, segment: &Segment<'_>) -> Option<(Short, usize)> {
        let (src, dst) = (segment.src.addr.bits(), segment.dst.addr.bits());
        if (src | dst) >> LOW != 0 {
            return None;
        }
        let (a, b) = (word(&segment.src), word(&segment.dst));
        let short = Short {
            ends: [a.min(b), a.max(b)],
            net: self.net(segment),
        };
        Some((short, (a > b) as usize))
    }

    /// The key of a packet's connection, and which side sent it.
    pub fn key_of(self, segment: &Segment<'_>) -> (Key, usize) {
        let (a, b) = (&segment.src, &segment.dst);
        let side = (a > b) as usize;
        let ends = if side == 0 { [a, b] } else { [b, a] };
        let wide = (a.addr.bits() | b.addr.bits()) >> LOW != 0;
        let short = Short {
            ends: ends.map(word),
            net: self.net(segment) | if wide { WIDE } else { 0 },
        };
        let key = Key {
            short,
            upper: ends.map(|end| (end.addr.bits() >> 64) as u64),
            middle: ends.map(|end| (end.addr.bits() >> LOW) as u16),
        };
        (key, side)
    }

    #[inline(always)]
    fn net(self, segment: &Segment<'_>) -> u64 {
        match self.mask {
            0 => 0,
            mask => ((segment.vlan as u64) << 32 | segment.vni as u64) & mask,
        }
    }
}

#[inline(always)]
fn word(end: &Endpoint) -> u64 {
    (end.addr.bits() as u64) << 16 | end.port as u64
}

impl Key {
    /// Whether this is all of it. A short part without [`WIDE`] is.
    #[inline(always)]
    pub fn is_short(&self, short: Short) -> bool {
        self.short == short
    }

    pub fn endpoint(&self, side: usize) -> Endpoint {
        let (word, middle) = (self.short.ends[side], self.middle[side]);
        let bits = (self.upper[side] as u128) << 64 | (middle as u128) << LOW | word as u128 >> 16;
        Endpoint {
            addr: Addr::v6(bits.to_be_bytes()),
            port: word as u16,
        }
    }

    pub fn vlan(&self) -> u16 {
        (self.short.net >> 32) as u16
    }

    pub fn vni(&self) -> u32 {
        self.short.net as u32
    }
}

/// Hashes keys so that nobody who does not know its numbers can choose connections that fall together.
pub(super) struct KeyHash {
    secret: [u64; 6],
}

impl KeyHash {
    pub fn new() -> Self {
        let state = foldhash::fast::RandomState::default();
        Self {
            secret: std::array::from_fn(|n| state.hash_one(n)),
        }
    }

    /// Of a key that is all short.
    #[inline(always)]
    pub fn of_short(&self, short: Short) -> u32 {
        let ends = self.of_ends(short);
        match short.net {
            // Folded again, for a table takes the lower bits, which are no better than those of the numbers multiplied.
            0 => (ends ^ ends >> 32) as u32,
            net => self.of_words(ends, net, [0; 3]),
        }
    }

    pub fn of(&self, key: &Key) -> u32 {
        if key.short.net & WIDE == 0 {
            return self.of_short(key.short);
        }
        let middle = (key.middle[0] as u64) << 16 | key.middle[1] as u64;
        let upper = [key.upper[0], key.upper[1], middle];
        self.of_words(self.of_ends(key.short), key.short.net, upper)
    }

    #[inline(always)]
    fn of_ends(&self, short: Short) -> u64 {
        folded(
            short.ends[0] ^ self.secret[0],
            short.ends[1] ^ self.secret[1],
        )
    }

    #[inline(never)]
    fn of_words(&self, ends: u64, net: u64, [a, b, c]: [u64; 3]) -> u32 {
        let s = &self.secret;
        let upper = folded(a ^ s[2], b ^ s[3]);
        let rest = folded(net ^ s[4], c ^ s[5]);
        let hash = folded(ends ^ s[3], upper ^ rest);
        (hash ^ hash >> 32) as u32
    }
}

/// Both halves of a product in one.
#[inline(always)]
fn folded(a: u64, b: u64) -> u64 {
    let product = a as u128 * b as u128;
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Flags, TcpChecksum};
    use std::{collections::HashMap, net::IpAddr};

    fn segment(src: (&str, u16), dst: (&str, u16), vlan: u16, vni: u32) -> Segment<'static> {
        let end = |(addr, port): (&str, u16)| Endpoint {
            addr: addr.parse::<IpAddr>().unwrap().into(),
            port,
        };
        Segment {
            packet: 1,
            capture: 0,
            time: None,
            src: end(src),
            dst: end(dst),
            seq: 0,
            ack: 0,
            flags: Flags::default(),
            urgent: 0,
            ip_id: None,
            ttl: 64,
            checksum: TcpChecksum::Unchecked,
            header: &[],
            vlan,
            vni,
            payload: &[],
            payload_len: 0,
        }
    }

    /// Addresses that are one another's halves, mapped and compatible forms, and the ends of each range.
    const ADDRS: [&str; 14] = [
        "0.0.0.0",
        "10.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::a00:1",
        "::1:0:0:0",
        "::ffff:ffff:ffff:ffff",
        "0:0:0:1::",
        "fe80::1",
        "fe80::1:0:0:1",
        "fe80::ffff:a00:1",
        "fe80:0:0:1::ffff:a00:1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ];

    #[test]
    fn both_directions_have_one_key_and_no_two_connections_have() {
        for (vlan, vni) in [(false, false), (true, false), (false, true), (true, true)] {
            let nets = Nets::new(vlan, vni);
            let hash = KeyHash::new();
            let mut seen: HashMap<_, (Key, u32)> = HashMap::new();
            let mut keys: Vec<Key> = Vec::new();
            for (a, b) in (ADDRS.iter()).flat_map(|a| ADDRS.iter().map(move |b| (a, b))) {
                for (p, q, tag, net) in [
                    (1, 1, 0, 0),
                    (1, 2, 0, 0),
                    (0xffff, 0, 0, 0),
                    (1, 2, 0xffff, 0),
                    (1, 2, 0, u32::MAX),
                    (1, 2, 1, 1),
                ] {
                    let there = segment((a, p), (b, q), tag, net);
                    let back = segment((b, q), (a, p), tag, net);
                    let (key, side) = nets.key_of(&there);
                    let (other, far) = nets.key_of(&back);
                    if let Some((short, from)) = nets.short_key_of(&there) {
                        assert!(key.is_short(short) && from == side);
                        assert_eq!(hash.of_short(short), hash.of(&key));
                    }
                    assert!(key == other && hash.of(&key) == hash.of(&other));
                    let itself = there.src == there.dst;
                    assert_eq!(side + far, !itself as usize, "{there:?}");
                    assert_eq!(key.endpoint(side), there.src);
                    assert_eq!(
                        key.endpoint(1 - side),
                        if itself { there.src } else { there.dst }
                    );
                    assert_eq!(side == 1, there.src > there.dst);
                    let want = (if vlan { tag } else { 0 }, if vni { net } else { 0 });
                    assert_eq!((key.vlan(), key.vni()), want);
                    let name = (there.src.min(there.dst), there.src.max(there.dst), want);
                    let (first, number) = *seen.entry(name).or_insert((key, hash.of(&key)));
                    assert!(first == key && number == hash.of(&key), "{name:?}");
                    keys.push(key);
                }
            }
            let same = keys
                .iter()
                .flat_map(|a| keys.iter().filter(move |b| *b == a))
                .count();
            let mut counts: HashMap<_, usize> = HashMap::new();
            for key in &keys {
                let name = (key.endpoint(0), key.endpoint(1), key.vlan(), key.vni());
                *counts.entry(name).or_default() += 1;
            }
            assert_eq!(same, counts.values().map(|n| n * n).sum::<usize>());
            let mut hashes: Vec<u32> = seen.values().map(|(_, number)| *number).collect();
            hashes.sort_unstable();
            hashes.dedup();
            assert!(
                hashes.len() + 3 > seen.len(),
                "{} of {}",
                hashes.len(),
                seen.len()
            );
        }
    }

    #[test]
    fn neighbours_spread_over_a_table() {
        let nets = Nets::new(false, false);
        for to in ["10.0.0.9", "fe80::9"] {
            for _ in 0..50 {
                let hash = KeyHash::new();
                let mut buckets = vec![0u32; 1 << 12];
                for port in 0..1u16 << 12 {
                    let (key, _) = nets.key_of(&segment((to, 9000), (to, 10_000 + port), 0, 0));
                    buckets[hash.of(&key) as usize & 0xfff] += 1;
                }
                // By chance alone 1507 are empty.
                let empty = buckets.iter().filter(|n| **n == 0).count();
                assert!(empty < 2500, "{to}: {empty}");
            }
        }
    }
}
