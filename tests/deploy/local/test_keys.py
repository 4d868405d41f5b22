"""Secrets of an installation."""

from __future__ import annotations

import stat
from pathlib import Path

from contracts.sealing import Sealer
from deploy.local.keys import make_keys
from deploy.local.sign_in import ensure_sign_in
from deploy.local.supervision.status import now
from webapp.users import UsersFile


def test_secrets_are_their_owners_alone_and_stay_what_they_were(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_keys(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    make_keys(folder)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert len(set(before.values())) == len(before)


def test_a_folder_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)

    make_keys(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_owner_key_is_one_that_seals(tmp_path: Path) -> None:
    sealer = Sealer.from_file(make_keys(tmp_path / "secrets").folder / "owner.key")

    assert sealer.open(sealer.seal(b"name", registration="MH12AB1234"), registration="MH12AB1234") == b"name"


def test_the_first_sign_in_works_and_is_shown_again(tmp_path: Path) -> None:
    made = ensure_sign_in(tmp_path)

    assert made is not None
    assert UsersFile(tmp_path / "users.json").verify(name=made.name, password=made.password) is not None
    assert ensure_sign_in(tmp_path) == made
    assert made.password not in repr(made)


def test_a_sign_in_whose_password_was_changed_is_not_shown(tmp_path: Path) -> None:
    made = ensure_sign_in(tmp_path)
    assert made is not None

    users = UsersFile(tmp_path / "users.json")
    users.set_password(name=made.name, password="another password", now=now())

    assert ensure_sign_in(tmp_path) is None
