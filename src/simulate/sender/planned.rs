//! What a connection plans to send.

use crate::simulate::packet::Header;

/// Sort of a planned packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulate) enum Kind {
    Syn,
    SynAck,
    /// The client's pure acknowledgement that ends the handshake, or the connection.
    ClientAck,
    /// Bytes of the stream.
    Data,
    /// Reaches the server, the capture misses it.
    Dropped,
    /// Reaches nobody; a `Data` is planned for later.
    Lost,
    /// Will be seen after others.
    Held,
    /// Bytes that were captured before.
    Repeat,
    /// The same with other bytes.
    Conflict,
    /// One byte below what comes next, or none.
    KeepAlive,
    ServerAck,
    /// Acknowledges up to its offset.
    EarlyAck,
    Reply,
    Fin,
    ServerFin,
    Rst,
    /// The server's RST in answer to a SYN.
    Refusal,
    /// The server's RST on an open connection.
    ServerRst,
    /// Bytes of the stream with a bit error; a `Data` is planned for later.
    Garbled,
    /// The server's acknowledgement with a closed window, and the one that opens it.
    ZeroWindow,
    WindowUpdate,
    /// A keep-alive of the server.
    Probe,
}

impl Kind {
    pub(in crate::simulate) fn is_reply(self) -> bool {
        use Kind::{
            EarlyAck, Probe, Refusal, Reply, ServerAck, ServerFin, ServerRst, SynAck, WindowUpdate,
            ZeroWindow,
        };
        matches!(
            self,
            SynAck
                | ServerAck
                | EarlyAck
                | Reply
                | ServerFin
                | Refusal
                | ServerRst
                | ZeroWindow
                | WindowUpdate
                | Probe
        )
    }
}

/// A packet that will be sent.
#[derive(Clone, Copy, Debug)]
pub(in crate::simulate) struct Planned {
    /// Nanoseconds since the epoch.
    pub(in crate::simulate) time: i64,
    pub(in crate::simulate) kind: Kind,
    /// Stream offset of its first byte, of its own direction.
    pub(in crate::simulate) offset: u64,
    pub(in crate::simulate) length: u32,
    /// Last segment of a write.
    pub(in crate::simulate) push: bool,
    /// Of a copy by the mirror port: the header of the packet it is a copy of.
    pub(in crate::simulate) copy_of: Option<Header>,
}

impl Planned {
    pub(super) fn new(time: i64, kind: Kind, offset: u64, length: u32) -> Self {
        Self {
            time,
            kind,
            offset,
            length,
            push: false,
            copy_of: None,
        }
    }
}
