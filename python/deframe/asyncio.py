"""Frames in an asyncio server or client.

    import asyncio
    from deframe.asyncio import frames

    async def serve(reader, writer):
        async for event in frames(reader, "fd"):
            print(event)

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 9000)
        await server.serve_forever()
"""

from __future__ import annotations

import asyncio
from typing import AsyncIterator

from . import Fault, Frame, Framer, Protocol, Skip
from ._receiver import Callbacks, Receiver

__all__ = ["FrameProtocol", "frames"]

#: Bytes that one read takes at most.
_READ_BYTES = 64 * 1024


class FrameProtocol(Callbacks, asyncio.Protocol):
    """Calls ``frameReceived``, ``messageReceived`` and ``faultReceived``, however TCP cut the bytes.

    A frame that is complete but could still become a longer one is emitted with the next byte, or after ``pause``
    seconds without one. A subclass that overrides ``connection_made``, ``data_received`` or ``connection_lost`` calls
    those of this class.
    """

    transport: asyncio.Transport | None = None

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport) -> None:
        self.transport = transport
        self._receiver = Receiver(self.protocol, self)

    def data_received(self, data: bytes) -> None:
        self._receiver.feed(data)
        self._cancel()
        if self._receiver.is_pending:
            self._timer = asyncio.get_running_loop().call_later(self.pause, self._receiver.flush)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        self._receiver.finish()

    def _cancel(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def frames(
    reader: asyncio.StreamReader, protocol: Protocol | str = "fd", *, pause: float = 0.2
) -> AsyncIterator[Frame | Fault | Skip]:
    """The frames and faults of a stream, as they are decided, to its end.

    A complete frame that could still become a longer one is emitted with the next byte, or after ``pause`` seconds.
    """
    framer = Framer(protocol)
    read = None
    try:
        while True:
            if read is None:
                read = asyncio.ensure_future(reader.read(_READ_BYTES))
            pending = framer.pending
            wait = pause if pending is not None and pending.type is not None else None
            done, _ = await asyncio.wait({read}, timeout=wait)
            if not done:
                events, data = framer.flush(), None
            else:
                data, read = read.result(), None
                events = framer.feed(data) if data else framer.finish()
            for event in events:
                yield event
            if data == b"":
                return
    finally:
        if read is not None:
            read.cancel()
