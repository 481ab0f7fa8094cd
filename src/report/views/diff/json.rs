//! `deframe.diff/1`: the comparison as records. Keys are always present, null where unknown.

use deframe::{
    decode::Addr,
    diff::{
        Edit, Habit, Line, Mask, Nature, PairDiff, PairedBy, Record, Sent, Side, Span, Why, spans,
    },
    framing::Endian,
};
use serde::Serialize;

use super::{
    View,
    edits::fields,
    measure::{Measure, Quantity, measures},
    why_name,
};
use crate::report::{
    records::{
        Records,
        values::{Hex, Shown},
    },
    text::Rfc3339,
};

/// Of every record.
pub const SCHEMA: &str = "deframe.diff/1";

#[derive(Serialize)]
struct Tag {
    schema: &'static str,
    record: &'static str,
}

fn tag(record: &'static str) -> Tag {
    Tag {
        schema: SCHEMA,
        record,
    }
}

#[derive(Serialize)]
struct Summary {
    #[serde(flatten)]
    tag: Tag,
    same: bool,
    a_frames: u64,
    b_frames: u64,
    a_streams: u64,
    b_streams: u64,
    pairs: u64,
    equal: u64,
    changed: u64,
    only_a: u64,
    only_b: u64,
    moved: u64,
    unseen: u64,
    unpaired_a: u64,
    unpaired_b: u64,
}

#[derive(Serialize)]
struct MeasureShape<'a> {
    #[serde(flatten)]
    tag: Tag,
    group: &'static str,
    name: &'a str,
    unit: &'static str,
    a: Quantity,
    b: Quantity,
    ratio: Option<f64>,
}

#[derive(Serialize)]
struct LineShape {
    connections: Vec<u64>,
    dir: &'static str,
    src: Shown<Addr>,
    dst: Shown<Addr>,
    frames: u64,
}

#[derive(Serialize)]
struct PairShape {
    #[serde(flatten)]
    tag: Tag,
    pair: u64,
    by: &'static str,
    a: Option<LineShape>,
    b: Option<LineShape>,
    equal: u64,
    changed: u64,
    only_a: u64,
    only_b: u64,
    moved: u64,
}

#[derive(Serialize)]
struct UnpairedShape {
    #[serde(flatten)]
    tag: Tag,
    side: &'static str,
    line: Option<LineShape>,
}

#[derive(Serialize)]
struct PlaceShape<'a> {
    #[serde(flatten)]
    tag: Tag,
    #[serde(rename = "type")]
    kind: &'a str,
    changed: u64,
    only_there: u64,
    offset: u64,
    length: u64,
    nature: &'static str,
    step: Option<u64>,
    per_second: Option<u64>,
    endian: Option<&'static str>,
    a_bytes: Option<Hex<'a>>,
    b_bytes: Option<Hex<'a>>,
    ignore: String,
}

#[derive(Serialize)]
struct FrameShape<'a> {
    capture: &'a str,
    connection: u64,
    dir: &'static str,
    index: u64,
    offset: u64,
    length: u64,
    packet: u64,
    time: Option<Shown<Rfc3339>>,
    bytes: Option<Hex<'a>>,
}

#[derive(Serialize)]
struct RangeShape<'a> {
    a_offset: u64,
    a_bytes: Hex<'a>,
    b_offset: u64,
    b_bytes: Hex<'a>,
}

#[derive(Serialize)]
struct FieldShape {
    name: String,
    a: String,
    b: String,
}

#[derive(Serialize)]
struct EditShape<'a> {
    #[serde(flatten)]
    tag: Tag,
    pair: u64,
    change: &'static str,
    #[serde(rename = "type")]
    kind: &'a str,
    /// Place in the pair's frames of each side: that of the frame, or the one before which it would stand.
    a_place: u64,
    b_place: u64,
    why: Option<&'static str>,
    fault: Option<&'static str>,
    a: Option<FrameShape<'a>>,
    b: Option<FrameShape<'a>>,
    ranges: Option<Vec<RangeShape<'a>>>,
    fields: Option<Vec<FieldShape>>,
}

/// Writes all records, and differences up to a limit.
pub fn write(view: &View<'_>, to: &mut Records, limit: u64) {
    to.write(&summary(view));
    for measure in &measures(view) {
        to.write(&measure_shape(measure));
    }
    for (at, diff) in view.comparison.pairs.iter().enumerate() {
        to.write(&pair_shape(view, at, diff));
    }
    for (side, name, lines) in [
        (view.a, "a", &view.comparison.only_a),
        (view.b, "b", &view.comparison.only_b),
    ] {
        for line in lines {
            let tag = tag("unpaired");
            let line = line_shape(side, line);
            to.write(&UnpairedShape {
                tag,
                side: name,
                line,
            });
        }
    }
    for habit in &view.comparison.habits {
        places(view, habit, to);
    }
    let mut left = limit;
    for (at, diff) in view.comparison.pairs.iter().enumerate() {
        for edit in &diff.edits {
            if left == 0 || to.has_failed() {
                return;
            }
            left -= 1;
            to.write(&edit_shape(view, at, diff, edit));
        }
    }
}

fn summary(view: &View<'_>) -> Summary {
    let sums = view.sums();
    Summary {
        tag: tag("summary"),
        same: view.is_same(),
        a_frames: view.a.frame_count(),
        b_frames: view.b.frame_count(),
        a_streams: view.a.streams.len() as u64,
        b_streams: view.b.streams.len() as u64,
        pairs: view.comparison.pairs.len() as u64,
        equal: sums.equal,
        changed: sums.changed,
        only_a: sums.only_a,
        only_b: sums.only_b,
        moved: sums.moved,
        unseen: sums.unseen,
        unpaired_a: sums.unpaired_a,
        unpaired_b: sums.unpaired_b,
    }
}

fn measure_shape(measure: &Measure) -> MeasureShape<'_> {
    MeasureShape {
        tag: tag("measure"),
        group: measure.group,
        name: &measure.name,
        unit: measure.a.unit(),
        a: measure.a,
        b: measure.b,
        ratio: measure.ratio(),
    }
}

fn line_shape(side: &Side, line: &Line) -> Option<LineShape> {
    let first = line.sent(side).next()?;
    Some(LineShape {
        connections: line.sent(side).map(|sent| sent.id.connection).collect(),
        dir: first.id.dir.name(),
        src: Shown(first.begin.src.addr),
        dst: Shown(first.begin.dst.addr),
        frames: line.len() as u64,
    })
}

fn pair_shape(view: &View<'_>, at: usize, diff: &PairDiff) -> PairShape {
    let sums = view.sums_of(at);
    PairShape {
        tag: tag("pair"),
        pair: at as u64,
        by: match diff.pair.by {
            PairedBy::Hand => "hand",
            PairedBy::Address => "address",
            PairedBy::Content => "content",
            PairedBy::Order => "order",
        },
        a: line_shape(view.a, &diff.pair.a),
        b: line_shape(view.b, &diff.pair.b),
        equal: sums.equal,
        changed: sums.changed,
        only_a: sums.only_a,
        only_b: sums.only_b,
        moved: sums.moved,
    }
}

fn places(view: &View<'_>, habit: &Habit, to: &mut Records) {
    for place in &habit.places {
        let order = |endian: &Endian| match endian {
            Endian::Big => "big",
            Endian::Little => "little",
        };
        let (nature, step, per_second, endian, fixed) = match &place.nature {
            Nature::Counter { step, endian } => ("counter", *step, None, Some(order(endian)), None),
            Nature::Clock { per_second, endian } => {
                ("clock", None, Some(*per_second), Some(order(endian)), None)
            }
            Nature::Fixed { a, b } => ("fixed", None, None, None, Some((a, b))),
            Nature::Varies => ("varies", None, None, None, None),
        };
        to.write(&PlaceShape {
            tag: tag("place"),
            kind: view.kind(habit.kind),
            changed: habit.changed,
            only_there: habit.only_there,
            offset: place.range.start as u64,
            length: place.range.len() as u64,
            nature,
            step,
            per_second,
            endian,
            a_bytes: fixed.map(|(a, _)| Hex(a)),
            b_bytes: fixed.map(|(_, b)| Hex(b)),
            ignore: view.ignore(&Mask {
                kind: Some(habit.kind),
                from: place.range.start,
                to: Some(place.range.end),
            }),
        });
    }
}

fn frame<'a>(
    side: &'a Side,
    names: &'a [String],
    (sent, record, index): (&'a Sent, &'a Record, usize),
) -> FrameShape<'a> {
    FrameShape {
        capture: names
            .get(usize::from(record.capture))
            .map_or("", String::as_str),
        connection: sent.id.connection,
        dir: sent.id.dir.name(),
        index: index as u64,
        offset: record.offset,
        length: record.length.into(),
        packet: record.packet,
        time: record.time().map(|time| Shown(Rfc3339(time))),
        bytes: side.bytes(record).map(Hex),
    }
}

fn edit_shape<'a>(
    view: &'a View<'_>,
    pair: usize,
    diff: &'a PairDiff,
    edit: &Edit,
) -> EditShape<'a> {
    let (change, a, b, why) = match *edit {
        Edit::Changed { a, b } => ("changed", a, b, Why::NotSent),
        Edit::Moved { a, b } => ("moved", a, b, Why::NotSent),
        Edit::OnlyA { a, b, why } => ("only_a", a, b, why),
        Edit::OnlyB { a, b, why } => ("only_b", a, b, why),
    };
    let left = diff.pair.a.get(view.a, a).filter(|_| change != "only_b");
    let right = diff.pair.b.get(view.b, b).filter(|_| change != "only_a");
    let kind = left.or(right).map_or(0, |found| usize::from(found.1.kind));
    let both = left
        .zip(right)
        .filter(|_| change == "changed")
        .and_then(|(left, right)| Some((view.a.bytes(left.1)?, view.b.bytes(right.1)?)));
    let spans = both.map(|(a, b)| spans(a, b, view.masks.of(kind)));
    EditShape {
        tag: tag("difference"),
        pair: pair as u64,
        change,
        kind: view.kind(kind),
        a_place: a as u64,
        b_place: b as u64,
        why: why_name(why),
        fault: match why {
            Why::Fault(kind) => Some(kind.name()),
            _ => None,
        },
        a: left.map(|found| frame(view.a, &view.names_a, found)),
        b: right.map(|found| frame(view.b, &view.names_b, found)),
        fields: both
            .zip(spans.as_ref())
            .map(|((a, b), spans)| field_shapes(view, kind, a, b, spans)),
        ranges: both.zip(spans).map(|((a, b), spans)| ranges(a, b, spans)),
    }
}

fn field_shapes(
    view: &View<'_>,
    kind: usize,
    a: &[u8],
    b: &[u8],
    spans: &[Span],
) -> Vec<FieldShape> {
    let kind = view.protocol.frames.get(kind);
    kind.map_or(Vec::new(), |kind| fields(kind, a, b, spans))
        .into_iter()
        .map(|(name, a, b)| FieldShape { name, a, b })
        .collect()
}

fn ranges<'a>(a: &'a [u8], b: &'a [u8], spans: Vec<Span>) -> Vec<RangeShape<'a>> {
    let hex = |bytes: &'a [u8], range| Hex(bytes.get(range).unwrap_or_default());
    spans
        .into_iter()
        .map(|span| RangeShape {
            a_offset: span.a.start as u64,
            b_offset: span.b.start as u64,
            a_bytes: hex(a, span.a),
            b_bytes: hex(b, span.b),
        })
        .collect()
}
