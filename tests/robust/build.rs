//! Captures made by hand: one connection, packet by packet.

use deframe::capture::{LinkType, Time, WriteFormat, Writer};
use etherparse::PacketBuilder;

/// Sequence number of the first payload byte: close below 2^32, so that streams wrap.
const FIRST: u32 = u32::MAX - 5_000;
/// The same of the other side.
const OTHER: u32 = 77;

/// A client's packets, in the order captured.
pub struct Capture {
    writer: Writer<Vec<u8>>,
    now: i64,
}

impl Capture {
    /// Begins with the handshake.
    pub fn new() -> Self {
        let writer = Writer::new(Vec::new(), WriteFormat::default(), LinkType(1), 0).unwrap();
        let mut capture = Self {
            writer,
            now: 1_700_000_000_000_000_000,
        };
        let packet = Self::client(FIRST.wrapping_sub(1)).syn();
        capture.packet(packet, &[]);
        capture.packet(Self::server(OTHER - 1).syn().ack(FIRST), &[]);
        capture
    }

    fn client(seq: u32) -> etherparse::PacketBuilderStep<etherparse::TcpHeader> {
        PacketBuilder::ethernet2([2; 6], [4; 6])
            .ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64)
            .tcp(40_000, 9_000, seq, 60_000)
    }

    fn server(seq: u32) -> etherparse::PacketBuilderStep<etherparse::TcpHeader> {
        PacketBuilder::ethernet2([4; 6], [2; 6])
            .ipv4([10, 0, 0, 2], [10, 0, 0, 1], 64)
            .tcp(9_000, 40_000, seq, 60_000)
    }

    fn packet(
        &mut self,
        builder: etherparse::PacketBuilderStep<etherparse::TcpHeader>,
        payload: &[u8],
    ) {
        let mut bytes = Vec::with_capacity(builder.size(payload.len()));
        builder.write(&mut bytes, payload).unwrap();
        self.now += 1_000_000;
        let time = Some(Time::from_nanos(self.now));
        self.writer
            .packet(time, &bytes, bytes.len() as u32, 0)
            .unwrap();
    }

    /// The client sends the bytes at `offset` of its stream.
    pub fn send(&mut self, offset: usize, bytes: &[u8]) {
        self.packet(
            Self::client(FIRST.wrapping_add(offset as u32)).ack(OTHER),
            bytes,
        );
    }

    /// The client ends its stream at `offset`.
    pub fn fin(mut self, offset: usize) -> Vec<u8> {
        self.packet(
            Self::client(FIRST.wrapping_add(offset as u32))
                .ack(OTHER)
                .fin(),
            &[],
        );
        self.writer.finish().unwrap()
    }
}
