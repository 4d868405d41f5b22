"""Free ports on this machine's own address, and a clear answer when a wanted one is taken."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from contracts.errors import Stop

HOST = "127.0.0.1"
_GIVEN_AWAY = Path("/proc/sys/net/ipv4/ip_local_port_range")
_LOWEST = 10240
_FEWEST = 1000
_chance = random.SystemRandom()


def is_free(port: int) -> bool:
    """Whether a server could open it now.

    Raises:
        PermissionError: it is one of those that only root may open.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A port in TIME_WAIT after a stack that just ended counts as free, as it does for the servers.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise
        except OSError:
            return False
        return True


def demand(name: str, port: int) -> int:
    """The port that the user asked for, or one line that says why it cannot be had."""
    try:
        free = is_free(port)
    except PermissionError as error:
        raise Stop(f"port {port} for {name} may not be opened by this user: name a higher one") from error
    if not free:
        raise Stop(f"port {port} for {name} is in use on {HOST}: free it or name another one")
    return port


def free_ports(names: Iterable[str], taken: Iterable[int] = ()) -> dict[str, int]:
    """A free port for each name. All are held open until all are found, so none comes twice.

    None is one that the system gives to outgoing connections: one of those may be taken by a client between
    two lives of its server, which then cannot come up again.
    """
    avoid = set(taken)
    for_servers = [port for port in _not_given_away() if port not in avoid]
    held: list[socket.socket] = []
    found: dict[str, int] = {}
    try:
        for name in names:
            while name not in found:
                port = _chance.choice(for_servers)
                holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                held.append(holder)
                with contextlib.suppress(OSError):  # somebody has it
                    holder.bind((HOST, port))
                    found[name] = port
    finally:
        for holder in held:
            holder.close()
    return found


def _not_given_away() -> list[int]:
    """Ports beyond those that a user may not open and those of outgoing connections (RFC 6335 where the
    system does not say which these are)."""
    first, last = 49152, 65535
    if _GIVEN_AWAY.exists():
        first, last = (int(port) for port in _GIVEN_AWAY.read_text().split())
    kept = [port for port in range(_LOWEST, 65536) if not first <= port <= last]
    return kept if len(kept) >= _FEWEST else list(range(_LOWEST, 65536))
