from __future__ import annotations

import pytest

from contracts.errors import Stop
from ingest.settings import settings_from

ENOUGH = {"PLATESTREAM_KAFKA": "127.0.0.1:9092", "PLATESTREAM_CAMERAS": "cameras.yml"}


@pytest.mark.parametrize("address", ["9100", ":9100", "localhost:", "localhost:x", "h:0", "h:65536", "h:8²"])
def test_a_health_address_that_is_none_is_named(address: str) -> None:
    with pytest.raises(Stop, match=r"PLATESTREAM_HEALTH is .*, not host:port"):
        settings_from({**ENOUGH, "PLATESTREAM_HEALTH": address})
    assert settings_from({**ENOUGH, "PLATESTREAM_HEALTH": "h:9100"}).health == ("h", 9100)


@pytest.mark.parametrize("name", ["PLATESTREAM_INGEST_MEMORY_MB", "PLATESTREAM_INGEST_RING_MB"])
@pytest.mark.parametrize("megabytes", ["0", "0.5", "-1", "nan", "inf", "many"])
def test_memory_is_a_number_of_megabytes_from_one(name: str, megabytes: str) -> None:
    with pytest.raises(Stop, match=name):
        settings_from({**ENOUGH, name: megabytes})
