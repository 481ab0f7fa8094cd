import pytest

import deframe
from conftest import SIZES, Stream, shape


def whole(protocol, data):
    framer = deframe.Framer(protocol)
    return [shape(e) for e in framer.feed(data) + framer.finish()]


@pytest.mark.parametrize("seed", range(40))
def test_events_do_not_depend_on_the_cut(fd, seed):
    stream = Stream(seed, fd)
    framer = deframe.Framer(fd)
    found = [shape(e) for piece in stream.cuts() for e in framer.feed(piece)]
    found += [shape(e) for e in framer.finish()]
    assert found == whole(fd, stream.data)
    assert sum(len(e[3]) if e[0] == "frame" else e[3] for e in found) == len(stream.data)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda b: memoryview(b + b)[: len(b)]])
def test_any_bytes_like_object(fd, kind):
    data = fd.encode("realtime", bytes(150)) * 400
    framer = deframe.Framer(fd)
    source = kind(data)
    events = framer.feed(source)
    if isinstance(source, bytearray):
        source[:] = bytes(len(source))
    assert len(events) == 400 and all(e.data == data[:154] for e in events)


@pytest.mark.parametrize("wrong", [5, "text", None, [1, 2]])
def test_no_bytes(fd, wrong):
    with pytest.raises(TypeError, match="bytes-like"):
        deframe.Framer(fd).feed(wrong)


def test_an_extra190_at_the_end_of_a_burst_waits_for_flush(fd):
    framer = deframe.Framer(fd)
    frame = fd.encode("extra190", bytes(190))
    assert framer.feed(frame) == []
    assert (framer.pending.type, framer.pending.length) == ("extra190", 194)
    assert [e.type for e in framer.flush()] == ["extra190"]
    assert framer.pending is None and framer.offset == 194


def test_gap_and_unknown_start(fd):
    frame = fd.encode("realtime", bytes(150))
    framer = deframe.Framer(fd, start="unknown")
    events = framer.feed(b"abc" + frame) + framer.gap(10) + framer.feed(frame) + framer.finish(closed=False)
    assert [shape(e)[:3] for e in events] == [
        ("skip", "leading", 0), ("frame", "realtime", 3), ("frame", "realtime", 167),
    ]
    with pytest.raises(ValueError, match="known"):
        deframe.Framer(fd, start="middle")


def test_encode_and_decode(fd):
    for name, size in SIZES.items():
        frame = fd.encode(name, b"\x55" * size)
        decoded = fd.decode(frame)
        assert (decoded.type, decoded.payload, bytes(decoded)) == (name, b"\x55" * size, frame)
        with pytest.raises(deframe.DecodeError):
            fd.decode(frame[:-1])
        with pytest.raises(deframe.DecodeError):
            fd.decode(frame + frame)
    with pytest.raises(deframe.EncodeError, match="realtime has a payload of 150 bytes, not 3"):
        fd.encode("realtime", b"abc")
    with pytest.raises(KeyError, match="it has realtime, extra190, extra192"):
        fd.encode("nosuch", b"")


def test_messages(fd):
    payloads = [bytes([n]) * size for n, size in enumerate(SIZES.values())]
    message = deframe.Message(fd, payloads)
    data = message.to_bytes()
    assert len(data) == 544
    assert deframe.Message.from_bytes(fd, data).payloads == tuple(payloads)
    assert [m.offset for m in deframe.Message.parse_stream(fd, data + b"junk" + data)] == [0, 548]
    with pytest.raises(deframe.DecodeError, match="543 bytes, not the 544"):
        deframe.Message.from_bytes(fd, data[:-1])
    with pytest.raises(deframe.EncodeError, match="has 3 payloads, not 2"):
        deframe.Message(fd, payloads[:2])


METER = """
name = "meter"
[[frame]]
name = "reading"
header = "A5 01"
size = 16
end = "5A"
[[frame.field]]
name = "level"
offset = 2
type = "u16"
unit = "mm"
[[frame.field]]
name = "at"
offset = 4
type = "time"
format = "unix"
"""


def test_fields():
    text = METER.replace('type = "time"\nformat = "unix"', 'type = "u32"')
    meter = deframe.Protocol.parse(text)
    frame = meter.decode(meter.encode("reading", b"\x12\x34" + b"\0\0\0\x07" + bytes(7)))
    assert frame.fields == {"level": 0x1234, "at": 7}


def test_descriptions():
    assert deframe.Protocol.check(METER.replace("header", "haeder")).startswith("description:")
    with pytest.raises(deframe.DescriptionError, match="haeder"):
        deframe.Protocol.parse(METER.replace("header", "haeder"))
    with pytest.raises(deframe.DescriptionError, match="nosuch.toml"):
        deframe.Protocol("nosuch.toml")
    assert "fd" in deframe.Protocol.names()
    for name in deframe.Protocol.names():
        assert deframe.Protocol(name).name == name


def test_a_file(tmp_path):
    path = tmp_path / "meter.toml"
    path.write_text('name = "meter"\n[[frame]]\nname = "reading"\nheader = "A5"\nsize = 8\n')
    assert deframe.Protocol(path).frame_types == ["reading"]
    assert deframe.Protocol(str(path)).name == "meter"
