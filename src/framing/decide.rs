//! What stands at the beginning of a window of bytes: a frame, none, or nothing that can be told yet.
//!
//! Knows the bytes of the window and what is behind them; nothing of what came before. What it says once it does not
//! take back when more bytes come, and that is why events do not depend on how a stream is cut.

use super::{
    event::RunFrame,
    field::Field,
    layout::{Pattern, Size},
    table::{FastMatch, FrameTable, Kind},
};

/// What is behind the last byte of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Bytes that have not come yet.
    More,
    /// A gap.
    Gap,
    /// Nothing: the stream ends, or nobody wants to wait any longer.
    End,
}

/// What stands at the beginning of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This frame.
    Frame(Found),
    /// No frame.
    No,
    /// Not to be told with fewer bytes than this. Only where more may come.
    More(usize),
}

/// A whole frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub kind: usize,
    pub size: usize,
    pub checksum_ok: bool,
}

/// What stands there if it is of one given type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    Whole {
        size: usize,
        checksum_ok: bool,
    },
    No,
    /// It could still become one, with at least so many bytes.
    More(usize),
}

/// How far the search for an end marker has come, so that no byte is searched twice.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Search {
    /// Stream offset where the search began.
    pub from: u64,
    /// No end marker begins between `from` and this; if `found`, one begins here.
    pub to: u64,
    pub found: bool,
}

/// A window of a stream: its bytes from a place where a frame may begin.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    pub bytes: &'a [u8],
    /// Stream offset of the first of them.
    pub offset: u64,
    pub tail: Tail,
}

impl FrameTable {
    /// What stands at the beginning of the window. `searches` has one place for each type, or none where no type is
    /// searched. Looks at no byte behind the longest frame and one header more.
    pub(super) fn decide(&self, w: Window<'_>, searches: &mut [Search]) -> Verdict {
        match self.fast_match(w.bytes) {
            FastMatch::Frame(&RunFrame { kind, size }) => {
                return Verdict::Frame(Found {
                    kind: kind.into(),
                    size: size as usize,
                    checksum_ok: true,
                });
            }
            FastMatch::No => return Verdict::No,
            FastMatch::Short(_) | FastMatch::Unknown => {}
        }
        let Some(&first) = w.bytes.first() else {
            return Verdict::No;
        };
        let (mut only, mut several, mut need) = (None, false, 0);
        for (kind, spec) in self.beginning_with(first) {
            match spec.judge(w, searches.get_mut(kind)) {
                Match::Whole { size, checksum_ok } => {
                    several |= only.is_some();
                    only = Some(Found {
                        kind,
                        size,
                        checksum_ok,
                    });
                }
                Match::More(n) if w.tail == Tail::More => need = need.max(n),
                Match::More(_) | Match::No => {}
            }
        }
        match only {
            _ if need > 0 => Verdict::More(need),
            None => Verdict::No,
            Some(found) if !several && found.checksum_ok => Verdict::Frame(found),
            Some(_) => self.choose(w, searches),
        }
    }

    /// Several types are whole, or the only one has a wrong checksum: what follows decides. A right checksum beats a
    /// wrong one, which needs a frame behind it; then one with a frame behind it wins, then the longest.
    fn choose(&self, w: Window<'_>, searches: &mut [Search]) -> Verdict {
        let Some(&first) = w.bytes.first() else {
            return Verdict::No;
        };
        let mut whole = Vec::new();
        for (kind, spec) in self.beginning_with(first) {
            if let Match::Whole { size, checksum_ok } = spec.judge(w, searches.get_mut(kind)) {
                whole.push(Found {
                    kind,
                    size,
                    checksum_ok,
                });
            }
        }
        let ok = whole.iter().any(|f| f.checksum_ok);
        whole.retain(|f| f.checksum_ok == ok);
        if let ([only], true) = (&whole[..], ok) {
            return Verdict::Frame(*only);
        }
        let (mut best, mut need) = (None, 0);
        for found in whole {
            let followed = match self.follows(w, found.size) {
                Match::More(n) => {
                    need = need.max(n);
                    continue;
                }
                Match::Whole { .. } => true,
                // A checksum may be wrong right before a gap, too: nothing there says that it is no frame.
                Match::No => !ok && w.tail != Tail::More && found.size == w.bytes.len(),
            };
            let rank = (followed, found.size);
            if (ok || followed) && best.is_none_or(|(other, _)| rank > other) {
                best = Some((rank, found));
            }
        }
        match best {
            _ if need > 0 => Verdict::More(need),
            Some((_, found)) => Verdict::Frame(found),
            None => Verdict::No,
        }
    }

    /// Whether a header, or the end of the stream, is at `at`: `Whole` if so. The beginning of a header is enough
    /// where no more bytes come.
    fn follows(&self, w: Window<'_>, at: usize) -> Match {
        let yes = Match::Whole {
            size: at,
            checksum_ok: true,
        };
        let rest = w.bytes.get(at..).unwrap_or_default();
        let Some(&first) = rest.first() else {
            return match w.tail {
                Tail::More => Match::More(at + 1),
                Tail::Gap => Match::No,
                Tail::End => yes,
            };
        };
        let mut need = 0;
        for (_, kind) in self.beginning_with(first) {
            match kind.header(rest) {
                Header::Is(_) => return yes,
                Header::Begins(n) => need = need.max(at + n),
                Header::No => {}
            }
        }
        match w.tail {
            _ if need == 0 => Match::No,
            Tail::More => Match::More(need),
            Tail::Gap | Tail::End => yes,
        }
    }

    /// Whether a frame that begins here could still be open: its header (or, where that is cut off, the beginning of
    /// one), but not the whole of it.
    pub(super) fn open(&self, w: Window<'_>, searches: &mut [Search]) -> Option<usize> {
        self.beginning_with(*w.bytes.first()?)
            .filter(|(kind, spec)| matches!(spec.judge(w, searches.get_mut(*kind)), Match::More(_)))
            .max_by_key(|(_, kind)| kind.longest())
            .map(|(kind, _)| kind)
    }
}

/// Whether a header is there.
pub(super) enum Header {
    /// It is, and so long.
    Is(usize),
    /// So far it could be, and would be so long.
    Begins(usize),
    No,
}

impl Kind {
    /// Whether one of its headers is at the beginning of these bytes.
    pub(super) fn header(&self, bytes: &[u8]) -> Header {
        if self.headers.is_empty() {
            return Header::Is(0);
        }
        let mut begins = Header::No;
        for pattern in &self.headers {
            if matches(pattern, bytes) {
                let len = pattern.value.len();
                if bytes.len() >= len {
                    return Header::Is(len);
                }
                begins = Header::Begins(len);
            }
        }
        begins
    }

    /// Whether a frame of this type stands at the beginning of the window.
    pub(super) fn judge(&self, w: Window<'_>, search: Option<&mut Search>) -> Match {
        let header = match self.header(w.bytes) {
            Header::Is(len) => len,
            Header::Begins(len) => return Match::More(len),
            Header::No => return Match::No,
        };
        let size = match &self.size {
            Size::Fixed(size) => *size,
            Size::Length(field) => match field.read(w.bytes) {
                Field::Size { size, behind } => {
                    let floor = behind.max(header) + self.end.len();
                    match usize::try_from(size) {
                        Ok(n) if (self.min..=self.max).contains(&size) && n >= floor => n,
                        _ => return Match::No,
                    }
                }
                Field::More(n) => return Match::More(n),
                Field::Bad => return Match::No,
            },
            Size::Searched => match self.search(w, header, search) {
                Match::Whole { size, .. } => size,
                other => return other,
            },
        };
        let Some(frame) = w.bytes.get(..size) else {
            return Match::More(size);
        };
        // Comparing no bytes is slow where memcmp loads from the dangling pointer of an empty vector under a mask.
        if !self.end.is_empty() && !frame.ends_with(&self.end) {
            return Match::No;
        }
        let checksum_ok = self
            .sum
            .as_ref()
            .is_none_or(|s| s.holds(frame, self.blocks()));
        Match::Whole { size, checksum_ok }
    }

    /// Looks for the first end marker behind the header.
    fn search(&self, w: Window<'_>, header: usize, search: Option<&mut Search>) -> Match {
        let mut own = Search::default();
        let known = search.unwrap_or(&mut own);
        let start = w.offset + header as u64;
        if !(known.from..=known.to).contains(&start) {
            *known = Search {
                from: start,
                to: start,
                found: false,
            };
        }
        if !known.found {
            let from = usize::try_from(known.to - w.offset).unwrap_or(usize::MAX);
            let rest = w.bytes.get(from..).unwrap_or_default();
            match self.finder.find(rest) {
                Some(at) => (known.to, known.found) = (known.to + at as u64, true),
                None => known.to += unfinished(rest, &self.end) as u64,
            }
        }
        let size = known.to - w.offset + self.end.len() as u64;
        match usize::try_from(size) {
            Ok(size) if known.found && (self.min..=self.max).contains(&(size as u64)) => {
                Match::Whole {
                    size,
                    checksum_ok: true,
                }
            }
            Ok(size) if !known.found && size as u64 <= self.max => Match::More(w.bytes.len() + 1),
            _ => Match::No,
        }
    }
}

/// Where the first beginning of the marker is that goes on behind these bytes; their end if there is none.
fn unfinished(bytes: &[u8], marker: &[u8]) -> usize {
    let from = (bytes.len() + 1).saturating_sub(marker.len());
    let begins = |&at: &usize| bytes.get(at..).is_some_and(|rest| marker.starts_with(rest));
    (from..bytes.len()).find(begins).unwrap_or(bytes.len())
}

fn matches(pattern: &Pattern, bytes: &[u8]) -> bool {
    pattern
        .value
        .iter()
        .zip(&pattern.mask)
        .zip(bytes)
        .all(|((v, m), b)| b & m == *v)
}
