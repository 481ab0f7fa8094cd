//! What TCP did that is worth a word, and where every byte went.

use std::io::{self, Write};

use anstyle::Style;
use deframe::analysis::Account;

use super::{Report, items, title};
use crate::report::text::{
    Grouped, count,
    grid::{Column, Grid},
    percent,
    style::WRONG,
};

impl Report<'_> {
    pub(super) fn transport(&self, out: &mut dyn Write) -> io::Result<()> {
        let list: Vec<_> = self
            .notable()
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(_, text)| text)
            .collect();
        if list.is_empty() {
            return Ok(());
        }
        // What TCP did it did to whole connections; --from and --to choose among frames.
        let whole = match self.stats.total.account.unselected {
            0 => "Transport",
            _ => "Transport (of whole connections, whatever the time)",
        };
        title(out, whole)?;
        let packets = count(self.stats.total.transport.packets, "packet");
        items(out, &packets, &list)
    }

    /// Counts that are reported if they are not 0.
    fn notable(&self) -> [(u64, String); 11] {
        let transport = &self.stats.total.transport;
        let (outside, odd) = (transport.outside, self.stats.total.odd);
        let streams = |n: u64, what: &str| format!("{what} in {}", count(n, "stream"));
        [
            (
                transport.retransmitted_segments,
                count(transport.retransmitted_segments, "retransmission"),
            ),
            (
                transport.duplicated_segments,
                count(transport.duplicated_segments, "copy").replace("copys", "copies")
                    + " by a mirror port",
            ),
            (
                transport.keepalives,
                count(transport.keepalives, "keep-alive"),
            ),
            (
                transport.out_of_order_segments,
                format!("{} out of order", Grouped(transport.out_of_order_segments)),
            ),
            (
                transport.conflict_bytes,
                format!(
                    "{} that came again and differed, in {}",
                    count(transport.conflict_bytes, "byte"),
                    count(odd.conflict, "stream")
                ),
            ),
            (odd.urgent, streams(odd.urgent, "urgent data")),
            (odd.after_fin, streams(odd.after_fin, "data behind a FIN")),
            (
                outside.rst_payload,
                format!("{} in a RST", count(outside.rst_payload, "byte")),
            ),
            (
                outside.before_start,
                format!("{} before the start", count(outside.before_start, "byte")),
            ),
            (
                outside.urgent,
                format!("{} taken out of line", count(outside.urgent, "byte")),
            ),
            (
                outside.refused,
                format!("{} refused by a limit", count(outside.refused, "byte")),
            ),
        ]
    }

    /// Two sums that must hold, and do.
    pub(super) fn account(&self, out: &mut dyn Write) -> io::Result<()> {
        let (account, transport) = (self.stats.total.account, self.stats.total.transport);
        title(out, "Every byte")?;
        let mut grid = Grid::new(
            2,
            &[
                ("", Column::Left),
                ("", Column::Right),
                ("", Column::Right),
                ("", Column::Left),
            ],
        );
        let mut line = |sign: &str, n: u64, of: u64, what: &str| {
            let plain = vec![
                sign.to_owned(),
                Grouped(n).to_string(),
                percent(n, of),
                what.to_owned(),
            ];
            grid.row(Style::new(), plain);
        };
        let (payload, bytes) = (transport.payload_bytes, transport.bytes);
        line("", payload, payload, "TCP payload captured");
        for (n, what) in [
            (transport.retransmitted_bytes, "that came again"),
            (transport.outside.total(), "outside the streams"),
        ] {
            if n > 0 {
                line("-", n, payload, what);
            }
        }
        line("=", bytes, bytes, "stream bytes, of which");
        for (n, what) in parts(account) {
            if n > 0 {
                line("+", n, bytes, what);
            }
        }
        grid.write(out)?;
        let gaps = self.stats.total.gap_total();
        if gaps.count > 0 {
            let text = format!(
                "{} missing in {}",
                count(gaps.bytes, "byte"),
                count(gaps.count, "gap")
            );
            items(out, "beside them", &[text])?;
        }
        let sum = bytes + transport.retransmitted_bytes + transport.outside.total();
        if account.total() != bytes || sum != payload {
            writeln!(
                out,
                "  {WRONG}These sums do not add up: a defect of deframe, please report it.{WRONG:#}"
            )?;
        }
        Ok(())
    }
}

/// What stream bytes are in.
fn parts(account: Account) -> [(u64, &'static str); 7] {
    [
        (account.frames, "in frames"),
        (account.faults, "in faults"),
        (
            account.leading,
            "leading: before the first frame of a stream whose start was not captured",
        ),
        (account.cut, "cut: in frames that a gap cut"),
        (
            account.unfinished,
            "unfinished: in frames still open when the capture ended",
        ),
        (
            account.unrecognised,
            "unrecognised: in streams without any frame",
        ),
        (account.unselected, "not between --from and --to"),
    ]
}
