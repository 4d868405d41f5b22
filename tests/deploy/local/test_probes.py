"""When a process counts as ready."""

from __future__ import annotations

import asyncio
import struct

import pytest

from deploy.local.plan import Probe
from deploy.local.ports import HOST
from deploy.local.supervision.probes import is_ready


def refusal(code: str) -> bytes:
    """PostgreSQL's message that it takes no session, as its protocol has it."""
    body = b"SFATAL\0C" + code.encode() + b"\0Mno\0\0"
    return b"E" + struct.pack("!i", 4 + len(body)) + body


WANTS_PASSWORD = b"R" + struct.pack("!ii", 8, 10)


@pytest.mark.parametrize(
    ("answer", "ready"),
    [
        (WANTS_PASSWORD, True),
        (refusal("57P03"), False),  # it is starting up
        (refusal("53300"), True),  # it has its fill of connections: busy, not away
        (b"", False),
    ],
)
async def test_postgresql_is_ready_when_it_takes_sessions(answer: bytes, ready: bool) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        assert await is_ready(Probe(host=HOST, port=port, postgres=True)) is ready
