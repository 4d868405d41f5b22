"""For the tests of `platestream verify`: finals in a real database, and the command over them."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.cli.main import app
from deploy.migrate import migrate
from tests.integration.streets import readable_street
from tests.integration.verified import Place, Verified, store


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
