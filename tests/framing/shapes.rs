//! Layouts of other protocols, row by row: lengths, end markers that are searched, checksums, segments.

use deframe::framing::{
    Blocks, Checksum, ChecksumKind, Crc, Endian, FrameTable, Layout, LengthField, LengthFormat,
    Pattern, Resync, Size,
};

use crate::script::{
    Closed, Do, Known, Open, Unknown, events, fd, fixed, frame, layout, run, table,
};

fn field(offset: usize, format: LengthFormat, adjust: i64) -> Size {
    Size::Length(LengthField {
        offset,
        format,
        adjust,
        blocks: None,
    })
}

fn uint(offset: usize, width: usize, endian: Endian, mask: u64, adjust: i64) -> Size {
    field(
        offset,
        LengthFormat::Uint {
            width,
            endian,
            mask,
        },
        adjust,
    )
}

fn crc(poly: u16, init: u16, reflected: bool, xorout: u16) -> ChecksumKind {
    ChecksumKind::Crc(Crc {
        width: 16,
        poly: poly.into(),
        init: init.into(),
        reflect_in: reflected,
        reflect_out: reflected,
        xorout: xorout.into(),
    })
}

/// Each stream, which is whole and closed, and what it is.
fn rows(layout: &Layout, rows: &[(&[u8], &[&str])]) {
    for (bytes, want) in rows {
        assert_eq!(
            events(layout, Known, bytes, Closed),
            *want,
            "{:?}",
            bytes.escape_ascii().to_string()
        );
    }
}

#[test]
fn netstring() {
    let netstring = layout(vec![frame(
        &[],
        field(0, LengthFormat::Ascii { sep: b':' }, 1),
        b",",
        3,
        1000,
    )]);
    rows(
        &netstring,
        &[
            (b"0:,", &["0 0+3"]),
            (b"5:hello,12:hello world!,", &["0 0+8", "0 8+16"]),
            (b"3:a,b,1:x,", &["0 0+6", "0 6+4"]),
            (b"5:hello", &["truncated 0+7 ~0"]),
            // No leading zeros, no sign, no blanks, and digits that do not end are none.
            (b"x3:abc,", &["junk 0+1", "0 1+6"]),
            (b"05:hello,", &["junk 0+1", "0 1+8"]),
            (b"-1:,1:a,", &["junk 0+4", "0 4+4"]),
            (b"3:abcd1:z,", &["junk 0+6", "0 6+4"]),
            (b"9999:,2:ab,", &["junk 0+6", "0 6+5"]),
            (
                b"11111111111111111111111111",
                &["junk 0+8", "truncated 8+18 ~0"],
            ),
        ],
    );
}

#[test]
fn int16() {
    let int16 = layout(vec![frame(
        &[],
        uint(0, 2, Endian::Big, u64::MAX, 2),
        b"",
        2,
        99_999,
    )]);
    rows(
        &int16,
        &[
            (b"\0\0", &["0 0+2"]),
            (b"\0\x03abc\0\x01x", &["0 0+5", "0 5+3"]),
            (b"\0\x05abc", &["truncated 0+5 ~0"]),
            (b"\0", &["truncated 0+1 ~0"]),
        ],
    );
    let small = layout(vec![frame(
        &[],
        uint(0, 2, Endian::Big, u64::MAX, 2),
        b"",
        2,
        10,
    )]);
    rows(&small, &[(b"\xFF\xFF\0\x01a", &["junk 0+2", "0 2+3"])]);
}

#[test]
fn lines() {
    let line = layout(vec![frame(&[], Size::Searched, b"\r\n", 2, 10)]);
    rows(
        &line,
        &[
            (b"\r\n", &["0 0+2"]),
            (b"abc\r\nd\re\nf\r\n", &["0 0+5", "0 5+7"]),
            (b"12345678\r\n", &["0 0+10"]),
            (b"123456789\r\n", &["junk 0+1", "0 1+10"]),
            (b"a\r\nbc\r", &["0 0+3", "truncated 3+3 ~0"]),
        ],
    );
    let hl7 = layout(vec![frame(&[b"\x0B"], Size::Searched, b"\x1C\x0D", 3, 50)]);
    rows(
        &hl7,
        &[
            (
                b"\x0Babc\x1C\x0Dxx\x0B\x1C\x0D",
                &["0 0+6", "junk 6+2", "0 8+3"],
            ),
            (b"\x0Babc\x1C", &["truncated 0+5 ~0"]),
        ],
    );
}

#[test]
fn a_length_and_an_end_marker() {
    let amqp = layout(vec![frame(
        &[&[1], &[2], &[3], &[8]],
        uint(3, 4, Endian::Big, u64::MAX, 8),
        &[0xCE],
        8,
        200,
    )]);
    let heartbeat = [8, 0, 0, 0, 0, 0, 0, 0xCE];
    let with = |at: usize, byte: u8| {
        let mut bytes = [heartbeat, heartbeat, heartbeat].concat();
        bytes[8 + at] = byte;
        events(&amqp, Known, &bytes, Closed)
    };
    assert_eq!(with(6, 0), ["0 0+8", "0 8+8", "0 16+8"]);
    assert_eq!(with(7, 0), ["0 0+8", "bad_end_marker 8+8 ~0", "0 16+8"]);
    assert_eq!(with(6, 3), ["0 0+8", "bad_length 8+8 ~0 says 11", "0 16+8"]);
    assert_eq!(
        with(3, 1),
        ["0 0+8", "bad_length 8+8 ~0 says 16777224", "0 16+8"]
    );
    assert_eq!(with(0, 0), ["0 0+8", "junk 8+8", "0 16+8"]);
}

#[test]
fn an_impossible_length() {
    let tpkt = layout(vec![frame(
        &[&[3, 0]],
        uint(2, 2, Endian::Big, u64::MAX, 0),
        b"",
        5,
        100,
    )]);
    rows(
        &tpkt,
        &[
            (
                &[3, 0, 0, 4, 3, 0, 0, 5, 9],
                &["bad_length 0+4 ~0 says 4", "0 4+5"],
            ),
            (
                &[3, 0, 0, 0, 3, 0, 0, 5, 9],
                &["bad_length 0+4 ~0 says 0", "0 4+5"],
            ),
            (
                &[3, 0, 1, 0, 3, 0, 0, 5, 9],
                &["bad_length 0+4 ~0 says 256", "0 4+5"],
            ),
            (&[3, 0, 0, 5, 9, 3, 0, 0], &["0 0+5", "truncated 5+3 ~0"]),
        ],
    );
}

#[test]
fn widths_orders_and_masks() {
    let rows: &[(Size, &[u8])] = &[
        (uint(1, 1, Endian::Big, u64::MAX, 0), &[0xA5, 4, 0, 0]),
        (uint(1, 2, Endian::Little, u64::MAX, 0), &[0xA5, 4, 0, 0]),
        (uint(1, 3, Endian::Big, u64::MAX, 4), &[0xA5, 0, 0, 2, 9, 9]),
        (
            uint(1, 3, Endian::Little, u64::MAX, 4),
            &[0xA5, 2, 0, 0, 9, 9],
        ),
        (
            uint(1, 8, Endian::Big, u64::MAX, 9),
            &[0xA5, 0, 0, 0, 0, 0, 0, 0, 1, 9],
        ),
        (uint(1, 2, Endian::Big, 0x7FF, 2), &[0xA5, 0xF8, 3, 0, 0]),
        (uint(1, 4, Endian::Big, u64::MAX, -3), &[0xA5, 0, 0, 0, 8]),
        (field(1, LengthFormat::Varint, 0), &[0xA5, 2, 9, 9]),
        (field(1, LengthFormat::Varint, 0), &[0xA5, 0x82, 0, 9, 9]),
    ];
    for (size, one) in rows {
        let layout = layout(vec![frame(&[&[0xA5]], size.clone(), b"", 1, 100)]);
        let n = one.len();
        let want = [format!("0 0+{n}"), format!("0 {n}+{n}")];
        assert_eq!(
            events(&layout, Known, &one.repeat(2), Closed),
            want,
            "{size:?}"
        );
    }
    let never = layout(vec![frame(
        &[&[0xA5]],
        field(1, LengthFormat::Varint, 0),
        b"",
        1,
        u32::MAX.into(),
    )]);
    assert_eq!(
        events(
            &never,
            Known,
            &[0xA5, 0x80, 0x80, 0x80, 0x80, 0xA5, 0],
            Closed
        ),
        ["bad_length 0+5 ~0", "0 5+2"]
    );
}

fn dnp3() -> Layout {
    let blocks = Some(Blocks {
        after: 10,
        every: 16,
        add: 2,
    });
    let format = LengthFormat::Uint {
        width: 1,
        endian: Endian::Big,
        mask: u64::MAX,
    };
    let size = Size::Length(LengthField {
        offset: 2,
        format,
        adjust: 5,
        blocks,
    });
    let kind = crc(0x3D65, 0, true, 0xFFFF);
    let mut f = frame(&[&[5, 0x64]], size, b"", 10, 292);
    f.checksum = Some(Checksum {
        kind,
        endian: Endian::Little,
        at: -2,
        from: 0,
        blocks: true,
    });
    layout(vec![f])
}

#[test]
fn dnp3_blocks() {
    // The link status request of IEEE 1815: no user data.
    let short = [5, 0x64, 5, 0xC9, 1, 0, 0, 4];
    let layout = dnp3();
    for user in [0, 1, 15, 16, 17, 32, 33, 250] {
        let room = user + 2 * usize::div_ceil(user, 16);
        let payload = [&short[2..], &[0, 0], &vec![0x55; room]].concat();
        let mut bytes = Vec::new();
        table(&layout)
            .encode(0, &payload, &mut bytes)
            .expect("a frame");
        assert_eq!(usize::from(bytes[2]), user + 5, "its length field");
        let n = bytes.len();
        bytes.extend_from_within(..);
        let (first, second) = (format!("0 0+{n}"), format!("0 {n}+{n}"));
        assert_eq!(
            events(&layout, Known, &bytes, Closed),
            [first.clone(), second.clone()]
        );
        bytes[n - 1] ^= 1;
        assert_eq!(
            events(&layout, Known, &bytes, Closed),
            [first + " sum!", second]
        );
    }
}

#[test]
fn checksums_of_the_catalogue() {
    // Their values for "123456789".
    let rows = [
        (crc(0x3D65, 0, true, 0xFFFF), 0xEA82, "CRC-16/DNP"),
        (crc(0x1021, 0xFFFF, false, 0), 0x29B1, "CRC-16/IBM-3740"),
        (crc(0x8005, 0xFFFF, true, 0), 0x4B37, "CRC-16/MODBUS"),
        (crc(0x1021, 0xFFFF, true, 0xFFFF), 0x906E, "CRC-16/IBM-SDLC"),
        (crc(0x8BB7, 0, false, 0), 0xD0DB, "CRC-16/T10-DIF"),
        (crc(0x1021, 0xB2AA, true, 0), 0x63D0, "CRC-16/RIELLO"),
        (ChecksumKind::Sum8, 0xDD, "sum"),
        (ChecksumKind::Sum16, 0x1DD, "sum of 16 bits"),
        (ChecksumKind::Xor8, 0x31, "exclusive-or"),
        (ChecksumKind::Lrc, 0x23, "two's complement"),
        (ChecksumKind::Fletcher16, 0x1EDE, "Fletcher-16"),
        (ChecksumKind::Adler32, 0x091E_01DE, "Adler-32"),
    ];
    for (kind, value, name) in rows {
        for endian in [Endian::Big, Endian::Little] {
            let mut sum = u32::to_le_bytes(value)[..kind.width()].to_vec();
            if endian == Endian::Big {
                sum.reverse();
            }
            let bytes = [b"123456789", &sum[..], b"1"].concat();
            let size = bytes.len() - 1;
            let mut f = fixed(b"1", size, b"");
            f.checksum = Some(Checksum {
                kind,
                endian,
                at: 9,
                from: 0,
                blocks: false,
            });
            let got = events(&layout(vec![f]), Known, &bytes, Open);
            assert_eq!(
                got,
                [format!("0 0+{size}"), format!("unfinished {size}+1")],
                "{name}"
            );
        }
    }
}

#[test]
fn a_wrong_checksum() {
    let mut f = frame(
        &[&[0xAA]],
        uint(1, 1, Endian::Big, u64::MAX, 0),
        b"",
        3,
        100,
    );
    f.checksum = Some(Checksum {
        kind: ChecksumKind::Xor8,
        endian: Endian::Big,
        at: -1,
        from: 0,
        blocks: false,
    });
    let layout = layout(vec![f]);
    let (good, bad) = (&[0xAA, 4, 1, 0xAF][..], &[0xAA, 4, 1, 0][..]);
    rows(
        &layout,
        &[
            (
                &[good, bad, good].concat(),
                &["0 0+4", "0 4+4 sum!", "0 8+4"],
            ),
            (&[good, bad].concat(), &["0 0+4", "0 4+4 sum!"]),
            (
                &[good, bad, &[7], good].concat(),
                &["0 0+4", "bad_checksum 4+5 ~0", "0 9+4"],
            ),
        ],
    );
    let gap = [
        Do::Bytes(bad.to_vec()),
        Do::Gap(1),
        Do::Bytes(good.to_vec()),
        Do::Finish(Closed),
    ];
    assert_eq!(run(&table(&layout), Known, &gap), ["0 0+4 sum!", "0 5+4"]);
}

#[test]
fn half_bytes_and_several_headers() {
    let half = Pattern {
        value: vec![0x7E, 0xA0],
        mask: vec![0xFF, 0xF0],
    };
    let mut hdlc = frame(&[], uint(1, 2, Endian::Big, 0x7FF, 2), &[0x7E], 5, 2049);
    hdlc.headers = vec![half];
    rows(
        &layout(vec![hdlc]),
        &[
            (
                &[0x7E, 0xA0, 4, 1, 2, 0x7E, 0x7E, 0xA0, 3, 9, 0x7E],
                &["0 0+6", "0 6+5"],
            ),
            (
                &[0x7E, 0xB0, 4, 1, 2, 0x7E, 0x7E, 0xA0, 3, 9, 0x7E],
                &["junk 0+6", "0 6+5"],
            ),
        ],
    );
}

#[test]
fn only_where_a_segment_starts() {
    let mut f = frame(&[], uint(4, 2, Endian::Big, u64::MAX, 6), b"", 8, 300);
    f.headers = vec![Pattern {
        value: vec![0; 4],
        mask: vec![0, 0, 0xFF, 0xFF],
    }];
    let modbus = Layout {
        frames: vec![f],
        messages: Vec::new(),
        resync: Resync::Segment,
    };
    let request = [0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1];
    let segments = |parts: &[&[u8]], start| {
        let mut script: Vec<Do> = parts
            .iter()
            .flat_map(|p| [Do::Mark, Do::Bytes(p.to_vec())])
            .collect();
        script.push(Do::Finish(Closed));
        run(&table(&modbus), start, &script)
    };
    let (whole, junk) = (&request[..], &[9, 9, 9][..]);
    let (head, body) = request.split_at(5);
    assert_eq!(
        segments(&[whole, head, body, whole], Known),
        ["0 0+12", "0 12+12", "0 24+12"]
    );
    assert_eq!(
        segments(&[&[junk, whole].concat(), whole], Known),
        ["junk 0+15", "0 15+12"]
    );
    assert_eq!(
        segments(&[&[junk, whole].concat(), whole], Unknown),
        ["leading 0+15", "0 15+12"]
    );
    assert_eq!(
        segments(&[junk, junk, head, body], Known),
        ["junk 0+6", "0 6+12"]
    );
    let gap = [
        Do::Bytes(junk.to_vec()),
        Do::Gap(5),
        Do::Bytes(request.to_vec()),
        Do::Finish(Closed),
    ];
    assert_eq!(run(&table(&modbus), Known, &gap), ["junk 0+3", "0 8+12"]);
}

#[test]
fn layouts_that_cannot_be() {
    let zero = LengthFormat::Uint {
        width: 0,
        endian: Endian::Big,
        mask: 0,
    };
    let summed = |at| {
        let mut f = fixed(b"A", 4, b"");
        f.checksum = Some(Checksum {
            kind: ChecksumKind::Sum16,
            endian: Endian::Big,
            at,
            from: 0,
            blocks: false,
        });
        f
    };
    let rows = [
        fixed(b"A", 0, b""),
        fixed(b"AB", 3, b"YZ"),
        fixed(b"", 3, b""),
        frame(&[], Size::Searched, b"", 1, 9),
        frame(&[], Size::Searched, b"Z", 9, 1),
        frame(&[], field(0, zero, 0), b"", 1, 9),
        frame(
            &[],
            field(0, LengthFormat::Ascii { sep: b'5' }, 0),
            b"",
            1,
            9,
        ),
        summed(-1),
        summed(3),
        summed(-5),
    ];
    for row in rows {
        let error = FrameTable::new(&layout(vec![fixed(b"A", 1, b""), row.clone()]))
            .expect_err("no layout");
        assert_eq!(error.frame, Some(1), "{row:?}");
    }
    assert!(FrameTable::new(&layout(vec![])).is_err());
    assert!(FrameTable::new(&fd()).is_ok());
}
