"""Frames of binary device protocols from streams of bytes, however TCP cut them.

    import deframe

    framer = deframe.Framer("fd")
    for event in framer.feed(data):        # any bytes-like object, cut anywhere
        if isinstance(event, deframe.Frame):
            print(event.type, event.payload)

``deframe.twisted`` and ``deframe.asyncio`` do this for servers.
"""

from ._deframe import (
    DecodeError,
    DescriptionError,
    EncodeError,
    Fault,
    Frame,
    Framer,
    Message,
    MessageAssembler,
    Pending,
    Protocol,
    Skip,
    __version__,
)

__all__ = [
    "DecodeError",
    "DescriptionError",
    "EncodeError",
    "Fault",
    "Frame",
    "Framer",
    "Message",
    "MessageAssembler",
    "Pending",
    "Protocol",
    "Skip",
    "__version__",
]
