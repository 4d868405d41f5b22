"""Streets on which vehicles are hard to follow: they meet, overtake, queue and park.

What tracking is measured on; the demo's own streets are calmer.
"""

from __future__ import annotations

from triton_models.rendering.streets.camera import View
from triton_models.rendering.streets.drives import Lane
from triton_models.rendering.streets.queues import Halt
from triton_models.rendering.streets.roads import Road
from triton_models.rendering.streets.traffic import StreetCamera

_CROSSING = StreetCamera(
    "crossing",
    "Two ways, dense",
    View((1280, 720), 2800, 3.4, 12.6),
    Road(-2.6, 2.6, (-1.1, 1.1)),
    (
        Lane(-1.1, False, 2.6, {"motorcycle": 0.4, "auto-rickshaw": 0.2, "car": 0.4}),
        Lane(1.1, True, 2.8, {"car": 0.7, "auto-rickshaw": 0.3}),
    ),
    passages_per_minute=22.0,
)
_OVERTAKING = StreetCamera(
    "overtaking",
    "One way, a slow lane and a fast one",
    View((1280, 720), 2900, 4.6, 14.5),
    Road(-3.4, 3.4, (0.0,)),
    (
        Lane(-1.4, True, 2.2, {"car": 0.5, "truck": 0.3, "auto-rickshaw": 0.2}),
        Lane(1.4, True, 5.0, {"car": 0.7, "motorcycle": 0.3}),
    ),
    passages_per_minute=22.0,
)
_QUEUE = StreetCamera(
    "queue",
    "A barrier, one behind the other",
    View((960, 540), 2500, 4.2, 15.0),
    Road(-2.2, 2.4, (0.0,)),
    (Lane(0.0, True, 3.6, {"car": 0.8, "auto-rickshaw": 0.2}),),
    passages_per_minute=11.0,
    halt=Halt(12.0, (1.5, 4.0)),
)
_PARKED = StreetCamera(
    "parked",
    "A vehicle stands at the kerb, others pass",
    View((1280, 720), 2900, 3.4, 12.4, side_m=-0.6, pan_deg=2.0),
    Road(-2.4, 3.0, (0.6,)),
    (Lane(-0.8, True, 3.4, {"car": 0.7, "truck": 0.3}),),
    passages_per_minute=14.0,
    parked=(("car", 1.75, 15.2),),
)


def trial_cameras() -> tuple[StreetCamera, ...]:
    return _CROSSING, _OVERTAKING, _QUEUE, _PARKED
