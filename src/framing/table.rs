//! A layout made ready for framing: checked once, with its frame types sorted by the first byte they may begin with.
//!
//! Knows layouts; nothing of streams or of what came before the bytes it is asked about.

use std::{collections::HashMap, error, fmt};

use memchr::memmem::Finder;

use super::{
    algorithm::Algorithm,
    check::check,
    checksum::FrameChecksum,
    fast_headers::{FastHeader, FastMatch, fast_headers, fast_match},
    headers::Headers,
    layout::{Blocks, ChecksumKind, FrameLayout, Layout, Resync, Size},
};

/// Why a layout cannot be framed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutError {
    /// Index of the frame type that is wrong; none if it is the layout as a whole.
    pub frame: Option<usize>,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.frame {
            Some(index) => write!(f, "frame type {index}: {}", self.reason),
            None => f.write_str(self.reason),
        }
    }
}

impl error::Error for LayoutError {}

/// A layout, checked and compiled. Share one behind an `Arc` between all framers of a protocol.
#[derive(Debug)]
pub struct FrameTable {
    pub(super) kinds: Vec<Kind>,
    pub(super) resync: Resync,
    /// Longest end marker of all.
    pub(super) end_max: usize,
    /// The distinct checksum algorithms of all types.
    pub(super) algorithms: Vec<Algorithm>,
    /// Bytes that a stream's window holds at most, where all sizes are fixed.
    pub(super) window: Option<usize>,
    /// For every first byte, which group of frame types may begin with it.
    class: Box<[u16; 256]>,
    groups: Vec<Group>,
    pub(super) lead: Lead,
}

/// A frame type.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its index in the table.
    pub index: usize,
    pub headers: Headers,
    pub size: Size,
    pub end: Vec<u8>,
    /// Finds the end marker.
    pub finder: Finder<'static>,
    pub min: u64,
    pub max: u64,
    pub checksum: Option<FrameChecksum>,
}

impl Kind {
    /// Bytes that its length does not count.
    pub fn blocks(&self) -> Option<Blocks> {
        match &self.size {
            Size::Length(field) => field.blocks,
            _ => None,
        }
    }

    /// Its size, if it is always the same.
    pub fn fixed(&self) -> Option<usize> {
        match self.size {
            Size::Fixed(size) => Some(size),
            _ => None,
        }
    }

    /// Largest size on the wire.
    pub fn longest(&self) -> u64 {
        match self.size {
            Size::Fixed(size) => size as u64,
            _ => self.max,
        }
    }
}

/// How to find the next byte at which a frame may begin.
#[derive(Clone, Copy, Debug)]
pub(super) enum Lead {
    Match(u8),
    Two(u8, u8),
    Three(u8, u8, u8),
    Class,
}

/// The frame types that may begin with some byte.
#[derive(Debug, Default)]
struct Group {
    kinds: Vec<u16>,
    /// For the fast path: where all of them are of fixed size, of at least 8 bytes and without checksum, and no bytes
    /// begin with two of the headers, what to compare. Else empty.
    fast: Vec<FastHeader>,
}

impl FrameTable {
    /// Checks and compiles a layout.
    ///
    /// # Errors
    ///
    /// Where no frame could ever match, a size contradicts itself, or a frame of no bytes would be possible.
    pub fn new(layout: &Layout) -> Result<Self, LayoutError> {
        if layout.frames.is_empty() {
            return Err(LayoutError {
                frame: None,
                reason: "no frame type",
            });
        }
        if layout.frames.len() > 250 {
            return Err(LayoutError {
                frame: None,
                reason: "more than 250 frame types",
            });
        }
        for (index, frame) in layout.frames.iter().enumerate() {
            check(frame).map_err(|reason| LayoutError {
                frame: Some(index),
                reason,
            })?;
        }
        let mut distinct: Vec<ChecksumKind> = Vec::new();
        for kind in layout
            .frames
            .iter()
            .filter_map(|f| Some(f.checksum.as_ref()?.kind))
        {
            if !distinct.contains(&kind) {
                distinct.push(kind);
            }
        }
        let kinds: Vec<Kind> = (0..)
            .zip(&layout.frames)
            .map(|(index, frame)| compile(index, frame, &distinct))
            .collect();
        let (class, groups) = classify(&kinds);
        let lengths = |f: fn(&Kind) -> usize| kinds.iter().map(f).max().unwrap_or(0);
        let header_max = lengths(|k| k.headers.longest());
        Ok(Self {
            resync: layout.resync,
            end_max: lengths(|k| k.end.len()),
            algorithms: distinct.into_iter().map(Algorithm::new).collect(),
            window: kinds
                .iter()
                .map(Kind::fixed)
                .collect::<Option<Vec<_>>>()
                .and_then(|s| s.into_iter().max())
                .map(|longest| longest + header_max),
            lead: lead(&class),
            class,
            groups,
            kinds,
        })
    }

    /// How many frame types there are.
    pub fn kinds(&self) -> usize {
        self.kinds.len()
    }

    /// Whether the end of some type is searched.
    pub(super) fn is_searched(&self) -> bool {
        self.kinds.iter().any(|kind| kind.size == Size::Searched)
    }

    /// Whether some type has a checksum behind every block.
    pub(super) fn has_block_checksums(&self) -> bool {
        let in_blocks = |kind: &Kind| kind.checksum.as_ref().is_some_and(FrameChecksum::in_blocks);
        self.kinds.iter().any(in_blocks)
    }

    fn group(&self, first: u8) -> Option<&Group> {
        self.groups.get(usize::from(self.class[usize::from(first)]))
    }

    /// The frame types that may begin with this byte.
    pub(super) fn beginning_with(&self, first: u8) -> impl Iterator<Item = &Kind> {
        let kinds = self.group(first).map_or(&[][..], |g| &g.kinds);
        kinds
            .iter()
            .filter_map(|&kind| self.kinds.get(usize::from(kind)))
    }

    /// Whether no frame can begin with this byte.
    #[inline]
    pub(super) fn never(&self, first: u8) -> bool {
        self.class[usize::from(first)] == 0
    }

    /// The headers that begin with this byte; none where the fast path does not cover them.
    #[inline(always)]
    pub(super) fn fast_headers(&self, first: u8) -> &[FastHeader] {
        self.group(first).map_or(&[][..], |g| &g.fast)
    }

    /// The decision of the fast path. Reads at most the longest frame.
    #[inline]
    pub(super) fn fast_match(&self, w: &[u8]) -> FastMatch<'_> {
        match w.first_chunk::<8>() {
            Some(start) => fast_match(self.fast_headers(start[0]), u64::from_le_bytes(*start), w),
            None => FastMatch::Unknown,
        }
    }
}

fn compile(index: usize, frame: &FrameLayout, algorithms: &[ChecksumKind]) -> Kind {
    let checksum = frame.checksum.as_ref().and_then(|spec| {
        let algorithm = algorithms.iter().position(|kind| *kind == spec.kind)?;
        Some(FrameChecksum::new(spec, algorithm))
    });
    Kind {
        index,
        headers: Headers::new(&frame.headers),
        size: frame.size.clone(),
        end: frame.end.clone(),
        finder: Finder::new(&frame.end).into_owned(),
        min: frame.min.max(1),
        max: frame.max,
        checksum,
    }
}

/// Groups the frame types by first byte; group 0 is the empty one.
fn classify(kinds: &[Kind]) -> (Box<[u16; 256]>, Vec<Group>) {
    let mut class = Box::new([0u16; 256]);
    let mut groups = vec![Group::default()];
    let mut known: HashMap<Vec<u16>, u16> = HashMap::from([(Vec::new(), 0)]);
    let firsts: Vec<_> = kinds.iter().map(|kind| kind.headers.firsts()).collect();
    for first in 0..=255u8 {
        let members: Vec<u16> = (0u16..)
            .zip(&firsts)
            .filter(|(_, firsts)| firsts[usize::from(first)])
            .map(|(index, _)| index)
            .collect();
        class[usize::from(first)] = *known.entry(members).or_insert_with_key(|members| {
            groups.push(group(kinds, members));
            (groups.len() - 1) as u16
        });
    }
    (class, groups)
}

fn group(kinds: &[Kind], members: &[u16]) -> Group {
    Group {
        kinds: members.to_vec(),
        fast: fast_headers(kinds, members).unwrap_or_default(),
    }
}

fn lead(class: &[u16; 256]) -> Lead {
    let firsts: Vec<u8> = (0..=255u8)
        .filter(|&b| class[usize::from(b)] != 0)
        .collect();
    match firsts[..] {
        [a] => Lead::Match(a),
        [a, b] => Lead::Two(a, b),
        [a, b, c] => Lead::Three(a, b, c),
        _ => Lead::Class,
    }
}
