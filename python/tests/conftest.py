import random

import pytest

import deframe

SIZES = {"realtime": 150, "extra190": 190, "extra192": 192}


@pytest.fixture(scope="session")
def fd():
    return deframe.Protocol("fd")


class Stream:
    """A seeded stream of frames with faults between them, and random cuts of it."""

    def __init__(self, seed, protocol, frames=60, faults=0.15):
        self.random = random.Random(seed)
        parts = []
        for _ in range(frames):
            name = self.random.choice(list(SIZES))
            frame = protocol.encode(name, self.random.randbytes(SIZES[name]))
            if self.random.random() < faults:
                frame = self.random.choice([frame[:-2] + b"\0\0", frame[: self.random.randrange(1, 150)], b"junk" + frame])
            parts.append(frame)
        self.data = b"".join(parts)

    def cuts(self):
        at = 0
        while at < len(self.data):
            size = self.random.choice([1, 2, 7, 100, 154, 500, 1460, 5000])
            yield self.data[at : at + size]
            at += size


def shape(event):
    """What two events must have in common to be the same."""
    if isinstance(event, deframe.Frame):
        return ("frame", event.type, event.offset, event.data)
    return (type(event).__name__.lower(), event.kind, event.offset, event.length)
