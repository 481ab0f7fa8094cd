//! `deframe diff`.

use std::{net::IpAddr, path::PathBuf, rc::Rc};

use clap::Args;
use deframe::{
    decode::Addr,
    diff::{Collector, Hand, Mask, Masks, Sent, Setup, Side, compare},
    protocol::{Extent, Field, FieldFormat, Protocol},
};

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::cannot_write,
    format::{self, Format},
    input::Input,
    plan::Plan,
};
use crate::report::{
    output::Output,
    records::Records,
    views::diff::{View, json, setup},
};

/// Shown below the long help.
pub const EXAMPLES: &str = "\
Examples:
  deframe diff before.pcap after.pcap                 the same device before and after its update
  deframe diff --ignore 4..8 before.pcap after.pcap   bytes 4 to 7 of every frame are a counter
  deframe diff --ignore realtime:4..8,sequence a.pcap b.pcap
                                                      of one frame type only; by the name of a field
  deframe diff --pair 10.0.0.2=10.0.0.7 good.pcap bad.pcap
                                                      a good device and a bad one
  deframe diff inside.pcap outside.pcap --summary     did the middlebox change anything?
  deframe diff mon-*.pcap --with tue-*.pcap           sets of captures
  deframe diff --format ndjson a.pcap b.pcap | jq 'select(.change == \"only_a\")'

Streams are paired by the address of who sends the frames, else by what they say, else by order. Frames are the same if
their type and their bytes are, less what --ignore masks. A frame that lies in a gap of the other capture is said to.

Exit status: 0 the same, 1 different, 2 trouble.";

/// `diff`.
#[derive(Debug, Args)]
pub struct DiffArgs {
    #[command(flatten)]
    pub input: Input,
    /// Captures of side B, when a side has several: all before are of side A.
    #[arg(long, value_name = "CAPTURE", num_args = 1.., help_heading = "Comparing")]
    pub with: Vec<PathBuf>,
    /// Pair these, A's first: connection numbers (3=7), or addresses of who sends the frames (10.0.0.2=10.0.0.7).
    #[arg(
        long,
        value_name = "A=B",
        value_delimiter = ',',
        help_heading = "Comparing"
    )]
    pub pair: Vec<String>,
    /// Bytes that do not count, from the frame's first byte, the last not included (4..8, 20, 100..), or a field;
    /// of one frame type with its name before (realtime:4..8).
    #[arg(
        long,
        value_name = "[TYPE:]RANGE|FIELD",
        value_delimiter = ',',
        help_heading = "Comparing"
    )]
    pub ignore: Vec<String>,
    /// Show at most this many differences [default: 20; all as json and ndjson].
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Only the summary, no single differences.
    #[arg(long, conflicts_with = "limit")]
    pub summary: bool,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(&[Format::Table, Format::JSON, Format::NDJSON]))]
    pub format: Format,
}

/// Differences that people are shown unless they ask for more.
const LIMIT: u64 = 20;

/// Connections or addresses named where another one was asked for.
const LISTED: usize = 10;

pub fn run(args: &DiffArgs, common: &Common) -> Result<Exit, Failure> {
    let (left, right) = sides(args)?;
    let mut plans = [
        Plan::new(&with(&args.input, left), common)?,
        Plan::new(&with(&args.input, right), common)?,
    ];
    let protocol = Rc::clone(&plans[0].protocol);
    let mut setup = setup(&protocol);
    setup.hands = args
        .pair
        .iter()
        .map(|text| hand(text))
        .collect::<Result<_, _>>()?;
    let mut masks = Vec::new();
    for text in &args.ignore {
        masks.extend(ignore(&protocol, text)?);
    }
    setup.masks = Masks::new(protocol.frames.len(), &masks);
    let names = plans.each_ref().map(|plan| Rc::clone(&plan.names));
    let (a, exit_a) = collect(&mut plans[0], &setup, "A")?;
    let (b, exit_b) = collect(&mut plans[1], &setup, "B")?;
    for (text, hand) in args.pair.iter().zip(&setup.hands) {
        pairable(text, *hand, [&a, &b])?;
    }
    let comparison = compare(&a, &b, &setup);
    let [names_a, names_b] = names;
    let view = View {
        comparison: &comparison,
        a: &a,
        b: &b,
        masks: &setup.masks,
        protocol: &protocol,
        names_a,
        names_b,
    };
    write(args, &view).map_err(|error| cannot_write(None, &error))?;
    // Nothing read is nothing that could be the same.
    let found = match (a.frame_count() + b.frame_count(), view.is_same()) {
        (0, _) => Exit::Failure,
        (_, true) => Exit::Success,
        (_, false) => Exit::Found,
    };
    Ok(found.max(exit_a).max(exit_b))
}

fn write(args: &DiffArgs, view: &View<'_>) -> std::io::Result<()> {
    let limit = if args.summary { Some(0) } else { args.limit };
    let shape = match args.format {
        Format::Table => {
            let mut out = Output::people();
            out.with(|out| view.write(out, limit.unwrap_or(LIMIT)));
            return out.finish();
        }
        Format::Records(shape) => shape,
    };
    let mut records = Records::new(Output::stdout(), shape, (json::SCHEMA, "records"));
    json::write(view, &mut records, limit.unwrap_or(u64::MAX));
    records.finish()
}

/// Reads one side. With nothing read of it, every frame of the other would seem to be missing.
fn collect(plan: &mut Plan, setup: &Setup, name: &str) -> Result<(Side, Exit), Failure> {
    let mut collector = Collector::new(setup);
    let Some(outcome) = plan.run(&mut collector) else {
        return Err(Failure(format!(
            "nothing of side {name} could be read, so nothing was compared"
        )));
    };
    let side = collector.finish();
    let exit = plan.close(&outcome, Some(side.frame_count()), false);
    Ok((side, exit))
}

/// The captures of both sides.
fn sides(args: &DiffArgs) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Failure> {
    let captures = &args.input.captures;
    match (&captures[..], &args.with[..]) {
        ([a, b], []) => Ok((vec![a.clone()], vec![b.clone()])),
        ([_], []) => Err(Failure(
            "diff compares two captures: name another".to_owned(),
        )),
        (_, []) => Err(Failure(format!(
            "diff compares two captures, not {}: name those of side B behind --with",
            captures.len()
        ))),
        (a, b) => Ok((a.to_vec(), b.to_vec())),
    }
    .and_then(|(a, b)| {
        let pipes = a
            .iter()
            .chain(&b)
            .filter(|path| path.as_os_str() == "-")
            .count();
        if pipes > 1 {
            return Err(Failure(
                "- is named twice: standard input can be read once".to_owned(),
            ));
        }
        Ok((a, b))
    })
}

fn with(input: &Input, captures: Vec<PathBuf>) -> Input {
    Input {
        captures,
        ..input.clone()
    }
}

/// `3=7`, `10.0.0.2=10.0.0.7`.
fn hand(text: &str) -> Result<Hand, Failure> {
    let parsed = || {
        let (a, b) = text.split_once('=')?;
        if let (Ok(a), Ok(b)) = (a.parse(), b.parse()) {
            return Some(Hand::Connections(a, b));
        }
        let addr = |text: &str| Some(Addr::from(text.parse::<IpAddr>().ok()?));
        Some(Hand::Addresses(addr(a)?, addr(b)?))
    };
    parsed().ok_or_else(|| {
        Failure(format!(
            "--pair {text}: write connection numbers (3=7) or addresses (10.0.0.2=10.0.0.7), side A first"
        ))
    })
}

/// Whether both sides have frames of what is to be a pair, sent the same way.
fn pairable(text: &str, hand: Hand, sides: [&Side; 2]) -> Result<(), Failure> {
    let wrong = |why: &str| Failure(format!("--pair {text}: {why}"));
    let (noun, wanted) = match hand {
        Hand::Connections(a, b) => ("connection ", [a.to_string(), b.to_string()]),
        Hand::Addresses(a, b) => ("", [a.to_string(), b.to_string()]),
    };
    let label = |sent: &Sent| match hand {
        Hand::Connections(..) => sent.id.connection.to_string(),
        Hand::Addresses(..) => sent.begin.src.addr.to_string(),
    };
    let mut ways = [Vec::new(), Vec::new()];
    for (at, (side, wanted)) in sides.into_iter().zip(&wanted).enumerate() {
        let those = side.streams.iter().filter(|sent| label(sent) == *wanted);
        ways[at].extend(those.map(|sent| sent.id.dir));
        if ways[at].is_empty() {
            let mut known: Vec<String> = side.streams.iter().map(label).collect();
            known.dedup();
            let known = match known.len() {
                0 => "has none".to_owned(),
                1..=LISTED => format!("has those of {noun}{}", known.join(", ")),
                _ => format!("has those of {noun}{}, …", known[..LISTED].join(", ")),
            };
            let name = ["A", "B"][at];
            return Err(wrong(&format!(
                "side {name} has no frames of {noun}{wanted}; it {known}"
            )));
        }
    }
    if ways[0].iter().any(|way| ways[1].contains(way)) {
        return Ok(());
    }
    Err(wrong(
        "the client sends the frames of one, the server those of the other",
    ))
}

/// `4..8`, `20`, `100..`, `sequence`; `realtime:` before it for one frame type.
fn ignore(protocol: &Protocol, text: &str) -> Result<Vec<Mask>, Failure> {
    let wrong = |why: &str| Failure(format!("--ignore {text}: {why}"));
    let (only, what) =
        match text.split_once(':') {
            Some((name, what)) => {
                let kind = protocol.frames.iter().position(|kind| kind.name == name);
                let known: Vec<&str> = protocol.frames.iter().map(|kind| &*kind.name).collect();
                let known = known.join(", ");
                (
                    Some(kind.ok_or_else(|| {
                        wrong(&format!("no frame type {name}; there are: {known}"))
                    })?),
                    what,
                )
            }
            None => (None, text),
        };
    if what.starts_with(|first: char| first.is_ascii_digit()) {
        let (from, to) = range(what)
            .ok_or_else(|| wrong("not a range of bytes; write 4..8 (bytes 4 to 7), 20 or 100.."))?;
        return Ok(vec![Mask {
            kind: only,
            from,
            to,
        }]);
    }
    let masks: Vec<Mask> = protocol
        .frames
        .iter()
        .enumerate()
        .filter(|(kind, _)| only.is_none_or(|only| only == *kind))
        .flat_map(|(kind, frame)| frame.fields.iter().map(move |field| (kind, field)))
        .filter(|(_, field)| field.name == what)
        .map(|(kind, field)| field_mask(kind, field))
        .collect();
    if masks.is_empty() {
        let name = &protocol.name;
        return Err(wrong(&format!(
            "protocol {name} has no such field; write its bytes (4..8) or describe it in the protocol's file"
        )));
    }
    Ok(masks)
}

fn field_mask(kind: usize, field: &Field) -> Mask {
    let to_end = matches!(
        field.format,
        FieldFormat::Ascii {
            extent: Extent::Rest(_)
        } | FieldFormat::Bytes {
            extent: Extent::Rest(_)
        }
    );
    let to = field.range(0).map(|range| range.end).filter(|_| !to_end);
    Mask {
        kind: Some(kind),
        from: field.offset,
        to,
    }
}

fn range(text: &str) -> Option<(usize, Option<usize>)> {
    let Some((from, to)) = text.split_once("..") else {
        let at: usize = text.parse().ok()?;
        return Some((at, Some(at.checked_add(1)?)));
    };
    let from = from.parse().ok()?;
    if to.is_empty() {
        return Some((from, None));
    }
    let to = to.parse().ok()?;
    (from < to).then_some((from, Some(to)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        for (text, want) in [
            ("4..8", Some((4, Some(8)))),
            ("20", Some((20, Some(21)))),
            ("100..", Some((100, None))),
            ("8..4", None),
            ("4..4", None),
            ("4-8", None),
            ("..8", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(range(text), want, "{text}");
        }
    }

    #[test]
    fn masks() {
        let fd = Protocol::fd();
        let modbus = Protocol::named("modbus").unwrap();
        for (protocol, text, want) in [
            (&fd, "4..8", Some(1)),
            (&fd, "realtime:4..8", Some(1)),
            (&fd, "nothing:4..8", None),
            (&fd, "nothing", None),
            (&fd, "", None),
            (
                &modbus,
                &*modbus.frames[0].fields[0].name,
                Some(modbus.frames.len()),
            ),
        ] {
            assert_eq!(
                ignore(protocol, text).ok().map(|masks| masks.len()),
                want,
                "{text}"
            );
        }
    }

    #[test]
    fn hands() {
        for (text, fine) in [
            ("3=7", true),
            ("10.0.0.2=fe80::1", true),
            ("3=10.0.0.2", false),
            ("3", false),
            ("=", false),
        ] {
            assert_eq!(hand(text).is_ok(), fine, "{text}");
        }
    }
}
