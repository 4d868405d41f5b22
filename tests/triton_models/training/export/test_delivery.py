"""A trained model takes the place of another whole or not at all. Needs PyTorch, else skipped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from contracts.errors import Stop  # noqa: E402
from tests.triton_models.training.export.test_checked import exported  # noqa: E402
from tests.triton_models.training.runs.test_checkpoint import room_for  # noqa: E402
from triton_models.checksum import with_checksum  # noqa: E402
from triton_models.training.export.delivery import delivered, next_version  # noqa: E402
from triton_models.training.runs.starting import Spent, read_start  # noqa: E402

WEIGHTS = {"layer": torch.ones(3, 60_000)}


def text(card: dict[str, Any], earlier: str) -> str:
    return f"version {card['version']}\n{earlier}"


def deliver(folder: Path, **how: float) -> None:
    with delivered(folder) as new:
        file = exported(new.model, **how)
        new.write_start(WEIGHTS, Spent(step=2, seconds=3.0, earlier_steps=10, earlier_seconds=20.0))
        new.write_card(file, {"model": "tiny"}, text)


def standing(folder: Path) -> Path:
    """A model that is in use, and what people wrote about it."""
    (folder / "1").mkdir(parents=True)
    (folder / "1" / "model.onnx").write_bytes(b"model before")
    (folder / "start.pt").write_bytes(b"weights before")
    (folder / "CARD.md").write_text("before\n")
    (folder / "HISTORY.md").write_text("First it was small.\n")
    sha256 = hashlib.sha256(b"model before").hexdigest()
    (folder / "card.json").write_text(json.dumps({"version": "0.1.4", "sha256": sha256}))
    (folder / "config.pbtxt").write_text(with_checksum('name: "tiny"\n', sha256))
    return folder


def held(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_model_card_and_weights_take_the_places_of_those_before(tmp_path: Path) -> None:
    folder = standing(tmp_path / "tiny")
    deliver(folder)
    files = held(folder)
    card = json.loads(files["card.json"])
    assert set(files) == {"1/model.onnx", "start.pt", "card.json", "CARD.md", "HISTORY.md", "config.pbtxt"}
    assert card["sha256"] == hashlib.sha256(files["1/model.onnx"]).hexdigest()
    assert files["config.pbtxt"].decode() == with_checksum('name: "tiny"\n', card["sha256"])
    assert card["bytes"] == len(files["1/model.onnx"])
    assert card["difference_from_pytorch"] < 1e-5
    assert (card["model"], card["version"]) == ("tiny", "0.1.5")
    assert files["CARD.md"].decode() == "version 0.1.5\n\nFirst it was small.\n"
    start = read_start(folder / "start.pt")
    assert (start.steps, start.seconds) == (12, 23.0)


def test_a_folder_that_no_triton_serves_gets_no_configuration(tmp_path: Path) -> None:
    deliver(tmp_path / "tiny")
    assert set(held(tmp_path / "tiny")) == {"1/model.onnx", "start.pt", "card.json", "CARD.md"}


def test_a_model_that_differs_leaves_everything_as_it_was(tmp_path: Path) -> None:
    folder = standing(tmp_path / "tiny")
    before = held(folder)
    with pytest.raises(Stop, match=r"^model tiny: "):
        deliver(folder, astray=0.25)
    assert held(folder) == before
    assert not (folder / ".new").exists()


@pytest.mark.parametrize("room_bytes", [10_000, 200_000], ids=["for no model", "for no weights"])
def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path, room_bytes: int) -> None:
    folder = standing(tmp_path / "tiny")
    before = held(folder)
    with (
        room_for(room_bytes),
        pytest.raises(Stop, match=r"tiny: the trained model cannot be put .* --resume"),
    ):
        deliver(folder)
    assert held(folder) == before
    assert not (folder / ".new").exists()


def test_the_remains_of_a_run_that_was_killed_are_not_taken_for_a_model(tmp_path: Path) -> None:
    folder = standing(tmp_path / "tiny")
    (folder / ".new" / "2").mkdir(parents=True)
    (folder / ".new" / "2" / "model.onnx").write_bytes(b"half")
    deliver(folder)
    assert not any(name.startswith(("2/", ".new")) for name in held(folder))


@pytest.mark.parametrize(
    ("card", "version"),
    [
        (None, "0.1.0"),
        ('{"version": "0.1.0", "sha256": "this"}', "0.1.0"),
        ('{"version": "0.1.0", "sha256": "another"}', "0.1.1"),
        ('{"version": "2.3.9", "sha256": "another"}', "2.3.10"),
        ('{"version": "0.1.0"}', "0.1.1"),
    ],
)
def test_another_file_is_another_version(tmp_path: Path, card: str | None, version: str) -> None:
    if card is not None:
        (tmp_path / "card.json").write_text(card)
    assert next_version(tmp_path, "this") == version


@pytest.mark.parametrize("card", ["no card", "[]", "{}", '{"version": "new"}', '{"version": 1}'])
def test_a_card_without_a_version_is_named(tmp_path: Path, card: str) -> None:
    (tmp_path / "card.json").write_text(card)
    with pytest.raises(Stop, match=r"card\.json: no version such as 0\.1\.0"):
        next_version(tmp_path, "this")
