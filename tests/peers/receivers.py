"""Feeds streams to Twisted's receivers: a JSON list of [protocol, [chunk in hex, ...]] on standard input, the strings that
each stream gave before the connection was dropped, in hex, on standard output."""

import json
import sys

from twisted.internet.testing import StringTransport
from twisted.protocols.basic import (
    Int8StringReceiver,
    Int16StringReceiver,
    Int32StringReceiver,
    LineReceiver,
    NetstringReceiver,
)

RECEIVERS = {
    "line": LineReceiver,
    "netstring": NetstringReceiver,
    "int8": Int8StringReceiver,
    "int16": Int16StringReceiver,
    "int32": Int32StringReceiver,
}


def receive(name, chunks):
    got = []
    receiver = RECEIVERS[name]()
    receiver.lineReceived = receiver.stringReceived = lambda text: got.append(text.hex())
    transport = StringTransport()
    receiver.makeConnection(transport)
    for chunk in chunks:
        if transport.disconnecting:
            break
        receiver.dataReceived(bytes.fromhex(chunk))
    return got


json.dump([receive(name, chunks) for name, chunks in json.load(sys.stdin)], sys.stdout)
