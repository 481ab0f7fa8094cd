//! `deframe protocol`: the library, a check of a description, a start for one, and a dissector from one.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use deframe::{
    capture::{CaptureSet, Input, ReadConfig, in_words},
    decode::DecodeConfig,
    framing::FrameTable,
    pipeline::{self, FrameRecord, Observer, RunConfig, Selection, StreamRef},
    protocol::{Protocol, STARTER, library},
    tcp::{Dir, TcpConfig},
    wireshark,
};

use super::{
    exit::{Exit, Failure},
    files::{cannot_write, open},
    format::{self, Format},
    plan::named_protocol,
};
use crate::report::{output::Output, views::protocols};

/// `protocol`.
#[derive(Debug, Args)]
pub struct ProtocolArgs {
    #[command(subcommand)]
    command: ProtocolCommand,
}

#[derive(Debug, Subcommand)]
enum ProtocolCommand {
    /// The protocols that are built in.
    List {
        /// Output format.
        #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(&[Format::Table, Format::JSON]))]
        format: Format,
    },
    /// The description of a protocol that is built in: TOML, on stdout.
    Show {
        /// Its name.
        name: String,
    },
    /// Checks a description: what it says, or what is wrong with it, where, and what to write instead.
    Check {
        /// A TOML file, `-` for standard input.
        file: PathBuf,
    },
    /// A description to start from, with a word on each key: TOML, on stdout.
    #[command(after_long_help = "\
Example:
  deframe protocol new > mine.toml && $EDITOR mine.toml && deframe protocol check mine.toml")]
    New,
    /// A dissector for Wireshark and tshark that shows the same frames: Lua, on stdout.
    #[command(after_long_help = "\
Examples:
  deframe protocol wireshark mine.toml > mine.lua
  tshark -2 -X lua_script:mine.lua -r field.pcap -Y df_mine
  deframe protocol wireshark fd --port 9000 -o fd.lua
  deframe protocol wireshark fd --for field.pcap -o fd.lua")]
    Wireshark {
        /// The name of a protocol that is built in, or a TOML file.
        #[arg(value_name = "NAME|FILE")]
        protocol: String,
        /// TCP port of the devices, instead of those of the description; may be given several times.
        #[arg(long, value_name = "PORT")]
        port: Vec<u16>,
        /// Capture whose servers' ports, those with frames of the protocol, become the dissector's ports; may be given
        /// several times.
        #[arg(long = "for", value_name = "CAPTURE", conflicts_with = "port")]
        captures: Vec<PathBuf>,
        /// Output file; it appears when it is complete.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

pub fn run(args: &ProtocolArgs) -> Result<Exit, Failure> {
    let text = match &args.command {
        ProtocolCommand::List { format } => list(*format)?,
        ProtocolCommand::Show { name } => show(name)?,
        ProtocolCommand::Check { file } => check(file)?,
        ProtocolCommand::New => STARTER.to_owned(),
        ProtocolCommand::Wireshark {
            protocol,
            port,
            captures,
            output,
        } => {
            return dissector(protocol, port, captures, output.as_deref());
        }
    };
    let out = match &args.command {
        ProtocolCommand::List {
            format: Format::Table,
        }
        | ProtocolCommand::Check { .. } => Output::people(),
        _ => Output::stdout(),
    };
    print(&text, out)
}

fn print(text: &str, mut out: Output) -> Result<Exit, Failure> {
    out.with(|out| out.write_all(text.as_bytes()));
    out.finish().map_err(|error| cannot_write(None, &error))?;
    Ok(Exit::Success)
}

fn list(format: Format) -> Result<String, Failure> {
    let protocols = library()
        .map(|entry| Protocol::parse(entry.text, entry.name))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(match format {
        Format::Table => protocols::table(&protocols),
        Format::Records(_) => protocols::json(&protocols)?,
    })
}

fn show(name: &str) -> Result<String, Failure> {
    let entry = library().find(|entry| entry.name == name);
    let entry = entry.ok_or_else(|| {
        Failure(format!(
            "no protocol {name} is built in; `deframe protocol list` shows those that are"
        ))
    })?;
    Ok(entry.text.to_owned())
}

fn check(file: &Path) -> Result<String, Failure> {
    let name = file.display().to_string();
    let text = if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(file)
    };
    let text = text.map_err(|error| Failure(format!("{name}: {}", in_words(&error))))?;
    let protocol = Protocol::parse(&text, &name)?;
    FrameTable::new(&protocol.layout).map_err(|error| Failure(format!("{name}: {error}")))?;
    Ok(protocols::summary(&name, &protocol))
}

fn dissector(
    name: &str,
    ports: &[u16],
    captures: &[PathBuf],
    output: Option<&Path>,
) -> Result<Exit, Failure> {
    let mut protocol = named_protocol("protocol wireshark", name)?;
    if !ports.is_empty() {
        protocol.ports = ports.to_vec();
    }
    if !captures.is_empty() {
        protocol.ports = ports_of(&protocol, captures)?;
    }
    let text = wireshark::dissector(&protocol);
    let mut out = open(output, captures, name)?;
    out.with(|out| out.write_all(text.as_bytes()));
    out.finish().map_err(|error| cannot_write(output, &error))?;
    Ok(Exit::Success)
}

/// The servers' ports of the streams in which frames are found.
#[derive(Default)]
struct ServerPorts(BTreeSet<u16>);

impl Observer for ServerPorts {
    fn frame(&mut self, origin: StreamRef<'_>, _frame: &FrameRecord<'_>) {
        let server = match origin.id.dir {
            Dir::C2s => origin.begin.dst,
            Dir::S2c => origin.begin.src,
        };
        self.0.insert(server.port);
    }
}

/// The ports on which captures have frames of a protocol, whatever ports its description names.
fn ports_of(protocol: &Protocol, captures: &[PathBuf]) -> Result<Vec<u16>, Failure> {
    let table = FrameTable::new(&protocol.layout)
        .map_err(|error| Failure(format!("protocol {}: {error}", protocol.name)))?;
    let config = RunConfig {
        table: Arc::new(table),
        selection: Selection::default(),
        decode: DecodeConfig::default(),
        tcp: TcpConfig::default(),
    };
    let inputs = captures.iter().cloned().map(Input::Path).collect();
    let mut set = CaptureSet::new(inputs, ReadConfig::default());
    let mut ports = ServerPorts::default();
    pipeline::run(&mut set, &config, &mut ports, &mut |_| {});
    if let Some(problem) = set.table().iter().find_map(|info| info.problem.as_ref()) {
        return Err(Failure(problem.to_string()));
    }
    if ports.0.is_empty() {
        let names: Vec<_> = captures
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Failure(format!(
            "{}: no frame of {} found; `deframe identify` finds the protocol of each port",
            names.join(", "),
            protocol.name
        )));
    }
    Ok(ports.0.into_iter().collect())
}
