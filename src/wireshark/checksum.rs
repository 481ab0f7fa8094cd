//! Checksums in Lua: a function for each kind that the protocol has, and where a frame type's stands.

use std::{collections::BTreeSet, fmt::Write};

use super::{kinds::plus, lua};
use crate::{
    framing::{Checksum, ChecksumKind, Crc, Endian, FrameLayout, Size},
    protocol::{CHECKSUMS, Protocol},
};

const CRC: &str = include_str!("lua/crc.lua");
const CRC_REFLECTED: &str = include_str!("lua/crc_reflected.lua");
/// For a CRC of which only the bytes or only the register are reflected.
const REVERSED: &str = include_str!("lua/reversed.lua");
const FLETCHER: &str = include_str!("lua/fletcher.lua");
const INTERNET: &str = include_str!("lua/internet.lua");
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
    let texts: BTreeSet<&str> = kinds().flat_map(texts).copied().collect();
    let bits = kinds().any(|kind| matches!(kind, ChecksumKind::Crc(_) | ChecksumKind::Xor8));
    bits.then_some(BITS)
        .into_iter()
        .chain(texts)
        .map(str::to_owned)
        .collect()
}

/// The Lua that a checksum needs.
fn texts(kind: ChecksumKind) -> &'static [&'static str] {
    match kind {
        ChecksumKind::Crc(crc) => match (crc.reflect_in, crc.reflect_out) {
            (false, false) => &[CRC],
            (true, true) => &[CRC_REFLECTED],
            (false, true) => &[CRC, REVERSED],
            (true, false) => &[CRC_REFLECTED, REVERSED],
        },
        ChecksumKind::Sum8 => &[SUM8],
        ChecksumKind::Sum16 => &[SUM16],
        ChecksumKind::Xor8 => &[XOR8],
        ChecksumKind::Lrc => &[LRC],
        ChecksumKind::Fletcher8 | ChecksumKind::Fletcher16 | ChecksumKind::Adler32 => &[FLETCHER],
        ChecksumKind::Internet => &[INTERNET],
    }
}

/// The function of a frame type that checks its checksum.
pub(super) fn check(text: &mut String, sum: &Checksum, layout: &FrameLayout) {
    let width = sum.kind.width();
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
    let fletcher = |modulus: u32, first: u32, scale: u32| {
        format!("fletcher(bytes, {from}, {to}, {modulus}, {first}, {scale})")
    };
    match kind {
        ChecksumKind::Crc(parameters) => crc(parameters, from, to),
        ChecksumKind::Sum8 => format!("sum8(bytes, {from}, {to})"),
        ChecksumKind::Sum16 => format!("sum16(bytes, {from}, {to})"),
        ChecksumKind::Xor8 => format!("xor8(bytes, {from}, {to})"),
        ChecksumKind::Lrc => format!("lrc(bytes, {from}, {to})"),
        ChecksumKind::Fletcher8 => fletcher(256, 0, 256),
        ChecksumKind::Fletcher16 => fletcher(255, 0, 256),
        ChecksumKind::Adler32 => fletcher(65_521, 1, 65_536),
        ChecksumKind::Internet => format!("internet(bytes, {from}, {to})"),
    }
}

fn crc(crc: Crc, from: &str, to: &str) -> String {
    let (width, xorout) = (crc.width, crc.xorout);
    let reversed = |value: u32| value.reverse_bits() >> (32 - u32::from(width));
    let (function, poly, init, top) = match crc.reflect_in {
        true => (
            "crc_reflected",
            reversed(crc.poly),
            reversed(crc.init),
            String::new(),
        ),
        false => (
            "crc",
            crc.poly,
            crc.init,
            format!("0x{:X}, ", 1u32 << (width - 1)),
        ),
    };
    // The register is reversed, if it is, before the last exclusive-or.
    let inner = if crc.reflect_in == crc.reflect_out {
        xorout
    } else {
        0
    };
    let register =
        format!("{function}(bytes, {from}, {to}, {top}0x{poly:X}, 0x{init:X}, 0x{inner:X})");
    match crc.reflect_in == crc.reflect_out {
        true => register,
        false => format!("bit.bxor(reversed({register}, {width}), 0x{xorout:X}) % 0x100000000"),
    }
}

fn name(kind: ChecksumKind) -> String {
    let known = CHECKSUMS.iter().find(|(_, known)| *known == kind);
    lua::comment(known.map_or("checksum", |(name, _)| name))
}
