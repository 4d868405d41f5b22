"""`platestream logs`: the last lines of a process's log, and those that follow."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.cli.logs import new_text
from tests.deploy.conftest import Done


def test_a_log_is_followed_across_its_emptying(tmp_path: Path) -> None:
    log = tmp_path / "stage.log"
    log.write_text("a first line\n")
    following = new_text(log, place=log.stat().st_size)

    with log.open("a") as writer:
        writer.write("second\n")
        writer.flush()
        assert next(following) == "second\n"

        os.truncate(log, 0)
        writer.write("third\n")
        writer.flush()
        assert next(following) == "third\n"


def test_a_letter_that_comes_in_two_parts_is_one_letter(tmp_path: Path) -> None:
    log = tmp_path / "stage.log"
    log.touch()
    following = new_text(log, place=0)

    with log.open("ab", buffering=0) as writer:
        writer.write("±".encode()[:1])
        assert next(following) == ""
        writer.write("±".encode()[1:])
        assert next(following) == "±"


@pytest.mark.parametrize(("wanted", "shown"), [("0", ""), ("2", "two\nthree\n"), ("9", "one\ntwo\nthree\n")])
def test_logs_shows_so_many_of_the_last_lines(
    platestream: Callable[..., Done], tmp_path: Path, wanted: str, shown: str
) -> None:
    logs = tmp_path / "state" / "logs"
    logs.mkdir(parents=True)
    (logs / "rows.log").write_text("one\ntwo\nthree\n")

    assert platestream("logs", "rows", "-n", wanted).out == shown
    assert platestream("logs", "rows", "-n", "-1").status == 2
