//! What a device says: frames one after the other, some of them garbled.
//!
//! Knows the protocol and bytes; nothing of TCP.

use std::io;

use super::{
    options::{Faults, Payload, SimConfig},
    rng::Rng,
    truth::{Fault, FaultKind},
};
use crate::framing::{FrameLayout, Layout, Size};

/// The frame types in a form that is quick to send, shared by all devices.
#[derive(Debug)]
pub(super) struct Recipe<'a> {
    layout: &'a Layout,
    sizes: Vec<usize>,
    /// Frame types in turn, if whole messages are sent; else by weight.
    messages: Option<Vec<usize>>,
    weights: Vec<u64>,
    weight: u64,
    payload: Payload,
    faults: Faults,
    any_fault: bool,
}

impl<'a> Recipe<'a> {
    /// Errors: `InvalidInput` for a protocol whose frames cannot be made up or options that do not fit it.
    pub(super) fn new(options: &SimConfig, layout: &'a Layout) -> io::Result<Self> {
        let sizes = layout
            .frames
            .iter()
            .map(fixed_size)
            .collect::<Option<Vec<_>>>();
        let sizes = sizes.filter(|sizes| !sizes.is_empty()).ok_or_else(|| {
            invalid("only frames of fixed size with a header and without checksum can be simulated")
        })?;
        let turn: Vec<usize> = layout.messages.iter().flatten().copied().collect();
        if turn.iter().any(|&kind| kind >= sizes.len()) {
            return Err(invalid(
                "a message of frames that the protocol does not have",
            ));
        }
        if options.messages && turn.is_empty() {
            return Err(invalid("the protocol has no messages"));
        }
        if options.mix.len() > sizes.len() {
            return Err(invalid("more weights than frame types"));
        }
        let mut weights = vec![1; sizes.len()];
        for (to, &weight) in weights.iter_mut().zip(&options.mix) {
            *to = u64::from(weight);
        }
        let weight = weights.iter().sum();
        if weight == 0 {
            return Err(invalid("a mix of no frames"));
        }
        let faults = options.faults.clone();
        let rates = [faults.bad_header, faults.bad_end_marker, faults.short_frame];
        let any_fault = rates.iter().any(|&rate| rate > 0.0) || faults.long_frame > 0.0;
        let messages = options.messages.then_some(turn);
        let payload = options.payload;
        Ok(Self {
            layout,
            sizes,
            messages,
            weights,
            weight,
            payload,
            faults,
            any_fault,
        })
    }

    fn frame(&self, kind: usize) -> &'a FrameLayout {
        &self.layout.frames[kind]
    }

    /// Whether a frame with this header and size, its end marker right, is a frame.
    fn valid(&self, header: &[u8], size: usize) -> bool {
        let fits = |(frame, &own): (&FrameLayout, &usize)| own == size && starts(frame, header);
        self.layout.frames.iter().zip(&self.sizes).any(fits)
    }
}

/// The size of a frame that can be made up, if it can.
fn fixed_size(frame: &FrameLayout) -> Option<usize> {
    let Size::Fixed(size) = frame.size else {
        return None;
    };
    let header = frame
        .headers
        .iter()
        .map(|header| header.value.len())
        .max()?;
    let whole = frame.headers.iter().all(|header| !header.value.is_empty());
    let fits = header + frame.end.len() <= size;
    (whole && fits && frame.checksum.is_none()).then_some(size)
}

/// Whether bytes start with a header of this frame type.
fn starts(frame: &FrameLayout, bytes: &[u8]) -> bool {
    frame.headers.iter().any(|header| {
        bytes.len() >= header.value.len()
            && bytes
                .iter()
                .zip(&header.value)
                .zip(&header.mask)
                .all(|((byte, value), mask)| byte & mask == *value)
    })
}

/// What was just sent.
#[derive(Debug)]
pub(super) enum Piece {
    /// A good frame of this type.
    Frame {
        kind: usize,
        offset: u64,
        length: u32,
    },
    /// Garbled bytes.
    Fault(Fault),
}

/// One device on one connection.
#[derive(Debug)]
pub(super) struct Device {
    turn: usize,
    counter: u32,
}

impl Device {
    pub(super) fn new() -> Self {
        Self {
            turn: 0,
            counter: 0,
        }
    }

    /// Appends the next frame, and junk before it, to `out`, whose first byte has the stream offset `base`; tells
    /// `note` what it was. `last`: the connection ends behind it.
    pub(super) fn send(
        &mut self,
        recipe: &Recipe<'_>,
        rng: &mut Rng,
        out: &mut Vec<u8>,
        base: u64,
        last: bool,
        mut note: impl FnMut(Piece),
    ) {
        if rng.chance(recipe.faults.junk) {
            let length = rng.between(1, 200);
            let offset = base + out.len() as u64;
            rng.fill(out, length as usize);
            note(Piece::Fault(Fault {
                kind: FaultKind::Junk,
                frame: None,
                offset,
                length,
            }));
        }
        let kind = self.kind(recipe, rng);
        let at = out.len();
        let (header, tail) = self.frame(recipe, rng, kind, out);
        let wrong = if last && recipe.faults.truncate_end {
            out.truncate(at + rng.between(1, (out.len() - at) as u64 - 1) as usize);
            Some(FaultKind::TruncatedEnd)
        } else {
            garble(recipe, rng, out, at, header, tail)
        };
        let offset = base + at as u64;
        let length = (out.len() - at) as u64;
        note(match wrong {
            Some(wrong) => Piece::Fault(Fault {
                kind: wrong,
                frame: Some(kind),
                offset,
                length,
            }),
            None => Piece::Frame {
                kind,
                offset,
                length: length as u32,
            },
        });
    }

    fn kind(&mut self, recipe: &Recipe<'_>, rng: &mut Rng) -> usize {
        if let Some(turn) = &recipe.messages {
            self.turn += 1;
            return turn[(self.turn - 1) % turn.len()];
        }
        let mut pick = rng.below(recipe.weight);
        for (kind, &weight) in recipe.weights.iter().enumerate() {
            if pick < weight {
                return kind;
            }
            pick -= weight;
        }
        0
    }

    /// Appends a good frame; returns the lengths of its header and end marker.
    fn frame(
        &mut self,
        recipe: &Recipe<'_>,
        rng: &mut Rng,
        kind: usize,
        out: &mut Vec<u8>,
    ) -> (usize, usize) {
        let frame = recipe.frame(kind);
        let header = match frame.headers.as_slice() {
            [only] => only,
            several => &several[rng.below(several.len() as u64) as usize],
        };
        for (value, mask) in header.value.iter().zip(&header.mask) {
            let free = if *mask == 0xff {
                0
            } else {
                rng.next() as u8 & !mask
            };
            out.push(value | free);
        }
        let (head, tail) = (header.value.len(), frame.end.len());
        self.payload(recipe, rng, out, recipe.sizes[kind] - head - tail);
        out.extend_from_slice(&frame.end);
        (head, tail)
    }

    #[inline]
    fn payload(&mut self, recipe: &Recipe<'_>, rng: &mut Rng, out: &mut Vec<u8>, n: usize) {
        match recipe.payload {
            Payload::Random => rng.fill(out, n),
            Payload::Zeros => out.resize(out.len() + n, 0),
            Payload::Ascii => {
                let start = out.len();
                rng.fill(out, n);
                for byte in &mut out[start..] {
                    *byte = b' ' + *byte % 95;
                }
            }
            Payload::Counter => {
                let end = out.len() + n;
                while out.len() < end {
                    out.extend_from_slice(&self.counter.to_be_bytes());
                    self.counter = self.counter.wrapping_add(1);
                }
                out.truncate(end);
            }
            Payload::Adversarial => {
                let start = out.len();
                rng.fill(out, n);
                decoys(recipe, rng, &mut out[start..]);
            }
        }
    }
}

/// Writes headers, end markers and whole frames into a payload, with a liking for its edges and for the places where
/// a shorter type of the same header would end.
fn decoys(recipe: &Recipe<'_>, rng: &mut Rng, payload: &mut [u8]) {
    for _ in 0..rng.between(1, 4) {
        let kind = rng.below(recipe.sizes.len() as u64) as usize;
        let frame = recipe.frame(kind);
        let Some(header) = frame.headers.first() else {
            continue;
        };
        let size = recipe.sizes[kind];
        let inner = size - header.value.len();
        match rng.below(5) {
            0 if size <= payload.len() => {
                let at = rng.below((payload.len() - size) as u64 + 1) as usize;
                put(payload, at, &header.value);
                put(payload, at + size - frame.end.len(), &frame.end);
            }
            // Where this type's end marker would stand if the frame were of this type.
            1 => put(payload, inner - frame.end.len(), &frame.end),
            2 => put(
                payload,
                payload.len().saturating_sub(frame.end.len()),
                &frame.end,
            ),
            3 => put(
                payload,
                rng.below(payload.len() as u64) as usize,
                &frame.end,
            ),
            _ => put(
                payload,
                rng.below(payload.len() as u64) as usize,
                &header.value,
            ),
        }
    }
}

/// Copies what fits.
fn put(to: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(to) = to.get_mut(at..) {
        to.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
    }
}

/// Spoils the frame that starts at `at`, if its time has come, and says how.
fn garble(
    recipe: &Recipe<'_>,
    rng: &mut Rng,
    out: &mut Vec<u8>,
    at: usize,
    header: usize,
    tail: usize,
) -> Option<FaultKind> {
    if !recipe.any_fault {
        return None;
    }
    let faults = &recipe.faults;
    if rng.chance(faults.bad_header) {
        return bad_header(recipe, rng, &mut out[at..], header).then_some(FaultKind::BadHeader);
    }
    if rng.chance(faults.bad_end_marker) {
        let end = out.len();
        return bad_byte(rng, &mut out[end - tail..]).then_some(FaultKind::BadEndMarker);
    }
    let size = out.len() - at;
    let payload = size - header - tail;
    if rng.chance(faults.short_frame) && payload > 0 {
        let short = rng.between(1, payload as u64) as usize;
        if recipe.valid(&out[at..], size - short) {
            return None;
        }
        let from = at + header + rng.below((payload - short) as u64 + 1) as usize;
        out.drain(from..from + short);
        return Some(FaultKind::ShortFrame);
    }
    if rng.chance(faults.long_frame) {
        let mut extra = Vec::new();
        let n = rng.between(1, 16) as usize;
        rng.fill(&mut extra, n);
        if recipe.valid(&out[at..], size + extra.len()) {
            return None;
        }
        let from = at + header + rng.below(payload as u64 + 1) as usize;
        out.splice(from..from, extra);
        return Some(FaultKind::LongFrame);
    }
    None
}

/// Changes one byte so that no header is left; false if that was not to be had.
fn bad_header(recipe: &Recipe<'_>, rng: &mut Rng, frame: &mut [u8], header: usize) -> bool {
    for _ in 0..16 {
        let place = rng.below(header as u64) as usize;
        let was = frame[place];
        frame[place] ^= rng.between(1, 255) as u8;
        if !recipe
            .layout
            .frames
            .iter()
            .any(|known| starts(known, frame))
        {
            return true;
        }
        frame[place] = was;
    }
    false
}

/// Changes one byte, if there is one.
fn bad_byte(rng: &mut Rng, bytes: &mut [u8]) -> bool {
    let place = rng.below(bytes.len() as u64) as usize;
    match bytes.get_mut(place) {
        Some(byte) => {
            *byte ^= rng.between(1, 255) as u8;
            true
        }
        None => false,
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, what)
}
