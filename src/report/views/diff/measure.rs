//! What is compared above the frames: numbers of both sides, and the size of the change.

use deframe::analysis::{Counts, Stats};
use serde::{Serialize, Serializer};

use super::View;
use crate::report::text::{Grouped, duration};

/// A change of order is reported if it is this many standard deviations away from chance.
const SURE: f64 = 4.0;

/// A number with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    Count(u64),
    /// A part of a whole.
    Share(u64, u64),
    Nanos(Option<u64>),
}

/// A number of each side.
#[derive(Clone, Debug)]
pub struct Measure {
    pub group: &'static str,
    pub name: String,
    pub a: Quantity,
    pub b: Quantity,
    /// Less of a change than this, in percent, is noise for people.
    pub noise: f64,
}

impl Quantity {
    pub fn unit(self) -> &'static str {
        match self {
            Quantity::Count(_) => "count",
            Quantity::Share(..) => "share",
            Quantity::Nanos(_) => "ns",
        }
    }

    fn number(self) -> Option<f64> {
        match self {
            Quantity::Count(n) => Some(n as f64),
            Quantity::Share(_, 0) => None,
            Quantity::Share(part, whole) => Some(part as f64 / whole as f64),
            Quantity::Nanos(nanos) => nanos.map(|nanos| nanos as f64),
        }
    }

    pub fn text(self) -> String {
        match self {
            Quantity::Count(n) => Grouped(n).to_string(),
            Quantity::Share(part, whole) => crate::report::text::percent(part, whole),
            Quantity::Nanos(nanos) => nanos.map_or("-".to_owned(), duration),
        }
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match *self {
            Quantity::Count(n) => to.serialize_u64(n),
            Quantity::Nanos(nanos) => nanos.serialize(to),
            Quantity::Share(..) => self.number().serialize(to),
        }
    }
}

impl Measure {
    fn count(group: &'static str, name: impl Into<String>, a: u64, b: u64) -> Self {
        Self {
            group,
            name: name.into(),
            a: Quantity::Count(a),
            b: Quantity::Count(b),
            noise: 0.0,
        }
    }

    /// B by A, where that says something.
    pub fn ratio(&self) -> Option<f64> {
        let (a, b) = (self.a.number()?, self.b.number()?);
        (a > 0.0).then_some(b / a)
    }

    /// The size of the change: `+12 (+3.4 %)`, `new`, `gone`, `+2.1 points`, `×2.5`; nothing if it is noise.
    pub fn change(&self) -> Option<String> {
        let (a, b) = (self.a.number(), self.b.number());
        if a == b {
            return None;
        }
        let (Some(a), Some(b)) = (a, b) else {
            return Some(if a.is_none() { "new" } else { "gone" }.to_owned());
        };
        let percent = (b / a - 1.0) * 100.0;
        if a > 0.0 && percent.abs() <= self.noise {
            return None;
        }
        let relative = match b / a {
            ratio if ratio >= 3.0 => format!("×{ratio:.1}"),
            _ if percent.abs() < 0.1 => format!("{}<0.1 %", if percent < 0.0 { "−" } else { "+" }),
            _ => format!(
                "{}{:.1} %",
                if percent < 0.0 { "−" } else { "+" },
                percent.abs()
            ),
        };
        let sign = if b < a { "−" } else { "+" };
        Some(match self.a {
            Quantity::Share(..) => format!("{sign}{:.1} points", (b - a).abs() * 100.0),
            _ if a == 0.0 => "new".to_owned(),
            _ if b == 0.0 => "gone".to_owned(),
            Quantity::Count(_) => {
                format!("{sign}{} ({relative})", Grouped((b - a).abs() as u64))
            }
            Quantity::Nanos(_) => relative,
        })
    }
}

/// All measures in the order in which they are shown.
pub fn measures(view: &View<'_>) -> Vec<Measure> {
    let (a, b) = (&view.a.stats, &view.b.stats);
    let mut all = Vec::new();
    let at = |list: &[u64], at: usize| list.get(at).copied().unwrap_or(0);
    for (kind, frame) in view.protocol.frames.iter().enumerate() {
        let (x, y) = (at(&a.total.frames, kind), at(&b.total.frames, kind));
        all.push(Measure::count("frames", &frame.name, x, y));
    }
    for (nth, message) in view.protocol.messages.iter().enumerate() {
        let (x, y) = (at(&a.total.messages, nth), at(&b.total.messages, nth));
        all.push(Measure::count("messages", &message.name, x, y));
    }
    for (nth, kind) in Counts::KINDS.into_iter().enumerate() {
        let name = kind.name();
        let (x, y) = (at(&a.total.faults, nth), at(&b.total.faults, nth));
        all.push(Measure::count("faults", name, x, y));
    }
    let rate = |stats: &Stats| {
        let faults = stats.total.fault_count();
        Quantity::Share(faults, faults + stats.total.frame_count())
    };
    all.push(share("faults", "share of all frames", rate(a), rate(b)));
    orders(view, &mut all);
    delivery(a, b, &mut all);
    intervals(view, &mut all);
    all
}

fn share(group: &'static str, name: &str, a: Quantity, b: Quantity) -> Measure {
    Measure {
        group,
        name: name.to_owned(),
        a,
        b,
        noise: 0.0,
    }
}

/// What follows what, where that changed.
fn orders(view: &View<'_>, all: &mut Vec<Measure>) {
    let kinds = view.protocol.frames.len();
    let after =
        |order: &[u64], kind: usize| -> u64 { order.iter().skip(kind * kinds).take(kinds).sum() };
    for (at, (x, y)) in view.a.order.iter().zip(&view.b.order).enumerate() {
        let (from, to) = (at / kinds, at % kinds);
        let (all_x, all_y) = (after(&view.a.order, from), after(&view.b.order, from));
        if deviations((*x, all_x), (*y, all_y)) >= SURE {
            all.push(share(
                "order",
                &format!("{} → {}", view.kind(from), view.kind(to)),
                Quantity::Share(*x, all_x),
                Quantity::Share(*y, all_y),
            ));
        }
    }
}

/// How far apart two shares are, in standard deviations of what chance would do (the two-proportion z-test).
fn deviations((x, of_x): (u64, u64), (y, of_y): (u64, u64)) -> f64 {
    let (of_x, of_y) = (of_x.max(1) as f64, of_y.max(1) as f64);
    let all = (x + y) as f64 / (of_x + of_y);
    let spread = (all * (1.0 - all) * (1.0 / of_x + 1.0 / of_y)).sqrt();
    let apart = (x as f64 / of_x - y as f64 / of_y).abs();
    if spread > 0.0 { apart / spread } else { 0.0 }
}

fn delivery(a: &Stats, b: &Stats, all: &mut Vec<Measure>) {
    let split = |stats: &Stats| {
        let delivery = &stats.total.delivery;
        Quantity::Share(delivery.split, delivery.split + delivery.whole)
    };
    let coalesced = |stats: &Stats| {
        Quantity::Share(
            stats.total.delivery.coalesced,
            stats.total.delivery.segments,
        )
    };
    all.push(share("delivery", "split frames", split(a), split(b)));
    all.push(share(
        "delivery",
        "coalesced segments",
        coalesced(a),
        coalesced(b),
    ));
    let sent = |stats: &Stats| stats.total.transport.retransmitted_segments;
    all.push(Measure::count(
        "delivery",
        "retransmitted segments",
        sent(a),
        sent(b),
    ));
    let gaps = |stats: &Stats| stats.total.gap_total();
    all.push(Measure::count("gaps", "gaps", gaps(a).count, gaps(b).count));
    all.push(Measure::count(
        "gaps",
        "bytes missing",
        gaps(a).bytes,
        gaps(b).bytes,
    ));
}

fn intervals(view: &View<'_>, all: &mut Vec<Measure>) {
    for (kind, (a, b)) in view
        .a
        .stats
        .intervals
        .iter()
        .zip(&view.b.stats.intervals)
        .enumerate()
    {
        for (name, q, noise) in [("median", 0.5, 5.0), ("p99", 0.99, 25.0)] {
            all.push(Measure {
                group: "interval",
                name: format!("{} {name}", view.kind(kind)),
                a: Quantity::Nanos(a.quantile(q)),
                b: Quantity::Nanos(b.quantile(q)),
                noise,
            });
        }
    }
}
