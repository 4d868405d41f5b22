"""The demo's four street cameras: a gate, a narrow street, a truck road, and a road at night.

Each sees a plate at its nearest with characters 14 pixels high or more, for about two seconds.
"""

from __future__ import annotations

from triton_models.rendering.streets.camera import View
from triton_models.rendering.streets.drives import Lane
from triton_models.rendering.streets.roads import Road
from triton_models.rendering.streets.traffic import StreetCamera

_GATE = StreetCamera(
    "city-gate",
    "City gate, entry lane",
    View((960, 540), 2700, 3.2, 11.9, pan_deg=-2.0, side_m=0.35),
    Road(-2.2, 2.4, (0.0,)),
    (Lane(0.0, True, 3.8, {"car": 1.0}),),
    passages_per_minute=12.5,
)
_MARKET = StreetCamera(
    "market-street",
    "Market street, both ways",
    View((1600, 900), 3500, 3.4, 12.6),
    Road(-2.6, 2.6, (-1.1, 1.1)),
    (
        Lane(-1.1, False, 2.4, {"motorcycle": 0.6, "auto-rickshaw": 0.25, "car": 0.15}),
        Lane(1.1, True, 2.6, {"car": 0.6, "auto-rickshaw": 0.4}),
    ),
    passages_per_minute=13.0,
)
_TRUCKS = StreetCamera(
    "truck-road",
    "Ring road, goods lanes",
    View((1280, 720), 2900, 5.4, 16.0),
    Road(-3.6, 3.6, (-1.5, 1.5)),
    (
        Lane(-1.5, False, 2.9, {"truck": 0.75, "bus": 0.25}),
        Lane(1.5, True, 2.9, {"truck": 0.6, "bus": 0.4}),
    ),
    passages_per_minute=10.0,
)
_NIGHT = StreetCamera(
    "station-road-night",
    "Station road, by night",
    View((960, 540), 2700, 3.3, 12.2, pan_deg=1.5, side_m=-0.25),
    Road(-2.3, 2.3, (0.0,)),
    (Lane(0.0, True, 3.7, {"car": 1.0}),),
    passages_per_minute=12.0,
    night=True,
)


def demo_cameras() -> tuple[StreetCamera, ...]:
    """India keeps left: seen along the road, what leaves is on the left."""
    return _GATE, _MARKET, _TRUCKS, _NIGHT
