//! The framing rules once more, stupid on purpose: the whole run in memory, every place tried from scratch.

use deframe::framing::{
    FrameLayout, Layout, LengthFormat, Resync, Size, SkipKind, StreamEnd, StreamStart,
};

use crate::script::Do;

/// What is behind the run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    Gap,
    Closed,
    Open,
}

/// How the run begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begin {
    Step,
    Skip(SkipKind),
}

struct Run<'a> {
    layout: &'a Layout,
    bytes: Vec<u8>,
    offset: u64,
    marks: Vec<usize>,
    begin: Begin,
}

/// The events of a script that ends with a finish: what, offset, length.
pub fn events(layout: &Layout, start: StreamStart, script: &[Do]) -> Vec<String> {
    let begin = match start {
        StreamStart::Known => Begin::Step,
        StreamStart::Unknown => Begin::Skip(SkipKind::Leading),
    };
    let mut run = Run {
        layout,
        bytes: Vec::new(),
        offset: 0,
        marks: Vec::new(),
        begin,
    };
    let mut out = Vec::new();
    for step in script {
        let (behind, gap) = match step {
            Do::Bytes(bytes) => {
                run.bytes.extend(bytes);
                continue;
            }
            Do::Mark => {
                run.marks.push(run.bytes.len());
                continue;
            }
            Do::Gap(0) => continue,
            Do::Gap(length) => (Behind::Gap, *length),
            Do::Finish(StreamEnd::Closed) => (Behind::Closed, 0),
            Do::Finish(StreamEnd::Open) => (Behind::Open, 0),
        };
        run.events(behind, &mut out);
        let begin = if gap > 0 {
            Begin::Skip(SkipKind::Cut)
        } else {
            Begin::Step
        };
        // A mark at the very end of a run is one at the beginning of the next.
        let marks = run
            .marks
            .iter()
            .filter(|&&m| gap == 0 && m == run.bytes.len())
            .map(|_| 0)
            .collect();
        run = Run {
            layout,
            offset: run.offset + run.bytes.len() as u64 + gap,
            bytes: Vec::new(),
            marks,
            begin,
        };
    }
    out
}

impl Run<'_> {
    fn events(&self, behind: Behind, out: &mut Vec<String>) {
        let (mut at, mut step) = (0, self.begin);
        while at < self.bytes.len() {
            let next = (at..self.bytes.len())
                .filter(|&p| {
                    p == at || self.layout.resync == Resync::Scan || self.marks.contains(&p)
                })
                .find_map(|p| Some((p, self.valid(p, behind)?)));
            match next {
                Some((p, (kind, size, ok))) => {
                    self.bad(at, p, step, out);
                    let sum = if ok { "" } else { " sum!" };
                    out.push(format!("{kind} {}+{size}{sum}", self.offset + p as u64));
                    (at, step) = (p + size, Begin::Step);
                }
                None => return self.rest(at, step, behind, out),
            }
        }
    }

    /// Bytes that are no frame, from a place where one should start to the next frame.
    fn bad(&self, from: usize, to: usize, step: Begin, out: &mut Vec<String>) {
        match step {
            _ if from == to => {}
            Begin::Step => self.say(self.name(from, to), from, to, out),
            Begin::Skip(SkipKind::Leading) => self.say("leading", from, to, out),
            Begin::Skip(_) => self.say("cut", from, to, out),
        }
    }

    fn say(&self, what: &str, from: usize, to: usize, out: &mut Vec<String>) {
        out.push(format!(
            "{what} {}+{}",
            self.offset + from as u64,
            to - from
        ));
    }

    /// The bytes behind the last frame of the run.
    fn rest(&self, from: usize, step: Begin, behind: Behind, out: &mut Vec<String>) {
        let end = self.bytes.len();
        let may =
            |p: &usize| *p == from || self.layout.resync == Resync::Scan || self.marks.contains(p);
        let open = (from..end)
            .filter(may)
            .find(|&p| self.layout.frames.iter().any(|f| self.open(f, p)));
        let name = self.name(from, end);
        match (open, behind) {
            (Some(_), Behind::Closed)
                if step == Begin::Step && !["junk", "truncated"].contains(&name) =>
            {
                self.say(name, from, end, out);
            }
            (Some(open), _) if step == Begin::Step => {
                self.bad(from, open, step, out);
                let what = match behind {
                    Behind::Gap => "cut",
                    Behind::Closed => "truncated",
                    Behind::Open => "unfinished",
                };
                self.say(what, open, end, out);
            }
            _ => self.bad(from, end, step, out),
        }
    }

    /// The frame that is at `p`: type, size, and whether its checksum is right.
    fn valid(&self, p: usize, behind: Behind) -> Option<(usize, usize, bool)> {
        let all: Vec<(usize, usize, bool)> = self
            .layout
            .frames
            .iter()
            .enumerate()
            .filter_map(|(i, f)| self.whole(f, p).map(|(size, ok)| (i, size, ok)))
            .collect();
        let right: Vec<_> = all.iter().copied().filter(|f| f.2).collect();
        if right.is_empty() {
            let at_end = |size| p + size == self.bytes.len();
            return longest(
                all.iter()
                    .copied()
                    .filter(|f| self.followed(p + f.1, behind)),
            )
            .or_else(|| longest(all.iter().copied().filter(|f| at_end(f.1))));
        }
        longest(
            right
                .iter()
                .copied()
                .filter(|f| self.followed(p + f.1, behind)),
        )
        .or_else(|| longest(right.into_iter()))
    }

    fn followed(&self, at: usize, behind: Behind) -> bool {
        let rest = &self.bytes[at..];
        if rest.is_empty() {
            return behind != Behind::Gap;
        }
        self.layout
            .frames
            .iter()
            .any(|f| self.header(f, at).is_some() || begins(f, rest))
    }

    fn header(&self, f: &FrameLayout, p: usize) -> Option<usize> {
        let rest = &self.bytes[p..];
        let fits = |h: &&deframe::framing::Pattern| {
            rest.len() >= h.value.len()
                && (0..h.value.len()).all(|i| rest[i] & h.mask[i] == h.value[i])
        };
        if f.headers.is_empty() {
            Some(0)
        } else {
            f.headers.iter().find(fits).map(|h| h.value.len())
        }
    }

    /// What a length field states: `None` if it is not all there. And where the field ends.
    fn stated(&self, f: &FrameLayout, p: usize) -> Option<(u64, usize)> {
        let Size::Length(field) = &f.size else {
            panic!("no length field")
        };
        let LengthFormat::Uint { width, mask, .. } = field.format else {
            panic!("not modelled")
        };
        let bytes = self.bytes.get(p + field.offset..p + field.offset + width)?;
        let value = bytes.iter().fold(0u64, |v, &b| v * 256 + u64::from(b)) & mask;
        Some((
            value.saturating_add_signed(field.adjust),
            field.offset + width,
        ))
    }

    fn possible(&self, f: &FrameLayout, size: u64, least: usize) -> bool {
        size >= f.min && size <= f.max && size >= (least + f.end.len()) as u64
    }

    /// Size of the whole frame of this type at `p`, and whether its checksum, a sum of bytes at its end, is right.
    fn whole(&self, f: &FrameLayout, p: usize) -> Option<(usize, bool)> {
        let header = self.header(f, p)?;
        let rest = &self.bytes[p..];
        let size = match f.size {
            Size::Fixed(size) => size,
            Size::Searched => {
                (header..rest.len()).find(|&at| rest[at..].starts_with(&f.end))? + f.end.len()
            }
            Size::Length(_) => {
                self.stated(f, p)
                    .filter(|(s, behind)| self.possible(f, *s, header.max(*behind)))?
                    .0 as usize
            }
        };
        if f.size == Size::Searched && !self.possible(f, size as u64, header) {
            return None;
        }
        let frame = rest.get(..size).filter(|frame| frame.ends_with(&f.end))?;
        let ok = f.checksum.is_none() || {
            let at = size - 1 - f.end.len();
            frame[..at].iter().fold(0u8, |s, &b| s.wrapping_add(b)) == frame[at]
        };
        Some((size, ok))
    }

    /// Whether a frame of this type at `p` reaches beyond the end of the run.
    fn open(&self, f: &FrameLayout, p: usize) -> bool {
        let rest = &self.bytes[p..];
        let Some(header) = self.header(f, p) else {
            return begins(f, rest);
        };
        match f.size {
            Size::Fixed(size) => size > rest.len(),
            Size::Searched => {
                let found = (header..rest.len()).any(|at| rest[at..].starts_with(&f.end));
                // The first end marker not there yet would begin at the first place that could still be one.
                let first = (header..=rest.len())
                    .find(|&at| f.end.starts_with(&rest[at..]))
                    .unwrap_or(rest.len());
                !found && (first + f.end.len()) as u64 <= f.max
            }
            Size::Length(_) => match self.stated(f, p) {
                Some((size, behind)) => {
                    self.possible(f, size, header.max(behind)) && size > rest.len() as u64
                }
                None => true,
            },
        }
    }

    fn name(&self, from: usize, to: usize) -> &'static str {
        let region = &self.bytes[from..to];
        let len = region.len();
        let frames = &self.layout.frames;
        let known: Vec<_> = frames
            .iter()
            .filter_map(|f| Some((f, self.header(f, from).filter(|&h| h > 0 && h <= len)?)))
            .collect();
        if frames
            .iter()
            .any(|f| self.whole(f, from).is_some_and(|(_, ok)| !ok))
        {
            return "bad_checksum";
        }
        let ended = |f: &FrameLayout, header: usize| {
            !f.end.is_empty() && len >= header + f.end.len() && region.ends_with(&f.end)
        };
        let size = |f: &FrameLayout| match f.size {
            Size::Fixed(size) => Some(size as u64),
            Size::Searched => None,
            Size::Length(_) => self
                .stated(f, from)
                .filter(|(_, behind)| *behind <= len)
                .map(|s| s.0),
        };
        let impossible = |f: &FrameLayout| {
            matches!(f.size, Size::Length(_))
                && self
                    .stated(f, from)
                    .is_some_and(|(s, behind)| behind <= len && !self.possible(f, s, behind))
        };
        let longest = |f: &FrameLayout| match f.size {
            Size::Searched => f.max,
            _ => size(f).unwrap_or(u64::MAX),
        };
        if known
            .iter()
            .any(|(f, _)| size(f) == Some(len as u64) && !impossible(f))
        {
            "bad_end_marker"
        } else if known.iter().any(|(f, h)| {
            ended(f, *h) && size(f).is_some()
                || ended(f, *h) && f.size == Size::Searched
                || impossible(f)
        }) {
            "bad_length"
        } else if known.iter().any(|(f, _)| (len as u64) < longest(f)) {
            "truncated"
        } else if known.is_empty()
            && frames
                .iter()
                .any(|f| f.size == Size::Fixed(len) && ended(f, 0))
        {
            "bad_header"
        } else {
            "junk"
        }
    }
}

fn begins(f: &FrameLayout, rest: &[u8]) -> bool {
    f.headers.iter().any(|h| {
        rest.len() < h.value.len()
            && rest
                .iter()
                .zip(&h.value)
                .zip(&h.mask)
                .all(|((b, v), m)| b & m == *v)
    })
}

fn longest(all: impl Iterator<Item = (usize, usize, bool)>) -> Option<(usize, usize, bool)> {
    all.fold(None, |best: Option<(usize, usize, bool)>, f| match best {
        Some(b) if b.1 >= f.1 => Some(b),
        _ => Some(f),
    })
}
