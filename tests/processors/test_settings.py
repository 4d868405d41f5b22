from __future__ import annotations

import logging
from pathlib import Path

import pytest

from contracts.errors import Stop
from processors.__main__ import main
from processors.settings import from_environment, needed, read_object, read_text

ENOUGH = {"PLATESTREAM_KAFKA": "127.0.0.1:9092"}


def test_several_servers_are_told_apart_and_what_is_missing_has_its_default() -> None:
    settings = from_environment({**ENOUGH, "PLATESTREAM_TRITON": "one:8001, two:8001,"})
    assert settings.triton == ("one:8001", "two:8001")
    assert settings.stale_after_sec == 120.0
    assert settings.evidence is None


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, "PLATESTREAM_KAFKA"),
        ({**ENOUGH, "PLATESTREAM_STALE_AFTER_SEC": "soon"}, "PLATESTREAM_STALE_AFTER_SEC"),
    ],
)
def test_what_is_wrong_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(Stop, match=named):
        from_environment(environment)


@pytest.mark.parametrize("written", ["0.5", "8.5", "0", "-1", "nan", "inf", "many"])
def test_how_many_are_on_their_way_is_a_whole_number_from_one(written: str) -> None:
    with pytest.raises(Stop, match=r"PLATESTREAM_IN_FLIGHT is .*a whole number, 1 or more"):
        from_environment({**ENOUGH, "PLATESTREAM_IN_FLIGHT": written})
    assert from_environment({**ENOUGH, "PLATESTREAM_IN_FLIGHT": "1"}).in_flight == 1


@pytest.mark.parametrize("written", ["0", "-0.5", "nan"])
def test_an_age_at_which_frames_are_stale_is_above_zero(written: str) -> None:
    with pytest.raises(Stop, match="PLATESTREAM_STALE_AFTER_SEC must be above 0"):
        from_environment({**ENOUGH, "PLATESTREAM_STALE_AFTER_SEC": written})
    assert from_environment({**ENOUGH, "PLATESTREAM_STALE_AFTER_SEC": "0.5"}).stale_after_sec == 0.5


def test_a_secret_is_read_from_its_file_and_never_printed(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(" secret-key \n")
    settings = from_environment(
        {
            **ENOUGH,
            "PLATESTREAM_REGISTRY_KEY_FILE": str(file),
            "PLATESTREAM_DATABASE": "postgresql://rows:secret@db/plates",
        }
    )
    assert settings.registry_key_file is not None
    assert read_text(settings.registry_key_file) == "secret-key"
    assert "rows:secret" not in repr(settings)
    assert "secret-key" not in repr(settings)


def test_a_file_that_is_missing_or_no_json_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "account.json"
    broken.write_text("[1]")
    with pytest.raises(Stop, match=r"account\.json"):
        read_object(broken)
    with pytest.raises(Stop, match="nowhere"):
        read_text(tmp_path / "nowhere")
    with pytest.raises(Stop, match="PLATESTREAM_DATABASE"):
        needed(None, "DATABASE")


def test_the_command_refuses_an_unknown_stage_and_a_missing_broker_with_one_line(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLATESTREAM_KAFKA", raising=False)
    assert main(["nonsense"]) == 2
    assert "sightings|plates|enriched|rows" in capsys.readouterr().err
    with caplog.at_level(logging.ERROR):
        assert main(["sightings"]) == 2
    assert "PLATESTREAM_KAFKA is not set" in caplog.text
