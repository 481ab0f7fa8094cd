//! The library's descriptions, run by the framer over streams written by hand: two frames of each protocol, whole.

use std::sync::Arc;

use deframe::{
    framing::{Event, FrameTable, Framer, StreamEnd, StreamStart},
    protocol::{Protocol, STARTER, library},
};

/// What the framer finds, marks at the beginning: `type:size`, a `!` behind a wrong checksum, `?size` for the rest.
fn found(protocol: &Protocol, stream: &[u8]) -> String {
    let table = Arc::new(FrameTable::new(&protocol.layout).expect("a layout that can be framed"));
    let mut framer = Framer::new(table, StreamStart::Known);
    let mut found = Vec::new();
    let mut emit = |event: Event<'_>| match event {
        Event::Frames(run) => found.extend(run.iter().map(|frame| {
            let mark = if frame.checksum_ok { "" } else { "!" };
            let name = &protocol.frames[frame.kind].name;
            format!("{name}:{}{mark}", frame.bytes.len())
        })),
        Event::Fault(fault) => found.push(format!("?{}", fault.length)),
        Event::Skip(skip) => found.push(format!("?{}", skip.length)),
    };
    framer.mark();
    framer.feed(stream, &mut emit);
    framer.finish(StreamEnd::Closed, &mut emit);
    found.join(" ")
}

#[test]
fn frames_of_the_library() {
    let rows: &[(&str, &[u8], &str)] = &[
        (
            "modbus",
            b"\0\x01\0\0\0\x06\x11\x03\0\x6b\0\x03\0\x01\0\0\0\x03\x11\x83\x02",
            "adu:12 adu:9",
        ),
        (
            "iec104",
            b"\x68\x04\x07\0\0\0\x68\x04\x0b\0\0\0",
            "apdu:6 apdu:6",
        ),
        (
            "tpkt",
            b"\x03\0\0\x07\x02\xf0\x80\x03\0\0\x05\xff",
            "tpkt:7 tpkt:5",
        ),
        ("mqtt", b"\xc0\0\x30\x03\0\x01a", "packet:2 packet:5"),
        (
            "amqp",
            b"\x08\0\0\0\0\0\0\xce\x01\0\0\0\0\0\x01x\xce",
            "frame:8 frame:9",
        ),
        (
            "bgp",
            &[&[0xff; 16][..], b"\0\x13\x04"].concat(),
            "message:19",
        ),
        ("hl7", b"\x0bMSH|\x1c\r\x0bMSA\x1c\r", "message:7 message:6"),
        ("irc", b"PING x\r\n\r\n", "message:8 message:2"),
        (
            "melsoft",
            &[&[0x57; 19][..], b"\x01\0x", &[0xd7; 19], b"\0\0"].concat(),
            "request:22 response:21",
        ),
        (
            "genisys",
            b"\xfb\x01\xf6\xf2\x01\xf0\x06\xf6",
            "message:3 message:5",
        ),
        (
            "dlms",
            b"\0\x01\0\x01\0\x10\0\x01x\0\x01\0\x10\0\x01\0\0",
            "wpdu:9 wpdu:8",
        ),
        (
            "dlms-hdlc",
            b"\x7e\xa0\x07\x03\x21\x93\x0f\x01\x7e\x7e\xa0\x07\x03\x21\x93\x0f\x01\x7e",
            "frame:9 frame:9",
        ),
        ("fox", b"fox a 0 -1 fox hello\n{\n};;\n", "message:27"),
        ("zabbix", b"ZBXD\x01\x02\0\0\0\0\0\0\0ok", "packet:15"),
        (
            "knxnet",
            b"\x06\x10\x02\x05\0\x06\x06\x10\x02\x06\0\x08\x01\0",
            "frame:6 frame:8",
        ),
        (
            "slmp",
            b"\x50\0\0\xff\xff\x03\0\x02\0\x10\0\xd0\0\0\xff\xff\x03\0\x02\0\0\0",
            "request:11 response:11",
        ),
        ("syslog", b"<13>a\n<13>b\n", "message:6 message:6"),
        ("rfc6587", b"5 <13>a12 <13>01234567", "message:7 message:15"),
        ("line", b"a\nb\r\n\r\n", "line:5 line:2"),
        ("netstring", b"5:hello,0:,", "netstring:8 netstring:3"),
        ("int8", b"\x02ab\0", "frame:3 frame:1"),
        ("int16", b"\0\x02ab\0\0", "frame:4 frame:2"),
        ("int32", b"\0\0\0\x02ab\0\0\0\0", "frame:6 frame:4"),
    ];
    for (name, stream, want) in rows {
        let protocol = Protocol::named(name).unwrap_or_else(|| panic!("no protocol {name}"));
        assert_eq!(found(&protocol, stream), *want, "{name}");
    }
}

#[test]
fn every_layout_of_the_library_can_be_framed() {
    for entry in library() {
        let protocol = Protocol::named(entry.name).unwrap_or_else(|| panic!("{}", entry.name));
        FrameTable::new(&protocol.layout).unwrap_or_else(|error| panic!("{}: {error}", entry.name));
    }
    let starter = Protocol::parse(STARTER, "starter").unwrap_or_else(|error| panic!("{error}"));
    FrameTable::new(&starter.layout).unwrap_or_else(|error| panic!("starter: {error}"));
}

#[test]
fn the_device_protocol_by_both_readings_of_length() {
    let frame =
        |header: [u8; 2], size: usize| [&header[..], &vec![0; size - 4], &[0xcc, 0xdd]].concat();
    let message = |realtime, first, second| {
        [
            frame([0xfd, 0xaa], realtime),
            frame([0xfd, 0xcc], first),
            frame([0xfd, 0xcc], second),
        ]
        .concat()
    };
    let fd = Protocol::fd();
    assert_eq!(
        found(&fd, &message(154, 194, 196)),
        "realtime:154 extra190:194 extra192:196"
    );
    let fd = fd
        .with_lengths_as_frame()
        .expect("the lengths of fd can be read so");
    assert_eq!(
        found(&fd, &message(150, 190, 192)),
        "realtime:150 extra190:190 extra192:192"
    );
}
