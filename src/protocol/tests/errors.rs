//! Every error of a description, one row each: what is written, with `«»` around the place that the caret shows;
//! the message; the fix.

use super::super::*;

/// A description with one frame of four fixed bytes and these lines in its `[[frame]]`.
fn frame(lines: &str) -> String {
    format!("name = \"p\"\n[[frame]]\nname = \"f\"\n{lines}\n")
}

/// A frame of ten bytes with a field of these lines.
fn field(lines: &str) -> String {
    frame(&format!(
        "header = \"AB CD\"\nsize = 10\n[[frame.field]]\n{lines}"
    ))
}

/// Parses the marked text and compares the whole report.
fn refused(marked: &str, message: &str, fix: &str) {
    let (before, rest) = marked
        .split_once('«')
        .unwrap_or_else(|| panic!("no place marked in {marked}"));
    let (meant, after) = rest
        .split_once('»')
        .unwrap_or_else(|| panic!("no end of the place in {marked}"));
    let text = format!("{before}{meant}{after}");
    let error = match Protocol::parse(&text, "p.toml") {
        Err(error) => error,
        Ok(_) => panic!("taken without error:\n{text}"),
    };
    assert_eq!(
        (error.message.as_str(), error.fix.as_str()),
        (message, fix),
        "\n{text}"
    );
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let place = error
        .place
        .clone()
        .unwrap_or_else(|| panic!("no place: {error}"));
    assert_eq!(
        (place.line, place.column, place.width),
        (line, column, meant.chars().count()),
        "\n{error}"
    );
    assert_eq!(Some(place.text.as_str()), text.lines().nth(line - 1));
    assert!(
        error
            .to_string()
            .contains(&format!("p.toml:{line}:{column}: {message}\n")),
        "{error}"
    );
}

macro_rules! rows {
    ($($name:ident: $text:expr, $message:expr, $fix:expr;)*) => {
        $(#[test] fn $name() { refused(&$text, $message, $fix); })*
    };
}

rows! {
    no_name: "«[[frame]]»\nsize = 4", "the description has no `name`", "write name = \"plant\"";
    empty_name: "name = «\" \"»", "`name` is empty", "write name = \"plant\"";
    name_is_a_number: "name = «4»", "`name` takes a text, not an integer", "put it in quotes: name = \"…\"";
    misspelt_key: frame("«lenght» = 4"), "no key `lenght` in [[frame]]", "write `length`";
    swapped_letters: "«naem» = \"p\"", "no key `naem` in the description", "write `name`";
    unknown_key: frame("length = { offset = 0, width = 2, «colour» = 1 }"), "no key `colour` in length",
        "the keys here are offset, width, endian, adjust, mask, format, sep";
    start_is_called_header: frame("«start» = \"FD\"\nsize = 3"), "no key `start` in [[frame]]",
        "the keys here are name, description, header, payload, size, length, end, min, max, blocks, checksum, field";
    no_frame: "«name = \"p\"»\nports = [1]", "the description has no [[frame]]",
        "write a table for each frame type: [[frame]], then name, header, payload, end";
    single_brackets: "name = \"p\"\nframe = «\"f\"»", "`frame` takes a list of tables, not a string",
        "head each one with [[frame]], in double brackets";
    port_zero: "name = \"p\"\nports = [502, «0»]", "`ports` cannot hold 0", "write numbers from 1 to 65535";
    port_alone: "name = \"p\"\nports = «502»", "`ports` takes a list of numbers, not an integer", "write ports = [502]";
    resync_word: format!("resync = «\"scam\"»\n{}", frame("size = 4")), "no resync \"scam\"", "write resync = \"scan\"";
    no_frame_name: "name = \"p\"\n«[[frame]]»\nsize = 4", "[[frame]] has no `name`", "write name = \"report\"";

    header_not_hex: frame("header = «\"FD GA\"»\nsize = 4"), "`G` in `header` is no hex digit",
        "write bytes as two digits of 0-9 and A-F each: \"FD AA\"";
    header_half_a_byte: frame("header = «\"FDA\"»\nsize = 4"), "`header` has 3 digits: half a byte too many or too few",
        "write two digits for each byte: 0A, not A";
    header_empty: frame("header = «\"\"»\nsize = 4"), "`header` is empty", "leave `header` out, or write bytes: \"FD AA\"";
    header_too_long: frame(&format!("header = «\"{}\"»\nsize = 400", "AB".repeat(65))), "`header` has 65 bytes",
        "write at most 64 bytes";
    header_list_empty: frame("«header» = []\nsize = 4"), "`header` names no bytes",
        "leave `header` out, or write header = [\"01\", \"02\"]";
    header_list_of_numbers: frame("header = [«1»]\nsize = 4"), "`header` takes texts, not an integer", "put it in quotes";
    header_number: frame("header = «0xFDAA»\nsize = 4"), "`header` takes a text or a list of texts, not an integer",
        "write header = [\"…\", \"…\"]";
    header_matches_all: frame("header = «\"?? ??\"»\nsize = 4"), "this header matches any bytes",
        "leave `header` out, or write the digits that are always the same";
    header_lengths: frame("header = [\"01\", «\"02 03\"»]\nsize = 4"), "this header has 2 bytes, the first one 1",
        "give headers of different length a [[frame]] each, or fill the shorter one up with ??";
    header_twice: frame("header = [\"AB\", «\"ab\"»]\nsize = 4"), "this header stands here twice", "leave one of them out";
    end_with_open_digits: frame("end = «\"C?\"»"), "`?` in `end`",
        "write all its digits: only a header may leave some open";

    name_with_escape: "name = «\"a\\u001Bb\"»", "`\\u{1b}` in a name", "use letters, digits, `-`, `_`, `.` and spaces";
    name_with_quote: "name = «'X\"; os.execute()'»", "`\\\"` in a name", "use letters, digits, `-`, `_`, `.` and spaces";
    frame_name: "name = \"p\"\n[[frame]]\nname = «\"a/b\"»\nsize = 4", "`/` in a name",
        "use letters, digits, `-`, `_`, `.` and spaces";
    message_name: frame("size = 4\n[[message]]\nname = «\"a\\tb\"»\nframes = [\"f\"]"), "`\\t` in a name",
        "use letters, digits, `-`, `_`, `.` and spaces";
    field_name: frame("size = 4\n[[frame.field]]\nname = «\"a{b}\"»\noffset = 0\ntype = \"u8\""), "`{` in a name",
        "use letters, digits, `-`, `_`, `.` and spaces";
    unit_with_bell: frame("size = 4\n[[frame.field]]\nname = \"a\"\noffset = 0\ntype = \"u8\"\nunit = «\"V\\u0007\"»"),
        "the character U+0007 in `unit`", "leave it out: write one line of characters that can be seen";
    value_right_to_left: frame("size = 4\n[[frame.field]]\nname = \"a\"\noffset = 0\ntype = \"u8\"\nvalues = { 1 = «\"\\u202Eno\"» }"),
        "the character U+202E in the name of a value", "leave it out: write one line of characters that can be seen";
    crc_without_poly: frame("size = 8\nchecksum = «{ kind = \"crc\", width = 16 }»"), "checksum has no `poly`",
        "write poly = 0x1021, its polynomial without the highest power";
    crc_of_12_bits: frame("size = 8\nchecksum = { kind = \"crc\", «width» = 12, poly = 1 }"), "a CRC of 12 bits",
        "write width = 8, 16, 24 or 32";
    crc_parameter_too_large: frame("size = 8\nchecksum = { kind = \"crc\", width = 8, poly = «0x107» }"),
        "`poly` cannot be 263", "write a number from 0 to 255";
    named_crc_with_poly: frame("size = 8\nchecksum = { kind = \"crc16-modbus\", «poly» = 1 }"),
        "`poly` beside the name of a checksum, which has its parameters already",
        "leave `poly` out, or write kind = \"crc\" and all parameters";

    no_size: "name = \"p\"\n«[[frame]]»\nname = \"f\"\nheader = \"AB\"", "nothing says how long this frame is",
        "write payload = 150, size = 154, length = { offset = 2, width = 2 }, or end = \"0D 0A\"";
    two_sizes: frame("payload = 4\n«size» = 8"), "`size` beside `payload`: the size of a frame has one source",
        "leave out `size` or `payload`";
    size_and_length: frame("size = 4\n«length» = { offset = 0, width = 1 }"),
        "`length` beside `size`: the size of a frame has one source", "leave out `length` or `size`";
    blocks_without_length: frame("size = 4\n«blocks» = { after = 1, every = 2, add = 1 }"), "`blocks` without `length`",
        "leave `blocks` out: it adds to a length field";
    payload_of_nothing: frame("«payload» = 0"), "a frame of no bytes at all",
        "write its payload, or its header and end marker";
    size_zero: frame("size = «0»"), "a frame of no bytes at all", "write the bytes of the whole frame";
    payload_negative: frame("payload = «-1»"), "`payload` cannot be -1", "write a number from 0 to 1073741824";
    payload_in_quotes: frame("payload = «\"150\"»"), "`payload` takes a whole number, not a string",
        "write payload = 4, without quotes or point";
    header_longer_than_frame: frame("header = \"01 02\"\nend = \"03\"\nsize = «2»"),
        "header (2) and end marker (1) are longer than the frame (2)",
        "`size` counts the whole frame: write at least 3; `payload` counts what is between";
    min_on_fixed: frame("size = 4\n«min» = 4"), "`min` on a frame that is always 4 bytes long", "leave `min` out";
    min_over_max: frame("end = \"0A\"\nmin = 9\n«max» = 8"), "the smallest size, 9, is over the largest, 8",
        "write max = 9 or more";
    min_over_all: frame("length = { offset = 0, width = 1 }\n«min» = 256"),
        "the smallest size, 256, is over the largest, 255", "write min = 255 or less, or a `max`";
    min_too_small: frame("length = { offset = 4, width = 2 }\nend = \"0A\"\n«min» = 6"),
        "no frame can have 6 bytes: header, length field and end marker need 7",
        "write min = 7 or more, or leave `min` out";
    max_too_small: frame("length = { offset = 4, width = 2 }\n«max» = 5"),
        "the smallest size, 6, is over the largest, 5", "write max = 6 or more";
    max_of_all: frame("end = \"0A\"\nmax = «9999999999»"), "`max` cannot be 9999999999",
        "write a number from 1 to 1073741824";

    length_no_table: frame("length = «2»"), "`length` takes a table, not an integer", "write length = { … }";
    length_no_offset: frame("length = «{ width = 2 }»"), "length has no `offset`",
        "write offset = 2, the place of the field in the frame, from 0";
    length_no_width: frame("length = «{ offset = 0 }»"), "length has no `width`", "write width = 2, the bytes of the field";
    width_zero: frame("length = { offset = 0, width = «0» }"), "a length field of 0 bytes", "write a width from 1 to 8";
    width_nine: frame("length = { offset = 0, width = «9» }"), "a length field of 9 bytes", "write a width from 1 to 8";
    mask_too_wide: frame("length = { offset = 0, width = 1, mask = «0x7FF» }"),
        "the mask has more bits than the field (1 bytes)", "write at most 0xff, or a larger `width`";
    mask_zero: frame("length = { offset = 0, width = 1, mask = «0» }"), "`mask` cannot be 0",
        "write a number from 1 to 18446744073709551615";
    endian_word: frame("length = { offset = 0, width = 2, endian = «\"litle\"» }"), "no endian \"litle\"",
        "write endian = \"little\"";
    format_word: frame("length = { offset = 0, format = «\"ber\"» }"), "no format \"ber\"",
        "write one of \"uint\", \"varint\", \"ascii\"";
    varint_width: frame("length = { offset = 1, format = \"varint\", «width» = 4 }"),
        "`width` with a length of format \"varint\"", "leave `width` out";
    uint_sep: frame("length = { offset = 1, width = 1, «sep» = \"3A\" }"), "`sep` with a length of format \"uint\"",
        "leave `sep` out";
    ascii_no_sep: frame("length = «{ offset = 0, format = \"ascii\" }»"), "length has no `sep`",
        "write sep = \"3A\", the byte behind the digits";
    sep_a_digit: frame("length = { offset = 0, format = \"ascii\", sep = «\"30\"» }"),
        "the separator is itself a decimal digit", "write the byte behind the digits";
    sep_long: frame("length = { offset = 0, format = \"ascii\", sep = «\"0D 0A\"» }"), "the separator has several bytes",
        "write one byte: sep = \"3A\"";
    adjust_too_small: frame("length = { offset = 0, width = 1, «adjust» = -255 }"),
        "with this length no frame is longer than 0 bytes, and its field alone needs more",
        "size = value + adjust counts from the first byte of the frame: write a larger `adjust`";
    blocks_every_zero: frame("length = { offset = 0, width = 1 }\nblocks = { after = 1, every = «0», add = 2 }"),
        "`every` cannot be 0", "write a number from 1 to 65535";
    blocks_no_add: frame("length = { offset = 0, width = 1 }\nblocks = «{ after = 1, every = 4 }»"),
        "blocks has no `add`", "write add = 2, the bytes added behind each block";

    checksum_no_kind: frame("size = 8\nchecksum = «{ at = 6 }»"), "checksum has no `kind`", "write kind = \"crc16-modbus\"";
    checksum_unknown: frame("size = 8\nchecksum = { kind = «\"crc16-modbuss\"» }"), "no kind \"crc16-modbuss\"",
        "write kind = \"crc16-modbus\"";
    checksum_outside: frame("size = 8\nchecksum = { kind = \"sum16\", «at» = 7 }"),
        "a checksum of 2 bytes at 7 is outside of the frame",
        "write its place in the frame, from 0, or counted from the end: at = -2 is the last place";
    checksum_outside_from_end: frame("size = 8\nchecksum = { kind = \"sum16\", «at» = -1 }"),
        "a checksum of 2 bytes at -1 is outside of the frame",
        "write its place in the frame, from 0, or counted from the end: at = -2 is the last place";
    checksum_covers_itself: frame("size = 8\nchecksum = { kind = \"sum8\", at = 3, «from» = 3 }"),
        "`from` (3) is not before the checksum's own place",
        "write the first byte that the checksum covers, 0 for the whole frame";
    checksum_covers_nothing: frame("size = 8\nchecksum = { kind = \"sum8\", «from» = 7 }"),
        "`from` (7) is not before the checksum's own place",
        "write the first byte that the checksum covers, 0 for the whole frame";
    checksum_blocks_without: frame("size = 8\nchecksum = { kind = \"sum8\", «blocks» = true }"),
        "`blocks = true`, but the frame has no blocks",
        "write blocks = { after = 10, every = 16, add = 2 } in [[frame]], or leave `blocks` out here";
    checksum_blocks_number: frame("size = 8\nchecksum = { kind = \"sum8\", blocks = «1» }"),
        "`blocks` takes true or false, not an integer", "write blocks = true";
    checksum_blocks_width: frame("length = { offset = 0, width = 1 }\nblocks = { after = 10, every = 16, add = 1 }\n\
        checksum = { kind = \"crc16-dnp\", «blocks» = true }"),
        "`blocks` adds 1 bytes a block, the checksum has 2",
        "write add = 2 and `after` of more than 2 in `blocks`";
    checksum_blocks_place: frame("length = { offset = 0, width = 1 }\nblocks = { after = 10, every = 16, add = 2 }\n\
        checksum = { kind = \"crc16-dnp\", «at» = 8, blocks = true }"),
        "`at` beside `blocks`", "leave `at` out: the checksums stand where `blocks` puts them";

    frame_twice: frame("size = 4\n[[frame]]\nname = «\"f\"»\nsize = 5"), "a second frame is called `f`",
        "give each frame a name of its own";
    never_told_apart: frame("header = \"A?\"\nsize = 4\n[[frame]]\nname = «\"g\"»\nheader = \"A1\"\nsize = 4"),
        "`g` can never be distinguished from `f`", "give it another header, size or end marker, or make the two one frame";
    never_told_apart_searched: frame("end = \"0A\"\n[[frame]]\nname = «\"g\"»\nheader = \"A1\"\nend = \"0A\""),
        "`g` can never be distinguished from `f`", "give it another header, size or end marker, or make the two one frame";
    message_of_unknown_frame: frame("size = 4\n[[message]]\nname = \"m\"\nframes = [\"f\", «\"g\"»]"),
        "no frame is called `g`", "write \"f\"";
    message_of_strange_frame: frame("size = 4\n[[message]]\nname = \"m\"\nframes = [«\"status\"»]"),
        "no frame is called `status`", "the frames are f";
    message_empty: frame("size = 4\n«[[message]]»\nname = \"m\"\nframes = []"), "[[message]] has no `frames`",
        "write frames = [\"f\"]";
    message_twice: frame("size = 4\n[[message]]\nname = \"m\"\nframes = [\"f\"]\n[[message]]\nname = «\"m\"»\nframes = [\"f\"]"),
        "a second message is called `m`", "give each message a name of its own";

    field_no_offset: "name = \"p\"\n[[frame]]\nname = \"f\"\nsize = 4\n«[[frame.field]]»\nname = \"v\"\ntype = \"u8\"",
        "[[frame.field]] has no `offset`", "write offset = 0, its first byte counted from the first byte of the frame";
    field_no_type: "name = \"p\"\n[[frame]]\nname = \"f\"\nsize = 4\n«[[frame.field]]»\nname = \"v\"\noffset = 0",
        "[[frame.field]] has no `type`", "write type = \"u16\"";
    field_type: field("name = \"v\"\noffset = 0\ntype = «\"u15\"»"), "no type \"u15\"", "write type = \"u16\"";
    field_outside: field("name = \"v\"\n«offset» = 9\ntype = \"u16\""),
        "field `v` is outside of the frame, which has 10 bytes",
        "`offset` counts from the first byte of the frame, or with from = \"payload\" from behind the header";
    field_outside_payload: field("name = \"v\"\n«offset» = 7\nfrom = \"payload\"\ntype = \"u16\""),
        "field `v` is outside of the frame, which has 10 bytes",
        "`offset` counts from the first byte of the frame, or with from = \"payload\" from behind the header";
    field_outside_length: frame("length = { offset = 0, width = 1 }\n[[frame.field]]\nname = \"v\"\n«offset» = 255\ntype = \"u8\""),
        "field `v` is outside of the frame, which has at most 255 bytes",
        "`offset` counts from the first byte of the frame, or with from = \"payload\" from behind the header";
    field_twice: field("name = \"v\"\noffset = 0\ntype = \"u8\"\n[[frame.field]]\n«name» = \"v\"\noffset = 1\ntype = \"u8\""),
        "a second field of `f` is called `v`", "give each field a name of its own";
    field_from: field("name = \"v\"\noffset = 0\nfrom = «\"paylod\"»\ntype = \"u8\""), "no from \"paylod\"",
        "write from = \"payload\"";
    field_bits: field("name = \"v\"\noffset = 0\ntype = \"u8\"\nbit = 6\n«bits» = 3"),
        "bits 6 to 8 of a number of 8 bits", "write at most bits = 2, or a wider `type`";
    field_bits_of_text: field("name = \"v\"\noffset = 0\ntype = \"ascii\"\n«bit» = 6"),
        "`bit` on a field whose type has no bits to pick", "leave `bit` out, or choose another `type`";
    field_length_of_number: field("name = \"v\"\noffset = 0\ntype = \"u8\"\n«length» = 1"),
        "`length` on a field whose type has a length of its own", "leave `length` out, or choose another `type`";
    field_format_of_number: field("name = \"v\"\noffset = 0\ntype = \"u8\"\n«format» = \"unix\""),
        "`format` on a field whose type is always written one way", "leave `format` out, or choose another `type`";
    field_width_of_number: field("name = \"v\"\noffset = 0\ntype = \"u8\"\n«width» = 1"),
        "`width` on a field whose type has a width of its own", "leave `width` out, or choose another `type`";
    field_endian_of_text: field("name = \"v\"\noffset = 0\ntype = \"bytes\"\n«endian» = \"big\""),
        "`endian` on a field whose type has no byte order", "leave `endian` out, or choose another `type`";
    field_scaled_text: field("name = \"v\"\noffset = 0\ntype = \"ascii\"\n«scale» = 0.1"),
        "`scale` on a field whose type has no number to scale", "leave `scale` out, or choose another `type`";
    field_scale_text: field("name = \"v\"\noffset = 0\ntype = \"u8\"\nscale = «\"0.1\"»"),
        "`scale` takes a number, not a string", "write scale = 0.1, without quotes";
    field_scale_infinite: field("name = \"v\"\noffset = 0\ntype = \"u8\"\nscale = «inf»"),
        "`scale` is no finite number", "write scale = 0.1";
    field_named_float: field("name = \"v\"\noffset = 0\ntype = \"f32\"\n«values» = { 1 = \"on\" }"),
        "`values` on a field whose type has no whole unsigned number to name",
        "leave `values` out, or choose another `type`";
    field_value_no_number: field("name = \"v\"\noffset = 0\ntype = \"u8\"\nvalues = { «on» = \"1\" }"),
        "`on` is no whole number", "write values = { 1 = \"on\", 0x0E = \"off\" }";
    field_value_twice: field("name = \"v\"\noffset = 0\ntype = \"u8\"\nvalues = { 0x01 = \"on\", «1» = \"off\" }"),
        "a second name for 1", "give each number one name";
    field_bcd_length: "name = \"p\"\n[[frame]]\nname = \"f\"\nsize = 4\n«[[frame.field]]»\nname = \"v\"\noffset = 0\ntype = \"bcd\"",
        "[[frame.field]] has no `length`", "write length = 4, its bytes of two digits each";
    field_cp56_width: field("name = \"v\"\noffset = 0\ntype = \"time\"\nformat = \"cp56\"\n«width» = 8"),
        "`width` with the time format \"cp56\"", "leave `width` out";
}

#[test]
fn toml_that_is_none() {
    for (text, line) in [
        ("name = ", 1),
        ("name = \"p\"\nname = \"q\"", 2),
        ("a = 1\n[[frame]\n", 2),
        ("\u{0}", 1),
    ] {
        let error = Protocol::parse(text, "p.toml").expect_err(text);
        assert_eq!(
            error.place.as_ref().map(|place| place.line),
            Some(line),
            "{error}"
        );
        assert_eq!(error.fix, "write TOML: key = value, texts in quotes");
    }
}

#[test]
fn too_many_frames() {
    let frame = |n: u8| {
        let name = if n == 250 {
            "«\"f250\"»".to_owned()
        } else {
            format!("\"f{n}\"")
        };
        format!("[[frame]]\nname = {name}\nheader = \"{n:02X}\"\nsize = 4\n")
    };
    let text: String = (0..=250).map(frame).collect();
    refused(
        &format!("name = \"p\"\n{text}"),
        "more than 250 frame types",
        "give headers that share everything else one [[frame]] with a list of them",
    );
}

#[test]
fn the_whole_report() {
    let text = frame("\tpayload = 4 # été\n\tsize = 8");
    let error = Protocol::parse(&text, "plant.toml").expect_err("two sizes");
    let want = "plant.toml:5:2: `size` beside `payload`: the size of a frame has one source\n  \
        |\n5 | \tsize = 8\n  | \t^^^^\n  = leave out `size` or `payload`";
    assert_eq!(error.to_string(), want);
}

#[test]
fn lengths_that_cannot_be_the_whole_frame() {
    let error =
        |text: &str| match Protocol::parse(text, "p.toml").map(Protocol::with_lengths_as_frame) {
            Ok(Err(error)) => error.to_string(),
            other => panic!("{other:?}"),
        };
    assert_eq!(
        error(&frame("size = 4")),
        "p: no frame gives its size as `payload`, so lengths cannot be read as the whole frame\n  \
         = leave the reading of lengths as it is"
    );
    assert_eq!(
        error(&frame("header = \"01 02\"\npayload = 1")),
        "p: `f` would have 1 bytes, but its header and end marker need 2\n  \
         = read the lengths of this protocol as payload"
    );
    assert_eq!(
        error(&frame(
            "header = \"01\"\npayload = 4\n[[frame.field]]\nname = \"v\"\noffset = 4\ntype = \"u8\""
        )),
        "p: field `v` is outside of `f`, of 4 bytes then\n  = read the lengths of this protocol as payload"
    );
}

/// Whatever is changed in a description, it is taken or refused with an error that can be shown.
#[test]
fn a_garbled_description_never_panics() {
    let mut seed = 1u64;
    let mut random = move |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % below
    };
    let texts: Vec<&str> = library().map(|entry| entry.text).chain([STARTER]).collect();
    let scraps = [
        "0",
        "-",
        "99999999999999999999",
        "\"",
        "[",
        "]",
        "{",
        "}",
        "=",
        "\n",
        "é",
        "?",
        "true",
        "0x",
        "\0",
    ];
    for round in 0..4000 {
        let mut text: Vec<char> = texts[round % texts.len()].chars().collect();
        for _ in 0..=random(3) {
            let (at, drop) = (random(text.len()), random(4));
            let end = (at + drop).min(text.len());
            text.splice(at..end, scraps[random(scraps.len())].chars());
        }
        if let Err(error) = Protocol::parse(&text.iter().collect::<String>(), "p.toml") {
            assert!(error.to_string().contains('^'), "{error}");
        }
    }
}
