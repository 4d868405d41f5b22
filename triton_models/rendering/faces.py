"""Typefaces: a face's name and weight in, masks of its characters with their measures out.

The files come from npm packages (`fonts/package.json`), installed by `make setup`. Masks are drawn once
at a large size and then only scaled, which is what makes drawing quick.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from contracts.errors import Stop

FONTS_FOLDER = Path(__file__).resolve().parents[2] / ".stack" / "fonts" / "node_modules" / "@fontsource"
_CAP_PX = 96
"""Height of the capitals in the stored masks."""


@dataclass(frozen=True)
class Face:
    """One file of a family. `group` says what kind of plate uses it."""

    family: str
    weight: int
    group: str
    italic: bool = False

    @property
    def path(self) -> Path:
        slope = "italic" if self.italic else "normal"
        return FONTS_FOLDER / self.family / "files" / f"{self.family}-latin-{self.weight}-{slope}.woff2"


@dataclass(frozen=True)
class Glyph:
    """A character's ink, cropped, and where it stands; measures in heights of a capital."""

    mask: NDArray[np.uint8]
    top: float
    """From the top of the capitals down to the ink's top; below 0 where it rises above."""
    width: float
    height: float
    advance: float
    bearing: float


def _family(group: str, family: str, *weights: int) -> list[Face]:
    return [Face(family, weight, group) for weight in weights]


ALL_FACES: tuple[Face, ...] = (
    *_family("plate", "roboto-condensed", 500, 600, 700),
    *_family("plate", "barlow", 500, 600, 700),
    *_family("plate", "barlow-condensed", 500, 600, 700),
    *_family("plate", "barlow-semi-condensed", 500, 600, 700),
    *_family("plate", "saira-semi-condensed", 500, 600, 700),
    *_family("plate", "saira-condensed", 500, 600, 700),
    *_family("plate", "archivo-narrow", 500, 600, 700),
    *_family("plate", "overpass", 500, 600, 700),
    *_family("plate", "share-tech", 400),
    *_family("plate", "pt-sans-narrow", 700),
    *_family("plate", "asap-condensed", 500, 600, 700),
    *_family("plate", "encode-sans-condensed", 500, 600, 700),
    *_family("plate", "fira-sans-condensed", 500, 600, 700),
    *_family("plate", "rajdhani", 600, 700),
    *_family("plate", "arimo", 500, 600, 700),
    *_family("plate", "titillium-web", 600, 700),
    *_family("plate", "share-tech-mono", 400),
    *_family("plate", "roboto-mono", 500, 700),
    *_family("plate", "roboto", 500, 700),
    *_family("plate", "hind", 500, 600, 700),
    *_family("plate", "cabin", 600, 700),
    *_family("plate", "lato", 700),
    *_family("plate", "noto-sans", 600, 700),
    *_family("plate", "b612", 400, 700),
    *_family("plate", "jost", 500, 600),
    *_family("narrow", "league-gothic", 400),
    *_family("narrow", "pathway-gothic-one", 400),
    *_family("narrow", "saira-extra-condensed", 500, 700),
    *_family("narrow", "oswald", 400, 500, 600),
    *_family("narrow", "teko", 400, 500, 600),
    *_family("narrow", "bebas-neue", 400),
    *_family("narrow", "fjalla-one", 400),
    *_family("narrow", "antonio", 500, 700),
    *_family("narrow", "anton", 400),
    *_family("narrow", "khand", 500, 600),
    *_family("narrow", "big-shoulders-display", 500, 700),
    *_family("wide", "archivo", 400, 600, 800),
    *_family("wide", "inter", 400, 600, 800),
    *_family("wide", "work-sans", 500, 700),
    *_family("wide", "chivo", 400, 700),
    *_family("wide", "exo-2", 500, 700),
    *_family("wide", "kanit", 400, 500, 600),
    *_family("wide", "rubik", 400, 600, 700),
    *_family("wide", "varela-round", 400),
    *_family("wide", "nunito", 600, 800),
    *_family("wide", "play", 400, 700),
    *_family("wide", "quantico", 400, 700),
    *_family("wide", "chakra-petch", 500, 700),
    *_family("wide", "archivo-black", 400),
    *_family("wide", "montserrat", 500, 700),
    *_family("wide", "poppins", 500, 600, 700),
    *_family("wide", "open-sans", 600, 700),
    *_family("wide", "mukta", 500, 700),
    *_family("wide", "questrial", 400),
    *_family("techno", "michroma", 400),
    *_family("techno", "orbitron", 500, 700, 900),
    *_family("techno", "syncopate", 400, 700),
    *_family("techno", "krona-one", 400),
    *_family("techno", "aldrich", 400),
    *_family("techno", "electrolize", 400),
    *_family("techno", "oxanium", 400, 500, 700),
    *_family("techno", "tomorrow", 400, 500, 700),
    *_family("techno", "bruno-ace", 400),
    *_family("techno", "goldman", 400, 700),
    *_family("techno", "nova-square", 400),
    *_family("techno", "sarpanch", 500, 700),
    *_family("techno", "squada-one", 400),
    *_family("techno", "jura", 500, 600, 700),
    *_family("techno", "monda", 400, 700),
    *_family("techno", "unica-one", 400),
    *_family("shop", "black-ops-one", 400),
    *_family("shop", "allerta-stencil", 400),
    *_family("shop", "stardos-stencil", 700),
    *_family("shop", "carter-one", 400),
    *_family("shop", "passion-one", 400, 700),
    *_family("shop", "changa-one", 400),
    *_family("shop", "russo-one", 400),
    *_family("shop", "audiowide", 400),
    *_family("shop", "righteous", 400),
    *_family("shop", "saira-stencil-one", 400),
    *_family("shop", "alfa-slab-one", 400),
    *_family("shop", "patua-one", 400),
    *_family("serif", "roboto-slab", 400, 600, 700),
    *_family("serif", "arvo", 400, 700),
    *_family("serif", "rokkitt", 500, 700),
    *_family("serif", "tinos", 400, 700),
    *_family("serif", "playfair-display", 500, 700),
    *_family("serif", "courier-prime", 700),
    *_family("painted", "patrick-hand", 400),
    *_family("painted", "covered-by-your-grace", 400),
    *_family("painted", "gochi-hand", 400),
    *_family("painted", "bangers", 400),
    *_family("painted", "permanent-marker", 400),
    *_family("painted", "kalam", 700),
    *_family("painted", "caveat-brush", 400),
    *[Face("arimo", 700, "slanted", italic=True), Face("kanit", 500, "slanted", italic=True)],
    *[Face("chakra-petch", 700, "slanted", italic=True), Face("exo-2", 600, "slanted", italic=True)],
    *[Face("tinos", 700, "slanted", italic=True), Face("arvo", 400, "slanted", italic=True)],
)
FACE_GROUPS: tuple[str, ...] = ("plate", "narrow", "wide", "techno", "shop", "serif", "painted", "slanted")


def faces_of(group: str) -> tuple[Face, ...]:
    return tuple(face for face in ALL_FACES if face.group == group)


@functools.cache
def _font(face: Face) -> tuple[ImageFont.FreeTypeFont, float]:
    """The font at the size whose capital H is `_CAP_PX` high, and the y of the capitals' top."""
    try:
        trial = ImageFont.truetype(str(face.path), 200)
    except OSError as error:
        raise Stop(
            f"typeface {face.family} {face.weight} is missing ({face.path}): run `make setup`"
        ) from error
    _, top, _, bottom = trial.getbbox("H")
    font = ImageFont.truetype(str(face.path), 200 * _CAP_PX / (bottom - top))
    return font, float(font.getbbox("H")[1])


@functools.lru_cache(maxsize=60_000)
def glyph(face: Face, character: str, bolder: int = 0) -> Glyph:
    """A character's mask; `bolder` thickens (or thins, below 0) the stroke by steps of 2 % of a capital.

    Raises:
        Stop: the typefaces are not installed.
    """
    font, cap_top = _font(face)
    pad = 16
    left, _, right, bottom = (float(value) for value in font.getbbox(character))
    canvas = Image.new("L", (int(right - left) + 2 * pad + 2, int(max(bottom, cap_top + _CAP_PX)) + 2 * pad))
    ImageDraw.Draw(canvas).text((pad - left, pad), character, fill=255, font=font)
    ink = np.asarray(canvas, np.uint8)
    if bolder:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(bolder) + 1, 2 * abs(bolder) + 1))
        ink = np.asarray(cv2.dilate(ink, kernel) if bolder > 0 else cv2.erode(ink, kernel), np.uint8)
    x, y, width, height = cv2.boundingRect((ink > 96).astype(np.uint8))
    return Glyph(
        mask=np.ascontiguousarray(ink[y : y + height, x : x + width]),
        top=(y - pad - cap_top) / _CAP_PX,
        width=width / _CAP_PX,
        height=height / _CAP_PX,
        advance=float(font.getlength(character)) / _CAP_PX,
        bearing=(x - pad + left) / _CAP_PX,
    )
