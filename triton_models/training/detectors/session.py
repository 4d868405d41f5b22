"""What both detectors' runs share: pictures, the bar, the curve, the export and the card."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from torch import nn

from contracts.errors import Stop
from triton_models.geometry import letterbox
from triton_models.tensors import ModelTensors
from triton_models.training.detectors.card import card_figures, card_text
from triton_models.training.detectors.config import DetectorTraining, read_config
from triton_models.training.detectors.eight_bits import round_inputs
from triton_models.training.detectors.feeder import Arrays
from triton_models.training.detectors.judging import Detect, Score, total
from triton_models.training.detectors.network import Network
from triton_models.training.detectors.pictures import Floats, LabelledPicture, Rgb, load_pictures
from triton_models.training.detectors.trainer import Loss, Trainer
from triton_models.training.export.checked import export_checked
from triton_models.training.export.delivery import delivered
from triton_models.training.export.int8 import smaller_if_as_good
from triton_models.training.export.one_core import one_core_session
from triton_models.training.export.rows_agree import Compare, all_values
from triton_models.training.labels.annotations import told_of
from triton_models.training.labels.sources import told_missing
from triton_models.training.runs.curve import add_to_curve
from triton_models.training.runs.device import answered, chosen_device, named
from triton_models.training.runs.progress import TrainingBar, training_bar
from triton_models.training.runs.request import TrainingRequest
from triton_models.training.runs.resuming import begun_with
from triton_models.training.runs.starting import begun

_EXAMPLES = 8
_CALIBRATING = 160
_EXACT_CORNERS = 0.05
"""Of the width: plates that are cut out worse are read worse."""
_TOLERANCE = 0.1
"""Largest difference in pixels between PyTorch's rows and the served ones."""
_JUDGED_WHILE_TRAINING = 120
_TIMED = 40


@dataclass(frozen=True, kw_only=True)
class Detector:
    """What is particular to one detector."""

    tensors: ModelTensors
    default_config: Path
    network: Callable[[], Network]
    examples: Callable[[list[LabelledPicture], DetectorTraining], Callable[[np.random.Generator], Arrays]]
    loss: Loss
    served: Callable[[Network], nn.Module]
    judge: Callable[[list[LabelledPicture], Detect, tuple[int, int]], dict[str, Score]]
    purpose: str
    limits: str
    first_weights: Callable[[], Network] | None = None
    """What begins with chance weights has none."""
    weights_from: str = "scratch"
    compare: Compare = all_values
    """How what the exported model says is held against what was trained."""
    keep_float: Callable[[list[str]], list[str]] = lambda convolutions: convolutions[-1:]
    """Of all convolutions' names those that never get 8 bits: what they say is decoded to pixels."""
    percentile: float | None = None
    """Where the 8 bits of a tensor end; None: at its largest value."""

    @property
    def size_wh(self) -> tuple[int, int]:
        height, width, _ = self.tensors.input.shape
        return width, height


def train_detector(detector: Detector, request: TrainingRequest) -> None:
    """Train, judge on `val`, export and describe one detector.

    Raises:
        Stop: settings or pictures are not what they must be, or the export differs.
    """
    config = read_config(request.config or detector.default_config, minutes=request.minutes)
    device = chosen_device(config.device)
    learned = [source for source in config.sources if source not in request.without]
    seen, left_out = load_pictures(request.pictures, "train", learned)
    held_out, also_left_out = load_pictures(request.pictures, "val", list(config.sources))
    if not seen or not held_out:
        raise Stop(f"{request.pictures}: no pictures of the sources {', '.join(config.sources)}")
    _check_can_be_judged(detector, held_out, request.pictures)
    example = detector.examples(seen, config)
    trainer = Trainer(
        detector.network, config, request.work, device,
        begun_with=begun_with(config, request), example=lambda rng, _: example(rng), loss=detector.loss,
    )  # fmt: skip
    resumed = begun(trainer, request, detector.first_weights)
    if config.eight_bits:
        round_inputs(trainer.network)
    with training_bar(detector.tensors.model) as bar:
        bar.say(
            f"{len(seen)} pictures to learn from, {len(held_out)} to judge by"
            + (f"; going on from step {trainer.progress.step}" if resumed else "")
        )
        if missing := told_missing(config.sources, request.without, (picture.source for picture in seen)):
            bar.say(missing)
        trainer.run(
            lambda progress: bar.update(progress.done, progress.step, **(progress.losses or {})),
            lambda: _note(
                detector, trainer, held_out[:_JUDGED_WHILE_TRAINING], request.work / "curve.jsonl", bar
            ),
        )
        bar.say(told_of(left_out, also_left_out))
    _deliver(detector, trainer, config, seen, held_out, request.output)


def _check_can_be_judged(detector: Detector, held_out: list[LabelledPicture], folder: Path) -> None:
    """By the judge itself, of a detector that finds nothing: which labels it asks for, it knows."""
    nothing = np.zeros((0, detector.tensors.outputs[0].shape[-1]), np.float32)
    if not total(detector.judge(held_out, lambda _: nothing, detector.size_wh)).labelled:
        raise Stop(
            f"{folder}: no picture of the split val has a label for the model {detector.tensors.model}, so"
            " nothing can be judged"
        )


def _canvases(detector: Detector, pictures: list[LabelledPicture], count: int) -> NDArray[np.uint8]:
    """Some pictures, spread over all, as the detector is given them."""
    some = pictures[:: max(1, len(pictures) // count)][:count]
    return np.stack([letterbox(picture.pixels(), detector.size_wh)[0] for picture in some])


def _detects(path: Path) -> Detect:
    session = one_core_session(path)

    def detect(canvas: Rgb) -> Floats:
        rows: Floats = session.run(None, {"image": canvas[None]})[0][0]
        return rows

    return detect


def _judged(detector: Detector, path: Path, held_out: list[LabelledPicture]) -> tuple[float, float]:
    """The share of labelled objects that are found, of plates with corners good enough to read them by, and
    the milliseconds a picture."""
    everything = total(detector.judge(held_out, _detects(path), detector.size_wh))
    milliseconds = _milliseconds(one_core_session(path), _canvases(detector, held_out, 1))
    errors = everything.corner_errors
    found = sum(error <= _EXACT_CORNERS for error in errors) if errors else everything.found
    return found / max(everything.labelled, 1), milliseconds


def _milliseconds(session: onnxruntime.InferenceSession, example: NDArray[np.uint8]) -> float:
    """Of the quickest of some calls, in this thread's own time: what else runs does not count."""
    taken: list[float] = []
    for _ in range(_TIMED):
        began = time.thread_time()
        session.run(None, {"image": example})
        taken.append(time.thread_time() - began)
    return 1000 * min(taken)


def _note(
    detector: Detector, trainer: Trainer, held_out: list[LabelledPicture], curve: Path, bar: TrainingBar
) -> None:
    """One line of the curve: what the averaged weights find at this minute."""
    module = detector.served(trainer.averaged()).to(trainer.device).eval()

    def detect(canvas: Rgb) -> Floats:
        rows: Floats = answered(module, canvas[None])[0]
        return rows

    everything = total(detector.judge(held_out, detect, detector.size_wh))
    progress = trainer.progress
    add_to_curve(curve, seconds=progress.seconds, step=progress.step, judged=everything.figures())
    found = f"{everything.found} of {everything.labelled} found, {everything.rows} rows"
    bar.say(f"after {progress.seconds / 60:.1f} min: {found}")


def _deliver(
    detector: Detector, trainer: Trainer, config: DetectorTraining, seen: list[LabelledPicture],
    held_out: list[LabelledPicture], output: Path,
) -> None:  # fmt: skip
    module = detector.served(trainer.averaged()).cpu().eval()
    examples = _canvases(detector, held_out, _EXAMPLES)
    with delivered(output) as new:
        exported = export_checked(module, examples, detector.tensors, new.model, _TOLERANCE, detector.compare)
        compared = smaller_if_as_good(
            exported, _canvases(detector, seen, _CALIBRATING), lambda file: _judged(detector, file, held_out),
            keep_float=detector.keep_float, percentile=detector.percentile,
        )  # fmt: skip
        scores = detector.judge(held_out, _detects(new.model), detector.size_wh)
        scores = {**scores, "all": total(scores)}
        new.write_start(trainer.averages, trainer.progress)
        figures = card_figures(
            model=detector.tensors.model, weights_from=detector.weights_from, compared=compared,
            computed_on=named(trainer.device, config.threads), config=config, progress=trainer.progress,
            seen=seen, scores=scores,
        )  # fmt: skip
        text = partial(card_text, purpose=detector.purpose, limits=detector.limits, scores=scores)
        new.write_card(compared.model, figures, text)
