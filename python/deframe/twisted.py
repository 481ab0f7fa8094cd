"""Frames in a Twisted server or client.

    from twisted.internet import endpoints, protocol, reactor
    from deframe.twisted import FrameProtocol

    class Device(FrameProtocol):
        protocol = "fd"                       # or a deframe.Protocol

        def messageReceived(self, message):
            print(message.payloads)

    endpoints.serverFromString(reactor, "tcp:9000").listen(protocol.Factory.forProtocol(Device))
    reactor.run()
"""

from __future__ import annotations

from typing import Callable, Iterable

from twisted.internet import protocol as _protocol
from twisted.internet.task import LoopingCall

from . import Protocol
from ._receiver import Callbacks, Receiver, protocol_of

__all__ = ["FrameProtocol", "DeviceProtocol", "DeviceFactory"]


class FrameProtocol(Callbacks, _protocol.Protocol):
    """Calls ``frameReceived``, ``messageReceived`` and ``faultReceived``, however TCP cut the bytes.

    A frame that is complete but could still become a longer one is emitted with the next byte, or after ``pause``
    seconds without one. A subclass that overrides ``connectionMade``, ``dataReceived`` or ``connectionLost`` calls
    those of this class.
    """

    #: Where ``callLater`` is; the reactor if None. For tests.
    clock = None

    _receiver: Receiver | None = None
    _timer = None

    def connectionMade(self) -> None:
        self._receiver = Receiver(self.protocol, self)

    def dataReceived(self, data: bytes) -> None:
        if self._receiver is None:
            self._receiver = Receiver(self.protocol, self)
        self._receiver.feed(data)
        self._wait()

    def connectionLost(self, reason=_protocol.connectionDone) -> None:
        self._cancel()
        if self._receiver is not None:
            self._receiver.finish()

    def _wait(self) -> None:
        if not self._receiver.is_pending:
            return self._cancel()
        if self._timer is not None and self._timer.active():
            return self._timer.reset(self.pause)
        clock = self.clock
        if clock is None:
            from twisted.internet import reactor as clock
        self._timer = clock.callLater(self.pause, self._receiver.flush)

    def _cancel(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None


class DeviceProtocol(FrameProtocol):
    """Plays a device: sends the messages of its factory, one every ``interval`` seconds, then closes."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self._messages = iter(self.factory.messages())
        self._loop = LoopingCall(self._next)
        if self.clock is not None:
            self._loop.clock = self.clock
        self._loop.start(self.factory.interval)

    def connectionLost(self, reason=_protocol.connectionDone) -> None:
        if self._loop.running:
            self._loop.stop()
        super().connectionLost(reason)

    def _next(self) -> None:
        data = next(self._messages, None)
        if data is None:
            self._loop.stop()
            return self.transport.loseConnection()
        self.transport.write(bytes(data))


class DeviceFactory(_protocol.ClientFactory):
    """Makes clients that play a device: ``messages`` is called for each connection and gives what to send.

    Each item is a ``deframe.Message`` or bytes (a frame, a part of one, or bytes that are none).
    """

    protocol = DeviceProtocol

    def __init__(self, messages: Callable[[], Iterable], interval: float = 1.0, device: Protocol | str = "fd") -> None:
        self.messages = messages
        self.interval = interval
        self.device = protocol_of(device)

    def buildProtocol(self, addr):
        built = super().buildProtocol(addr)
        built.protocol = self.device
        return built
