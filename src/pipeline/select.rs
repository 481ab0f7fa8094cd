//! Which connections and which span of time are selected. Selecting never renumbers anything.

use std::net::IpAddr;

use crate::{
    capture::Time,
    decode::{Addr, Endpoint},
};

/// An address, or a network in prefix notation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostFilter {
    network: u128,
    mask: u128,
}

impl HostFilter {
    /// `addr` and its first `prefix` bits; all of them if none is given. `None` if the address has fewer.
    pub fn new(addr: IpAddr, prefix: Option<u8>) -> Option<Self> {
        let bits: u32 = if addr.is_ipv4() { 32 } else { 128 };
        let host_bits = bits.checked_sub(prefix.map_or(bits, u32::from))?;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        Some(Self {
            network: Addr::from(addr).bits() & mask,
            mask,
        })
    }

    fn matches(&self, addr: Addr) -> bool {
        addr.bits() & self.mask == self.network
    }
}

/// A bound of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A time.
    At(Time),
    /// Nanoseconds after the first packet that has a time.
    Since(i64),
}

/// What is selected. Empty lists and no bounds mean everything; kinds of conditions must all hold, of a list one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// TCP ports, of either end.
    pub ports: Vec<u16>,
    /// Addresses or networks, of either end.
    pub hosts: Vec<HostFilter>,
    /// Connection numbers.
    pub connections: Vec<u64>,
    /// Only what was captured at this time or later: frames and faults whose first packet was.
    pub from: Option<Moment>,
    /// Only what was captured before this time.
    pub to: Option<Moment>,
}

impl Selection {
    /// The same with bounds after the first packet as times.
    pub fn from_start(mut self, start: Time) -> Self {
        for bound in [&mut self.from, &mut self.to].into_iter().flatten() {
            if let Moment::Since(nanos) = *bound {
                *bound = Moment::At(Time::from_nanos(start.nanos().saturating_add(nanos)));
            }
        }
        self
    }

    /// Whether the connection with this number and these ends is selected.
    pub fn takes(&self, connection: u64, a: Endpoint, b: Endpoint) -> bool {
        (self.connections.is_empty() || self.connections.contains(&connection))
            && (self.ports.is_empty()
                || self.ports.contains(&a.port)
                || self.ports.contains(&b.port))
            && (self.hosts.is_empty()
                || self
                    .hosts
                    .iter()
                    .any(|host| host.matches(a.addr) || host.matches(b.addr)))
    }

    /// Whether what was captured then is selected; what has no time is, unless a bound asks for one.
    #[inline]
    pub fn takes_time(&self, time: Option<Time>) -> bool {
        if self.from.is_none() && self.to.is_none() {
            return true;
        }
        let Some(time) = time else { return false };
        let at = |bound: Moment| match bound {
            Moment::At(bound) => bound,
            Moment::Since(_) => Time::from_nanos(i64::MIN),
        };
        self.from.is_none_or(|from| time >= at(from)) && self.to.is_none_or(|to| time < at(to))
    }
}
