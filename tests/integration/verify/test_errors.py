"""`platestream verify` that ends before its last link: no such final, no model, no right."""

from __future__ import annotations

import json
import shutil
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.main import app
from deploy.reading.reader import REPOSITORY
from tests.contracts.builders import a_plate_event
from tests.integration.verify.verified import Place, stored


@pytest.fixture
def ended(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[object, str, str]]:
    """Exit status, what was told, and the error."""

    def call(*words: str, **variables: str) -> tuple[object, str, str]:
        named = {"PLATESTREAM_DATABASE": place.database, "PLATESTREAM_EVIDENCE": place.evidence.as_uri()}
        for name, value in (named | variables).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["platestream", "verify", *words])
        with pytest.raises(SystemExit) as exited:
            app()
        said = capsys.readouterr()
        return exited.value.code, said.out, said.err

    return call


@pytest.fixture
def why_not(ended: Callable[..., tuple[object, str, str]]) -> Callable[[str], str]:
    """The one line with which it ends, where there is no such final."""

    def call(event_id: str) -> str:
        status, out, error = ended(event_id)
        assert (status, out) == (1, "")
        return error.rstrip("\n")

    return call


def test_an_event_that_is_not_there_is_told_in_one_line(place: Place, why_not: Callable[[str], str]) -> None:
    nobody = str(uuid.uuid4())
    assert why_not(nobody) == f"platestream: event {nobody}: no row has it, and no chain knows it"


def test_a_preview_is_told_to_be_one(place: Place, why_not: Callable[[str], str]) -> None:
    preview = stored(place, a_plate_event(event_id=str(uuid.uuid4()), state="preview", revision=0))

    assert why_not(preview) == (
        f"platestream: event {preview}: it is a preview: only finals are in the chain"
    )


def test_a_final_whose_row_was_deleted_is_told_apart_from_one_that_never_was(
    place: Place, why_not: Callable[[str], str]
) -> None:
    place.change(f"DELETE FROM passages WHERE event_id = '{place.event_id}'")

    assert why_not(place.event_id) == (
        f"platestream: event {place.event_id}: its row is gone, but it is number 1 of the chain of "
        f"verify-{place.event_id[:8]}: somebody took it out, unless rows of its time were deleted on purpose"
    )


def test_what_was_changed_so_that_it_is_no_event_any_more_is_told_with_what_it_lacks(
    place: Place, why_not: Callable[[str], str]
) -> None:
    place.change(f"UPDATE passages SET event = event - 'corners' WHERE event_id = '{place.event_id}'")

    assert why_not(place.event_id) == (
        f"platestream: event {place.event_id}: what is stored is no event: "
        "Object missing required field `corners`"
    )


def test_no_such_final_is_an_error_in_json_too(ended: Callable[..., tuple[object, str, str]]) -> None:
    nobody = str(uuid.uuid4())

    status, out, _ = ended(nobody, "--json")

    assert status == 1
    assert json.loads(out) == {
        "event_id": nobody,
        "error": f"event {nobody}: no row has it, and no chain knows it",
        "links": [],
    }


@pytest.fixture
def other_models(tmp_path: Path) -> Path:
    """A repository in which the vehicle model stands in the place of the one for plates."""
    folder = tmp_path / "models"
    shutil.copytree(REPOSITORY, folder)
    vehicle, plate = (folder / name / "1" / "model.onnx" for name in ("vehicle", "plate"))
    shutil.copyfile(vehicle, plate)
    return folder


def test_models_with_which_nothing_can_be_read_again_break_no_link(
    place: Place, ended: Callable[..., tuple[object, str, str]], other_models: Path
) -> None:
    status, out, error = ended(place.event_id, PLATESTREAM_MODELS=str(other_models))
    assert status == 4
    assert "BROKEN" not in out
    assert error.startswith("platestream: model plate: tensor ")

    (other_models / "plate" / "1" / "model.onnx").unlink()
    status, out, _ = ended(place.event_id, "--json", PLATESTREAM_MODELS=str(other_models))
    told: dict[str, Any] = json.loads(out)
    assert status == 4
    assert told["error"].startswith("model plate: ")
    assert [each["link"] for each in told["links"]] == ["row", "event", "chain", "frame", "vehicle", "plate"]


def test_a_link_that_was_broken_before_the_error_is_broken(
    place: Place, ended: Callable[..., tuple[object, str, str]], tmp_path: Path
) -> None:
    place.change(f"UPDATE passages SET text = 'MH12AB9999' WHERE event_id = '{place.event_id}'")

    assert ended(place.event_id, PLATESTREAM_MODELS=str(tmp_path / "none"))[0] == 1


def test_a_role_that_may_not_read_the_chain_breaks_no_link(
    place: Place, ended: Callable[..., tuple[object, str, str]]
) -> None:
    writer = f"{place.database}?options=-c%20role%3Dplatestream_writer"

    status, out, error = ended(place.event_id, PLATESTREAM_DATABASE=writer)

    assert (status, out) == (4, "")
    assert "permission denied" in error
