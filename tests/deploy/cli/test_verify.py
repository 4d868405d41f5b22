"""`platestream verify` that cannot check anything: its exit status, and why, in one line or in JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from deploy.cli.main import app

EVENT = "5b3f7d0c-8f2e-5a51-9d8e-0c6a1a2b3c4d"
NOBODY = "postgresql://nobody@127.0.0.1:9/none"


def status_of(*words: str, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setattr(sys, "argv", ["platestream", "verify", *words])
    with pytest.raises(SystemExit) as ended:
        app()
    return ended.value.code


@pytest.mark.parametrize(
    ("words", "variables", "why"),
    [
        ((EVENT,), {}, "postgres: "),
        (("12",), {}, "event 12: that is no event id"),
        ((EVENT, "--head", "12"), {}, "--head 12: a number and 12 to 64 hexadecimal digits are wanted"),
        ((EVENT,), {"PLATESTREAM_EVIDENCE": "ftp://somewhere"}, "evidence store: ftp://"),
        ((EVENT,), {"PLATESTREAM_DATABASE": "junk"}, "the database's address cannot be understood"),
        ((EVENT,), {"PLATESTREAM_CAMERAS": "/nowhere/cameras.yml"}, "/nowhere/cameras.yml"),
    ],
)
def test_what_could_not_be_checked_has_a_status_of_its_own(
    words: tuple[str, ...],
    variables: dict[str, str],
    why: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    named = {"PLATESTREAM_DATABASE": NOBODY, "PLATESTREAM_EVIDENCE": tmp_path.as_uri(), **variables}
    for name, value in named.items():
        monkeypatch.setenv(name, value)

    assert status_of(*words, monkeypatch=monkeypatch) == 4
    said = capsys.readouterr()
    [line] = said.err.splitlines()
    assert line.startswith("platestream: ")
    assert why in line
    assert said.out == ""

    assert status_of(*words, "--json", monkeypatch=monkeypatch) == 4
    told = json.loads(capsys.readouterr().out)
    assert told == {"event_id": words[0], "error": line.removeprefix("platestream: "), "links": []}
