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


@pytest.mark.parametrize("address", ["9100", ":9100", "localhost:", "localhost:x", "h:0", "h:65536", "h:8²"])
def test_a_health_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(Stop, match=r"PLATESTREAM_HEALTH is .*, not host:port"):
        settings_from(ENVIRONMENT | {"PLATESTREAM_HEALTH": address})


@pytest.mark.parametrize("name", ["PLATESTREAM_INGEST_MEMORY_MB", "PLATESTREAM_INGEST_RING_MB"])
@pytest.mark.parametrize("megabytes", ["0", "0.5", "-1", "nan", "inf", "1e9", "many"])
def test_memory_is_a_number_of_megabytes_that_a_machine_may_have(name: str, megabytes: str) -> None:
    with pytest.raises(Stop, match=name):
        settings_from(ENVIRONMENT | {name: megabytes})
