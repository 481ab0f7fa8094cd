//! The options of `deframe simulate` for what happens to connections, devices and the capture as a whole.

use clap::Args;
use deframe::simulate::Incidents;

use super::values;

/// What happens beside the impairments of single segments.
#[derive(Debug, Args)]
#[command(next_help_heading = "Incidents")]
pub struct IncidentArgs {
    /// Devices reboot: they connect again from the same port with the same sequence number; needs --connections.
    #[arg(long, conflicts_with_all = ["nat", "midstream"])]
    reboot: bool,
    /// Rate of connections of which the capture misses the handshake.
    #[arg(long, value_name = "RATE", value_parser = values::rate, default_value_t = 0.0)]
    drop_syn: f64,
    /// Rate of connections that the server refuses.
    #[arg(long, value_name = "RATE", value_parser = values::rate, default_value_t = 0.0)]
    refused: f64,
    /// Rate of connections whose SYN nothing answers.
    #[arg(long, value_name = "RATE", value_parser = values::rate, default_value_t = 0.0)]
    unanswered: f64,
    /// Rate of connections that the server resets.
    #[arg(long, value_name = "RATE", value_parser = values::rate, default_value_t = 0.0)]
    server_reset: f64,
    /// Rate of segments that arrive with a bit error and are sent again.
    #[arg(long, value_name = "RATE", value_parser = values::rate, default_value_t = 0.0)]
    bit_errors: f64,
    /// Rate of writes behind which the server's receive window is closed for 20 intervals.
    #[arg(long, value_name = "RATE", value_parser = values::rate, default_value_t = 0.0)]
    zero_window: f64,
    /// Rate of writes behind which the device is silent for 50 intervals, while the server sends keep-alives.
    #[arg(long, value_name = "RATE", value_parser = values::rate, default_value_t = 0.0)]
    silence: f64,
    /// Time after which a lost segment is sent again, in milliseconds; without, 1 to 3 intervals.
    #[arg(long, value_name = "MS", value_parser = values::milliseconds, default_value = "0")]
    timeout: u64,
    /// Segments that the capturing host merges into one.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64), default_value_t = 1)]
    merge: u32,
    /// Copies of a mirror port are taken behind a router: their time to live is one less.
    #[arg(long)]
    routed_copies: bool,
    /// Seconds by which the clock of the capture steps, forward or back.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        requires = "clock_step_after"
    )]
    clock_step: i32,
    /// After how many packets it steps.
    #[arg(
        long,
        value_name = "PACKETS",
        default_value_t = 0,
        requires = "clock_step"
    )]
    clock_step_after: u64,
    /// Rate of packets with a journal, custom or sysdig block before them; needs --format pcapng.
    #[arg(long, value_name = "RATE", value_parser = values::rate, default_value_t = 0.0)]
    other_blocks: f64,
}

impl From<&IncidentArgs> for Incidents {
    fn from(args: &IncidentArgs) -> Self {
        Self {
            reboot: args.reboot,
            drop_syn: args.drop_syn,
            refused: args.refused,
            unanswered: args.unanswered,
            server_reset: args.server_reset,
            bit_errors: args.bit_errors,
            zero_window: args.zero_window,
            silence: args.silence,
            timeout: args.timeout,
            merge: args.merge,
            routed_copies: args.routed_copies,
            clock_step: i64::from(args.clock_step) * 1_000_000_000,
            clock_step_after: args.clock_step_after,
            other_blocks: args.other_blocks,
        }
    }
}
