//! What a finding is: who caused what, how bad it is, where it is seen.

use crate::{
    capture::Time,
    decode::Endpoint,
    tcp::{Dir, StreamId},
};

/// Streams listed with a finding; of more the number is given.
pub const MAX_STREAMS: usize = 20;

/// Who caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Culprit {
    /// The sender of the frames.
    Device,
    /// The receiver of the frames, or whoever the device connects to.
    Server,
    /// What lies between the two.
    Network,
    /// How the packets were captured.
    Capture,
    /// What deframe was asked to find.
    Settings,
}

impl Culprit {
    /// Its name in every format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Server => "server",
            Self::Network => "network",
            Self::Capture => "capture",
            Self::Settings => "settings",
        }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Seen, and harmless.
    Info,
    /// A reader that takes one read for one frame would fail, delivery stalled, or the capture cannot show what happened.
    Warning,
    /// Frames or connections were broken, lost or refused.
    Fault,
}

impl Severity {
    /// Its name in every format.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Fault => "fault",
        }
    }
}

macro_rules! causes {
    ($($(#[$doc:meta])* $variant:ident: $culprit:ident $name:literal,)*) => {
        /// What happened. The list is closed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Cause {
            $($(#[$doc])* $variant,)*
        }

        impl Cause {
            /// All of them, by culprit.
            pub const ALL: &[Cause] = &[$(Cause::$variant,)*];

            /// Who causes it.
            pub fn culprit(self) -> Culprit {
                match self {
                    $(Cause::$variant => Culprit::$culprit,)*
                }
            }

            /// Its name in every format, unique with that of its culprit.
            pub fn name(self) -> &'static str {
                match self {
                    $(Cause::$variant => $name,)*
                }
            }
        }
    };
}

causes! {
    /// Frames with wrong header, end marker, checksum, or bytes between frames.
    GarbledFrames: Device "garbled_frames",
    /// Frames a few bytes longer or shorter than a known type.
    WrongLength: Device "wrong_length",
    /// The same header, end marker and length again and again, which the description does not have.
    UnknownFrameType: Device "unknown_frame_type",
    /// It reset its connection in the middle of a frame, or fell silent and connected again.
    Restarted: Device "restarted",
    /// It sent no frame for far longer than it does otherwise, while its TCP answered.
    Silent: Device "silent",
    /// It no longer answered what the server sent.
    DeviceNoAnswer: Device "no_answer",
    /// Reads that hold several frames or parts of one.
    CoalescedReads: Server "coalesced_reads",
    /// SYNs answered by RST.
    Refused: Server "refused",
    /// SYNs that nobody answered.
    ServerNoAnswer: Server "no_answer",
    /// It reset connections between frames.
    Reset: Server "reset",
    /// It closed or reset connections in the middle of a frame.
    ClosedMidFrame: Server "closed_mid_frame",
    /// It had no room for more data.
    ZeroWindow: Server "zero_window",
    /// Segments were lost and sent again, or never arrived.
    Loss: Network "loss",
    /// Segments overtook others.
    Reordering: Network "reordering",
    /// Segments with wrong checksums that were sent again right.
    BitErrors: Network "bit_errors",
    /// The same sequence numbers with other bytes.
    Rewritten: Network "rewritten",
    /// Bytes that were acknowledged and not captured.
    NotCaptured: Capture "not_captured",
    /// No acknowledgements: only one direction was captured.
    OneWay: Capture "one_way",
    /// The snap length cut packets.
    CutShort: Capture "cut_short",
    /// Segments larger than the wire carries: the capturing host had merged them.
    MergedSegments: Capture "merged_segments",
    /// The clock of the capturing host was set.
    ClockStep: Capture "clock_step",
    /// Packets captured twice.
    Duplicates: Capture "duplicates",
    /// It began in the middle of a frame.
    Midstream: Capture "midstream",
    /// A file ends in the middle of a packet.
    TruncatedFile: Capture "truncated_file",
    /// The streams carry another protocol.
    OtherProtocol: Settings "other_protocol",
    /// Nothing was selected.
    WrongPort: Settings "wrong_port",
    /// The other reading of the lengths in the description fits.
    Lengths: Settings "lengths",
    /// There is no TCP.
    NoTcp: Settings "no_tcp",
}

/// A stream that a finding points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingStream {
    /// Number of its connection.
    pub connection: u64,
    /// Which direction of it.
    pub dir: Dir,
    /// Who sends.
    pub src: Endpoint,
    /// Who receives.
    pub dst: Endpoint,
}

impl FindingStream {
    pub(super) fn new(id: StreamId, src: Endpoint, dst: Endpoint) -> Self {
        Self {
            connection: id.connection,
            dir: id.dir,
            src,
            dst,
        }
    }
}

/// Of what `count` is a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// The whole, in the same unit as [`Finding::count`]; at least that.
    pub of: u64,
    /// What is counted, in the plural.
    pub what: &'static str,
}

/// One cause, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What, and by whom.
    pub cause: Cause,
    /// How bad it is.
    pub severity: Severity,
    /// How often.
    pub count: u64,
    /// What that is a part of, where it is one.
    pub share: Option<Share>,
    /// Where, at most [`MAX_STREAMS`], those first that show it most.
    pub streams: Vec<FindingStream>,
    /// How many streams more.
    pub more_streams: u64,
    /// Lowest number of a packet that shows it; none only if no packet does.
    pub first_packet: Option<u64>,
    /// Highest number of a packet that shows it.
    pub last_packet: Option<u64>,
    /// When the first packet was captured.
    pub time: Option<Time>,
    /// One sentence: who, what, how much, where first.
    pub text: String,
    /// The command that shows it.
    pub next: String,
}
