//! What the user typed. Nothing past [`super::plan`] sees a flag.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Top level.
#[derive(Debug, Parser)]
#[command(
    name = "deframe",
    version,
    about = "What did the device really send, and how did TCP deliver it?",
    long_about = "Reads packet captures, rebuilds their TCP streams, runs a device's frame parser over them and shows the \
                  frames, how they were split and coalesced, and every byte that is not a valid frame.",
    after_help = "Exit status: 0 nothing wrong, 1 faults or differences found, 2 trouble (usage, I/O, damaged capture).",
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

Exit status: 0 nothing wrong, 1 faults or differences found, 2 trouble (usage, I/O, damaged capture).";

/// Options of every command.
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// When to use colour; NO_COLOR and CLICOLOR_FORCE are obeyed.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub color: When,
    /// Say less on stderr: no warnings; twice: no errors.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub quiet: u8,
    /// Say more on stderr.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Counts, split and coalesce, faults, gaps, timing, and where every byte went.
    #[command(after_long_help = "\
Examples:
  deframe stats field.pcap
  deframe stats --port 9000 --format json field.pcap | jq .total.frames
  deframe stats --all rotated.pcap0 rotated.pcap1    several files are one capture")]
    Stats(StatsArgs),
    /// One line for each stream: who, when, how much, what is missing.
    #[command(after_long_help = "\
Examples:
  deframe streams field.pcap
  deframe streams --digest --format ndjson field.pcap | jq 'select(.gap_count > 0)'
  deframe streams --save bytes/ field.pcap           each stream's bytes in a file, its gaps beside it")]
    Streams(StreamsArgs),
    /// The frames as a list to read, in the order in which they became complete.
    #[command(after_long_help = "\
Examples:
  deframe frames field.pcap | less
  deframe frames --connection 3 --from 2026-11-22T10:00:00Z field.pcap")]
    Frames(FramesArgs),
    /// The frames for programs: ndjson, json or csv.
    #[command(after_long_help = "\
Examples:
  deframe export field.pcap | jq -r .payload
  deframe export --format csv --payload none -o frames.csv week-*.pcap")]
    Export(ExportArgs),
    /// Every fault and every gap, with its place, packets, time and bytes.
    #[command(after_long_help = "\
Examples:
  deframe errors field.pcap
  deframe errors --format ndjson field.pcap | jq 'select(.kind == \"bad_end_marker\")'")]
    Errors(ErrorsArgs),
    /// Hex dump of frames or faults, with header, payload, end marker and segment borders marked.
    #[command(after_long_help = "\
Examples:
  deframe dump --packet 42 field.pcap                every frame that packet 42 has bytes of
  deframe dump --connection 3 --frame 17 field.pcap  frame 17 of connection 3
  deframe dump --fault 0 --fault 1 field.pcap        the first two faults")]
    Dump(DumpArgs),
    /// What changed between two captures, in frames: blind to how TCP cut them, to ports, times and retransmissions.
    #[command(
        after_long_help = DIFF_EXAMPLES,
        override_usage = "deframe diff [OPTIONS] <A> <B>\n       deframe diff [OPTIONS] <A>... --with <B>...",
        mut_arg("captures", |arg| arg.help("Side A and side B; several captures of side A, if --with names those of side B"))
    )]
    Diff(DiffArgs),
    /// Writes a capture of simulated devices, with as much trouble as asked for.
    #[command(after_long_help = "\
Examples:
  deframe simulate -o clean.pcap
  deframe simulate -o mess.pcapng --devices 5 --segmentation random --reorder 0.1 --loss 0.02 --seed 7 --truth mess.json
  deframe simulate -o big.pcap --profile field --devices 100 --size 256MiB")]
    Simulate(Box<super::simulate::SimulateArgs>),
    /// Which protocol is this? And for an unknown one a description drafted from what is seen.
    #[command(after_long_help = "\
Examples:
  deframe identify unknown.pcap
  deframe identify --draft mine.toml unknown.pcap && deframe stats --protocol mine.toml unknown.pcap
  deframe identify --protocol mine.toml week-*.pcap  with a description of your own among those that are tried")]
    Identify(super::identify::IdentifyArgs),
    /// The protocols that are built in, checks of a description, and dissectors for Wireshark.
    #[command(after_long_help = "\
Examples:
  deframe protocol list
  deframe protocol show modbus
  deframe protocol new > mine.toml
  deframe protocol check mine.toml
  deframe protocol wireshark mine.toml > mine.lua")]
    Protocol(super::protocol::ProtocolArgs),
    /// Shell completions, on stdout.
    #[command(after_long_help = "\
Example:
  deframe completions bash > ~/.local/share/bash-completion/completions/deframe")]
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// What to read and what to look for.
#[derive(Clone, Debug, Args)]
pub struct Input {
    /// Captures (pcap or pcapng, plain or compressed), `-` for standard input; several are one capture, in this order.
    #[arg(required = true, value_name = "CAPTURE")]
    pub captures: Vec<PathBuf>,
    /// Protocol: the name of a known one, or a TOML file that describes one.
    #[arg(
        long,
        value_name = "NAME|FILE",
        default_value = "fd",
        help_heading = "Protocol"
    )]
    pub protocol: String,
    /// What the protocol's `payload` lengths mean: the payload between the markers, or the whole frame.
    #[arg(
        long,
        value_name = "WHAT",
        default_value = "payload",
        help_heading = "Protocol"
    )]
    pub lengths: Lengths,
    /// Only connections with this TCP port at either end; may be given several times.
    #[arg(long, value_name = "PORT", help_heading = "Selecting")]
    pub port: Vec<u16>,
    /// Only connections with this address or network (10.0.0.0/8) at either end; may be given several times.
    #[arg(long, value_name = "ADDR[/BITS]", help_heading = "Selecting")]
    pub host: Vec<String>,
    /// Only this connection (Wireshark's tcp.stream); may be given several times.
    #[arg(long, value_name = "N", help_heading = "Selecting")]
    pub connection: Vec<u64>,
    /// Only packets captured at this time or later: RFC 3339, seconds since 1970, or +SECONDS after the first packet.
    #[arg(long, value_name = "TIME", help_heading = "Selecting")]
    pub from: Option<String>,
    /// Only packets captured before this time.
    #[arg(long, value_name = "TIME", help_heading = "Selecting")]
    pub to: Option<String>,
    /// Treat a capture that ends in the middle of a packet as trouble.
    #[arg(long, help_heading = "Reading")]
    pub strict: bool,
    /// Drop packets with a wrong IP or TCP checksum, instead of counting them.
    #[arg(long, help_heading = "Reading")]
    pub verify_checksums: bool,
    /// Tell equal 4-tuples apart by VLAN or tunnel network number as well.
    #[arg(
        long,
        value_name = "KEY",
        value_delimiter = ',',
        help_heading = "Reading"
    )]
    pub flow_key: Vec<FlowKeyPart>,
    /// What becomes of urgent bytes: left in the stream, or taken out of it.
    #[arg(
        long,
        value_name = "HOW",
        default_value = "inline",
        help_heading = "Reading"
    )]
    pub urgent: Urgent,
    /// Longest packet record believed, in bytes.
    #[arg(
        long,
        value_name = "BYTES",
        default_value = "262144",
        help_heading = "Reading"
    )]
    pub max_record: u32,
}

/// What a protocol's lengths count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Lengths {
    /// The bytes between header and end marker.
    Payload,
    /// The whole frame.
    Frame,
}

/// More to tell flows apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FlowKeyPart {
    /// Outermost VLAN tag.
    Vlan,
    /// VXLAN, GENEVE or GTP-U network number.
    Vni,
}

/// Urgent bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Urgent {
    /// Left in the stream.
    Inline,
    /// Taken out of it.
    Oob,
}

/// Formats of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// One document.
    Json,
    /// One object a line.
    Ndjson,
    /// Comma-separated values.
    Csv,
}

/// Formats of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// One object a line.
    Ndjson,
    /// One array.
    Json,
    /// Comma-separated values.
    Csv,
}

/// How payloads are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PayloadFormat {
    /// Lower-case hex.
    Hex,
    /// Base64.
    Base64,
    /// Not at all.
    None,
}

/// `stats`.
#[derive(Debug, Args)]
pub struct StatsArgs {
    #[command(flatten)]
    pub input: Input,
    /// Show every stream, not only the busiest and the faulty ones.
    #[arg(long)]
    pub all: bool,
    /// Summarise this field of the protocol over time: lowest, middle, highest, changes, gaps of a counter; may be given
    /// several times.
    #[arg(long, value_name = "NAME")]
    pub field: Vec<String>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: StatsFormat,
}

/// Formats of `stats`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StatsFormat {
    /// For people.
    Table,
    /// One document.
    Json,
}

/// `streams`.
#[derive(Debug, Args)]
pub struct StreamsArgs {
    #[command(flatten)]
    pub input: Input,
    /// Add the SHA-256 of each stream's captured bytes.
    #[arg(long)]
    pub digest: bool,
    /// Write each stream's bytes to a file in this folder, and its gaps to another beside it.
    #[arg(long, value_name = "DIR")]
    pub save: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Format,
}

/// `frames`.
#[derive(Debug, Args)]
pub struct FramesArgs {
    #[command(flatten)]
    pub input: Input,
    /// Bytes of each payload to show.
    #[arg(long, value_name = "N", default_value = "8")]
    pub bytes: usize,
}

/// `export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub input: Input,
    /// Output file; it appears when it is complete.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "ndjson")]
    pub format: ExportFormat,
    /// How payloads are written.
    #[arg(long, value_name = "HOW", default_value = "hex")]
    pub payload: PayloadFormat,
}

/// `errors`.
#[derive(Debug, Args)]
pub struct ErrorsArgs {
    #[command(flatten)]
    pub input: Input,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: Format,
    /// Show no more than so many faults and gaps; the rest is counted.
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

const DIFF_EXAMPLES: &str = "\
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
    /// Show so many differences; 20, or all as json and ndjson.
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Only the summary, no single differences.
    #[arg(long, conflicts_with = "limit")]
    pub summary: bool,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: DiffFormat,
}

/// Formats of `diff`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people.
    Table,
    /// One document.
    Json,
    /// One object a line.
    Ndjson,
}

/// `dump`.
#[derive(Debug, Args)]
pub struct DumpArgs {
    #[command(flatten)]
    pub input: Input,
    /// Frames and faults of which this packet has bytes; may be given several times.
    #[arg(long, value_name = "N", help_heading = "What to dump")]
    pub packet: Vec<u64>,
    /// The frame of this number in its stream, from 0 (select the stream with --connection); may be given several times.
    #[arg(long, value_name = "INDEX", help_heading = "What to dump")]
    pub frame: Vec<u64>,
    /// The fault of this number, from 0, as `errors` numbers them; may be given several times.
    #[arg(long, value_name = "INDEX", help_heading = "What to dump")]
    pub fault: Vec<u64>,
    /// Stop after so many.
    #[arg(long, value_name = "N", help_heading = "What to dump")]
    pub limit: Option<u64>,
}
