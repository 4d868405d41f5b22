"""Can a camera see? Black, blocked, blurred, blinded by glare, moved or frozen, from small grey pictures.

Every verdict must hold for a while before it is told: a lorry in front of the lens is no blocked camera.
Sharpness and the view are judged against what this camera showed before.
"""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np
from numpy.typing import NDArray

from contracts.messages.coverage import Scene
from ingest.camera.capture import Grey, Look

HOLDS_SEC = 10.0
FROZEN_SEC = 30.0
LOOK_EVERY_SEC = 1.0
# Grey levels; video's black is 16 and its white 235.
DARKEST_LIGHT = 40.0
BRIGHT, GLARING_SHARE = 230, 0.25
LEAST_CONTRAST = 6.0
FROZEN_CHANGE = 0.02
"""Mean over the small picture. Measured: a still picture encoded again 0.000 to 0.009, noise of three grey
levels, which is little, 0.6."""
BLURRED_SHARE = 0.2
LEAST_LIKENESS = 0.35
_LEARNT_LOOKS = 10
_KEPT_LOOKS = 300
_SLOW = 0.02


class SceneHealth:
    """What one camera's pictures say of it. Kept across openings: a moved camera stays moved."""

    def __init__(self) -> None:
        self._scene: Scene = "ok"
        self._suspected: Scene = "ok"
        self._since_sec = 0.0
        self._last: Grey | None = None
        self._changed_sec: float | None = None
        self._sharpness: deque[float] = deque(maxlen=_KEPT_LOOKS)
        self._edges: NDArray[np.float32] | None = None
        self._looks = 0
        self._looked_sec = float("-inf")

    @property
    def scene(self) -> Scene:
        return self._scene

    def wants(self, at_sec: float) -> bool:
        """True when another look is due. A time that went back is a new beginning."""
        return not self._looked_sec <= at_sec < self._looked_sec + LOOK_EVERY_SEC

    def look(self, look: Look, at_sec: float) -> Scene:
        """The verdict after this picture, taken at `at_sec` (seconds of any clock that moves forward)."""
        self._looked_sec = at_sec
        found = self._judge(look, at_sec)
        if found != self._suspected:
            self._suspected, self._since_sec = found, at_sec
        held_sec = at_sec - self._since_sec
        if held_sec >= HOLDS_SEC or found == "frozen" or self._looks == 0:
            self._scene = found
        if found == "ok":
            self._learn(look)
        self._looks += 1
        return self._scene

    def _judge(self, look: Look, at_sec: float) -> Scene:
        if self._is_frozen(look.grey, at_sec):
            return "frozen"
        return _light(look.grey) or self._against_the_past(look)

    def _against_the_past(self, look: Look) -> Scene:
        if len(self._sharpness) < _LEARNT_LOOKS:
            return "ok"
        if look.sharpness < BLURRED_SHARE * float(np.median(self._sharpness)):
            return "blurred"
        return "moved" if self._likeness(look.grey) < LEAST_LIKENESS else "ok"

    def _is_frozen(self, grey: Grey, at_sec: float) -> bool:
        """Less change than any sensor's noise makes; an encoder gives even a still picture a little."""
        last, self._last = self._last, grey
        if last is None or self._changed_sec is None or float(cv2.absdiff(grey, last).mean()) > FROZEN_CHANGE:
            self._changed_sec = at_sec
        return at_sec - self._changed_sec >= FROZEN_SEC

    def _likeness(self, grey: Grey) -> float:
        """Correlation of this picture's edges with those of the view so far, -1..1."""
        if self._edges is None:
            return 1.0
        now, before = _edges(grey), self._edges
        now, before = now - now.mean(), before - before.mean()
        size = float(np.linalg.norm(now) * np.linalg.norm(before))
        return float((now * before).sum()) / size if size > 0 else 1.0

    def _learn(self, look: Look) -> None:
        self._sharpness.append(look.sharpness)
        edges = _edges(look.grey)
        if self._edges is None:
            self._edges = edges
        share = max(_SLOW, 1.0 / (1 + self._looks))
        self._edges = (self._edges + share * (edges - self._edges)).astype(np.float32)


def _light(grey: Grey) -> Scene | None:
    if float(np.percentile(grey, 98)) < DARKEST_LIGHT:
        return "black"
    if float(np.mean(grey >= BRIGHT)) > GLARING_SHARE:
        return "glare"
    return "blocked" if float(grey.std()) < LEAST_CONTRAST else None


def _edges(grey: Grey) -> NDArray[np.float32]:
    """Strength of the edges, widened a little, so that a tremble of the mast is no move."""
    smooth = cv2.GaussianBlur(grey, (0, 0), 1.0)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    found = cv2.GaussianBlur(np.sqrt(across**2 + down**2), (0, 0), 2.0)
    return np.asarray(found, np.float32)
