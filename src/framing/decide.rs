//! What stands at the beginning of a window of bytes: a frame, no frame, or more bytes are needed to decide.
//!
//! Knows the bytes of the window and what is behind them; nothing of what came before. More bytes never change a
//! decision: that is why events do not depend on how a stream is cut.

use super::{
    checksum::Context,
    event::RunFrame,
    fast_headers::FastMatch,
    field::Field,
    headers::Header,
    layout::Size,
    memo::{Memo, Search},
    table::{FrameTable, Kind},
};

/// What is behind the last byte of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tail {
    /// Bytes that have not come yet.
    More,
    /// A gap.
    Gap,
    /// Nothing: the stream ends, or its reader does not wait any longer.
    End,
}

/// What stands at the beginning of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// This frame.
    Frame(Found),
    /// No frame; this type's if only the checksum is wrong.
    No(Option<usize>),
    /// Undecided with fewer bytes than this. Only where more may come.
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
    /// A frame of this many bytes.
    Frame(usize),
    No,
    /// It could still become one, with at least this many bytes.
    More(usize),
}

/// A window of a stream: its bytes from a place where a frame may begin.
#[derive(Clone, Copy)]
pub(super) struct Window<'a> {
    pub bytes: &'a [u8],
    /// Stream offset of the first of them.
    pub offset: u64,
    pub tail: Tail,
    /// Largest frame that is taken, in bytes, if its type's own is larger. Not for types of fixed size.
    pub limit: u64,
}

impl FrameTable {
    /// What stands at the beginning of the window. Reads no byte behind the longest frame and one header more.
    pub(super) fn decide(&self, w: Window<'_>, memo: &mut Memo) -> Verdict {
        match self.fast_match(w.bytes) {
            FastMatch::Frame(&RunFrame { kind, size }) => {
                return Verdict::Frame(Found {
                    kind: kind.into(),
                    size: size as usize,
                    checksum_ok: true,
                });
            }
            FastMatch::No => return Verdict::No(None),
            FastMatch::Short(_) | FastMatch::Unknown => {}
        }
        let Some(&first) = w.bytes.first() else {
            return Verdict::No(None);
        };
        let (mut only, mut more, mut need) = (None, Vec::new(), 0);
        for kind in self.beginning_with(first) {
            match kind.match_shape(w, memo) {
                Match::Frame(size) if need == 0 => {
                    let found = self.found(kind, size, w, memo);
                    match only {
                        None => only = Some(found),
                        Some(_) => more.push(found),
                    }
                }
                Match::More(n) if w.tail == Tail::More => need = need.max(n),
                Match::Frame(_) | Match::More(_) | Match::No => {}
            }
        }
        match only {
            _ if need > 0 => Verdict::More(need),
            None => Verdict::No(None),
            Some(found) if more.is_empty() && found.checksum_ok => Verdict::Frame(found),
            Some(found) => {
                more.insert(0, found);
                self.choose(w, more)
            }
        }
    }

    /// A frame that is there but for its checksum, which is still to be checked.
    fn found(&self, kind: &Kind, size: usize, w: Window<'_>, memo: &mut Memo) -> Found {
        let frame = w.bytes.get(..size).unwrap_or_default();
        Found {
            kind: kind.index,
            size,
            checksum_ok: self.is_checksum_right(kind, frame, w.offset, memo),
        }
    }

    /// Whether a frame of this type has the right checksum, if its type has one.
    pub(super) fn is_checksum_right(
        &self,
        kind: &Kind,
        frame: &[u8],
        offset: u64,
        memo: &mut Memo,
    ) -> bool {
        let Some(checksum) = &kind.checksum else {
            return true;
        };
        self.algorithms
            .get(checksum.algorithm)
            .is_some_and(|algorithm| {
                let context = Context {
                    algorithm,
                    memo,
                    offset,
                    kind: kind.index,
                };
                checksum.is_right(frame, kind.blocks(), context)
            })
    }

    /// Several types match, or the only one has a wrong checksum: what follows decides. A right checksum beats a
    /// wrong one, which needs a frame behind it; then one with a frame behind it wins, then the longest.
    fn choose(&self, w: Window<'_>, mut whole: Vec<Found>) -> Verdict {
        let ok = whole.iter().any(|f| f.checksum_ok);
        let wrong = whole.iter().find(|f| !f.checksum_ok).map(|f| f.kind);
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
                Match::Frame(_) => true,
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
            None => Verdict::No(wrong),
        }
    }

    /// Whether a header, or the end of the stream, is at `at`: `Frame` if so. The beginning of a header is enough
    /// where no more bytes come.
    fn follows(&self, w: Window<'_>, at: usize) -> Match {
        let yes = Match::Frame(at);
        let rest = w.bytes.get(at..).unwrap_or_default();
        let Some(&first) = rest.first() else {
            return match w.tail {
                Tail::More => Match::More(at + 1),
                Tail::Gap => Match::No,
                Tail::End => yes,
            };
        };
        let mut need = 0;
        for kind in self.beginning_with(first) {
            match kind.headers.at(rest) {
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
    /// one), but not the whole of it. Gives the longest type.
    pub(super) fn open(&self, w: Window<'_>, memo: &mut Memo) -> Option<usize> {
        self.beginning_with(*w.bytes.first()?)
            .filter(|kind| matches!(kind.match_shape(w, memo), Match::More(_)))
            .max_by_key(|kind| kind.longest())
            .map(|kind| kind.index)
    }
}

impl Kind {
    /// Whether a frame of this type stands at the beginning of the window: its header, its size, its end marker. Its
    /// checksum is not checked.
    pub(super) fn match_shape(&self, w: Window<'_>, memo: &mut Memo) -> Match {
        memo.work += 1;
        let header = match self.headers.at(w.bytes) {
            Header::Is(len) => len,
            Header::Begins(len) => return Match::More(len),
            Header::No => return Match::No,
        };
        let max = self.max.min(w.limit);
        let size = match &self.size {
            Size::Fixed(size) => *size,
            Size::Length(field) => match field.read(w.bytes) {
                Field::Size { size, behind } => {
                    let floor = behind.max(header) + self.end.len();
                    match usize::try_from(size) {
                        Ok(n) if (self.min..=max).contains(&size) && n >= floor => n,
                        _ => return Match::No,
                    }
                }
                Field::More(n) => return Match::More(n),
                Field::Bad => return Match::No,
            },
            Size::Searched => match self.search(w, header, memo) {
                Match::Frame(size) => size,
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
        Match::Frame(size)
    }

    /// Searches the first end marker behind the header.
    fn search(&self, w: Window<'_>, header: usize, memo: &mut Memo) -> Match {
        let mut own = Search::default();
        let mut read = 0;
        let known = memo.search(self.index).unwrap_or(&mut own);
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
                Some(at) => {
                    read = at as u64;
                    (known.to, known.found) = (known.to + read, true);
                }
                None => {
                    read = rest.len() as u64;
                    known.to += unfinished(rest, &self.end) as u64;
                }
            }
        }
        let (size, found) = (known.to - w.offset + self.end.len() as u64, known.found);
        let max = self.max.min(w.limit);
        memo.work += read;
        match usize::try_from(size) {
            Ok(n) if found && (self.min..=max).contains(&size) => Match::Frame(n),
            Ok(_) if !found && size <= max => Match::More(w.bytes.len() + 1),
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
