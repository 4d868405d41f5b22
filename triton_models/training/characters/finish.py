"""A trained reader made ready to serve: temperature on val, checked export, what the card says of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor

from contracts.messages.common import ALPHABET
from triton_models.tensors import CHARACTERS, SLOTS
from triton_models.training.characters.network import BLANK, CharacterNetwork, ServedReader, to_gray
from triton_models.training.characters.score import Tally, read_all, served_crops, tally
from triton_models.training.crops.plate_pictures import Floats, PlateCut
from triton_models.training.export.checked import Exported, export_checked
from triton_models.training.export.int8 import smaller_if_as_good
from triton_models.training.export.one_core import one_core_session

_BATCH = 64
_CALIBRATING = 256


@dataclass(frozen=True)
class Served:
    exported: Exported
    temperature: float
    calibration_error: float
    milliseconds: float
    tallies: dict[str, Tally]
    int8: dict[str, Any]


def network_probabilities(network: CharacterNetwork, plates: NDArray[np.uint8]) -> Floats:
    device = next(network.parameters()).device
    with torch.no_grad():
        slots = network(to_gray(torch.from_numpy(plates).to(device)))
        probabilities: Floats = slots.logits.softmax(-1).cpu().numpy()
    return probabilities


def serve(
    network: CharacterNetwork, held_out: Sequence[PlateCut], path: Path, seen: Sequence[PlateCut]
) -> Served:
    """Chooses the temperature on the held-out plates, exports and measures what was exported.

    Some plates of `seen` show how large the numbers within the network get: 8 bits are tried as well.
    """
    network.eval()
    crops = served_crops(held_out)
    logits = _logits(network, crops)
    temperature = best_temperature(logits, _targets(held_out))
    exported = export_checked(ServedReader(network, temperature), crops[:_BATCH], CHARACTERS, path)
    some = seen[:: max(1, len(seen) // _CALIBRATING)][:_CALIBRATING]
    compared = smaller_if_as_good(exported, served_crops(some), lambda file: _judged(file, held_out))
    session = one_core_session(path)
    probabilities = read_all(held_out, lambda plates: session.run(None, {"image": plates})[0])
    return Served(
        exported=compared.model,
        temperature=temperature,
        calibration_error=calibration_error(probabilities, _targets(held_out).numpy()),
        milliseconds=milliseconds_a_plate(session, crops[:1]),
        tallies=tally(held_out, probabilities),
        int8=compared.figures(),
    )


def _judged(path: Path, held_out: Sequence[PlateCut]) -> tuple[float, float]:
    """The share of plates read exactly, and the milliseconds a plate."""
    session = one_core_session(path)
    probabilities = read_all(held_out, lambda plates: session.run(None, {"image": plates})[0])
    return tally(held_out, probabilities)["all"].exact, milliseconds_a_plate(
        session, served_crops(held_out[:1])
    )


def best_temperature(logits: Tensor, targets: Tensor) -> float:
    """The one under which the true characters are likeliest."""
    candidates = np.arange(0.3, 2.0, 0.02)
    losses = [
        torch.nn.functional.cross_entropy(logits.flatten(0, 1) / float(value), targets.flatten()).item()
        for value in candidates
    ]
    return round(float(candidates[int(np.argmin(losses))]), 2)


def calibration_error(probabilities: Floats, targets: NDArray[np.int64], bins: int = 15) -> float:
    """Expected calibration error over the slots that hold a character in truth or in the reading."""
    chosen, sure = probabilities.argmax(-1), probabilities.max(-1)
    filled = (targets != BLANK) | (chosen != BLANK)
    right, sure = (chosen == targets)[filled], sure[filled]
    index = np.minimum((sure * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        inside = index == number
        if inside.any():
            error += float(inside.mean()) * abs(float(right[inside].mean()) - float(sure[inside].mean()))
    return error


def milliseconds_a_plate(
    session: onnxruntime.InferenceSession, plate: NDArray[np.uint8], runs: int = 100
) -> float:
    """Processor time, the median of single plates: neighbours on the machine do not count."""
    times = []
    for _ in range(runs):
        began = time.thread_time()
        session.run(None, {"image": plate})
        times.append(time.thread_time() - began)
    return 1e3 * float(np.median(times))


def _logits(network: CharacterNetwork, crops: NDArray[np.uint8]) -> Tensor:
    with torch.no_grad():
        pieces = [
            network(to_gray(torch.from_numpy(crops[start : start + _BATCH]))).logits
            for start in range(0, len(crops), _BATCH)
        ]
    return torch.cat(pieces)


def _targets(plates: Sequence[PlateCut]) -> Tensor:
    targets = torch.full((len(plates), SLOTS), BLANK)
    for row, cut in enumerate(plates):
        targets[row, : len(cut.text)] = torch.tensor([ALPHABET.index(letter) for letter in cut.text])
    return targets
