"""What the cascade takes as true, one frozen object: it decides, together with the models, every read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class CascadeSettings:
    """Thresholds are scores of the models. Sizes in pixels of the picture unless they name another.

    least_vehicle, least_plate: scores below which nothing was seen
    surest_vehicles: at most so many vehicles get a look of their own, the largest first
    vehicle_margin: how far a look reaches beyond its vehicle's box, as a share of the box
    tile_above_px: a picture with a longer side is also looked at in four overlapping tiles
    frame_below_px: a picture with a shorter long side may be a mere plate: it is looked at with room around
    zoom_below_px: a plate that was seen narrower than this in the model's input gets a look of its own
    zoom_width: how wide that look is, in widths of the plate
    unconfirmed: what a score is multiplied by when that look does not show the plate
    again_below: a plate whose surest characters multiply to less gets a second look and further framings
    again_width, again_shift: how wide that look is and how far beside the plate, in widths of the plate
    looks_again: whether that is done at all; it costs three more requests in frames with doubtful plates
    second_below: one whose surest characters multiply to less is read by the second reader too, line by line;
        chosen on `val` in drawn weather, where the first one errs now and then without much doubt
    second_share, second_sharpness: the weight of the second reader beside the first, and how much surer both
        together are than each (`processors/readings/pooling.py`); chosen on `val`
    light_as_negative: whether a plate with light characters is read by its negative, since the reader mostly
        learned dark ones: of 111 such pictures in films it reads 105 exactly, and 93 as they are
    least_character: a slot is a character when it is not blank with at least this probability
    least_probability: smaller probabilities of a character are left out
    least_colour: the colour of a plate is told when it is that with at least this probability
    """

    least_vehicle: float = 0.35
    least_plate: float = 0.30
    surest_vehicles: int = 8
    vehicle_margin: float = 0.08
    least_vehicle_px: int = 32
    least_plate_px: int = 14
    most_plates: int = 12
    tile_above_px: int = 1600
    tile_overlap: float = 0.2
    frame_below_px: int = 420
    frame_margin: float = 0.35
    zoom_below_px: float = 70.0
    zoom_width: float = 4.0
    most_zooms: int = 6
    unconfirmed: float = 0.6
    again_below: float = 0.80
    again_width: float = 2.6
    again_shift: float = 0.1
    looks_again: bool = True
    second_below: float = 0.95
    second_share: float = 0.5
    second_sharpness: float = 1.6
    light_as_negative: bool = True
    least_character: float = 0.05
    least_probability: float = 0.001
    least_colour: float = 0.65
    crop_height_px: int = 72
    crop_quality: int = 85


FOR_PICTURES = CascadeSettings(surest_vehicles=24, most_plates=32, most_zooms=24)
"""A single picture is all there is: every further look is worth its time, also at a full car park."""

FOR_VIDEO = CascadeSettings(looks_again=False, zoom_below_px=48.0, surest_vehicles=6, least_vehicle_px=48)
"""Votes over many frames do what further looks at one would do; two cores must keep up with four cameras."""
