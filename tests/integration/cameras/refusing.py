"""A way to a broker on which the first frames that are sent are refused, as they are where a broker does not
lead their partition yet: for a moment after it was started again."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_PRODUCE = 0
_CORRUPT = re.compile(rb"(frames(?:\x02|\x00\x00\x00\x01).{4})\x00\x02", re.DOTALL)
"""In the answer for one partition of `frames`, in either form of the protocol: error 2, a broken message."""
_NOT_LEADER = b"\\g<1>\x00\x06"
_HELD_SEC = 1.0
"""So long the refused request waits for another one on its way behind it."""


@dataclass
class Refusing:
    """Passes on what clients and broker say (Kafka's protocol: size; API key, version, correlation id; rest).

    The first request that holds `marked` is broken on the way, so that the broker takes nothing of it, and
    the answer says that it does not lead the partition.
    """

    broker: str
    marked: bytes
    refused: list[int] = field(default_factory=list)
    """The correlation id, once there was such a request."""
    told_so: int = 0
    """Answers that say so."""
    behind: int = 0
    """Requests with messages that were on their way behind it before it was answered."""

    def __post_init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._server.getsockname()[1]}"
        self._open: list[socket.socket] = [self._server]
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def close(self) -> None:
        for each in self._open:
            _end(each)
        for thread in self._threads:
            thread.join(10)
        for each in self._open:
            each.close()

    def _run(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        host, port = self.broker.split(":")
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                broker = socket.create_connection((host, int(port)))
                self._open += [client, broker]
                self._run(self._requests, client, broker)
                self._run(self._answers, broker, client)

    def _requests(self, client: socket.socket, broker: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                request = _message(client)
                key, _, number = struct.unpack(">hhi", request[:8])
                if key == _PRODUCE and not self.refused and self.marked in request:
                    self.refused.append(number)
                    request = request.replace(self.marked, bytes(len(self.marked)))
                    self._wait_for_more(client)
                broker.sendall(struct.pack(">i", len(request)) + request)
        _end(broker)

    def _wait_for_more(self, client: socket.socket) -> None:
        ready, _, _ = select.select([client], [], [], _HELD_SEC)
        if ready:
            head = client.recv(6, socket.MSG_PEEK | socket.MSG_WAITALL)
            self.behind += head[4:] == struct.pack(">h", _PRODUCE)

    def _answers(self, broker: socket.socket, client: socket.socket) -> None:
        here, there = (struct.pack(">i", int(each.split(":")[1])) for each in (self.address, self.broker))
        with contextlib.suppress(OSError):
            while True:
                answer = _message(broker).replace(b"127.0.0.1" + there, b"127.0.0.1" + here)
                if struct.unpack(">i", answer[:4])[0] in self.refused:
                    answer, told = _CORRUPT.subn(_NOT_LEADER, answer)
                    self.told_so += told
                client.sendall(struct.pack(">i", len(answer)) + answer)
        _end(client)


def _end(connection: socket.socket) -> None:
    """Wakes who waits for it, in whichever thread; closing alone does not."""
    with contextlib.suppress(OSError):  # the other side has gone before
        connection.shutdown(socket.SHUT_RDWR)


def _message(source: socket.socket) -> bytes:
    return _exactly(source, struct.unpack(">i", _exactly(source, 4))[0])


def _exactly(source: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        more = source.recv(length - len(data))
        if not more:
            raise ConnectionError
        data += more
    return bytes(data)


@contextmanager
def refusing(broker: str, marked: bytes) -> Iterator[Refusing]:
    way = Refusing(broker, marked)
    try:
        yield way
    finally:
        way.close()
