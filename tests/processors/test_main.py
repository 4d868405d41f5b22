"""With which status a stage's process ends."""

from __future__ import annotations

import pytest

from contracts.errors import PlatestreamError, Stop, TryAgain
from processors import __main__ as process
from processors.settings import Settings
from processors.stages import STAGES, Composed


@pytest.mark.parametrize(
    ("ends_with", "status"),
    [(Stop("the installation is wrong"), 2), (TryAgain("kafka", "it went away as plates started"), 75)],
)
def test_what_only_has_to_be_started_again_is_told_from_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    ends_with: PlatestreamError,
    status: int,
) -> None:
    def composed(_: Settings) -> Composed:
        raise ends_with

    monkeypatch.setattr(process, "set_up_logging", lambda: None)  # it would outlast the test
    monkeypatch.setenv("PLATESTREAM_KAFKA", "127.0.0.1:9092")
    monkeypatch.setitem(STAGES, "plates", composed)

    assert process.main(["plates"]) == status
    assert str(ends_with) in caplog.text


def test_a_stage_that_there_is_not_is_a_wrong_call() -> None:
    assert process.main(["nothing"]) == 2
