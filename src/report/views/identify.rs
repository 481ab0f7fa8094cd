//! What `identify` found: a line for each protocol and port, the evidence, and a draft for what is unknown.

use anstyle::Style;
use deframe::identify::{Draft, Identified, Known, Match, Sample};
use serde::Serialize;

use crate::report::text::{
    Escaped, Grouped, count,
    grid::{Column, Grid},
    percent, size,
};

/// Everything that is reported.
pub struct Identification {
    pub samples: Vec<Sample>,
    pub known: Vec<Known>,
    pub identified: Vec<Identified>,
    /// What was drafted for each, at the same index.
    pub drafts: Vec<Drafted>,
    /// Streams that were too many to look at.
    pub left_out: u64,
}

/// What came of drafting a description.
pub enum Drafted {
    Draft(Draft),
    /// No structure shows.
    Nothing,
    NotTried,
}

/// `deframe.identified/1`
#[derive(Serialize)]
pub struct Record<'a> {
    schema: &'static str,
    port: u16,
    protocol: Option<&'a str>,
    streams: usize,
    first_connection: Option<u64>,
    bytes: u64,
    frames: Option<u64>,
    explained: Option<f64>,
    bits: Option<f64>,
    chained: Option<u64>,
    aligned: Option<u64>,
    checksums: Option<u64>,
    own_port: Option<bool>,
    runner_up: Option<&'a str>,
    runner_up_explained: Option<f64>,
    runner_up_bits: Option<f64>,
    framing: Option<&'a str>,
    draft: Option<&'a str>,
}

impl Identification {
    fn name(&self, found: Option<&Match>) -> Option<&str> {
        let known = self.known.get(found?.protocol)?;
        Some(&known.protocol.name)
    }

    /// One record for each group of streams, for programs.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.identified
            .iter()
            .enumerate()
            .map(|(index, identified)| {
                let best = identified.best.as_ref();
                let fit = best.map(|best| best.fit);
                let next = identified.runner_up.as_ref();
                Record {
                    schema: "deframe.identified/1",
                    port: identified.port,
                    protocol: self.name(best),
                    streams: identified.samples.len(),
                    first_connection: identified
                        .samples
                        .iter()
                        .filter_map(|&at| self.samples.get(at))
                        .map(|s| s.connection)
                        .min(),
                    bytes: identified.bytes,
                    frames: fit.map(|fit| fit.frames),
                    explained: fit.map(|fit| round(fit.explained())),
                    bits: fit.map(|fit| round(fit.bits)),
                    chained: fit.map(|fit| fit.chained),
                    aligned: fit.map(|fit| fit.aligned),
                    checksums: fit.map(|fit| fit.sums),
                    own_port: best.map(|best| best.port),
                    runner_up: self.name(next),
                    runner_up_explained: next.map(|next| round(next.fit.explained())),
                    runner_up_bits: next.map(|next| round(next.fit.bits)),
                    framing: self.name(identified.framing.as_ref()),
                    draft: self.draft(index).map(|draft| draft.text.as_str()),
                }
            })
    }

    fn draft(&self, index: usize) -> Option<&Draft> {
        match self.drafts.get(index)? {
            Drafted::Draft(draft) => Some(draft),
            Drafted::Nothing | Drafted::NotTried => None,
        }
    }

    /// What to do about those that are unknown and have no draft.
    fn hints(&self, text: &mut String) {
        let mut before = "\n";
        for (identified, drafted) in self.identified.iter().zip(&self.drafts) {
            if identified.best.is_some() {
                continue;
            }
            let port = identified.port;
            let hint = match drafted {
                Drafted::Draft(_) => continue,
                Drafted::Nothing => {
                    "no structure shows: it is encrypted, compressed or text, or there is too little of it"
                }
                Drafted::NotTried if identified.framing.is_some() => {
                    "a stock framing fits, no known protocol does; --draft FILE drafts a description all the same"
                }
                Drafted::NotTried => "unknown as well; select it with --port for a draft",
            };
            text.push_str(&format!("{before}port {port}: {hint}\n"));
            before = "";
        }
    }

    /// For people.
    pub fn table(&self) -> String {
        if self.identified.is_empty() {
            return "no stream with data\n".to_owned();
        }
        let mut table = Grid::new(
            0,
            &[
                ("port", Column::Right),
                ("protocol", Column::Left),
                ("streams", Column::Right),
                ("looked at", Column::Right),
                ("frames", Column::Right),
                ("in frames", Column::Right),
                ("because", Column::End),
                ("runner-up", Column::Left),
            ],
        );
        for identified in &self.identified {
            let fit = identified.best.map(|best| best.fit);
            let name = self.name(identified.best.as_ref()).unwrap_or("unknown");
            let row = vec![
                identified.port.to_string(),
                Escaped(name).to_string(),
                Grouped(identified.samples.len() as u64).to_string(),
                size(identified.bytes),
                fit.map_or("-".to_owned(), |fit| Grouped(fit.frames).to_string()),
                fit.map_or("-".to_owned(), |fit| percent(fit.bytes, fit.judged)),
                self.why(identified),
                self.runner_up(identified),
            ];
            table.row(Style::new(), row);
        }
        let mut text = table.to_text();
        for (index, identified) in self.identified.iter().enumerate() {
            if let Some(draft) = self.draft(index) {
                let name = self.name(identified.best.as_ref()).unwrap_or("unknown");
                text.push_str(&format!("\nport {}, {}:\n", identified.port, Escaped(name)));
                for line in &draft.evidence {
                    text.push_str(&format!("  {}\n", Escaped(line)));
                }
                text.push_str("  a description drafted from that:\n\n");
                for line in draft.text.lines() {
                    text.push_str(&format!("    {}\n", Escaped(line)).replace("    \n", "\n"));
                }
            }
        }
        self.hints(&mut text);
        if self.left_out > 0 {
            text.push_str(&format!(
                "\n{} more were not looked at\n",
                count(self.left_out, "stream")
            ));
        }
        text
    }

    fn why(&self, identified: &Identified) -> String {
        let Some(best) = &identified.best else {
            return match self.name(identified.framing.as_ref()) {
                Some(name) => format!("framed like `{}`", Escaped(name)),
                None => "nothing known fits".to_owned(),
            };
        };
        let fit = &best.fit;
        let mut parts = Vec::new();
        if fit.sums > 0 {
            parts.push(count(fit.sums, "right checksum"));
        } else if fit.chained > 0 {
            parts.push(format!("{} in a row", Grouped(fit.chained)));
        } else {
            parts.push(format!("{} whole segments", Grouped(fit.aligned)));
        }
        if best.port {
            parts.push("its port".to_owned());
        }
        parts.join(", ")
    }

    fn runner_up(&self, identified: &Identified) -> String {
        let (Some(next), Some(name)) = (
            &identified.runner_up,
            self.name(identified.runner_up.as_ref()),
        ) else {
            return "-".to_owned();
        };
        format!(
            "{} {}",
            Escaped(name),
            percent(next.fit.bytes, next.fit.judged)
        )
    }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
