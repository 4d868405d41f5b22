"""One checksum over all settings: another setting gives another, the same ones the same."""

from __future__ import annotations

import pytest

from processors import made_with
from processors.cascade.settings import CascadeSettings
from processors.made_with import settings_sha256
from processors.passages.settings import PassageSettings
from processors.reading import ReadingSettings

USUAL = settings_sha256(PassageSettings())


def test_the_same_settings_have_the_same_checksum() -> None:
    assert settings_sha256(PassageSettings()) == USUAL
    assert len(USUAL) == 64


@pytest.mark.parametrize(
    "other",
    [PassageSettings(kept_reads=23), PassageSettings(reading=ReadingSettings(accept=0.91))],
    ids=["passages", "reading"],
)
def test_another_setting_has_another_checksum(other: PassageSettings) -> None:
    assert settings_sha256(other) != USUAL


@pytest.mark.parametrize(
    ("name", "value"), [("FOR_VIDEO", CascadeSettings(least_plate=0.31)), ("GRAMMAR_VERSION", 0)]
)
def test_so_have_another_cascade_and_another_grammar(
    name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made_with, name, value)

    assert settings_sha256(PassageSettings()) != USUAL
