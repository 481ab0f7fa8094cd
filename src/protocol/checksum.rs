//! `checksum = { … }`: which checksum, and where it stands in a frame.

use super::{
    catalogue::CHECKSUMS, frame::MAX_FRAME, length::ENDIANS, source::Result, table::TomlTable,
};
use crate::framing::{Checksum, ChecksumKind, Crc, Size};

/// What `kind` says where the description gives the parameters of a CRC itself.
const OWN_CRC: &str = "crc";
/// Those parameters.
const PARAMETERS: &[&str] = &[
    "width",
    "poly",
    "init",
    "reflect_in",
    "reflect_out",
    "xorout",
];

/// Longest block that may have a checksum of its own, in bytes; the framer has the same limit.
const MAX_CHECKED_BLOCK_BYTES: u64 = 1024;

/// Reads the checksum of a frame, if it has one; `end` is the length of the end marker.
pub(super) fn parse(frame: TomlTable<'_>, size: &Size, end: usize) -> Result<Option<Checksum>> {
    let Some(inner) = frame.table("checksum", "checksum")? else {
        return Ok(None);
    };
    let table = inner.view();
    table.only(&[&["kind", "endian", "at", "from", "blocks"], PARAMETERS].concat())?;
    let kind = kind(table)?;
    let endian = table.word("endian", ENDIANS)?.unwrap_or_default();
    let from = table
        .index("from", MAX_FRAME as usize)?
        .map_or(0, |n| n.value);
    let blocks = table.flag("blocks")?;
    let width = kind.width();
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

fn kind(table: TomlTable<'_>) -> Result<ChecksumKind> {
    if table
        .text("kind")?
        .is_some_and(|kind| kind.value == OWN_CRC)
    {
        return own_crc(table);
    }
    let Some(kind) = table.word("kind", CHECKSUMS)? else {
        return Err(table.missing("kind", "\"crc16-modbus\""));
    };
    match table.present(PARAMETERS).first() {
        None => Ok(kind),
        Some(key) => Err(table.error(
            key,
            format!("`{key}` beside the name of a checksum, which has its parameters already"),
            format!("leave `{key}` out, or write kind = \"crc\" and all parameters"),
        )),
    }
}

/// A CRC by its parameters.
fn own_crc(table: TomlTable<'_>) -> Result<ChecksumKind> {
    let Some(width) = table.int("width", 8, 32)? else {
        return Err(table.missing("width", "16, the bits of the CRC: 8, 16, 24 or 32"));
    };
    if width.value % 8 != 0 {
        let message = format!("a CRC of {} bits", width.value);
        return Err(table.error("width", message, "write width = 8, 16, 24 or 32"));
    }
    let most = (1i128 << width.value) - 1;
    let parameter = |key| Ok(table.int(key, 0, most)?.map(|number| number.value as u32));
    let Some(poly) = parameter("poly")? else {
        return Err(table.missing("poly", "0x1021, its polynomial without the highest power"));
    };
    Ok(ChecksumKind::Crc(Crc {
        width: width.value as u8,
        poly,
        init: parameter("init")?.unwrap_or(0),
        reflect_in: table.flag("reflect_in")?,
        reflect_out: table.flag("reflect_out")?,
        xorout: parameter("xorout")?.unwrap_or(0),
    }))
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
        let fix = format!(
            "write its place in the frame, from 0, or counted from the end: at = -{width} is the last place"
        );
        return Err(table.source.error(&span, message, fix));
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
        let fix = "write blocks = { after = 10, every = 16, add = 2 } in [[frame]], or leave `blocks` out here";
        return Err(table.error(
            "blocks",
            "`blocks = true`, but the frame has no blocks",
            fix,
        ));
    };
    if blocks.every > MAX_CHECKED_BLOCK_BYTES {
        let message = format!("a checksum behind every block of {} bytes", blocks.every);
        let fix = format!("write every = {MAX_CHECKED_BLOCK_BYTES} or less in `blocks`");
        return Err(table.error("blocks", message, fix));
    }
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
