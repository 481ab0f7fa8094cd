//! Fields read out of frames: rows of description, bytes, what a person reads.

use super::super::*;

/// What a field of a frame of up to 64 bytes, with the end marker `FF`, reads; "-" for none.
fn read(lines: &str, frame: &[u8]) -> String {
    let text = format!(
        "name = \"p\"\n[[frame]]\nname = \"f\"\nheader = \"AA\"\nend = \"FF\"\nmax = 64\n[[frame.field]]\nname = \"v\"\n{lines}"
    );
    let protocol = Protocol::parse(&text, "p.toml").unwrap_or_else(|error| panic!("{error}"));
    protocol.frames[0].fields[0]
        .read(frame)
        .map_or("-".to_owned(), |value| value.to_string())
}

#[test]
fn fields_of_every_type() {
    let rows: &[(&str, &[u8], &str)] = &[
        ("offset = 1\ntype = \"u8\"", &[0xaa, 200], "200"),
        ("offset = 1\ntype = \"u8\"", &[0xaa], "-"),
        (
            "offset = 0\nfrom = \"payload\"\ntype = \"u16\"",
            &[0xaa, 1, 2],
            "258",
        ),
        (
            "offset = 1\ntype = \"u16\"\nendian = \"little\"",
            &[0xaa, 1, 2],
            "513",
        ),
        ("offset = 0\ntype = \"u24\"", &[1, 0, 0], "65536"),
        (
            "offset = 0\ntype = \"u48\"\nendian = \"little\"",
            &[0, 0, 0, 0, 0, 1],
            "1099511627776",
        ),
        (
            "offset = 0\ntype = \"u64\"",
            &[0xff; 8],
            "18446744073709551615",
        ),
        ("offset = 0\ntype = \"i8\"", &[0xff], "-1"),
        (
            "offset = 0\ntype = \"i16\"\nendian = \"little\"",
            &[0xfe, 0xff],
            "-2",
        ),
        ("offset = 0\ntype = \"i24\"", &[0x80, 0, 0], "-8388608"),
        (
            "offset = 0\ntype = \"i64\"",
            &[0x80, 0, 0, 0, 0, 0, 0, 0],
            "-9223372036854775808",
        ),
        ("offset = 0\ntype = \"f32\"", &[0x3f, 0xc0, 0, 0], "1.5"),
        (
            "offset = 0\ntype = \"f64\"\nendian = \"little\"",
            &[0, 0, 0, 0, 0, 0, 0xf8, 0x3f],
            "1.5",
        ),
        ("offset = 0\ntype = \"f32\"", &[0x7f, 0xc0, 0, 0], "NaN"),
        ("offset = 0\ntype = \"u8\"\nbit = 7", &[0x80], "1"),
        ("offset = 0\ntype = \"u8\"\nbits = 4", &[0xab], "11"),
        (
            "offset = 0\ntype = \"u8\"\nbit = 4\nbits = 4",
            &[0xab],
            "10",
        ),
        (
            "offset = 0\ntype = \"u16\"\nendian = \"little\"\nbit = 8\nbits = 8",
            &[1, 2],
            "2",
        ),
        (
            "offset = 0\ntype = \"u64\"\nbit = 63",
            &[0x80, 0, 0, 0, 0, 0, 0, 0],
            "1",
        ),
        (
            "offset = 0\ntype = \"i16\"\nscale = 0.5\nunit = \"V\"",
            &[0xff, 0xfd],
            "-1.5",
        ),
        ("offset = 0\ntype = \"u8\"\nscale = 10", &[3], "30"),
        (
            "offset = 0\ntype = \"u8\"\nvalues = { 3 = \"on\", 0x04 = \"off\" }",
            &[4],
            "4 (off)",
        ),
        (
            "offset = 0\ntype = \"u8\"\nvalues = { 3 = \"on\" }",
            &[4],
            "4",
        ),
        (
            "offset = 0\ntype = \"bcd\"\nlength = 2",
            &[0x12, 0x34],
            "1234",
        ),
        (
            "offset = 0\ntype = \"bcd\"\nlength = 2\nendian = \"little\"",
            &[0x12, 0x34],
            "3412",
        ),
        (
            "offset = 0\ntype = \"bcd\"\nlength = 8",
            &[0x99; 8],
            "9999999999999999",
        ),
        ("offset = 0\ntype = \"bcd\"\nlength = 1", &[0x1a], "-"),
        (
            "offset = 1\ntype = \"ascii\"\nlength = 4",
            b"\xaaab \0",
            "ab",
        ),
        (
            "offset = 0\ntype = \"ascii\"\nlength = 3",
            b"\x1b[A",
            "\\x1b[A",
        ),
        ("offset = 1\ntype = \"ascii\"", b"\xaahello\xff", "hello"),
        ("offset = 1\ntype = \"ascii\"", b"\xaa\xff", ""),
        ("offset = 1\ntype = \"ascii\"", b"\xaa", "-"),
        (
            "offset = 1\ntype = \"bytes\"\nlength = 2",
            &[0xaa, 1, 0xfe, 3],
            "01fe",
        ),
        (
            "offset = 1\ntype = \"bytes\"",
            &[0xaa, 1, 0xfe, 3, 0xff],
            "01fe03",
        ),
        (
            "offset = 0\ntype = \"time\"",
            &[0x65, 0x92, 0x00, 0x80],
            "2024-01-01T00:00:00Z",
        ),
        (
            "offset = 0\ntype = \"time\"\nformat = \"unix-ms\"",
            &[0, 0, 0, 0, 0, 0, 0x05, 0xdc],
            "1970-01-01T00:00:01.5Z",
        ),
        (
            "offset = 0\ntype = \"time\"\nformat = \"unix-ns\"",
            &[0, 0, 0, 0, 0, 0, 0, 1],
            "1970-01-01T00:00:00.000000001Z",
        ),
        ("offset = 0\ntype = \"time\"\nwidth = 8", &[0xff; 8], "-"),
        (
            "offset = 0\ntype = \"time\"\nwidth = 8\nendian = \"little\"",
            &[0x7f, 0x41, 0xf4, 0xff, 0x3a, 0, 0, 0],
            "9999-12-31T23:59:59Z",
        ),
        (
            "offset = 0\ntype = \"time\"\nformat = \"cp56\"",
            &[0xe7, 0x03, 59, 23, 31, 12, 24],
            "2024-12-31T23:59:00.999Z",
        ),
        (
            "offset = 0\ntype = \"time\"\nformat = \"cp56\"",
            &[0, 0, 0, 0, 29, 2, 24],
            "2024-02-29T00:00:00Z",
        ),
        (
            "offset = 0\ntype = \"time\"\nformat = \"cp56\"",
            &[0, 0, 0, 0, 1, 13, 24],
            "-",
        ),
    ];
    for (lines, bytes, want) in rows {
        assert_eq!(read(lines, bytes), *want, "{lines} in {bytes:02x?}");
    }
}

#[test]
fn fields_of_known_protocols() {
    let show = |name: &str, kind: usize, frame: &[u8]| {
        let protocol = Protocol::named(name).unwrap_or_else(|| panic!("no {name}"));
        let value = |field: &Field| {
            field
                .read(frame)
                .map(|value| format!("{}={value}", field.name))
        };
        protocol.frames[kind]
            .fields
            .iter()
            .filter_map(value)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        show("modbus", 0, &[0, 7, 0, 0, 0, 3, 17, 0x83, 2]),
        "transaction=7 unit=17 exception=1 function=3 (read holding registers)"
    );
    assert_eq!(
        show("iec104", 0, &[0x68, 4, 0x07, 0, 0, 0]),
        "format=3 (U) control=07000000"
    );
    assert_eq!(
        show("dnp3", 0, &[0x05, 0x64, 5, 0xc9, 10, 0, 1, 0, 0, 0]),
        "from_master=1 primary=1 function=9 destination=10 source=1"
    );
    assert_eq!(show("mqtt", 0, &[0x32, 0]), "type=3 (PUBLISH) flags=2");
    assert_eq!(show("line", 0, b"QUIT\r\n"), "text=QUIT");
}

#[test]
fn every_frame_may_be_short() {
    for entry in library() {
        let protocol = Protocol::named(entry.name).unwrap_or_else(|| panic!("{}", entry.name));
        for (kind, length) in protocol
            .frames
            .iter()
            .flat_map(|kind| (0..64).map(move |length| (kind, length)))
        {
            let frame = vec![0x99; length];
            let range = kind.payload_range(length);
            assert!(frame.get(range).is_some(), "{} {length}", entry.name);
            for field in &kind.fields {
                if let Some(Value::Bytes(bytes)) = field.read(&frame) {
                    assert!(bytes.len() <= length);
                }
            }
        }
    }
}

#[test]
fn payload_is_what_stands_between() {
    let fd = Protocol::fd();
    assert_eq!(fd.frames[0].payload_range(154), 2..152);
    assert_eq!(fd.frames[0].payload_range(3), 1..1);
}
