//! `deframe simulate`: from its many options to a simulation, and the truth about it to a file.

mod args;
mod incidents;
mod names;
mod values;

use std::path::Path;

use deframe::{
    capture::{Resolution, Time, WriteFormat},
    protocol::Protocol,
    simulate::{self, Faults, Impairments, Isn, Profile, SimConfig},
};

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::{cannot_write, create, is_no_input},
    plan::named_protocol,
    stderr::say,
};
use crate::report::{
    output::Output,
    text::{count, size},
    views::truth,
};
pub use args::SimulateArgs;

pub fn run(args: &SimulateArgs, common: &Common) -> Result<Exit, Failure> {
    let protocol = named_protocol("--protocol", &args.protocol)?;
    fits(&args.mix, &protocol)?;
    let options = options(args);
    is_no_input(&args.output, &[], &args.protocol)?;
    let truth = truth_file(args)?;
    let mut out = create(&args.output)?;
    let mut made = None;
    out.with(|out| {
        made = Some(simulate::simulate(&options, &protocol.layout, out)?);
        Ok(())
    });
    out.finish().map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidInput => Failure(format!("simulate: {error}")),
        _ => cannot_write(Some(&args.output), &error),
    })?;
    // A closed pipe leaves nothing to report.
    let Some(made) = made else {
        return Ok(Exit::Success);
    };
    if let Some((path, mut out)) = truth {
        out.with(|out| truth::write(&made, &protocol, out));
        out.finish()
            .map_err(|error| cannot_write(Some(path), &error))?;
    }
    if common.quiet == 0 {
        let totals = &made.totals;
        say(&format!(
            "{}: {}, {}, {} sent, {} garbled",
            args.output.display(),
            size(totals.bytes),
            count(totals.packets, "packet"),
            count(totals.sent_frames.iter().sum(), "frame"),
            totals.faults
        ));
    }
    Ok(Exit::Success)
}

/// The file for the truth, opened before the work is done.
fn truth_file(args: &SimulateArgs) -> Result<Option<(&Path, Output)>, Failure> {
    let Some(path) = args.truth.as_deref() else {
        return Ok(None);
    };
    if path == args.output {
        return Err(Failure(format!(
            "--truth {}: is the capture; name another file",
            path.display()
        )));
    }
    is_no_input(path, &[], &args.protocol)?;
    let out = create(path)?;
    Ok(Some((path, out)))
}

/// Whether the weights fit the frame types of the protocol; none are all 1.
fn fits(mix: &[u32], protocol: &Protocol) -> Result<(), Failure> {
    let kinds: Vec<&str> = protocol.frames.iter().map(|kind| &*kind.name).collect();
    let wrong = if mix.is_empty() {
        return Ok(());
    } else if mix.len() != kinds.len() {
        format!(
            "{}, but {} has {}: {}",
            count(mix.len() as u64, "weight"),
            protocol.name,
            count(kinds.len() as u64, "frame type"),
            kinds.join(", ")
        )
    } else if mix.iter().all(|weight| *weight == 0) {
        "all weights are 0, so there is no frame to send".to_owned()
    } else {
        return Ok(());
    };
    let mix: Vec<String> = mix.iter().map(u32::to_string).collect();
    Err(Failure(format!("--mix {}: {wrong}", mix.join(","))))
}

fn options(args: &SimulateArgs) -> SimConfig {
    let size = args.size.unwrap_or(0);
    let base = args
        .profile
        .map_or_else(SimConfig::default, |name| Profile::from(name).options(size));
    SimConfig {
        seed: args.seed,
        devices: args.devices.unwrap_or(base.devices),
        connections: args.connections.unwrap_or(base.connections),
        // A size alone means: go on until it is reached.
        frames: args
            .frames
            .unwrap_or(if size > 0 { u64::MAX } else { base.frames }),
        size,
        messages: args.messages,
        mix: args.mix.clone(),
        payload: args.payload.into(),
        segmentation: args.segmentation.map_or(base.segmentation, Into::into),
        mss: args.mss,
        trouble: disturbances(args, &base.trouble),
        faults: Faults {
            bad_header: args.bad_header,
            bad_end_marker: args.bad_end_marker,
            short_frame: args.short_frame,
            long_frame: args.long_frame,
            junk: args.junk,
            truncate_end: args.truncate_end,
        },
        incidents: (&args.incidents).into(),
        handshake: !args.midstream,
        start_offset: args.start_offset.unwrap_or_default(),
        close: args.close.into(),
        one_way: args.one_way,
        acks: !args.no_acks,
        replies: args.replies,
        port_reuse: args.port_reuse,
        nat: args.nat,
        isn: match args.constant_isn {
            true => Isn::PerDevice,
            false => args.isn,
        },
        server_port: args.port,
        link: args.link.into(),
        vlans: args.vlan.clone(),
        ipv6: args.ipv6,
        format: WriteFormat {
            container: args.format.into(),
            endian: args.endian.into(),
            resolution: if args.nanoseconds {
                Resolution::Nanos
            } else {
                Resolution::Micros
            },
        },
        interfaces: args.interfaces,
        snaplen: args.snaplen,
        start: Time::from_nanos(args.start.saturating_mul(1_000_000_000)),
        interval: args.interval,
        truth: args.truth.is_some(),
        truth_payloads: args.truth.is_some(),
        ..base
    }
}

fn disturbances(args: &SimulateArgs, base: &Impairments) -> Impairments {
    Impairments {
        drop: args.drop.unwrap_or(base.drop),
        drop_burst: args.drop_burst,
        loss: args.loss.unwrap_or(base.loss),
        reorder: args.reorder.unwrap_or(base.reorder),
        reorder_by: args.reorder_by,
        retransmit: args.retransmit.unwrap_or(base.retransmit),
        partial_retransmit: args.partial_retransmit.unwrap_or(base.partial_retransmit),
        duplicate: args.duplicate.unwrap_or(base.duplicate),
        keepalive: args.keepalive.unwrap_or(base.keepalive),
        conflict: args.conflict.unwrap_or(base.conflict),
        bad_checksum: args.bad_checksum.unwrap_or(base.bad_checksum),
        ack_early: args.ack_early.unwrap_or(base.ack_early),
    }
}
