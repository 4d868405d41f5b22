"""Values of a passage -> words and numbers for people: local times, percents, plate spacing."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask

from contracts.plate_number import spaced

_COLOURS = {"white", "yellow", "green", "black", "blue", "red", "other"}
_KINDS = {
    "car": "Car",
    "motorcycle": "Motorcycle",
    "auto-rickshaw": "Auto-rickshaw",
    "bus": "Bus",
    "truck": "Truck",
    "other": "Vehicle",
}
_DIRECTIONS = {
    "approaching": "Approaching",
    "leaving": "Leaving",
    "left": "To the left",
    "right": "To the right",
}
_STATUSES = {
    "found": "Found",
    "not-found": "Not in the registry",
    "invalid": "Not a number the registry knows",
    "skipped": "Not asked",
    "pending": "Still being asked",
    "unavailable": "Registry was away",
}


def install(app: Flask, zone: ZoneInfo) -> None:
    """Makes the functions below filters of the templates."""

    def local_time(moment: datetime | None) -> str:
        return clock_time(moment, zone)

    def local_day(moment: datetime | None) -> str:
        return day(moment, zone)

    def camera_time(moment: datetime | None, camera_zone: str | None) -> str:
        return clock_time(moment, zone_of(camera_zone, zone))

    def camera_day(moment: datetime | None, camera_zone: str | None) -> str:
        return day(moment, zone_of(camera_zone, zone))

    def camera_zone_name(moment: datetime | None, camera_zone: str | None) -> str:
        return zone_name(moment, zone_of(camera_zone, zone))

    app.add_template_filter(camera_time, "camera_time")
    app.add_template_filter(camera_day, "camera_day")
    app.add_template_filter(camera_zone_name, "camera_zone_name")
    app.add_template_filter(local_time, "local_time")
    app.add_template_filter(local_day, "local_day")
    app.add_template_filter(utc_time, "utc_time")
    app.add_template_filter(percent, "percent")
    app.add_template_filter(spaced, "spaced")
    app.add_template_filter(plate_colour, "plate_colour")
    app.add_template_filter(vehicle_kind, "vehicle_kind")
    app.add_template_filter(direction, "direction")
    app.add_template_filter(registry_status, "registry_status")
    app.add_template_filter(camera_name, "camera_name")
    app.jinja_env.globals["zone_name"] = "IST" if zone.key == "Asia/Kolkata" else zone.key


def clock_time(moment: datetime | None, zone: ZoneInfo) -> str:
    """`14:03:27` where the people at the portal are."""
    return moment.astimezone(zone).strftime("%H:%M:%S") if moment else "–"


def day(moment: datetime | None, zone: ZoneInfo) -> str:
    """`23 Nov 2026` there."""
    return moment.astimezone(zone).strftime("%-d %b %Y") if moment else "–"


@functools.cache
def zone_of(name: str | None, usual: ZoneInfo) -> ZoneInfo:
    """A camera's zone; `usual` where it tells none, or one that this machine does not know."""
    try:
        return ZoneInfo(name) if name else usual
    except (OSError, ValueError, KeyError):
        return usual


def zone_name(moment: datetime | None, zone: ZoneInfo) -> str:
    """`IST`; `UTC+04` where people have no letters for it."""
    if moment is None:
        return ""
    name = moment.astimezone(zone).strftime("%Z")
    return f"UTC{name}" if name.startswith(("+", "-")) else name


def utc_time(moment: datetime | None) -> str:
    """`2026-11-23T08:33:27.120Z`, for titles and machines."""
    if moment is None:
        return ""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def percent(share: float | None) -> str:
    """`97.3 %`; never rounds up to a certainty that nobody claimed."""
    if share is None:
        return "–"
    shown = min(share * 100, 99.9) if share < 1 else 100.0
    return f"{shown:.0f} %" if shown == 100 else f"{shown:.1f} %"


def plate_colour(colour: str | None) -> str:
    """The colour's class in the style sheet."""
    return colour if colour in _COLOURS else "other"


def vehicle_kind(kind: str | None) -> str:
    return _KINDS.get(kind or "", "Vehicle")


def direction(way: str | None) -> str:
    """The vehicle's way, as the camera sees it."""
    return _DIRECTIONS.get(way or "", way or "–")


def registry_status(status: str | None) -> str:
    return _STATUSES.get(status or "", "Not asked yet")


def camera_name(camera: str) -> str:
    """`upload-…` is nobody's camera: it is called an upload."""
    return "Upload" if camera.startswith("upload-") else camera
