//! The answer before the numbers: is it the device, the network, the server's reader, or only the capture?

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use deframe::{
    analysis::{Counts, GapCounts},
    decode::Group,
    tcp::GapCause,
};

use super::Report;
use crate::report::text::{
    Escaped, Grouped, count, percent, size,
    style::{MISSING, TITLE, WRONG, columns, width},
};

/// What is as it should be.
const FINE: Style = AnsiColor::Green.on_default();
/// What is worth knowing.
const PLAIN: Style = Style::new();

impl Report<'_> {
    pub(super) fn verdict(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{TITLE}Verdict{TITLE:#}")?;
        if let Some(why) = &self.nothing {
            say(out, WRONG, "no frames", why)?;
            for line in self.identified {
                say(out, PLAIN, "identify", line)?;
            }
        } else {
            self.device(out)?;
            self.reader(out)?;
        }
        self.missing(out)?;
        self.capture(out)
    }

    fn device(&self, out: &mut dyn Write) -> io::Result<()> {
        let total = &self.stats.total;
        let frames = count(total.frame_count(), "frame");
        match total.fault_count() {
            0 => say(
                out,
                FINE,
                "device",
                &format!("no fault beside {frames}: it sent what it should"),
            ),
            n => {
                let streams = self
                    .stats
                    .streams
                    .iter()
                    .filter(|stream| stream.faults > 0)
                    .count();
                let streams = count(streams as u64, "stream");
                let faults = count(n, "fault");
                let doubt = match total.conflict_faults {
                    0 => String::new(),
                    m => format!(
                        "; {} of them where bytes came twice and differed: that may be another's doing",
                        Grouped(m)
                    ),
                };
                let text = format!(
                    "{faults} beside {frames}, in {streams}: it sent broken frames (see `deframe errors`){doubt}"
                );
                say(out, WRONG, "device", &text)
            }
        }
    }

    fn reader(&self, out: &mut dyn Write) -> io::Result<()> {
        let (delivery, frames) = (&self.stats.total.delivery, self.stats.total.frame_count());
        let lost = frames.saturating_sub(delivery.first);
        if frames == 0 {
            return Ok(());
        }
        if lost == 0 {
            let text = "every frame begins its own segment and is whole: one read for one frame would do, here";
            return say(out, FINE, "server", text);
        }
        let share = percent(lost, frames);
        let text =
            format!("a server that takes one read for one frame would lose {share} of the frames");
        say(out, MISSING, "server", &text)
    }

    fn missing(&self, out: &mut dyn Write) -> io::Result<()> {
        for (cause, gaps) in Counts::CAUSES.into_iter().zip(self.stats.total.gaps) {
            let GapCounts {
                count: n @ 1..,
                bytes,
            } = gaps
            else {
                continue;
            };
            let gaps = format!("{} ({})", count(n, "gap"), size(bytes));
            let (who, text) = match cause {
                GapCause::NotCaptured => (
                    "capture",
                    format!(
                        "{gaps}: the capture missed packets that the peer acknowledged; nothing says the network lost them"
                    ),
                ),
                GapCause::LostOrLate => (
                    "network",
                    format!(
                        "{gaps}: never acknowledged, so lost on the way, or the capture ended before they came again"
                    ),
                ),
                GapCause::CutShort => (
                    "capture",
                    format!(
                        "{gaps}: cut off by the snap length of the capture; capture again without -s"
                    ),
                ),
            };
            say(out, MISSING, who, &text)?;
        }
        Ok(())
    }

    fn capture(&self, out: &mut dyn Write) -> io::Result<()> {
        let total = &self.stats.total;
        if total.delivery.oversized > 0 {
            let text = "segments larger than Ethernet carries: the capturing host merged them, so segment counts are not \
                        what the wire carried";
            say(out, MISSING, "capture", text)?;
        }
        let midstream = total.transport.odd.midstream;
        if midstream > 0 && total.account.leading > 0 {
            let text = format!("began in the middle of {}", count(midstream, "stream"));
            say(out, PLAIN, "capture", &text)?;
        }
        let decode = &self.outcome.decode;
        let lost = |group: &Group| *group == Group::Undecodable;
        let bad: u64 = decode
            .reasons()
            .filter(|(reason, _)| lost(&reason.group()))
            .map(|(_, count)| count.packets)
            .sum();
        if bad > 0 {
            let of = Grouped(decode.packets);
            let text = format!(
                "{} of {of} could not be decoded (see below)",
                count(bad, "packet")
            );
            say(out, MISSING, "capture", &text)?;
        }
        Ok(())
    }
}

/// A line of the verdict, broken between words where it is too long.
fn say(out: &mut dyn Write, style: Style, who: &str, text: &str) -> io::Result<()> {
    const KEY: usize = 11;
    let (mut who, mut line) = (who, String::new());
    let text = Escaped(text).to_string();
    for word in text.split(' ') {
        if columns(&line) + columns(word) + 1 + KEY + 2 > width() {
            writeln!(out, "  {style}{who:<KEY$}{style:#}{line}")?;
            (who, line) = ("", String::new());
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "  {style}{who:<KEY$}{style:#}{line}")
}
