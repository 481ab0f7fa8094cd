//! What bounds the reassembler, and what it counts over all connections.

/// What becomes of the urgent byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Urgent {
    /// It stays in the stream, as a receiver with SO_OOBINLINE sees it.
    #[default]
    Inline,
    /// The byte before the urgent pointer is taken out of the stream and counted in `outside.urgent`.
    Oob,
}

/// Bounds and choices. Times are nanoseconds of capture time.
#[derive(Clone, Debug)]
pub struct TcpConfig {
    /// Packets of different VLANs belong to different connections.
    pub key_vlan: bool,
    /// Packets of different tunnel networks belong to different connections.
    pub key_vni: bool,
    /// What becomes of the urgent byte.
    pub urgent: Urgent,
    /// Connections known at once; above it the one silent longest (of a sample) is evicted.
    pub max_connections: u32,
    /// Closed connections remembered, so that late copies of their packets open no new ones.
    pub max_closed: u32,
    /// Bytes held for one stream behind a hole, their overhead included.
    pub max_held_bytes: u64,
    /// Pieces held for one stream behind a hole.
    pub max_held_segments: u32,
    /// Bytes held for all streams.
    pub max_held_total: u64,
    /// How long a hole that nobody acknowledged is held open.
    pub patience: i64,
    /// How long a hole that the peer acknowledged is held open, in time.
    pub ack_grace: i64,
    /// The same, in packets of the connection.
    pub ack_grace_packets: u32,
    /// How long the first bytes of a stream without SYN are held to find its lowest one, in time.
    pub opening: i64,
    /// The same, in packets of the connection.
    pub opening_packets: u32,
    /// How long a connection may be silent before it is evicted, if more than `few` are known.
    pub idle: i64,
    /// Up to this number of connections, silence evicts none.
    pub few: u32,
    /// Bytes handed out that are kept, over all streams, to compare with what comes again; 0 keeps none.
    pub history: u32,
}

impl Default for TcpConfig {
    fn default() -> Self {
        const SECOND: i64 = 1_000_000_000;
        Self {
            key_vlan: false,
            key_vni: false,
            urgent: Urgent::Inline,
            max_connections: 100_000,
            max_closed: 65_536,
            max_held_bytes: 4 << 20,
            max_held_segments: 4096,
            max_held_total: 64 << 20,
            patience: 60 * SECOND,
            ack_grace: SECOND,
            ack_grace_packets: 256,
            opening: SECOND,
            opening_packets: 64,
            idle: 3600 * SECOND,
            few: 10_000,
            history: 1 << 17,
        }
    }
}

/// Counts over all connections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TcpStats {
    /// Packets fed.
    pub packets: u64,
    /// Connections numbered so far.
    pub connections: u64,
    /// Connections known now.
    pub known: u64,
    /// Most connections known at once.
    pub known_peak: u64,
    /// Connections evicted to stay within the bound, or silent for too long, before the capture ended.
    pub evicted: u64,
    /// Bytes held now, their overhead included.
    pub held: u64,
    /// Most bytes held at once.
    pub held_peak: u64,
    /// Segments too far from their stream to belong to it, unless another confirmed them.
    pub wild_segments: u64,
    /// Holes given up because a bound on held data was reached.
    pub forced_gaps: u64,
}

impl TcpStats {
    /// Adds what another counted that saw the same packets and took other connections. Peaks add up to what they are
    /// together at most.
    pub(crate) fn add_lane(&mut self, other: &Self) {
        self.connections += other.connections;
        self.known += other.known;
        self.known_peak += other.known_peak;
        self.evicted += other.evicted;
        self.held += other.held;
        self.held_peak += other.held_peak;
        self.wild_segments += other.wild_segments;
        self.forced_gaps += other.forced_gaps;
    }
}
