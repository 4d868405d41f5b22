"""An evidence store of a drill that is away for a while."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import simplejpeg

from contracts.errors import Stop, TryAgain
from deploy.drill.troubles.withheld import Withheld, is_noticed, objects_of
from processors.adapters.evidence import ObjectStoreEvidence
from processors.engine.measures import Measures
from processors.engine.patience import Patience


def jpeg(shade: int) -> bytes:
    return bytes(simplejpeg.encode_jpeg(np.full((16, 16, 3), shade, np.uint8), colorspace="RGB"))


async def test_what_is_to_be_stored_waits_until_it_is_back_and_nothing_of_before_is_gone(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "evidence"
    store = ObjectStoreEvidence.open(folder.as_uri())
    before = await store.add(jpeg(1))

    withheld = Withheld(objects_of(folder.as_uri()))
    assert not (folder / before.key).exists()
    with pytest.raises(TryAgain):
        await store.add(jpeg(100))
    ObjectStoreEvidence.open(folder.as_uri())  # who starts meanwhile waits as well

    assert withheld.give_back()
    assert not withheld.give_back()
    after = await store.add(jpeg(100))
    kept = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert kept == {before.key, after.key}


def test_a_store_that_nothing_was_put_into_yet_is_away_too(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    objects = objects_of((tmp_path / "evidence").as_uri())
    withheld = Withheld(objects)
    assert objects.is_file()
    withheld.give_back()
    assert objects.is_dir()


def test_what_somebody_stored_just_as_it_went_away_is_there_too(tmp_path: Path) -> None:
    objects = tmp_path / "evidence"
    (objects / "ab").mkdir(parents=True)
    (objects / "ab" / "before").touch()
    withheld = Withheld(objects)
    objects.unlink()
    (objects / "ab").mkdir(parents=True)
    (objects / "ab" / "meanwhile").touch()
    assert withheld.give_back()
    assert sorted(path.name for path in (objects / "ab").iterdir()) == ["before", "meanwhile"]
    assert [path.name for path in tmp_path.iterdir()] == ["evidence"]


def test_what_somebody_makes_anew_while_it_goes_away_goes_away_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects, late = tmp_path / "evidence", ["third", "second"]
    (objects / "ab").mkdir(parents=True)
    (objects / "ab" / "first").touch()
    touch = Path.touch

    def too_late(path: Path) -> None:
        if late:
            (path / "ab").mkdir(parents=True)
            touch(path / "ab" / late.pop())
        touch(path)

    monkeypatch.setattr(Path, "touch", too_late)
    withheld = Withheld(objects)
    assert objects.is_file()
    assert withheld.give_back()
    assert sorted(path.name for path in (objects / "ab").iterdir()) == ["first", "second", "third"]
    assert [path.name for path in tmp_path.iterdir()] == ["evidence"]


def test_a_store_that_is_not_there_is_not_made_to_be_taken_away(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="no store"):
        Withheld(objects_of((tmp_path / "elsewhere").as_uri()))
    with pytest.raises(Stop, match="s3"):
        objects_of("s3://bucket/evidence")
    assert not list(tmp_path.iterdir())


async def test_a_stage_that_waits_for_its_store_tells_that_it_is_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    logs = [tmp_path / "plates.log", tmp_path / "plates-visitor.log"]
    folder = tmp_path / "evidence"
    store = ObjectStoreEvidence.open(folder.as_uri())
    withheld = Withheld(objects_of(folder.as_uri()))

    async def give_back(_pause_sec: float) -> None:
        withheld.give_back()

    patience = Patience("plates", Measures("plates"), sleep=give_back)
    logs[1].write_text("plates reads sightings")
    assert not is_noticed(logs)
    with caplog.at_level(logging.WARNING):
        await patience.wait_for(lambda: store.add(jpeg(1)), about="a final")
    logs[1].write_text("\n".join(caplog.messages))
    assert is_noticed(logs)
