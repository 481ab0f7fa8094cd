//! Writes captures, right ones and wrong ones.

use crate::support::Random;

/// Byte order of a capture to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Le,
    Be,
}

pub const BOTH: [Order; 2] = [Order::Le, Order::Be];

impl Order {
    pub fn u16(self, value: u16) -> [u8; 2] {
        if self == Self::Be {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    pub fn u32(self, value: u32) -> [u8; 4] {
        if self == Self::Be {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    pub fn i64(self, value: i64) -> [u8; 8] {
        if self == Self::Be {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }
}

pub const MICROS: u32 = 0xa1b2_c3d4;
pub const NANOS: u32 = 0xa1b2_3c4d;
pub const MODIFIED: u32 = 0xa1b2_cd34;

/// A pcap file in the making.
#[derive(Clone)]
pub struct Pcap {
    pub bytes: Vec<u8>,
    order: Order,
    extra: usize,
}

impl Pcap {
    pub fn new(order: Order, magic: u32) -> Self {
        Self::with(order, magic, (2, 4), 1)
    }

    pub fn with(order: Order, magic: u32, version: (u16, u16), link: u32) -> Self {
        let mut bytes = order.u32(magic).to_vec();
        bytes.extend(order.u16(version.0));
        bytes.extend(order.u16(version.1));
        for field in [0, 0, 65535, link] {
            bytes.extend(order.u32(field));
        }
        Self {
            bytes,
            order,
            extra: if magic == MODIFIED { 8 } else { 0 },
        }
    }

    /// A record with these header fields, whatever the length of the data.
    pub fn raw(mut self, head: [u32; 4], data: &[u8]) -> Self {
        for field in head {
            self.bytes.extend(self.order.u32(field));
        }
        self.bytes.extend(std::iter::repeat_n(0xee, self.extra));
        self.bytes.extend(data);
        self
    }

    /// A whole packet.
    pub fn packet(self, sec: u32, fraction: u32, data: &[u8]) -> Self {
        let len = data.len() as u32;
        self.raw([sec, fraction, len, len], data)
    }
}

/// A pcapng file in the making.
#[derive(Clone)]
pub struct Pcapng {
    pub bytes: Vec<u8>,
    order: Order,
}

impl Pcapng {
    pub fn new(order: Order) -> Self {
        Self {
            bytes: Vec::new(),
            order,
        }
        .section(order, (1, 0), -1)
    }

    pub fn section(mut self, order: Order, version: (u16, u16), length: i64) -> Self {
        self.order = order;
        let mut body = order.u32(0x1a2b_3c4d).to_vec();
        body.extend(order.u16(version.0));
        body.extend(order.u16(version.1));
        body.extend(order.i64(length));
        self.block(0x0a0d_0d0a, &body)
    }

    pub fn block(mut self, kind: u32, body: &[u8]) -> Self {
        let padded = body.len().next_multiple_of(4);
        let total = self.order.u32(padded as u32 + 12);
        self.bytes.extend(self.order.u32(kind));
        self.bytes.extend(total);
        self.bytes.extend(body);
        self.bytes
            .extend(std::iter::repeat_n(0, padded - body.len()));
        self.bytes.extend(total);
        self
    }

    pub fn interface(self, link: u16, snaplen: u32, options: &[(u16, &[u8])]) -> Self {
        let order = self.order;
        let mut body = order.u16(link).to_vec();
        body.extend(order.u16(0));
        body.extend(order.u32(snaplen));
        body.extend(encode(order, options));
        self.block(1, &body)
    }

    /// An enhanced packet block.
    pub fn packet(self, interface: u32, units: u64, data: &[u8], options: &[(u16, &[u8])]) -> Self {
        let len = data.len() as u32;
        self.raw(6, [interface, len, len], units, data, options)
    }

    /// A packet block with these fields: interface, captured length, wire length.
    pub fn raw(
        self,
        kind: u32,
        fields: [u32; 3],
        units: u64,
        data: &[u8],
        options: &[(u16, &[u8])],
    ) -> Self {
        let order = self.order;
        let mut body = match kind {
            2 => [order.u16(fields[0] as u16), order.u16(77)].concat(),
            _ => order.u32(fields[0]).to_vec(),
        };
        for field in [(units >> 32) as u32, units as u32, fields[1], fields[2]] {
            body.extend(order.u32(field));
        }
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(encode(order, options));
        self.block(kind, &body)
    }

    pub fn simple(self, wire_len: u32, data: &[u8]) -> Self {
        let mut body = self.order.u32(wire_len).to_vec();
        body.extend(data);
        self.block(3, &body)
    }
}

fn encode(order: Order, options: &[(u16, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (code, value) in options {
        bytes.extend(order.u16(*code));
        bytes.extend(order.u16(value.len() as u16));
        bytes.extend(*value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    if !options.is_empty() {
        bytes.extend([0; 4]);
    }
    bytes
}

/// A pcapng with a bit of everything, for tests of robustness.
pub fn mixed_pcapng() -> Vec<u8> {
    Pcapng::new(Order::Le)
        .interface(1, 0, &[(9, &[6]), (2, b"eth0")])
        .packet(0, 1_000_000, b"first packet", &[(2, &[0; 4])])
        .block(5, &[0; 24])
        .simple(6, b"simple")
        .raw(2, [0, 5, 9], 2_000_000, b"old block", &[])
        .section(Order::Be, (1, 2), 0)
        .interface(113, 64, &[(9, &[0x8a]), (14, &5_i64.to_be_bytes())])
        .packet(0, 2048, b"second section", &[])
        .packet(3, 2048, b"unknown interface", &[])
        .packet(0, 4096, b"last", &[(1, b"a comment")])
        .bytes
}

/// A pcap of a few packets of different lengths.
pub fn small_pcap() -> Vec<u8> {
    let mut pcap = Pcap::new(Order::Le, MICROS);
    for (at, len) in [0, 1, 60, 17].into_iter().enumerate() {
        pcap = pcap.packet(100 + at as u32, at as u32, &vec![at as u8 + 65; len]);
    }
    pcap.bytes
}

/// A pcap of that many packets of random lengths and bytes, half of which repeat so that they compress.
pub fn big_pcap(packets: usize, seed: u64) -> Vec<u8> {
    let mut random = Random(seed);
    let mut pcap = Pcap::new(Order::Le, NANOS);
    for at in 0..packets {
        let len = (random.next() % 1500) as usize;
        let data: Vec<u8> = match random.next() % 2 {
            0 => vec![at as u8; len],
            _ => (0..len).map(|_| random.next() as u8).collect(),
        };
        pcap = pcap.packet(1_700_000_000 + at as u32, 999_999_999, &data);
    }
    pcap.bytes
}
