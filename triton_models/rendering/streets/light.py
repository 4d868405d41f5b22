"""Daylight, dusk and night: a surface's direction in, the light on it out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from triton_models.rendering.streets.camera import Floats


@dataclass(frozen=True)
class Light:
    """`sun` points towards it. `plate` is what reflecting plates give back."""

    ambient: tuple[float, float, float]
    sun: tuple[float, float, float]
    sun_strength: float
    plate: float
    lamps_on: bool
    shadow: float

    def on(self, normal: Floats) -> Floats:
        towards = max(0.0, float(np.dot(normal, self.sun)))
        sky = 0.8 + 0.2 * float(normal[2])
        return np.array(self.ambient) * sky + self.sun_strength * towards


def daylight(rng: np.random.Generator) -> Light:
    """Clear to overcast; the sun somewhere high, mostly behind the camera."""
    clear = float(rng.uniform(0, 1))
    angle = float(rng.uniform(-1.2, 1.2))
    sun = np.array([np.sin(angle), -np.cos(angle), float(rng.uniform(0.7, 1.6))])
    sun /= np.linalg.norm(sun)
    base = 0.92 - 0.3 * clear
    warm = float(rng.uniform(-0.03, 0.03))
    return Light(
        (base + warm, base, base - warm),
        (float(sun[0]), float(sun[1]), float(sun[2])),
        0.45 * clear,
        1.0,
        False,
        0.45 + 0.2 * clear,
    )


def dusk(rng: np.random.Generator) -> Light:
    base = float(rng.uniform(0.38, 0.55))
    return Light((base * 1.05, base * 0.97, base * 1.02), (0.0, -0.6, 0.8), 0.06, base + 0.25, True, 0.3)


def nightlight(rng: np.random.Generator) -> Light:
    """Street lamps are few; the camera's lamp makes plates shine."""
    base = float(rng.uniform(0.16, 0.26))
    return Light(
        (base * 1.12, base, base * 0.86),
        (0.0, -0.9, 0.44),
        base * 0.9,
        float(rng.uniform(0.72, 0.95)),
        True,
        0.25,
    )
