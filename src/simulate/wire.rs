//! A planned packet on the wire: its header, what the server and the capture make of it, and what is noted.

use std::io::{self, Write};

use super::{
    blocks,
    packet::Header,
    sender::{Connection, Context, Kind, Planned},
    truth::Brought,
};
use crate::{capture::Time, decode::Flags};

/// Receive window of both ends.
const WINDOW: u16 = 0xfaf0;
/// Time to live of all packets.
const TTL: u8 = 64;
/// Bytes of the server's answers, over and over.
const REPLY: &[u8] = b"OK\r\n";

impl Connection {
    /// Sends a planned packet, or lets it get lost.
    pub(super) fn emit<W: Write>(
        &mut self,
        mut planned: Planned,
        context: &mut Context<'_, W>,
    ) -> io::Result<()> {
        let options = context.options;
        let copy = planned.copy_of.is_some();
        if planned.kind == Kind::KeepAlive && !copy {
            if !self.idle() {
                return Ok(());
            }
            planned.offset = self.highest - 1;
        }
        let end = planned.offset + u64::from(planned.length);
        match planned.kind {
            _ if copy => {}
            Kind::Lost | Kind::Held | Kind::Dropped => {
                self.highest = self.highest.max(end);
                self.vanish(planned, options.trouble.reorder_by);
                return Ok(());
            }
            Kind::Data => {
                self.highest = self.highest.max(end);
                self.deliver(planned.offset, end);
                self.unacked += 1;
            }
            Kind::Reply => self.reply_seen = self.reply_seen.max(end),
            Kind::Fin => self.fin = true,
            Kind::ServerFin => self.server_fin = true,
            Kind::Rst => self.rst = true,
            Kind::Refusal | Kind::ServerRst => self.rst = !options.one_way,
            Kind::Garbled => self.highest = self.highest.max(end),
            _ => {}
        }
        if planned.kind.is_reply() && options.one_way {
            return Ok(());
        }
        let header = planned
            .copy_of
            .unwrap_or_else(|| self.header(&planned, options.trouble.bad_checksum));
        self.capture(&planned, &header, context)?;
        if !copy {
            self.afterwards(planned, header, context);
        }
        Ok(())
    }

    /// The capture does not see it here.
    fn vanish(&mut self, planned: Planned, reorder_by: u32) {
        match planned.kind {
            Kind::Lost => self.counts.lost += 1,
            Kind::Held => {
                self.counts.reordered += 1;
                self.hold(planned, reorder_by);
            }
            _ => {
                self.counts.dropped += 1;
                self.deliver(planned.offset, planned.offset + u64::from(planned.length));
                self.unacked += 1;
            }
        }
    }

    /// What a packet that was captured leads to.
    fn afterwards<W>(&mut self, planned: Planned, header: Header, context: &Context<'_, W>) {
        let options = context.options;
        if self.rng.chance(options.trouble.duplicate) {
            let time = planned.time + self.rng.between(1_000, 3_000) as i64;
            let hops = u8::from(options.incidents.routed_copies);
            let header = Header {
                ttl: header.ttl - hops,
                ..header
            };
            self.plan(Planned {
                time,
                copy_of: Some(header),
                ..planned
            });
        }
        if planned.kind == Kind::Data {
            self.overtaken(planned.time);
            self.aftermath(options, &planned);
            if options.acks && self.unacked >= 2 {
                self.plan_ack();
            }
        }
    }

    fn header(&mut self, planned: &Planned, bad_checksum: f64) -> Header {
        let here = self.isn.wrapping_add(1);
        let there = self.server_isn.wrapping_add(1);
        let sent = u32::from(self.fin);
        let to_client = there.wrapping_add(self.reply_seen as u32);
        let to_server = here.wrapping_add(self.received.contiguous() as u32);
        let at = planned.offset as u32;
        let (ack, psh) = (Flags::ACK, if planned.push { Flags::PSH } else { 0 });
        let (seq, ack, flags) = match planned.kind {
            Kind::Syn => (self.isn, 0, Flags::SYN),
            Kind::SynAck => (self.server_isn, here, Flags::SYN | ack),
            Kind::ClientAck => (
                here.wrapping_add(at).wrapping_add(sent),
                to_client.wrapping_add(self.server_fin.into()),
                ack,
            ),
            Kind::Fin => (here.wrapping_add(at), to_client, Flags::FIN | ack),
            Kind::Rst => (here.wrapping_add(at), to_client, Flags::RST | ack),
            Kind::ServerAck => (to_client, to_server, ack),
            Kind::EarlyAck => (to_client, here.wrapping_add(at), ack),
            Kind::Reply => (there.wrapping_add(at), to_server, ack | Flags::PSH),
            Kind::Refusal => (0, here, Flags::RST | ack),
            Kind::ServerRst => (to_client, to_server, Flags::RST | ack),
            Kind::ZeroWindow | Kind::WindowUpdate => (to_client, to_server, ack),
            Kind::Probe => (to_client.wrapping_sub(1), to_server, ack),
            Kind::ServerFin => (to_client, to_server.wrapping_add(sent), Flags::FIN | ack),
            _ => (here.wrapping_add(at), to_client, ack | psh),
        };
        let id = &mut self.ip_ids[usize::from(planned.kind.is_reply())];
        *id = id.wrapping_add(1);
        Header {
            seq,
            ack,
            flags: Flags(flags),
            ip_id: *id,
            clock: (planned.time / 1_000_000) as u32,
            bad_checksum: self.rng.chance(bad_checksum) || planned.kind == Kind::Garbled,
            window: match planned.kind {
                Kind::ZeroWindow | Kind::Refusal => 0,
                _ => WINDOW,
            },
            ttl: TTL,
        }
    }

    /// Writes the packet.
    fn capture<W: Write>(
        &mut self,
        planned: &Planned,
        header: &Header,
        context: &mut Context<'_, W>,
    ) -> io::Result<()> {
        let Context {
            options,
            builder,
            out,
            ..
        } = context;
        let length = planned.length as usize;
        let from = planned.offset.saturating_sub(self.base) as usize;
        let mut made = Vec::new();
        let payload = match planned.kind {
            Kind::Data | Kind::Repeat => &self.buf[from..from + length],
            Kind::Conflict => {
                made.extend(self.buf[from..from + length].iter().map(|byte| byte ^ 0xa5));
                &made
            }
            Kind::Garbled => {
                made.extend_from_slice(&self.buf[from..from + length]);
                let at = self.rng.below(length as u64) as usize;
                made[at] ^= 1 << self.rng.below(8);
                &made
            }
            Kind::Reply => {
                let at = planned.offset as usize % REPLY.len();
                made.extend(REPLY.iter().cycle().skip(at).take(length));
                &made
            }
            Kind::KeepAlive => &[0][..length],
            _ => &[],
        };
        let (src, dst) = match planned.kind.is_reply() {
            true => (&self.server, &self.client),
            false => (&self.client, &self.server),
        };
        let outgoing = planned.kind.is_reply();
        let built = builder.build(src, dst, header, payload, outgoing);
        let limit = if options.snaplen == 0 {
            usize::MAX
        } else {
            options.snaplen as usize
        };
        let kept = built.bytes.len().min(limit);
        let held = kept.saturating_sub(built.payload_at).min(length);
        let shift = match &options.incidents {
            incidents if out.packets() >= incidents.clock_step_after => incidents.clock_step,
            _ => 0,
        };
        let nanos = planned.time + shift;
        let time = Time::from_nanos(nanos);
        if self.rng.chance(options.incidents.other_blocks) {
            let (kind, body) = blocks::any(&mut self.rng, nanos, out.endian());
            out.block(kind, &body)?;
        }
        let wire_len = built.bytes.len() as u32;
        let cut = kept < built.bytes.len();
        let interface = self.device % options.interfaces;
        out.packet(Some(time), &built.bytes[..kept], wire_len, interface)?;
        let number = out.last_number();
        self.note_packet(planned, header, number, cut, &mut context.seen);
        if length > 0 && !planned.kind.is_reply() && planned.kind != Kind::Garbled {
            let unit = context.options.format.resolution.nanos();
            let time = Time::from_nanos(nanos - nanos.rem_euclid(unit));
            self.note_data(planned, held as u64, number, time);
        }
        Ok(())
    }

    fn note_packet(
        &mut self,
        planned: &Planned,
        header: &Header,
        number: u64,
        cut: bool,
        seen: &mut u64,
    ) {
        let counts = &mut self.counts;
        counts.packets += 1;
        counts.cut_short += u64::from(cut);
        counts.bad_checksums += u64::from(header.bad_checksum);
        if planned.copy_of.is_some() {
            counts.duplicates += 1;
        } else {
            match planned.kind {
                Kind::ServerAck | Kind::EarlyAck => counts.acks += 1,
                Kind::Reply => counts.replies += 1,
                Kind::KeepAlive => counts.keepalives += 1,
                Kind::Conflict => counts.conflicts += 1,
                Kind::Garbled => counts.bit_errors += 1,
                Kind::ZeroWindow => counts.zero_windows += 1,
                Kind::Probe => counts.probes += 1,
                _ => {}
            }
        }
        let first = self.seen.get_or_insert_with(|| {
            *seen += 1;
            (*seen - 1, number, number)
        });
        first.2 = number;
        let shown = match planned.kind {
            Kind::Fin => planned.offset,
            kind if kind.is_reply() && planned.copy_of.is_none() => match kind {
                Kind::EarlyAck => planned.offset,
                _ => self.received.contiguous(),
            },
            _ => 0,
        };
        self.evidence = self.evidence.max(shown);
    }

    /// Which bytes the capture holds now that it did not hold before.
    fn note_data(&mut self, planned: &Planned, held: u64, packet: u64, time: Time) {
        let (from, to) = (planned.offset, planned.offset + held);
        let end = self.captured.end();
        let mut fresh = 0;
        let mut early = false;
        let Self {
            captured, notes, ..
        } = self;
        captured.add(from, to, |from, to| {
            fresh += to - from;
            early |= from < end;
            if let Some(notes) = notes {
                notes.brought.push(Brought {
                    from,
                    to,
                    packet,
                    time,
                });
            }
        });
        let counts = &mut self.counts;
        counts.data += 1;
        counts.segments += u64::from(fresh > 0);
        counts.partial += u64::from(fresh > 0 && fresh < held);
        counts.out_of_order += u64::from(early);
        let again = matches!(planned.kind, Kind::Data | Kind::Repeat) && planned.copy_of.is_none();
        counts.retransmitted += u64::from(again && fresh == 0 && held > 0);
        if planned.kind != Kind::KeepAlive {
            self.evidence = self.evidence.max(from + u64::from(planned.length));
        }
    }
}
