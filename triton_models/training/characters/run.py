"""`platestream train characters`: a request in; checkpoints, a curve, a served model and its card out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from contracts.errors import Stop
from triton_models.training.characters.batches import PlateMixture
from triton_models.training.characters.card import Training, card_figures, card_text
from triton_models.training.characters.config import CharacterTraining, read_config
from triton_models.training.characters.drawn import DrawnPlates
from triton_models.training.characters.finish import network_probabilities, serve
from triton_models.training.characters.framing import with_model_framings, with_read_boxes
from triton_models.training.characters.plates import LabelledPlates, read_plates
from triton_models.training.characters.score import Tally, read_all, tally
from triton_models.training.characters.trainer import Progress, Trainer
from triton_models.training.crops.plate_pictures import PlateCut
from triton_models.training.export.delivery import delivered
from triton_models.training.labels.annotations import told_of
from triton_models.training.labels.sources import told_missing
from triton_models.training.labels.suspects import read_exclusions
from triton_models.training.runs.curve import add_to_curve
from triton_models.training.runs.device import chosen_device, named
from triton_models.training.runs.progress import TrainingBar, training_bar
from triton_models.training.runs.request import TrainingRequest, lasting
from triton_models.training.runs.resuming import begun_with
from triton_models.training.runs.starting import begun


def train(request: TrainingRequest) -> None:
    """Train, judge on `val`, export and describe the character reader.

    Raises:
        Stop: settings or pictures are not what they must be, or the export differs.
    """
    config = _config(request)
    device = chosen_device(config.device)
    seen = learned_from(read_plates(request.pictures, "train"), request)
    held_out = read_plates(request.pictures, "val")
    _check(request.pictures, seen, held_out)
    drawn = DrawnPlates(config.seed, config.drawn_pool, config.foreign, config.decorated)
    mixture = PlateMixture(
        _prepared(seen.plates, request.output), drawn.plate, config.shares, config.relettered
    )
    trainer = Trainer(config, mixture, request.work, device, begun_with=begun_with(config, request))
    resumed = begun(trainer, request)
    with training_bar("characters") as bar:
        bar.say(_opening(seen, held_out, trainer.progress if resumed else None))
        if missing := told_missing(config.shares, request.without, (cut.source for cut in seen.plates)):
            bar.say(missing)
        trainer.run(
            lambda progress: _show(bar, progress),
            lambda now: _score(now, held_out.plates, request.work / "curve.jsonl", bar),
        )
        bar.say(told_of(seen.skipped, held_out.skipped))
    training = Training(config, trainer.progress, seen, held_out, named(device, config.threads))
    with delivered(request.output) as new:
        served = serve(trainer.averaged.cpu(), held_out.plates, new.model, seen.plates)
        new.write_start(trainer.averaged.state_dict(), trainer.progress)
        new.write_card(served.exported, card_figures(served, training), card_text)


def _config(request: TrainingRequest) -> CharacterTraining:
    config = CharacterTraining() if request.config is None else read_config(request.config)
    return lasting(config, request.minutes)


def _check(pictures: Path, seen: LabelledPlates, held_out: LabelledPlates) -> None:
    if not held_out.plates:
        raise Stop(f"{pictures}: no readable plate in the split val, so nothing can be judged")
    if not seen.plates:
        raise Stop(
            f"{pictures}: no readable plate in the split train that may be learned from; also a training on"
            " drawn plates alone needs some, on which the model in 8 bits is calibrated"
        )


def _prepared(plates: list[PlateCut], output: Path) -> list[PlateCut]:
    """With what the models that are there already make of the plates: corners, and a box a character."""
    plate_model, reader = output.parent / "plate" / "1" / "model.onnx", output / "1" / "model.onnx"
    framed = with_model_framings(plates, plate_model) if plate_model.is_file() else plates
    return with_read_boxes(framed, reader) if reader.is_file() else framed


def learned_from(seen: LabelledPlates, request: TrainingRequest) -> LabelledPlates:
    wrong = read_exclusions(request.leave_out) if request.leave_out is not None else frozenset()
    kept = [
        cut for cut in seen.plates if cut.source not in request.without and (cut.name, cut.text) not in wrong
    ]
    return LabelledPlates(kept, seen.skipped)


def _opening(seen: LabelledPlates, held_out: LabelledPlates, resumed: Progress | None) -> str:
    text = f"{len(seen.plates)} plates to learn from, {len(held_out.plates)} to judge by"
    return text + (f"; going on from step {resumed.step}" if resumed is not None else "")


def _show(bar: TrainingBar, progress: Progress) -> None:
    bar.update(
        progress.done, progress.step, loss=progress.loss, characters=progress.character_accuracy
    )  # fmt: skip


def _score(trainer: Trainer, held_out: Sequence[PlateCut], curve: Path, bar: TrainingBar) -> None:
    """One line of the curve: how the averaged weights read the held-out plates at this minute."""
    trainer.averaged.eval()
    probabilities = read_all(held_out, lambda plates: network_probabilities(trainer.averaged, plates))
    found = tally(held_out, probabilities)
    progress = trainer.progress
    judged = {
        "loss": round(progress.loss, 4),
        "held_out": {name: _figures(counted) for name, counted in found.items()},
    }
    add_to_curve(curve, seconds=progress.seconds, step=progress.step, judged=judged)
    everything = found["all"]
    bar.say(
        f"after {progress.seconds / 60:.1f} min: {100 * everything.exact:.1f} % of {everything.plates} plates"
        f", {100 * everything.character_accuracy:.1f} % of their characters"
    )


def _figures(counted: Tally) -> dict[str, float]:
    return {
        "plates": counted.plates,
        "exact": round(counted.exact, 4),
        "characters": round(counted.character_accuracy, 4),
    }
