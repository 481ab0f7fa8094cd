//! Makes captures of devices that speak a protocol, with every kind of trouble, and says what is in them.
//!
//! Deterministic: the same seed and options give the same bytes, on every machine. It streams: memory grows with the
//! number of connections, not with the capture, unless the truth is wanted. Knows how packets are written and how
//! frames look; nothing of how either is read, so that tests set one against the other.
//!
//! ```
//! use deframe::{framing, simulate};
//! # fn layout() -> framing::Layout {
//! #     let header = framing::Pattern { value: vec![0xfd, 0xaa], mask: vec![0xff; 2] };
//! #     let size = framing::Size::Fixed(154);
//! #     let frame = framing::FrameLayout {
//! #         headers: vec![header], size, end: vec![0xcc, 0xdd], min: 154, max: 154, checksum: None,
//! #     };
//! #     framing::Layout { frames: vec![frame], ..framing::Layout::default() }
//! # }
//! let layout = layout();
//! let options = simulate::SimConfig { devices: 2, frames: 10, ..Default::default() };
//! let mut capture = Vec::new();
//! let truth = simulate::simulate(&options, &layout, &mut capture)?;
//! assert_eq!(truth.totals.frames, [20]);
//! # std::io::Result::Ok(())
//! ```

mod blocks;
mod device;
mod hosts;
mod incidents;
mod options;
mod packet;
mod profile;
mod ranges;
mod rng;
mod segments;
mod sender;
mod truth;
mod wire;

#[cfg(test)]
mod tests;

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, binary_heap::PeekMut},
    io::{self, Write},
};

pub use incidents::{Incident, Incidents};
pub use options::{
    Close, Faults, Impairments, Isn, Link, Payload, Segmentation, SimConfig, StartOffset,
};
pub use profile::Profile;
pub use truth::{Counts, Fault, FaultKind, Frame, Gap, Lost, Stream, Totals, Truth};

use self::{
    device::Recipe,
    options::LAST_TIME,
    packet::{Builder, Host},
    rng::Rng,
    sender::{Connection, Context},
};
use crate::{
    capture::{Interface, Writer},
    decode::{Addr, Endpoint},
    framing::Layout,
};

/// Writes the capture to `out` (buffered here, flushed at the end) and says what it holds. The devices speak the protocol
/// of the layout, whose frame types must be of fixed size, with a header, without checksum.
///
/// Errors: `InvalidInput` for options that contradict themselves or a protocol whose frames cannot be made up; those
/// of `out`.
pub fn simulate<W: Write>(options: &SimConfig, layout: &Layout, out: W) -> io::Result<Truth> {
    options.check()?;
    let recipe = Recipe::new(options, layout)?;
    let link = options.link.link_type();
    let mut out = Writer::new(out, options.format, link, options.snaplen)?;
    for _ in 1..options.interfaces {
        out.add_interface(Interface {
            snaplen: options.snaplen,
            ..Interface::new(link)
        })?;
    }
    let sent_frames = vec![0; layout.frames.len()];
    let builder = Builder::new(options);
    let mut context = Context {
        options,
        recipe,
        builder,
        out,
        seen: 0,
        sent_frames,
        faults: 0,
    };
    let mut truth = Truth::default();
    if options.truth {
        truth.totals.frames = vec![0; layout.frames.len()];
    }
    run(&mut context, layout, &mut truth)?;
    let totals = &mut truth.totals;
    totals.packets = context.out.packets();
    totals.bytes = context.out.bytes();
    totals.sent_frames = context.sent_frames;
    totals.faults = context.faults;
    context.out.finish()?;
    truth
        .streams
        .sort_by_key(|stream| (stream.connection.is_none(), stream.connection));
    Ok(truth)
}

/// Lets every device do its next thing at its time.
fn run<W: Write>(
    context: &mut Context<'_, W>,
    layout: &Layout,
    truth: &mut Truth,
) -> io::Result<()> {
    let options = context.options;
    let mut times = Rng::new(options.seed, u64::MAX);
    let start = |device| {
        let time = options.start.nanos() + times.below(options.interval.max(1)) as i64;
        Connection::new(options, device, 0, time)
    };
    let mut connections: Vec<Connection> = (0..options.devices).map(start).collect();
    let next = |(at, one): (usize, &Connection)| one.next().map(|time| Reverse((time, at)));
    let mut heap: BinaryHeap<_> = connections.iter().enumerate().filter_map(next).collect();
    while let Some(mut top) = heap.peek_mut() {
        let Reverse((time, at)) = *top;
        let connection = &mut connections[at];
        connection.step(context)?;
        if connection.next().is_none() {
            let full = options.size > 0 && context.out.bytes() >= options.size;
            let (device, nth) = (connection.device, connection.nth + 1);
            let again = nth < options.connections && !full && time < LAST_TIME;
            let pause = times.between(options.interval, options.interval.saturating_mul(2));
            let new = again.then(|| Connection::new(options, device, nth, time + pause as i64));
            let ended = match new {
                Some(new) => std::mem::replace(connection, new),
                // Its place stays, but the heap forgets it: memory of it is given back.
                None => std::mem::replace(connection, Connection::new(options, device, nth, time)),
            };
            end(ended, options, layout, truth);
            if !again {
                PeekMut::pop(top);
                continue;
            }
        }
        if let Some(next) = connections[at].next() {
            top.0.0 = next;
        }
    }
    Ok(())
}

/// A connection is over: its part of the truth.
fn end(ended: Connection, options: &SimConfig, layout: &Layout, truth: &mut Truth) {
    let sent = ended.sent();
    let captured = ended.captured.count(0, sent);
    let holes = ended.captured.holes(sent);
    let totals = &mut truth.totals;
    totals.connections += 1;
    totals.sent += sent;
    totals.captured += captured;
    totals.gaps += holes.len() as u64;
    totals.gap_bytes += sent - captured;
    totals.counts += ended.counts;
    let endpoints = [&ended.client, &ended.server].map(|host| endpoint(host, options.ipv6));
    let (connection, first_packet, last_packet) =
        ended.seen.map_or((None, 0, 0), |(number, first, last)| {
            (Some(number), first, last)
        });
    let reverse = ended.replied();
    let Some(mut notes) = ended.notes else { return };
    let faults = std::mem::take(&mut notes.faults);
    let (frames, lost) = truth::judge(*notes, &ended.captured);
    let messages = truth::messages(&frames, &layout.messages);
    for frame in &frames {
        totals.frames[frame.kind] += 1;
    }
    totals.lost += lost.len() as u64;
    totals.messages += messages.len() as u64;
    let gaps = holes.into_iter().map(|(offset, length)| Gap {
        offset,
        length,
        visible: ended.evidence.saturating_sub(offset).min(length),
    });
    truth.streams.push(Stream {
        connection,
        nth: ended.nth,
        client: endpoints[0],
        server: endpoints[1],
        syn: ended.syn,
        fin: ended.fin,
        rst: ended.rst,
        base_seq: ended.isn.wrapping_add(1),
        first_packet,
        last_packet,
        sent,
        captured,
        leading: ended.leading,
        reverse,
        frames,
        lost,
        faults,
        gaps: gaps.collect(),
        messages,
        incidents: ended.incidents,
        counts: ended.counts,
    });
}

fn endpoint(host: &Host, ipv6: bool) -> Endpoint {
    let [.., a, b, c, d] = host.addr;
    let addr = if ipv6 {
        Addr::v6(host.addr)
    } else {
        Addr::v4([a, b, c, d])
    };
    Endpoint {
        addr,
        port: host.port,
    }
}
