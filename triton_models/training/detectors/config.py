"""Settings of a detector's training; a file with a key that is not here is refused."""

from __future__ import annotations

from pathlib import Path

import msgspec

from contracts.errors import Stop
from triton_models.training.runs.bounds import Count, NotNegative, Positive, Seed, Share, Steps
from triton_models.training.runs.request import lasting


class DetectorTraining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`minutes` of training time, or `steps` when given. `sources` weighs how often a source's pictures
    are drawn; one that is not named is not used. `drawn` is the share of pictures into which a drawn
    plate is set, `foreign` the share of other countries' among those, `decorated` how likely one of India
    has each thing that shops add; `streets` is the share of rendered street scenes, `signs` that of pictures
    into which writing is set that is no plate, `weather` that of those whose plates are in shade, glare, rain
    or headlights, or far off: all but `streets` for the plate detector alone. For the
    vehicle detector alone: `by_kind` is the share of pictures that are drawn for a kind of vehicle, every
    kind as often, `bare` that of plates around which there is no vehicle. `eight_bits`: what goes into
    convolutions is rounded as it will be when it is served.
    `device`: `auto` takes a GPU where one is; or `cpu`, `cuda`, `cuda:1`."""

    seed: Seed = 1
    threads: Count = 1
    device: str = "auto"
    minutes: Positive = 60.0
    steps: Steps | None = None
    batch: Count = 24
    peak_rate: Positive = 2e-3
    last_rate: Positive = 2e-5
    warmup_steps: Count = 100
    weight_decay: NotNegative = 0.02
    average: Share = 0.998
    bf16: bool = True
    eight_bits: bool = False
    checkpoint_seconds: Positive = 120.0
    drawn: Share = 0.15
    streets: Share = 0.2
    foreign: Share = 0.15
    decorated: Share = 0.4
    signs: Share = 0.0
    weather: Share = 0.0
    by_kind: Share = 0.0
    bare: Share = 0.0
    distinct_streets: Count = 120
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
