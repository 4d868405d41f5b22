"""Asks a process whether it is ready: its port, and the page where it says so itself."""

from __future__ import annotations

import asyncio

from deploy.local.plan import Probe

ANSWER_WITHIN_SEC = 2.0


async def is_ready(probe: Probe) -> bool:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_SEC):
            return await answers(probe)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return False


async def answers(probe: Probe) -> bool:
    reader, writer = await asyncio.open_connection(probe.host, probe.port)
    try:
        if probe.path is None:
            return True
        request = f"GET {probe.path} HTTP/1.1\r\nHost: {probe.host}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode())
        await writer.drain()
        words = (await reader.readline()).split()
        return len(words) > 1 and words[1] == b"200"
    finally:
        writer.close()
