//! What happens to a connection, a device or the capture as a whole, beside what happens to single segments.

/// What happens beside [`Impairments`](super::Impairments). Rates are probabilities, 0 to 1, per connection unless
/// stated otherwise.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incidents {
    /// A device reboots: it connects again from the same port with the same sequence number; nothing ends the
    /// connection before.
    pub reboot: bool,
    /// The capture misses the handshake.
    pub drop_syn: f64,
    /// The server refuses the connection: RST in answer to the SYN.
    pub refused: f64,
    /// Nothing answers the SYN, which is sent three times.
    pub unanswered: f64,
    /// The server resets the connection at its end, in place of [`SimConfig::close`](super::SimConfig::close).
    pub server_reset: f64,
    /// Arrives with a bit error: wrong bytes under a wrong checksum, then sent again right. Per data segment.
    pub bit_errors: f64,
    /// The server's receive window is closed for 20 intervals. Per write of a device.
    pub zero_window: f64,
    /// The device is silent for 50 intervals, in which the server sends keep-alives. Per write of a device.
    pub silence: f64,
    /// Nanoseconds after which a lost segment is sent again; 0 for 1 to 3 intervals.
    pub timeout: u64,
    /// Segments that the capturing host merges into one.
    pub merge: u32,
    /// Copies of a mirror port were taken behind a router: their time to live is one less.
    pub routed_copies: bool,
    /// Nanoseconds by which the clock of the capture steps, once.
    pub clock_step: i64,
    /// After how many packets it does.
    pub clock_step_after: u64,
    /// A pcapng block without a packet (journal, custom, sysdig) comes before a packet. Per packet.
    pub other_blocks: f64,
}

/// What happened to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incident {
    /// The device came back from a reboot with the port and sequence number of the connection before.
    Rebooted,
    /// The capture misses the handshake.
    HandshakeMissed,
    /// The server refused it.
    Refused,
    /// Nothing answered it.
    Unanswered,
    /// The server reset it.
    ServerReset,
}

impl Incident {
    /// Its name in the truth file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rebooted => "rebooted",
            Self::HandshakeMissed => "handshake_missed",
            Self::Refused => "refused",
            Self::Unanswered => "unanswered",
            Self::ServerReset => "server_reset",
        }
    }
}
