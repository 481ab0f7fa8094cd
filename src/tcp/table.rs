//! Finding the connection of a packet: a dense store with a free list, and an index by hash over it.
//!
//! Knows hashes and numbers; nothing of keys or TCP.

use std::ops::{Index, IndexMut};

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

#[derive(Clone, Copy)]
struct Bucket {
    hash: u32,
    index: u32,
}

/// Open addressing with linear probing; numbers of flows by the hash of their key.
pub(super) struct FlowTable {
    buckets: Box<[Bucket]>,
    used: usize,
}

/// Buckets to begin with: eight KiB, of which few connections find nearly all to themselves.
const SMALLEST: usize = 1024;

const EMPTY: Bucket = Bucket {
    hash: 0,
    index: NONE,
};

impl FlowTable {
    pub fn new() -> Self {
        Self {
            buckets: vec![EMPTY; SMALLEST].into(),
            used: 0,
        }
    }

    /// `is` must say no to [`NONE`].
    #[inline(always)]
    pub fn find(&self, hash: u32, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        let mut at = hash as usize;
        loop {
            let bucket = self.buckets[at & (self.buckets.len() - 1)];
            if bucket.hash == hash && is(bucket.index) {
                return Some(bucket.index);
            }
            if bucket.index == NONE {
                return None;
            }
            at += 1;
        }
    }

    pub fn insert(&mut self, hash: u32, index: u32) {
        if self.used * 2 >= self.buckets.len() {
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
