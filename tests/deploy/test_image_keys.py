"""Secrets of a compose installation: a folder for each audience."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from deploy.images.keys import main
from deploy.local.keys import OWNER_KEY, make_keys
from deploy.local.sign_in import SignIn
from webapp.users import UsersFile


@pytest.fixture(autouse=True)
def same_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    assert main(tmp_path) == 0
    return tmp_path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_each_audience_gets_what_it_needs_and_no_more(keys: Path) -> None:
    assert names(keys / "registry") == {"registry.key"}
    assert names(keys / "processors") == {"pgpass", "evidence-writer.json"}
    assert names(keys / "owner") == {"owner.key"}
    assert names(keys / "web") == {"session.key", "pgpass", "web.json", "users.json", "first-sign-in.json"}
    assert "rows_login" in (keys / "processors" / "pgpass").read_text()
    assert "rows_login" not in (keys / "web" / "pgpass").read_text()


def test_the_first_sign_in_is_in_a_file_and_in_no_log(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    main(tmp_path)

    kept = msgspec.json.decode((tmp_path / "web" / "first-sign-in.json").read_bytes(), type=SignIn)
    assert UsersFile(tmp_path / "web" / "users.json").verify(name=kept.name, password=kept.password)
    shown = capfd.readouterr()
    assert kept.password not in shown.out + shown.err


def test_an_owner_key_of_an_earlier_release_stays_the_key(tmp_path: Path) -> None:
    before = make_keys(tmp_path / "processors", (OWNER_KEY,)).folder / OWNER_KEY

    main(tmp_path)

    assert (tmp_path / "owner" / OWNER_KEY).read_text() == before.read_text()


def test_a_second_start_keeps_every_key(keys: Path) -> None:
    before = {path: path.read_bytes() for path in keys.rglob("*") if path.is_file()}

    main(keys)

    assert {path: path.read_bytes() for path in keys.rglob("*") if path.is_file()} == before
