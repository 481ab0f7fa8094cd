//! A test bed: the whole pipeline over the bytes of a capture, and what must hold whatever they are.

use std::{
    collections::HashMap,
    io::{self, Read},
    sync::{Arc, LazyLock},
};

use deframe::{
    analysis::Stats,
    capture::{CaptureInfo, CaptureSet, Input, ReadConfig},
    decode::DecodeStats,
    framing::{FrameTable, SkipKind},
    pipeline::{
        self, FaultRecord, FrameRecord, Observer, Outcome, SegmentRecord, Selection, StreamRef,
    },
    protocol::Protocol,
    tcp::{Conflict, Gap, StreamSummary, TcpConfig},
};

pub static FD: LazyLock<Protocol> = LazyLock::new(Protocol::fd);

static TABLE: LazyLock<Arc<FrameTable>> =
    LazyLock::new(|| Arc::new(FrameTable::new(&FD.layout).unwrap()));

/// The front of shared bytes, as a capture.
struct Front {
    bytes: Arc<[u8]>,
    at: usize,
    end: usize,
}

impl Read for Front {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = buffer.len().min(self.end - self.at);
        buffer[..n].copy_from_slice(&self.bytes[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// What a capture came to.
pub struct Run {
    pub stats: Stats,
    pub outcome: Outcome,
    pub table: Vec<CaptureInfo>,
}

/// Counts, and checks on the way that everything comes in its order.
#[derive(Default)]
struct Watch {
    stats: Stats,
    /// By slot: the offset of the stream's next byte or gap, and of the end of its last frame.
    open: HashMap<u32, (u64, u64)>,
}

impl Watch {
    fn open(&mut self, origin: StreamRef<'_>) -> &mut (u64, u64) {
        self.open.get_mut(&origin.id.slot).expect("begun")
    }
}

impl Observer for Watch {
    fn begin(&mut self, origin: StreamRef<'_>) {
        assert!(self.open.insert(origin.id.slot, (0, 0)).is_none());
        self.stats.begin(origin);
    }

    fn frame(&mut self, origin: StreamRef<'_>, frame: &FrameRecord<'_>) {
        let (emitted, framed) = self.open(origin);
        let end = frame.offset + frame.bytes.len() as u64;
        assert!(*framed <= frame.offset && end <= *emitted, "{frame:?}");
        *framed = end;
        let place = &frame.place;
        assert!(place.first_packet <= place.last_packet);
        assert!(place.segments > 0 && place.spans.len() >= place.segments as usize);
        assert!(place.spans[0].at == 0 && place.spans.is_sorted_by_key(|span| span.at));
        self.stats.frame(origin, frame);
    }

    fn fault(&mut self, origin: StreamRef<'_>, fault: &FaultRecord<'_>) {
        assert!(fault.length > 0 && fault.head.len() as u64 == fault.length.min(256));
        assert!(fault.offset + fault.length <= self.open(origin).0);
        self.stats.fault(origin, fault);
    }

    fn skip(&mut self, origin: StreamRef<'_>, kind: SkipKind, offset: u64, length: u64) {
        self.stats.skip(origin, kind, offset, length);
    }

    fn unrecognised(&mut self, origin: StreamRef<'_>, length: u64) {
        self.stats.unrecognised(origin, length);
    }

    fn gap(&mut self, origin: StreamRef<'_>, gap: &Gap) {
        let (emitted, _) = self.open(origin);
        assert_eq!(gap.offset, *emitted);
        *emitted += gap.length;
        self.stats.gap(origin, gap);
    }

    fn conflict(&mut self, origin: StreamRef<'_>, conflict: &Conflict<'_>) {
        self.stats.conflict(origin, conflict);
    }

    fn bytes(&mut self, origin: StreamRef<'_>, offset: u64, bytes: &[u8], selected: bool) {
        let (emitted, _) = self.open(origin);
        assert_eq!(offset, *emitted);
        *emitted += bytes.len() as u64;
        self.stats.bytes(origin, offset, bytes, selected);
    }

    fn segment(&mut self, origin: StreamRef<'_>, segment: SegmentRecord) {
        self.stats.segment(origin, segment);
    }

    fn summary(&mut self, origin: StreamRef<'_>, summary: &StreamSummary) {
        assert!(self.open.remove(&origin.id.slot).is_some());
        self.stats.summary(origin, summary);
    }

    fn end_of_input(&mut self) {
        self.stats.end_of_input();
    }
}

/// Counters for the device protocol.
fn stats() -> Stats {
    Stats::new(&FD.layout)
}

/// The options of a run over the device protocol.
pub fn options(tcp: TcpConfig) -> pipeline::RunConfig {
    pipeline::RunConfig {
        table: Arc::clone(&TABLE),
        selection: Selection::default(),
        decode: deframe::decode::DecodeConfig::default(),
        tcp,
    }
}

/// Runs the first `end` bytes through everything, and checks what must hold.
pub fn run(bytes: &Arc<[u8]>, end: usize) -> Run {
    let bytes = Arc::clone(bytes);
    let read = Box::new(Front { bytes, at: 0, end });
    let name = "capture".to_owned();
    let mut set = CaptureSet::new(vec![Input::Reader { name, read }], ReadConfig::default());
    let mut watch = Watch {
        stats: stats(),
        ..Watch::default()
    };
    // A small history: most of the time would go into its allocation.
    let tcp = TcpConfig {
        history: 1 << 16,
        ..TcpConfig::default()
    };
    let outcome = pipeline::run(&mut set, &options(tcp), &mut watch, &mut |_| {});
    assert!(watch.open.is_empty(), "streams without an end");
    let run = Run {
        stats: watch.stats,
        outcome,
        table: set.table().to_vec(),
    };
    run.check();
    run
}

/// The same counted by runs of frames, as the program does it; [`Watch`] passes frames on one by one.
pub fn counted(bytes: &Arc<[u8]>) -> Stats {
    let read = Box::new(io::Cursor::new(bytes.to_vec()));
    let name = "capture".to_owned();
    let mut set = CaptureSet::new(vec![Input::Reader { name, read }], ReadConfig::default());
    let mut stats = stats();
    pipeline::run(
        &mut set,
        &options(TcpConfig::default()),
        &mut stats,
        &mut |_| {},
    );
    stats
}

impl Run {
    fn check(&self) {
        let packets: u64 = self.table.iter().map(|info| info.packets).sum();
        assert_eq!(self.outcome.decode.packets, packets);
        check_decode(&self.outcome.decode);
        assert_eq!(self.outcome.tcp.packets, self.outcome.decode.segments);
        let total = &self.stats.total;
        assert_eq!(total.transport.payload_bytes, self.outcome.payload_bytes);
        assert_eq!(total.transport.packets, self.outcome.decode.segments);
        for stream in &self.stats.streams {
            let numbers = stream.numbers();
            let (counts, summary) = (&numbers.counts, &numbers.summary);
            assert_eq!(counts.account.total(), summary.counts.bytes, "{stream:?}");
            let outside = summary.counts.outside.total();
            assert_eq!(
                summary.counts.payload_bytes,
                summary.counts.bytes + summary.counts.retransmitted_bytes + outside,
                "{stream:?}"
            );
            let gaps = counts.gap_total();
            assert_eq!(
                (gaps.count >= summary.counts.gap_count, gaps.bytes),
                (true, summary.counts.gap_bytes),
                "{stream:?}"
            );
        }
        let delivery = &total.delivery;
        assert_eq!(delivery.whole + delivery.split, total.frame_count());
        assert_eq!(
            delivery.segments_per_frame.counts.iter().sum::<u64>(),
            total.frame_count()
        );
        assert_eq!(
            delivery.frames_per_segment.counts.iter().sum::<u64>(),
            delivery.segments
        );
    }
}

fn check_decode(stats: &DecodeStats) {
    let reasons: u64 = stats.reasons().map(|(_, count)| count.packets).sum();
    assert_eq!(stats.tcp + stats.held.packets + reasons, stats.packets);
    assert!(stats.segments >= stats.tcp);
}

/// Most memory that this process has had resident, in KiB; none where the system does not say.
pub fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
