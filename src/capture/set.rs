//! Several captures read as one: one behind the other, and by time where they overlap.
//!
//! Overlapping captures are merged as mergecap does: the next packet is the earliest of those that are next in their
//! files; of equal times the one given first. Files are opened when their first packet is due.

use std::{
    collections::VecDeque,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{
    CaptureInfo, Follow, Input, NoticeKind, Packet, Time,
    arrange::{Waiting, arrange},
    fast::{Batch, Counters},
    input::SharedFollow,
    source::{Container, Opening, Source, packet, problem},
};

/// Captures that are open at the same time; more that overlap are opened as others end.
const MAX_OPEN: usize = 32;
/// Largest zstd window: what `zstd -d` allows without an option (`--long=27`).
const MAX_WINDOW_BYTES: u64 = 128 << 20;
/// Longest packet record: what Wireshark allows.
const MAX_RECORD_BYTES: u32 = 262_144;

/// How to read captures.
#[derive(Clone, Copy, Debug)]
pub struct ReadConfig {
    /// Maximum length of a packet in bytes; a record that claims more is damaged. By default 262,144.
    pub max_record: u32,
    /// Maximum window of zstd data in bytes, which is memory that a file can demand. By default 128 MiB.
    pub max_window: u64,
    /// In which order several captures are read.
    pub order: CaptureOrder,
}

/// In which order several captures are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CaptureOrder {
    /// By the time of their first packets, merged where they overlap. As given if one of them is no regular file or has
    /// packets without times.
    #[default]
    ByTime,
    /// As given, one behind the other.
    AsGiven,
}

impl Default for ReadConfig {
    fn default() -> Self {
        Self {
            max_record: MAX_RECORD_BYTES,
            max_window: MAX_WINDOW_BYTES,
            order: CaptureOrder::default(),
        }
    }
}

/// Captures read as one.
pub struct CaptureSet {
    /// Not opened yet, in the order to be read.
    waiting: VecDeque<Waiting>,
    /// Being read: one, or all that overlap at this time.
    sources: Vec<Source>,
    /// Which of them gave the packet found last.
    active: usize,
    /// Whether that packet is counted and not given out.
    found: bool,
    config: ReadConfig,
    follow: Option<SharedFollow>,
    /// How many captures were given.
    given: u32,
    /// Whether `waiting` is in its final order.
    arranged: bool,
    /// Whether captures are read by time.
    by_time: bool,
    table: Vec<CaptureInfo>,
    /// Packet numbers given out.
    packets: u64,
    /// First time of the capture opened before.
    began: Option<Time>,
    bytes_read: Arc<AtomicU64>,
    total_bytes: Option<u64>,
}

impl CaptureSet {
    /// Asks for the sizes of the files, opens nothing yet.
    pub fn new(inputs: Vec<Input>, config: ReadConfig) -> Self {
        let total_bytes = inputs.iter().map(Input::size).sum();
        let waiting: VecDeque<_> = (0..)
            .zip(inputs)
            .map(|(given, input)| Waiting {
                input,
                given,
                first_time: i64::MIN,
            })
            .collect();
        Self {
            given: waiting.len() as u32,
            waiting,
            sources: Vec::new(),
            active: 0,
            found: false,
            config,
            follow: None,
            arranged: false,
            by_time: false,
            table: Vec::new(),
            packets: 0,
            began: None,
            bytes_read: Arc::default(),
            total_bytes,
        }
    }

    /// Reads the captures as given and goes on behind the end of the last: `follow` decides whether it may still grow
    /// and which file comes next.
    pub fn follow(inputs: Vec<Input>, config: ReadConfig, follow: impl Follow + 'static) -> Self {
        Self {
            follow: Some(Arc::new(Mutex::new(follow))),
            arranged: true,
            total_bytes: None,
            ..Self::new(inputs, config)
        }
    }

    /// The next packet; none when all captures are read.
    ///
    /// A problem with a capture is put into its row of the [`CaptureSet::table`] and the next one is read.
    pub fn next_packet(&mut self) -> Option<Packet<'_>> {
        if !self.ready() {
            return None;
        }
        self.found = false;
        let source = self.sources.get_mut(self.active)?;
        let record = source.record.take()?;
        let buffer = source.chunk.lent();
        Some(packet(&record, buffer, self.packets, source.given))
    }

    /// Reads until there is a packet for [`CaptureSet::batch`]; false when all captures are read. The two together
    /// give the same packets as [`CaptureSet::next_packet`], faster.
    pub fn ready(&mut self) -> bool {
        self.found = self.found || self.find();
        self.found
    }

    /// The packets that are read already: at least one after a [`CaptureSet::ready`] that returned true, else none.
    pub fn batch(&mut self) -> Batch<'_> {
        let until = self.until();
        if !std::mem::take(&mut self.found) {
            return Batch::only(None);
        }
        let number = self.packets;
        let Some(source) = self.sources.get_mut(self.active) else {
            return Batch::only(None);
        };
        let record = source.record.take();
        let (bytes, start) = source.chunk.walk();
        let found = record.map(|record| packet(&record, bytes, number, source.given));
        match (&mut source.container, self.table.get_mut(source.row)) {
            (Container::Pcap(pcap), Some(info)) => {
                let rest = bytes.get(*start..).unwrap_or_default();
                let packets = &mut self.packets;
                let counters = Counters {
                    pcap,
                    info,
                    packets,
                    start,
                };
                Batch::new(found, rest, until, counters)
            }
            _ => Batch::only(found),
        }
    }

    /// Whether the next packet may have to be waited for: an input is a pipe or a growing file and has no whole packet
    /// buffered. Then is the moment to write out what was found so far.
    pub fn may_wait(&self) -> bool {
        let waits = self.sources.is_empty() || self.sources.iter().any(Source::may_wait);
        !self.found && self.packets > 0 && waits
    }

    /// One row for each capture opened so far, in the order of opening, right for the packets given out so far.
    pub fn table(&self) -> &[CaptureInfo] {
        &self.table
    }

    /// Bytes read so far, before decompression.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// Bytes to read in all, before decompression; none if an input is no regular file.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// Finds the next packet and counts it; its source is `active`.
    fn find(&mut self) -> bool {
        loop {
            let Some(at) = self.earliest() else {
                if self.open_next() {
                    continue;
                }
                return false;
            };
            if self.is_due(at) {
                self.open_next();
                continue;
            }
            let Some(source) = self.sources.get_mut(at) else {
                return false;
            };
            let (Some(record), Some(info)) = (&source.record, self.table.get_mut(source.row))
            else {
                return false;
            };
            self.packets += 1;
            if !record.is_packet {
                info.other_blocks += 1;
                source.record = None;
                continue;
            }
            info.count(record, self.packets);
            if info.packets == 1 {
                info.first_packet = self.packets;
                let time = record.time;
                self.began(time, at);
            }
            self.active = at;
            return true;
        }
    }

    /// The open capture with the earliest record; reads the next record of those that have none, closes those that end.
    #[inline]
    fn earliest(&mut self) -> Option<usize> {
        let mut at = 0;
        let mut best: Option<(i64, u32, usize)> = None;
        while let Some(source) = self.sources.get_mut(at) {
            let info = self.table.get_mut(source.row)?;
            if source.record.is_none() && !source.load(info, self.packets + 1) {
                self.sources.remove(at);
                continue;
            }
            let key = (source.time(), source.given, at);
            best = Some(best.map_or(key, |best| best.min(key)));
            at += 1;
        }
        best.map(|(_, _, at)| at)
    }

    /// Whether a capture that is not open may have an earlier packet than the record of source `at`.
    #[inline]
    fn is_due(&self, at: usize) -> bool {
        match (self.waiting.front(), self.sources.get(at)) {
            (Some(next), Some(source)) if self.by_time && self.sources.len() < MAX_OPEN => {
                (next.first_time, next.given) < (source.time(), source.given)
            }
            _ => false,
        }
    }

    /// The time from which on a packet of another capture may come before one of the active one, in nanoseconds.
    fn until(&self) -> i64 {
        if !self.by_time {
            return i64::MAX;
        }
        let others = (self.sources.iter().enumerate())
            .filter(|(at, _)| *at != self.active)
            .map(|(_, source)| source.time());
        let next = self.waiting.front().map(|next| next.first_time);
        others.chain(next).min().unwrap_or(i64::MAX)
    }

    /// Opens the next capture; false if there is none. One that cannot be read has its row only.
    #[cold]
    fn open_next(&mut self) -> bool {
        if !std::mem::replace(&mut self.arranged, true)
            && self.config.order == CaptureOrder::ByTime
            && self.waiting.len() > 1
        {
            let waiting = std::mem::take(&mut self.waiting);
            (self.waiting, self.by_time) = arrange(waiting, &self.config);
        }
        let Some(Waiting { input, given, .. }) =
            self.waiting.pop_front().or_else(|| self.next_file())
        else {
            return false;
        };
        let mut info = CaptureInfo::new(input.name(), given, self.packets + 1);
        let last = self.waiting.is_empty();
        let opening = Opening {
            config: &self.config,
            bytes_read: Arc::clone(&self.bytes_read),
            follow: self.follow.clone().filter(|_| last),
            whole: true,
        };
        match Source::open(input, opening, &mut info) {
            Ok(Some(source)) => self.sources.push(Source {
                row: self.table.len(),
                given,
                ..source
            }),
            Ok(None) => {}
            Err(kind) => info.problem = Some(problem(&info, 0, None, kind)),
        }
        self.table.push(info);
        true
    }

    /// The file that follows the last one, as [`Follow`] says.
    fn next_file(&mut self) -> Option<Waiting> {
        let mut follow = self
            .follow
            .as_ref()?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let path: PathBuf = follow.next_file()?;
        Some(Waiting {
            input: Input::Path(path),
            given: self.given,
            first_time: i64::MIN,
        })
    }

    /// Notes how a capture begins: earlier than the one before it, or amid the packets of another.
    #[cold]
    fn began(&mut self, time: Option<Time>, at: usize) {
        if self.sources.len() > 1 {
            for source in &self.sources {
                if let Some(info) = self.table.get_mut(source.row) {
                    info.merged = true;
                }
            }
        }
        if let (Some(time), Some(before)) = (time, self.began)
            && time < before
            && let Some(info) =
                (self.sources.get(at)).and_then(|source| self.table.get_mut(source.row))
        {
            info.notice(NoticeKind::BeginsEarlier, 0);
        }
        self.began = time.or(self.began);
    }
}
