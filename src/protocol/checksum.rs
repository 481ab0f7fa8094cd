//! `checksum = { … }`: the catalogue of checksums, and where one stands in a frame.

use super::{
    frame::MAX_FRAME,
    length::ENDIANS,
    table::{Result, TomlTable},
};
use crate::framing::{Checksum, ChecksumKind, Size};

/// A row of the table below: the same algorithm may have several names.
const fn crc16(poly: u16, init: u16, reflected: bool, xorout: u16) -> ChecksumKind {
    ChecksumKind::Crc16 {
        poly,
        init,
        reflected,
        xorout,
    }
}

/// Checksums by name. CRCs have the names and parameters of Greg Cook's catalogue of parametrised CRC algorithms
/// (<https://reveng.sourceforge.io/crc-catalogue/16.htm>), lower case; the other names that people use follow.
pub const CHECKSUMS: &[(&str, ChecksumKind)] = &[
    ("crc16-arc", crc16(0x8005, 0x0000, true, 0x0000)),
    ("crc16-cdma2000", crc16(0xc867, 0xffff, false, 0x0000)),
    ("crc16-cms", crc16(0x8005, 0xffff, false, 0x0000)),
    ("crc16-dds-110", crc16(0x8005, 0x800d, false, 0x0000)),
    ("crc16-dect-r", crc16(0x0589, 0x0000, false, 0x0001)),
    ("crc16-dect-x", crc16(0x0589, 0x0000, false, 0x0000)),
    ("crc16-dnp", crc16(0x3d65, 0x0000, true, 0xffff)),
    ("crc16-en-13757", crc16(0x3d65, 0x0000, false, 0xffff)),
    ("crc16-genibus", crc16(0x1021, 0xffff, false, 0xffff)),
    ("crc16-gsm", crc16(0x1021, 0x0000, false, 0xffff)),
    ("crc16-ibm-3740", crc16(0x1021, 0xffff, false, 0x0000)),
    ("crc16-ibm-sdlc", crc16(0x1021, 0xffff, true, 0xffff)),
    (
        "crc16-iso-iec-14443-3-a",
        crc16(0x1021, 0xc6c6, true, 0x0000),
    ),
    ("crc16-kermit", crc16(0x1021, 0x0000, true, 0x0000)),
    ("crc16-lj1200", crc16(0x6f63, 0x0000, false, 0x0000)),
    ("crc16-m17", crc16(0x5935, 0xffff, false, 0x0000)),
    ("crc16-maxim-dow", crc16(0x8005, 0x0000, true, 0xffff)),
    ("crc16-mcrf4xx", crc16(0x1021, 0xffff, true, 0x0000)),
    ("crc16-modbus", crc16(0x8005, 0xffff, true, 0x0000)),
    ("crc16-nrsc-5", crc16(0x080b, 0xffff, true, 0x0000)),
    ("crc16-opensafety-a", crc16(0x5935, 0x0000, false, 0x0000)),
    ("crc16-opensafety-b", crc16(0x755b, 0x0000, false, 0x0000)),
    ("crc16-profibus", crc16(0x1dcf, 0xffff, false, 0xffff)),
    ("crc16-riello", crc16(0x1021, 0xb2aa, true, 0x0000)),
    ("crc16-spi-fujitsu", crc16(0x1021, 0x1d0f, false, 0x0000)),
    ("crc16-t10-dif", crc16(0x8bb7, 0x0000, false, 0x0000)),
    ("crc16-teledisk", crc16(0xa097, 0x0000, false, 0x0000)),
    ("crc16-tms37157", crc16(0x1021, 0x89ec, true, 0x0000)),
    ("crc16-umts", crc16(0x8005, 0x0000, false, 0x0000)),
    ("crc16-usb", crc16(0x8005, 0xffff, true, 0xffff)),
    ("crc16-xmodem", crc16(0x1021, 0x0000, false, 0x0000)),
    ("crc16-ibm", crc16(0x8005, 0x0000, true, 0x0000)),
    ("crc16-ccitt", crc16(0x1021, 0xffff, false, 0x0000)),
    ("crc16-ccitt-false", crc16(0x1021, 0xffff, false, 0x0000)),
    ("crc16-aug-ccitt", crc16(0x1021, 0x1d0f, false, 0x0000)),
    ("crc16-x25", crc16(0x1021, 0xffff, true, 0xffff)),
    ("crc16-hdlc", crc16(0x1021, 0xffff, true, 0xffff)),
    ("sum8", ChecksumKind::Sum8),
    ("sum16", ChecksumKind::Sum16),
    ("xor8", ChecksumKind::Xor8),
    ("lrc", ChecksumKind::Lrc),
];

/// Bytes of a checksum in the frame.
fn width(kind: ChecksumKind) -> usize {
    match kind {
        ChecksumKind::Crc16 { .. } | ChecksumKind::Sum16 => 2,
        ChecksumKind::Sum8 | ChecksumKind::Xor8 | ChecksumKind::Lrc => 1,
    }
}

/// Reads the checksum of a frame, if it has one; `end` is the length of the end marker.
pub(super) fn parse(frame: TomlTable<'_>, size: &Size, end: usize) -> Result<Option<Checksum>> {
    let Some(inner) = frame.table("checksum", "checksum")? else {
        return Ok(None);
    };
    let table = inner.view();
    table.only(&["kind", "endian", "at", "from", "blocks"])?;
    let Some(kind) = table.word("kind", CHECKSUMS)? else {
        return Err(table.missing("kind", "\"crc16-modbus\""));
    };
    let endian = table.word("endian", ENDIANS)?.unwrap_or_default();
    let from = table
        .index("from", MAX_FRAME as usize)?
        .map_or(0, |n| n.value);
    let blocks = table.flag("blocks")?;
    let width = width(kind);
    let at = if blocks {
        in_blocks(table, size, width)?
    } else {
        once(table, size, width, end)?
    };
    let checksum = Checksum {
        kind,
        endian,
        at,
        from,
        blocks,
    };
    let covers_itself = usize::try_from(at).is_ok_and(|at| from >= at);
    let covers_nothing =
        matches!(size, Size::Fixed(size) if from as i128 >= *size as i128 + i128::from(at.min(0)));
    if covers_itself || covers_nothing {
        let message = format!("`from` ({from}) is not before the checksum's own place");
        return Err(table.error(
            "from",
            message,
            "write the first byte that the checksum covers, 0 for the whole frame",
        ));
    }
    Ok(Some(checksum))
}

/// Place of a checksum that stands once; without `at` the last bytes before the end marker.
fn once(table: TomlTable<'_>, size: &Size, width: usize, end: usize) -> Result<i64> {
    let span = table.key_span(if table.has("at") { "at" } else { "kind" });
    let at = match table.int("at", -(MAX_FRAME as i128), MAX_FRAME.into())? {
        Some(at) => at.value as i64,
        None => -((width + end) as i64),
    };
    let outside = match (size, at) {
        (_, ..0) if at + width as i64 > 0 => true,
        (Size::Fixed(size), ..0) => at + (*size as i64) < 0,
        (Size::Fixed(size), 0..) => at + width as i64 > *size as i64,
        _ => false,
    };
    if outside {
        let message = format!("a checksum of {width} bytes at {at} is outside of the frame");
        let mend = format!(
            "write its place in the frame, from 0, or counted from the end: at = -{width} is the last place"
        );
        return Err(table.source.error(&span, message, mend));
    }
    Ok(at)
}

/// Place of the first of the checksums that stand behind each block: just before the first block.
fn in_blocks(table: TomlTable<'_>, size: &Size, width: usize) -> Result<i64> {
    if table.has("at") {
        return Err(table.error(
            "at",
            "`at` beside `blocks`",
            "leave `at` out: the checksums stand where `blocks` puts them",
        ));
    }
    let blocks = match size {
        Size::Length(field) => field.blocks,
        _ => None,
    };
    let Some(blocks) = blocks else {
        let mend = "write blocks = { after = 10, every = 16, add = 2 } in [[frame]], or leave `blocks` out here";
        return Err(table.error(
            "blocks",
            "`blocks = true`, but the frame has no blocks",
            mend,
        ));
    };
    if blocks.add != width as u64 || blocks.after < blocks.add {
        let message = format!(
            "`blocks` adds {} bytes a block, the checksum has {width}",
            blocks.add
        );
        return Err(table.error(
            "blocks",
            message,
            format!("write add = {width} and `after` of more than {width} in `blocks`"),
        ));
    }
    Ok((blocks.after - blocks.add) as i64)
}
