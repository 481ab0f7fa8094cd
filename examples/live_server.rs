//! A server for a device protocol: every connection gets a framer, every message a call.
//!
//! `cargo run --example live_server [PORT [PROTOCOL]]` listens on 127.0.0.1 (port 9000 and the device protocol `fd` if
//! none is given) and prints what it receives.

use std::{
    env,
    io::{self, ErrorKind, Read},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::Duration,
};

use deframe::{
    framing::{
        Event, FaultKind, FrameTable, Framer, Message, MessageAssembler, MessageLayout, StreamEnd,
        StreamStart,
    },
    protocol::Protocol,
};

/// Silence after which a frame that is complete is taken, though it could still become a longer one.
const PAUSE: Duration = Duration::from_millis(200);

/// Largest frame that a peer may send, in bytes, where the protocol would allow more. A connection costs at most four
/// times that, its read buffer and its thread.
const MAX_FRAME_BYTES: u64 = 8 << 10;

/// Bytes read at once.
const READ_BYTES: usize = 16 << 10;

/// What a connection brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Received {
    /// A valid frame, as soon as it is known to be one.
    Frame {
        /// Index of its type in the layout.
        kind: usize,
        /// Bytes of the connection before it.
        offset: u64,
        /// Number of its bytes.
        length: usize,
    },
    /// A message, complete with the frame before.
    Message(Message),
    /// Bytes that are no frame.
    Fault {
        /// What is wrong with them.
        kind: FaultKind,
        /// Bytes of the connection before them.
        offset: u64,
        /// Number of bytes.
        length: u64,
    },
}

/// What is served: frames, and messages if the protocol has one whose frames are of fixed size.
#[derive(Clone, Debug)]
pub struct Service {
    /// The frame types.
    pub table: Arc<FrameTable>,
    /// The first message.
    pub message: Option<MessageLayout>,
}

impl Service {
    /// For a protocol: the same description that captures are read by.
    pub fn new(protocol: &Protocol) -> Self {
        let table =
            FrameTable::new(&protocol.layout).expect("a layout that `protocol` has checked");
        let table = Arc::new(table);
        let message = |kinds: &Vec<usize>| MessageLayout::new(Arc::clone(&table), kinds).ok();
        Self {
            message: protocol.layout.messages.first().and_then(message),
            table,
        }
    }
}

/// Accepts connections for ever, each in a thread of its own, and calls `received` for all that they bring.
pub fn serve<F>(listener: &TcpListener, service: &Service, received: F) -> io::Result<()>
where
    F: Fn(SocketAddr, Received) + Clone + Send + 'static,
{
    for stream in listener.incoming() {
        let (stream, service, received) = (stream?, service.clone(), received.clone());
        thread::spawn(move || {
            let Ok(peer) = stream.peer_addr() else { return };
            if let Err(error) = read(stream, &service, &mut |what| received(peer, what)) {
                eprintln!("{peer}: {error}");
            }
        });
    }
    Ok(())
}

/// Reads a connection to its end.
fn read(
    mut stream: TcpStream,
    service: &Service,
    received: &mut impl FnMut(Received),
) -> io::Result<()> {
    stream.set_read_timeout(Some(PAUSE))?;
    let mut framer =
        Framer::new(Arc::clone(&service.table), StreamStart::Known).with_limit(MAX_FRAME_BYTES);
    let mut messages = service.message.as_ref().map(MessageAssembler::new);
    let mut emit = |event: Event<'_>| {
        if let Event::Fault(fault) = event {
            received(Received::Fault {
                kind: fault.kind,
                offset: fault.offset,
                length: fault.length,
            });
        }
        for frame in event.frames() {
            received(Received::Frame {
                kind: frame.kind,
                offset: frame.offset,
                length: frame.bytes.len(),
            });
            if let Some(message) = messages.as_mut().and_then(|m| m.frame(&frame)) {
                received(Received::Message(message));
            }
        }
    };
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => framer.feed(&buffer[..n], &mut emit),
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                framer.flush(&mut emit)
            }
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => {
                framer.finish(StreamEnd::Closed, &mut emit);
                return Err(e);
            }
        }
    }
    framer.finish(StreamEnd::Closed, &mut emit);
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = env::args().nth(1).map_or(Ok(9000), |port| port.parse())?;
    let name = env::args().nth(2).unwrap_or("fd".to_owned());
    let protocol = Protocol::named(&name).ok_or(format!("no protocol {name}"))?;
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    println!("listening on {}", listener.local_addr()?);
    serve(
        &listener,
        &Service::new(&protocol),
        |peer, received| match received {
            Received::Frame { .. } => {}
            Received::Message(message) => {
                let sizes: Vec<usize> = message.payloads.iter().map(|p| p.len()).collect();
                println!(
                    "{peer}: message at byte {}, payloads of {sizes:?} bytes",
                    message.offset
                );
            }
            Received::Fault {
                kind,
                offset,
                length,
            } => println!("{peer}: {kind:?} at byte {offset}, {length} bytes"),
        },
    )?;
    Ok(())
}
