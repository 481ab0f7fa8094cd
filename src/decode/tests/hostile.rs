use super::*;

/// Seeded, so that a failure comes again (xorshift64*).
pub(super) struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }
}

const LINKS: [u16; 38] = [
    0, 1, 7, 8, 9, 10, 12, 14, 50, 51, 100, 101, 104, 105, 108, 109, 113, 117, 119, 127, 129, 138,
    149, 163, 166, 178, 192, 197, 204, 205, 228, 229, 239, 240, 241, 242, 258, 276,
];

/// Packets that lead through every layer.
fn samples() -> Vec<(u16, Vec<u8>)> {
    let (four, six) = (ipv4(b"hello"), ipv6(b"hello"));
    let frame = ethernet(0x0800, &four);
    let snap = cat(&[&[0xaa, 0xaa, 3, 0, 0, 0, 8, 0], &four]);
    let gre = |header: &[u8], rest: &[u8]| over_ipv4(47, 1, 0, &cat(&[header, rest]));
    let part = cat(&[&[6; 12], &(snap.len() as u16).to_be_bytes(), &snap, &[0; 2]]);
    let aggregate = cat(&[
        &[0x88, 1, 0, 0],
        &[7; 18],
        &[0x10, 0, 0x80, 0],
        &part,
        &part,
    ]);
    vec![
        (0, cat(&[&[2, 0, 0, 0], &four])),
        (1, frame.clone()),
        (1, ethernet(0x86dd, &six)),
        (
            1,
            ethernet(0x8100, &cat(&[&[0, 5, 0x88, 0x47, 0, 1, 1, 64], &four])),
        ),
        (1, ethernet(snap.len() as u16, &snap)),
        (
            1,
            ethernet(0x8864, &cat(&[&[0x11, 0, 0, 1, 0, 99, 0, 0x21], &four])),
        ),
        (
            1,
            over_udp(4789, &cat(&[&[8, 0, 0, 0, 0, 0, 7, 0], &frame])),
        ),
        (
            1,
            over_udp(
                6081,
                &cat(&[&[2, 0, 0x65, 0x58, 0, 0, 8, 0], &[1; 8], &frame]),
            ),
        ),
        (
            1,
            over_udp(
                2152,
                &cat(&[
                    &[0x36, 255, 0, 99, 0, 0, 1, 9, 0, 1, 0, 0x85, 1, 0, 0, 0],
                    &four,
                ]),
            ),
        ),
        (9, cat(&[&[0xff, 3, 0, 0x21], &four])),
        (
            101,
            over_ipv6(44, &cat(&[&[6, 0, 0, 0, 0, 0, 0, 7], &six[40..]])),
        ),
        (
            101,
            over_ipv6(44, &cat(&[&[6, 0, 0, 1, 0, 0, 0, 7], &six[40..56]])),
        ),
        (101, over_ipv4(6, 9, 0x2000, &four[20..36])),
        (
            101,
            over_ipv6(
                0,
                &cat(&[
                    &[60, 0, 1, 4, 0, 0, 0, 0],
                    &[6, 0, 1, 4, 0, 0, 0, 0],
                    &six[40..],
                ]),
            ),
        ),
        (
            101,
            gre(
                &[0xb0, 0, 0x86, 0xdd, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8],
                &six,
            ),
        ),
        (
            101,
            gre(
                &[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 0, 0, 0, 0, 0, 0, 0],
                &frame,
            ),
        ),
        (101, gre(&[0, 0, 0x82, 0], &aggregate)),
        (104, cat(&[&[0x0f, 0, 8, 0], &four])),
        (1, ethernet(0x892f, &cat(&[&[0x10, 75, 0, 1, 8, 0], &four]))),
        (
            1,
            ethernet(
                0x88e5,
                &cat(&[&[0x20, 0, 0, 0, 0, 1], &[7; 8], &[8, 0], &four, &[9; 16]]),
            ),
        ),
        (
            1,
            ethernet(0x894f, &cat(&[&[0, 2, 2, 1, 0, 0, 1, 255], &four])),
        ),
        (
            1,
            over_udp(
                1701,
                &cat(&[
                    &[0x4a, 2, 0, 99, 0, 1, 0, 2, 0, 9, 0, 8, 0, 1, 0, 0x21],
                    &four,
                ]),
            ),
        ),
        (
            1,
            over_udp(1701, &cat(&[&[0, 3, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4], &frame])),
        ),
        (
            1,
            over_udp(
                3544,
                &cat(&[&[0, 1, 1, 1], &[7; 11], &[0, 0, 1, 1, 1, 1, 1, 1], &six]),
            ),
        ),
        (
            1,
            over_udp(
                5072,
                &cat(&[&[0x21, 0x12, 0x11, 41, 0, 0, 0, 1], &[6; 8], &six]),
            ),
        ),
        (
            1,
            over_udp(
                5247,
                &cat(&[&[0, 0x18, 3, 0x10, 0, 0, 0, 0], &[6; 4], &aggregate]),
            ),
        ),
        (
            1,
            over_udp(5247, &cat(&[&[0, 0x10, 3, 0x80, 0, 5, 0, 0], &aggregate])),
        ),
        (1, over_udp(6080, &cat(&[&[1, 4, 0, 0, 0, 0, 0, 0], &four]))),
        (
            1,
            over_udp(4341, &cat(&[&[0x88, 0, 0, 0, 0, 0, 7, 0], &four])),
        ),
        (
            101,
            over_ipv4(
                50,
                1,
                0,
                &cat(&[&[0, 0, 0, 1, 0, 0, 0, 1], &four[20..], &[1, 1, 6], &[9; 12]]),
            ),
        ),
        (7, cat(&[&[1, 2, 212, 0xff, 0, 0, 0, 0, 0], &four])),
        (
            192,
            cat(&[
                &[0, 0, 32, 0, 105, 0, 0, 0, 2, 0, 20, 0],
                &[0; 8],
                &[1, 0],
                &[0; 10],
                &aggregate,
                &[9; 4],
            ]),
        ),
        (
            197,
            cat(&[
                &[0; 8],
                &[0x82, 4, 0, 99, 0, 0, 0, 59, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                &frame,
            ]),
        ),
        (178, cat(&[b"MGC\x81\x00\x02", &[1, 0], &frame])),
        (241, cat(&[&[0; 4], &[0x55; 7], &[0xd5], &frame])),
        (
            258,
            cat(&[&[20, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], &[0; 8], &frame]),
        ),
        (105, aggregate.clone()),
        (113, cat(&[&[0, 0, 0, 1, 0, 6], &[3; 8], &[8, 0], &four])),
        (
            127,
            cat(&[&[0, 0, 9, 0, 2, 0, 0, 0, 0x10], &aggregate, &[0; 4]]),
        ),
        (
            239,
            cat(&[
                &[2, 0, 0, 5, 5, 0, 10, 0, 0x41, 0, 0, 0],
                &[49, 0, 9, 0],
                &four,
            ]),
        ),
        (
            276,
            cat(&[&[0x86, 0xdd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 6], &[3; 8], &six]),
        ),
    ]
}

#[test]
fn every_prefix_and_every_bit() {
    let mut bench = Bench::default();
    for (link, data) in samples() {
        let (verdict, _) = decode(link, &data);
        assert!(
            matches!(verdict, Verdict::Tcp | Verdict::FragmentHeld),
            "{link} {verdict:?} {data:02x?}"
        );
        for end in 0..data.len() {
            bench.packet(link, &data[..end]);
            bench.packet_with(
                |packet| packet.wire_len = data.len() as u32,
                link,
                &data[..end],
            );
        }
        for bit in 0..data.len() * 8 {
            let mut data = data.clone();
            data[bit / 8] ^= 1 << (bit % 8);
            bench.packet(link, &data);
            bench.packet_with(|packet| packet.fcs_len = 4, link, &data);
        }
    }
    bench.decoder.finish();
    bench.accounted();
}

#[test]
fn random_bytes_on_every_link() {
    let mut random = Random(0x5eed_0001);
    let mut bench = Bench::new(DecodeConfig {
        pseudowire: true,
        ..DecodeConfig::default()
    });
    let starts = samples();
    for _ in 0..60_000 {
        let link = LINKS[random.below(LINKS.len())];
        let mut data: Vec<u8> = (0..random.below(160))
            .map(|_| random.next() as u8)
            .collect();
        bench.packet(link, &data);
        // A good start, then nonsense; then a good packet with a few bytes changed.
        let (link, start) = &starts[random.below(starts.len())];
        let kept = random.below(start.len());
        data.splice(0..0, start[..kept].iter().copied());
        bench.packet(*link, &data);
        let mut data = start.clone();
        for _ in 0..random.below(4) {
            let at = random.below(data.len());
            data[at] = random.next() as u8;
        }
        bench.packet(*link, &data);
    }
    bench.decoder.finish();
    bench.accounted();
}

#[test]
fn fast_paths_equal_the_full_walk() {
    let mut random = Random(0x5eed_0002);
    for checksums in [Checksums::Count, Checksums::Drop, Checksums::Ignore] {
        let mut bench = Bench::new(DecodeConfig {
            checksums,
            ..DecodeConfig::default()
        });
        for length in 0..300 {
            let payload: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
            let mut data = ethernet(0x0800, &ipv4(&payload));
            let before = bench.decoder.fast;
            bench.packet(ETHERNET, &data);
            assert_eq!(bench.decoder.fast, before + 1, "the fast path takes it");
            // Padded, then with one byte changed, then with TCP's checksum left empty.
            bench.packet(ETHERNET, &cat(&[&data, &[0; 6]]));
            let at = 14 + random.below(data.len() - 14);
            data[at] ^= 1 << random.below(8);
            bench.packet(ETHERNET, &data);
            data[50..52].fill(0);
            bench.packet(ETHERNET, &data);
        }
    }
}
