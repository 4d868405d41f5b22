"""`platestream train lines`: a request in; checkpoints, a curve, a served model and its card out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from contracts.errors import Stop
from triton_models.training.characters.batches import PlateMixture
from triton_models.training.characters.drawn import DrawnPlates
from triton_models.training.characters.framing import with_model_framings, with_read_boxes
from triton_models.training.characters.plates import read_plates
from triton_models.training.characters.run import learned_from
from triton_models.training.crops.plate_pictures import PlateCut
from triton_models.training.detectors.trainer import Trainer
from triton_models.training.export.delivery import delivered
from triton_models.training.labels.annotations import told_of
from triton_models.training.labels.sources import told_missing
from triton_models.training.lines.card import card_figures, card_text
from triton_models.training.lines.config import LineTraining, read_config
from triton_models.training.lines.examples import LineExamples
from triton_models.training.lines.finish import serve
from triton_models.training.lines.judging import Lines, held_out_lines, judge
from triton_models.training.lines.loss import line_loss
from triton_models.training.lines.network import LineNetwork, ServedLines
from triton_models.training.lines.pretrained import from_package
from triton_models.training.runs.curve import add_to_curve
from triton_models.training.runs.device import answered, chosen_device, named
from triton_models.training.runs.progress import TrainingBar, training_bar
from triton_models.training.runs.request import TrainingRequest
from triton_models.training.runs.resuming import begun_with
from triton_models.training.runs.starting import begun


def train(request: TrainingRequest) -> None:
    """Train, judge on `val`, export and describe the line reader.

    Raises:
        Stop: settings, pictures or the other models are not there, or the export differs.
    """
    config = read_config(request.config, minutes=request.minutes)
    device = chosen_device(config.device)
    seen = learned_from(read_plates(request.pictures, "train"), request)
    plates = _placed(seen.plates, request.output.parent)
    held_out = read_plates(request.pictures, "val")
    framed = _framed(held_out.plates, request.output.parent)
    lines = held_out_lines(framed, _reader(request.output.parent))
    if not plates or not lines:
        raise Stop(f"{request.pictures}: no readable plates in the splits train and val")
    trainer = _trainer(config, plates, request, device)
    with training_bar("lines") as bar:
        bar.say(f"{len(plates)} plates to learn from, {len(lines)} to judge by")
        if missing := told_missing(config.shares, request.without, (cut.source for cut in plates)):
            bar.say(missing)
        trainer.run(
            lambda progress: bar.update(progress.done, progress.step, **(progress.losses or {})),
            lambda: _note(trainer, lines, request.work / "curve.jsonl", bar),
        )
        bar.say(told_of(seen.skipped, held_out.skipped))
    computed_on = named(device, config.threads)
    with delivered(request.output) as new:
        served = serve(trainer.averaged().cpu(), lines, new.model, plates)
        new.write_start(trainer.averages, trainer.progress)
        figures = card_figures(served, config, trainer.progress, plates, computed_on)
        new.write_card(served.exported, figures, card_text)


def _trainer(
    config: LineTraining, plates: Sequence[PlateCut], request: TrainingRequest, device: torch.device
) -> Trainer:
    drawn = DrawnPlates(config.seed, config.drawn_pool, config.foreign, config.decorated)
    mixture = PlateMixture(plates, drawn.plate, config.shares, config.relettered)
    examples = LineExamples(mixture, reshape=config.reshaped, weather=config.weather)
    trainer = Trainer(
        LineNetwork, config, request.work, device,
        begun_with=begun_with(config, request), example=examples.example, loss=line_loss,
    )  # fmt: skip
    begun(trainer, request, lambda: from_package(LineNetwork()))
    return trainer


def _reader(repository: Path) -> Path:
    reader = repository / "characters" / "1" / "model.onnx"
    if not reader.is_file():
        raise Stop(f"{reader}: lines are cut where the character reader finds them, and it is missing")
    return reader


def _framed(plates: list[PlateCut], repository: Path) -> list[PlateCut]:
    plate_model = repository / "plate" / "1" / "model.onnx"
    return with_model_framings(plates, plate_model) if plate_model.is_file() else plates


def _placed(plates: list[PlateCut], repository: Path) -> list[PlateCut]:
    """Those whose characters' places are labelled, or are found by the character reader."""
    placed = with_read_boxes(_framed(plates, repository), _reader(repository))
    return [cut for cut in placed if cut.boxes is not None]


def _note(trainer: Trainer, lines: Lines, curve: Path, bar: TrainingBar) -> None:
    """One line of the curve: how the averaged weights read the held-out plates at this minute."""
    served: nn.Module = ServedLines(trainer.averaged(), 1.0).eval()
    found = judge(lines, lambda pictures: answered(served, pictures))
    progress = trainer.progress
    judged = {"held_out": {name: [each.plates, round(each.exact, 4)] for name, each in found.items()}}
    add_to_curve(curve, seconds=progress.seconds, step=progress.step, judged=judged)
    share, plates = 100 * found["all"].exact, found["all"].plates
    bar.say(f"after {progress.seconds / 60:.1f} min: {share:.1f} % of {plates} plates")
