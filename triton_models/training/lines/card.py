"""The line reader's card: what it saw, how well it reads and what it cannot, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from triton_models.training.characters.score import Tally
from triton_models.training.detectors.trainer import Progress
from triton_models.training.int8 import int8_sentence
from triton_models.training.intervals import Rate
from triton_models.training.lines.config import LineTraining
from triton_models.training.lines.finish import Served
from triton_models.training.lines.pretrained import WEIGHTS_FROM
from triton_models.training.plate_pictures import PlateCut

_LIMITS = """## Limits

- It reads one line and is told where that lies: by the places that the character reader gives. What that one
  does not find is not looked at.
- Capitals and digits; emblems and small words beside the number may be read as a part of it.
- It is slower than the character reader and asked only where that one is in doubt.
- Figures are of plates cut where the character reader found their lines, no grammar, one framing.
"""


def card_figures(
    served: Served, config: LineTraining, progress: Progress, seen: Sequence[PlateCut], computed_on: str
) -> dict[str, Any]:
    return {
        "model": "lines",
        "input": "image uint8 [batch, 48, 256, 3] RGB: one line of a plate at the left, the rest 128",
        "outputs": {"probabilities": "float32 [batch, 32, 37]"},
        "weights_from": WEIGHTS_FROM,
        "trained_on": {
            "real_plates": dict(sorted(Counter(cut.source for cut in seen).items())),
            "drawn_share": config.shares.get("drawn", 0.0),
            "lines_shown": progress.all_steps * config.batch,
            "minutes": round(progress.all_seconds / 60, 1),
            "computed_on": computed_on,
        },
        "settings": msgspec.to_builtins(config),
        "temperature": served.temperature,
        "milliseconds_a_line_one_core": round(served.milliseconds, 2),
        "int8": served.int8,
        "val": {name: _figures(counted) for name, counted in sorted(served.tallies.items())},
    }


def _figures(counted: Tally) -> dict[str, Any]:
    return {
        "plates": Rate(counted.right, counted.plates).figures(),
        "characters": round(counted.character_accuracy, 4),
    }


def card_text(card: dict[str, Any], earlier: str) -> str:
    trained = card["trained_on"]
    rows = "\n".join(
        f"| {name} | {row['plates']['of']} | {100 * row['plates']['rate']:.1f} "
        f"({100 * row['plates']['low']:.1f}–{100 * row['plates']['high']:.1f}) "
        f"| {100 * row['characters']:.1f} |"
        for name, row in card["val"].items()
    )
    seen = ", ".join(f"{name} {count}" for name, count in trained["real_plates"].items())
    return f"""# lines

Reads one line of a plate, where the character reader is in doubt: for each of 32 places across, the
probability of every character and of none. Version {card["version"]}, {card["bytes"]:,} bytes,
SHA-256 `{card["sha256"]}`.

## Trained on

Weights from {card["weights_from"]};
then {trained["lines_shown"]:,} lines shown in {trained["minutes"]} minutes on {trained["computed_on"]}. Real
plates of the split `train`: {seen}; the other {100 * trained["drawn_share"]:.0f} % of what it saw were drawn.
{earlier}
## Figures

On the split `val`, the lines of a plate one after another. 95 % intervals of Wilson.

| plates of | number | whole plate right, % | characters right, % |
|---|---|---|---|
{rows}

{card["milliseconds_a_line_one_core"]} ms a line on one core. Temperature {card["temperature"]}, chosen on the
same plates. {int8_sentence(card["int8"])}

{_LIMITS}"""
