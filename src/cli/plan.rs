//! What a command needs, made from what was typed: captures, protocol, selection; and what is said about them when
//! all is read.

use std::{fs, io, path::Path, rc::Rc, sync::Arc};

use deframe::{
    capture::{self, CaptureInfo, CaptureOrder, CaptureSet, in_words},
    decode::{self, Checksums, UdpTunnel},
    framing::FrameTable,
    pipeline::{self, MIN_SHARED_BYTES, Merge, Observer, Outcome},
    protocol::Protocol,
    tcp,
};

use super::{
    common::Common,
    exit::{Exit, Failure},
    files::stdout_is_no_input,
    follow::Tail,
    input::{FlowKeyPart, Input, Lengths, Urgent},
    notes::Notes,
    select,
    stderr::{Progress, say},
};

/// Everything that reading captures needs.
pub struct Plan {
    /// The protocol looked for.
    pub protocol: Rc<Protocol>,
    /// Names of the captures, as given.
    pub names: Rc<[String]>,
    /// The captures.
    pub captures: CaptureSet,
    /// What was asked for, beside the captures.
    pub options: pipeline::RunConfig,
    /// Whether the ports come from the protocol and not from the user.
    pub default_ports: bool,
    input: Input,
    common: Common,
}

impl Plan {
    /// Opens nothing but the protocol; the captures are opened as they are read.
    pub fn new(input: &Input, common: &Common) -> Result<Self, Failure> {
        stdout_is_no_input(&input.captures)?;
        let protocol = protocol(input)?;
        let table = FrameTable::new(&protocol.layout)
            .map_err(|error| Failure(format!("protocol {}: {error}", protocol.name)))?;
        let selection = select::selection(input, &protocol.ports)?;
        let stdin = input.captures.iter().filter(|path| is_stdin(path)).count();
        if stdin > 1 {
            return Err(Failure(
                "- is named twice: standard input can be read once only".to_owned(),
            ));
        }
        Ok(Self {
            default_ports: input.port.is_empty() && !protocol.ports.is_empty(),
            protocol: Rc::new(protocol),
            names: input
                .captures
                .iter()
                .map(|path| path.display().to_string())
                .collect(),
            captures: match input.follow {
                true => followed(input)?,
                false => captures(input),
            },
            options: pipeline::RunConfig {
                table: Arc::new(table),
                selection,
                decode: decode_config(input),
                tcp: tcp_config(input),
            },
            input: input.clone(),
            common: common.clone(),
        })
    }

    /// Reads everything. None if not one packet could be read: why is said, there is nothing to report, and the command
    /// ends with [`Exit::Failure`].
    pub fn run(&mut self, observer: &mut impl Observer) -> Option<Outcome> {
        let mut progress = Progress::new(self.captures.total_bytes(), self.common.quiet > 0);
        let outcome = pipeline::run(
            &mut self.captures,
            &self.options,
            observer,
            &mut |captures| {
                progress.show(captures.bytes_read());
            },
        );
        progress.clear();
        self.unless_unread(outcome)
    }

    /// Reads everything, with two threads where that is faster, and returns what `observer` observed. None as for
    /// [`Plan::run`].
    pub fn run_shared<O: Merge>(&mut self, observer: impl Fn() -> O) -> Option<(Outcome, O)> {
        // What stands there may be this process's input, which can be read once only.
        let device = self
            .input
            .captures
            .iter()
            .any(|path| is_stdin(path) || path.starts_with("/dev"));
        if device || self.input.follow {
            let mut observer = observer();
            return self.run(&mut observer).map(|outcome| (outcome, observer));
        }
        let mut progress = Progress::new(self.captures.total_bytes(), self.common.quiet > 0);
        let (captures, outcome, observer) = pipeline::run_shared(
            || captures(&self.input),
            &self.options,
            MIN_SHARED_BYTES,
            observer,
            &mut |captures| progress.show(captures.bytes_read()),
        );
        progress.clear();
        self.captures = captures;
        self.unless_unread(outcome)
            .map(|outcome| (outcome, observer))
    }

    /// The outcome, unless not one packet could be read, which is reported here.
    fn unless_unread(&self, outcome: Outcome) -> Option<Outcome> {
        let failed = |capture: &CaptureInfo| capture.problem.is_some();
        if outcome.decode.packets == 0 && self.captures.table().iter().any(failed) {
            self.close(&outcome, None, false);
            return None;
        }
        Some(outcome)
    }

    /// What there is to say about the captures; `frames` if it was frames that were searched for.
    pub fn notes<'a>(&'a self, outcome: &'a Outcome, frames: Option<u64>) -> Notes<'a> {
        Notes {
            captures: self.captures.table(),
            protocol: &self.protocol.name,
            selection: &self.options.selection,
            default_ports: self.default_ports,
            outcome,
            frames,
        }
    }

    /// Says on stderr what is to be said of the captures, and what the exit status is, `found` or worse.
    pub fn close(&self, outcome: &Outcome, frames: Option<u64>, found: bool) -> Exit {
        let notes = self.notes(outcome, frames);
        if self.common.quiet < 2 {
            for error in notes.errors() {
                say(&error);
            }
        }
        if self.common.quiet < 1 {
            for warning in notes.warnings(self.common.verbose > 0) {
                say(&warning);
            }
        }
        let table = self.captures.table();
        let trouble = table.iter().any(|capture| {
            capture.problem.is_some() || self.input.strict && capture.truncated.is_some()
        });
        match (trouble, found) {
            (true, _) => Exit::Failure,
            (false, true) => Exit::Found,
            (false, false) => Exit::Success,
        }
    }
}

/// The captures that were named, none of them opened yet.
fn captures(input: &Input) -> CaptureSet {
    CaptureSet::new(
        input.captures.iter().map(|path| source(path)).collect(),
        read_config(input),
    )
}

/// The same, and what is added to the last one or follows it.
fn followed(input: &Input) -> Result<CaptureSet, Failure> {
    let mut paths = input.captures.clone();
    let tail = Tail::new(&mut paths)?;
    let inputs = paths.iter().map(|path| source(path)).collect();
    Ok(CaptureSet::follow(inputs, read_config(input), tail))
}

fn read_config(input: &Input) -> capture::ReadConfig {
    capture::ReadConfig {
        max_record: input.max_record,
        max_window: input.max_window,
        order: match input.in_order_given {
            true => CaptureOrder::AsGiven,
            false => CaptureOrder::ByTime,
        },
    }
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new("-")
}

fn source(path: &Path) -> capture::Input {
    if is_stdin(path) {
        let read = Box::new(io::stdin());
        return capture::Input::Reader {
            name: "-".to_owned(),
            read,
        };
    }
    capture::Input::Path(path.to_owned())
}

/// The protocol that was asked for by this argument: a known name, or a file.
pub fn named_protocol(argument: &str, name: &str) -> Result<Protocol, Failure> {
    if let Some(protocol) = Protocol::named(name) {
        return Ok(protocol);
    }
    let text = fs::read_to_string(name).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Failure(format!(
            "{argument} {name}: neither a known protocol nor a file; `deframe protocol list` shows the known ones"
        )),
        _ => Failure(format!("{argument} {name}: {}", in_words(&error))),
    })?;
    Ok(Protocol::parse(&text, name)?)
}

fn protocol(input: &Input) -> Result<Protocol, Failure> {
    let protocol = named_protocol("--protocol", &input.protocol)?;
    Ok(match input.lengths {
        Lengths::Payload => protocol,
        Lengths::Frame => protocol.with_lengths_as_frame()?,
    })
}

fn decode_config(input: &Input) -> decode::DecodeConfig {
    let vxlan = input.vxlan_port.iter();
    let vxlan = vxlan.map(|&port| (port, UdpTunnel::Vxlan));
    decode::DecodeConfig {
        tunnel_ports: vxlan.chain(UdpTunnel::PORTS.iter().copied()).collect(),
        checksums: if input.verify_checksums {
            Checksums::Drop
        } else {
            Checksums::Count
        },
        ..decode::DecodeConfig::default()
    }
}

fn tcp_config(input: &Input) -> tcp::TcpConfig {
    tcp::TcpConfig {
        key_vlan: input.flow_key.contains(&FlowKeyPart::Vlan),
        key_vni: input.flow_key.contains(&FlowKeyPart::Vni),
        urgent: match input.urgent {
            Urgent::Inline => tcp::Urgent::Inline,
            Urgent::Oob => tcp::Urgent::Oob,
        },
        ..tcp::TcpConfig::default()
    }
}
