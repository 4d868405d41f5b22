"""The environment of ingest becomes settings, or one line that says what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.errors import Stop
from ingest.settings import settings_from

ENVIRONMENT = {"PLATESTREAM_KAFKA": "127.0.0.1:9092", "PLATESTREAM_CAMERAS": "/srv/cameras.yml"}


def test_what_is_set_is_found_and_the_rest_has_defaults() -> None:
    settings = settings_from(ENVIRONMENT | {"PLATESTREAM_HEALTH": "127.0.0.1:9100"})

    assert settings.cameras == Path("/srv/cameras.yml")
    assert settings.health == ("127.0.0.1", 9100)
    assert settings.memory_bytes == 256 * 1024 * 1024
    assert settings.share is None


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(Stop, match=name):
        settings_from({key: value for key, value in ENVIRONMENT.items() if key != name})


@pytest.mark.parametrize("text", ["9100", ":9100", "localhost:", "localhost:x", "localhost:9²"])
def test_an_address_needs_host_and_port(text: str) -> None:
    with pytest.raises(Stop, match="PLATESTREAM_HEALTH"):
        settings_from(ENVIRONMENT | {"PLATESTREAM_HEALTH": text})


@pytest.mark.parametrize("text", ["much", "0", "nan", "1e9"])
def test_a_number_of_megabytes_is_one_that_a_machine_may_have(text: str) -> None:
    with pytest.raises(Stop, match="PLATESTREAM_INGEST_MEMORY_MB"):
        settings_from(ENVIRONMENT | {"PLATESTREAM_INGEST_MEMORY_MB": text})
