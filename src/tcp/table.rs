//! Finding the connection of a packet: a dense store with a free list, and an index by hash over it.
//!
//! Knows how to hash and compare keys; nothing of TCP.

use std::{
    hash::{BuildHasher, Hasher},
    ops::{Index, IndexMut},
};

/// No entry.
pub(super) const NONE: u32 = u32::MAX;

/// Values by a small dense number.
pub(super) struct Slab<T> {
    values: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub fn new() -> Self {
        Self {
            values: Vec::new(),
            free: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.values.len() - self.free.len()
    }

    /// One past the highest number ever given out.
    pub fn bound(&self) -> u32 {
        self.values.len() as u32
    }

    pub fn insert(&mut self, value: T) -> u32 {
        match self.free.pop() {
            Some(at) => {
                self.values[at as usize] = Some(value);
                at
            }
            None => {
                self.values.push(Some(value));
                self.values.len() as u32 - 1
            }
        }
    }

    pub fn remove(&mut self, at: u32) -> Option<T> {
        let value = self.values.get_mut(at as usize)?.take();
        if value.is_some() {
            self.free.push(at);
        }
        value
    }

    #[inline]
    pub fn get(&self, at: u32) -> Option<&T> {
        self.values.get(at as usize)?.as_ref()
    }

    #[inline]
    pub fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        self.values.get_mut(at as usize)?.as_mut()
    }
}

/// For numbers that the room itself gave out and has not taken back.
impl<T> Index<u32> for Slab<T> {
    type Output = T;
    #[inline]
    fn index(&self, at: u32) -> &T {
        self.get(at).expect("a number given out")
    }
}

impl<T> IndexMut<u32> for Slab<T> {
    #[inline]
    fn index_mut(&mut self, at: u32) -> &mut T {
        self.get_mut(at).expect("a number given out")
    }
}

/// Both ends of a connection, the lower one first, so that both directions have one key.
#[derive(Clone, Copy, Debug, Eq)]
pub(super) struct Key {
    /// Addresses in halves of 64 bits: with u128 the flow would be a third larger.
    pub addrs: [u64; 4],
    pub ports: [u16; 2],
    pub vlan: u16,
    pub vni: u32,
}

/// Field by field: a key has just been written so, and reading it back in wider pieces would wait for that.
impl PartialEq for Key {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let addrs = |at: usize| self.addrs[at] ^ other.addrs[at];
        let ports = |at: usize| (self.ports[at] ^ other.ports[at]) as u64;
        let rest = (self.vlan ^ other.vlan) as u64 | (self.vni ^ other.vni) as u64;
        addrs(0) | addrs(1) | addrs(2) | addrs(3) | ports(0) | ports(1) | rest == 0
    }
}

#[derive(Clone, Copy)]
struct Bucket {
    hash: u32,
    index: u32,
}

/// Open addressing with linear probing; numbers of flows by the hash of their key.
pub(super) struct Table {
    buckets: Box<[Bucket]>,
    used: usize,
    state: foldhash::fast::RandomState,
}

const EMPTY: Bucket = Bucket {
    hash: 0,
    index: NONE,
};

impl Table {
    pub fn new() -> Self {
        Self {
            buckets: vec![EMPTY; 64].into(),
            used: 0,
            state: foldhash::fast::RandomState::default(),
        }
    }

    #[inline]
    pub fn hash(&self, key: &Key) -> u32 {
        let mut hasher = self.state.build_hasher();
        let [a, low, b, high] = key.addrs;
        if a | b == 0 && low >> 32 == 0xffff && high >> 32 == 0xffff {
            // Two IPv4 addresses fit in one number; no IPv6 pair begins like it, for it hashes four.
            hasher.write_u64(low << 32 | (high & 0xffff_ffff));
        } else {
            for half in key.addrs {
                hasher.write_u64(half);
            }
        }
        let ports = (key.ports[0] as u64) << 16 | key.ports[1] as u64;
        hasher.write_u64(ports << 32 | key.vni as u64);
        if key.vlan != 0 {
            hasher.write_u64(key.vlan as u64);
        }
        let hash = hasher.finish();
        (hash ^ hash >> 32) as u32
    }

    #[inline]
    pub fn find(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let mask = self.buckets.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let bucket = self.buckets[at];
            if bucket.index == NONE {
                return None;
            }
            if bucket.hash == hash && is(bucket.index) {
                return Some(bucket.index);
            }
            at = (at + 1) & mask;
        }
    }

    pub fn insert(&mut self, hash: u32, index: u32) {
        if self.used * 4 >= self.buckets.len() * 3 {
            let old = std::mem::take(&mut self.buckets);
            self.buckets = vec![EMPTY; old.len() * 2].into();
            for bucket in old.iter().filter(|b| b.index != NONE) {
                self.place(*bucket);
            }
        }
        self.place(Bucket { hash, index });
        self.used += 1;
    }

    fn place(&mut self, bucket: Bucket) {
        let mask = self.buckets.len() - 1;
        let mut at = bucket.hash as usize & mask;
        while self.buckets[at].index != NONE {
            at = (at + 1) & mask;
        }
        self.buckets[at] = bucket;
    }

    /// Takes a number out, and moves up what stood behind it, so that no mark is left in its place.
    pub fn remove(&mut self, hash: u32, index: u32) {
        let mask = self.buckets.len() - 1;
        let mut hole = hash as usize & mask;
        while self.buckets[hole].index != index {
            if self.buckets[hole].index == NONE {
                return;
            }
            hole = (hole + 1) & mask;
        }
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let bucket = self.buckets[at];
            if bucket.index == NONE {
                break;
            }
            let home = bucket.hash as usize & mask;
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.buckets[hole] = bucket;
                hole = at;
            }
        }
        self.buckets[hole] = EMPTY;
        self.used -= 1;
    }
}
