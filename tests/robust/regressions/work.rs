//! Any bytes, over and over, as a stream of any known protocol: the work for each byte is bounded.
//!
//! Input: protocol, size of the pieces that are fed (0: all at once), then the bytes that are repeated.

use std::sync::{Arc, LazyLock};

use deframe::{
    framing::{FrameTable, Framer, StreamEnd, StreamStart},
    protocol::{Protocol, library},
};

/// Length of the streams.
const STREAM_BYTES: usize = 16 << 10;

/// A valid frame reads each of its bytes once.
const MAX_WORK_PER_BYTE: u64 = 64;

static TABLES: LazyLock<Vec<Arc<FrameTable>>> = LazyLock::new(|| {
    library()
        .map(|entry| {
            let protocol = Protocol::parse(entry.text, entry.name).unwrap();
            Arc::new(FrameTable::new(&protocol.layout).unwrap())
        })
        .collect()
});

pub fn check(data: &[u8]) {
    let Some((&[protocol, piece], pattern)) = data.split_first_chunk() else {
        return;
    };
    if pattern.is_empty() {
        return;
    }
    let table = &TABLES[usize::from(protocol) % TABLES.len()];
    let stream: Vec<u8> = pattern.iter().copied().cycle().take(STREAM_BYTES).collect();
    let mut framer = Framer::new(Arc::clone(table), StreamStart::Known);
    let piece = match piece {
        0 => STREAM_BYTES,
        n => n.into(),
    };
    for bytes in stream.chunks(piece) {
        framer.mark();
        framer.feed(bytes, &mut |_| ());
    }
    framer.finish(StreamEnd::Closed, &mut |_| ());
    let work = framer.work() / STREAM_BYTES as u64;
    assert!(work <= MAX_WORK_PER_BYTE, "work for each byte: {work}");
}
