"""`platestream replay --models`: the same frames, looked at with other models than those that are in use."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.topics import Topic
from deploy.reading.reader import REPOSITORY
from processors.adapters.cards import model_file, models_used
from tests.integration.replay.replayed import events_of


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A repository like the shipped one."""
    return shutil.copytree(REPOSITORY, tmp_path / "models", ignore=shutil.ignore_patterns("*.pt"))


def test_events_of_other_models_name_these_and_go_to_no_live_topic(
    replay: Callable[..., dict[str, Any]], topics: str, camera: str, models: Path
) -> None:
    plate = model_file(models, "plate")
    plate.write_bytes(plate.read_bytes() + b"\x32\x07another")  # its description, field 6 of `ModelProto`
    other = hashlib.sha256(plate.read_bytes()).hexdigest()

    told = replay("--models", str(models))

    found = events_of(topics, Topic.PLATES_REPLAY, camera)
    assert told["events"] == len(found) > 0
    assert {event.models for event in found} == {models_used(models)}
    assert [each.sha256 for each in models_used(models) if each.name == "plate"] == [other]
    assert models_used(models) != models_used(REPOSITORY)
    assert events_of(topics, Topic.PLATES, camera) == []


def test_it_is_those_models_that_look_at_the_frames(
    replay: Callable[..., dict[str, Any]], topics: str, camera: str, models: Path
) -> None:
    shutil.copyfile(model_file(models, "vehicle"), model_file(models, "plate"))

    told = replay("--models", str(models))

    assert told["error"].startswith("platestream: model plate: tensor ")
    assert events_of(topics, Topic.PLATES_REPLAY, camera) == []
