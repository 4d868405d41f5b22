"""The line reader's card: what it saw, how well it reads and what it cannot, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from triton_models.training.characters.card import judged_figures, judged_table
from triton_models.training.crops.plate_pictures import PlateCut
from triton_models.training.detectors.trainer import Progress
from triton_models.training.export.int8 import int8_sentence
from triton_models.training.lines.config import LineTraining
from triton_models.training.lines.finish import Served
from triton_models.training.lines.pretrained import WEIGHTS_FROM

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
        "val": judged_figures(served.tallies),
    }


def card_text(card: dict[str, Any], earlier: str) -> str:
    trained = card["trained_on"]
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

{judged_table(card["val"])}

{card["milliseconds_a_line_one_core"]} ms a line on one core. Temperature {card["temperature"]}, chosen on the
same plates. {int8_sentence(card["int8"])}

{_LIMITS}"""
