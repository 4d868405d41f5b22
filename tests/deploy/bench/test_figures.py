"""The bench as a whole: an area that cannot be measured does not take the figures of the others with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.errors import Stop
from deploy.bench import __main__ as bench
from deploy.bench.figures import AREAS, Area, Figure


@pytest.fixture
def figures_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is rendered, and every area has one figure."""
    monkeypatch.setattr(bench, "CHECKOUT", tmp_path)
    monkeypatch.setattr(bench, "prepare", lambda _console: None)
    monkeypatch.setattr(bench, "MEASURES", {area: measure(area) for area in AREAS})
    return tmp_path / bench.FIGURES


def measure(area: Area, *, error: Exception | None = None) -> Callable[[object], list[Figure]]:
    def measured(_bench: object) -> list[Figure]:
        if error:
            raise error
        return [Figure(area=area, name="speed", value=1.0, unit="x")]

    return measured


def test_every_area_is_measured_and_written(figures_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main([]) == 0
    assert [each["area"] for each in json.loads(figures_file.read_text())] == list(AREAS)
    assert "Measured in this run" in capsys.readouterr().out


@pytest.mark.parametrize("error", [Stop("Kafka is away"), OSError("Kafka is away")])
def test_an_area_that_cannot_be_measured_is_named_and_the_others_have_their_figures(
    figures_file: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    monkeypatch.setitem(bench.MEASURES, AREAS[1], measure(AREAS[1], error=error))

    assert bench.main([]) == 1
    assert [each["area"] for each in json.loads(figures_file.read_text())] == [AREAS[0], *AREAS[2:]]
    told = capsys.readouterr().out + caplog.text
    assert AREAS[1] in told
    assert "Kafka is away" in told
