//! Kinds of pcapng blocks: which hold a packet, which Wireshark numbers like one, where a whole one ends.
//!
//! Draft-ietf-opsawg-pcapng, and for what is numbered Wireshark's `wiretap/pcapng.c` (checked against tshark in
//! `tests/tshark_numbers.rs`): journal, custom and sysdig blocks are records of its packet list; statistics, names and
//! secrets are not.

use memchr::memmem;

use super::{Time, order::Order};

pub(super) const SECTION_HEADER: u32 = 0x0a0d_0d0a;
pub(super) const INTERFACE_DESCRIPTION: u32 = 1;
pub(super) const OBSOLETE_PACKET: u32 = 2;
pub(super) const SIMPLE_PACKET: u32 = 3;
pub(super) const ENHANCED_PACKET: u32 = 6;
/// systemd journal export.
const JOURNAL: u32 = 9;
const CUSTOM: u32 = 0xbad;
/// Custom block that is not to be copied.
const CUSTOM_NO_COPY: u32 = 0x4000_0bad;
const SYSDIG_EVENT: u32 = 0x204;
const SYSDIG_EVENT_V2: u32 = 0x216;
const SYSDIG_EVENT_V2_LARGE: u32 = 0x221;

/// Bytes of a block that are searched for its time.
pub(super) const TIME_SEARCH_BYTES: usize = 1024;

/// Whether a block of this kind holds no packet and has a number in Wireshark's packet list.
pub(super) fn is_numbered(kind: u32) -> bool {
    matches!(
        kind,
        JOURNAL | CUSTOM | CUSTOM_NO_COPY | SYSDIG_EVENT | SYSDIG_EVENT_V2 | SYSDIG_EVENT_V2_LARGE
    )
}

/// When the numbered block was written, where it says so; `head` is its first [`TIME_SEARCH_BYTES`] bytes or fewer.
pub(super) fn time(kind: u32, head: &[u8], order: Order) -> Option<Time> {
    match kind {
        JOURNAL => journal_time(head.get(8..)?),
        SYSDIG_EVENT | SYSDIG_EVENT_V2 | SYSDIG_EVENT_V2_LARGE => {
            // Behind type, length and the number of the processor.
            let half = |at| order.u32_at(head, at).map(u64::from);
            let (first, second) = (half(10)?, half(14)?);
            let nanos = match order {
                Order::Little => second << 32 | first,
                Order::Big => first << 32 | second,
            };
            Some(Time::from_nanos_clamped(i128::from(nanos)))
        }
        _ => None,
    }
}

/// `__REALTIME_TIMESTAMP=` and microseconds since 1970, on a line of its own.
fn journal_time(text: &[u8]) -> Option<Time> {
    const NAME: &[u8] = b"__REALTIME_TIMESTAMP=";
    let at =
        memmem::find_iter(text, NAME).find(|at| *at == 0 || text.get(at - 1) == Some(&b'\n'))?;
    let value = text.get(at + NAME.len()..)?;
    let digits = value.split(|byte| *byte == b'\n').next()?;
    let micros: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Time::from_nanos_clamped(i128::from(micros) * 1000))
}

/// Whether a block with a packet lies whole in `bytes`, which begin with a block.
pub(super) fn holds_packet(mut bytes: &[u8], order: Order) -> bool {
    while let (Some(kind), Some(total)) = (order.u32_at(bytes, 0), order.u32_at(bytes, 4)) {
        let Some(rest) = bytes.get(total.max(12) as usize..) else {
            return false;
        };
        if matches!(kind, ENHANCED_PACKET | SIMPLE_PACKET | OBSOLETE_PACKET) {
            return true;
        }
        bytes = rest;
    }
    false
}
