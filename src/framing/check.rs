//! What a frame type must be to be framed at all.

use std::collections::HashSet;

use super::{
    headers::MAX_MASKS,
    layout::{Checksum, ChecksumKind, FrameLayout, LengthFormat, Size},
};

/// Longest header and longest end marker that a layout may have.
pub(super) const MARKER_MAX: usize = 64;

/// Longest block that has a checksum of its own, in bytes: bounds what a framer remembers of such blocks.
pub(super) const MAX_CHECKED_BLOCK_BYTES: u64 = 1024;

/// The first thing that is wrong with a frame type.
pub(super) fn check(frame: &FrameLayout) -> Result<(), &'static str> {
    for header in &frame.headers {
        if header.value.is_empty() || header.value.len() != header.mask.len() {
            return Err("a header without bytes, or with a mask of another length");
        }
        if header
            .value
            .iter()
            .zip(&header.mask)
            .any(|(v, m)| v & !m != 0)
        {
            return Err("a header has bits outside its mask");
        }
    }
    let header = frame
        .headers
        .iter()
        .map(|h| h.value.len())
        .max()
        .unwrap_or(0);
    if header > MARKER_MAX || frame.end.len() > MARKER_MAX {
        return Err("a marker is longer than 64 bytes");
    }
    let masks: HashSet<&[u8]> = frame.headers.iter().map(|h| &h.mask[..]).collect();
    if masks.len() > MAX_MASKS {
        return Err("its headers leave bits open in more than 64 different ways");
    }
    if largest(frame) > u64::from(u32::MAX) {
        return Err("its largest size is 4 GiB or more");
    }
    match &frame.size {
        Size::Fixed(0) => return Err("its size is 0"),
        Size::Fixed(size) if *size < header + frame.end.len() => {
            return Err("its size is less than header and end marker take");
        }
        Size::Fixed(_) => {}
        Size::Searched if frame.end.is_empty() => {
            return Err("neither size, length nor end marker");
        }
        Size::Length(_) | Size::Searched if frame.min > frame.max => {
            return Err("its smallest size is above its largest");
        }
        Size::Length(_) | Size::Searched if frame.max == 0 => return Err("its largest size is 0"),
        Size::Length(_) | Size::Searched => {}
    }
    check_field(frame)
}

fn check_field(frame: &FrameLayout) -> Result<(), &'static str> {
    let blocks = match &frame.size {
        Size::Length(field) => {
            match field.format {
                LengthFormat::Uint { width, .. } if !(1..=8).contains(&width) => {
                    return Err("a length field is 1 to 8 bytes wide");
                }
                LengthFormat::Ascii { sep } if sep.is_ascii_digit() => {
                    return Err("a digit cannot end the digits of a length");
                }
                _ => {}
            }
            if field.offset > 1024 {
                return Err("the length field stands behind byte 1024");
            }
            field.blocks
        }
        _ => None,
    };
    if blocks.is_some_and(|b| b.every == 0) {
        return Err("blocks of no bytes");
    }
    if let Some(Checksum {
        kind: ChecksumKind::Crc(crc),
        ..
    }) = &frame.checksum
    {
        let unused = 32u32.saturating_sub(crc.width.into());
        if !matches!(crc.width, 8 | 16 | 24 | 32) {
            return Err("a CRC has 8, 16, 24 or 32 bits");
        }
        if (crc.poly | crc.init | crc.xorout) > u32::MAX >> unused {
            return Err("a parameter of the CRC has more bits than the CRC");
        }
    }
    match &frame.checksum {
        Some(checksum) if checksum.blocks => match blocks {
            Some(b) if b.every > MAX_CHECKED_BLOCK_BYTES => {
                Err("a checksum behind every block needs blocks of at most 1,024 bytes")
            }
            Some(b) if b.add == checksum.kind.width() as u64 && b.after >= b.add => Ok(()),
            _ => Err("a checksum behind every block needs blocks with room for it"),
        },
        Some(checksum) if !checksum.blocks && !has_room(frame, checksum) => {
            Err("the checksum has no room where it stands, or stands before what it covers")
        }
        _ => Ok(()),
    }
}

/// Whether a frame of the largest size has the checksum's bytes, and the first byte that it covers is not behind it.
fn has_room(frame: &FrameLayout, checksum: &Checksum) -> bool {
    let width = checksum.kind.width() as u64;
    let largest = largest(frame);
    let at = match u64::try_from(checksum.at) {
        Ok(at) => Some(at),
        Err(_) => largest.checked_sub(checksum.at.unsigned_abs()),
    };
    at.is_some_and(|at| at > checksum.from as u64 && at.saturating_add(width) <= largest)
}

fn largest(frame: &FrameLayout) -> u64 {
    match frame.size {
        Size::Fixed(size) => size as u64,
        _ => frame.max,
    }
}
