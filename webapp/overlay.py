"""A passage -> what is drawn over its frame: polygon, boxes, line widths, and the part worth a close look."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.messages.plate import CharacterRead
from webapp.queries.passages import Passage

_CLOSE_MARGIN = 0.9
"""Room around the plate in the close view, in plate widths."""
_LINE_SHARE = 0.0022
"""Width of a drawn line as a share of the view's width."""


@dataclass(frozen=True)
class View:
    """A part of the frame in its pixels, as an SVG view box."""

    x: float
    y: float
    width: float
    height: float

    @property
    def box(self) -> str:
        return f"{self.x:.1f} {self.y:.1f} {self.width:.1f} {self.height:.1f}"

    @property
    def line(self) -> float:
        """A line's width that looks the same in every view."""
        return round(max(self.width * _LINE_SHARE, 0.2), 3)


@dataclass(frozen=True)
class Overlay:
    """Shapes in pixels of the frame. `close` is None when there is no plate to look at closely."""

    whole: View
    close: View | None
    polygon: str | None
    vehicle: tuple[float, float, float, float] | None
    characters: tuple[CharacterRead, ...]


def overlay_of(passage: Passage) -> Overlay | None:
    """None when the very frame is not kept."""
    if passage.frame_sha256 is None or not passage.frame_width or not passage.frame_height:
        return None
    whole = View(0, 0, passage.frame_width, passage.frame_height)
    corners = passage.corners
    return Overlay(
        whole=whole,
        close=close_view(corners, whole) if corners else None,
        polygon=" ".join(f"{x:.1f},{y:.1f}" for x, y in corners) if corners else None,
        vehicle=_box(passage.vehicle_xyxy),
        characters=passage.characters_read(),
    )


def close_view(corners: list[list[float]], whole: View) -> View:
    """The plate with some room around it, as wide as the frame is wide to high, inside the frame."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    plate_width, plate_height = max(xs) - min(xs), max(ys) - min(ys)
    ratio = whole.width / whole.height
    width = max(plate_width * (1 + 2 * _CLOSE_MARGIN), plate_height * 2 * ratio)
    width = min(width, whole.width)
    height = width / ratio
    x = min(max((min(xs) + max(xs) - width) / 2, 0), whole.width - width)
    y = min(max((min(ys) + max(ys) - height) / 2, 0), whole.height - height)
    return View(x, y, width, height)


def _box(xyxy: list[float] | None) -> tuple[float, float, float, float] | None:
    if xyxy is None:
        return None
    x0, y0, x1, y1 = xyxy
    return x0, y0, x1 - x0, y1 - y0
