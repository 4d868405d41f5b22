"""Settings of a detector's training; a file with a key that is not here is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.errors import Stop
from triton_models.training.request import lasting

Positive = Annotated[float, Meta(gt=0)]


class DetectorTraining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`minutes` of training time, or `steps` when given. `sources` weighs how often a source's pictures
    are drawn; one that is not named is not used. `drawn` is the share of pictures into which a drawn
    plate is set, `foreign` the share of other countries' among those, `decorated` how likely one of India
    has each thing that shops add; `streets` is the share of rendered street scenes, `signs` that of pictures
    into which writing is set that is no plate: all but `streets` for the plate detector alone. For the
    vehicle detector alone: `by_kind` is the share of pictures that are drawn for a kind of vehicle, every
    kind as often, `bare` that of plates around which there is no vehicle.
    `device`: `auto` takes a GPU where one is; or `cpu`, `cuda`, `cuda:1`."""

    seed: int = 1
    threads: Annotated[int, Meta(ge=1)] = 1
    device: str = "auto"
    minutes: Positive = 60.0
    steps: Annotated[int, Meta(ge=0)] | None = None
    batch: Annotated[int, Meta(ge=1)] = 24
    peak_rate: Positive = 2e-3
    last_rate: Positive = 2e-5
    warmup_steps: Annotated[int, Meta(ge=1)] = 100
    weight_decay: float = 0.02
    average: float = 0.998
    bf16: bool = True
    checkpoint_seconds: Positive = 120.0
    drawn: Annotated[float, Meta(ge=0, le=1)] = 0.15
    streets: Annotated[float, Meta(ge=0, le=1)] = 0.2
    foreign: Annotated[float, Meta(ge=0, le=1)] = 0.15
    decorated: Annotated[float, Meta(ge=0, le=1)] = 0.4
    signs: Annotated[float, Meta(ge=0, le=1)] = 0.0
    by_kind: Annotated[float, Meta(ge=0, le=1)] = 0.0
    bare: Annotated[float, Meta(ge=0, le=1)] = 0.0
    distinct_streets: Annotated[int, Meta(ge=1)] = 120
    sources: dict[str, Positive]


def read_config(path: Path, *, minutes: float | None = None) -> DetectorTraining:
    """Settings of a YAML file.

    Raises:
        Stop: it is missing, or a key or value is not one of those above.
    """
    try:
        config = msgspec.yaml.decode(path.read_bytes(), type=DetectorTraining, strict=True)
    except OSError as error:
        raise Stop(f"{path}: {error.strerror}") from error
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Stop(f"{path}: {error}") from error
    return lasting(config, minutes)
