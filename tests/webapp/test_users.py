"""The users file: hashes only, its owner's alone, replaced whole."""

from __future__ import annotations

import io
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.errors import Rejected, Stop
from deploy.cli.users import users as command
from webapp.users import ROLES, UsersFile

NOW = datetime(2026, 11, 23, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def users(tmp_path: Path) -> UsersFile:
    file = UsersFile(tmp_path / "secrets" / "users.json")
    file.set_password(name="asha", password=PASSWORD, now=NOW)
    return file


def test_the_right_password_and_no_other_is_accepted(users: UsersFile) -> None:
    assert users.verify(name="asha", password=PASSWORD) is not None
    assert users.verify(name="asha", password=PASSWORD + "x") is None
    assert users.verify(name="ravi", password=PASSWORD) is None
    assert users.verify(name="", password="") is None


def test_the_file_holds_no_password_and_is_its_owners_alone(users: UsersFile, tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "users.json"

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert PASSWORD not in path.read_text()
    assert "$argon2id$" in path.read_text()


def test_a_change_by_another_process_is_seen(users: UsersFile, tmp_path: Path) -> None:
    UsersFile(tmp_path / "secrets" / "users.json").remove(name="asha")

    assert users.find("asha") is None


def test_administrators_at_the_same_time_undo_nothing_of_one_another(
    users: UsersFile, tmp_path: Path
) -> None:
    users.set_password(name="left", password=PASSWORD, now=NOW)

    def change(name: str) -> None:
        # Each a process of its own in life.
        file = UsersFile(tmp_path / "secrets" / "users.json")
        if name == "left":
            file.remove(name=name)
        else:
            file.set_password(name=name, password=PASSWORD, now=NOW)

    names = [f"new{number}" for number in range(6)]
    with ThreadPoolExecutor(7) as pool:
        list(pool.map(change, [*names[:3], "left", *names[3:]]))

    assert sorted(users.all()) == ["asha", *names]


def test_a_session_ends_with_the_password_it_was_made_by(users: UsersFile) -> None:
    user = users.find("asha")
    assert user is not None
    session = f"asha:{user.stamp}"
    assert users.of_session(session) is not None

    users.set_password(name="asha", password="another password", now=NOW)

    assert users.of_session(session) is None
    assert users.of_session("") is None


@pytest.mark.parametrize("name", ["", "Asha", "a b", "../x", "a" * 65, "-x"])
def test_odd_names_are_refused(users: UsersFile, name: str) -> None:
    with pytest.raises(Rejected):
        users.set_password(name=name, password=PASSWORD, now=NOW)


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_passwords_have_a_length(users: UsersFile, password: str) -> None:
    with pytest.raises(Rejected):
        users.set_password(name="ravi", password=password, now=NOW)


@pytest.mark.parametrize("content", [b"{broken", b'{"\xff": 1}', b"[]"])
def test_a_file_that_is_none_of_ours_stops(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "users.json").write_bytes(content)

    with pytest.raises(Stop):
        UsersFile(tmp_path / "users.json").all()


def test_a_file_that_cannot_be_looked_at_stops(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("a file where the folder should be")

    with pytest.raises(Stop, match="NotADirectoryError"):
        UsersFile(tmp_path / "secrets" / "users.json").all()


def test_no_file_means_no_users(tmp_path: Path) -> None:
    assert UsersFile(tmp_path / "users.json").all() == {}


def test_the_command_adds_lists_changes_and_removes(tmp_path: Path) -> None:
    run, here = CliRunner(), ["--secrets-folder", str(tmp_path)]

    added = run.invoke(command, ["add", "ravi", "--password-stdin", *here], input=PASSWORD + "\n")
    made = run.invoke(command, ["passwd", "ravi", "--generate", *here])
    listed = run.invoke(command, ["list", *here])
    new_password = made.stdout.split("password: ")[1].split()[0]
    verified = UsersFile(tmp_path / "users.json").verify(name="ravi", password=new_password)
    removed = run.invoke(command, ["remove", "ravi", *here])
    empty = run.invoke(command, ["list", *here])

    assert added.exit_code == 0
    assert PASSWORD not in added.stdout
    assert listed.stdout.startswith("ravi\tsince ")
    assert verified is not None
    assert removed.exit_code == 0
    assert (empty.stdout, empty.stderr) == ("", "nobody may sign in yet\n")
    assert UsersFile(tmp_path / "users.json").all() == {}


@pytest.mark.parametrize("arguments", [["passwd", "nobody"], ["remove", "nobody"]])
def test_the_command_names_who_is_not_there(tmp_path: Path, arguments: list[str]) -> None:
    result = CliRunner().invoke(command, [*arguments, "--secrets-folder", str(tmp_path)])

    assert isinstance(result.exception, Rejected)
    assert "nobody" in str(result.exception)


def test_a_password_line_may_end_as_windows_ends_it(tmp_path: Path) -> None:
    here = ["--secrets-folder", str(tmp_path)]

    CliRunner().invoke(command, ["add", "ravi", "--password-stdin", *here], input=f"{PASSWORD}\r\n".encode())

    assert UsersFile(tmp_path / "users.json").verify(name="ravi", password=PASSWORD) is not None


def test_a_password_that_is_no_text_is_refused_without_being_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = ["--secrets-folder", str(tmp_path)]

    for errors in ("strict", "surrogateescape"):
        encoded = io.BytesIO(b"long enough \xff\xfe\n")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(encoded, encoding="utf-8", errors=errors))
        with pytest.raises(Rejected, match=r"^password: standard input is no text in UTF-8$"):
            command(["add", "ravi", "--password-stdin", *here], standalone_mode=False)


def test_a_file_that_cannot_be_written_is_named() -> None:
    nobody = UsersFile(Path("/proc/nowhere/users.json"))

    with pytest.raises(Stop, match=r"^users file /proc/nowhere/users\.json cannot be written: "):
        nobody.set_password(name="ravi", password=PASSWORD, now=NOW)


def test_a_role_is_given_kept_and_taken_away(tmp_path: Path) -> None:
    run, here = CliRunner(), ["--secrets-folder", str(tmp_path)]
    run.invoke(command, ["add", "ravi", "--generate", *here])

    given = run.invoke(command, ["grant", "ravi", "auditor", *here])
    again = run.invoke(command, ["grant", "ravi", "auditor", *here])
    run.invoke(command, ["passwd", "ravi", "--generate", *here])
    listed = run.invoke(command, ["list", *here])
    taken = run.invoke(command, ["revoke", "ravi", "auditor", *here])

    assert (given.stdout, again.stdout) == ("ravi is auditor\n", "ravi is auditor already\n")
    assert listed.stdout.rstrip().endswith("\tauditor")
    assert taken.stdout == "ravi is auditor no more\n"
    assert UsersFile(tmp_path / "users.json").all()["ravi"].roles == ()


def test_one_may_have_several_roles_and_loses_one_at_a_time(users: UsersFile) -> None:
    for role in ROLES:
        users.set_role(name="asha", role=role, given=True)
    assert users.all()["asha"].roles == ("auditor", "investigator")

    users.set_role(name="asha", role="auditor", given=False)

    assert users.all()["asha"].roles == ("investigator",)


@pytest.mark.parametrize(("name", "role"), [("nobody", "auditor"), ("ravi", "king")])
def test_a_role_needs_somebody_and_has_a_known_name(users: UsersFile, name: str, role: str) -> None:
    users.set_password(name="ravi", password=PASSWORD, now=NOW)

    with pytest.raises(Rejected, match=name if role == "auditor" else "king"):
        users.set_role(name=name, role=role, given=True)
