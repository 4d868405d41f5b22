"""Where an upload is on its way, and which stage is to blame when it stays away."""

from __future__ import annotations

import pytest

from webapp.uploads.progress import STUCK_AFTER_SEC, describe
from webapp.uploads.stages import STAGES, StageState

LATE = STUCK_AFTER_SEC + 1
WELL = StageState(running=True, caught_up=True)
BUSY = StageState(running=True, caught_up=False)
DEAD = StageState(running=False, caught_up=False)


def states(*given: StageState) -> dict[str, StageState]:
    return dict(zip([stage.name for stage in STAGES], given, strict=True))


def test_at_first_the_stream_is_at_work_and_nothing_is_wrong() -> None:
    progress = describe(sent=True, age_sec=1, states=None)

    assert [step.state for step in progress.steps] == [
        "done",
        "done",
        "working",
        "waiting",
        "waiting",
        "waiting",
    ]
    assert progress.stuck is None


@pytest.mark.parametrize(
    ("sent", "known", "words"),
    [
        (False, None, "The stream (Kafka) is away"),
        (True, None, "does not answer"),
        (True, states(DEAD, WELL, WELL, WELL), "“sightings” is not running"),
        (True, states(WELL, BUSY, WELL, WELL), "“plates” is silent"),
        (True, states(WELL, WELL, DEAD, DEAD), "“enriched” is not running"),
        (True, states(WELL, WELL, WELL, BUSY), "“rows” is silent"),
        (True, states(WELL, WELL, WELL, WELL), "finished without a result"),
    ],
)
def test_what_takes_too_long_is_named(sent: bool, known: dict[str, StageState] | None, words: str) -> None:
    progress = describe(sent=sent, age_sec=LATE, states=known)

    assert progress.stuck is not None
    assert words in progress.stuck


def test_a_later_stage_without_work_is_not_done_before_an_earlier_one() -> None:
    progress = describe(sent=True, age_sec=5, states=states(BUSY, WELL, WELL, WELL))

    assert [step.state for step in progress.steps][2:] == ["working", "waiting", "waiting", "waiting"]
