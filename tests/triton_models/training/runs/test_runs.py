"""Whole trainings as they are asked for, in miniature. Needs PyTorch: runs in its environment."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import onnxruntime
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from torch.utils._python_dispatch import _disable_current_modes  # noqa: E402

import triton_models  # noqa: E402
from tests.triton_models.training.runs.far_device import FAR, FarDevice  # noqa: E402
from triton_models.tensors import MODELS  # noqa: E402
from triton_models.training.__main__ import train  # noqa: E402
from triton_models.training.export import checked  # noqa: E402
from triton_models.training.runs.starting import read_start  # noqa: E402

REPOSITORY = Path(triton_models.__file__).with_name("repository")
SERVED_AS = {"plates": "plate", "vehicles": "vehicle", "characters": "characters", "lines": "lines"}
BEGINS_WITH = {model: REPOSITORY / SERVED_AS[model] / "start.pt" for model in ("vehicles", "lines")}
"""What else would need packages with first weights."""
READERS = ("characters", "lines")
SETTINGS = {
    "plates": "steps: 2\nbatch: 2\ndrawn: 0.0\nstreets: 0.0\nsources: {here: 1.0}\n",
    "vehicles": "steps: 2\nbatch: 2\nstreets: 0.0\nsources: {here: 1.0}\n",
    "characters": "steps: 2\nbatch: 4\ndrawn_pool: 4\nshares: {here: 0.5, drawn: 0.5}\n",
    "lines": "steps: 2\nbatch: 2\ndrawn_pool: 4\nshares: {here: 0.5, drawn: 0.5}\n",
}


def street(folder: Path) -> Path:
    """Four pictures to learn from and two to judge by: a light car on grey with a plate that can be read."""
    folder.mkdir()
    lines = []
    for number in range(6):
        picture = np.full((320, 320, 3), 70, np.uint8)
        x, y, text = 30 + 12 * number, 60 + 9 * number, f"KA0{number}AB123{number}"
        cv2.rectangle(picture, (x, y), (x + 200, y + 150), (170, 160, 150), -1)
        cv2.rectangle(picture, (x + 20, y + 90), (x + 180, y + 130), (245, 245, 245), -1)
        cv2.putText(picture, text, (x + 26, y + 117), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (15, 15, 15), 2)
        assert cv2.imwrite(str(folder / f"{number}.jpg"), picture)
        lines.append(
            {
                "image": f"{number}.jpg", "source": "here", "split": "train" if number < 4 else "val",
                "width": 320, "height": 320,
                "plates": [{"box": [x + 20, y + 90, x + 180, y + 130], "text": text, "lines": 1}],
                "vehicles": [{"class": "car", "box": [x, y, x + 200, y + 150]}], "vehicle_classes": ["car"],
            }
        )  # fmt: skip
    (folder / "annotations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def trained(folder: Path, model: str, settings: str = "", **asked: Any) -> dict[str, Any]:
    """What the card says after a training of two steps."""
    config = folder / "settings.yml"
    told = msgspec.yaml.decode(SETTINGS[model]) | (msgspec.yaml.decode(settings) or {})
    config.write_bytes(msgspec.yaml.encode(told))
    if model in BEGINS_WITH:
        asked = {"start": [BEGINS_WITH[model]], **asked}
    pictures = folder / "pictures"
    if not pictures.exists():
        street(pictures)
    train(model, pictures=pictures, work=folder / "work", output=folder / "out", config=config, **asked)
    card: dict[str, Any] = json.loads((folder / "out" / "card.json").read_text())
    return card


@pytest.mark.parametrize("model", ["plates", "characters"])
def test_what_was_left_out_is_told_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str
) -> None:
    pictures = street(tmp_path / "pictures")
    (pictures / "3.jpg").write_bytes((pictures / "3.jpg").read_bytes()[:1500])
    (pictures / "teacher.jsonl").write_text("{\n")
    trained(tmp_path, model)
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("3 ")
    assert said[-1] == "2 left out: 3.jpg, teacher.jsonl line 1"


@pytest.mark.parametrize(("model", "named"), [("plates", "sources"), ("characters", "shares")])
def test_sources_that_nothing_is_learned_from_are_told_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str, named: str
) -> None:
    shares = "here: 0.5, hree: 0.5, elsewhere: 0.1, left: 0.1" + (", drawn: 0.5" if model in READERS else "")
    labels = street(tmp_path / "pictures") / "annotations.jsonl"
    *others, one = labels.read_text().splitlines()
    labels.write_text("\n".join([*others, one, one.replace("here", "left").replace("val", "train")]))
    trained(tmp_path, model, f"{named}: {{{shares}}}\n", without=["left"])
    assert capsys.readouterr().out.splitlines()[1] == "nothing to learn from is there of elsewhere, hree"


def with_split(folder: Path, split: str, **changed: Any) -> None:
    """The street again, with every picture of a split said to be otherwise."""
    street(folder)
    notes = [json.loads(line) for line in (folder / "annotations.jsonl").read_text().splitlines()]
    notes = [{**note, **changed} if note["split"] == split else note for note in notes]
    (folder / "annotations.jsonl").write_text("".join(json.dumps(note) + "\n" for note in notes))


def refused(folder: Path, model: str, capsys: pytest.CaptureFixture[str], settings: str = "") -> str:
    """What a training says that ends before its first step."""
    with pytest.raises(SystemExit) as ended:
        trained(folder, model, settings)
    assert ended.value.code == 2
    assert not (folder / "work").exists()
    assert not (folder / "out").exists()
    return capsys.readouterr().err


@pytest.mark.parametrize("settings", ["", "shares: {drawn: 1.0}\n"])
def test_readers_without_a_photographed_plate_to_learn_from_are_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: str
) -> None:
    with_split(tmp_path / "pictures", "train", plates=[])
    said = refused(tmp_path, "characters", capsys, settings)
    assert "no readable plate in the split train" in said
    assert "drawn plates alone needs some" in said


@pytest.mark.parametrize(
    ("model", "changed"),
    [
        ("plates", {"plates": []}),
        ("vehicles", {"vehicles": []}),
        # Vehicles as small as these in the letterboxed picture are not asked for.
        ("vehicles", {"vehicles": [{"class": "car", "box": [10, 10, 24, 20]}]}),
    ],
)
def test_a_detector_that_nothing_could_be_judged_by_is_refused_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], model: str, changed: dict[str, Any]
) -> None:
    with_split(tmp_path / "pictures", "val", **changed)
    said = refused(tmp_path, model, capsys)
    assert f"no picture of the split val has a label for the model {SERVED_AS[model]}" in said


@pytest.mark.parametrize("model", SETTINGS)
def test_a_training_leaves_a_model_its_card_a_curve_and_what_others_can_begin_with(
    tmp_path: Path, model: str
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "card.json").write_text('{"version": "0.4.1", "sha256": "of the one before"}')
    # Lines are cut where the reader of characters finds them.
    (tmp_path / "characters").symlink_to(REPOSITORY / "characters")
    card = trained(tmp_path, model)
    tensors, path = MODELS[SERVED_AS[model]], tmp_path / "out" / "1" / "model.onnx"
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answers = session.run(None, {"image": np.zeros((2, *tensors.input.shape), np.uint8)})
    assert [answer.shape for answer in answers] == [(2, *each.shape) for each in tensors.outputs]
    assert path.stat().st_size == card["bytes"]
    assert (card["model"], card["version"]) == (tensors.model, "0.4.2")
    assert card["sha256"] in (tmp_path / "out" / "CARD.md").read_text()
    sources = card["trained_on"]["real_plates" if model in READERS else "pictures"]
    judged = card["val"]["all"]
    assert sources == {"here": 4}
    assert (judged["plates"]["of"] if model in READERS else judged["labelled"]) == 2
    assert json.loads((tmp_path / "work" / "curve.jsonl").read_text().splitlines()[-1])["step"] == 2
    before = read_start(BEGINS_WITH[model]).steps if model in BEGINS_WITH else 0
    assert read_start(tmp_path / "out" / "start.pt").steps == before + 2


@pytest.mark.parametrize("model", ["plates", "characters"])
def test_in_no_time_the_weights_that_it_began_with_are_judged_and_served(tmp_path: Path, model: str) -> None:
    begun = read_start(REPOSITORY / SERVED_AS[model] / "start.pt")
    card = trained(tmp_path, model, start=[REPOSITORY / SERVED_AS[model] / "start.pt"], minutes=0.0)
    kept = read_start(tmp_path / "out" / "start.pt")
    assert kept.steps == begun.steps
    assert all(torch.equal(kept.weights[name], value) for name, value in begun.weights.items())
    assert card["settings"]["steps"] == 0


@pytest.mark.parametrize(
    ("model", "module"), [("plates", "detectors.session"), ("characters", "characters.run")]
)
@pytest.mark.filterwarnings("ignore:for .*copying from a non-meta parameter")
def test_what_was_trained_elsewhere_is_judged_there_and_exported_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: str, module: str
) -> None:
    monkeypatch.setattr(f"triton_models.training.{module}.chosen_device", lambda _: FAR)
    optimiser = sys.modules["torch.optim.optimizer"]
    monkeypatch.setattr(optimiser, "_get_fused_kernels_supported_devices", lambda: ["cpu", FAR.type])
    write = checked._write

    def written_by_the_processor(*what: Any) -> None:
        with _disable_current_modes():  # a trace is of plain tensors
            write(*what)

    monkeypatch.setattr(checked, "_write", written_by_the_processor)
    with FarDevice():
        card = trained(tmp_path, model, "bf16: false\n")
    assert card["bytes"] == (tmp_path / "out" / "1" / "model.onnx").stat().st_size
    assert card["difference_from_pytorch"] < 0.1
    assert all(
        value.device.type == "cpu" for value in read_start(tmp_path / "out" / "start.pt").weights.values()
    )
