"""The reader's card: what it saw, how well it reads and what it cannot, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from triton_models.training.characters.config import CharacterTraining
from triton_models.training.characters.finish import Served
from triton_models.training.characters.plates import LabelledPlates
from triton_models.training.characters.score import Tally
from triton_models.training.characters.trainer import Progress
from triton_models.training.evaluation.intervals import Rate
from triton_models.training.export.int8 import int8_sentence

_LIMITS = """## Limits

- At most fourteen characters, capitals and digits; nothing else is read (no Devanagari, no arrow of
  military plates).
- It trusts the corners it is given: a plate cut off or tilted by more than about ten degrees after
  rectifying is read worse. It was trained on frames shifted by a few per cent.
- Painted and italic letters, characters under about nine pixels in the picture and heavy motion blur are
  where most of its errors are.
- Light characters on a dark ground it reads worse than their negative, having mostly learned dark ones: the
  stages show it negatives (`triton_models/colours.py`).
- A read is always given: whether it may be believed is for the confidence and the threshold after it.
- Figures are of plates cut out by labels or a teacher's corners. Plates of one vehicle in several pictures
  are in one split, so no judged plate was trained on.
"""


@dataclass(frozen=True)
class Training:
    config: CharacterTraining
    progress: Progress
    seen: LabelledPlates
    held_out: LabelledPlates
    computed_on: str


def card_figures(served: Served, training: Training) -> dict[str, Any]:
    progress = training.progress
    return {
        "model": "characters",
        "input": "image uint8 [batch, 64, 192, 3] RGB: the rectified plate, margins 7 % and 14 %",
        "outputs": {"probabilities": "float32 [batch, 14, 37]", "places": "float32 [batch, 14, 4]"},
        "weights_from": "scratch",
        "trained_on": {
            "real_plates": dict(sorted(Counter(cut.source for cut in training.seen.plates).items())),
            "distinct_texts": len({cut.text for cut in training.seen.plates}),
            "drawn_share": training.config.shares.get("drawn", 0.0),
            "plates_shown": progress.all_steps * training.config.batch,
            "minutes": round(progress.all_seconds / 60, 1),
            "computed_on": training.computed_on,
        },
        "settings": msgspec.to_builtins(training.config),
        "temperature": served.temperature,
        "calibration_error": round(served.calibration_error, 4),
        "milliseconds_a_plate_one_core": round(served.milliseconds, 2),
        "int8": served.int8,
        "val": judged_figures(served.tallies),
        "distinct_texts_in_val": len({cut.text for cut in training.held_out.plates}),
    }


def judged_figures(tallies: Mapping[str, Tally]) -> dict[str, Any]:
    """Of a reader, by source and number of lines."""
    return {
        name: {
            "plates": Rate(counted.right, counted.plates).figures(),
            "characters": round(counted.character_accuracy, 4),
        }
        for name, counted in sorted(tallies.items())
    }


def judged_table(val: Mapping[str, Any]) -> str:
    rows = "\n".join(
        f"| {name} | {row['plates']['of']} | {100 * row['plates']['rate']:.1f} "
        f"({100 * row['plates']['low']:.1f}–{100 * row['plates']['high']:.1f}) "
        f"| {100 * row['characters']:.1f} |"
        for name, row in val.items()
    )
    return f"| plates of | number | whole plate right, % | characters right, % |\n|---|---|---|---|\n{rows}"


def card_text(card: dict[str, Any], earlier: str) -> str:
    trained, sources = card["trained_on"], card["trained_on"]["real_plates"]
    seen = ", ".join(f"{name} {count}" for name, count in sources.items())
    return f"""# characters

Reads a rectified plate of one or two lines: for each of fourteen slots the probability of every character
and the character's box. Version {card["version"]}, {card["bytes"]:,} bytes, SHA-256 `{card["sha256"]}`.

## Trained on

Weights from {card["weights_from"]}, {trained["plates_shown"]:,} plates shown in {trained["minutes"]} minutes
on {trained["computed_on"]}. Real plates of the split `train`: {seen} ({trained["distinct_texts"]} distinct
texts); the other {100 * trained["drawn_share"]:.0f} % of what it saw were drawn.
{earlier}
## Figures

The likeliest character of each slot, no grammar, on the {card["distinct_texts_in_val"]} distinct texts of
the split `val`, each plate framed once. 95 % intervals of Wilson.

{judged_table(card["val"])}

{card["milliseconds_a_plate_one_core"]} ms a plate on one core. Temperature {card["temperature"]}, chosen on
the same plates; expected calibration error of a character {card["calibration_error"]}.
{int8_sentence(card["int8"])}

{_LIMITS}"""
