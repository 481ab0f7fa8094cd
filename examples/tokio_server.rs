//! A server for the device protocol on tokio: every connection a task, every frame and fault an item.
//!
//! `cargo run --features tokio --example tokio_server [PORT]` listens on 127.0.0.1 (port 9000 if none is given).

use std::{env, io, sync::Arc, time::Duration};

use deframe::{
    codec::{FrameCodec, Frames, Item},
    framing::{FrameTable, MessageAssembler, MessageLayout},
    protocol::Protocol,
};
use tokio::net::{TcpListener, TcpStream};

/// Silence after which a complete frame is taken, though a longer one could still come of it.
const PAUSE: Duration = Duration::from_millis(200);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = env::args().nth(1).map_or(Ok(9000), |port| port.parse())?;
    let protocol = Arc::new(Protocol::fd());
    let table = Arc::new(FrameTable::new(&protocol.layout)?);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (socket, peer) = listener.accept().await?;
        let (protocol, table) = (Arc::clone(&protocol), Arc::clone(&table));
        tokio::spawn(async move {
            if let Err(error) = serve(socket, &protocol, table).await {
                eprintln!("{peer}: {error}");
            }
        });
    }
}

async fn serve(socket: TcpStream, protocol: &Protocol, table: Arc<FrameTable>) -> io::Result<()> {
    let report = &protocol.messages[0];
    let layout = MessageLayout::new(Arc::clone(&table), &protocol.layout.messages[0])
        .map_err(io::Error::other)?;
    let mut messages = MessageAssembler::new(&layout);
    let mut frames = Frames::new(socket, FrameCodec::new(table), PAUSE);
    while let Some(item) = frames.next().await? {
        match item {
            Item::Frame(frame) => {
                println!(
                    "{} at byte {}",
                    protocol.frames[frame.kind].name, frame.offset
                );
                if let Some(message) = messages.frame(&frame.as_framing()) {
                    println!("{} at byte {}", report.name, message.offset);
                }
            }
            Item::Fault(fault) => println!(
                "{} at byte {}, {} bytes",
                fault.kind.name(),
                fault.offset,
                fault.length
            ),
            _ => {}
        }
    }
    Ok(())
}
