//! The summary for people: both sides, pairs, numbers that changed, places to mask.

use std::io::{self, Write};

use deframe::{
    diff::{Habit, Line, Mask, Nature, PairedBy, Side},
    framing::Endian,
};

use super::{View, columns, measure::measures};
use crate::report::text::{
    Escaped, Grouped, count,
    style::{DIM, MISSING, TITLE, WRONG},
};

/// Pairs shown that do not differ; the rest is counted.
const SAME_PAIRS: usize = 10;

/// Lines without a partner shown of a side; the rest is counted.
const LONELY: usize = 10;

pub fn summary(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    side(out, 'A', view.a, &view.names_a)?;
    side(out, 'B', view.b, &view.names_b)?;
    writeln!(out)?;
    verdict(view, out)?;
    let unkept = view.a.unkept + view.b.unkept;
    if unkept > 0 {
        let frames = count(unkept, "frame");
        writeln!(
            out,
            "  {MISSING}{frames}{MISSING:#} too many to keep their bytes: they differ, where is not shown"
        )?;
    }
    pairs(view, out)?;
    numbers(view, out)?;
    for habit in &view.comparison.habits {
        places(view, out, habit)?;
    }
    masks(view, out)
}

/// What leaves all those places out, ready to paste; what is the same in all frame types, without their names.
fn masks(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let masks: Vec<Mask> = view
        .comparison
        .habits
        .iter()
        .flat_map(Habit::masks)
        .collect();
    let everywhere = |mask: &Mask| {
        let same = masks
            .iter()
            .filter(|other| (other.from, other.to) == (mask.from, mask.to));
        same.count() == view.protocol.frames.len()
    };
    let mut said: Vec<String> = Vec::new();
    for mask in &masks {
        let kind = mask.kind.filter(|_| !everywhere(mask));
        let text = view.ignore(&Mask { kind, ..*mask });
        if !said.contains(&text) {
            said.push(text);
        }
    }
    if said.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\nTo leave {} out: {TITLE}--ignore {}{TITLE:#}",
        if said.len() == 1 { "it" } else { "them" },
        said.join(",")
    )
}

fn side(out: &mut dyn Write, name: char, side: &Side, files: &[String]) -> io::Result<()> {
    let files: Vec<String> = files.iter().map(|name| Escaped(name).to_string()).collect();
    let streams = count(side.streams.len() as u64, "stream");
    let frames = count(side.frame_count(), "frame");
    let faults = count(side.stats.total.fault_count(), "fault");
    writeln!(
        out,
        "{TITLE}{name}{TITLE:#}  {}: {frames}, {faults}, {streams} with frames",
        files.join(" ")
    )
}

fn verdict(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let sums = view.sums();
    let same = format!("{} the same", Grouped(sums.equal));
    if view.is_same() {
        return writeln!(
            out,
            "{TITLE}The same{TITLE:#}: {}",
            count(sums.equal, "frame")
        );
    }
    let parts = [
        (sums.changed, "changed"),
        (sums.only_a, "only in A"),
        (sums.only_b, "only in B"),
        (sums.moved, "moved"),
        (sums.unpaired_a, "in A without a partner"),
        (sums.unpaired_b, "in B without a partner"),
    ];
    let said = parts.iter().filter(|(n, _)| *n > 0);
    let mut said: Vec<String> = said
        .map(|(n, what)| format!("{} {what}", Grouped(*n)))
        .collect();
    if said.is_empty() {
        said.push("in faults only".to_owned());
    }
    writeln!(
        out,
        "{WRONG}Different{WRONG:#}: {}; {same}",
        said.join(", ")
    )?;
    if sums.unseen > 0 {
        let n = Grouped(sums.unseen);
        let text = "where the other capture misses bytes, begins or ends: no proof of a change";
        writeln!(out, "  {MISSING}{n} of these{MISSING:#}: {text}")?;
    }
    Ok(())
}

fn by(by: PairedBy) -> &'static str {
    match by {
        PairedBy::Hand => "--pair",
        PairedBy::Address => "address",
        PairedBy::Content => "content",
        PairedBy::Order => "order",
    }
}

/// A line in short: `10.0.0.2 connection 0, 3 c2s`.
fn line_name(side: &Side, line: &Line) -> String {
    let mut sent = line.sent(side);
    let Some(first) = sent.next() else {
        return "-".to_owned();
    };
    let mut connections = first.id.connection.to_string();
    let rest: Vec<u64> = sent.map(|sent| sent.id.connection).collect();
    for connection in rest.iter().take(3) {
        connections.push_str(&format!(",{connection}"));
    }
    if rest.len() > 3 {
        connections.push_str(&format!(",+{}", rest.len() - 3));
    }
    let dir = first.id.dir.name();
    format!("{} connection {connections} {dir}", first.begin.src.addr)
}

fn pairs(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Vec::new();
    let (mut quiet, mut hidden) = (0, 0);
    for (at, diff) in view.comparison.pairs.iter().enumerate() {
        if diff.edits.is_empty() {
            quiet += 1;
            if quiet > SAME_PAIRS {
                hidden += 1;
                continue;
            }
        }
        let sums = view.sums_of(at);
        let mut row = vec![
            at.to_string(),
            line_name(view.a, &diff.pair.a),
            line_name(view.b, &diff.pair.b),
            by(diff.pair.by).to_owned(),
        ];
        let numbers = [
            sums.equal,
            sums.changed,
            sums.only_a,
            sums.only_b,
            sums.moved,
        ];
        row.extend(numbers.map(|n| Grouped(n).to_string()));
        rows.push(row);
    }
    if !rows.is_empty() {
        writeln!(out, "\n{TITLE}Pairs{TITLE:#}")?;
        let titles = [
            "#",
            "A",
            "B",
            "paired by",
            "same",
            "changed",
            "only A",
            "only B",
            "moved",
        ];
        columns::write(out, &titles, 4, &rows)?;
    }
    if hidden > 0 {
        writeln!(
            out,
            "  {DIM}and {} without a difference{DIM:#}",
            count(hidden, "pair")
        )?;
    }
    lonely(view, out)
}

/// Lines without a partner.
fn lonely(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let lonely = [
        ('A', view.a, &view.comparison.only_a),
        ('B', view.b, &view.comparison.only_b),
    ];
    for (name, side, lines) in lonely {
        for line in lines.iter().take(LONELY) {
            let (what, frames) = (line_name(side, line), count(line.len() as u64, "frame"));
            writeln!(out, "  {WRONG}only in {name}{WRONG:#}: {what}, {frames}")?;
        }
        let rest = lines.get(LONELY..).unwrap_or_default();
        if !rest.is_empty() {
            let frames: usize = rest.iter().map(Line::len).sum();
            let (devices, frames) = (
                count(rest.len() as u64, "device"),
                count(frames as u64, "frame"),
            );
            writeln!(
                out,
                "  {DIM}and {devices} more only in {name}, {frames}{DIM:#}"
            )?;
        }
    }
    Ok(())
}

fn numbers(view: &View<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<Vec<String>> = measures(view)
        .iter()
        .filter_map(|measure| {
            let change = measure.change();
            if change.is_none() && measure.group != "frames" {
                return None;
            }
            Some(vec![
                measure.group.to_owned(),
                Escaped(&measure.name).to_string(),
                measure.a.text(),
                measure.b.text(),
                change.unwrap_or_else(|| "=".to_owned()),
            ])
        })
        .collect();
    writeln!(
        out,
        "\n{TITLE}In numbers{TITLE:#} {DIM}(what did not change is left out){DIM:#}"
    )?;
    columns::write(out, &["", "", "A", "B", "change"], 2, &rows)
}

fn endian(endian: Endian) -> &'static str {
    match endian {
        Endian::Big => "big-endian",
        Endian::Little => "little-endian",
    }
}

fn places(view: &View<'_>, out: &mut dyn Write, habit: &Habit) -> io::Result<()> {
    let kind = Escaped(view.kind(habit.kind)).to_string();
    let of = if habit.only_there == habit.changed {
        format!(
            "All {} changed {kind} frames differ",
            Grouped(habit.changed)
        )
    } else {
        let (there, all) = (Grouped(habit.only_there), Grouped(habit.changed));
        format!("{there} of {all} changed {kind} frames differ")
    };
    writeln!(out, "\n{TITLE}{of} at the same places only{TITLE:#}")?;
    for place in &habit.places {
        let what = match &place.nature {
            Nature::Counter {
                step,
                endian: order,
            } => {
                let step = step.map_or("grows".to_owned(), |step| format!("+{step} a frame"));
                format!("a counter, {step}, {}", endian(*order))
            }
            Nature::Clock {
                per_second,
                endian: order,
            } => {
                format!("a clock, {per_second} a second, {}", endian(*order))
            }
            Nature::Fixed { a, b } => format!("always {} in A, {} in B", short(a), short(b)),
            Nature::Varies => "other bytes each time".to_owned(),
        };
        let range = format!("{}..{}", place.range.start, place.range.end);
        let named = view.protocol.frames.get(habit.kind).and_then(|kind| {
            kind.fields.iter().find(|field| {
                field.range(place.range.end + kind.end_len) == Some(place.range.clone())
            })
        });
        let name = named.map_or(String::new(), |field| {
            format!(" ({})", Escaped(&field.name))
        });
        writeln!(out, "  bytes {range}{name}: {what}")?;
    }
    Ok(())
}

fn short(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(8)];
    let dots = if bytes.len() > 8 { "…" } else { "" };
    format!("{}{dots}", const_hex::encode(shown))
}
