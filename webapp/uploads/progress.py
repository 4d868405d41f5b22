"""An upload without a result yet -> the steps on its way, and which stage is silent if it takes long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec

from contracts.errors import TryAgain
from contracts.messages.common import LogPosition
from webapp.parts import Parts
from webapp.queries.uploads import Upload
from webapp.uploads.stages import STAGES, StageState

StepState = Literal["done", "working", "waiting", "silent"]

_ASK_AFTER_SEC = 3.0
STUCK_AFTER_SEC = 20.0
_MORE_WITHIN_SEC = 600.0


@dataclass(frozen=True)
class Step:
    label: str
    state: StepState


@dataclass(frozen=True)
class Progress:
    """`stuck` is the sentence shown when it takes longer than it should."""

    steps: tuple[Step, ...]
    seconds: int
    stuck: str | None


def progress_of(made: Parts, upload: Upload, *, now: datetime) -> Progress:
    """Asks Kafka how far the stages are, but only once the quick way has not brought a result."""
    age_sec = _age_sec(upload, now)
    states = _states(made, upload) if age_sec > _ASK_AFTER_SEC else None
    return describe(sent=upload.frame_position is not None, age_sec=age_sec, states=states)


def more_may_come(made: Parts, upload: Upload, *, now: datetime) -> bool:
    """Whether a picture with a result may get another one.

    Each plate of a picture goes through the stages on its own, and one whose owner is asked for comes after
    one whose is not. In a busy stream there is always something left to do, so nobody waits for ever.
    """
    if upload.frame_position is None or _age_sec(upload, now) > _MORE_WITHIN_SEC:
        return False
    states = _states(made, upload)
    return states is None or not all(state.caught_up for state in states.values())


def _age_sec(upload: Upload, now: datetime) -> float:
    return (now - upload.created_at.astimezone(UTC)).total_seconds()


def _states(made: Parts, upload: Upload) -> Mapping[str, StageState] | None:
    """How far the stages are with this picture; None when it is not sent yet or Kafka does not answer."""
    if upload.frame_position is None:
        return None
    try:
        return made.kafka.stages(frame=msgspec.convert(upload.frame_position, LogPosition))
    except TryAgain:
        return None


def describe(*, sent: bool, age_sec: float, states: Mapping[str, StageState] | None) -> Progress:
    """The steps as the page shows them. `states` is None when they were not asked for or nobody answered."""
    done = [True, sent]
    for stage in STAGES:
        done.append(done[-1] and states is not None and states[stage.name].caught_up)
    at = done.index(False) if False in done else len(done)
    late = age_sec > STUCK_AFTER_SEC
    labels = ["Stored", "Sent into the stream", *(stage.work for stage in STAGES)]
    return Progress(
        steps=tuple(Step(label, _state(place, at, late)) for place, label in enumerate(labels)),
        seconds=int(age_sec),
        stuck=_stuck(at, states) if late else None,
    )


def _state(place: int, at: int, late: bool) -> StepState:
    if place < at:
        return "done"
    if place > at:
        return "waiting"
    return "silent" if late else "working"


def _stuck(at: int, states: Mapping[str, StageState] | None) -> str:
    if at == 1:
        return "The stream (Kafka) is away. The picture is kept and is sent as soon as it is back."
    if states is None:
        return "The stream (Kafka) does not answer, so nobody can say how far the picture is."
    if at >= len(STAGES) + 2:
        return "Every stage has finished without a result: the picture may have been set aside."
    stage = STAGES[at - 2]
    if not states[stage.name].running:
        return f"The stage “{stage.name}” is not running. The result comes when it is back."
    return f"The stage “{stage.name}” is silent: it runs, but has not finished this picture."
