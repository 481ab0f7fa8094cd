//! The example server on a real socket.

#[allow(dead_code)] // its `main`
#[path = "../../examples/live_server.rs"]
mod example;

use std::{
    io::Write,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use deframe::framing::{FaultKind, Message};
use example::{Told, device_protocol, serve};

/// Longer than any pause that the server waits for.
const PATIENCE: Duration = Duration::from_secs(20);

fn started() -> (SocketAddr, Receiver<Told>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("its number");
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        serve(&listener, &device_protocol(), move |_, what| {
            drop(tell.send(what))
        })
    });
    (at, told)
}

fn connect(at: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(at).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    stream
}

fn send(stream: &mut TcpStream, bytes: &[u8]) {
    stream.write_all(bytes).expect("bytes taken");
    // So that the pieces arrive as pieces; what is expected holds if they do not.
    thread::sleep(Duration::from_millis(3));
}

fn payloads(fill: u8) -> Vec<Vec<u8>> {
    vec![vec![fill; 150], vec![fill + 1; 190], vec![fill + 2; 192]]
}

fn message(fill: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    device_protocol()
        .encode(&payloads(fill), &mut bytes)
        .expect("payloads that fit");
    bytes
}

/// What the server tells of one message sent at `offset`.
fn expected(fill: u8, offset: u64) -> Vec<Told> {
    let message = Message {
        offset,
        payloads: payloads(fill).into_iter().map(Into::into).collect(),
    };
    let frame = |kind, at, length| Told::Frame {
        kind,
        offset: offset + at,
        length,
    };
    vec![
        frame(0, 0, 154),
        frame(1, 154, 194),
        frame(2, 348, 196),
        Told::Message(message),
    ]
}

fn next(told: &Receiver<Told>, n: usize) -> Vec<Told> {
    (0..n)
        .map(|_| told.recv_timeout(PATIENCE).expect("something told"))
        .collect()
}

#[test]
fn messages_in_awkward_pieces() {
    let bytes = [message(1), message(4), message(7)].concat();
    let rows: &[&[usize]] = &[
        &[],
        &[1],
        &[153, 155],
        &[154, 347, 348, 349],
        &[543, 545, 546],
        &[542, 1090],
        &[2, 4, 6, 8],
    ];
    for cuts in rows {
        let (at, told) = started();
        let mut stream = connect(at);
        let mut from = 0;
        for &cut in cuts.iter() {
            send(&mut stream, &bytes[from..cut]);
            from = cut;
        }
        send(&mut stream, &bytes[from..]);
        let want: Vec<Told> = [expected(1, 0), expected(4, 544), expected(7, 1088)]
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(next(&told, 12), want, "cut at {cuts:?}");
    }
}

#[test]
fn a_lone_short_frame_is_taken_after_a_pause() {
    let (at, told) = started();
    let mut stream = connect(at);
    send(&mut stream, &message(1)[154..348]);
    // The connection stays open: nothing but the pause says that no longer frame comes of it.
    assert_eq!(
        next(&told, 1),
        [Told::Frame {
            kind: 1,
            offset: 0,
            length: 194
        }]
    );
    send(&mut stream, &message(4));
    assert_eq!(next(&told, 4), expected(4, 194));
}

#[test]
fn a_fault_and_a_frame_cut_off_by_the_end() {
    let (at, told) = started();
    let mut stream = connect(at);
    send(
        &mut stream,
        &[
            message(1),
            vec![0xFD; 9],
            message(4),
            message(7)[..100].to_vec(),
        ]
        .concat(),
    );
    drop(stream);
    let mut want = expected(1, 0);
    want.push(Told::Fault {
        kind: FaultKind::Junk,
        offset: 544,
        length: 9,
    });
    want.extend(expected(4, 553));
    want.push(Told::Fault {
        kind: FaultKind::Truncated,
        offset: 1097,
        length: 100,
    });
    assert_eq!(next(&told, 10), want);
}

#[test]
fn connections_do_not_disturb_each_other() {
    let (at, told) = started();
    let (mut a, mut b) = (connect(at), connect(at));
    let bytes = message(1);
    send(&mut a, &bytes[..200]);
    send(&mut b, &bytes[..300]);
    send(&mut a, &bytes[200..]);
    send(&mut b, &bytes[300..]);
    let messages = next(&told, 8)
        .into_iter()
        .filter(|t| matches!(t, Told::Message(m) if m.offset == 0));
    assert_eq!(messages.count(), 2);
}
