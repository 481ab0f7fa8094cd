//! What the user typed. Nothing past [`super::plan`] sees a flag.

mod input;
mod views;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use input::{FlowKeyPart, Input, Lengths, Urgent};
pub use views::{
    DiffArgs, DiffFormat, DumpArgs, ErrorsArgs, ExportArgs, ExportFormat, Format, FramesArgs,
    PayloadFormat, StatsArgs, StatsFormat, StreamsArgs,
};

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
