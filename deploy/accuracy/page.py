"""Figures and outcomes of an evaluation -> one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from numpy.typing import NDArray

from contracts.errors import Rejected
from contracts.messages.common import ALPHABET
from deploy.reading.pictures import open_picture
from triton_models.training.evaluation.outcomes import MISSED, Outcome, confusions, worst
from triton_models.training.labels.annotations import Box

_TEMPLATE = "page.html.j2"
_WORST = 50
_SHOWN_PX = 220
_AROUND = 0.8


@dataclass(frozen=True)
class Failure:
    outcome: Outcome
    picture: str
    """JPEG as base64, empty where the file could not be opened again."""


def write_page(path: Path, figures: dict[str, Any], outcomes: Sequence[Outcome], pictures: Path) -> None:
    """Raises OSError when it cannot be written."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["rate"] = rate_text
    environment.filters["cell"] = cell_text
    text = environment.get_template(_TEMPLATE).render(
        figures=figures,
        matrix=_matrix(outcomes),
        failures=[
            Failure(each, _shown(pictures / each.picture, each.box)) for each in worst(outcomes, _WORST)
        ],
        beside=_beside(figures["invented"], pictures),
        failed=sum(not outcome.right for outcome in outcomes),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _beside(invented: dict[str, Any], pictures: Path) -> list[dict[str, Any]]:
    """Accepted reads on pictures without a labelled plate, as pictures."""
    reads = [read for found in invented.values() for read in found["reads"]][:_WORST]
    return [{**read, "shown": _shown(pictures / read["picture"], _around(read["corners"]))} for read in reads]


def _around(corners: Sequence[Sequence[float]]) -> Box:
    across, down = ([corner[axis] for corner in corners] for axis in (0, 1))
    return min(across), min(down), max(across), max(down)


def rate_text(rate: dict[str, Any] | None) -> str:
    """`92.0 % (85.6-95.8) of 113`."""
    if not rate or rate["rate"] is None:
        return "–"
    share, low, high = (100 * rate[key] for key in ("rate", "low", "high"))
    return f"{share:.1f} % ({low:.1f}–{high:.1f}) of {rate['of']}"


def cell_text(value: Any) -> str:  # noqa: ANN401 (a figure of any kind)
    if isinstance(value, dict):
        if "average_precision" in value:
            share = value["average_precision"]
            return "–" if share is None else f"{100 * share:.1f} of {value['labelled']}"
        return rate_text(value)
    return "–" if value is None else str(value)


def _matrix(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Rows are true characters, columns read ones; rows and columns without a mistake are left out."""
    counted = confusions(outcomes)
    wrong = {pair for pair in counted if pair[0] != pair[1]}
    signs = [*ALPHABET, MISSED]
    return {
        "columns": [sign for sign in signs if any(read == sign for _, read in wrong)],
        "rows": [sign for sign in signs if any(true == sign for true, _ in wrong)],
        "counts": {f"{true}{read}": count for (true, read), count in counted.items()},
        "most": max((counted[pair] for pair in wrong), default=1),
    }


def _shown(path: Path, box: Box) -> str:
    try:
        picture = open_picture(path)
    except Rejected:
        return ""
    x0, y0, x1, y1 = box
    across, down = _AROUND * (x1 - x0), _AROUND * (y1 - y0)
    height, width = picture.shape[:2]
    piece = picture[
        max(0, int(y0 - down)) : min(height, int(y1 + down) + 1),
        max(0, int(x0 - across)) : min(width, int(x1 + across) + 1),
    ]
    return _jpeg(piece) if piece.size else ""


def _jpeg(piece: NDArray[np.uint8]) -> str:
    scale = _SHOWN_PX / piece.shape[1]
    size = (_SHOWN_PX, max(1, round(piece.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(piece, size, interpolation=how)
    coded = cv2.imencode(".jpg", resized[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    return base64.b64encode(coded.tobytes()).decode()
