//! Checksums in Lua: a function for each kind that the protocol has, and where a frame type's stands.

use std::{collections::BTreeSet, fmt::Write};

use super::{kinds::plus, lua};
use crate::{
    framing::{Checksum, ChecksumKind, Endian, FrameLayout, Size},
    protocol::{CHECKSUMS, Protocol},
};

const CRC16: &str = include_str!("lua/crc16.lua");
const CRC16_REFLECTED: &str = include_str!("lua/crc16_reflected.lua");
const SUM8: &str = include_str!("lua/sum8.lua");
const SUM16: &str = include_str!("lua/sum16.lua");
const XOR8: &str = include_str!("lua/xor8.lua");
const LRC: &str = include_str!("lua/lrc.lua");
/// Operations on bits, which Lua 5.2 has only in a library.
const BITS: &str = include_str!("lua/bits.lua");

/// The functions that the protocol's checksums need.
pub(super) fn functions(protocol: &Protocol) -> Vec<String> {
    let kinds = || {
        protocol
            .layout
            .frames
            .iter()
            .filter_map(|frame| frame.checksum.as_ref())
            .map(|sum| sum.kind)
    };
    let texts: BTreeSet<&str> = kinds()
        .map(|kind| match kind {
            ChecksumKind::Crc16 {
                reflected: false, ..
            } => CRC16,
            ChecksumKind::Crc16 {
                reflected: true, ..
            } => CRC16_REFLECTED,
            ChecksumKind::Sum8 => SUM8,
            ChecksumKind::Sum16 => SUM16,
            ChecksumKind::Xor8 => XOR8,
            ChecksumKind::Lrc => LRC,
        })
        .collect();
    let bits = kinds().any(|kind| matches!(kind, ChecksumKind::Crc16 { .. } | ChecksumKind::Xor8));
    bits.then_some(BITS)
        .into_iter()
        .chain(texts)
        .map(str::to_owned)
        .collect()
}

/// The function of a frame type that checks its checksum.
pub(super) fn check(text: &mut String, sum: &Checksum, layout: &FrameLayout) {
    let width = width(sum.kind);
    let read = match sum.endian {
        Endian::Big => "uint",
        Endian::Little => "uint_le",
    };
    let _ = writeln!(text, "    -- {}", name(sum.kind));
    text.push_str("    sum_ok = function(bytes, at, size)\n");
    match (&layout.size, sum.blocks) {
        (Size::Length(field), true) if field.blocks.is_some() => {
            let (after, step) = field
                .blocks
                .map_or((0, 1), |blocks| (blocks.after, blocks.every + blocks.add));
            let _ = write!(
                text,
                "      local from, to = {}, {after}\n      \
                 while from < size do\n        \
                 local sum = at + math.min(to, size) - {width}\n        \
                 if {compute} ~= {read}(bytes, sum, {width}) then return false end\n        \
                 from, to = to, to + {step}\n      \
                 end\n      return true\n",
                sum.from,
                compute = call(sum.kind, "at + from", "sum - 1"),
            );
        }
        _ => {
            let place = match sum.at {
                0.. => plus("at", sum.at),
                _ => plus("at + size", sum.at),
            };
            let _ = writeln!(text, "      local sum = {place}");
            let _ = writeln!(
                text,
                "      return {} == {read}(bytes, sum, {width})",
                call(sum.kind, &plus("at", sum.from as i64), "sum - 1")
            );
        }
    }
    text.push_str("    end,\n");
}

fn call(kind: ChecksumKind, from: &str, to: &str) -> String {
    match kind {
        ChecksumKind::Crc16 {
            poly,
            init,
            reflected: false,
            xorout,
        } => {
            format!("crc16(bytes, {from}, {to}, 0x{poly:04X}, 0x{init:04X}, 0x{xorout:04X})")
        }
        ChecksumKind::Crc16 {
            poly,
            init,
            reflected: true,
            xorout,
        } => {
            let (poly, init) = (poly.reverse_bits(), init.reverse_bits());
            format!(
                "crc16_reflected(bytes, {from}, {to}, 0x{poly:04X}, 0x{init:04X}, 0x{xorout:04X})"
            )
        }
        ChecksumKind::Sum8 => format!("sum8(bytes, {from}, {to})"),
        ChecksumKind::Sum16 => format!("sum16(bytes, {from}, {to})"),
        ChecksumKind::Xor8 => format!("xor8(bytes, {from}, {to})"),
        ChecksumKind::Lrc => format!("lrc(bytes, {from}, {to})"),
    }
}

/// Bytes of a checksum in the frame.
pub(super) fn width(kind: ChecksumKind) -> usize {
    match kind {
        ChecksumKind::Crc16 { .. } | ChecksumKind::Sum16 => 2,
        ChecksumKind::Sum8 | ChecksumKind::Xor8 | ChecksumKind::Lrc => 1,
    }
}

fn name(kind: ChecksumKind) -> String {
    let known = CHECKSUMS.iter().find(|(_, known)| *known == kind);
    lua::comment(known.map_or("checksum", |(name, _)| name))
}
