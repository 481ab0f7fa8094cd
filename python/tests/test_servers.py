"""Real sockets on loopback: Twisted and asyncio get what a framer gives for the same bytes."""

import asyncio
import os
import socket
import subprocess
import sys
import textwrap
import threading

import pytest

import deframe
from conftest import Stream, shape

STREAMS = 50


def expected(protocol, data):
    framer = deframe.Framer(protocol)
    events = framer.feed(data) + framer.finish()
    return [shape(e) for e in events if not isinstance(e, deframe.Skip)]


def send(port, stream):
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in stream.cuts():
            peer.sendall(piece)


def test_asyncio_stream(fd):
    from deframe.asyncio import frames

    async def one(stream):
        found = asyncio.get_running_loop().create_future()

        async def serve(reader, writer):
            events = [shape(e) async for e in frames(reader, fd) if not isinstance(e, deframe.Skip)]
            writer.close()
            found.set_result(events)

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await asyncio.to_thread(send, port, stream)
        result = await asyncio.wait_for(found, 20)
        server.close()
        return result

    for seed in range(STREAMS):
        stream = Stream(seed, fd)
        assert asyncio.run(one(stream)) == expected(fd, stream.data), seed


def test_asyncio_flush_after_a_pause(fd):
    from deframe.asyncio import FrameProtocol

    class Device(FrameProtocol):
        protocol = fd
        pause = 0.05

        def frameReceived(self, frame):
            got.append(frame.type)

    got = []

    async def main():
        server = await asyncio.get_running_loop().create_server(Device, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(fd.encode("extra190", bytes(190)))
        for _ in range(100):
            await asyncio.sleep(0.02)
            if got:
                break
        assert got == ["extra190"], "taken after the pause, while the connection is open"
        writer.close()
        server.close()

    asyncio.run(main())


SERVER = """
    import sys
    from twisted.internet import protocol, reactor
    from deframe.twisted import FrameProtocol

    class Device(FrameProtocol):
        protocol = "fd"

        def frameReceived(self, frame):
            print("frame", frame.type, frame.offset, frame.data.hex())

        def messageReceived(self, message):
            print("message", message.offset)

        def faultReceived(self, fault):
            print("fault", fault.kind, fault.offset, fault.length)

        def connectionLost(self, reason=None):
            super().connectionLost(reason)
            print("closed", flush=True)

    port = reactor.listenTCP(0, protocol.Factory.forProtocol(Device), interface="127.0.0.1")
    print(port.getHost().port, flush=True)
    reactor.run()
"""


@pytest.fixture
def twisted_server():
    pytest.importorskip("twisted")
    server = subprocess.Popen([sys.executable, "-c", textwrap.dedent(SERVER)], stdout=subprocess.PIPE, text=True)
    yield int(server.stdout.readline()), server.stdout
    server.kill()
    server.wait()


def lines_of(output):
    lines = []
    for line in output:
        if line.strip() == "closed":
            return lines
        lines.append(line.split())
    raise AssertionError("the server ended")


def test_twisted(fd, twisted_server):
    port, output = twisted_server
    for seed in range(STREAMS):
        stream = Stream(seed, fd)
        sender = threading.Thread(target=send, args=(port, stream))
        sender.start()
        got = lines_of(output)
        sender.join()
        events = [
            ("frame", e[1], int(e[2]), bytes.fromhex(e[3])) if e[0] == "frame" else ("fault", e[1], int(e[2]), int(e[3]))
            for e in got if e[0] != "message"
        ]
        assert events == expected(fd, stream.data), seed
        messages = [int(e[1]) for e in got if e[0] == "message"]
        assert messages == [m.offset for m in deframe.Message.parse_stream(fd, stream.data)], seed


def test_the_device_client_talks_to_the_server(fd, twisted_server):
    from twisted.internet import reactor

    from deframe.twisted import DeviceFactory

    port, output = twisted_server
    message = deframe.Message(fd, [bytes(150), bytes(190), bytes(192)])
    factory = DeviceFactory(lambda: [message] * 5, interval=0.01)
    factory.clientConnectionLost = lambda *_: reactor.stop()
    reactor.connectTCP("127.0.0.1", port, factory)
    threading.Timer(20, lambda: reactor.callFromThread(reactor.stop)).start() if os.environ.get("CI") else None
    reactor.run(installSignalHandlers=False)
    got = lines_of(output)
    assert [e for e in got if e[0] == "message"] == [["message", str(544 * n)] for n in range(5)]
    assert not [e for e in got if e[0] == "fault"]


def test_a_bad_description_fails_with_the_class():
    pytest.importorskip("twisted")
    from deframe.twisted import FrameProtocol

    with pytest.raises(deframe.DescriptionError):
        class Device(FrameProtocol):
            protocol = "nosuch"
