//! What was read: captures, packets by what became of them, connections.

use std::io::{self, Write};

use anstyle::Style;
use deframe::{
    capture::{CaptureInfo, Compression},
    decode::{Count, Group, Tunnel},
};

use super::{Report, items, title};
use crate::report::text::{
    Escaped, Grouped, Rfc3339, count, duration,
    grid::{Column, Grid},
    style::MISSING,
};

impl Report<'_> {
    pub(super) fn captures(&self, out: &mut dyn Write) -> io::Result<()> {
        title(out, "Captures")?;
        let mut grid = Grid::new(
            2,
            &[
                ("packets", Column::Right),
                ("from", Column::Right),
                ("first time (UTC)", Column::Left),
                ("span", Column::Right),
                ("format", Column::Left),
                ("link", Column::End),
                ("capture", Column::Middle),
            ],
        );
        for capture in self.captures {
            let style = if capture.problem.is_some() {
                MISSING
            } else {
                Style::new()
            };
            grid.row(style, row(capture));
        }
        grid.write(out)?;
        let sum = |of: fn(&CaptureInfo) -> u64| self.captures.iter().map(of).sum::<u64>();
        let mut odd = Vec::new();
        let mut add = |n: u64, text: &str| {
            if n > 0 {
                odd.push(format!("{} {text}", Grouped(n)));
            }
        };
        add(
            sum(|capture| capture.cut_short),
            "packets cut by the snap length",
        );
        add(
            sum(|capture| capture.truncated.is_some() as u64),
            "captures cut off at the end",
        );
        add(
            sum(|capture| capture.problem.is_some() as u64),
            "captures not read to the end",
        );
        add(
            sum(|capture| capture.other_blocks),
            "blocks with a packet number and no packet (journal, custom, sysdig)",
        );
        add(
            sum(|capture| capture.backwards),
            "packets earlier than the one before",
        );
        add(
            sum(|capture| capture.without_time),
            "packets without a time",
        );
        items(out, "of these", &odd)
    }

    pub(super) fn packets(&self, out: &mut dyn Write) -> io::Result<()> {
        let decode = &self.outcome.decode;
        title(out, "Packets")?;
        let other = decode.packets - decode.tcp - decode.held.packets;
        let mut all = vec![format!("{} with TCP", Grouped(decode.tcp))];
        if decode.held.packets > 0 {
            all.push(format!(
                "{} IP fragments that waited for the rest",
                Grouped(decode.held.packets)
            ));
        }
        if other > 0 {
            all.push(format!("{} without", Grouped(other)));
        }
        items(out, &Grouped(decode.packets).to_string(), &all)?;
        for (group, name) in [
            (Group::NotTcp, "not TCP"),
            (Group::Undecodable, "not decoded"),
        ] {
            let of = decode
                .reasons()
                .filter(|(reason, _)| reason.group() == group);
            let list: Vec<_> = of
                .map(|(reason, n)| {
                    example(n, &decode.describe(reason), group == Group::Undecodable)
                })
                .collect();
            items(out, name, &list)?;
        }
        let tunnels = Tunnel::ALL
            .iter()
            .map(|tunnel| (decode.tunnel(*tunnel), tunnel.name()));
        let tunnels = tunnels.filter(|(n, _)| n.packets > 0);
        let tunnels: Vec<_> = tunnels
            .map(|(n, name)| example(n, &name.replace('_', " "), false))
            .collect();
        items(out, "tunnels", &tunnels)?;
        self.beside_packets(out)
    }

    /// Checksums, fragments, what was not selected.
    fn beside_packets(&self, out: &mut dyn Write) -> io::Result<()> {
        let decode = &self.outcome.decode;
        let sums = decode.checksums;
        let bad = [
            (sums.ip_bad, "wrong in the IP header"),
            (sums.tcp_bad, "wrong in TCP"),
        ];
        let bad: Vec<_> = bad
            .into_iter()
            .filter(|(n, _)| n.packets > 0)
            .map(|(n, what)| example(n, what, true))
            .collect();
        items(out, "checksums", &bad)?;
        if decode.ip_beyond_frame.packets > 0 {
            let what = "IP length beyond the end of its frame";
            items(
                out,
                "lengths",
                &[example(decode.ip_beyond_frame, what, true)],
            )?;
        }
        let fragments = decode.fragments;
        if fragments.packets > 0 {
            let list = [
                count(fragments.packets, "packet"),
                format!("{} put together", count(fragments.completed, "datagram")),
                format!("{} incomplete", Grouped(fragments.incomplete)),
            ];
            items(out, "fragments", &list)?;
        }
        let unselected = self.outcome.unselected;
        if unselected.packets > 0 {
            let list = [
                count(unselected.packets, "TCP packet"),
                count(unselected.streams, "stream"),
            ];
            items(out, "not selected", &list)?;
        }
        Ok(())
    }

    pub(super) fn connections(&self, out: &mut dyn Write) -> io::Result<()> {
        let (tcp, stats) = (&self.outcome.tcp, self.stats);
        title(out, "Connections")?;
        let with_data = stats.streams.len() as u64 + stats.dropped.streams;
        let mut list = vec![
            format!("{} with data", count(with_data, "stream")),
            format!("{} without", Grouped(stats.silent_streams)),
        ];
        let odd = stats.total.odd;
        for (n, what) in [
            (odd.midstream, "streams without their SYN"),
            (odd.reset, "reset"),
            (odd.evicted, "evicted early, to bound memory"),
            (tcp.wild_segments, "segments too far from their stream"),
        ] {
            if n > 0 {
                list.push(format!("{} {what}", Grouped(n)));
            }
        }
        items(out, &Grouped(tcp.connections).to_string(), &list)
    }
}

/// `UDP: 17`, for trouble with the packet to look at.
fn example(n: Count, what: &str, trouble: bool) -> String {
    let packets = Grouped(n.packets);
    match (trouble, n.packets) {
        (false, _) => format!("{what}: {packets}"),
        (true, 1) => format!("{what}: 1 (packet {})", n.first),
        (true, _) => format!("{what}: {packets} (first: packet {})", n.first),
    }
}

fn row(capture: &CaptureInfo) -> Vec<String> {
    let format = capture
        .format
        .map_or("none".to_owned(), |format| format.to_string());
    let format = match capture.compression {
        Compression::None => format,
        packed => format!("{format}, {packed}"),
    };
    let span = capture
        .first_time
        .zip(capture.last_time)
        .and_then(|(first, last)| last.since(first).try_into().ok());
    let links: Vec<_> = capture
        .links
        .iter()
        .map(|(link, _)| link.to_string())
        .collect();
    vec![
        Grouped(capture.packets).to_string(),
        if capture.packets > 0 {
            Grouped(capture.first_packet).to_string()
        } else {
            "-".to_owned()
        },
        capture
            .first_time
            .map_or("-".to_owned(), |time| moment(&Rfc3339(time).to_string())),
        span.map_or("-".to_owned(), duration),
        format,
        links.join(", "),
        Escaped(&capture.name).to_string(),
    ]
}

/// A time to the millisecond, as people read it.
fn moment(rfc3339: &str) -> String {
    rfc3339
        .chars()
        .take(23)
        .collect::<String>()
        .replace('T', " ")
}
