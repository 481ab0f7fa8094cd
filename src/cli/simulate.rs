//! `deframe simulate`: from its many options to a simulation, and the truth about it to a file.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use deframe::{
    capture::{ByteOrder, Container, Resolution, Time, WriteFormat},
    simulate::{
        self, Close, Faults, Isn, Link, Options, Payload, Profile, Segmentation, StartOffset,
        Trouble as Disturb,
    },
};

use super::{Exit, Trouble, args::Common, export::cannot_write, plan::named_protocol};
use crate::report::{
    output::Output,
    text::{count, size},
    truth,
};

/// `simulate`.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The capture to write, `-` for standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Write what is in it, as JSON.
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// The same seed and options give the same capture.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Protocol that the devices speak; its frames must be of fixed size.
    #[arg(long, value_name = "NAME|FILE", default_value = "fd")]
    protocol: String,
    /// Start from the traffic of a benchmark: 100 connections without end; needs --size.
    #[arg(long, value_enum, requires = "size")]
    profile: Option<ProfileName>,

    /// Devices, all at work at the same time [default: 4].
    #[arg(long, value_name = "N", help_heading = "Devices")]
    devices: Option<u32>,
    /// Connections that each device makes one after the other [default: 1].
    #[arg(long, value_name = "N", help_heading = "Devices")]
    connections: Option<u32>,
    /// Frames on each connection [default: 100].
    #[arg(long, value_name = "N", help_heading = "Devices")]
    frames: Option<u64>,
    /// Stop when the capture is so large: bytes, or with KiB, MiB, GiB.
    #[arg(long, value_name = "SIZE", value_parser = parse_size, help_heading = "Devices")]
    size: Option<u64>,
    /// Send whole messages in turn, not single frames.
    #[arg(long, help_heading = "Devices")]
    messages: bool,
    /// Weights of the frame types, in the protocol's order [default: all 1].
    #[arg(
        long,
        value_name = "N,N...",
        value_delimiter = ',',
        help_heading = "Devices"
    )]
    mix: Vec<u32>,
    /// What payloads are made of.
    #[arg(long, value_enum, default_value = "random", help_heading = "Devices")]
    payload: PayloadName,
    /// Mean time between two writes of a device, in milliseconds.
    #[arg(
        long,
        value_name = "MS",
        default_value_t = 10.0,
        help_heading = "Devices"
    )]
    interval: f64,
    /// When the capture begins, in seconds since 1970.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 1_700_000_000,
        help_heading = "Devices"
    )]
    start: i64,

    /// How the streams are cut into segments.
    #[arg(long, value_enum, help_heading = "TCP")]
    segmentation: Option<SegmentationName>,
    /// Most payload bytes of a segment.
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = 1460,
        help_heading = "TCP"
    )]
    mss: u16,
    /// Rate of segments that the capture misses though the server got them.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    drop: Option<f64>,
    /// How many segments in a row are missed then.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "TCP")]
    drop_burst: u32,
    /// Rate of segments lost on the way and sent again.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    loss: Option<f64>,
    /// Rate of segments captured later than they were sent.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    reorder: Option<f64>,
    /// By how many segments.
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "TCP")]
    reorder_by: u32,
    /// Rate of segments sent again though they were seen.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    retransmit: Option<f64>,
    /// Rate of segments sent again in part.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    partial_retransmit: Option<f64>,
    /// Rate of packets that a mirror port delivers twice.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    duplicate: Option<f64>,
    /// Rate of segments followed by a keep-alive.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    keepalive: Option<f64>,
    /// Rate of segments sent again with other bytes.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    conflict: Option<f64>,
    /// Rate of packets with a wrong TCP checksum.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    bad_checksum: Option<f64>,
    /// Rate of segments captured after the acknowledgement that they caused.
    #[arg(long, value_name = "RATE", help_heading = "TCP")]
    ack_early: Option<f64>,
    /// Rate of writes that the server answers with a few bytes.
    #[arg(long, value_name = "RATE", default_value_t = 0.0, help_heading = "TCP")]
    replies: f64,
    /// The server acknowledges nothing.
    #[arg(long, help_heading = "TCP")]
    no_acks: bool,
    /// The capture begins after the handshakes.
    #[arg(long, help_heading = "TCP")]
    midstream: bool,
    /// Where the first frame of a mid-stream capture is entered: a number of bytes, or `random`.
    #[arg(long, value_name = "BYTES|random", value_parser = parse_start_offset, requires = "midstream", help_heading = "TCP")]
    start_offset: Option<StartOffset>,
    /// How connections end.
    #[arg(long, value_enum, default_value = "fin", help_heading = "TCP")]
    close: CloseName,
    /// Devices connect again from the same port.
    #[arg(long, help_heading = "TCP")]
    port_reuse: bool,
    /// All devices share one address.
    #[arg(long, help_heading = "TCP")]
    nat: bool,
    /// First sequence number: a number, `random`, or `wrap` (shortly before 2^32).
    #[arg(long, value_name = "N|random|wrap", value_parser = parse_isn, default_value = "random", help_heading = "TCP")]
    isn: Isn,

    /// Rate of frames with a wrong header.
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    bad_header: f64,
    /// Rate of frames with a wrong end marker.
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    bad_end_marker: f64,
    /// Rate of frames with bytes missing.
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    short_frame: f64,
    /// Rate of frames with bytes too many.
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    long_frame: f64,
    /// Rate of frames with junk behind them.
    #[arg(
        long,
        value_name = "RATE",
        default_value_t = 0.0,
        help_heading = "Faults"
    )]
    junk: f64,
    /// The last frame of every connection is cut short.
    #[arg(long, help_heading = "Faults")]
    truncate_end: bool,

    /// Container.
    #[arg(long, value_enum, default_value = "pcap", help_heading = "Capture")]
    format: FormatName,
    /// Byte order of the container.
    #[arg(long, value_enum, default_value = "little", help_heading = "Capture")]
    endian: EndianName,
    /// Times in nanoseconds, not microseconds.
    #[arg(long, help_heading = "Capture")]
    nanoseconds: bool,
    /// Interfaces of a pcapng capture.
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Capture")]
    interfaces: u32,
    /// Link layer.
    #[arg(long, value_enum, default_value = "ethernet", help_heading = "Capture")]
    link: LinkName,
    /// VLAN tags, outermost first.
    #[arg(
        long,
        value_name = "ID,ID...",
        value_delimiter = ',',
        help_heading = "Capture"
    )]
    vlan: Vec<u16>,
    /// IPv6.
    #[arg(long, help_heading = "Capture")]
    ipv6: bool,
    /// Most bytes captured of a packet; 0 for all.
    #[arg(
        long,
        value_name = "BYTES",
        default_value_t = 0,
        help_heading = "Capture"
    )]
    snaplen: u32,
    /// Only the devices' packets are captured.
    #[arg(long, help_heading = "Capture")]
    one_way: bool,
}

/// One enum for what is typed, one for what it stands for.
macro_rules! names {
    ($name:ident => $target:ty { $($(#[doc = $doc:literal])* $variant:ident => $value:expr),* $(,)? }) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
        enum $name { $($(#[doc = $doc])* $variant),* }

        impl From<$name> for $target {
            fn from(name: $name) -> Self {
                match name { $($name::$variant => $value),* }
            }
        }
    };
}

names!(ProfileName => Profile {
    /// 1 to 4 frames a segment.
    Field => Profile::Field,
    /// Full segments.
    Mss => Profile::Mss,
    /// 1 to 20 bytes a segment.
    Tiny => Profile::Tiny,
});
names!(PayloadName => Payload {
    Random => Payload::Random,
    Zeros => Payload::Zeros,
    Ascii => Payload::Ascii,
    /// A counter of 32 bits, big-endian.
    Counter => Payload::Counter,
    /// Markers and whole frames inside.
    Adversarial => Payload::Adversarial,
});
names!(SegmentationName => Segmentation {
    /// One frame a segment.
    One => Segmentation::One,
    /// Full segments.
    Mss => Segmentation::Mss,
    /// 1 to 4 frames a segment, aligned to it.
    Coalesced => Segmentation::Coalesced { min: 1, max: 4 },
    /// As Nagle's algorithm does it.
    Nagle => Segmentation::Nagle,
    /// Cuts anywhere.
    Random => Segmentation::Random,
    /// 1 to 20 bytes a segment.
    Tiny => Segmentation::Tiny,
});
names!(CloseName => Close {
    Fin => Close::Fin,
    Rst => Close::Rst,
    /// The capture ends first.
    None => Close::None,
});
names!(FormatName => Container {
    Pcap => Container::Pcap,
    Pcapng => Container::Pcapng,
});
names!(EndianName => ByteOrder {
    Little => ByteOrder::Little,
    Big => ByteOrder::Big,
});
names!(LinkName => Link {
    Ethernet => Link::Ethernet,
    /// Linux cooked, version 1.
    Sll => Link::Sll,
    /// Linux cooked, version 2.
    Sll2 => Link::Sll2,
    /// Bare IP.
    Raw => Link::Raw,
    /// BSD loopback.
    Null => Link::Null,
    /// OpenBSD loopback.
    Loop => Link::Loop,
});

pub fn run(args: &SimulateArgs, common: &Common) -> Result<Exit, Trouble> {
    let protocol = named_protocol(&args.protocol)?;
    let messages: Vec<Vec<usize>> = protocol
        .messages
        .iter()
        .map(|message| message.frames.clone())
        .collect();
    let spoken = simulate::Protocol {
        layout: &protocol.layout,
        messages: &messages,
    };
    let options = options(args)?;
    let mut out =
        Output::file(&args.output).map_err(|error| cannot_write(Some(&args.output), &error))?;
    let mut made = None;
    out.with(|out| {
        made = Some(simulate::simulate(&options, &spoken, out)?);
        Ok(())
    });
    out.finish().map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Trouble(format!("simulate: {error}")),
        _ => cannot_write(Some(&args.output), &error),
    })?;
    // A closed pipe leaves nothing to tell.
    let Some(made) = made else {
        return Ok(Exit::Fine);
    };
    if let Some(path) = &args.truth {
        let mut out = Output::file(path).map_err(|error| cannot_write(Some(path), &error))?;
        out.with(|out| truth::write(&made, &protocol, out));
        out.finish()
            .map_err(|error| cannot_write(Some(path), &error))?;
    }
    if common.quiet == 0 {
        let totals = &made.totals;
        anstream::eprintln!(
            "deframe: {}: {}, {}, {} sent, {} garbled",
            args.output.display(),
            size(totals.bytes),
            count(totals.packets, "packet"),
            count(totals.sent_frames.iter().sum(), "frame"),
            totals.faults
        );
    }
    Ok(Exit::Fine)
}

fn options(args: &SimulateArgs) -> Result<Options, Trouble> {
    let size = args.size.unwrap_or(0);
    let base = args
        .profile
        .map_or_else(Options::default, |name| Profile::from(name).options(size));
    if !(0.0..=86_400_000.0).contains(&args.interval) {
        return Err(Trouble(
            "simulate: --interval is not from 0 to 86,400,000 ms".to_owned(),
        ));
    }
    Ok(Options {
        seed: args.seed,
        devices: args.devices.unwrap_or(base.devices),
        connections: args.connections.unwrap_or(base.connections),
        // A size alone means: go on until it is reached.
        frames: args
            .frames
            .unwrap_or(if size > 0 { u64::MAX } else { base.frames }),
        size,
        messages: args.messages,
        mix: args.mix.clone(),
        payload: args.payload.into(),
        segmentation: args.segmentation.map_or(base.segmentation, Into::into),
        mss: args.mss,
        trouble: disturbances(args, &base.trouble),
        faults: Faults {
            bad_header: args.bad_header,
            bad_end_marker: args.bad_end_marker,
            short_frame: args.short_frame,
            long_frame: args.long_frame,
            junk: args.junk,
            truncate_end: args.truncate_end,
        },
        handshake: !args.midstream,
        start_offset: args.start_offset.unwrap_or_default(),
        close: args.close.into(),
        one_way: args.one_way,
        acks: !args.no_acks,
        replies: args.replies,
        port_reuse: args.port_reuse,
        nat: args.nat,
        isn: args.isn,
        link: args.link.into(),
        vlans: args.vlan.clone(),
        ipv6: args.ipv6,
        format: WriteFormat {
            container: args.format.into(),
            endian: args.endian.into(),
            resolution: if args.nanoseconds {
                Resolution::Nanos
            } else {
                Resolution::Micros
            },
        },
        interfaces: args.interfaces,
        snaplen: args.snaplen,
        start: Time::from_nanos(args.start.saturating_mul(1_000_000_000)),
        interval: (args.interval * 1e6) as u64,
        truth: args.truth.is_some(),
        truth_payloads: args.truth.is_some(),
        ..base
    })
}

fn disturbances(args: &SimulateArgs, base: &Disturb) -> Disturb {
    Disturb {
        drop: args.drop.unwrap_or(base.drop),
        drop_burst: args.drop_burst,
        loss: args.loss.unwrap_or(base.loss),
        reorder: args.reorder.unwrap_or(base.reorder),
        reorder_by: args.reorder_by,
        retransmit: args.retransmit.unwrap_or(base.retransmit),
        partial_retransmit: args.partial_retransmit.unwrap_or(base.partial_retransmit),
        duplicate: args.duplicate.unwrap_or(base.duplicate),
        keepalive: args.keepalive.unwrap_or(base.keepalive),
        conflict: args.conflict.unwrap_or(base.conflict),
        bad_checksum: args.bad_checksum.unwrap_or(base.bad_checksum),
        ack_early: args.ack_early.unwrap_or(base.ack_early),
    }
}

/// `64KiB`, `256MiB`, `1GiB`, or bytes.
fn parse_size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match &text[digits.len()..] {
        "" | "B" => 0,
        "K" | "KiB" => 10,
        "M" | "MiB" => 20,
        "G" | "GiB" => 30,
        _ => return Err("write bytes, or a number with KiB, MiB or GiB".to_owned()),
    };
    let number: u64 = digits
        .trim()
        .parse()
        .map_err(|_| "write a number, as in 256MiB".to_owned())?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| "too large".to_owned())
}

fn parse_start_offset(text: &str) -> Result<StartOffset, String> {
    match text {
        "random" => Ok(StartOffset::Random),
        _ => text
            .parse()
            .map(StartOffset::At)
            .map_err(|_| "write a number of bytes, or random".to_owned()),
    }
}

fn parse_isn(text: &str) -> Result<Isn, String> {
    match text {
        "random" => Ok(Isn::Random),
        "wrap" => Ok(Isn::Wrap),
        _ => text
            .parse()
            .map(Isn::Fixed)
            .map_err(|_| "write a number below 2^32, random or wrap".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, want) in [
            ("12", Some(12)),
            ("64KiB", Some(65_536)),
            ("1G", Some(1 << 30)),
            ("x", None),
            ("5 parsecs", None),
            ("99999999999GiB", None),
        ] {
            assert_eq!(parse_size(text).ok(), want, "{text}");
        }
    }
}
