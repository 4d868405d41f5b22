from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from contracts.errors import Stop
from triton_models.training.characters.config import CharacterTraining, read_config


def test_a_file_names_what_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "reader.yml"
    file.write_text("steps: 20\nbatch: 8\n")
    config = read_config(file)
    assert (config.steps, config.batch, config.seed) == (20, 8, CharacterTraining().seed)


@pytest.mark.parametrize("text", ["learning_speed: 3\n", "batch: many\n", "minutes: null\n", ": ["])
def test_what_does_not_fit_is_refused_by_the_files_name(tmp_path: Path, text: str) -> None:
    file = tmp_path / "reader.yml"
    file.write_text(text)
    with pytest.raises(Stop, match=r"reader\.yml"):
        read_config(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"none\.yml"):
        read_config(tmp_path / "none.yml")


def test_the_file_that_is_shipped_says_the_defaults() -> None:
    shipped = read_config(Path("triton_models/training/characters/characters.yml"))
    assert msgspec.structs.replace(shipped, minutes=CharacterTraining().minutes) == CharacterTraining()
