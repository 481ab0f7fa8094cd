//! The differences in order, for people.

use std::io::{self, Write};

use deframe::{
    diff::{Edit, Line, PairDiff, Record, Sent, Side, Span, Why, spans},
    protocol::{Field, FrameType},
};

use super::{View, hexrows, why_text};
use crate::report::text::{
    Escaped, count,
    heading::moment,
    style::{DIM, TITLE},
};

/// Rows of a frame that only one side has.
const ROWS: usize = 2;

/// Frames shown of a run of frames that only one side has.
const RUN: usize = 3;

type Found<'s> = (&'s Sent, &'s Record, usize);

pub fn write(view: &View<'_>, out: &mut dyn Write, limit: u64) -> io::Result<()> {
    let all = view
        .comparison
        .pairs
        .iter()
        .map(|pair| pair.edits.len() as u64)
        .sum::<u64>();
    if limit == 0 || all == 0 {
        return Ok(());
    }
    writeln!(out, "\n{TITLE}Differences{TITLE:#}")?;
    let (mut left, mut shown_in_all) = (limit, 0);
    for (pair, diff) in view.comparison.pairs.iter().enumerate() {
        for run in diff
            .edits
            .chunk_by(|one, two| alike(one) && key(one) == key(two))
        {
            let shown = run.len().min(RUN).min(usize::try_from(left).unwrap_or(RUN));
            for edit in run.iter().take(shown) {
                one(view, out, pair, diff, edit)?;
            }
            left -= shown as u64;
            shown_in_all += shown as u64;
            if shown == RUN && run.len() > RUN {
                let more = run.len() - RUN;
                shown_in_all += more as u64;
                let frames = count(more as u64, "frame");
                writeln!(
                    out,
                    "\n{TITLE}pair {pair}: {frames} more in a row, the same case{TITLE:#}"
                )?;
            }
        }
    }
    match all - shown_in_all {
        0 => Ok(()),
        rest => writeln!(
            out,
            "\n{DIM}and {} more: --limit shows more, --format ndjson all{DIM:#}",
            count(rest, "difference")
        ),
    }
}

/// Edits of which a long run says no more than its first.
fn alike(edit: &Edit) -> bool {
    matches!(edit, Edit::OnlyA { .. } | Edit::OnlyB { .. })
}

fn key(edit: &Edit) -> (u8, Option<Why>) {
    match *edit {
        Edit::Changed { .. } => (0, None),
        Edit::Moved { .. } => (1, None),
        Edit::OnlyA { why, .. } => (2, Some(why)),
        Edit::OnlyB { why, .. } => (3, Some(why)),
    }
}

/// Where a frame stands: `frame 17 of connection 0, packet 42, 2023-…`.
fn place((sent, record, index): Found<'_>) -> String {
    let connection = sent.id.connection;
    let (packet, time) = (record.packet, moment(record.time()));
    format!("frame {index} of connection {connection}, packet {packet}, {time}")
}

fn one(
    view: &View<'_>,
    out: &mut dyn Write,
    pair: usize,
    diff: &PairDiff,
    edit: &Edit,
) -> io::Result<()> {
    let left = |at| diff.pair.a.get(view.a, at);
    let right = |at| diff.pair.b.get(view.b, at);
    match *edit {
        Edit::Changed { a, b } => match (left(a), right(b)) {
            (Some(a), Some(b)) => changed(view, out, pair, a, b),
            _ => Ok(()),
        },
        Edit::Moved { a, b } => match (left(a), right(b)) {
            (Some(x), Some(y)) => {
                let by = b as i64 - a as i64;
                title(
                    view,
                    out,
                    pair,
                    x.1,
                    &format!("moved, frame {a} → {b} of the pair ({by:+})"),
                )?;
                writeln!(out, "  A {}\n  B {}", place(x), place(y))
            }
            _ => Ok(()),
        },
        Edit::OnlyA { a, b, why } => match left(a) {
            Some(found) => only(
                view,
                out,
                pair,
                ('A', view.a, found),
                (&diff.pair.b, view.b, b),
                why,
            ),
            None => Ok(()),
        },
        Edit::OnlyB { a, b, why } => match right(b) {
            Some(found) => only(
                view,
                out,
                pair,
                ('B', view.b, found),
                (&diff.pair.a, view.a, a),
                why,
            ),
            None => Ok(()),
        },
    }
}

fn title(
    view: &View<'_>,
    out: &mut dyn Write,
    pair: usize,
    record: &Record,
    what: &str,
) -> io::Result<()> {
    let kind = Escaped(view.kind(record.kind.into())).to_string();
    writeln!(out, "\n{TITLE}pair {pair}: {kind} {what}{TITLE:#}")
}

fn only(
    view: &View<'_>,
    out: &mut dyn Write,
    pair: usize,
    (name, side, found): (char, &Side, Found<'_>),
    (line, other, at): (&Line, &Side, usize),
    why: Why,
) -> io::Result<()> {
    title(view, out, pair, found.1, &format!("only in {name}"))?;
    writeln!(out, "  {name} {}", place(found))?;
    let rival = if name == 'A' { 'B' } else { 'A' };
    let before = line
        .get(other, at)
        .map(|(sent, _, index)| (sent.id.connection, index));
    match (why_text(why, rival), before) {
        (Some(why), _) => writeln!(out, "  {why}")?,
        (None, Some((connection, index))) => {
            writeln!(
                out,
                "  {DIM}in {rival} it would stand before frame {index} of connection {connection}{DIM:#}"
            )?;
        }
        (None, None) => writeln!(
            out,
            "  {DIM}in {rival} it would stand behind the last frame{DIM:#}"
        )?,
    }
    match side.bytes(found.1) {
        Some(bytes) => hexrows::whole(out, name, bytes, ROWS),
        None => Ok(()),
    }
}

fn changed(
    view: &View<'_>,
    out: &mut dyn Write,
    pair: usize,
    a: Found<'_>,
    b: Found<'_>,
) -> io::Result<()> {
    let (Some(x), Some(y)) = (view.a.bytes(a.1), view.b.bytes(b.1)) else {
        title(
            view,
            out,
            pair,
            a.1,
            "changed; too many frames to keep the bytes of all",
        )?;
        return writeln!(out, "  A {}\n  B {}", place(a), place(b));
    };
    let kind = usize::from(a.1.kind);
    let spans = spans(x, y, view.masks.of(kind));
    let bytes: usize = spans
        .iter()
        .map(|span| span.a.len().max(span.b.len()))
        .sum();
    let ranges: Vec<String> = spans
        .iter()
        .take(6)
        .map(|span| format!("{}..{}", span.a.start, span.a.end))
        .collect();
    let more = if spans.len() > 6 { ", …" } else { "" };
    let size = match (x.len(), y.len()) {
        (x, y) if x == y => String::new(),
        (x, y) => format!(", {x} → {y} bytes long"),
    };
    let bytes = count(bytes as u64, "byte");
    title(
        view,
        out,
        pair,
        a.1,
        &format!("changed, {bytes} at {}{more}{size}", ranges.join(", ")),
    )?;
    writeln!(out, "  A {}\n  B {}", place(a), place(b))?;
    if let Some(kind) = view.protocol.frames.get(kind) {
        for (name, old, new) in fields(kind, x, y, &spans) {
            writeln!(
                out,
                "  {}: {} → {}",
                Escaped(&name),
                Escaped(&old),
                Escaped(&new)
            )?;
        }
    }
    hexrows::write(out, x, y, &spans)
}

/// Fields that differ: name, value in A, value in B.
pub fn fields(
    kind: &FrameType,
    a: &[u8],
    b: &[u8],
    spans: &[Span],
) -> Vec<(String, String, String)> {
    let touched = |field: &&Field| {
        field.range(a.len()).is_none_or(|range| {
            let touches = |span: &Span| span.a.start < range.end && range.start < span.a.end;
            a.len() != b.len() || spans.iter().any(touches)
        })
    };
    let text = |field: &Field, bytes: &[u8]| {
        let unit = field
            .unit
            .as_deref()
            .map_or(String::new(), |unit| format!(" {unit}"));
        field
            .read(bytes)
            .map_or("?".to_owned(), |value| format!("{value}{unit}"))
    };
    kind.fields
        .iter()
        .filter(touched)
        .map(|field| (field.name.clone(), text(field, a), text(field, b)))
        .filter(|(_, a, b)| a != b)
        .collect()
}
