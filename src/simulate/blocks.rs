//! pcapng blocks that hold no packet and have a packet number: journal, custom, sysdig.

use super::rng::Rng;
use crate::capture::ByteOrder;

/// Kind and body of one of them, written at this time (nanoseconds since 1970).
pub(super) fn any(rng: &mut Rng, nanos: i64, endian: ByteOrder) -> (u32, Vec<u8>) {
    let u32s = |value: u32| match endian {
        ByteOrder::Little => value.to_le_bytes(),
        ByteOrder::Big => value.to_be_bytes(),
    };
    match rng.below(3) {
        0 => {
            let micros = nanos / 1_000;
            let entry = format!("__REALTIME_TIMESTAMP={micros}\nPRIORITY=6\nMESSAGE=link up\n\n");
            (9, entry.into_bytes())
        }
        // The enterprise number that RFC 5612 reserves for examples.
        1 => (0xbad, [&u32s(32_473)[..], b"a custom block"].concat()),
        _ => {
            let time = match endian {
                ByteOrder::Little => nanos.to_le_bytes(),
                ByteOrder::Big => nanos.to_be_bytes(),
            };
            // Processor, time, thread, length of the event (a header of 22 bytes), type, padding.
            let body = [&[0; 2], &time[..], &[0; 8], &u32s(22), &[0; 4]].concat();
            (0x204, body)
        }
    }
}
