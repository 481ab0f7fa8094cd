//! What happens to the connection as a whole: how it opens and ends, silences, a closed receive window.

use super::{Connection, Kind, Phase, Planned, ROUND_TRIP};
use crate::simulate::{Incident, options::SimConfig};

/// When an unanswered SYN is sent, in nanoseconds after the first (RFC 6298: 1 s, doubled).
const SYN_TIMES_NS: [i64; 3] = [0, 1_000_000_000, 3_000_000_000];
/// Intervals for which a receive window is closed.
const CLOSED_INTERVALS: i64 = 20;
/// Intervals for which a device is silent.
const SILENT_INTERVALS: i64 = 50;
/// Keep-alives of the server in a silence.
const PROBES: i64 = 3;

impl Connection {
    /// The handshake, or what takes its place.
    pub(super) fn opened(mut self, options: &SimConfig) -> Self {
        let incidents = &options.incidents;
        if incidents.reboot && self.nth > 0 {
            self.incidents.push(Incident::Rebooted);
        }
        if !options.handshake {
            return self;
        }
        let start = self.next_write;
        if self.rng.chance(incidents.refused) {
            let answer = start + self.rng.between(ROUND_TRIP / 2, ROUND_TRIP) as i64;
            self.plan(Planned::new(start, Kind::Syn, 0, 0));
            self.plan(Planned::new(answer, Kind::Refusal, 0, 0));
            return self.without_data(Incident::Refused);
        }
        if self.rng.chance(incidents.unanswered) {
            for after in SYN_TIMES_NS {
                self.plan(Planned::new(start + after, Kind::Syn, 0, 0));
            }
            return self.without_data(Incident::Unanswered);
        }
        self.syn = !self.rng.chance(incidents.drop_syn);
        let mut time = start;
        for kind in [Kind::Syn, Kind::SynAck, Kind::ClientAck] {
            if self.syn {
                self.plan(Planned::new(time, kind, 0, 0));
            }
            time += self.rng.between(ROUND_TRIP / 2, ROUND_TRIP) as i64;
        }
        if !self.syn {
            self.incidents.push(Incident::HandshakeMissed);
        }
        self.next_write = time;
        self.clock = time;
        self
    }

    fn without_data(mut self, incident: Incident) -> Self {
        self.syn = true;
        self.incidents.push(incident);
        self.phase = Phase::Closing;
        self
    }

    /// The packets that end the connection.
    pub(super) fn closing(&mut self, options: &SimConfig) -> &'static [Kind] {
        use super::Close;
        let incidents = &options.incidents;
        if self.rng.chance(incidents.server_reset) {
            self.incidents.push(Incident::ServerReset);
            return &[Kind::ServerRst];
        }
        match options.close {
            _ if incidents.reboot && self.nth + 1 < options.connections => &[],
            Close::Fin => &[Kind::Fin, Kind::ServerFin, Kind::ClientAck],
            Close::Rst => &[Kind::Rst],
            Close::None => &[],
        }
    }

    /// After a write: whether the device must or does pause. Returns the time before which it does not write.
    pub(super) fn pause(&mut self, options: &SimConfig) -> i64 {
        let incidents = &options.incidents;
        let interval = options.interval.max(1) as i64;
        let mut until = 0;
        if self.rng.chance(incidents.zero_window) && options.acks {
            let closed = self.clock + ROUND_TRIP as i64;
            let open = closed + CLOSED_INTERVALS * interval;
            self.plan(Planned::new(closed, Kind::ZeroWindow, 0, 0));
            self.plan(Planned::new(open, Kind::WindowUpdate, 0, 0));
            until = open + ROUND_TRIP as i64;
        }
        if self.rng.chance(incidents.silence) {
            let silent = SILENT_INTERVALS * interval;
            let from = self.clock.max(until);
            for nth in 1..=PROBES {
                let time = from + nth * silent / (PROBES + 1);
                self.plan(Planned::new(time, Kind::Probe, 0, 0));
                let answer = time + ROUND_TRIP as i64 / 2;
                self.plan(Planned::new(answer, Kind::ClientAck, self.planned_to, 0));
            }
            until = from + silent;
        }
        until
    }
}
