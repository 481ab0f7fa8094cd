//! The command line: the commands and their help. Each command's own arguments stand in its file.

use clap::{Parser, Subcommand};

use super::{
    common::Common, diff, dump, errors, export, frames, identify, protocol, simulate, stats,
    streams,
};

/// Top level.
#[derive(Debug, Parser)]
#[command(
    name = "deframe",
    version,
    about = "What did the device really send, and how did TCP deliver it?",
    long_about = "Reads packet captures, rebuilds their TCP streams, runs a device's frame parser over them and shows the \
                  frames, how they were split and coalesced, and every byte that is not a valid frame.",
    after_help = "Exit status: 0 nothing wrong, 1 findings of severity fault or differences, 2 failure (usage, I/O, damaged capture).",
    after_long_help = EXAMPLES,
    max_term_width = 100,
    disable_help_subcommand = false
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    pub common: Common,
}

const EXAMPLES: &str = "\
Examples:
  deframe stats field.pcap                     does the device send what it should, and how does TCP cut it?
  deframe errors field.pcap                    every broken frame, with its bytes and packets
  deframe export week-*.pcapng.gz -o all.csv --format csv
  tcpdump -w - port 9000 | deframe frames -    as they come

Exit status: 0 nothing wrong, 1 findings of severity fault or differences, 2 failure (usage, I/O, damaged capture).";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Counts, split and coalesce, faults, gaps, timing, and where every byte went.
    #[command(after_long_help = "\
Examples:
  deframe stats field.pcap
  deframe stats --port 9000 --format json field.pcap | jq .total.frames
  deframe stats --all rotated.pcap0 rotated.pcap1    several files are one capture

'One read' numbers are of reads in the order of the stream: bytes that waited behind a hole are read with what fills it.")]
    Stats(stats::StatsArgs),
    /// One line for each stream, in the order of connections: who, when, how much, what is missing.
    #[command(after_long_help = "\
The lines come when all is read, sorted by connection, the client's stream first; until then each takes about 100 bytes \
of memory.

Examples:
  deframe streams field.pcap
  deframe streams --digest --format ndjson field.pcap | jq 'select(.gap_count > 0)'
  deframe streams --save bytes/ field.pcap           each stream's bytes in a file, its gaps beside it")]
    Streams(streams::StreamsArgs),
    /// The frames as a list to read, in the order in which they became complete.
    #[command(after_long_help = "\
Examples:
  deframe frames field.pcap | less
  deframe frames --connection 3 --from 2026-11-22T10:00:00Z field.pcap")]
    Frames(frames::FramesArgs),
    /// The frames for programs: ndjson, json or csv.
    #[command(after_long_help = "\
Examples:
  deframe export field.pcap | jq -r .payload
  deframe export --format csv --payload none -o frames.csv week-*.pcap")]
    Export(export::ExportArgs),
    /// Every fault and every gap, with its place, packets, time and bytes.
    #[command(after_long_help = "\
Examples:
  deframe errors field.pcap
  deframe errors --format ndjson field.pcap | jq 'select(.kind == \"bad_end_marker\")'")]
    Errors(errors::ErrorsArgs),
    /// Hex dump of frames or faults, with header, payload, end marker and segment borders marked.
    #[command(after_long_help = "\
Examples:
  deframe dump --packet 42 field.pcap                every frame that packet 42 has bytes of
  deframe dump --connection 3 --frame 17 field.pcap  frame 17 of connection 3
  deframe dump --fault 0 --fault 1 field.pcap        the first two faults")]
    Dump(dump::DumpArgs),
    /// What changed between two captures, in frames: blind to how TCP cut them, to ports, times and retransmissions.
    #[command(
        after_long_help = diff::EXAMPLES,
        override_usage = "deframe diff [OPTIONS] <A> <B>\n       deframe diff [OPTIONS] <A>... --with <B>...",
        mut_arg("captures", |arg| arg.help("Side A and side B; several captures of side A, if --with names those of side B"))
    )]
    Diff(diff::DiffArgs),
    /// Writes a capture of simulated devices, with as much trouble as asked for.
    #[command(after_long_help = "\
Examples:
  deframe simulate -o clean.pcap
  deframe simulate -o mess.pcapng --devices 5 --segmentation random --reorder 0.1 --loss 0.02 --seed 7 --truth mess.json
  deframe simulate -o big.pcap --profile field --devices 100 --size 256MiB")]
    Simulate(Box<simulate::SimulateArgs>),
    /// Which protocol is this? And for an unknown one a description drafted from what is seen.
    #[command(after_long_help = "\
Examples:
  deframe identify unknown.pcap
  deframe identify --draft mine.toml unknown.pcap && deframe stats --protocol mine.toml unknown.pcap
  deframe identify --protocol mine.toml week-*.pcap  with a description of your own among those that are tried")]
    Identify(identify::IdentifyArgs),
    /// The protocols that are built in, checks of a description, and dissectors for Wireshark.
    #[command(after_long_help = "\
Examples:
  deframe protocol list
  deframe protocol show modbus
  deframe protocol new > mine.toml
  deframe protocol check mine.toml
  deframe protocol wireshark mine.toml > mine.lua")]
    Protocol(protocol::ProtocolArgs),
    /// Shell completions, on stdout.
    #[command(after_long_help = "\
Example:
  deframe completions bash > ~/.local/share/bash-completion/completions/deframe")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}
