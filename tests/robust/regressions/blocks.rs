//! A pcapng of well-formed blocks whose types, bodies and options are arbitrary: the walk over blocks finds every packet
//! behind blocks that it does not know, and numbers them in order.
//!
//! Input: a byte whose lowest bit is the byte order, then blocks: one byte for the type, one for the body's length in
//! bytes, the body.

use super::capture;

/// Block types by the first byte of a block: those that a reader must know, and one that it must skip.
const TYPES: [u32; 8] = [0x0a0d_0d0a, 1, 2, 3, 5, 6, 0x0000_000a, 0x0bad_cafe];

fn number(value: u32, is_big: bool) -> [u8; 4] {
    if is_big {
        value.to_be_bytes()
    } else {
        value.to_le_bytes()
    }
}

fn push_block(out: &mut Vec<u8>, kind: u32, body: &[u8], is_big: bool) {
    let padded = body.len().next_multiple_of(4);
    let length = number(padded as u32 + 12, is_big);
    out.extend(number(kind, is_big));
    out.extend(length);
    out.extend(body);
    out.resize(out.len() + padded - body.len(), 0);
    out.extend(length);
}

/// The capture: a section header and an interface, then the blocks of the input, each of the right total length.
fn capture_of(bytes: &[u8]) -> Vec<u8> {
    let (order, mut rest) = match bytes.split_first() {
        Some((order, rest)) => (*order, rest),
        None => (0, bytes),
    };
    let is_big = order & 1 == 1;
    let version: [u8; 4] = if is_big { [0, 1, 0, 0] } else { [1, 0, 0, 0] };
    let section = [&number(0x1a2b_3c4d, is_big)[..], &version, &[0xff; 8]].concat();
    let mut out = Vec::new();
    push_block(&mut out, 0x0a0d_0d0a, &section, is_big);
    push_block(&mut out, 1, &[0, 1, 0, 0, 0, 0, 4, 0], is_big);
    while let [kind, length, tail @ ..] = rest {
        let (body, after) = tail.split_at(usize::from(*length).min(tail.len()));
        // A section header needs its magic, or nothing behind it can be read.
        let body = match TYPES[usize::from(*kind) % TYPES.len()] {
            0x0a0d_0d0a => [&section, body].concat(),
            _ => body.to_vec(),
        };
        push_block(
            &mut out,
            TYPES[usize::from(*kind) % TYPES.len()],
            &body,
            is_big,
        );
        rest = after;
    }
    out
}

pub fn check(bytes: &[u8]) {
    capture::check(&capture_of(bytes));
}
