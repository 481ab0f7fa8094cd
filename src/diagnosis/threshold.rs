//! Every number that a rule compares with, and why it is that number.

/// Durations in nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// A stall this long is a warning: it is over the time-outs of most device protocols. Shorter ones are what TCP repairs
/// unnoticed.
pub const STALL_NS: u64 = SECOND;

/// Bytes by which a frame may miss the length of a known type and still be taken for it. A run that is longer is more than
/// one frame; half of the shortest frame of the device protocol is 77 bytes.
pub const NEAR_LENGTH_BYTES: u64 = 64;

/// Frames of one unknown length from which on it may be a type of its own: fewer are slips.
pub const UNKNOWN_TYPE_FRAMES: u64 = 5;

/// Share of the frames of its streams, in percent, from which on an unknown length is a type of its own. A slip is rarer;
/// a type is part of a cycle of at most ten or so.
pub const UNKNOWN_TYPE_PERCENT: u64 = 8;

/// A pause must be this many times longer than the stream's mean interval between frames to be silence.
pub const SILENCE_INTERVALS: u64 = 20;

/// Frames that a stream must have for its interval to be a habit.
pub const SILENCE_FRAMES: u64 = 10;

/// Pauses in percent of the intervals: with more of them, pausing is the habit.
pub const SILENCE_PERCENT: u64 = 5;

/// Packets between two frames of a stream that show that the capture went on: the acknowledgement of the first is one.
pub const SILENCE_PACKETS: u64 = 3;

/// A device that connects again sooner than this had not restarted: no firmware boots faster.
pub const RESTART_NS: u64 = SECOND;

/// A device that left its connection open may have come back this long after; later ones have nothing to do with it.
pub const RESTART_MAX_NS: u64 = 3600 * SECOND;

/// Time without any packet from the device, while the server sends, before it owes an answer: three times the first
/// retransmission time-out (RFC 6298).
pub const ANSWER_NS: u64 = 3 * SECOND;

/// Retransmissions or keep-alives without an answer that must be seen.
pub const ANSWER_TRIES: u64 = 2;

/// Segments without any acknowledgement that show that none was captured: a window of ten is what TCP begins with
/// (RFC 6928).
pub const ONE_WAY_SEGMENTS: u64 = 11;

/// The same as a time: no receiver delays an acknowledgement over half a second (RFC 9293, 3.8.6.3).
pub const ONE_WAY_NS: u64 = SECOND;

/// A packet earlier than the one before by less than this is jitter between queues or cores, not a clock that was set.
pub const CLOCK_STEP_NS: u64 = SECOND;

/// With zero windows that lasted for this share of a silence, in percent, the silence was not the device's.
pub const SILENCE_BY_WINDOW_PERCENT: u64 = 50;

/// Largest payload of a jumbo frame, in bytes: from there on, without an MSS, segments are known to be merged.
pub const JUMBO_BYTES: u64 = 8960;
