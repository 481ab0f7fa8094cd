//! ESP without encryption (RFC 2410; RFC 4543 with an initialisation vector).
//!
//! Nothing in a packet says that it is not encrypted, nor how long its vector and its check value are: the usual lengths
//! are tried, and accepted where the payload proves them (RFC 5879).

use super::{
    Tunnel, checksum,
    ip::protocol,
    reason::Reason,
    view::{View, be16},
    walk::{Layer, Outcome, Step, Walk},
};

/// Sequence parameters index and sequence number.
const HEADER_BYTES: usize = 8;
/// Lengths of initialisation vectors, then of check values, that occur without encryption.
const VECTOR_BYTES: [usize; 2] = [0, 8];
const CHECK_VALUE_BYTES: [usize; 5] = [12, 16, 0, 24, 32];

impl Walk<'_, '_> {
    /// ESP directly over IP.
    pub(super) fn esp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        let rest = view.skip(HEADER_BYTES)?;
        for vector in VECTOR_BYTES {
            let Ok(body) = rest.skip(vector) else { break };
            let found = inner_ipv4(body).or_else(|| {
                let mut lengths = CHECK_VALUE_BYTES.into_iter();
                lengths.find_map(|check| self.proven(body, check))
            });
            if let Some((layer, payload)) = found {
                self.enter(Tunnel::EspNull)?;
                return Ok(Step::Next(layer, payload));
            }
        }
        Err(Reason::Esp)
    }

    /// ESP in UDP (RFC 3948): an index of 0 marks key exchange, one byte is a keep-alive.
    pub(super) fn esp_in_udp<'a>(&mut self, view: View<'a>) -> Outcome<'a> {
        match view.data {
            [0, 0, 0, 0, ..] => Err(Reason::Udp),
            [_, _, _, _, _, _, _, _, ..] => self.esp(view),
            _ => Err(Reason::Udp),
        }
    }

    /// The payload before padding, its length and the next header, if all of them agree and the payload proves it: TCP
    /// by its checksum, IPv6 by its length.
    fn proven<'a>(&self, body: View<'a>, check: usize) -> Option<(Layer, View<'a>)> {
        if body.wire > body.data.len() {
            return None;
        }
        let body = body.data.get(..body.data.len().checked_sub(check)?)?;
        let (&[padding, next], body) = body
            .split_last_chunk::<2>()
            .map(|(rest, last)| (last, rest))?;
        let (payload, padding) = body.split_at(body.len().checked_sub(padding.into())?);
        let in_order = (1..=u8::MAX).zip(padding).all(|(n, &byte)| n == byte);
        let view = View::new(payload, payload.len());
        let right = match next {
            _ if !in_order => false,
            protocol::TCP => {
                payload.len() >= 20 && checksum::tcp(payload, &self.ip) == checksum::Check::Good
            }
            protocol::IPV6 => match *payload {
                [0x60..=0x6f, _, _, _, high, low, ..] => {
                    usize::from(be16(high, low)) + 40 == payload.len()
                }
                _ => false,
            },
            _ => false,
        };
        let layer = match next {
            protocol::IPV6 => Layer::Ipv6,
            _ => Layer::Upper(next),
        };
        right.then_some((layer, view))
    }
}

/// An IPv4 packet with a right header checksum; its length bounds it, the snap length may have cut it.
fn inner_ipv4(body: View<'_>) -> Option<(Layer, View<'_>)> {
    let header = body.data.first_chunk::<20>()?;
    let total = usize::from(be16(header[2], header[3]));
    let right = header[0] == 0x45
        && (20..=body.wire).contains(&total)
        && checksum::ipv4(header) == checksum::Check::Good;
    right.then_some((Layer::Ipv4, body))
}
