"""Asks a process whether it is ready: its port, and the page where it says so itself."""

from __future__ import annotations

import asyncio
import struct

from deploy.local.plan import Probe

ANSWER_WITHIN_SEC = 2.0

# PostgreSQL's protocol 3.0: a client's first message, and how the server says that it is not ready yet.
_PROTOCOL = 3 << 16
_NOBODY = b"user\0nobody\0\0"
_STARTING_UP = b"C57P03\0"


async def is_ready(probe: Probe) -> bool:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_SEC):
            return await answers(probe)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


async def answers(probe: Probe) -> bool:
    reader, writer = await asyncio.open_connection(probe.host, probe.port)
    try:
        if probe.postgres:
            return await takes_sessions(reader, writer)
        if probe.path is None:
            return True
        request = f"GET {probe.path} HTTP/1.1\r\nHost: {probe.host}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        await writer.drain()
        words = (await reader.readline()).split()
        return len(words) > 1 and words[1] == b"200"
    finally:
        writer.close()


async def takes_sessions(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """As pg_isready asks: it wants a password, or refuses for another reason than that it starts."""
    writer.write(struct.pack("!ii", 8 + len(_NOBODY), _PROTOCOL) + _NOBODY)
    await writer.drain()
    kind, length = struct.unpack("!ci", await reader.readexactly(5))
    if kind != b"E":
        return True
    return _STARTING_UP not in await reader.readexactly(length - 4)
