"""Ports for servers are free, and stay so while a server is started again."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from deploy.local import ports
from deploy.local.ports import HOST, free_ports, is_free


@pytest.mark.parametrize("given_away", ["32768\t60999\n", "10240 40000", None])
def test_none_is_one_that_the_system_gives_to_outgoing_connections(
    given_away: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    range_file = tmp_path / "range"
    if given_away is not None:
        range_file.write_text(given_away)
    monkeypatch.setattr(ports, "_GIVEN_AWAY", range_file)
    first, last = (int(port) for port in (given_away or "49152 65535").split())

    found = free_ports([f"server-{number}" for number in range(50)])

    assert len(set(found.values())) == 50
    assert all(1024 < port < 65536 and not first <= port <= last for port in found.values())
    assert all(is_free(port) for port in found.values())


def test_where_all_are_given_away_any_free_one_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    range_file = tmp_path / "range"
    range_file.write_text("1024 65535")
    monkeypatch.setattr(ports, "_GIVEN_AWAY", range_file)

    assert is_free(free_ports(["page"])["page"])


def test_those_that_are_in_use_or_taken_already_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    three = list(free_ports(["busy", "taken", "left"]).values())
    busy, taken, left = three
    monkeypatch.setattr(ports, "_not_given_away", lambda: three)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind((HOST, busy))

        assert free_ports(["page"], taken=[taken]) == {"page": left}
