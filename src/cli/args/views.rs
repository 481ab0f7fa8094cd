//! What the commands that show captures take beside their input. Those of the others stand beside their commands.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::Input;

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
