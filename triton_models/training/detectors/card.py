"""A detector's card: what it saw, what it finds and what it cannot, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from triton_models.training.detectors.config import DetectorTraining
from triton_models.training.detectors.judging import Score
from triton_models.training.detectors.pictures import LabelledPicture
from triton_models.training.detectors.trainer import Progress
from triton_models.training.evaluation.intervals import Rate
from triton_models.training.export.int8 import Compared, int8_sentence


def card_figures(
    *, model: str, weights_from: str, computed_on: str, compared: Compared, config: DetectorTraining,
    progress: Progress, seen: Sequence[LabelledPicture], scores: Mapping[str, Score],
) -> dict[str, Any]:  # fmt: skip
    sources = dict(sorted(Counter(picture.source for picture in seen).items()))
    return {
        "model": model,
        "milliseconds_a_picture_one_core": compared.figures()[
            f"milliseconds_{compared.figures()['shipped']}"
        ],
        "int8": compared.figures(),
        "weights_from": weights_from,
        "trained_on": {
            "pictures": sources,
            "pictures_shown": progress.all_steps * config.batch,
            "minutes": round(progress.all_seconds / 60, 1),
            "computed_on": computed_on,
            "drawn_share": config.drawn,
            "streets_share": config.streets,
        },
        "settings": msgspec.to_builtins(config),
        "val": {name: score.figures() for name, score in sorted(scores.items())},
    }


def card_text(
    card: dict[str, Any], earlier: str, *, purpose: str, limits: str, scores: Mapping[str, Score]
) -> str:
    trained = card["trained_on"]
    seen = ", ".join(f"{name} {count}" for name, count in trained["pictures"].items())
    rows = "\n".join(_row(name, score) for name, score in sorted(scores.items()))
    return f"""# {card["model"]}

{purpose} Version {card["version"]}, {card["bytes"]:,} bytes, SHA-256 `{card["sha256"]}`.

## Trained on

Weights from {card["weights_from"]}; {trained["pictures_shown"]:,} views in {trained["minutes"]} minutes
on {trained["computed_on"]}. Pictures of the split `train`: {seen}.
By the settings of the last run {100 * trained["drawn_share"]:.0f} % of the views had a drawn plate set in
and {100 * trained["streets_share"]:.0f} % were rendered streets.
{earlier}
## Figures

On the split `val`, each picture letterboxed as a whole, at a score of 0.3; found: an overlap of a half with
the label. Labels are partly a teacher's. 95 % intervals of Wilson.
{card["milliseconds_a_picture_one_core"]} ms a picture on one core. {int8_sentence(card["int8"])}

| pictures of | labelled | found | rows in all | median corner error, % of the width | class right, % |
|---|---|---|---|---|---|
{rows}

{limits}"""


def _row(name: str, score: Score) -> str:
    found = Rate(score.found, score.labelled).text()
    error = score.figures().get("corner_error")
    corners = "" if error is None else f"{100 * error:.1f}"
    classed = f"{100 * score.classed / score.found:.1f}" if score.classed and score.found else ""
    return f"| {name} | {score.labelled} | {found} | {score.rows} | {corners} | {classed} |"
