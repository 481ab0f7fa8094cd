"""From the events of a framer to calls, for every kind of server alike."""

from __future__ import annotations

from typing import Iterable

from . import Fault, Frame, Framer, Message, MessageAssembler, Protocol


def protocol_of(given: Protocol | str) -> Protocol:
    return given if isinstance(given, Protocol) else Protocol(given)


class Callbacks:
    """What the protocol classes of all frameworks have in common: the calls that a subclass overrides, and sending."""

    #: A name of the built-in descriptions, the path of a TOML file, or a ``deframe.Protocol``.
    protocol: Protocol | str = "fd"
    #: Seconds of silence after which a complete frame is taken.
    pause: float = 0.2

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        # A description that cannot be used fails where the class is made, not with the first device.
        if "protocol" in cls.__dict__:
            cls.protocol = protocol_of(cls.protocol)

    def frameReceived(self, frame: Frame) -> None:
        """A valid frame: ``type``, ``payload``, ``offset``, ``fields``."""

    def messageReceived(self, message: Message) -> None:
        """A frame completed a message: ``name``, ``payloads``, ``fields``."""

    def faultReceived(self, fault: Fault) -> None:
        """Bytes that are no frame: ``kind``, ``offset``, ``length``, ``data``. The next valid frame follows."""

    def sendFrame(self, type: str, payload: bytes) -> None:
        """Sends a frame of this type."""
        self.transport.write(protocol_of(self.protocol).encode(type, payload))

    def sendMessage(self, payloads: Iterable[bytes], name: str | None = None) -> None:
        """Sends a message, one payload for each of its frames."""
        self.transport.write(Message(self.protocol, list(payloads), name=name).to_bytes())


class Receiver:
    """The stream of one connection: bytes in, calls of ``frameReceived``, ``messageReceived`` and ``faultReceived``."""

    def __init__(self, protocol: Protocol | str, target: object) -> None:
        protocol = protocol_of(protocol)
        self.framer = Framer(protocol)
        self._assemblers = [MessageAssembler(protocol, name=name) for name in protocol.messages]
        self._target = target
        self._ended = False

    def feed(self, data: bytes) -> None:
        self._emit(self.framer.feed(data))

    def flush(self) -> None:
        """The peer has paused: a frame that is complete is taken, though a longer one could still come of it."""
        self._emit(self.framer.flush())

    def finish(self) -> None:
        """The connection has ended: what is still open is reported. Does nothing the second time."""
        if not self._ended:
            self._ended = True
            self._emit(self.framer.finish())

    @property
    def is_pending(self) -> bool:
        """Whether a complete frame waits for the next byte, or for ``flush``."""
        pending = self.framer.pending
        return pending is not None and pending.type is not None

    def _emit(self, events: list) -> None:
        target = self._target
        for event in events:
            if isinstance(event, Frame):
                target.frameReceived(event)
                for assembler in self._assemblers:
                    message = assembler.frame(event)
                    if message is not None:
                        target.messageReceived(message)
            elif isinstance(event, Fault):
                target.faultReceived(event)
