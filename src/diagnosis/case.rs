//! What the rules judge.

use crate::{analysis::Stats, capture::CaptureInfo, pipeline::Outcome, protocol::Protocol};

/// Everything known of what was read.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What was counted.
    pub stats: &'a Stats,
    /// What became of the packets.
    pub outcome: &'a Outcome,
    /// The captures.
    pub captures: &'a [CaptureInfo],
    /// The protocol looked for.
    pub protocol: &'a Protocol,
    /// What was asked for.
    pub asked: &'a Asked,
}

/// What was asked for, and what is known if nothing was found.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Options and captures as they are typed behind a command, quoted for a shell.
    pub arguments: String,
    /// The ports are the protocol's own, not the user's.
    pub default_ports: bool,
    /// A time was selected.
    pub timed: bool,
    /// Name of the protocol that the streams carry instead, and the command line options that select it, if any.
    pub other_protocol: Option<(String, Option<String>)>,
    /// Frames that are found if the lengths in the description are those of whole frames.
    pub frames_by_whole_lengths: u64,
}

impl Case<'_> {
    /// Frames found.
    pub(super) fn frames(&self) -> u64 {
        self.stats.total.frame_count()
    }

    /// A command, ready to paste.
    pub(super) fn command(&self, command: &str) -> String {
        format!("deframe {command} {}", self.asked.arguments)
            .trim_end()
            .to_owned()
    }

    /// The same of one connection.
    pub(super) fn command_for(&self, command: &str, connection: Option<u64>) -> String {
        match connection {
            Some(number) => self.command(&format!("{command} --connection {number}")),
            None => self.command(command),
        }
    }

    /// The name of a frame type.
    pub(super) fn type_name(&self, kind: usize) -> &str {
        self.protocol
            .frames
            .get(kind)
            .map_or("a frame", |kind| &kind.name)
    }

    /// The fixed size nearest to a length: by how many bytes it is longer (negative: shorter), and of which type.
    pub(super) fn nearest_size(
        &self,
        length: u64,
        header_of: Option<usize>,
    ) -> Option<(i64, usize)> {
        let frames = &self.protocol.layout.frames;
        let headers = header_of
            .and_then(|kind| frames.get(kind))
            .map(|frame| &frame.headers);
        let sizes = frames.iter().enumerate().filter(|(_, frame)| {
            frame.min == frame.max && headers.is_none_or(|headers| *headers == frame.headers)
        });
        sizes
            .map(|(kind, frame)| (length as i64 - frame.max as i64, kind))
            .min_by_key(|(off, _)| off.unsigned_abs())
    }
}
