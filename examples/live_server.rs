//! A server for the device protocol: every connection gets a framer, every message a call.
//!
//! `cargo run --example live_server [PORT]` listens on 127.0.0.1 (port 9000 if none is given) and prints what it gets.

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

/// Silence after which a frame that is complete is taken, though a longer one could still come of it.
const PAUSE: Duration = Duration::from_millis(200);

/// What a connection brought.
#[derive(Debug, PartialEq, Eq)]
pub enum Told {
    /// A valid frame, as soon as it is known to be one.
    Frame {
        /// Index of its type in the layout.
        kind: usize,
        /// Bytes of the connection before it.
        offset: u64,
        /// All of its bytes.
        length: usize,
    },
    /// A frame that completed a message.
    Message(Message),
    /// Bytes that are no frame.
    Fault {
        /// What is wrong with them.
        kind: FaultKind,
        /// Bytes of the connection before them.
        offset: u64,
        /// How many.
        length: u64,
    },
}

/// The frame types of the device protocol and the message that they make: the same description that captures are read by.
pub fn device_protocol() -> MessageLayout {
    let protocol = Protocol::fd();
    let table = FrameTable::new(&protocol.layout).expect("a description that is built in");
    let message = protocol.messages.first().expect("it has a message");
    MessageLayout::new(Arc::new(table), &message.frames).expect("frame types that there are")
}

/// Accepts connections for ever, each in a thread of its own, and calls `told` for all that they bring.
pub fn serve<F>(listener: &TcpListener, layout: &MessageLayout, told: F) -> io::Result<()>
where
    F: Fn(SocketAddr, Told) + Clone + Send + 'static,
{
    for stream in listener.incoming() {
        let (stream, layout, told) = (stream?, layout.clone(), told.clone());
        thread::spawn(move || {
            let Ok(peer) = stream.peer_addr() else { return };
            if let Err(error) = read(stream, &layout, &mut |what| told(peer, what)) {
                eprintln!("{peer}: {error}");
            }
        });
    }
    Ok(())
}

/// Reads a connection to its end.
fn read(
    mut stream: TcpStream,
    layout: &MessageLayout,
    told: &mut impl FnMut(Told),
) -> io::Result<()> {
    stream.set_read_timeout(Some(PAUSE))?;
    let mut framer = Framer::new(Arc::clone(layout.table()), StreamStart::Known);
    let mut messages = MessageAssembler::new(layout);
    let mut emit = |event: Event<'_>| {
        if let Event::Fault(f) = event {
            told(Told::Fault {
                kind: f.kind,
                offset: f.offset,
                length: f.length,
            });
        }
        for frame in event.frames() {
            told(Told::Frame {
                kind: frame.kind,
                offset: frame.offset,
                length: frame.bytes.len(),
            });
            if let Some(message) = messages.frame(&frame) {
                told(Told::Message(message));
            }
        }
    };
    let mut buffer = [0; 16 * 1024];
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
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    println!("listening on {}", listener.local_addr()?);
    serve(&listener, &device_protocol(), |peer, told| match told {
        Told::Frame { .. } => {}
        Told::Message(m) => {
            let sizes: Vec<usize> = m.payloads.iter().map(|p| p.len()).collect();
            println!(
                "{peer}: message at byte {}, payloads of {sizes:?} bytes",
                m.offset
            );
        }
        Told::Fault {
            kind,
            offset,
            length,
        } => println!("{peer}: {kind:?} at byte {offset}, {length} bytes"),
    })?;
    Ok(())
}
