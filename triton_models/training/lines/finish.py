"""A trained line reader made ready to serve: temperature on val, checked export, 8 bits tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from contracts.messages.common import ALPHABET
from triton_models.tensors import LINES
from triton_models.training.characters.finish import milliseconds_a_plate
from triton_models.training.characters.score import Tally
from triton_models.training.crops.plate_pictures import PlateCut
from triton_models.training.export.checked import Exported, export_checked
from triton_models.training.export.int8 import smaller_if_as_good
from triton_models.training.export.one_core import one_core_session
from triton_models.training.lines.examples import BLANK, as_input, training_line
from triton_models.training.lines.judging import Lines, judge
from triton_models.training.lines.network import ServedLines

_CALIBRATING = 256
_EXAMPLES = 16


@dataclass(frozen=True)
class Served:
    exported: Exported
    temperature: float
    milliseconds: float
    tallies: dict[str, Tally]
    int8: dict[str, Any]


def serve(network: nn.Module, lines: Lines, path: Path, seen: Sequence[PlateCut]) -> Served:
    """Chooses the temperature on the held-out plates, exports and measures what was exported."""
    pictures = np.concatenate([each for _, each in lines[:_EXAMPLES]])
    temperature = best_temperature(network, lines)
    exported = export_checked(ServedLines(network, temperature), pictures, LINES, path)
    compared = smaller_if_as_good(exported, _some_lines(seen), lambda file: _judged(file, lines))
    session = one_core_session(path)
    return Served(
        exported=compared.model,
        temperature=temperature,
        milliseconds=milliseconds_a_plate(session, pictures[:1]),
        tallies=judge(lines, lambda batch: session.run(None, {LINES.input.name: batch})[0]),
        int8=compared.figures(),
    )


def _judged(path: Path, lines: Lines) -> tuple[float, float]:
    """The share of plates read exactly, and the milliseconds a line."""
    session = one_core_session(path)
    found = judge(lines, lambda batch: session.run(None, {LINES.input.name: batch})[0])
    return found["all"].exact, milliseconds_a_plate(session, lines[0][1][:1])


def best_temperature(network: nn.Module, lines: Lines) -> float:
    """The one under which the true texts of plates of one line are likeliest; 1 without such plates."""
    single = [(plate, pictures) for plate, pictures in lines if len(pictures) == 1]
    if not single:
        return 1.0
    with torch.no_grad():
        logits = torch.cat(
            [(ServedLines(network, 1.0)(torch.from_numpy(pictures)) + 1e-9).log() for _, pictures in single]
        )
    texts = [[ALPHABET.index(character) for character in plate.text] for plate, _ in single]
    candidates = np.arange(0.5, 2.5, 0.05)
    losses = [_loss(logits / float(value), texts) for value in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 2)


def _loss(logits: Tensor, texts: Sequence[Sequence[int]]) -> float:
    lengths = torch.tensor([len(text) for text in texts])
    classes = torch.tensor([index for text in texts for index in text])
    places = torch.full((len(logits),), logits.shape[1])
    along = logits.log_softmax(-1).transpose(0, 1)
    return torch.nn.functional.ctc_loss(
        along, classes, places, lengths, blank=BLANK, zero_infinity=True
    ).item()


def _some_lines(seen: Sequence[PlateCut]) -> NDArray[np.uint8]:
    rng = np.random.default_rng(1)
    some = seen[:: max(1, len(seen) // _CALIBRATING)][:_CALIBRATING]
    cut = [training_line(plate, rng, 0.0)[0] for plate in some]
    return np.stack([as_input(line) for line in cut if line is not None])
