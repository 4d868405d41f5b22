"""The environment becomes settings, or one line that says what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contracts.errors import Stop
from webapp.parts import make_parts
from webapp.security import session_key
from webapp.settings import Address, from_environment

ENVIRONMENT = {
    "PLATESTREAM_HTTP": "127.0.0.1:8000",
    "PLATESTREAM_DATABASE": "postgresql://portal:secret@db/platestream",
    "PLATESTREAM_KAFKA": "127.0.0.1:9092",
    "PLATESTREAM_EVIDENCE": "file:///srv/evidence",
    "PLATESTREAM_UPLOADS": "file:///srv/uploads",
    "PLATESTREAM_SECRETS": "/srv/secrets",
}


def test_what_is_set_is_found_and_the_rest_has_defaults() -> None:
    settings = from_environment(ENVIRONMENT)

    assert settings.http == Address("127.0.0.1", 8000)
    assert settings.secrets == Path("/srv/secrets")
    assert settings.health is None
    assert settings.zone == "Asia/Kolkata"
    assert not settings.https


def test_a_password_does_not_print() -> None:
    assert "secret@" not in repr(from_environment(ENVIRONMENT))


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(Stop, match=name):
        from_environment({key: value for key, value in ENVIRONMENT.items() if key != name})


@pytest.mark.parametrize(
    "text", ["8000", ":8000", "localhost:", "localhost:x", "localhost:0", "h:65536", "h:8²"]
)
def test_an_address_needs_host_and_port(text: str) -> None:
    with pytest.raises(Stop, match="PLATESTREAM_HTTP"):
        from_environment(ENVIRONMENT | {"PLATESTREAM_HTTP": text})


def test_behind_tls_cookies_are_for_tls_alone() -> None:
    assert from_environment(ENVIRONMENT | {"PLATESTREAM_PUBLIC_URL": "https://plates.example"}).https


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "Asia", "Asia/Kolkata\0"])
def test_a_time_zone_that_nobody_knows_is_named(zone: str) -> None:
    settings = from_environment(ENVIRONMENT | {"PLATESTREAM_ZONE": zone})

    with pytest.raises(Stop, match=re.escape(f"PLATESTREAM_ZONE={zone!r}")):
        make_parts(settings)


def test_without_a_key_of_owner_data_nobody_is_shown_an_owner(tmp_path: Path) -> None:
    assert make_parts(from_environment(ENVIRONMENT)).owner_key is None

    unusable = from_environment(ENVIRONMENT | {"PLATESTREAM_OWNER_KEY_FILE": str(tmp_path / "owner.key")})
    with pytest.raises(Stop, match=r"owner key .*/owner\.key: FileNotFoundError"):
        make_parts(unusable)


def test_the_session_key_has_to_be_long_enough(tmp_path: Path) -> None:
    (tmp_path / "session.key").write_text("short\n")

    with pytest.raises(Stop, match="at least 32"):
        session_key(tmp_path / "session.key")
    with pytest.raises(Stop, match=r"session\.key"):
        session_key(tmp_path / "none" / "session.key")
