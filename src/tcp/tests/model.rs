//! Random segments against a map of bytes by position.

use super::*;

/// Bytes by position, first wins: nothing can be wrong here.
#[test]
fn random_segments_against_a_byte_map() {
    for seed in 1..400u64 {
        let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let size = 40 + rng.below(400);
        let mut model: Vec<Option<u8>> = vec![None; size as usize];
        let (mut packets, mut payload) = (hello(), 0);
        for _ in 0..rng.below(60) {
            let at = rng.below(size);
            let len = 1 + rng.below((size - at).min(40));
            let data: Vec<u8> = (0..len)
                .map(|i| ((at + i) % 7) as u8 + b'a' + rng.below(2) as u8 * 32)
                .collect();
            if len == 1 {
                continue; // One byte just below the highest would be a keep-alive.
            }
            for (i, byte) in data.iter().enumerate() {
                model[at as usize + i].get_or_insert(*byte);
            }
            payload += len;
            packets.push(c(at as i64, &data));
        }
        let isn = if seed % 2 == 0 {
            0u32
        } else {
            0u32.wrapping_sub(rng.below(size) as u32)
        };
        let log = run_from(isn, &TcpConfig::default(), &packets);
        let end = model.iter().rposition(Option::is_some).map_or(0, |i| i + 1);
        let want: usize = model.iter().flatten().count();
        let sum = log.sum(0, Dir::C2s);
        assert_eq!(sum.counts.bytes, want as u64, "seed {seed}");
        assert_eq!(sum.counts.gap_bytes, (end - want) as u64, "seed {seed}");
        assert_eq!(sum.counts.payload_bytes, payload, "seed {seed}");
        let bytes: Vec<u8> = model.into_iter().flatten().collect();
        assert_eq!(
            log.bytes.get(&(0, Dir::C2s)).cloned().unwrap_or_default(),
            bytes,
            "seed {seed}"
        );
    }
}
