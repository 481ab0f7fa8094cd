//! A pcapng interface: link type, snap length, and what its times mean.

use pcap_parser::{
    OptionCode, PcapNGOption,
    pcapng::{parse_interfacedescriptionblock_be, parse_interfacedescriptionblock_le},
};

use super::{LinkType, Time, order::Order};

const NANOS: i128 = 1_000_000_000;
const IF_FCSLEN: OptionCode = OptionCode(13);
/// `epb_flags`: bits 5 to 8 are the length of the frame check sequence in bytes.
const EPB_FLAGS: u16 = 2;

/// What an interface description block says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Interface {
    pub(super) link: LinkType,
    /// 0 means no limit.
    pub(super) snaplen: u32,
    pub(super) fcs_len: u8,
    clock: Clock,
    offset_nanos: i128,
}

/// How units of time become nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clock {
    /// Units of 10^-9 s or coarser powers of ten.
    Times(u64),
    /// Finer powers of ten: units per nanosecond.
    Over(u128),
    /// 2^-n seconds.
    Binary(u32),
}

impl Interface {
    /// From a whole block, its trailing length checked; none if its options are not to be made out.
    pub(super) fn parse(block: &[u8], order: Order) -> Option<Self> {
        let parsed = if order == Order::Big {
            parse_interfacedescriptionblock_be(block)
        } else {
            parse_interfacedescriptionblock_le(block)
        };
        let (_, block) = parsed.ok()?;
        let mut this = Self {
            link: LinkType(block.linktype.0 as u16),
            snaplen: block.snaplen,
            fcs_len: 0,
            clock: Clock::Times(1000),
            offset_nanos: 0,
        };
        for option in block
            .options
            .iter()
            .take_while(|option| option.code != OptionCode::EndOfOpt)
        {
            this.apply(option, order);
        }
        Some(this)
    }

    /// Options of a wrong length are passed over. By hand: pcap-parser reads if_tsoffset as little-endian whatever the
    /// section says, and refuses binary resolutions.
    fn apply(&mut self, option: &PcapNGOption<'_>, order: Order) {
        match (option.code, option.as_bytes()) {
            (OptionCode::IfTsresol, Ok(&[resolution])) => self.clock = clock(resolution),
            (OptionCode::IfTsoffset, Ok(raw)) => {
                if let Ok(raw) = raw.try_into() {
                    let seconds = if order == Order::Big {
                        i64::from_be_bytes(raw)
                    } else {
                        i64::from_le_bytes(raw)
                    };
                    self.offset_nanos = i128::from(seconds) * NANOS;
                }
            }
            // The specification says bits, its example and the tools that write it say bytes.
            (IF_FCSLEN, Ok(&[length])) => {
                self.fcs_len = if length >= 16 { length / 8 } else { length }
            }
            _ => {}
        }
    }

    /// The moment that is `units` after the interface's zero; what is finer than a nanosecond is cut off.
    #[inline]
    pub(super) fn time(&self, units: u64) -> Time {
        let nanos = match self.clock {
            Clock::Times(factor) => i128::from(units) * i128::from(factor),
            Clock::Over(divisor) => (u128::from(units) / divisor.max(1)) as i128,
            Clock::Binary(bits) => (i128::from(units) * NANOS) >> bits,
        };
        Time::from_nanos_clamped(nanos + self.offset_nanos)
    }
}

/// `if_tsresol`: the top bit distinguishes powers of two from powers of ten, the others are the negative exponent.
fn clock(resolution: u8) -> Clock {
    let exponent = u32::from(resolution & 0x7f);
    match resolution {
        0x80.. => Clock::Binary(exponent),
        0..=9 => Clock::Times(10_u64.pow(9 - exponent)),
        // Long before this overflows, 64 bits of units are less than a nanosecond.
        _ => Clock::Over(10_u128.checked_pow(exponent - 9).unwrap_or(u128::MAX)),
    }
}

/// The length of the frame check sequence that the options of a packet name, if they do. Allocates nothing.
pub(super) fn fcs_of_flags(mut options: &[u8], order: Order) -> Option<u8> {
    loop {
        let (code, length) = (order.u16_at(options, 0)?, order.u16_at(options, 2)?);
        match (code, length) {
            (0, _) => return None,
            (EPB_FLAGS, 4) => {
                let length = (order.u32_at(options, 4)? >> 5) as u8 & 0xf;
                return (length != 0).then_some(length);
            }
            _ => options = options.get(4 + usize::from(length).next_multiple_of(4)..)?,
        }
    }
}
