//! The findings on top: who is to blame, a line or two for each, the most important first.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use deframe::diagnosis::{Finding, Severity, Share};
use serde::Serialize;

use super::{
    Report,
    numbers::{EXACT, Map},
};
use crate::report::{
    records::values::Shown,
    text::{
        Escaped, Rfc3339, count,
        style::{MISSING, TITLE, WRONG, columns, width},
    },
};

/// Lines for all findings together.
const MAX_LINES: usize = 10;

/// What is as it should be.
const FINE: Style = AnsiColor::Green.on_default();

/// `deframe.finding/1`.
#[derive(Serialize)]
pub struct FindingShape<'a> {
    schema: &'static str,
    culprit: &'static str,
    cause: &'static str,
    severity: &'static str,
    count: u64,
    share: Option<Map<&'static str, Value>>,
    streams: Vec<StreamShape>,
    more_streams: u64,
    first_packet: Option<u64>,
    last_packet: Option<u64>,
    time: Option<Shown<Rfc3339>>,
    text: &'a str,
    next: &'a str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Number(u64),
    Text(&'static str),
}

#[derive(Serialize)]
struct StreamShape {
    connection: u64,
    dir: &'static str,
    src: Shown<deframe::decode::Addr>,
    sport: u16,
    dst: Shown<deframe::decode::Addr>,
    dport: u16,
}

impl<'a> From<&'a Finding> for FindingShape<'a> {
    fn from(finding: &'a Finding) -> Self {
        let share = |share: Share| {
            Map(vec![
                ("of", Value::Number(share.of.min(EXACT))),
                ("what", Value::Text(share.what)),
            ])
        };
        let streams = finding.streams.iter().map(|stream| StreamShape {
            connection: stream.connection,
            dir: stream.dir.name(),
            src: Shown(stream.src.addr),
            sport: stream.src.port,
            dst: Shown(stream.dst.addr),
            dport: stream.dst.port,
        });
        Self {
            schema: "deframe.finding/1",
            culprit: finding.cause.culprit().name(),
            cause: finding.cause.name(),
            severity: finding.severity.name(),
            count: finding.count.min(EXACT),
            share: finding.share.map(share),
            streams: streams.collect(),
            more_streams: finding.more_streams,
            first_packet: finding.first_packet,
            last_packet: finding.last_packet,
            time: finding.time.map(|time| Shown(Rfc3339(time))),
            text: &finding.text,
            next: &finding.next,
        }
    }
}

impl Report<'_> {
    /// The findings alone.
    pub fn findings(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{TITLE}Findings{TITLE:#}")?;
        if self.findings.is_empty() {
            return self.nothing_found(out);
        }
        let texts: Vec<_> = self.findings.iter().map(lines).collect();
        let mut left = MAX_LINES;
        for (at, (finding, lines)) in self.findings.iter().zip(&texts).enumerate() {
            // The last line says how many are not shown.
            let rest = self.findings.len() - at;
            if lines.len() + usize::from(rest > 1) > left {
                let more = count(rest as u64, "more finding");
                return writeln!(out, "  {more}: `deframe stats --format json`");
            }
            left -= lines.len();
            let style = style(finding.severity);
            for (nth, line) in lines.iter().enumerate() {
                let key = if nth == 0 {
                    finding.severity.name()
                } else {
                    ""
                };
                writeln!(out, "  {style}{key:<KEY$}{style:#}{line}")?;
            }
        }
        Ok(())
    }

    /// One line where there is nothing to find.
    fn nothing_found(&self, out: &mut dyn Write) -> io::Result<()> {
        let total = &self.stats.total;
        let text = match total.frame_count() {
            0 => "none".to_owned(),
            frames => format!(
                "none: {} in {}, every one whole, in order and a segment of its own",
                count(frames, "frame"),
                count(
                    self.stats.streams.len() as u64 + self.stats.dropped.streams,
                    "stream"
                ),
            ),
        };
        writeln!(out, "  {FINE}{text}{FINE:#}")
    }
}

/// Columns of the severity.
const KEY: usize = 9;

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Fault => WRONG,
        Severity::Warning => MISSING,
        Severity::Info => Style::new(),
    }
}

/// A finding, broken between words.
fn lines(finding: &Finding) -> Vec<String> {
    let cause = finding.cause;
    let text = format!(
        "{}.{}: {}",
        cause.culprit().name(),
        cause.name(),
        Escaped(&finding.text)
    );
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| columns(line));
        if line > 0 && line + columns(word) + 1 + KEY + 2 > width() {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}
