"""For the tests of `platestream verify` and `replay`: finals in a real database, frames on a real broker, and
the commands over them. And for those of the stage `plates`: its workers."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import simplejpeg

from deploy.cli.main import app
from deploy.migrate import migrate
from tests.integration.engine.sharing import Sharing, shared
from tests.integration.replay.replayed import FRAMES, STREET, Said, a_header, publish
from tests.integration.streets import readable_street
from tests.integration.verify.verified import Place, Verified, store


@pytest.fixture
def place(database: str, tmp_path: Path) -> Place:
    migrate(database)
    event_id = str(uuid.uuid4())
    asyncio.run(store(readable_street(), database, tmp_path / "evidence", event_id))
    return Place(database, tmp_path / "evidence", event_id)


@pytest.fixture
def verify(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Verified]:
    def call(*options: str, event_id: str = place.event_id) -> Verified:
        monkeypatch.setenv("PLATESTREAM_DATABASE", place.database)
        monkeypatch.setenv("PLATESTREAM_EVIDENCE", place.evidence.as_uri())
        monkeypatch.setattr(sys, "argv", ["platestream", "verify", event_id, "--json", *options])
        with pytest.raises(SystemExit) as ended:
            app()
        told = json.loads(capsys.readouterr().out)
        links = {each["link"]: (each["holds"], each["told"]) for each in told["links"]}
        unchecked = {each["link"] for each in told["links"] if not each["checked"]}
        assert told["holds"] == all(holds for holds, _ in links.values())
        assert told["checked"] == (not unchecked)
        return Verified(int(ended.value.code or 0), links, unchecked)

    return call


@pytest.fixture
def began() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def camera(topics: str, fresh_name: Callable[[str], str], began: datetime) -> str:
    """A camera whose frames show nothing, then a street with vehicles for a second, then nothing."""
    name = fresh_name("replay")
    street = readable_street().jpeg
    empty = simplejpeg.encode_jpeg(np.full((540, 960, 3), 128, np.uint8))
    shown = [street if number in STREET else empty for number in range(FRAMES)]
    publish(topics, [(a_header(name, began, number), data) for number, data in enumerate(shown)])
    return name


@pytest.fixture
def replay_in_words(
    topics: str,
    camera: str,
    began: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Said]:
    def call(*more: str) -> Said:
        ends = (began + timedelta(minutes=1)).isoformat()
        words = ["replay", "--from", began.isoformat(), "--to", ends, "--camera", camera, *more]
        monkeypatch.setenv("PLATESTREAM_KAFKA", topics)
        monkeypatch.setattr(sys, "argv", ["platestream", *words])
        with pytest.raises(SystemExit) as ended:
            app()
        captured = capsys.readouterr()
        return Said(ended.value.code or 0, captured.out, captured.err)

    return call


@pytest.fixture
def replay(replay_in_words: Callable[..., Said]) -> Callable[..., dict[str, Any]]:
    def call(*more: str) -> dict[str, Any]:
        said = replay_in_words("--json", *more)
        told: dict[str, Any] = {"error": said.status} if said.status else json.loads(said.out)
        return told

    return call


@pytest.fixture
def sharing(topics: str, triton: str, tmp_path: Path, fresh_name: Callable[[str], str]) -> Iterator[Sharing]:
    with shared(topics, triton, tmp_path / "evidence", fresh_name) as made:
        yield made
