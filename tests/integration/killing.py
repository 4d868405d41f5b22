"""Finds the process behind an address, so that a test can kill it."""

from __future__ import annotations

import psutil


def listening_on(address: str) -> psutil.Process:
    """The process that listens on host:port."""
    port = int(address.rpartition(":")[2])
    for connection in psutil.net_connections("tcp"):
        if (
            connection.status == psutil.CONN_LISTEN
            and getattr(connection.laddr, "port", 0) == port
            and connection.pid
        ):
            return psutil.Process(connection.pid)
    raise AssertionError(f"nobody listens on {address}")
