//! Who speaks: addresses and ports of the devices and of their server, each known from its number.

use super::{options::SimConfig, packet::Host, rng::Rng};

/// The two ends of a device's `nth` connection.
pub(super) fn hosts(options: &SimConfig, device: u32, nth: u32) -> [Host; 2] {
    // A generator of its own, so that all connections of a device are known from its number.
    let first = Rng::new(options.seed, u64::from(device) ^ 0x686f_7374 << 32).below(28_000);
    let (address, port) = if options.nat {
        let number = u64::from(device) + u64::from(nth) * u64::from(options.devices);
        ((number / 64_000) as u32, 1_024 + number % 64_000)
    } else {
        let step = if options.port_reuse || options.incidents.reboot {
            0
        } else {
            u64::from(nth)
        };
        (device, 32_768 + (first + step) % 28_000)
    };
    let place =
        |net: [u8; 16], number: u32| (u128::from_be_bytes(net) + u128::from(number)).to_be_bytes();
    let [client, server] = if options.ipv6 {
        // The documentation prefix of RFC 3849.
        let net = [0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
        let other = [0x20, 0x01, 0x0d, 0xb8, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        [place(net, address), other]
    } else {
        let v4 = |bytes: [u8; 4]| {
            (0xffff_0000_0000 | u128::from(u32::from_be_bytes(bytes))).to_be_bytes()
        };
        [place(v4([10, 0, 0, 2]), address), v4([192, 168, 137, 1])]
    };
    let [a, b, c, d] = address.to_be_bytes();
    let device_mac = [0x02, 0x01 ^ a, b, c, d, 0x02];
    let server_mac = [0x02, 0xff, 0, 0, 0, 0x01];
    [
        Host {
            addr: client,
            port: port as u16,
            mac: device_mac,
        },
        Host {
            addr: server,
            port: options.server_port,
            mac: server_mac,
        },
    ]
}
