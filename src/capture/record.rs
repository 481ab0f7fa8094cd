//! What the readers of the containers give: a record, or why there is none.

use super::{LinkType, NoticeKind, Time};

/// A record of which the bytes still lie in the read buffer.
pub(super) struct Record {
    /// False for a block that Wireshark numbers like a packet and that holds none: journal, custom, sysdig.
    pub(super) is_packet: bool,
    pub(super) time: Option<Time>,
    pub(super) link: LinkType,
    pub(super) fcs_len: u8,
    /// Where in the buffer its bytes begin.
    pub(super) position: usize,
    pub(super) len: usize,
    pub(super) wire_len: u32,
    /// The fraction of its second was a second or more.
    pub(super) bad_fraction: bool,
}

/// Why there is no record.
pub(super) enum Stop {
    /// The input ended, or failed, here; whether between records or within one is for the caller to see.
    End {
        /// Where the record begins that is not whole; the end itself, if it ended between records.
        offset: u64,
        /// Whether a record had begun.
        within: bool,
    },
    /// The record at `offset` is not valid.
    Damaged {
        /// Where it begins.
        offset: u64,
        /// What was found and what was expected.
        what: String,
    },
    /// Something to report; reading goes on.
    Notice(NoticeKind, u64),
}
