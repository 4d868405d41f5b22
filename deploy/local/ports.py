"""Free ports on this machine's own address, and a clear answer when a wanted one is taken."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from contracts.errors import Stop

HOST = "127.0.0.1"


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
    """A free port for each name. All are held open until all are found, so none comes twice."""
    avoid = set(taken)
    held: list[socket.socket] = []
    found: dict[str, int] = {}
    try:
        for name in names:
            port = 0
            while port == 0 or port in avoid:
                holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                held.append(holder)
                holder.bind((HOST, 0))
                port = int(holder.getsockname()[1])
            found[name] = port
    finally:
        for holder in held:
            holder.close()
    return found
