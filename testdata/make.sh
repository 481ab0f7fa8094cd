#!/usr/bin/env bash
# Makes every capture in this folder, byte for byte the same on every machine. README.md says what each is for.
#   testdata/make.sh [DEFRAME] [FOLDER]
set -euo pipefail
deframe=${1:-target/release/deframe}
folder=${2:-$(dirname "$0")}
sim() { "$deframe" -q simulate "${@:2}" -o "$folder/$1"; }

sim field.pcap --devices 5 --frames 60 --segmentation coalesced --retransmit 0.02 --reorder 0.02 --messages
sim plant.pcap --devices 3 --frames 120 --messages --segmentation random --mss 700 --interval 40 --bad-end-marker 0.012 \
    --drop 0.01 --retransmit 0.02 --seed 5
sim faults.pcap --devices 3 --frames 60 --bad-header 0.05 --bad-end-marker 0.05 --short-frame 0.05 --long-frame 0.05 \
    --junk 0.05 --truncate-end
sim lossy.pcapng --format pcapng --devices 4 --frames 60 --drop 0.05 --loss 0.05 --replies 0.1 --interfaces 2
sim midstream.pcap --midstream --start-offset random --close none --frames 40
sim mess.pcapng --format pcapng --endian big --nanoseconds --ipv6 --isn wrap --frames 40 --drop 0.05 --loss 0.05 \
    --reorder 0.05 --retransmit 0.05 --partial-retransmit 0.05 --duplicate 0.05 --keepalive 0.05 --conflict 0.05 \
    --bad-checksum 0.05 --ack-early 0.05
sim tiny.pcap --devices 2 --frames 20 --segmentation tiny --messages
sim adversarial.pcap --payload adversarial --frames 60 --bad-header 0.05 --bad-end-marker 0.05 --short-frame 0.05 \
    --long-frame 0.05 --junk 0.05
sim snaplen.pcap --snaplen 300 --segmentation mss --frames 40
sim reuse.pcap --vlan 100,7 --connections 4 --port-reuse --frames 10
sim meter.pcap --protocol "$(dirname "$0")/meter.toml" --devices 3 --frames 100 --segmentation random
