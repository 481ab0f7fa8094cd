//! The example server on a real socket.

#[allow(dead_code)] // its `main`
#[path = "../../examples/live_server.rs"]
mod example;

use std::{
    io::Write,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use deframe::{
    framing::{FaultKind, FrameTable, Message},
    protocol::Protocol,
};
use example::{Received, Service, serve};

/// Longer than any pause that the server waits for.
const PATIENCE: Duration = Duration::from_secs(20);

fn started() -> (SocketAddr, Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("its number");
    let (sender, received) = mpsc::channel();
    thread::spawn(move || {
        serve(&listener, &Service::new(&Protocol::fd()), move |_, what| {
            drop(sender.send(what))
        })
    });
    (at, received)
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
    Service::new(&Protocol::fd())
        .message
        .expect("it has one")
        .encode(&payloads(fill), &mut bytes)
        .expect("payloads that fit");
    bytes
}

/// What the server emits of one message sent at `offset`.
fn expected(fill: u8, offset: u64) -> Vec<Received> {
    let message = Message {
        offset,
        payloads: payloads(fill).into_iter().map(Into::into).collect(),
    };
    let frame = |kind, at, length| Received::Frame {
        kind,
        offset: offset + at,
        length,
    };
    vec![
        frame(0, 0, 154),
        frame(1, 154, 194),
        frame(2, 348, 196),
        Received::Message(message),
    ]
}

fn next(received: &Receiver<Received>, n: usize) -> Vec<Received> {
    (0..n)
        .map(|_| received.recv_timeout(PATIENCE).expect("something received"))
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
        let (at, received) = started();
        let mut stream = connect(at);
        let mut from = 0;
        for &cut in cuts.iter() {
            send(&mut stream, &bytes[from..cut]);
            from = cut;
        }
        send(&mut stream, &bytes[from..]);
        let want: Vec<Received> = [expected(1, 0), expected(4, 544), expected(7, 1088)]
            .into_iter()
            .flatten()
            .collect();
        assert_eq!(next(&received, 12), want, "cut at {cuts:?}");
    }
}

#[test]
fn a_lone_short_frame_is_taken_after_a_pause() {
    let (at, received) = started();
    let mut stream = connect(at);
    send(&mut stream, &message(1)[154..348]);
    // The connection stays open: nothing but the pause says that no longer frame comes of it.
    assert_eq!(
        next(&received, 1),
        [Received::Frame {
            kind: 1,
            offset: 0,
            length: 194
        }]
    );
    send(&mut stream, &message(4));
    assert_eq!(next(&received, 4), expected(4, 194));
}

#[test]
fn a_fault_and_a_frame_cut_off_by_the_end() {
    let (at, received) = started();
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
    want.push(Received::Fault {
        kind: FaultKind::Junk,
        offset: 544,
        length: 9,
    });
    want.extend(expected(4, 553));
    want.push(Received::Fault {
        kind: FaultKind::Truncated,
        offset: 1097,
        length: 100,
    });
    assert_eq!(next(&received, 10), want);
}

#[test]
fn connections_do_not_disturb_each_other() {
    let (at, received) = started();
    let (mut a, mut b) = (connect(at), connect(at));
    let bytes = message(1);
    send(&mut a, &bytes[..200]);
    send(&mut b, &bytes[..300]);
    send(&mut a, &bytes[200..]);
    send(&mut b, &bytes[300..]);
    let messages = next(&received, 8)
        .into_iter()
        .filter(|t| matches!(t, Received::Message(m) if m.offset == 0));
    assert_eq!(messages.count(), 2);
}

/// A frame of C37.118 with this many bytes.
fn synchrophasor(size: usize) -> Vec<u8> {
    let table = FrameTable::new(&Protocol::named("c37118").unwrap().layout).unwrap();
    let mut frame = Vec::new();
    let payload = vec![7; size - table_header()];
    table
        .encode(0, &payload, &mut frame)
        .expect("a payload that fits");
    frame
}

/// Bytes of the header of C37.118 frames.
fn table_header() -> usize {
    Protocol::named("c37118").unwrap().layout.frames[0].header_len()
}

/// Memory resident of this process, in bytes; none where the system does not say.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kib << 10)
}

/// A peer that sends beginnings of large frames, 20 KB/s, until it is stopped.
fn attack(at: SocketAddr, stop: &AtomicBool) {
    let mut stream = connect(at);
    let pattern = [0xAA, 0x01, 0x1F, 0xF1].repeat(256);
    while !stop.load(Ordering::Relaxed) {
        stream.write_all(&pattern).expect("bytes taken");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The longest time from a frame sent to the frame received, of 40.
fn longest_delay(at: SocketAddr, received: &Receiver<(SocketAddr, Received)>) -> Duration {
    let mut stream = connect(at);
    let honest = stream.local_addr().expect("its address");
    let frame = synchrophasor(200);
    let mut longest = Duration::ZERO;
    for _ in 0..40 {
        let sent = Instant::now();
        stream.write_all(&frame).expect("bytes taken");
        loop {
            let (peer, what) = received.recv_timeout(PATIENCE).expect("the frame");
            if peer == honest {
                assert!(
                    matches!(what, Received::Frame { length: 200, .. }),
                    "{what:?}"
                );
                break;
            }
        }
        longest = longest.max(sent.elapsed());
        thread::sleep(Duration::from_millis(20));
    }
    longest
}

#[test]
fn an_honest_device_among_200_hostile_peers() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let at = listener.local_addr().expect("its number");
    let (sender, received) = mpsc::channel();
    thread::spawn(move || {
        let service = Service::new(&Protocol::named("c37118").unwrap());
        serve(&listener, &service, move |peer, what| {
            drop(sender.send((peer, what)))
        })
    });
    let before = resident();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..200 {
            thread::Builder::new()
                .stack_size(128 << 10)
                .spawn_scoped(scope, || attack(at, &stop))
                .expect("a thread");
        }
        thread::sleep(Duration::from_millis(500));
        // A machine that is busy with other things is given another chance.
        let delays: Vec<Duration> = (0..3).map(|_| longest_delay(at, &received)).collect();
        let grown = resident()
            .zip(before)
            .map(|(now, before)| now.saturating_sub(before));
        stop.store(true, Ordering::Relaxed);
        let best = delays.iter().min().expect("three of them");
        assert!(*best <= Duration::from_millis(100), "{delays:?}");
        // 200 connections of two threads each, a read buffer and four times the largest frame.
        assert!(
            grown.is_none_or(|bytes| bytes < 200 << 18),
            "{grown:?} bytes"
        );
    });
}
