"""Owner data opens only with its key and only for its own registration number."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from contracts.errors import SetAside, Stop
from contracts.sealing import Sealer

KEY = os.urandom(32)


def test_sealed_data_opens_for_its_own_registration() -> None:
    sealer = Sealer(KEY)
    assert (
        sealer.open(sealer.seal(b"owner", registration="MH12AB1234"), registration="MH12AB1234") == b"owner"
    )


def test_the_same_data_never_seals_to_the_same_bytes() -> None:
    sealer = Sealer(KEY)
    assert sealer.seal(b"owner", registration="A") != sealer.seal(b"owner", registration="A")


def test_data_moved_to_another_registration_does_not_open() -> None:
    sealer = Sealer(KEY)
    token = sealer.seal(b"owner", registration="MH12AB1234")
    with pytest.raises(SetAside, match="does not open"):
        sealer.open(token, registration="MH12AB1235")


def test_a_changed_or_cut_token_or_another_key_does_not_open() -> None:
    sealer = Sealer(KEY)
    token = sealer.seal(b"owner", registration="A")
    for broken in (token[:-1], token[:5], b"", bytes([token[0] ^ 1]) + token[1:]):
        with pytest.raises(SetAside):
            sealer.open(broken, registration="A")
    with pytest.raises(SetAside):
        Sealer(os.urandom(32)).open(token, registration="A")


@pytest.mark.parametrize("content", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_a_wrong_key_file_stops_with_the_file_named_and_the_key_not_shown(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "owner.key"
    path.write_text(content)
    with pytest.raises(Stop) as stopped:
        Sealer.from_file(path)
    assert not content or content not in str(stopped.value)


def test_the_key_stands_in_no_representation() -> None:
    sealer = Sealer(KEY)
    assert base64.b64encode(KEY).decode() not in repr(sealer)
    assert KEY.hex() not in repr(sealer)
