//! The captures of the shared folder: as many TCP packets as its pages count, and every packet accounted for.
//!
//! The folder is named by `DEFRAME_CAPTURES`; without it these tests say that they skip.

use std::{fs, path::PathBuf};

use deframe::{
    capture::{CaptureSet, Input, ReadConfig},
    decode::{DecodeConfig, DecodeStats, Decoder, Group, Verdict},
};
use serde_json::Value;

use crate::support::shared_captures;

/// Decodes some captures as one, and checks that no packet is lost on the way.
fn decode(paths: Vec<PathBuf>) -> DecodeStats {
    let inputs = paths.into_iter().map(Input::Path).collect();
    let mut set = CaptureSet::new(inputs, ReadConfig::default());
    let mut decoder = Decoder::new(DecodeConfig::default());
    let (mut packets, mut segments) = (0, 0);
    while let Some(packet) = set.next_packet() {
        packets += 1;
        let before = segments;
        let verdict = decoder.decode(&packet, &mut |segment| {
            assert_eq!(segment.packet, packet.number);
            assert!(segment.payload.len() <= segment.payload_len as usize);
            segments += 1;
        });
        assert_eq!(verdict == Verdict::Tcp, segments > before);
    }
    decoder.finish();
    let stats = decoder.stats().clone();
    let reasons: u64 = stats.reasons().map(|(_, count)| count.packets).sum();
    assert_eq!(stats.packets, packets);
    assert_eq!(stats.tcp + stats.held.packets + reasons, packets);
    assert_eq!(stats.segments, segments);
    stats
}

fn reasons(stats: &DecodeStats) -> Vec<(&'static str, u64, u64)> {
    let rows = stats.reasons();
    rows.map(|(reason, count)| (reason.name(), count.packets, count.first))
        .collect()
}

/// tshark counts as well what it did not hand on to its streams: headers quoted in ICMP errors, a bad data offset. In
/// one capture these are real packets, behind FabricPath headers.
#[test]
fn as_many_tcp_packets_as_the_page_says() {
    let Some(folder) = shared_captures() else {
        return;
    };
    let page = fs::read(folder.join("tcp.json")).unwrap();
    let page: Value = serde_json::from_slice(&page).unwrap();
    let mut wrong = Vec::new();
    for (name, entry) in page.as_object().unwrap() {
        let files = entry["files"].as_array().unwrap();
        let stats = decode(
            files
                .iter()
                .map(|file| folder.join(file.as_str().unwrap()))
                .collect(),
        );
        let oracle = |key: &str| entry["oracle"][key].as_u64().unwrap();
        let quoted = if name.ends_with("/ajp.pcap") {
            0
        } else {
            oracle("quoted_in_icmp")
        };
        let expected = oracle("tcp_packets") - quoted;
        if stats.tcp != expected || stats.fragments.completed < oracle("ip_reassembled") {
            wrong.push(format!(
                "{name}: {} not {expected}, {:?}",
                stats.tcp,
                reasons(&stats)
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_packet_of_the_industrial_captures_is_accounted_for() {
    let Some(folder) = shared_captures() else {
        return;
    };
    for entry in fs::read_dir(folder.join("ics")).unwrap() {
        let path = entry.unwrap().path();
        let stats = decode(vec![path.clone()]);
        assert!(stats.tcp > 0, "{}: {:?}", path.display(), reasons(&stats));
        let undecodable = stats
            .reasons()
            .filter(|(reason, _)| reason.group() == Group::Undecodable);
        if undecodable.count() > 0 {
            println!("{}: {:?}", path.display(), reasons(&stats));
        }
    }
}
