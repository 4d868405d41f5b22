"""Settings of trainings that make no sense are refused in one line that names the file and the key."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from contracts.errors import Stop
from triton_models.training.characters import config as characters
from triton_models.training.detectors import config as detectors
from triton_models.training.lines import config as lines

READ: dict[str, Callable[[Path], object]] = {
    "characters": characters.read_config,
    "lines": partial(lines.read_config, minutes=None),
    "detectors": partial(detectors.read_config, minutes=None),
}
NEEDED = {"characters": "", "lines": "", "detectors": "sources: {here: 1.0}\n"}
NONSENSE = {
    "seed": -1, "batch": 0, "threads": 0, "warmup_steps": 0, "peak_rate": 0, "last_rate": -0.1,
    "weight_decay": ".nan", "average": 1.5, "checkpoint_seconds": 0, "foreign": 1.1, "decorated": -0.1,
    "minutes": 0, "steps": -1,
}  # fmt: skip
OF_READERS = {"drawn_pool": 0, "relettered": 2, "reshaped": -1, "shares": "{drawn: -0.5}"}
OF_CHARACTERS = {
    "smoothing": -0.1, "early_weight": -1, "attention_weight": -1, "box_weight": -1, "hold": -1,
    "score_seconds": 0,
}  # fmt: skip


def cases() -> list[tuple[str, str, Any]]:
    of = {"characters": NONSENSE | OF_READERS | OF_CHARACTERS, "lines": NONSENSE | OF_READERS}
    of |= {"detectors": NONSENSE | {"sources": "{here: 0}", "drawn": 2, "streets": -1}}
    return [(model, key, value) for model, keys in of.items() for key, value in keys.items()]


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.yml"
    path.write_text(text)
    return path


@pytest.mark.parametrize(("model", "key", "value"), cases())
def test_nonsense_is_refused_by_file_and_key(tmp_path: Path, model: str, key: str, value: object) -> None:
    needed = "" if key == "sources" else NEEDED[model]
    with pytest.raises(Stop, match=rf"settings\.yml: Expected .* at `\$\.{key}\b"):
        READ[model](written(tmp_path, f"{needed}{key}: {value}\n"))


@pytest.mark.parametrize("model", READ)
def test_no_step_at_all_is_a_way_to_serve_weights_as_they_are(tmp_path: Path, model: str) -> None:
    config: Any = READ[model](written(tmp_path, f"{NEEDED[model]}steps: 0\n"))
    assert config.steps == 0


@pytest.mark.parametrize("model", READ)
def test_what_is_at_the_bounds_is_taken(tmp_path: Path, model: str) -> None:
    text = "seed: 0\nbatch: 1\nwarmup_steps: 1\nweight_decay: 0\naverage: 1\nforeign: 0\ndecorated: 1\n"
    READ[model](written(tmp_path, NEEDED[model] + text))
